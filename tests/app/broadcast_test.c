/* SPDX-License-Identifier: MIT
 *
 * WebSockets in event style, and messages from elsewhere: handles, hooks, frames. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/task.h>
#include <errno.h>

enum { SEATS = 4 };

typedef struct bed {
    brio_app *app;
    brio_test_client *client;
    brio_ws_ref refs[SEATS];
    size_t n;
    int closes, code; /* close handlers, and what the newest one saw */
    int64_t closed_room;
    int hooks;
    int running, most; /* message handlers of one socket at a time */
} bed;

typedef struct Room {
    int64_t room;
    brio_str *name;
} Room;
BRIO_MODEL(Room, BRIO_PATH(room, .ge = BRIO_NUM(1)), BRIO_QUERY(name));

typedef struct Seat {
    int64_t room, count;
} Seat;

typedef struct Chat {
    brio_str text;
    int64_t nap; /* ms */
} Chat;
BRIO_MODEL(Chat, BRIO_FIELD(text, .min_length = 1), BRIO_FIELD(nap, .def = "0"));

static int enter(brio_request *req, const Room *in, brio_websocket *ws, Seat *seat)
{
    bed *b = brio_request_state(req);
    if (in->room == 13)
        return brio_fail(req, 401, "no");
    int rc = in->room == 1 ? brio_ws_accept(ws, NULL) : 0;
    seat->room = in->room;
    if (in->room == 1 && rc >= 0) {
        rc = brio_sleep(BRIO_MS(10)); /* messages wait for it */
        b->refs[b->n++ % SEATS] = brio_ws_ref_of(ws);
        if (rc >= 0)
            rc = brio_ws_sendf(ws, "welcome");
    }
    return rc;
}

static int said(brio_websocket *ws, Seat *seat, const Chat *message)
{
    bed *b = brio_ws_app_state(ws);
    b->most = ++b->running > b->most ? b->running : b->most;
    int rc = message->nap ? brio_sleep(BRIO_MS(message->nap)) : 0;
    b->running--;
    if (rc < 0 || brio_str_eq(message->text, BRIO_S("fail")))
        return -EIO;
    if (brio_str_eq(message->text, BRIO_S("bye")))
        return brio_ws_close(ws, 3001, "as you wish");
    return brio_ws_sendf(ws, "%d.%d %.*s", (int)seat->room, (int)++seat->count,
                         BRIO_ARG(message->text));
}

static void left(brio_websocket *ws, Seat *seat)
{
    bed *b = brio_ws_app_state(ws);
    CHECK_INT(brio_ws_send_text(ws, BRIO_S("late")), BRIO_ECLOSED);
    (void)!brio_sleep(BRIO_MS(1));
    b->closes++;
    b->code = brio_ws_code(ws);
    b->closed_room = seat->room;
}

static void open_bed(bed *b)
{
    *b = (bed){0};
    b->app = brio_app_new(&(brio_app_options){.state = b});
    BRIO_WEBSOCKET_EVENTS(b->app, "/rooms/{room}", Room, Seat, Chat,
                          (.open = enter, .message = said, .close = left), .name = "rooms");
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
    CHECK_STR(msg.data, want);
}

static void check_closed(brio_test_socket *s, int code)
{
    brio_ws_message msg;
    int got;
    CHECK_INT(brio_test_socket_receive(s, &msg, &got), BRIO_ECLOSED);
    CHECK_INT(got, code);
}

static void say(brio_test_socket *s, const char *json)
{
    brio_test_socket_send_text(s, brio_str_from(json));
}

TEST(event_style_answers_and_says_goodbye)
{
    bed b;
    open_bed(&b);
    brio_test_socket *s = must_open(&b, "/rooms/7");
    say(s, "{\"text\":\"one\"}");
    say(s, "{\"text\":\"two\"}");
    check_text(s, "7.1 one");
    check_text(s, "7.2 two");
    brio_test_socket_close(s, 1001);
    check_closed(s, 1001);
    CHECK_OK(brio_test_client_sleep(b.client, BRIO_MS(5)));
    CHECK_INT(b.closes, 1);
    CHECK_INT(b.code, 1001);
    CHECK_INT(b.closed_room, 7);
    must_open(&b, "/rooms/8"); /* left to the end of the test client */
    close_bed(&b);
    CHECK_INT(b.closes, 2);
    CHECK_INT(b.code, 1006);
}

TEST(event_style_refuses_as_http)
{
    bed b;
    brio_test_socket *s;
    brio_test_response answer;
    open_bed(&b);
    CHECK_INT(brio_test_socket_open(b.client, "/rooms/0", NULL, &s, &answer), BRIO_EHTTP);
    CHECK_INT(answer.status, 403);
    CHECK_INT(brio_test_socket_open(b.client, "/rooms/13", NULL, &s, &answer), BRIO_EHTTP);
    CHECK_INT(answer.status, 401);
    close_bed(&b);
    CHECK_INT(b.closes, 0);
}

TEST(messages_wait_for_open_and_for_each_other)
{
    bed b;
    open_bed(&b);
    brio_test_socket *s = must_open(&b, "/rooms/1");
    say(s, "{\"text\":\"a\",\"nap\":20}");
    say(s, "{\"text\":\"b\",\"nap\":5}");
    say(s, "{\"text\":\"c\"}");
    check_text(s, "welcome");
    check_text(s, "1.1 a");
    say(s, "{\"text\":\"d\"}");
    check_text(s, "1.2 b");
    check_text(s, "1.3 c");
    check_text(s, "1.4 d");
    CHECK_INT(b.most, 1);
    close_bed(&b);
}

TEST(what_does_not_fit_is_told_and_the_socket_goes_on)
{
    bed b;
    open_bed(&b);
    brio_test_socket *s = must_open(&b, "/rooms/7");
    say(s, "{\"text\":\"\"}");
    say(s, "{");
    say(s, "{\"text\":\"x\"}");
    brio_ws_message msg;
    CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
    CHECK(brio_str_starts(msg.data, BRIO_S("{\"detail\":[{\"type\":\"string_too_short\"")));
    CHECK_OK(brio_test_socket_receive(s, &msg, NULL));
    CHECK(brio_str_starts(msg.data, BRIO_S("{\"detail\":[{\"type\":\"json_invalid\"")));
    check_text(s, "7.1 x");
    close_bed(&b);
}

TEST(handlers_end_their_socket)
{
    bed b;
    open_bed(&b);
    brio_test_socket *s = must_open(&b, "/rooms/7");
    say(s, "{\"text\":\"fail\"}");
    say(s, "{\"text\":\"never\"}");
    check_closed(s, 1011);
    s = must_open(&b, "/rooms/7");
    say(s, "{\"text\":\"bye\",\"nap\":1}");
    check_closed(s, 3001);
    close_bed(&b);
    CHECK_INT(b.closes, 2);
    CHECK_INT(b.code, 3001);
}

TEST(a_client_that_goes_while_a_handler_sleeps)
{
    bed b;
    open_bed(&b);
    brio_test_socket *s = must_open(&b, "/rooms/7");
    say(s, "{\"text\":\"x\",\"nap\":50}");
    brio_test_socket_close(s, 0);
    check_closed(s, 1006);
    CHECK_INT(b.closes, 0);
    CHECK_OK(brio_test_client_sleep(b.client, BRIO_MS(60)));
    CHECK_INT(b.closes, 1);
    CHECK_INT(b.code, 1006);
    close_bed(&b);
}

static void on_leave(brio_ws_hook *hook)
{
    hook->fn = NULL;
}

TEST(handles_outlive_their_socket)
{
    bed b;
    open_bed(&b);
    brio_ws_hook hook = {.fn = on_leave}, other = {.fn = on_leave};
    brio_ws_frame *frame = brio_ws_framef("hello %d", 1);
    brio_test_socket *s = must_open(&b, "/rooms/1");
    check_text(s, "welcome");
    CHECK(brio_ws_open(b.refs[0]));
    CHECK_INT(((Seat *)brio_ws_state(b.refs[0]))->room, 1);
    CHECK_OK(brio_ws_hook_add(b.refs[0], &hook));
    CHECK_OK(brio_ws_hook_add(b.refs[0], &other));
    brio_ws_hook_remove(&other);
    CHECK_OK(brio_ws_post(b.refs[0], frame));
    CHECK_OK(brio_ws_post(b.refs[0], frame));
    check_text(s, "hello 1");
    check_text(s, "hello 1");
    brio_ws_end(b.refs[0], 4001, "enough");
    CHECK(!hook.fn && other.fn);
    CHECK(!brio_ws_open(b.refs[0]));
    CHECK_INT(brio_ws_post(b.refs[0], frame), BRIO_ECLOSED);
    check_closed(s, 4001);
    CHECK_OK(brio_test_client_sleep(b.client, BRIO_MS(5)));
    CHECK(!brio_ws_state(b.refs[0]));
    CHECK_INT(brio_ws_hook_add(b.refs[0], &other), BRIO_ECLOSED);
    s = must_open(&b, "/rooms/1"); /* the same place, another turn */
    check_text(s, "welcome");
    CHECK(!brio_ws_open(b.refs[0]) && brio_ws_open(b.refs[1]));
    CHECK(!brio_ws_same(b.refs[0], b.refs[1]));
    brio_ws_frame_release(frame);
    close_bed(&b);
    CHECK_INT(b.code, 1006);
}

TEST(frames_know_their_message)
{
    char big[70000];
    memset(big, 'x', sizeof big);
    brio_ws_frame *f = brio_ws_frame_text((brio_str){big, sizeof big});
    CHECK_INT(brio_ws_frame_data(f).len, sizeof big);
    CHECK(!brio_ws_frame_is_binary(f));
    CHECK_INT(brio_ws_frame_set_key(f, (brio_str){big, 256}), -EINVAL);
    CHECK_OK(brio_ws_frame_set_key(f, BRIO_S("a")));
    brio_ws_frame_release(brio_ws_frame_acquire(f));
    brio_ws_frame_release(f);
    f = brio_ws_frame_bytes(BRIO_S("\xff"));
    CHECK(brio_ws_frame_is_binary(f));
    brio_ws_frame_release(f);
    CHECK(!brio_ws_frame_text(BRIO_S("\xff")));
    f = brio_ws_frame_model(BRIO_TYPE(Chat), &(Chat){.text = BRIO_S("a")});
    CHECK_STR(brio_ws_frame_data(f), "{\"text\":\"a\",\"nap\":0}");
    brio_ws_frame_release(f);
    brio_ws_frame_release(NULL);
}
