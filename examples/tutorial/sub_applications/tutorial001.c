/* SPDX-License-Identifier: MIT
 *
 * An application inside an application, with its own documentation. */
#include <brio/brio.h>

static int read_main(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World from main app"});
    return 0;
}

static int read_sub(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World from sub API"});
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/app", read_main, brio_none, brio_json, .run = BRIO_BLOCKING);
    brio_app *subapi = brio_app_new(NULL);
    BRIO_GET(subapi, "/sub", read_sub, brio_none, brio_json, .run = BRIO_BLOCKING);
    brio_mount(app, "/subapi", subapi);
}
