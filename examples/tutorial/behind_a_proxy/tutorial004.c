/* SPDX-License-Identifier: MIT
 *
 * Those servers and no others. */
#include <brio/brio.h>

static int read_main(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "message", "Hello World", "root_path", brio_request_root_path(req));
    return 0;
}

BRIO_MAIN(.servers = BRIO_JSON_TEXT([{"url": "https://stag.example.com", "description": "Staging environment"}, {"url": "https://prod.example.com", "description": "Production environment"}]),
                                     .root_path = "/api/v1", .no_root_path_in_servers = true)
{
    BRIO_GET(app, "/app", read_main, brio_none, brio_json, .run = BRIO_BLOCKING);
}
