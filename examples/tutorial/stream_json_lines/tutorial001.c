/* SPDX-License-Identifier: MIT
 *
 * One JSON text a line, as they come. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description, .required = true));

static Item items[] = {
    {BRIO_S_INIT("Plumbus"), &(brio_str)BRIO_S_INIT("A multi-purpose household device.")},
    {BRIO_S_INIT("Portal Gun"), &(brio_str)BRIO_S_INIT("A portal opening device.")},
    {BRIO_S_INIT("Meeseeks Box"), &(brio_str)BRIO_S_INIT("A box that summons a Meeseeks.")},
};

static int stream_items(brio_request *req, const brio_none *in, Item *out)
{
    int rc = 0;
    for (size_t i = 0; i < 3 && rc == 0; i++)
        rc = brio_respond_item(req, &items[i]);
    return rc;
}

static int stream_items_no_async(brio_request *req, const brio_none *in, Item *out)
{
    int rc = 0;
    for (size_t i = 0; i < 3 && rc == 0; i++)
        rc = brio_respond_item(req, &items[i]);
    return rc;
}

static int stream_items_no_annotation(brio_request *req, const brio_none *in, brio_json *out)
{
    int rc = 0;
    for (size_t i = 0; i < 3 && rc == 0; i++) {
        brio_json item =
            BRIO_OBJECT(req, "name", items[i].name, "description", items[i].description);
        rc = brio_respond_item(req, &item);
    }
    return rc;
}

static int stream_items_no_async_no_annotation(brio_request *req, const brio_none *in,
                                               brio_json *out)
{
    int rc = 0;
    for (size_t i = 0; i < 3 && rc == 0; i++) {
        brio_json item =
            BRIO_OBJECT(req, "name", items[i].name, "description", items[i].description);
        rc = brio_respond_item(req, &item);
    }
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/stream", stream_items, brio_none, Item, .response = BRIO_JSON_LINES);
    BRIO_GET(app, "/items/stream-no-async", stream_items_no_async, brio_none, Item,
             .response = BRIO_JSON_LINES);
    BRIO_GET(app, "/items/stream-no-annotation", stream_items_no_annotation, brio_none, brio_json,
             .response = BRIO_JSON_LINES);
    BRIO_GET(app, "/items/stream-no-async-no-annotation", stream_items_no_async_no_annotation,
             brio_none, brio_json, .response = BRIO_JSON_LINES);
}
