/* SPDX-License-Identifier: MIT
 *
 * A deprecated route. */
#include <brio/brio.h>

static int read_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"name": "Foo", "price": 42}]);
    return 0;
}

static int read_users(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"username": "johndoe"}]);
    return 0;
}

static int read_elements(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"item_id": "Foo"}]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json, .tags = "items");
    BRIO_GET(app, "/users/", read_users, brio_none, brio_json, .tags = "users");
    BRIO_GET(app, "/elements/", read_elements, brio_none, brio_json, .tags = "items",
             .deprecated = true);
}
