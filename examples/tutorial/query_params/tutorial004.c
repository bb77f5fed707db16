/* SPDX-License-Identifier: MIT
 *
 * Several path and query parameters, told apart by their rows. */
#include <brio/brio.h>

typedef struct ReadUserItem {
    int64_t user_id;
    brio_str item_id;
    brio_str *q;
    bool is_short;
} ReadUserItem;
BRIO_MODEL(ReadUserItem, BRIO_PATH(user_id), BRIO_PATH(item_id), BRIO_QUERY(q),
           BRIO_QUERY(is_short, .alias = "short", .def = "false"));

static int read_user_item(brio_request *req, const ReadUserItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "owner_id", in->user_id, "q", BRIO_SOME(in->q));
    if (!in->is_short)
        *out = BRIO_OBJECT(req, BRIO_SPREAD, *out, "description",
                           "This is an amazing item that has a long description");
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/users/{user_id}/items/{item_id}", read_user_item, ReadUserItem, brio_json);
}
