/* SPDX-License-Identifier: MIT
 *
 * A redirect answered by hand. */
#include <brio/brio.h>

static int redirect_typer(brio_request *req, const brio_none *in, brio_response *out)
{
    return brio_answer_redirect(req, 0, BRIO_S("https://typer.tiangolo.com"));
}

BRIO_MAIN()
{
    BRIO_GET(app, "/typer", redirect_typer, brio_none, brio_response);
}
