/* SPDX-License-Identifier: MIT
 *
 * Named ones, with words of their own. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax));

static const char examples[] = BRIO_JSON_TEXT({
    "normal": {
        "summary": "A normal example",
        "description": "A **normal** item works correctly.",
        "value": {"name": "Foo", "description": "A very nice Item", "price": 35.4, "tax": 3.2}
    },
    "converted": {
        "summary": "An example with converted data",
        "description": "FastAPI can convert price `strings` to actual `numbers` automatically",
        "value": {"name": "Bar", "price": "35.4"}
    },
    "invalid": {
        "summary": "Invalid data is rejected with an error",
        "value": {"name": "Baz", "price": "thirty five point four"}
    }
});

typedef struct UpdateItem {
    int64_t item_id;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id), BRIO_BODY(item, Item, .openapi_examples = examples));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "item", BRIO_AS(Item, &in->item));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, brio_json);
}
