/* SPDX-License-Identifier: MIT
 *
 * What the document says about tags. */
#include <brio/brio.h>

static int get_users(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"name": "Harry"}, {"name": "Ron"}]);
    return 0;
}

static int get_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"name": "wand"}, {"name": "flying broom"}]);
    return 0;
}

static const char tags[] = BRIO_JSON_TEXT([
    {"name": "users", "description": "Operations with users. The **login** logic is also here."},
    {
        "name": "items",
        "description": "Manage items. So _fancy_ they have their own docs.",
        "externalDocs": {"description": "Items external docs", "url": "https://fastapi.tiangolo.com/"}
    }
]);

BRIO_MAIN(.openapi_tags = tags)
{
    BRIO_GET(app, "/users/", get_users, brio_none, brio_json, .tags = "users");
    BRIO_GET(app, "/items/", get_items, brio_none, brio_json, .tags = "items");
}
