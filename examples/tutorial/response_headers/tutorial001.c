/* SPDX-License-Identifier: MIT
 *
 * Headers of an answer made by hand. */
#include <brio/brio.h>

static int get_headers(brio_request *req, const brio_none *in, brio_json *out)
{
    int rc = brio_respond_header(req, BRIO_S("X-Cat-Dog"), BRIO_S("alone in the world"));
    if (rc == 0)
        rc = brio_respond_header(req, BRIO_S("Content-Language"), BRIO_S("en-US"));
    return rc < 0 ? rc : brio_answer_json(req, 200, BRIO_JSON({"message": "Hello World"}));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/headers/", get_headers, brio_none, brio_json, .run = BRIO_BLOCKING);
}
