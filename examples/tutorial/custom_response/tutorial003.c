/* SPDX-License-Identifier: MIT
 *
 * HTML answered by hand: the document does not know. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_response *out)
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

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_response);
}
