/* SPDX-License-Identifier: MIT
 *
 * A cookie beside the ordinary answer. */
#include <brio/brio.h>

static int create_cookie(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Come to the dark side, we have cookies"});
    return brio_respond_cookie(
        req,
        &(brio_cookie){.name = "fakesession", .value = BRIO_S_INIT("fake-cookie-session-value")});
}

BRIO_MAIN()
{
    BRIO_POST(app, "/cookie-and-object/", create_cookie, brio_none, brio_json,
              .run = BRIO_BLOCKING);
}
