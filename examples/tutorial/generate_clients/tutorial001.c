/* SPDX-License-Identifier: MIT
 *
 * Typed inputs and outputs: what generated clients are made of. */
#include <brio/brio.h>

BRIO_LIST_OF(Item);

typedef struct Item {
    brio_str name;
    double price;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(price));

typedef struct ResponseMessage {
    brio_str message;
} ResponseMessage;
BRIO_MODEL(ResponseMessage, BRIO_FIELD(message));

static int create_item(brio_request *req, const Item *in, ResponseMessage *out)
{
    out->message = BRIO_S("item received");
    return 0;
}

static int get_items(brio_request *req, const brio_none *in, Item_list *out)
{
    static Item items[] = {{BRIO_S_INIT("Plumbus"), 3}, {BRIO_S_INIT("Portal Gun"), 9001}};
    *out = (Item_list){items, 2};
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, ResponseMessage);
    BRIO_GET(app, "/items/", get_items, brio_none, Item_list);
}
