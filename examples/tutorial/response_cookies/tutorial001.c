/* SPDX-License-Identifier: MIT
 *
 * A cookie on an answer made by hand. */
#include <brio/brio.h>

static int create_cookie(brio_request *req, const brio_none *in, brio_json *out)
{
    int rc =
        brio_respond_cookie(req, &(brio_cookie){.name = "fakesession",
                                                .value = BRIO_S_INIT("fake-cookie-session-value")});
    return rc < 0 ? rc
                  : brio_answer_json(
                        req, 200, BRIO_JSON({"message": "Come to the dark side, we have cookies"}));
}

BRIO_MAIN()
{
    BRIO_POST(app, "/cookie/", create_cookie, brio_none, brio_json, .run = BRIO_BLOCKING);
}
