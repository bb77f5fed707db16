/* SPDX-License-Identifier: MIT
 *
 * Tags group routes in the documentation. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax),
           BRIO_FIELD(tags, .as = BRIO_SET, .def = "[]"));

static int create_item(brio_request *req, const Item *item, Item *out)
{
    *out = *item;
    return 0;
}

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

BRIO_MAIN()
{
    BRIO_POST(app, "/items/", create_item, Item, Item, .tags = "items");
    BRIO_GET(app, "/items/", read_items, brio_none, brio_json, .tags = "items");
    BRIO_GET(app, "/users/", read_users, brio_none, brio_json, .tags = "users");
}
