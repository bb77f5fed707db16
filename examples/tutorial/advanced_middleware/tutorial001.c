/* SPDX-License-Identifier: MIT
 *
 * Everything that is not HTTPS is sent there. */
#include <brio/brio.h>

static int main_page(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World"});
    return 0;
}

BRIO_MAIN()
{
    brio_use_https_redirect(app);
    BRIO_GET(app, "/", main_page, brio_none, brio_json, .name = "main");
}
