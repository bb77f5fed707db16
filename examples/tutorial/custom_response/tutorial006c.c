/* SPDX-License-Identifier: MIT
 *
 * A redirect with another status. */
#include <brio/brio.h>

static int redirect_pydantic(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_redirect(req, 302, BRIO_S("https://docs.pydantic.dev/"));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/pydantic", redirect_pydantic, brio_none, brio_response,
             .response = BRIO_REDIRECT, .status = 302);
}
