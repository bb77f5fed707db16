/* SPDX-License-Identifier: MIT
 *
 * Piece by piece, as it is made. */
#include <brio/brio.h>

static int main_page(brio_request *req, const brio_none *in, brio_response *out)
{
    int rc = 0;
    for (int i = 0; i < 10 && rc == 0; i++)
        rc = brio_respond_stream(req, BRIO_S("some fake video bytes"));
    return rc;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", main_page, brio_none, brio_response, .name = "main",
             .response = BRIO_STREAM);
}
