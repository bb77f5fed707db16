/* SPDX-License-Identifier: MIT
 *
 * The router of the items: prefix, tags, dependencies and answers for all its
 * routes. */
#include "../bigger.h"

static const char fake_items_db[] =
    BRIO_JSON_TEXT({"plumbus": {"name": "Plumbus"}, "gun": {"name": "Portal Gun"}});

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = brio_json_literal(fake_items_db);
    return 0;
}

typedef struct ItemId {
    brio_str item_id;
} ItemId;
BRIO_MODEL(ItemId, BRIO_PATH(item_id));

static int read_item(brio_request *req, const ItemId *in, brio_json *out)
{
    brio_json items = brio_json_read(brio_request_arena(req), brio_json_literal(fake_items_db));
    const brio_json *item = brio_json_get(&items, in->item_id);
    if (!item)
        return brio_fail(req, 404, "Item not found");
    *out = BRIO_OBJECT(req, BRIO_SPREAD, *item, "item_id", in->item_id);
    return 0;
}

static int update_item(brio_request *req, const ItemId *in, brio_json *out)
{
    if (!brio_str_eq(in->item_id, BRIO_S("plumbus")))
        return brio_fail(req, 403, "You can only update the item: plumbus");
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "name", "The great Plumbus");
    return 0;
}

brio_router *items_router(brio_app *app)
{
    brio_router *router = brio_router_new(
        app,
        &(brio_router_options){.prefix = "/items",
                               .tags = "items",
                               .depends = BRIO_NEEDS(get_token_header),
                               .responses = BRIO_RESPONSES({404, .description = "Not found"})});
    BRIO_GET(router, "/", read_items, brio_none, brio_json);
    BRIO_GET(router, "/{item_id}", read_item, ItemId, brio_json);
    BRIO_PUT(router, "/{item_id}", update_item, ItemId, brio_json, .tags = "custom",
             .responses = BRIO_RESPONSES({403, .description = "Operation forbidden"}));
    return router;
}
