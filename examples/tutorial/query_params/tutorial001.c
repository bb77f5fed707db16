/* SPDX-License-Identifier: MIT
 *
 * Query parameters with defaults. */
#include <brio/brio.h>

static const char *const fake_items_db[] = {"Foo", "Bar", "Baz"};

typedef struct ReadItem {
    int64_t skip, limit;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_QUERY(skip, .def = "0"), BRIO_QUERY(limit, .def = "10"));

static int read_item(brio_request *req, const ReadItem *in, brio_json *out)
{
    brio_json items[3];
    size_t n = 0;
    for (int64_t i = 0; i < 3; i++)
        if (i >= in->skip && i < in->skip + in->limit)
            items[n++] = BRIO_OBJECT(req, "item_name", fake_items_db[i]);
    *out = brio_json_array(brio_request_arena(req), n, items);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_item, ReadItem, brio_json);
}
