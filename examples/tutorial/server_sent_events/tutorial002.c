/* SPDX-License-Identifier: MIT
 *
 * Every part of an event. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    double price;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(price));

static const Item items[] = {
    {BRIO_S_INIT("Plumbus"), 32.99},
    {BRIO_S_INIT("Portal Gun"), 999.99},
    {BRIO_S_INIT("Meeseeks Box"), 49.99},
};

static int stream_items(brio_request *req, const brio_none *in, brio_response *out)
{
    int rc = brio_respond_event(req, &(brio_sse){.comment = BRIO_S("stream of item updates")});
    for (int64_t i = 0; i < 3 && rc == 0; i++) {
        brio_json item = BRIO_OBJECT(req, BRIO_SPREAD, BRIO_AS(Item, &items[i]));
        rc = brio_respond_event(
            req, &(brio_sse){.json = &item,
                             .event = BRIO_S("item_update"),
                             .id = brio_printf(brio_request_arena(req), "%d", (int)i + 1),
                             .retry = BRIO_SEC(5)});
    }
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/stream", stream_items, brio_none, brio_response, .response = BRIO_SSE);
}
