/* SPDX-License-Identifier: MIT
 *
 * A struct with the words of a dataclass. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    double price;
    brio_str *description;
    double *tax;
} Item;
BRIO_DATACLASS(Item, BRIO_FIELD(name), BRIO_FIELD(price), BRIO_FIELD(description), BRIO_FIELD(tax));

static int create_item(brio_request *req, const Item *item, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Item), item);
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, brio_json);
}
