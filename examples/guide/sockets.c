/* SPDX-License-Identifier: MIT
 *
 * WebSockets: one that answers everybody, and the connection manager. */
#include "guide.h"

static brio_bus *manager;

static int broadcast(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_str data;
    (void)req, (void)in;
    int rc = brio_bus_connect(manager, ws, BRIO_S(""));
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &data)) >= 0)
        rc = brio_bus_broadcast(manager,
                                brio_printf(brio_ws_arena(ws), "Message: %.*s", BRIO_ARG(data)));
    return rc;
}

typedef struct Client {
    int64_t client_id;
} Client;
BRIO_MODEL(Client, BRIO_PATH(client_id));

/* Simulates a call of something slow. */
static int process_message(brio_websocket *ws, brio_str message, brio_str *out)
{
    *out = brio_printf(brio_ws_arena(ws), "Processed: %.*s", BRIO_ARG(message));
    return brio_sleep(BRIO_MS(100));
}

static int say(const Client *in, brio_arena *arena, const char *between, brio_str text)
{
    return brio_bus_broadcast(
        manager,
        brio_printf(arena, "Client %lld%s%.*s", (long long)in->client_id, between, BRIO_ARG(text)));
}

static int websocket_endpoint(brio_request *req, const Client *in, brio_websocket *ws)
{
    brio_str data;
    int rc = brio_bus_connect(manager, ws, BRIO_S(""));
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &data)) >= 0) {
        rc = process_message(ws, data, &data);
        rc = rc < 0 ? rc : say(in, brio_ws_arena(ws), ": ", data);
    }
    brio_bus_disconnect(manager, ws);
    return rc == BRIO_ECLOSED ? say(in, brio_request_arena(req), " left the chat", BRIO_S("")) : rc;
}

void guide_add_sockets(brio_app *app)
{
    manager = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET(app, "/ws", broadcast, brio_none);
    BRIO_WEBSOCKET(app, "/ws/{client_id}", websocket_endpoint, Client);
}
