/* SPDX-License-Identifier: MIT
 *
 * A default that is no NULL: the member is no pointer. */
#include <brio/brio.h>

typedef struct ReadItems {
    brio_str q;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_QUERY(q, .def = BRIO_JSON_TEXT("fixedquery"), .min_length = 3));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    brio_json items = BRIO_JSON([{"item_id": "Foo"}, {"item_id": "Bar"}]);
    *out = BRIO_OBJECT(req, "items", items, "q", BRIO_SOME(&in->q));
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, ReadItems, brio_json);
}
