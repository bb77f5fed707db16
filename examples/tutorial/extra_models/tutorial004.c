/* SPDX-License-Identifier: MIT
 *
 * A list as the answer. */
#include <brio/brio.h>

BRIO_LIST_OF(Item);

typedef struct Item {
    brio_str name, description;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description));

static Item items[] = {
    {BRIO_S_INIT("Foo"), BRIO_S_INIT("There comes my hero")},
    {BRIO_S_INIT("Red"), BRIO_S_INIT("It's my aeroplane")},
};

static int read_items(brio_request *req, const brio_none *in, Item_list *out)
{
    *out = (Item_list){items, 2};
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, Item_list);
}
