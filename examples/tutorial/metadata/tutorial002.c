/* SPDX-License-Identifier: MIT
 *
 * The document elsewhere. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"name": "Foo"}]);
    return 0;
}

BRIO_MAIN(.openapi_url = "/api/v1/openapi.json")
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json);
}
