/* SPDX-License-Identifier: MIT
 *
 * A path parameter of no particular type. */
#include <brio/brio.h>

typedef struct ReadItem {
    brio_json item_id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id));

static int read_item(brio_request *req, const ReadItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, brio_json);
}
