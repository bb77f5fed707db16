/* SPDX-License-Identifier: MIT
 *
 * In C the type of the output is always said. */
#include <brio/brio.h>

BRIO_LIST_OF(Item);

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax),
           BRIO_FIELD(tags, .def = "[]"));

static int create_item(brio_request *req, const Item *item, Item *out)
{
    *out = *item;
    return 0;
}

static int read_items(brio_request *req, const brio_none *in, Item_list *out)
{
    static Item items[] = {{.name = BRIO_S_INIT("Portal Gun"), .price = 42.0},
                           {.name = BRIO_S_INIT("Plumbus"), .price = 32.0}};
    *out = (Item_list){items, 2};
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, Item);
    BRIO_GET(app, "/items/", read_items, brio_none, Item_list);
}
