/* SPDX-License-Identifier: MIT
 *
 * A server for protocol testers: a few plain routes to point a conformance
 * suite, a fuzzer or a raw socket at.
 *
 *     ./dev run probe --port 9000            (--tls: HTTPS and HTTP/2)
 *
 *     GET, HEAD /        a short text          POST /, /echo   the same body back
 *     /only-get          GET, HEAD, OPTIONS    GET /nocontent  204
 *     /static/hello.txt  a file; beside its folder lies one that must not be had
 *     /ws                WebSocket echo */
#include <brio/brio.h>

static int greet(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_text(req, 200, BRIO_S("brio\n"));
}

static int echo(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    brio_str type = brio_request_header(req, BRIO_S("content-type"));
    int rc = type.len ? brio_respond_header(req, BRIO_S("content-type"), type) : 0;
    return rc < 0 ? rc : brio_answer_bytes(req, 200, NULL, brio_request_body(req));
}

static int no_content(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_bytes(req, 204, NULL, BRIO_S(""));
}

static int echo_messages(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)req, (void)in;
    brio_ws_message message;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive(ws, &message)) >= 0)
        rc = message.binary ? brio_ws_send_bytes(ws, message.data)
                            : brio_ws_send_text(ws, message.data);
    return rc;
}

BRIO_MAIN(.title = "Probe", .head = true, .options = true)
{
    BRIO_GET(app, "/", greet, brio_none, brio_response);
    BRIO_POST(app, "/", echo, brio_none, brio_response);
    BRIO_POST(app, "/echo", echo, brio_none, brio_response);
    BRIO_GET(app, "/only-get", greet, brio_none, brio_response);
    BRIO_GET(app, "/nocontent", no_content, brio_none, brio_response);
    BRIO_WEBSOCKET(app, "/ws", echo_messages, brio_none);
    brio_static(app, "/static", PROBE_FOLDER, NULL);
}
