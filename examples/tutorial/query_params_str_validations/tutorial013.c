/* SPDX-License-Identifier: MIT
 *
 * A list of anything. */
#include <brio/brio.h>

BRIO_LIST(Anything, brio_json);

typedef struct ReadItems {
    Anything q;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY_AS(q, Anything, .def = "[]"));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "q", BRIO_AS(Anything, &in->q));
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
