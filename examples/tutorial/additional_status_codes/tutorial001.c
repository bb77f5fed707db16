/* SPDX-License-Identifier: MIT
 *
 * 200 for what was there, 201 for what is new. */
#include <brio/brio.h>

#include <stdio.h>

static struct {
    char id[32], json[256];
} items[64] = {
    {"foo", BRIO_JSON_TEXT({"name": "Fighters", "size": 6})},
     {"bar", BRIO_JSON_TEXT({"name": "Tenders", "size": 3})},
};
enum { ITEMS = sizeof items / sizeof *items };

typedef struct Item {
    brio_str *name;
    int64_t *size;
} Item;
BRIO_MODEL(Item, BRIO_BODY(name, brio_str, .max_length = 50), BRIO_BODY(size, int64_t));

typedef struct UpsertItem {
    brio_str item_id;
    Item item;
} UpsertItem;
BRIO_MODEL(UpsertItem, BRIO_PATH(item_id, .max_length = 7), BRIO_BASE(item, Item));

static int upsert_item(brio_request *req, const UpsertItem *in, brio_json *out)
{
    size_t i = 0;
    while (i < ITEMS && *items[i].id && !brio_str_eq(in->item_id, brio_str_from(items[i].id)))
        i++;
    if (i == ITEMS)
        return brio_fail(req, 507, "No room for another item");
    int status = *items[i].id ? 200 : 201;
    brio_json item = BRIO_OBJECT(req, "name", in->item.name, "size", in->item.size);
    snprintf(items[i].id, sizeof items[i].id, "%.*s", BRIO_ARG(in->item_id));
    return brio_answer_json(req, status, item);
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", upsert_item, UpsertItem, brio_json);
}
