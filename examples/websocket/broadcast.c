/* SPDX-License-Identifier: MIT
 *
 * Broadcast: everybody hears everybody, and who goes is missed. The connection
 * manager of FastAPI's docs: connect, disconnect, send_personal_message, broadcast. */
#include <brio/brio.h>

static brio_bus *manager;

typedef struct Client {
    int64_t client_id;
} Client;
BRIO_MODEL(Client, BRIO_PATH(client_id));

static int say(brio_websocket *ws, const Client *in, const char *what, brio_str text)
{
    return brio_bus_broadcast(manager, brio_printf(brio_ws_arena(ws), "Client #%lld %s%.*s",
                                                   (long long)in->client_id, what, BRIO_ARG(text)));
}

static int endpoint(brio_request *req, const Client *in, brio_websocket *ws)
{
    brio_str data;
    (void)req;
    int rc = brio_bus_connect(manager, ws, BRIO_S(""));
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &data)) >= 0) {
        brio_str answer = brio_printf(brio_ws_arena(ws), "You wrote: %.*s", BRIO_ARG(data));
        rc = brio_bus_send_personal(manager, ws, answer);
        rc = rc < 0 ? rc : say(ws, in, "says: ", data);
    }
    brio_bus_disconnect(manager, ws);
    return rc == BRIO_ECLOSED ? say(ws, in, "left the chat", BRIO_S("")) : rc;
}

BRIO_MAIN(.title = "Broadcast")
{
    manager = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET(app, "/ws/{client_id}", endpoint, Client);
}
