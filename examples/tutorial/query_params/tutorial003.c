/* SPDX-License-Identifier: MIT
 *
 * Booleans take 1, true, on, yes and their opposites. */
#include <brio/brio.h>

typedef struct ReadItem {
    brio_str item_id;
    brio_str *q;
    bool is_short;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id), BRIO_QUERY(q),
           BRIO_QUERY(is_short, .alias = "short", .def = "false"));

static int read_item(brio_request *req, const ReadItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "q", BRIO_SOME(in->q));
    if (!in->is_short)
        *out = BRIO_OBJECT(req, BRIO_SPREAD, *out, "description",
                           "This is an amazing item that has a long description");
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, brio_json);
}
