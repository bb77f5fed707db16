/* SPDX-License-Identifier: MIT
 *
 * A list with a default. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str_list q;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY(q, .def = BRIO_JSON_TEXT(["foo", "bar"])));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "q", in->q);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
