/* SPDX-License-Identifier: MIT
 *
 * Bounds of a floating point number. */
#include <brio/brio.h>

typedef struct ReadItems {
    int64_t item_id;
    brio_str q;
    double size;
} ReadItems;
BRIO_MODEL(ReadItems,
           BRIO_PATH(item_id, .title = "The ID of the item to get", .ge = BRIO_NUM(0),
                     .le = BRIO_NUM(1000)),
           BRIO_QUERY(q), BRIO_QUERY(size, .gt = BRIO_NUM(0), .lt = BRIO_NUM(10.5)));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "q", BRIO_SOME(&in->q), "size", in->size);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_items, ReadItems, brio_json);
}
