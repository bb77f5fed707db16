/* SPDX-License-Identifier: MIT
 *
 * 200 for what was there, 201 for what is new. */
#include <brio/brio.h>

#include <stdio.h>

static char items[64][32] = {"foo", "bar"}; /* which there are */
enum { ITEMS = sizeof items / sizeof *items };

typedef struct Item {
    brio_str *name;
    int64_t *size;
} Item;
BRIO_MODEL(Item, BRIO_BODY(name, brio_str), BRIO_BODY(size, int64_t));

typedef struct UpsertItem {
    brio_str item_id;
    Item item;
} UpsertItem;
BRIO_MODEL(UpsertItem, BRIO_PATH(item_id), BRIO_BASE(item, Item));

static int upsert_item(brio_request *req, const UpsertItem *in, brio_json *out)
{
    size_t i = 0;
    while (i < ITEMS && *items[i] && !brio_str_eq(in->item_id, brio_str_from(items[i])))
        i++;
    if (i == ITEMS || in->item_id.len >= sizeof items[i])
        return brio_fail(req, 507, "No room for another item");
    int status = *items[i] ? 200 : 201;
    snprintf(items[i], sizeof items[i], "%.*s", BRIO_ARG(in->item_id));
    brio_json item = BRIO_OBJECT(req, "name", in->item.name, "size", in->item.size);
    return brio_answer_json(req, status, item);
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", upsert_item, UpsertItem, brio_json);
}
