/* SPDX-License-Identifier: MIT
 *
 * A PUT replaces all of an item: what is not sent is its default. */
#include <brio/brio.h>

#include <stdio.h>

/* Stored as JSON text, as they would be in a database. */
static struct {
    const char *id;
    char json[512];
} items[] = {
    {"foo", BRIO_JSON_TEXT({"name": "Foo", "price": 50.2})},
     {"bar",
      BRIO_JSON_TEXT({"name": "Bar", "description": "The bartenders", "price": 62, "tax": 20.2})},
      {"baz", BRIO_JSON_TEXT({"name": "Baz", "description": null, "price": 50.2, "tax": 10.5, "tags": []})},
};
enum { ITEMS = sizeof items / sizeof *items };

typedef struct Item {
    brio_str *name, *description;
    double *price;
    double tax;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price),
           BRIO_FIELD(tax, .def = "10.5"), BRIO_FIELD(tags, .def = "[]"));

static int load(brio_request *req, brio_str id, Item *out)
{
    for (size_t i = 0; i < ITEMS; i++)
        if (brio_str_eq(id, brio_str_from(items[i].id))) {
            brio_str text = brio_str_copy(brio_request_arena(req), brio_str_from(items[i].json));
            brio_json json = {.type = BRIO_JSON_RAW, .str = text};
            return brio_from_json(brio_request_arena(req), BRIO_TYPE(Item), &json, out);
        }
    return brio_fail(req, 404, "Item not found");
}

static int save(brio_request *req, brio_str id, const Item *item)
{
    brio_json json = BRIO_DUMP(req, Item, item);
    for (size_t i = 0; i < ITEMS; i++)
        if (brio_str_eq(id, brio_str_from(items[i].id)))
            snprintf(items[i].json, sizeof items[i].json, "%.*s", BRIO_ARG(json.str));
    return 0;
}

typedef struct ReadItem {
    brio_str item_id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id));

static int read_item(brio_request *req, const ReadItem *in, Item *out)
{
    return load(req, in->item_id, out);
}

typedef struct UpdateItem {
    brio_str item_id;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id), BRIO_BODY(item, Item));

static int update_item(brio_request *req, const UpdateItem *in, Item *out)
{
    *out = in->item;
    return save(req, in->item_id, out);
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Item);
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, Item);
}
