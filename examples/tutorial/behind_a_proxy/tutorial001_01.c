/* SPDX-License-Identifier: MIT
 *
 * A proxy's X-Forwarded headers make redirects right. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON(["plumbus", "portal gun"]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json, .run = BRIO_BLOCKING);
}
