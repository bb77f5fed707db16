/* SPDX-License-Identifier: MIT
 *
 * The order of members is free. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str q;
    int64_t item_id;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY(q), BRIO_PATH(item_id, .title = "The ID of the item to get"));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "q", BRIO_SOME(&in->q));
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_items, ReadItems, brio_json);
}
