/* SPDX-License-Identifier: MIT
 *
 * A redirect, documented as one. */
#include <brio/brio.h>

static int redirect_fastapi(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_redirect(req, 0, BRIO_S("https://fastapi.tiangolo.com"));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/fastapi", redirect_fastapi, brio_none, brio_response,
             .response = BRIO_REDIRECT);
}
