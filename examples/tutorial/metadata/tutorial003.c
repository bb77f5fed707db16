/* SPDX-License-Identifier: MIT
 *
 * The documentation elsewhere, and ReDoc off. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"name": "Foo"}]);
    return 0;
}

BRIO_MAIN(.docs_url = "/documentation", .redoc_url = "")
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json);
}
