/* SPDX-License-Identifier: MIT
 *
 * What is for the readers of the source only is a comment. */
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

static int create_item(brio_request *req, const Item *item, Item *out)
{
    *out = *item;
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, Item, .summary = "Create an item",
              .description = "Create an item with all the information:\n\n"
                             "- **name**: each item must have a name\n"
                             "- **description**: a long description\n"
                             "- **price**: required\n"
                             "- **tax**: if the item doesn't have tax, you can omit this\n"
                             "- **tags**: a set of unique tag strings for this item");
}
