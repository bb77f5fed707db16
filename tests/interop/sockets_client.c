/* SPDX-License-Identifier: MIT
 *
 * The ws room as a client, for Autobahn|Testsuite's fuzzing server: it asks how many
 * cases there are, opens each and sends back what it gets, and asks for the report.
 *
 *     interop_sockets_client PORT AGENT [alone]
 *
 * `alone` wishes that each message is compressed for itself; else windows are kept.
 * BRIO_BACKEND chooses the back end. */
#include <brio/crypt.h>
#include <brio/http.h>
#include <brio/io.h>
#include <brio/task.h>
#include <brio/ws.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static char **words;

typedef struct peer {
    brio_stream *stream;
    brio_ws_conn conn;
    brio_buf out;
    brio_ws_deflate_wish wish;
    char in[65536];
    char first[32]; /* the text of the first message, as far as it fits */
} peer;

/* ---- The handshake ---------------------------------------------------------- */

/* What the server has to answer to that key: what ours would. */
static int right_accept(brio_str asked, char accept[BRIO_WS_ACCEPT_LEN])
{
    brio_http_pool pool;
    brio_http_conn conn;
    brio_http_pool_init(&pool, NULL);
    brio_http_conn_init(&conn, &pool);
    int rc = brio_http_conn_next(&conn, &asked) == BRIO_HTTP_REQUEST
                 ? brio_ws_handshake(conn.request, accept)
                 : -EPROTO;
    brio_http_conn_fini(&conn);
    brio_http_pool_fini(&pool);
    return rc;
}

/* The value of a header of an answer; empty if it has none. */
static brio_str value_of(brio_str head, brio_str name)
{
    while (head.len) {
        brio_str_pair line = brio_str_cut(head, '\n');
        brio_str_pair field = brio_str_cut(line.head, ':');
        if (brio_str_eq_nocase(field.head, name))
            return brio_str_trim(brio_str_cut(field.tail, '\r').head);
        head = line.tail;
    }
    return (brio_str){0};
}

static void ask(peer *p, const char *path)
{
    unsigned char key[16];
    brio_random_bytes(key, sizeof key);
    brio_str text = brio_base64_encode(brio_task_arena(), BRIO_BASE64,
                                       (brio_str){(const char *)key, sizeof key});
    brio_buf_printf(&p->out,
                    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: %.*s\r\nSec-WebSocket-Extensions: ",
                    path, words[1], BRIO_ARG(text));
    brio_ws_deflate_offer(&p->wish, &p->out);
    brio_buf_add(&p->out, BRIO_S("\r\n\r\n"));
}

static int shake_hands(peer *p, const char *path)
{
    char accept[BRIO_WS_ACCEPT_LEN];
    brio_ws_options options = {.client = true, .message_bytes = 64 << 20, .deflate_min = 1};
    brio_str head;
    ask(p, path);
    int rc = right_accept(brio_buf_str(&p->out), accept);
    if (rc == 0)
        rc = brio_stream_send(p->stream, brio_buf_str(&p->out));
    if (rc == 0)
        rc = brio_stream_read_until(p->stream, BRIO_S("\r\n\r\n"), 0, &head);
    brio_buf_clear(&p->out);
    if (rc < 0)
        return rc;
    if (!brio_str_starts(head, BRIO_S("HTTP/1.1 101 ")) ||
        !brio_str_eq(value_of(head, BRIO_S("sec-websocket-accept")),
                     (brio_str){accept, sizeof accept}))
        return -EPROTO;
    rc = brio_ws_deflate_agree(value_of(head, BRIO_S("sec-websocket-extensions")), &p->wish,
                               &options.deflate);
    brio_ws_conn_init(&p->conn, &options);
    return rc;
}

/* ---- The conversation ------------------------------------------------------- */

static void answer(peer *p, brio_ws_event event)
{
    brio_str data = p->conn.data;
    if (event == BRIO_WS_PING)
        brio_ws_write_pong(&p->conn, &p->out, data);
    if (event == BRIO_WS_CLOSE || event == BRIO_WS_FAILED)
        brio_ws_write_close(&p->conn, &p->out, p->conn.code, data);
    if (event != BRIO_WS_TEXT && event != BRIO_WS_BINARY)
        return;
    brio_ws_write(&p->conn, &p->out, data, event == BRIO_WS_TEXT);
    if (!p->first[0])
        snprintf(p->first, sizeof p->first, "%.*s", BRIO_ARG(data));
}

/* Until the server ends the connection. */
static int converse(peer *p)
{
    ptrdiff_t n;
    while ((n = brio_stream_read(p->stream, p->in, sizeof p->in)) > 0) {
        brio_str input = {p->in, (size_t)n};
        brio_ws_event event;
        while ((event = brio_ws_conn_next(&p->conn, &input)) != BRIO_WS_MORE)
            answer(p, event);
        int rc = p->out.failed ? -ENOMEM : brio_stream_send(p->stream, brio_buf_str(&p->out));
        brio_buf_clear(&p->out);
        if (rc < 0)
            return rc;
    }
    return (int)n;
}

/* A connection from its beginning to its end; `first` gets the text of its first message. */
static int visit(const char *path, char first[32])
{
    bool alone = words[3] && strcmp(words[3], "alone") == 0;
    peer *p = calloc(1, sizeof *p);
    brio_connect_to to = {.port = (uint16_t)strtoul(words[1], NULL, 10)};
    p->wish.takeover = !alone;
    int rc = brio_connect(&p->stream, &to);
    if (rc == 0) {
        rc = shake_hands(p, path);
        if (rc == 0)
            (void)!converse(p); /* how it ends is the suite's to judge */
        brio_ws_conn_fini(&p->conn);
        brio_stream_close(p->stream);
    }
    snprintf(first, sizeof p->first, "%s", p->first);
    brio_buf_fini(&p->out);
    free(p);
    return rc;
}

static int visit_all(void *arg)
{
    char path[96], text[32];
    (void)arg;
    int rc = visit("/getCaseCount", text);
    for (long i = 1, n = strtol(text, NULL, 10); rc == 0 && i <= n; i++) {
        snprintf(path, sizeof path, "/runCase?case=%ld&agent=%s", i, words[2]);
        rc = visit(path, text);
    }
    snprintf(path, sizeof path, "/updateReports?agent=%s", words[2]);
    return rc < 0 ? rc : visit(path, text);
}

int main(int argc, char **argv)
{
    words = argv;
    if (argc < 3)
        return 2;
    int rc = brio_run(visit_all, NULL, &(brio_run_options){.arena_limit = 64 << 20});
    if (rc < 0)
        fprintf(stderr, "%s\n", brio_error_text(rc));
    return rc < 0;
}
