/* SPDX-License-Identifier: MIT
 *
 * Both: documented as HTML, answered by hand. */
#include <brio/brio.h>

static int generate_html_response(brio_request *req)
{
    return brio_answer_html(req, 200,
                            BRIO_S("\n"
                                   "    <html>\n"
                                   "        <head>\n"
                                   "            <title>Some HTML in here</title>\n"
                                   "        </head>\n"
                                   "        <body>\n"
                                   "            <h1>Look ma! HTML!</h1>\n"
                                   "        </body>\n"
                                   "    </html>\n"
                                   "    "));
}

static int read_items(brio_request *req, const brio_none *in, brio_html *out)
{
    return generate_html_response(req);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_html);
}
