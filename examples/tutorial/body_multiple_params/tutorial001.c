/* SPDX-License-Identifier: MIT
 *
 * An optional body is a pointer. */
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
    brio_str *q;
    Item *item;
} UpdateItem;
BRIO_MODEL(UpdateItem,
           BRIO_PATH(item_id, .title = "The ID of the item to get", .ge = BRIO_NUM(0),
                     .le = BRIO_NUM(1000)),
           BRIO_QUERY(q), BRIO_BODY(item, Item));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "q", BRIO_SOME(in->q), "item",
                       BRIO_SOME(BRIO_AS(Item, in->item)));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, brio_json);
}
