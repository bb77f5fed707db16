/* SPDX-License-Identifier: MIT
 *
 * What follows the handler sees its failure and may give it another form. */
#include <brio/brio.h>

#define EOWNER BRIO_ERROR(1)

static const char data[] = BRIO_JSON_TEXT({
    "plumbus": {"description": "Freshly pickled plumbus", "owner": "Morty"},
    "portal-gun": {"description": "Gun to create portals", "owner": "Rick"}
});

static int owner_error(brio_request *req, void *arg, int outcome)
{
    return outcome == EOWNER ? brio_fail(req, 400, "Owner error: Rick") : outcome;
}

static int get_username(brio_request *req, const brio_none *in, brio_str *out)
{
    *out = BRIO_S("Rick");
    brio_on_exit(req, owner_error, NULL);
    return 0;
}
BRIO_PROVIDER(get_username, brio_none, brio_str, .run = BRIO_BLOCKING);

typedef struct GetItem {
    brio_str item_id, username;
} GetItem;
BRIO_MODEL(GetItem, BRIO_PATH(item_id), BRIO_DEPENDS(username, get_username));

static int get_item(brio_request *req, const GetItem *in, brio_json *out)
{
    brio_json all = brio_json_read(brio_request_arena(req), brio_json_literal(data));
    const brio_json *item = brio_json_get(&all, in->item_id);
    if (!item)
        return brio_fail(req, 404, "Item not found");
    if (!brio_str_eq(brio_json_get(item, BRIO_S("owner"))->str, in->username))
        return EOWNER;
    *out = *item;
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", get_item, GetItem, brio_json, .run = BRIO_BLOCKING);
}
