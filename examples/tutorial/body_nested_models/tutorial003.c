/* SPDX-License-Identifier: MIT
 *
 * A set: what comes twice is kept once. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax),
           BRIO_FIELD(tags, .as = BRIO_SET, .def = "[]"));

typedef struct UpdateItem {
    int64_t item_id;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id), BRIO_BODY(item, Item));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "item", BRIO_AS(Item, &in->item));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, brio_json);
}
