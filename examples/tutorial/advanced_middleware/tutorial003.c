/* SPDX-License-Identifier: MIT
 *
 * Answers of 1000 bytes and more are compressed. */
#include <brio/brio.h>

static int main_page(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON("somebigcontent");
    return 0;
}

BRIO_MAIN()
{
    brio_use_gzip(app, &(brio_gzip_options){.minimum_size = 1000, .level = 5});
    BRIO_GET(app, "/", main_page, brio_none, brio_json, .name = "main");
}
