/* SPDX-License-Identifier: MIT
 *
 * A failure that is handed on reaches the log and the client. */
#include <brio/brio.h>

#include <stdio.h>

#define EINTERNAL BRIO_ERROR(1)

static int internal_error(brio_request *req, void *arg, int outcome)
{
    if (outcome == EINTERNAL)
        puts("We don't swallow the internal error here, we raise again 😎");
    return outcome;
}

static int get_username(brio_request *req, const brio_none *in, brio_str *out)
{
    *out = BRIO_S("Rick");
    brio_on_exit(req, internal_error, NULL);
    return 0;
}
BRIO_PROVIDER(get_username, brio_none, brio_str, .run = BRIO_BLOCKING);

typedef struct GetItem {
    brio_str item_id, username;
} GetItem;
BRIO_MODEL(GetItem, BRIO_PATH(item_id), BRIO_DEPENDS(username, get_username));

static int get_item(brio_request *req, const GetItem *in, brio_json *out)
{
    if (brio_str_eq(in->item_id, BRIO_S("portal-gun")))
        return EINTERNAL;
    if (!brio_str_eq(in->item_id, BRIO_S("plumbus")))
        return brio_fail(req, 404, "Item not found, there's only a plumbus here");
    *out = brio_json_from_str(in->item_id);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", get_item, GetItem, brio_json, .run = BRIO_BLOCKING);
}
