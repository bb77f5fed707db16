/* SPDX-License-Identifier: MIT
 *
 * WebSockets over real sockets: what a connection holds while its handler is
 * elsewhere reaches it, to the last message; and how long a client may take to
 * answer a close. */
#include "server/routes.h"

#include <brio/ws.h>

static int late(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    report("accepted");
    if (rc == 0)
        rc = pass_gate();
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        report("%.*s", BRIO_ARG(msg.data));
    return rc;
}

static int brief(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)req, (void)in;
    return brio_ws_accept(ws, NULL);
}

/* Keeps the message, and does not mind being cancelled. */
static int keeps(brio_websocket *ws, brio_none *state, const brio_ws_message *msg)
{
    (void)ws, (void)state;
    report("%.*s", BRIO_ARG(msg->data));
    int rc;
    while ((rc = pass_gate()) == -ECANCELED)
        ;
    report("gate %d", rc);
    return 0;
}

typedef struct Named {
    brio_str name;
} Named;
BRIO_MODEL(Named, BRIO_PATH(name));

static int named(brio_request *req, const Named *in, brio_websocket *ws)
{
    brio_ws_message msg;
    (void)req;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        report("%.*s", BRIO_ARG(in->name));
    return rc;
}

static void line_routes(brio_app *app)
{
    BRIO_WEBSOCKET(app, "/named/{name}", named, Named);
    BRIO_WEBSOCKET(app, "/cut", brief, brio_none, .ws.close_timeout = BRIO_MS(100));
    BRIO_WEBSOCKET_EVENTS(app, "/cut-event", brio_none, brio_none, brio_ws_message, (.open = NULL),
                          .ws.close_timeout = BRIO_MS(100));
    BRIO_WEBSOCKET_EVENTS(app, "/keeps", brio_none, brio_none, brio_ws_message, (.message = keeps));
    BRIO_WEBSOCKET(app, "/wait", brief, brio_none, .ws.close_timeout = BRIO_NEVER);
    BRIO_WEBSOCKET(app, "/late", late, brio_none, .ws.max_queue = 1,
                   .ws.ping_interval = BRIO_NEVER);
}

/* Messages of a client whose mask is zero, in one packet. */
static void say_messages(client *c, const char *const *texts, size_t n)
{
    char bytes[256];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        size_t size = strlen(texts[i]);
        const char head[6] = {(char)0x81, (char)(0x80 | size)};
        memcpy(bytes + len, head, sizeof head);
        memcpy(bytes + len + sizeof head, texts[i], size);
        len += sizeof head + size;
    }
    CHECK_INT(send(c->fd, bytes, len, MSG_NOSIGNAL), len);
}

/* The chunk that the request came in is used for what follows it. */
ON_BOTH(a_handler_keeps_what_it_was_asked)
{
    static const char *const texts[] = {"messages that are as long as the head of the request"};
    rig r = rig_start(&(rig_options){.server = {.backend = backend}, .prepare = line_routes});
    client *c = dial_websocket(&r, "/named/somebody");
    for (int i = 0; i < 4; i++) {
        say_messages(c, texts, 1);
        expect_event(&r, "somebody");
    }
    hang_up(c);
    rig_stop(&r);
}

static void reset(client *c)
{
    const struct linger hard = {.l_onoff = 1};
    CHECK_INT(setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    hang_up(c);
}

/* What it sent is read, and the 101 cannot be written any more. Nobody is to blame. */
ON_BOTH(a_client_that_is_gone_before_its_answer)
{
    static const char *const paths[] = {"/named/x", "/cut-event", "/hello"};
    rig r = rig_start(
        &(rig_options){.server = {.backend = backend}, .prepare = line_routes, .log = true});
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CHECK_INT(kill(r.pid, SIGSTOP), 0);
        client *c = dial(&r);
        say_websocket(c, paths[i]);
        reset(c);
        CHECK_INT(kill(r.pid, SIGCONT), 0);
    }
    hang_up(dial_websocket(&r, "/named/x"));
    kill(r.pid, SIGTERM);
    for (const char *line; !strstr(line = next_line(r.log), "Finished server process");)
        CHECK(!strstr(line, "ERROR"));
    CHECK_INT(rig_wait(&r), 0);
}

/* The first message is read ahead, the second waits in its chunk, and the others in
 * chunks behind it. */
ON_BOTH(what_was_held_is_received)
{
    static const char *const texts[] = {"one", "two", "three", "four", "five"};
    rig r = rig_start(&(rig_options){.server = {.backend = backend}, .prepare = line_routes});
    client *c = dial_websocket(&r, "/late");
    expect_event(&r, "accepted");
    say_messages(c, texts, 2);
    for (size_t i = 2; i < 5; i++) {
        usleep(20000); /* so that it comes in a chunk of its own; nothing is asserted of it */
        say_messages(c, &texts[i], 1);
    }
    usleep(20000);
    open_gate(&r);
    for (size_t i = 0; i < 5; i++)
        expect_event(&r, texts[i]);
    hang_up(c);
    rig_stop(&r);
}

/* ---- A client that does not answer a close ------------------------------------------ */

/* The server's close frame and the end of its side. */
static void read_to_end(client *c)
{
    while (!at_end(c))
        consume(c, c->len);
}

/* True if bytes that are sent now reach nobody any more. */
static bool is_cut(client *c)
{
    return send(c->fd, "x", 1, MSG_NOSIGNAL) < 0;
}

static void until_cut(client *c)
{
    while (!is_cut(c))
        usleep(1000);
    hang_up(c);
}

ON_BOTH(a_close_that_is_not_answered)
{
    static const char close_frame[] = {(char)0x88, (char)0x80, 0, 0, 0, 0};
    rig r = rig_start(&(rig_options){.server = {.backend = backend}, .prepare = line_routes});
    client *patient = dial_websocket(&r, "/wait"), *c = dial_websocket(&r, "/cut");
    read_to_end(patient);
    read_to_end(c);
    until_cut(c);
    c = dial_websocket(&r, "/cut-event"); /* here the client closes, and does not end its side */
    CHECK_INT(send(c->fd, close_frame, sizeof close_frame, MSG_NOSIGNAL), sizeof close_frame);
    read_to_end(c);
    until_cut(c);
    CHECK(!is_cut(patient));
    hang_up(patient);
    rig_stop(&r);
}

/* As long as it likes, but not when the server stops. */
ON_BOTH(a_stop_does_not_wait_for_an_answer_to_a_close)
{
    rig r = rig_start(&(rig_options){.server = {.backend = backend, .grace = BRIO_SEC(3600)},
                                     .prepare = line_routes});
    client *before = dial_websocket(&r, "/wait");
    read_to_end(before);
    rig_stop(&r);
    until_cut(before);
}

/* Its bytes are with the handler: the server waits for it no longer than for others. */
ON_BOTH(a_handler_that_does_not_let_go)
{
    static const char *const texts[] = {"in"};
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .grace = BRIO_MS(1)}, .prepare = line_routes, .log = true});
    client *c = dial_websocket(&r, "/keeps");
    say_messages(c, texts, 1);
    expect_event(&r, "in");
    kill(r.pid, SIGTERM);
    (void)find_line(r.log, "1 handler(s) of WebSockets could not be cancelled");
    (void)find_line(r.log, "Finished server process");
    open_gate(&r); /* or it would be abandoned, with all that it has */
    expect_event(&r, "gate 0");
    CHECK_INT(rig_wait(&r), 0);
    hang_up(c);
}
