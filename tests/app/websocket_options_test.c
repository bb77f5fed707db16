/* SPDX-License-Identifier: MIT
 *
 * What a WebSocket's route, its app and the server say about it: compression,
 * limits, who may open it, messages in pieces. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/task.h>
#include <brio/ws.h>
#include <errno.h>
#include <stdio.h>

static int echo(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        rc = msg.binary ? brio_ws_send_bytes(ws, msg.data) : brio_ws_send_text(ws, msg.data);
    return rc;
}

typedef struct bed {
    brio_app *app;
    brio_test_client *client;
} bed;

static void open_bed(bed *b, const brio_app_options *options)
{
    b->app = brio_app_new(options);
    BRIO_WEBSOCKET(b->app, "/ws", echo, brio_none);
    BRIO_WEBSOCKET(b->app, "/small", echo, brio_none, .ws.message_bytes = 4);
    BRIO_WEBSOCKET(b->app, "/takeover", echo, brio_none, .ws.window_bits = 12,
                   .ws.compression = BRIO_WS_COMPRESS_TAKEOVER);
    BRIO_WEBSOCKET(b->app, "/plain", echo, brio_none, .ws.compression = BRIO_WS_COMPRESS_OFF);
    BRIO_WEBSOCKET(b->app, "/same", echo, brio_none, .ws.origins = "same");
    BRIO_WEBSOCKET(b->app, "/any", echo, brio_none, .ws.origins = "*");
    BRIO_WEBSOCKET(b->app, "/listed", echo, brio_none,
                   .ws.origins = "https://a.example, http://b.example:81");
}

static void serve_bed(bed *b)
{
    CHECK_OK(brio_test_client_open(&b->client, b->app));
}

static void close_bed(bed *b)
{
    CHECK_INT(brio_test_client_close(b->client), 0);
    brio_app_free(b->app);
}

/* The status of the answer to the handshake. */
static int status_of(bed *b, const char *url, const char *headers)
{
    brio_test_socket *s;
    brio_test_response answer;
    int rc = brio_test_socket_open(b->client, url, headers, &s, &answer);
    CHECK_INT(rc, answer.status == 101 ? 0 : BRIO_EHTTP);
    return answer.status;
}

TEST(who_may_open_a_websocket)
{
    static const struct {
        const char *url, *headers;
        int status;
    } cases[] = {
        {"/ws", NULL, 101},
        {"/ws", "origin: https://evil.example\r\n", 101},
        {"/ws", "origin: https://evil.example\r\ncookie: a=b\r\n", 403},
        {"/ws", "origin: https://evil.example\r\nauthorization: Basic eDp5\r\n", 403},
        {"/ws", "origin: null\r\ncookie: a=b\r\n", 403},
        {"/ws", "origin: http://testserver\r\ncookie: a=b\r\n", 101},
        {"/ws", "origin: https://TestServer\r\ncookie: a=b\r\n", 101}, /* TLS ends before us */
        {"/ws", "origin: http://testserver:80\r\ncookie: a=b\r\n", 101},
        {"/ws", "origin: http://testserver:8080\r\ncookie: a=b\r\n", 403},
        {"/ws", "origin: http://testserver.evil.example\r\ncookie: a=b\r\n", 403},
        {"/ws", "cookie: a=b\r\n", 101}, /* no browser */
        {"/ws", "origin: http://testserver\r\norigin: http://testserver\r\n", 403},
        {"/same", "origin: http://testserver\r\n", 101},
        {"/same", "origin: https://evil.example\r\n", 403},
        {"/same", "origin: null\r\n", 403},
        {"/any", "origin: https://evil.example\r\ncookie: a=b\r\n", 101},
        {"/listed", "origin: https://a.example\r\ncookie: a=b\r\n", 101},
        {"/listed", "origin: http://b.example:81\r\n", 101},
        {"/listed", "origin: http://a.example\r\n", 403},
        {"/listed", "origin: http://testserver\r\n", 403},
        {"/listed", NULL, 101},
    };
    bed b;
    open_bed(&b, NULL);
    serve_bed(&b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_INT(status_of(&b, cases[i].url, cases[i].headers), cases[i].status);
    close_bed(&b);
}

/* Sends `n` bytes that compress well and gets them back. */
static void check_echo(brio_test_socket *s, size_t n)
{
    brio_ws_message msg;
    brio_buf text = {0};
    while (text.len < n)
        brio_buf_char(&text, (char)('a' + text.len % 23));
    brio_test_socket_send_text(s, brio_buf_str(&text));
    CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
    CHECK(!msg.binary && brio_str_eq(msg.data, brio_buf_str(&text)));
    brio_buf_fini(&text);
}

static void check_agreed(bed *b, const char *url, const char *offer, const char *want)
{
    brio_test_socket *s;
    brio_test_response answer;
    char headers[200];
    snprintf(headers, sizeof headers, "sec-websocket-extensions: %s\r\n", offer);
    CHECK_OK(brio_test_socket_open(b->client, url, headers, &s, &answer));
    CHECK_STR(brio_test_header(&answer, BRIO_S("sec-websocket-extensions")),
              brio_ws_deflate_available() ? want : "");
    for (size_t n = 1; n <= 100000; n *= 10)
        check_echo(s, n);
    check_echo(s, 100000);
    brio_test_socket_close(s, 1000);
}

TEST(messages_are_compressed_where_both_want_it)
{
    bed b;
    open_bed(&b, NULL);
    serve_bed(&b);
    check_agreed(&b, "/ws", "permessage-deflate; client_max_window_bits",
                 "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    check_agreed(&b, "/takeover", "permessage-deflate; client_max_window_bits",
                 "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12");
    check_agreed(&b, "/plain", "permessage-deflate", "");
    check_agreed(&b, "/ws", "something-else", "");
    CHECK_INT(status_of(&b, "/ws", "sec-websocket-extensions: permessage-deflate; =\r\n"), 400);
    close_bed(&b);
}

static void check_limit(bed *b, const char *url, size_t limit)
{
    brio_test_socket *s;
    brio_ws_message msg;
    int code;
    CHECK_OK(brio_test_socket_open(b->client, url, NULL, &s, NULL));
    check_echo(s, limit);
    brio_test_socket_send_text(s, (brio_str){"0123456789", limit + 1});
    CHECK_INT(brio_test_socket_receive(s, &msg, &code), BRIO_ECLOSED);
    CHECK_INT(code, BRIO_WS_TOO_BIG);
}

TEST(the_route_has_the_first_word_then_the_server_then_the_app)
{
    bed b;
    open_bed(&b, &(brio_app_options){.ws.message_bytes = 6, .ws.origins = "same"});
    serve_bed(&b);
    check_limit(&b, "/ws", 6);
    check_limit(&b, "/small", 4);
    CHECK_INT(status_of(&b, "/ws", "origin: https://evil.example\r\n"), 403);
    brio_app_set_websocket(b.app, &(brio_websocket_options){.message_bytes = 5});
    check_limit(&b, "/ws", 5);
    check_limit(&b, "/small", 4);
    CHECK_INT(status_of(&b, "/ws", "origin: https://evil.example\r\n"), 403);
    close_bed(&b);
}

/* ---- In pieces -------------------------------------------------------------------- */

/* Answers each message with its size and the number of its pieces. */
static int measuring(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    size_t bytes = 0, pieces = 0;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0) {
        CHECK(msg.data.len <= 64 * 1024);
        bytes += msg.data.len;
        pieces++;
        if (msg.more)
            continue;
        rc = brio_ws_sendf(ws, "%zu%s", bytes, pieces > 1 ? " in pieces" : "");
        bytes = pieces = 0;
    }
    return rc;
}

static void check_measured(brio_test_socket *s, size_t n, const char *want)
{
    brio_ws_message msg;
    brio_buf text = {0};
    while (text.len < n)
        brio_buf_char(&text, (char)('a' + text.len % 23));
    brio_test_socket_send_text(s, brio_buf_str(&text));
    CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
    CHECK_STR(msg.data, want);
    brio_buf_fini(&text);
}

TEST(large_messages_come_in_pieces)
{
    bed b = {.app = brio_app_new(NULL)};
    BRIO_WEBSOCKET(b.app, "/ws", measuring, brio_none, .ws.pieces = true);
    serve_bed(&b);
    for (int i = 0; i < 2; i++) {
        brio_test_socket *s;
        CHECK_OK(brio_test_socket_open(
            b.client, "/ws", i ? "sec-websocket-extensions: permessage-deflate\r\n" : NULL, &s,
            NULL));
        check_measured(s, 5, "5");
        check_measured(s, 20000000, "20000000 in pieces"); /* beyond what one held whole may have */
        check_measured(s, 0, "0");
        brio_test_socket_close(s, 1000);
    }
    close_bed(&b);
}

/* ---- Silence and haste ---------------------------------------------------------------- */

static int patient(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    int *code = brio_app_state(brio_request_app(req));
    (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0)
        rc = brio_ws_receive(ws, &msg);
    *code = brio_ws_code(ws);
    return rc;
}

TEST(a_silent_client_gets_pings_and_is_gone_if_it_does_not_answer)
{
    int code = 0, got;
    bed b = {.app = brio_app_new(&(brio_app_options){.state = &code})};
    BRIO_WEBSOCKET(b.app, "/ws", patient, brio_none, .ws.ping_interval = BRIO_SEC(20),
                   .ws.ping_timeout = BRIO_SEC(10));
    CHECK_OK(brio_test_client_open_with(&b.client, b.app,
                                        &(brio_test_options){.patience = BRIO_SEC(300)}));
    brio_test_socket *s;
    brio_ws_message msg;
    CHECK_OK(brio_test_socket_open(b.client, "/ws", NULL, &s, NULL));
    /* While it waits for messages it answers pings. */
    CHECK_INT(brio_test_socket_receive(s, &msg, NULL), -ETIMEDOUT);
    CHECK_INT(code, 0);
    CHECK_OK(brio_test_client_sleep(b.client, BRIO_SEC(20)));
    CHECK_INT(code, 0);
    CHECK_OK(brio_test_client_sleep(b.client, BRIO_SEC(20)));
    CHECK_INT(code, BRIO_WS_INTERNAL);
    CHECK_INT(brio_test_socket_receive(s, &msg, &got), BRIO_ECLOSED);
    CHECK_INT(got, BRIO_WS_INTERNAL);
    close_bed(&b);
}

TEST(who_sends_too_much_is_closed)
{
    bed b = {.app = brio_app_new(NULL)};
    BRIO_WEBSOCKET(b.app, "/ws", echo, brio_none, .ws.rate = 3);
    serve_bed(&b);
    brio_test_socket *s;
    brio_ws_message msg;
    int code;
    CHECK_OK(brio_test_socket_open(b.client, "/ws", NULL, &s, NULL));
    for (int second = 0; second < 3; second++) {
        for (int i = 0; i < 3; i++)
            check_echo(s, 1);
        CHECK_OK(brio_test_client_sleep(b.client, BRIO_SEC(1)));
    }
    for (int i = 0; i < 4; i++)
        brio_test_socket_send_text(s, BRIO_S("x"));
    int rc;
    while ((rc = brio_test_socket_receive(s, &msg, &code)) >= 0)
        ;
    CHECK_INT(rc, BRIO_ECLOSED);
    CHECK_INT(code, BRIO_WS_POLICY);
    close_bed(&b);
}

/* ---- Ahead of the handler ---------------------------------------------------------------- */

typedef struct slow {
    int received, code;
} slow;

/* Works for ten seconds before it asks. */
static int working(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    slow *state = brio_app_state(brio_request_app(req));
    brio_ws_message msg;
    (void)in;
    int rc = brio_ws_accept(ws, NULL);
    if (rc >= 0)
        rc = brio_sleep(BRIO_SEC(10));
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0) {
        CHECK_INT(msg.data.ptr[0], 'a' + state->received);
        state->received++;
    }
    state->code = brio_ws_code(ws);
    return rc;
}

TEST(pings_are_answered_and_a_close_is_while_the_handler_works)
{
    slow state = {0};
    bed b = {.app = brio_app_new(&(brio_app_options){.state = &state})};
    BRIO_WEBSOCKET(b.app, "/ws", working, brio_none);
    serve_bed(&b);
    brio_test_socket *s;
    brio_ws_message msg;
    int code;
    CHECK_OK(brio_test_socket_open(b.client, "/ws", NULL, &s, NULL));
    brio_test_socket_send_text(s, BRIO_S("a"));
    brio_test_socket_send_text(s, BRIO_S("b"));
    brio_test_socket_close(s, 1001);
    brio_time before = brio_test_client_elapsed(b.client);
    CHECK_INT(brio_test_socket_receive(s, &msg, &code), BRIO_ECLOSED);
    CHECK_INT(code, 1001);
    CHECK(brio_test_client_elapsed(b.client) - before < BRIO_SEC(10));
    CHECK_OK(brio_test_client_sleep(b.client, BRIO_SEC(20)));
    CHECK_INT(state.received, 2); /* what came before the close is not lost */
    CHECK_INT(state.code, 1001);
    close_bed(&b);
}

TEST(what_is_read_ahead_is_limited)
{
    for (uint32_t queue = 1; queue <= 8; queue *= 8) {
        slow state = {0};
        bed b = {.app = brio_app_new(&(brio_app_options){.state = &state})};
        BRIO_WEBSOCKET(b.app, "/ws", working, brio_none, .ws.max_queue = queue);
        serve_bed(&b);
        brio_test_socket *s;
        brio_ws_message msg;
        int code;
        CHECK_OK(brio_test_socket_open(b.client, "/ws", NULL, &s, NULL));
        for (int i = 0; i < 5; i++)
            brio_test_socket_send_text(s, (brio_str){&"abcde"[i], 1});
        brio_test_socket_close(s, 1001);
        brio_time before = brio_test_client_elapsed(b.client);
        CHECK_INT(brio_test_socket_receive(s, &msg, &code), BRIO_ECLOSED);
        bool waited = brio_test_client_elapsed(b.client) - before >= BRIO_SEC(9);
        CHECK_INT(waited, queue < 5); /* the close stands behind what it does not read */
        CHECK_OK(brio_test_client_sleep(b.client, BRIO_SEC(20)));
        CHECK_INT(state.received, 5);
        close_bed(&b);
    }
}

/* ---- Written in pieces ------------------------------------------------------------------ */

static int telling(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    char piece[1000];
    (void)req, (void)in;
    memset(piece, 'x', sizeof piece);
    int rc = brio_ws_accept(ws, NULL);
    brio_ws_frame *posted = brio_ws_frame_text(BRIO_S("posted"));
    CHECK(posted);
    for (int i = 0; rc >= 0 && i < 300; i++) {
        rc = brio_ws_send_piece(ws, (brio_str){piece, sizeof piece}, false, false);
        if (i == 7)
            CHECK_INT(brio_ws_post(brio_ws_ref_of(ws), posted), 0);
        if (i == 9)
            CHECK_INT(brio_ws_try_send_text(brio_ws_ref_of(ws), BRIO_S("tried")), 0);
    }
    brio_ws_frame_release(posted);
    CHECK_INT(brio_ws_send_piece(ws, BRIO_S("\xff"), false, true), -EINVAL);
    if (rc >= 0)
        rc = brio_ws_send_piece(ws, BRIO_S("!"), false, true);
    return rc < 0 ? rc : brio_ws_send_text(ws, BRIO_S("after"));
}

TEST(a_message_is_sent_in_pieces_and_nothing_stands_between_them)
{
    bed b = {.app = brio_app_new(NULL)};
    BRIO_WEBSOCKET(b.app, "/ws", telling, brio_none);
    serve_bed(&b);
    for (int i = 0; i < 2; i++) {
        static const char *const want[] = {"posted", "tried", "after"};
        brio_test_socket *s;
        brio_ws_message msg;
        CHECK_OK(brio_test_socket_open(
            b.client, "/ws", i ? "sec-websocket-extensions: permessage-deflate\r\n" : NULL, &s,
            NULL));
        CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
        CHECK_INT(msg.data.len, 300001);
        for (size_t j = 0; j < 3; j++) {
            CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
            CHECK_STR(msg.data, want[j]);
        }
        CHECK_INT(brio_test_socket_receive(s, &msg, NULL), BRIO_ECLOSED);
    }
    close_bed(&b);
}

/* ---- Frames for many, compressed ----------------------------------------------------------- */

typedef struct crowd {
    brio_ws_ref members[4];
    size_t n;
} crowd;

static int joining(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    crowd *all = brio_app_state(brio_request_app(req));
    brio_ws_message msg;
    (void)in;
    int rc = brio_ws_accept(ws, NULL);
    if (rc >= 0)
        all->members[all->n++] = brio_ws_ref_of(ws);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0) {
        brio_ws_frame *frame = brio_ws_frame_text(msg.data);
        for (size_t i = 0; i < all->n; i++)
            CHECK_INT(brio_ws_post(all->members[i], frame), 0);
        brio_ws_frame_release(frame);
    }
    return rc;
}

TEST(a_frame_for_many_reaches_who_compresses_and_who_does_not)
{
    static const char *const paths[] = {"/ws", "/ws", "/takeover", "/narrow"};
    crowd all = {.n = 0};
    bed b = {.app = brio_app_new(&(brio_app_options){.state = &all})};
    BRIO_WEBSOCKET(b.app, "/ws", joining, brio_none);
    BRIO_WEBSOCKET(b.app, "/takeover", joining, brio_none,
                   .ws.compression = BRIO_WS_COMPRESS_TAKEOVER);
    BRIO_WEBSOCKET(b.app, "/narrow", joining, brio_none, .ws.window_bits = 10);
    serve_bed(&b);
    brio_test_socket *sockets[4];
    char text[5000];
    for (size_t i = 0; i < 4; i++)
        CHECK_OK(brio_test_socket_open(
            b.client, paths[i], i ? "sec-websocket-extensions: permessage-deflate\r\n" : NULL,
            &sockets[i], NULL));
    for (int round = 0; round < 3; round++) {
        memset(text, 'a' + round, sizeof text);
        brio_test_socket_send_text(sockets[round], (brio_str){text, sizeof text});
        for (size_t i = 0; i < 4; i++) {
            brio_ws_message msg;
            CHECK_OK(brio_test_socket_receive(sockets[i], &msg, NULL));
            CHECK(brio_str_eq(msg.data, (brio_str){text, sizeof text}));
        }
    }
    close_bed(&b);
}
