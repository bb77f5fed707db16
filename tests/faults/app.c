/* SPDX-License-Identifier: MIT
 *
 * The app whose clients misbehave in tests/faults/run.py and websockets.py: answers at
 * once, late, large, in pieces, and over WebSockets of both styles. */
#include <brio/brio.h>

#include <unistd.h>

typedef struct Number {
    int64_t n;
} Number;
BRIO_MODEL(Number, BRIO_PATH(n, .ge = BRIO_NUM(0), .le = BRIO_NUM(100000000)));

static int now(brio_request *req, const Number *in, brio_text *out)
{
    out->text = brio_printf(brio_request_arena(req), "now %lld", (long long)in->n);
    return 0;
}

static int later(brio_request *req, const Number *in, brio_text *out)
{
    int rc = brio_sleep(BRIO_MS(in->n));
    out->text = brio_printf(brio_request_arena(req), "later %lld", (long long)in->n);
    return rc;
}

static int echo(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_http(req)->body;
    return 0;
}

/* n bytes: "0123456789012345..." */
static int large(brio_request *req, const Number *in, brio_text *out)
{
    char *text = brio_alloc(brio_request_arena(req), (size_t)in->n + 1);
    for (int64_t i = 0; i < in->n; i++)
        text[i] = (char)('0' + i % 10);
    out->text = (brio_str){text, (size_t)in->n};
    return 0;
}

static int count_pieces(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    brio_str piece;
    int64_t n = 0;
    int rc;
    while ((rc = brio_request_read(req, &piece)) > 0)
        n += (int64_t)piece.len;
    out->text = brio_printf(brio_request_arena(req), "%lld", (long long)n);
    return rc;
}

/* n pieces of 1,000 bytes, a task's turn between them. */
static int stream(brio_request *req, const Number *in, brio_text *out)
{
    (void)out;
    char piece[1000];
    memset(piece, 'x', sizeof piece);
    int rc = 0;
    for (int64_t i = 0; i < in->n && rc >= 0; i++)
        rc = brio_respond_stream(req, (brio_str){piece, sizeof piece});
    return rc;
}

static int pid(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_printf(brio_request_arena(req), "%d", (int)getpid());
    return 0;
}

static int whose(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    uint16_t port;
    brio_str host = brio_request_client(req, &port), scheme = brio_request_scheme(req);
    out->text = brio_printf(brio_request_arena(req), "%.*s %.*s", BRIO_ARG(scheme), BRIO_ARG(host));
    return 0;
}

static int say_back(brio_websocket *ws, const brio_ws_message *m)
{
    return m->binary ? brio_ws_send_bytes(ws, m->data) : brio_ws_send_text(ws, m->data);
}

static int talk(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)req, (void)in;
    brio_ws_message m;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &m)) >= 0)
        rc = say_back(ws, &m);
    return rc;
}

typedef struct Nothing {
    char none;
} Nothing;

static int said(brio_websocket *ws, Nothing *state, const brio_ws_message *m)
{
    (void)state;
    return say_back(ws, m);
}

/* Returns a moment later, wherever its client is by then. */
static int said_slowly(brio_websocket *ws, Nothing *state, const brio_ws_message *m)
{
    int rc = brio_sleep(BRIO_MS(1));
    return rc < 0 ? rc : said(ws, state, m);
}

/* Hangs up first. */
static int brief(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : brio_ws_send_text(ws, BRIO_S("bye"));
}

BRIO_MAIN(.title = "Faults")
{
    BRIO_GET(app, "/now/{n}", now, Number, brio_text);
    BRIO_GET(app, "/later/{n}", later, Number, brio_text);
    BRIO_POST(app, "/echo", echo, brio_none, brio_text);
    BRIO_GET(app, "/large/{n}", large, Number, brio_text);
    BRIO_POST(app, "/pieces", count_pieces, brio_none, brio_text, .body_pieces = true);
    BRIO_GET(app, "/stream/{n}", stream, Number, brio_text);
    BRIO_GET(app, "/pid", pid, brio_none, brio_text);
    BRIO_GET(app, "/whose", whose, brio_none, brio_text);
    BRIO_WEBSOCKET(app, "/ws", talk, brio_none);
    BRIO_WEBSOCKET(app, "/brief", brief, brio_none);
    BRIO_WEBSOCKET_EVENTS(app, "/events", brio_none, Nothing, brio_ws_message, (.message = said));
    BRIO_WEBSOCKET_EVENTS(app, "/slow", brio_none, Nothing, brio_ws_message,
                          (.message = said_slowly));
}
