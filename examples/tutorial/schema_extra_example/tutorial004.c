/* SPDX-License-Identifier: MIT
 *
 * Several of them. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax));

typedef struct UpdateItem {
    int64_t item_id;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id),
           BRIO_BODY(item, Item,
                     .examples = BRIO_JSON_TEXT([
                         {"name": "Foo", "description": "A very nice Item", "price": 35.4, "tax": 3.2},
                         {"name": "Bar", "price": "35.4"},
                         {"name": "Baz", "price": "thirty five point four"}
                     ])));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "item", BRIO_AS(Item, &in->item));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, brio_json);
}
