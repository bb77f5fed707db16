/* SPDX-License-Identifier: MIT
 *
 * A second signal while a server that stops lets its handlers finish: SIGINT ends the
 * grace, SIGTERM does not. Asked of handlers of HTTP/1.1 and HTTP/2, and of WebSockets in
 * both styles over both, which are all told and all gone before the shutdown hooks. */
#include "h2_client.h"

#include <brio/ws.h>

enum { HANDLERS = 6 };

/* Goes on when it is told that the server stops. */
static int wait_at_gate(void)
{
    report("started");
    int rc = pass_gate();
    report("gate %d", rc);
    return rc;
}

static int talk(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : wait_at_gate();
}

static int said(brio_websocket *ws, brio_none *state, const brio_ws_message *message)
{
    (void)ws, (void)state, (void)message;
    return wait_at_gate();
}

static int say_goodbye(brio_app *app, void *state)
{
    (void)app, (void)state;
    report("shutdown");
    return 0;
}

static void prepare(brio_app *app)
{
    routes(app);
    BRIO_WEBSOCKET(app, "/talk", talk, brio_none);
    BRIO_WEBSOCKET_EVENTS(app, "/events", brio_none, brio_none, brio_ws_message, (.message = said));
    brio_app_on_shutdown(app, say_goodbye);
}

typedef struct bed {
    rig r;
    client *old, *socket, *events; /* connections of HTTP/1.1 */
    h2_client *h2;
    int32_t stream, h2_socket, h2_events;
} bed;

/* An empty message whose mask is zero. */
static const char message[] = {(char)0x81, (char)0x80, 0, 0, 0, 0};

/* Six handlers at the gate, and a server that was told to stop. */
static bed start(brio_backend backend)
{
    bed b = {.r = rig_start(&(rig_options){.server = {.backend = backend, .grace = BRIO_SEC(3600)},
                                           .prepare = prepare})};
    b.old = dial(&b.r);
    get(b.old, "/gated");
    b.socket = dial_websocket(&b.r, "/talk");
    b.events = dial_websocket(&b.r, "/events");
    CHECK_INT(send(b.events->fd, message, sizeof message, MSG_NOSIGNAL), sizeof message);
    b.h2 = h2_dial(&b.r);
    b.stream = h2_get(b.h2, "/gated");
    b.h2_socket = h2_ask_for_socket(b.h2, "/talk");
    b.h2_events = h2_ask_for_socket(b.h2, "/events");
    h2_ping(b.h2);
    h2_more(b.h2, b.h2_events, (brio_str){message, sizeof message}, true);
    for (int i = 0; i < HANDLERS; i++)
        expect_event(&b.r, "started");
    CHECK(kill(b.r.pid, SIGTERM) == 0);
    while (b.h2->goaway < 0)
        h2_turn(b.h2);
    return b;
}

static void end(bed *b)
{
    hang_up(b->old), hang_up(b->socket), hang_up(b->events);
    h2_hang_up(b->h2);
    expect_event(&b->r, "shutdown");
    CHECK_INT(rig_wait(&b->r), 0);
}

/* All that is left of what was said, to the end. */
static void read_to_end(client *c)
{
    int err;
    while (receive_more(c, &err))
        ;
}

ON_BOTH(a_second_sigterm_cuts_nobody_off)
{
    bed b = start(backend);
    CHECK(kill(b.r.pid, SIGTERM) == 0);
    h2_ping(b.h2);
    h2_ping(b.h2); /* it has been heard by now */
    CHECK(!b.h2->over);
    for (int i = 0; i < HANDLERS; i++)
        open_gate(&b.r);
    for (int i = 0; i < HANDLERS; i++)
        expect_event(&b.r, "gate 0");
    expect_answer(b.old, 200, "passed");
    h2_expect(b.h2, b.stream, 200, "passed");
    h2_more(b.h2, b.h2_socket, (brio_str){0}, false); /* as one who has read the close frame */
    h2_more(b.h2, b.h2_events, (brio_str){0}, false);
    h2_until_over(b.h2);
    CHECK_INT(b.h2->goaway, 0);
    CHECK(h2_at(b.h2, b.h2_socket)->ended && h2_at(b.h2, b.h2_events)->ended);
    read_to_end(b.socket), read_to_end(b.events);
    CHECK(memmem(b.socket->buf, b.socket->len, "\x88", 1)); /* a close frame */
    CHECK(memmem(b.events->buf, b.events->len, "\x88", 1));
    end(&b);
}

ON_BOTH(a_sigint_behind_a_sigterm_cancels_all)
{
    bed b = start(backend);
    CHECK(kill(b.r.pid, SIGINT) == 0);
    for (int i = 0; i < HANDLERS; i++)
        expect_event(&b.r, "gate -125");
    h2_until_over(b.h2);
    read_to_end(b.old), read_to_end(b.socket), read_to_end(b.events);
    CHECK_INT(b.old->len, 0); /* no half of an answer */
    end(&b);
}
