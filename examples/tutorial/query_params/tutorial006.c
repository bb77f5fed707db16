/* SPDX-License-Identifier: MIT
 *
 * One required, one with a default, one optional. */
#include <brio/brio.h>

typedef struct ReadUserItem {
    brio_str item_id, needy;
    int64_t skip;
    int64_t *limit;
} ReadUserItem;
BRIO_MODEL(ReadUserItem, BRIO_PATH(item_id), BRIO_QUERY(needy), BRIO_QUERY(skip, .def = "0"),
           BRIO_QUERY(limit));

static int read_user_item(brio_request *req, const ReadUserItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "needy", in->needy, "skip", in->skip, "limit",
                       in->limit);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_user_item, ReadUserItem, brio_json);
}
