/* SPDX-License-Identifier: MIT
 *
 * The app that run.py talks to through TLS: what the server knows of its client,
 * bodies of every size in both directions, URLs, an echo. */
#include <brio/brio.h>

#include <stdlib.h>

typedef struct Count {
    int64_t n;
} Count;
BRIO_MODEL(Count, BRIO_PATH(n));

typedef struct Client {
    brio_str version, server_name, alpn, subject, issuer, names;
    bool verified, resumed, certificate;
} Client;
BRIO_MODEL(Client, BRIO_FIELD(version), BRIO_FIELD(server_name), BRIO_FIELD(alpn),
           BRIO_FIELD(subject), BRIO_FIELD(issuer), BRIO_FIELD(names), BRIO_FIELD(verified),
           BRIO_FIELD(resumed), BRIO_FIELD(certificate));

static int client(brio_request *req, const brio_none *in, Client *out)
{
    brio_tls_info info;
    brio_tls_certificate peer;
    (void)in;
    int rc = brio_request_tls(req, &info);
    if (rc < 0)
        return brio_fail(req, 404, "not TLS");
    rc = brio_request_tls_peer(req, &peer);
    *out = (Client){.version = brio_str_from(info.version),
                    .server_name = info.server_name,
                    .alpn = info.alpn,
                    .subject = peer.subject,
                    .issuer = peer.issuer,
                    .names = peer.names,
                    .verified = info.verified,
                    .resumed = info.resumed,
                    .certificate = rc == 0};
    return 0;
}

/* n bytes: "0123456789012345..." */
static int large(brio_request *req, const Count *in, brio_text *out)
{
    char *text = brio_alloc(brio_request_arena(req), (size_t)in->n);
    for (int64_t i = 0; i < in->n; i++)
        text[i] = (char)('0' + i % 10);
    out->text = (brio_str){text, (size_t)in->n};
    return 0;
}

static int streamed(brio_request *req, const Count *in, brio_text *out)
{
    (void)out;
    for (int64_t i = 0; i < in->n; i++) {
        int rc = brio_respond_stream(
            req, brio_printf(brio_request_arena(req), "%d%s", (int)i, i + 1 < in->n ? "," : ""));
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Reads its body in pieces. */
static int sum(brio_request *req, const brio_none *in, brio_text *out)
{
    uint64_t bytes = 0, total = 0;
    brio_str piece;
    int rc;
    (void)in;
    while ((rc = brio_request_read(req, &piece)) > 0) {
        bytes += piece.len;
        for (size_t i = 0; i < piece.len; i++)
            total += (uint8_t)piece.ptr[i];
    }
    out->text = brio_printf(brio_request_arena(req), "%llu %llu", (unsigned long long)bytes,
                            (unsigned long long)total);
    return rc;
}

static int later(brio_request *req, const Count *in, brio_text *out)
{
    int rc = brio_sleep(BRIO_MS(in->n));
    (void)req;
    out->text = BRIO_S("later");
    return rc;
}

/* What the environment names. */
static int file(brio_request *req, const brio_none *in, brio_none *out)
{
    const char *path = getenv("TLS_FILE");
    (void)in, (void)out;
    return brio_answer_file(req, path ? brio_str_from(path) : BRIO_S(""), NULL);
}

static int where(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_printf(brio_request_arena(req), "%.*s %.*s %.*s",
                            BRIO_ARG(brio_request_scheme(req)), BRIO_ARG(brio_request_url(req)),
                            BRIO_ARG(brio_request_url_for(req, "large", "n", "7", NULL)));
    return 0;
}

static int echo(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message message;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &message)) >= 0)
        rc = message.binary ? brio_ws_send_bytes(ws, message.data)
                            : brio_ws_send_text(ws, message.data);
    return rc;
}

/* Many frames in one turn, of all sizes. */
static int burst(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    static char text[20000];
    brio_ws_message end;
    (void)req, (void)in;
    memset(text, 'x', sizeof text - 1);
    int rc = brio_ws_accept(ws, NULL);
    for (int i = 0; i < 100 && rc >= 0; i++) {
        brio_ws_frame *frame = brio_ws_framef("%d %.*s", i, i % 10 ? i : 19000, text);
        rc = brio_ws_post(brio_ws_ref_of(ws), frame);
        brio_ws_frame_release(frame);
    }
    return rc < 0 ? rc : brio_ws_receive(ws, &end);
}

int main(int argc, char **argv)
{
    brio_app *app = brio_app_new(&(brio_app_options){.title = "TLS"});
    BRIO_GET(app, "/client", client, brio_none, Client);
    BRIO_GET(app, "/large/{n}", large, Count, brio_text);
    BRIO_GET(app, "/streamed/{n}", streamed, Count, brio_text);
    BRIO_GET(app, "/later/{n}", later, Count, brio_text);
    BRIO_GET(app, "/file", file, brio_none, brio_none);
    BRIO_GET(app, "/where/", where, brio_none, brio_text);
    BRIO_POST(app, "/sum", sum, brio_none, brio_text, .body_pieces = true);
    BRIO_WEBSOCKET(app, "/burst", burst, brio_none);
    BRIO_WEBSOCKET(app, "/echo", echo, brio_none);
    return brio_main(app, argc, argv);
}
