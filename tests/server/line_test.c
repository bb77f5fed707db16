/* SPDX-License-Identifier: MIT
 *
 * WebSockets over real sockets: what a connection holds while its handler is
 * elsewhere reaches it, to the last message. */
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

static void line_routes(brio_app *app)
{
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

/* The first message is read ahead, the second waits in its chunk, and the others in
 * chunks behind it. */
ON_BOTH(what_was_held_is_received)
{
    static const char *const texts[] = {"one", "two", "three", "four", "five"};
    rig r = rig_start(&(rig_options){.server = {.backend = backend}, .prepare = line_routes});
    client *c = dial(&r);
    answer a;
    say(c, "GET /late HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    (void)read_head(c, &a);
    CHECK_INT(a.status, 101);
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
