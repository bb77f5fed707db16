/* SPDX-License-Identifier: MIT
 *
 * A client that comes back says what it had last. */
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

typedef struct StreamItems {
    int64_t *last_event_id;
} StreamItems;
BRIO_MODEL(StreamItems, BRIO_HEADER(last_event_id));

static int stream_items(brio_request *req, const StreamItems *in, brio_response *out)
{
    int rc = 0;
    for (int64_t i = in->last_event_id ? *in->last_event_id + 1 : 0; i >= 0 && i < 3 && rc == 0;
         i++) {
        brio_json item = BRIO_OBJECT(req, BRIO_SPREAD, BRIO_AS(Item, &items[i]));
        rc = brio_respond_event(
            req,
            &(brio_sse){.json = &item, .id = brio_printf(brio_request_arena(req), "%d", (int)i)});
    }
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/stream", stream_items, StreamItems, brio_response, .response = BRIO_SSE);
}
