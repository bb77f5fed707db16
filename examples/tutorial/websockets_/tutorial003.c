/* SPDX-License-Identifier: MIT
 *
 * Everybody hears what everybody says: one frame, posted to all. */
#include <brio/brio.h>

static const char html[] =
    "\n"
    "<!DOCTYPE html>\n"
    "<html>\n"
    "    <head>\n"
    "        <title>Chat</title>\n"
    "    </head>\n"
    "    <body>\n"
    "        <h1>WebSocket Chat</h1>\n"
    "        <h2>Your ID: <span id=\"ws-id\"></span></h2>\n"
    "        <form action=\"\" onsubmit=\"sendMessage(event)\">\n"
    "            <input type=\"text\" id=\"messageText\" autocomplete=\"off\"/>\n"
    "            <button>Send</button>\n"
    "        </form>\n"
    "        <ul id='messages'>\n"
    "        </ul>\n"
    "        <script>\n"
    "            var client_id = Date.now()\n"
    "            document.querySelector(\"#ws-id\").textContent = client_id;\n"
    "            var ws = new WebSocket(`ws://localhost:8000/ws/${client_id}`);\n"
    "            ws.onmessage = function(event) {\n"
    "                var messages = document.getElementById('messages')\n"
    "                var message = document.createElement('li')\n"
    "                var content = document.createTextNode(event.data)\n"
    "                message.appendChild(content)\n"
    "                messages.appendChild(message)\n"
    "            };\n"
    "            function sendMessage(event) {\n"
    "                var input = document.getElementById(\"messageText\")\n"
    "                ws.send(input.value)\n"
    "                input.value = ''\n"
    "                event.preventDefault()\n"
    "            }\n"
    "        </script>\n"
    "    </body>\n"
    "</html>\n";

static int get(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_html(req, 200, brio_str_from(html));
}

enum { CONNECTIONS_MAX = 1000 };
static brio_ws_ref active_connections[CONNECTIONS_MAX];
static size_t n_connections;

/* Whoever is gone is forgotten on the way. */
static void broadcast(brio_ws_frame *frame)
{
    size_t n = 0;
    for (size_t i = 0; frame && i < n_connections; i++)
        if (brio_ws_post(active_connections[i], frame) != BRIO_ECLOSED)
            active_connections[n++] = active_connections[i];
    n_connections = frame ? n : n_connections;
    brio_ws_frame_release(frame);
}

typedef struct Client {
    int64_t client_id;
} Client;
BRIO_MODEL(Client, BRIO_PATH(client_id));

static int websocket_endpoint(brio_request *req, const Client *in, brio_websocket *ws)
{
    brio_str data;
    long long id = in->client_id;
    if (n_connections == CONNECTIONS_MAX)
        return brio_ws_fail(req, 1013, NULL);
    int rc = brio_ws_accept(ws, NULL);
    if (rc < 0)
        return rc;
    active_connections[n_connections++] = brio_ws_ref_of(ws);
    while (rc == 0 && (rc = brio_ws_receive_text(ws, &data)) == 0) {
        rc = brio_ws_sendf(ws, "You wrote: %.*s", BRIO_ARG(data));
        broadcast(brio_ws_framef("Client #%lld says: %.*s", id, BRIO_ARG(data)));
    }
    broadcast(brio_ws_framef("Client #%lld left the chat", id));
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", get, brio_none, brio_response);
    BRIO_WEBSOCKET(app, "/ws/{client_id}", websocket_endpoint, Client);
}
