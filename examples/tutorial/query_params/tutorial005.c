/* SPDX-License-Identifier: MIT
 *
 * A query parameter without a default is required. */
#include <brio/brio.h>

typedef struct ReadUserItem {
    brio_str item_id, needy;
} ReadUserItem;
BRIO_MODEL(ReadUserItem, BRIO_PATH(item_id), BRIO_QUERY(needy));

static int read_user_item(brio_request *req, const ReadUserItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "needy", in->needy);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_user_item, ReadUserItem, brio_json);
}
