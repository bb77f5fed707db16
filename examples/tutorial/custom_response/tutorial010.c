/* SPDX-License-Identifier: MIT
 *
 * HTML is this output's type; no default class is needed. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_html *out)
{
    out->html = BRIO_S("<h1>Items</h1><p>This is a list of items.</p>");
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_html);
}
