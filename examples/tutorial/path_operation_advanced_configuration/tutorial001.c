/* SPDX-License-Identifier: MIT
 *
 * An operation id of one's own. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"item_id": "Foo"}]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json,
             .operation_id = "some_specific_id_you_define");
}
