/* SPDX-License-Identifier: MIT
 *
 * A route that is not in the document. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"item_id": "Foo"}]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json, .hidden = true);
}
