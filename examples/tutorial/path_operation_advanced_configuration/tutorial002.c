/* SPDX-License-Identifier: MIT
 *
 * Operation ids made by a function. */
#include <brio/brio.h>

static brio_str custom_generate_unique_id(brio_arena *arena, const brio_route *route)
{
    return brio_str_from(route->name);
}

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"item_id": "Foo"}]);
    return 0;
}

BRIO_MAIN(.operation_id = custom_generate_unique_id)
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json);
}
