/* SPDX-License-Identifier: MIT
 *
 * WebSocket routes, through the test client's frames. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/sync.h>
#include <brio/task.h>
#include <errno.h>

typedef struct bed {
    brio_app *app;
    brio_test_client *client;
    int ended; /* what the newest handler returned */
    int code;  /* how its connection had ended */
    brio_websocket *others[4];
    size_t n;
} bed;

static bed *bed_of(brio_request *req)
{
    return brio_app_state(brio_request_app(req));
}

typedef struct Room {
    int64_t room;
    brio_str *q;
} Room;
BRIO_MODEL(Room, BRIO_PATH(room, .ge = BRIO_NUM(1)), BRIO_QUERY(q));

static int echo(brio_request *req, const Room *in, brio_websocket *ws)
{
    brio_ws_message msg;
    int rc = brio_ws_accept(ws, brio_ws_offers(ws, "chat") ? "chat" : NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0) {
        if (msg.binary)
            rc = brio_ws_send_bytes(ws, msg.data);
        else
            rc = brio_ws_sendf(ws, "%d %.*s", (int)in->room, BRIO_ARG(msg.data));
    }
    bed_of(req)->ended = rc;
    bed_of(req)->code = brio_ws_code(ws);
    return rc;
}

static int page(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("page");
    return 0;
}

static void open_bed(bed *b)
{
    *b = (bed){0};
    b->app = brio_app_new(&(brio_app_options){.state = b});
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

static brio_test_socket *must_open(bed *b, const char *url)
{
    brio_test_socket *s;
    CHECK_OK(brio_test_socket_open(b->client, url, NULL, &s, NULL));
    return s;
}

static void check_text(brio_test_socket *s, const char *want)
{
    brio_ws_message msg;
    CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
    CHECK(!msg.binary);
    CHECK_STR(msg.data, want);
}

static void check_closed(brio_test_socket *s, int code)
{
    brio_ws_message msg;
    int got;
    CHECK_INT(brio_test_socket_receive(s, &msg, &got), BRIO_ECLOSED);
    CHECK_INT(got, code);
}

static void check_refused(bed *b, const char *url, const char *headers, int status)
{
    brio_test_socket *s;
    brio_test_response answer;
    CHECK_INT(brio_test_socket_open(b->client, url, headers, &s, &answer), BRIO_EHTTP);
    CHECK_INT(answer.status, status);
}

TEST(messages_come_back_and_a_close_is_answered)
{
    bed b;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", echo, Room);
    serve_bed(&b);
    brio_test_socket *s = must_open(&b, "/ws/7");
    brio_test_socket_send_text(s, BRIO_S("one"));
    brio_test_socket_send_text(s, BRIO_S("two"));
    check_text(s, "7 one");
    check_text(s, "7 two");
    brio_test_socket_send_raw(s,
                              BRIO_S("\x89\x80\0\0\0\0")); /* a ping is answered, not delivered */
    brio_test_socket_send_bytes(s, BRIO_S("\x00\xff"));
    brio_ws_message msg;
    CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
    CHECK(msg.binary && brio_str_eq(msg.data, BRIO_S("\x00\xff")));
    CHECK_INT(brio_test_socket_receive(s, &msg, NULL), BRIO_EDEADLOCK);
    brio_test_socket_close(s, 1001);
    check_closed(s, 1001);
    close_bed(&b);
    CHECK_INT(b.ended, BRIO_ECLOSED);
    CHECK_INT(b.code, 1001);
}

TEST(a_client_that_just_goes_ends_the_reading)
{
    bed b;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", echo, Room);
    serve_bed(&b);
    brio_test_socket *s = must_open(&b, "/ws/7");
    brio_test_socket_close(s, 0);
    check_closed(s, 1006);
    CHECK_INT(b.ended, BRIO_ECLOSED);
    CHECK_INT(b.code, 1006);
    must_open(&b, "/ws/8"); /* left to the end of the test client */
    close_bed(&b);
}

TEST(subprotocols_are_chosen_by_the_handler)
{
    bed b;
    brio_test_socket *s;
    brio_test_response answer;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", echo, Room);
    serve_bed(&b);
    CHECK_OK(brio_test_socket_open(b.client, "/ws/7", "sec-websocket-protocol: soap, chat\r\n", &s,
                                   &answer));
    CHECK_INT(answer.status, 101);
    CHECK_STR(brio_test_header(&answer, BRIO_S("sec-websocket-protocol")), "chat");
    close_bed(&b);
}

/* ---- Refusals ------------------------------------------------------------------ */

static int refusing(brio_request *req, const Room *in, brio_websocket *ws)
{
    if (in->room == 1)
        return brio_ws_close(ws, 1008, "no");
    if (in->room == 2)
        return brio_fail(req, 401, "who are you?");
    return 0;
}

TEST(what_is_not_accepted_is_answered_over_http)
{
    bed b;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", refusing, Room);
    BRIO_GET(b.app, "/page", page, brio_none, brio_text);
    serve_bed(&b);
    check_refused(&b, "/ws/1", NULL, 403);
    check_refused(&b, "/ws/2", NULL, 401);
    check_refused(&b, "/ws/3", NULL, 403);
    check_refused(&b, "/ws/x", NULL, 403); /* not valid */
    check_refused(&b, "/ws/0", NULL, 403);
    check_refused(&b, "/other", NULL, 403);
    check_refused(&b, "/page", NULL, 403);
    check_refused(&b, "/ws/3", "sec-websocket-key: second==\r\n", 400);
    brio_test_response got;
    CHECK_OK(brio_test_client_send(b.client, &(brio_test_request){.url = "/ws/3"}, &got));
    CHECK_INT(got.status, 404); /* a WebSocket's route is not there for HTTP */
    CHECK_OK(brio_test_client_send(b.client, &(brio_test_request){.url = "/page"}, &got));
    CHECK_INT(got.status, 200);
    close_bed(&b);
}

/* ---- Ends that the handler makes -------------------------------------------------- */

static int ending(brio_request *req, const Room *in, brio_websocket *ws)
{
    int rc = brio_ws_accept(ws, NULL);
    if (rc < 0 || in->room == 1)
        return rc; /* 1000 */
    if (in->room == 2)
        return -EIO; /* 1011 */
    if (in->room == 3)
        return brio_ws_fail(req, 4000, "because");
    rc = brio_ws_close(ws, 3000, NULL);
    CHECK_INT(brio_ws_send_text(ws, BRIO_S("late")), BRIO_ECLOSED);
    return rc;
}

TEST(a_handler_that_returns_closes)
{
    static const int codes[] = {1000, 1011, 4000, 3000};
    bed b;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", ending, Room);
    serve_bed(&b);
    for (size_t i = 0; i < 4; i++) {
        char url[] = {'/', 'w', 's', '/', (char)('1' + i), 0};
        check_closed(must_open(&b, url), codes[i]);
    }
    close_bed(&b);
}

static int texts_only(brio_request *req, const Room *in, brio_websocket *ws)
{
    brio_str text;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0)
        rc = brio_ws_send_text(ws, text);
    return rc;
}

TEST(what_a_client_may_not_send_ends_the_connection)
{
    bed b;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", texts_only, Room);
    serve_bed(&b);
    brio_test_socket *s = must_open(&b, "/ws/1");
    brio_test_socket_send_bytes(s, BRIO_S("x"));
    check_closed(s, 1003);
    s = must_open(&b, "/ws/1");
    brio_test_socket_send_raw(s, BRIO_S("\x81\x01x")); /* without a mask */
    check_closed(s, 1002);
    s = must_open(&b, "/ws/1");
    brio_test_socket_send_raw(s, BRIO_S("\x81\x81\0\0\0\0\xff"));
    check_closed(s, 1007);
    close_bed(&b);
}

/* ---- Models and several connections ------------------------------------------------ */

typedef struct Add {
    int64_t a, b;
} Add;
BRIO_MODEL(Add, BRIO_FIELD(a), BRIO_FIELD(b));

static int adding(brio_request *req, const Room *in, brio_websocket *ws)
{
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0) {
        Add add;
        brio_problems problems;
        rc = brio_ws_receive_model(ws, BRIO_TYPE(Add), &add, &problems);
        if (rc == BRIO_EINVALID)
            rc = brio_ws_sendf(ws, "%.*s",
                               BRIO_ARG(brio_problem_text(brio_ws_arena(ws), problems.first)));
        else if (rc >= 0)
            rc = brio_ws_send_model(ws, BRIO_TYPE(Add), &(Add){add.b, add.a + add.b});
    }
    return rc;
}

TEST(messages_are_models)
{
    bed b;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", adding, Room);
    serve_bed(&b);
    brio_test_socket *s = must_open(&b, "/ws/1");
    brio_test_socket_send_text(s, BRIO_S("{\"a\":1,\"b\":2}"));
    check_text(s, "{\"a\":2,\"b\":3}");
    brio_test_socket_send_text(s, BRIO_S("{\"a\":1}"));
    check_text(s, "b: Field required");
    brio_test_socket_send_bytes(s, BRIO_S("{\"a\":3,\"b\":4}"));
    check_text(s, "{\"a\":4,\"b\":7}");
    close_bed(&b);
}

static int chat(brio_request *req, const Room *in, brio_websocket *ws)
{
    bed *b = bed_of(req);
    brio_str text;
    int rc = brio_ws_accept(ws, NULL);
    if (rc < 0)
        return rc;
    size_t mine = b->n++;
    b->others[mine] = ws;
    while ((rc = brio_ws_receive_text(ws, &text)) >= 0)
        for (size_t i = 0; i < b->n; i++)
            if (b->others[i])
                (void)!brio_ws_sendf(b->others[i], "%d: %.*s", (int)in->room, BRIO_ARG(text));
    b->others[mine] = NULL;
    for (size_t i = 0; i < b->n; i++)
        if (b->others[i])
            (void)!brio_ws_sendf(b->others[i], "%d left", (int)in->room);
    return rc;
}

TEST(connections_speak_to_each_other)
{
    bed b;
    open_bed(&b);
    BRIO_WEBSOCKET(b.app, "/ws/{room}", chat, Room);
    serve_bed(&b);
    brio_test_socket *ada = must_open(&b, "/ws/1"), *bob = must_open(&b, "/ws/2");
    brio_test_socket_send_text(ada, BRIO_S("hello"));
    check_text(ada, "1: hello");
    check_text(bob, "1: hello");
    brio_test_socket_close(ada, 0);
    check_text(bob, "1 left");
    close_bed(&b);
}
