/* SPDX-License-Identifier: MIT
 *
 * The README's example: one typed route. Try
 *
 *     ./dev run hello
 *     curl 'http://127.0.0.1:8000/items/5?q=soup' */
#include <brio/brio.h>

typedef struct ReadItem {
    int64_t item_id;
    brio_str *q; /* a pointer may be absent */
} ReadItem;

BRIO_MODEL(ReadItem, BRIO_PATH(item_id, .ge = BRIO_NUM(1)), BRIO_QUERY(q, .max_length = 50));

typedef struct Item {
    int64_t item_id;
    brio_str *q;
} Item;

BRIO_MODEL(Item, BRIO_FIELD(item_id), BRIO_FIELD(q));

static int read_item(brio_request *req, const ReadItem *in, Item *out)
{
    if (in->item_id > 1000)
        return brio_fail(req, 404, "Item not found");
    out->item_id = in->item_id;
    out->q = in->q;
    return 0;
}

BRIO_MAIN(.title = "Hello")
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Item);
}
