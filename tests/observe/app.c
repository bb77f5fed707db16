/* SPDX-License-Identifier: MIT
 *
 * What tests/observe/run.py looks at: answers of several kinds, all named and
 * traced. */
#include <brio/brio.h>

static int read_item(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_text(req, 200, BRIO_S("0123456789"));
}

static int fail(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_fail(req, 418, "teapot");
}

static int stream(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    int rc = brio_respond_stream(req, BRIO_S("first "));
    return rc < 0 ? rc : brio_respond_stream(req, BRIO_S("second"));
}

/* What a request that this one makes would say. */
static int traceparent(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_text(req, 200, brio_request_traceparent(req));
}

typedef struct Item {
    int64_t item_id;
} Item;
BRIO_MODEL(Item, BRIO_PATH(item_id));

static int read_typed(brio_request *req, const Item *in, brio_response *out)
{
    (void)in;
    return read_item(req, NULL, out);
}

/* ---- WebSockets and the bus ------------------------------------------------ */

static brio_bus *bus, *inner_bus; /* of the app, and of the one mounted in it */

static brio_bus *bus_of(brio_request *req)
{
    return *(brio_bus **)brio_app_state(brio_request_app(req));
}

/* Follows the news, and says what it is told. */
static int talk(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    (void)in;
    brio_str text;
    int rc = brio_ws_accept(ws, NULL);
    if (rc >= 0)
        rc = brio_bus_follow(bus_of(req), ws, BRIO_S("news"));
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0)
        rc = brio_ws_send_text(ws, text);
    return rc;
}

static int said(brio_websocket *ws, brio_none *state, const brio_ws_message *message)
{
    (void)state;
    return brio_ws_send_text(ws, message->data);
}

static int publish(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    int rc = brio_bus_publish(bus_of(req), BRIO_S("news"), BRIO_S("news"));
    return rc < 0 ? rc : brio_answer_text(req, 200, BRIO_S("published"));
}

BRIO_MAIN(.title = "Observed", .state = &bus)
{
    brio_use_request_id(app, &(brio_request_id_options){.trust_client = true});
    brio_use_trace(app, NULL);
    BRIO_GET(app, "/", read_item, brio_none, brio_response);
    BRIO_GET(app, "/items/{item_id}", read_typed, Item, brio_response);
    BRIO_GET(app, "/fail", fail, brio_none, brio_response);
    BRIO_GET(app, "/stream", stream, brio_none, brio_response);
    BRIO_GET(app, "/traceparent", traceparent, brio_none, brio_response);
    bus = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET(app, "/ws", talk, brio_none);
    BRIO_WEBSOCKET_EVENTS(app, "/events", brio_none, brio_none, brio_ws_message, (.message = said));
    BRIO_POST(app, "/publish", publish, brio_none, brio_response);
    brio_app *inner = brio_app_new(&(brio_app_options){.state = &inner_bus});
    inner_bus = brio_bus_new(inner, &(brio_bus_options){.channel = "inner"});
    BRIO_WEBSOCKET(inner, "/ws", talk, brio_none);
    BRIO_POST(inner, "/publish", publish, brio_none, brio_response);
    BRIO_GET(inner, "/deep/{item_id}", read_typed, Item, brio_response);
    brio_mount(app, "/sub", inner);
}
