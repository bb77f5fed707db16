/* SPDX-License-Identifier: MIT
 *
 * Using what was sent. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax));

static int create_item(brio_request *req, const Item *item, brio_json *out)
{
    double price_with_tax = item->price + (item->tax ? *item->tax : 0);
    *out = BRIO_OBJECT(req, BRIO_SPREAD, BRIO_AS(Item, item), "price_with_tax",
                       BRIO_SOME(item->tax ? &price_with_tax : NULL));
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, brio_json);
}
