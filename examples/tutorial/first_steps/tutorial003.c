/* SPDX-License-Identifier: MIT
 *
 * A plain function: it runs on the thread pool. */
#include <brio/brio.h>

static int root(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World"});
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", root, brio_none, brio_json, .run = BRIO_BLOCKING);
}
