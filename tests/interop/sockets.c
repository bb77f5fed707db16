/* SPDX-License-Identifier: MIT
 *
 * WebSockets for strangers: echoes, for Autobahn|Testsuite and for clients in
 * other languages.
 *
 *     /          coroutine style, up to 64 MiB
 *     /events    the same in event style
 *     /takeover  windows are kept
 *     /pieces    each message back in the pieces it came in
 *     /chat      speaks the subprotocol "chat"
 *     /quick     pings after a second of silence, and waits one for the answer
 *     /small     1,000 bytes and 20 messages a second at most */
#include <brio/brio.h>

static int echo(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, brio_ws_offers(ws, "chat") ? "chat" : NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        rc = msg.binary ? brio_ws_send_bytes(ws, msg.data) : brio_ws_send_text(ws, msg.data);
    return rc;
}

typedef struct Nothing {
    char none;
} Nothing;

static int back(brio_websocket *ws, Nothing *state, const brio_ws_message *msg)
{
    (void)state;
    return msg->binary ? brio_ws_send_bytes(ws, msg->data) : brio_ws_send_text(ws, msg->data);
}

int main(int argc, char **argv)
{
    brio_app *app = brio_app_new(&(brio_app_options){.ws.message_bytes = 64 << 20});
    BRIO_WEBSOCKET(app, "/", echo, brio_none);
    BRIO_WEBSOCKET_EVENTS(app, "/events", brio_none, Nothing, brio_ws_message, (.message = back),
                          .queue.bytes = 64 << 20);
    BRIO_WEBSOCKET(app, "/takeover", echo, brio_none, .ws.compress_min = 1,
                   .ws.compression = BRIO_WS_COMPRESS_TAKEOVER);
    BRIO_WEBSOCKET(app, "/chat", echo, brio_none);
    BRIO_WEBSOCKET(app, "/quick", echo, brio_none, .ws.ping_interval = BRIO_SEC(1),
                   .ws.ping_timeout = BRIO_SEC(1));
    BRIO_WEBSOCKET(app, "/small", echo, brio_none, .ws.message_bytes = 1000, .ws.rate = 20);
    return brio_main(app, argc, argv);
}
