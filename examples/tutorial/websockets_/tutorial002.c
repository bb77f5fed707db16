/* SPDX-License-Identifier: MIT
 *
 * Parameters and dependencies of a WebSocket are those of any route. */
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
    "            <label>Item ID: <input type=\"text\" id=\"itemId\" autocomplete=\"off\" "
    "value=\"foo\"/></label>\n"
    "            <label>Token: <input type=\"text\" id=\"token\" autocomplete=\"off\" "
    "value=\"some-key-token\"/></label>\n"
    "            <button onclick=\"connect(event)\">Connect</button>\n"
    "            <hr>\n"
    "            <label>Message: <input type=\"text\" id=\"messageText\" "
    "autocomplete=\"off\"/></label>\n"
    "            <button>Send</button>\n"
    "        </form>\n"
    "        <ul id='messages'>\n"
    "        </ul>\n"
    "        <script>\n"
    "        var ws = null;\n"
    "            function connect(event) {\n"
    "                var itemId = document.getElementById(\"itemId\")\n"
    "                var token = document.getElementById(\"token\")\n"
    "                ws = new WebSocket(\"ws://localhost:8000/items/\" + itemId.value + "
    "\"/ws?token=\" + token.value);\n"
    "                ws.onmessage = function(event) {\n"
    "                    var messages = document.getElementById('messages')\n"
    "                    var message = document.createElement('li')\n"
    "                    var content = document.createTextNode(event.data)\n"
    "                    message.appendChild(content)\n"
    "                    messages.appendChild(message)\n"
    "                };\n"
    "                event.preventDefault()\n"
    "            }\n"
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

typedef struct CookieOrToken {
    brio_str *session, *token;
} CookieOrToken;
BRIO_MODEL(CookieOrToken, BRIO_COOKIE(session), BRIO_QUERY(token));

static int get_cookie_or_token(brio_request *req, const CookieOrToken *in, brio_str *out)
{
    if (!in->session && !in->token)
        return brio_ws_fail(req, 1008, NULL);
    *out = in->session ? *in->session : *in->token;
    return 0;
}
BRIO_PROVIDER(get_cookie_or_token, CookieOrToken, brio_str);

typedef struct ItemSocket {
    brio_str item_id;
    int64_t *q;
    brio_str cookie_or_token;
} ItemSocket;
BRIO_MODEL(ItemSocket, BRIO_PATH(item_id), BRIO_QUERY(q),
           BRIO_DEPENDS(cookie_or_token, get_cookie_or_token));

static int websocket_endpoint(brio_request *req, const ItemSocket *in, brio_websocket *ws)
{
    brio_str data;
    int rc = brio_ws_accept(ws, NULL);
    while (rc == 0 && (rc = brio_ws_receive_text(ws, &data)) == 0) {
        rc = brio_ws_sendf(ws, "Session cookie or query token value is: %.*s",
                           BRIO_ARG(in->cookie_or_token));
        if (rc == 0 && in->q)
            rc = brio_ws_sendf(ws, "Query parameter q is: %lld", (long long)*in->q);
        if (rc == 0)
            rc = brio_ws_sendf(ws, "Message text was: %.*s, for item ID: %.*s", BRIO_ARG(data),
                               BRIO_ARG(in->item_id));
    }
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", get, brio_none, brio_response);
    BRIO_WEBSOCKET(app, "/items/{item_id}/ws", websocket_endpoint, ItemSocket);
}
