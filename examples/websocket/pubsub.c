/* SPDX-License-Identifier: MIT
 *
 * Publish and subscribe: clients follow topics ("news/+", "prices/#"), and more of them
 * when they name them; programs publish by POST. */
#include <brio/brio.h>

static brio_bus *bus;

typedef struct Topics {
    brio_str topics;
} Topics;
BRIO_MODEL(Topics, BRIO_QUERY(topics, .max_length = 255));

static int follow(brio_request *req, const Topics *in, brio_websocket *ws)
{
    brio_str more = in->topics;
    int rc = brio_ws_accept(ws, NULL);
    for (; rc >= 0; rc = brio_ws_receive_text(ws, &more))
        if (brio_bus_follow(bus, ws, more) < 0)
            return brio_ws_fail(req, 1008, "no such topics");
    return rc;
}

static int publish(brio_request *req, const Topics *in, brio_none *out)
{
    (void)out;
    bool done = brio_bus_publish(bus, in->topics, brio_request_body(req)) == 0;
    return done ? 0 : brio_fail(req, 422, "No such topic");
}

BRIO_MAIN(.title = "Publish and subscribe")
{
    bus = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET(app, "/ws", follow, Topics);
    BRIO_POST(app, "/publish", publish, Topics, brio_none);
}
