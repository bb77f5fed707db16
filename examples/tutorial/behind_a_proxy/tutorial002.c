/* SPDX-License-Identifier: MIT
 *
 * The prefix in the program. */
#include <brio/brio.h>

static int read_main(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "message", "Hello World", "root_path", brio_request_root_path(req));
    return 0;
}

BRIO_MAIN(.root_path = "/api/v1")
{
    BRIO_GET(app, "/app", read_main, brio_none, brio_json, .run = BRIO_BLOCKING);
}
