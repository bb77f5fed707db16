/* SPDX-License-Identifier: MIT
 *
 * Plain text. */
#include <brio/brio.h>

static int main_page(brio_request *req, const brio_none *in, brio_text *out)
{
    out->text = BRIO_S("Hello World");
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/", main_page, brio_none, brio_text, .name = "main");
}
