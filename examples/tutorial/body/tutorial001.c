/* SPDX-License-Identifier: MIT
 *
 * A struct is the body, and the answer. */
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
    *out = BRIO_JSON_OF(brio_request_arena(req), BRIO_AS(Item, item));
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, brio_json);
}
