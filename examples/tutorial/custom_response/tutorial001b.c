/* SPDX-License-Identifier: MIT
 *
 * The same, answered by hand. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_json(req, 200, BRIO_JSON([{"item_id": "Foo"}]));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_response);
}
