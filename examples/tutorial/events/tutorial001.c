/* SPDX-License-Identifier: MIT
 *
 * Something made before the first request. */
#include <brio/brio.h>

#include <errno.h>

static brio_json items;

static int startup_event(brio_app *app, void *state)
{
    items = BRIO_JSON({"foo": {"name": "Fighters"}, "bar": {"name": "Tenders"}});
    return 0;
}

typedef struct ReadItems {
    brio_str item_id;
} ReadItems;
BRIO_MODEL(ReadItems, BRIO_PATH(item_id));

static int read_items(brio_request *req, const ReadItems *in, brio_json *out)
{
    brio_json all = brio_json_read(brio_request_arena(req), items);
    const brio_json *item = brio_json_get(&all, in->item_id);
    if (!item)
        return -ENOENT;
    *out = *item;
    return 0;
}

BRIO_MAIN(.on_startup = startup_event)
{
    BRIO_GET(app, "/items/{item_id}", read_items, ReadItems, brio_json);
}
