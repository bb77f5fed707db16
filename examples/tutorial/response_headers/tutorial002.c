/* SPDX-License-Identifier: MIT
 *
 * A header beside the ordinary answer. */
#include <brio/brio.h>

static int get_headers(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World"});
    return brio_respond_header(req, BRIO_S("X-Cat-Dog"), BRIO_S("alone in the world"));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/headers-and-object/", get_headers, brio_none, brio_json, .run = BRIO_BLOCKING);
}
