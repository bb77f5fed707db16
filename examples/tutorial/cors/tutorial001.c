/* SPDX-License-Identifier: MIT
 *
 * Pages of these origins may call the API. */
#include <brio/brio.h>

static const char origins[] = "http://localhost.tiangolo.com, https://localhost.tiangolo.com, "
                              "http://localhost, http://localhost:8080";

static int main_page(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello World"});
    return 0;
}

BRIO_MAIN()
{
    brio_use_cors(app, &(brio_cors_options){.allow_origins = origins,
                                            .allow_credentials = true,
                                            .allow_methods = "*",
                                            .allow_headers = "*"});
    BRIO_GET(app, "/", main_page, brio_none, brio_json, .name = "main");
}
