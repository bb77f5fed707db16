/* SPDX-License-Identifier: MIT
 *
 * Some fields only, or all but some. */
#include <brio/brio.h>

static const char items[] = BRIO_JSON_TEXT({
    "foo": {"name": "Foo", "price": 50.2},
    "bar": {"name": "Bar", "description": "The Bar fighters", "price": 62, "tax": 20.2},
    "baz": {"name": "Baz", "description": "There goes my baz", "price": 50.2, "tax": 10.5}
});

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double tax;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price),
           BRIO_FIELD(tax, .def = "10.5"));

typedef struct ReadItem {
    brio_str item_id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id));

static int find(brio_request *req, brio_str id, Item *out)
{
    brio_arena *arena = brio_request_arena(req);
    brio_json all = brio_json_read(arena, brio_json_literal(items));
    return brio_from_json(arena, BRIO_TYPE(Item), brio_json_get(&all, id), out);
}

static int read_item_name(brio_request *req, const ReadItem *in, Item *out)
{
    return find(req, in->item_id, out);
}

static int read_item_public_data(brio_request *req, const ReadItem *in, Item *out)
{
    return find(req, in->item_id, out);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}/name", read_item_name, ReadItem, Item,
             .encode = {.include = "name,description"});
    BRIO_GET(app, "/items/{item_id}/public", read_item_public_data, ReadItem, Item,
             .encode = {.exclude = "tax"});
}
