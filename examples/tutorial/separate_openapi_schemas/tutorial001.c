/* SPDX-License-Identifier: MIT
 *
 * A field with a default may be missing on the way in, never on the way out:
 * two schemas. */
#include <brio/brio.h>

BRIO_LIST_OF(Item);

typedef struct Item {
    brio_str name;
    brio_str *description;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description));

static int create_item(brio_request *req, const Item *item, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Item), item);
}

static int read_items(brio_request *req, const brio_none *in, Item_list *out)
{
    static brio_str description = BRIO_S_INIT("Device to travel through the multi-rick-verse");
    static Item items[] = {{BRIO_S_INIT("Portal Gun"), &description},
                           {BRIO_S_INIT("Plumbus"), NULL}};
    *out = (Item_list){items, 2};
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, brio_json, .run = BRIO_BLOCKING);
    BRIO_GET(app, "/items/", read_items, brio_none, Item_list, .run = BRIO_BLOCKING);
}
