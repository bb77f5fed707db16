/* SPDX-License-Identifier: MIT
 *
 * A parameter that works but is not documented. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str *hidden_query;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY(hidden_query, .hidden = true));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out =
        BRIO_OBJECT(req, "hidden_query", "Not found", "hidden_query", BRIO_SOME(in->hidden_query));
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
