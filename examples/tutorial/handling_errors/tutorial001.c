/* SPDX-License-Identifier: MIT
 *
 * Failing with a status and words. */
#include <brio/brio.h>

typedef struct ReadItem {
    brio_str item_id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id));

static int read_item(brio_request *req, const ReadItem *in, brio_json *out)
{
    if (!brio_str_eq(in->item_id, BRIO_S("foo")))
        return brio_fail(req, 404, "Item not found");
    *out = BRIO_JSON({"item": "The Foo Wrestlers"});
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, brio_json);
}
