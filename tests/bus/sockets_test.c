/* SPDX-License-Identifier: MIT
 *
 * WebSockets on the bus, through the test client's frames: rooms, names, personal
 * messages, who comes and goes; and event streams. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/bus.h>
#include <brio/task.h>

#include <errno.h>

static brio_bus *bus;

typedef struct Visit {
    brio_str room;
    brio_str *name;
} Visit;
BRIO_MODEL(Visit, BRIO_PATH(room), BRIO_QUERY(name));

/* "to NAME TEXT", "all TEXT", "leave", "who", or text for the room. */
static int command(brio_websocket *ws, const Visit *in, brio_str text)
{
    brio_str_pair word = brio_str_cut(text, ' ');
    if (brio_str_eq(word.head, BRIO_S("to"))) {
        brio_str_pair pair = brio_str_cut(word.tail, ' ');
        return brio_bus_to(bus, pair.head, pair.tail);
    }
    if (brio_str_eq(word.head, BRIO_S("all")))
        return brio_bus_broadcast(bus, word.tail);
    if (brio_str_eq(word.head, BRIO_S("others")))
        return brio_bus_send(bus,
                             &(brio_bus_post){.topic = in->room, .data = word.tail, .except = ws});
    if (brio_str_eq(text, BRIO_S("leave"))) {
        brio_bus_leave(bus, ws, in->room);
        return 0;
    }
    if (!brio_str_eq(text, BRIO_S("who")))
        return brio_bus_publish(bus, in->room, text);
    brio_str_list names = brio_bus_present(bus, brio_ws_arena(ws), in->room);
    brio_json list = BRIO_JSON_OF(brio_ws_arena(ws), names);
    return brio_ws_send_json(ws, &list);
}

static int chat(brio_request *req, const Visit *in, brio_websocket *ws)
{
    (void)req;
    brio_str text;
    int rc = brio_bus_connect(bus, ws, in->name ? *in->name : BRIO_S(""));
    if (rc >= 0)
        rc = brio_bus_join(bus, ws, in->room);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0)
        rc = command(ws, in, text);
    return rc;
}

static int follow(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)req, (void)in;
    brio_str text;
    int rc = brio_ws_accept(ws, NULL);
    if (rc >= 0)
        rc = brio_bus_follow(bus, ws, BRIO_S("+/news/#"));
    if (rc >= 0)
        rc = brio_bus_join(bus, ws, BRIO_S("a/news"));
    while (rc >= 0)
        rc = brio_ws_receive_text(ws, &text);
    return rc;
}

/* One topic more with each message; "?" asks how many. */
static int greedy(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)req, (void)in;
    brio_str text;
    int n = 0, rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0) {
        int joined = brio_bus_join(bus, ws, brio_printf(brio_ws_arena(ws), "t/%d", n));
        CHECK(joined == 0 || joined == BRIO_ELIMIT);
        n += joined == 0;
        if (brio_str_eq(text, BRIO_S("?")))
            rc = brio_ws_sendf(ws, "%d", n);
    }
    return rc;
}

static int feed(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    return brio_bus_events(bus, req, BRIO_S("feed/#"));
}

static int publish(brio_request *req, const Visit *in, brio_none *out)
{
    (void)req, (void)out;
    return brio_bus_publish(bus, in->room, in->name ? *in->name : BRIO_S(""));
}

/* Each worker tells its own sockets who came and went. */
static void tell(const brio_bus_message *m, void *arg)
{
    (void)arg;
    char text[300];
    brio_buf out = brio_buf_over(text, sizeof text);
    brio_buf_printf(&out, "%.*s %s", BRIO_ARG(m->data),
                    m->kind == BRIO_BUS_JOINED ? "joined" : "left the chat");
    CHECK_OK(brio_bus_send(
        bus, &(brio_bus_post){.topic = m->topic, .data = brio_buf_str(&out), .here = true}));
}

static brio_app *app;
static brio_test_client *client;

static void open_all(void)
{
    app = brio_app_new(NULL);
    bus = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET(app, "/chat/{room}", chat, Visit);
    BRIO_WEBSOCKET(app, "/follow", follow, brio_none);
    BRIO_WEBSOCKET(app, "/greedy", greedy, brio_none);
    BRIO_GET(app, "/feed", feed, brio_none, brio_none, .response = BRIO_SSE);
    BRIO_POST(app, "/publish/{room:path}", publish, Visit, brio_none);
    BRIO_POST(app, "/slowly/{room:path}", publish, Visit, brio_none, .run = BRIO_BLOCKING);
    CHECK_OK(brio_test_client_open(&client, app));
}

static void close_all(void)
{
    CHECK_OK(brio_test_client_close(client));
    brio_app_free(app);
}

static brio_test_socket *visit(const char *url)
{
    brio_test_socket *s;
    CHECK_OK(brio_test_socket_open(client, url, NULL, &s, NULL));
    return s;
}

static void post_to(const char *url)
{
    brio_test_response answer;
    brio_test_request request = {.method = "POST", .url = url};
    CHECK_OK(brio_test_client_send(client, &request, &answer));
    CHECK_INT(answer.status, 200);
}

static void say(brio_test_socket *s, const char *text)
{
    brio_test_socket_send_text(s, brio_str_from(text));
}

#define CHECK_HEARS(s, want)                                                                       \
    do {                                                                                           \
        brio_ws_message hears;                                                                     \
        CHECK_OK(brio_test_socket_receive(s, &hears, NULL));                                       \
        CHECK_STR(hears.data, want);                                                               \
    } while (0)
#define CHECK_SILENCE(s)                                                                           \
    do {                                                                                           \
        brio_ws_message hears;                                                                     \
        CHECK_INT(brio_test_socket_receive(s, &hears, NULL), BRIO_EDEADLOCK);                      \
    } while (0)

TEST(rooms_names_and_personal_messages)
{
    open_all();
    brio_test_socket *ada = visit("/chat/red?name=ada"), *bob = visit("/chat/red?name=bob");
    brio_test_socket *eve = visit("/chat/blue");
    say(ada, "hello");
    CHECK_HEARS(ada, "hello");
    CHECK_HEARS(bob, "hello");
    say(bob, "others psst");
    CHECK_HEARS(ada, "psst");
    say(eve, "to ada a secret");
    CHECK_HEARS(ada, "a secret");
    say(eve, "all listen");
    CHECK_HEARS(ada, "listen");
    CHECK_HEARS(bob, "listen");
    CHECK_HEARS(eve, "listen");
    say(bob, "who");
    CHECK_HEARS(bob, "[\"ada\",\"bob\"]");
    say(eve, "who");
    CHECK_HEARS(eve, "[]");
    CHECK_SILENCE(ada);
    CHECK_SILENCE(bob);
    CHECK_INT(brio_bus_stats_get(bus).sockets, 3);
    close_all();
}

TEST(who_closes_leaves_everything)
{
    open_all();
    CHECK(brio_bus_watch(bus, BRIO_S("+"), tell, NULL));
    brio_test_socket *ada = visit("/chat/red?name=ada"), *again = visit("/chat/red?name=ada");
    brio_test_socket *bob = visit("/chat/red?name=bob");
    CHECK_HEARS(ada, "ada joined");
    CHECK_HEARS(again, "bob joined");
    CHECK_HEARS(ada, "bob joined");
    CHECK_HEARS(bob, "bob joined");
    brio_test_socket_close(ada, 1000);
    CHECK_SILENCE(bob); /* she has another connection */
    brio_test_socket_close(again, 0);
    CHECK_HEARS(bob, "ada left the chat");
    say(bob, "leave");
    say(bob, "nobody hears it");
    CHECK_SILENCE(bob);
    CHECK_INT(brio_bus_stats_get(bus).sockets, 1);
    CHECK_INT(brio_bus_stats_get(bus).members, 1); /* in the list of all */
    close_all();
}

TEST(filters_of_sockets)
{
    open_all();
    brio_test_socket *s = visit("/follow");
    post_to("/publish/a%2Fnews?name=1");
    post_to("/publish/b%2Fnews%2Fx?name=2");
    post_to("/publish/b%2Fold?name=3");
    CHECK_HEARS(s, "1"); /* once, though two filters fit */
    CHECK_HEARS(s, "2");
    CHECK_SILENCE(s);
    close_all();
}

TEST(what_clients_may_not_name)
{
    open_all();
    brio_test_socket *s;
    brio_ws_message m;
    int code;
    CHECK_OK(brio_test_socket_open(client, "/chat/%24all", NULL, &s, NULL));
    CHECK_INT(brio_test_socket_receive(s, &m, &code), BRIO_ECLOSED);
    CHECK_INT(code, 1011);
    CHECK_OK(brio_test_socket_open(client, "/chat/%23", NULL, &s, NULL));
    CHECK_INT(brio_test_socket_receive(s, &m, &code), BRIO_ECLOSED);
    CHECK_INT(brio_bus_stats_get(bus).sockets, 0);
    CHECK_INT(brio_bus_stats_get(bus).subscriptions, 0);
    close_all();
}

TEST(a_client_follows_so_many_topics_at_most)
{
    open_all();
    brio_test_socket *s = visit("/greedy");
    for (int i = 0; i < 300; i++)
        say(s, "x");
    say(s, "?");
    CHECK_HEARS(s, "256");
    CHECK_INT(brio_bus_stats_get(bus).subscriptions, 256);
    close_all();
}

TEST(from_a_thread)
{
    open_all();
    brio_test_socket *s = visit("/chat/red");
    post_to("/slowly/red?name=hi");
    CHECK_HEARS(s, "hi");
    close_all();
}

TEST(a_topic_as_an_event_stream)
{
    open_all();
    brio_test_stream *stream;
    brio_test_event event;
    CHECK_OK(brio_test_stream_open(client, &(brio_test_request){.url = "/feed"}, &stream, NULL));
    post_to("/publish/feed%2Fx?name=one");
    post_to("/publish/feed?name=two%0Alines");
    CHECK_OK(brio_test_sse_next(stream, &event));
    CHECK_STR(event.data, "one");
    CHECK_OK(brio_test_sse_next(stream, &event));
    CHECK_STR(event.data, "two\nlines");
    close_all();
    /* the bus had closed before the app was freed: nothing is left open */
}
