/* SPDX-License-Identifier: MIT
 *
 * Members of one's own in the operation. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"item_id": "portal-gun"}]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json,
             .openapi_extra = BRIO_JSON_TEXT({"x-aperture-labs-portal": "blue"}));
}
