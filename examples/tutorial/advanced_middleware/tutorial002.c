/* SPDX-License-Identifier: MIT
 *
 * Only these hosts. */
#include <brio/brio.h>

static int main_page(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World"});
    return 0;
}

BRIO_MAIN()
{
    brio_use_trusted_host(
        app, &(brio_trusted_host_options){.allowed_hosts = "example.com, *.example.com"});
    BRIO_GET(app, "/", main_page, brio_none, brio_json, .name = "main");
}
