/* SPDX-License-Identifier: MIT
 *
 * brio writes JSON itself; there is no faster class to choose. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"item_id": "Foo"}]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json);
}
