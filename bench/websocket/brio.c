/* SPDX-License-Identifier: MIT
 *
 * brio's side of the WebSocket benchmark: echo in both styles, a broadcast to all
 * sockets of /broadcast, and one by the bus to those of /bus in all workers. */
#include <brio/brio.h>

#include <stdlib.h>

/* ---- Echo ------------------------------------------------------------------ */

static int echo(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_ws_message msg;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        rc = msg.binary ? brio_ws_send_bytes(ws, msg.data) : brio_ws_send_text(ws, msg.data);
    return rc;
}

static int came(brio_websocket *ws, brio_none *state, const brio_ws_message *msg)
{
    (void)state;
    return msg->binary ? brio_ws_send_bytes(ws, msg->data) : brio_ws_send_text(ws, msg->data);
}

/* ---- Broadcast --------------------------------------------------------------- */

typedef struct Listener {
    brio_ws_hook hook;
    brio_ws_ref ref;
    size_t at;
} Listener;

static Listener **listeners;
static size_t n_listeners, cap_listeners;

static void gone(brio_ws_hook *hook)
{
    Listener *l = BRIO_CONTAINER(hook, Listener, hook);
    listeners[l->at] = listeners[--n_listeners];
    listeners[l->at]->at = l->at;
}

static int join(brio_request *req, const brio_none *in, brio_websocket *ws, Listener *l)
{
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    if (rc < 0)
        return rc;
    if (n_listeners == cap_listeners) {
        cap_listeners = cap_listeners ? cap_listeners * 2 : 1024;
        listeners = realloc(listeners, cap_listeners * sizeof *listeners);
    }
    *l = (Listener){.hook.fn = gone, .ref = brio_ws_ref_of(ws), .at = n_listeners};
    listeners[n_listeners++] = l;
    return brio_ws_hook_add(l->ref, &l->hook);
}

static int tell_all(brio_websocket *ws, Listener *l, const brio_ws_message *msg)
{
    (void)ws, (void)l;
    brio_ws_frame *frame =
        msg->binary ? brio_ws_frame_bytes(msg->data) : brio_ws_frame_text(msg->data);
    for (size_t i = 0; i < n_listeners; i++)
        (void)!brio_ws_post(listeners[i]->ref, frame);
    brio_ws_frame_release(frame);
    return 0;
}

/* ---- The same by the bus ------------------------------------------------------ */

static brio_bus *bus;

static int follow(brio_request *req, const brio_none *in, brio_websocket *ws, brio_none *state)
{
    (void)req, (void)in, (void)state;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : brio_bus_follow(bus, ws, BRIO_S("all"));
}

static int publish(brio_websocket *ws, brio_none *state, const brio_ws_message *msg)
{
    (void)ws, (void)state;
    return brio_bus_publish(bus, BRIO_S("all"), msg->data);
}

int main(int argc, char **argv)
{
    brio_app *app = brio_app_new(NULL);
    bus = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET(app, "/coroutine", echo, brio_none);
    BRIO_WEBSOCKET_EVENTS(app, "/events", brio_none, brio_none, brio_ws_message, (.message = came));
    BRIO_WEBSOCKET_EVENTS(app, "/broadcast", brio_none, Listener, brio_ws_message,
                          (.open = join, .message = tell_all));
    BRIO_WEBSOCKET_EVENTS(app, "/bus", brio_none, brio_none, brio_ws_message,
                          (.open = follow, .message = publish));
    return brio_main(app, argc, argv);
}
