/* SPDX-License-Identifier: MIT
 *
 * Struct members have no default before others: no trick is needed for the
 * order. */
#include <brio/brio.h>

typedef struct ReadItems {
    int64_t item_id;
    brio_str q;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_PATH(item_id, .title = "The ID of the item to get"), BRIO_QUERY(q));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "q", BRIO_SOME(&in->q));
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_items, ReadItems, brio_json);
}
