/* SPDX-License-Identifier: MIT
 *
 * HTML by the type of the output. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_html *out)
{
    out->html = BRIO_S("\n"
                       "    <html>\n"
                       "        <head>\n"
                       "            <title>Some HTML in here</title>\n"
                       "        </head>\n"
                       "        <body>\n"
                       "            <h1>Look ma! HTML!</h1>\n"
                       "        </body>\n"
                       "    </html>\n"
                       "    ");
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_html);
}
