/* SPDX-License-Identifier: MIT
 *
 * A WebSocket: a handler that receives and sends until the client goes. */
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
    "        <form action=\"\" onsubmit=\"sendMessage(event)\">\n"
    "            <input type=\"text\" id=\"messageText\" autocomplete=\"off\"/>\n"
    "            <button>Send</button>\n"
    "        </form>\n"
    "        <ul id='messages'>\n"
    "        </ul>\n"
    "        <script>\n"
    "            var ws = new WebSocket(\"ws://localhost:8000/ws\");\n"
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

static int websocket_endpoint(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_str data;
    int rc = brio_ws_accept(ws, NULL);
    while (rc == 0 && (rc = brio_ws_receive_text(ws, &data)) == 0)
        rc = brio_ws_sendf(ws, "Message text was: %.*s", BRIO_ARG(data));
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", get, brio_none, brio_response);
    BRIO_WEBSOCKET(app, "/ws", websocket_endpoint, brio_none);
}
