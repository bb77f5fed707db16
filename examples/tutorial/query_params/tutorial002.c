/* SPDX-License-Identifier: MIT
 *
 * A pointer member may be left out; BRIO_SOME then leaves it out of the
 * answer. */
#include <brio/brio.h>

typedef struct ReadItem {
    brio_str item_id;
    brio_str *q;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id), BRIO_QUERY(q));

static int read_item(brio_request *req, const ReadItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "q", BRIO_SOME(in->q));
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, brio_json);
}
