/* SPDX-License-Identifier: MIT
 *
 * Echo: what a client says comes back.
 *
 *     ./dev run websocket/echo        then, in a browser's console:
 *     ws = new WebSocket("ws://127.0.0.1:8000/ws"); ws.onmessage = m => console.log(m.data) */
#include <brio/brio.h>

static int echo(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    brio_str data;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &data)) >= 0)
        rc = brio_ws_sendf(ws, "Echo: %.*s", BRIO_ARG(data));
    return rc;
}

BRIO_MAIN(.title = "Echo")
{
    BRIO_WEBSOCKET(app, "/ws", echo, brio_none);
}
