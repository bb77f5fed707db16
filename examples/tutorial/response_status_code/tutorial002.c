/* SPDX-License-Identifier: MIT
 *
 * In C a status is a number, and the same. */
#include <brio/brio.h>

typedef struct CreateItem {
    brio_str name;
} CreateItem;
BRIO_MODEL(CreateItem, BRIO_QUERY(name));

static int create_item(brio_request *req, const CreateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "name", in->name);
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, CreateItem, brio_json, .status = 201);
}
