/* SPDX-License-Identifier: MIT
 *
 * A list takes every value of its name. A pointer to one may be left out. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str_list *q;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY(q));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "q", in->q);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
