/* SPDX-License-Identifier: MIT
 *
 * Constraints and words about the fields of a body. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name),
           BRIO_FIELD(description, .title = "The description of the item", .max_length = 300),
           BRIO_FIELD(price, .gt = BRIO_NUM(0),
                      .description = "The price must be greater than zero"),
           BRIO_FIELD(tax));

typedef struct UpdateItem {
    int64_t item_id;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id), BRIO_BODY(item, Item, .embed = true));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "item", BRIO_AS(Item, &in->item));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, brio_json);
}
