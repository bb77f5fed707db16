/* SPDX-License-Identifier: MIT
 *
 * Tags with a name in the program cannot be mistyped. */
#include <brio/brio.h>

#define ITEMS "items"
#define USERS "users"

static int get_items(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON(["Portal gun", "Plumbus"]);
    return 0;
}

static int read_users(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON(["Rick", "Morty"]);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/", get_items, brio_none, brio_json, .tags = ITEMS);
    BRIO_GET(app, "/users/", read_users, brio_none, brio_json, .tags = USERS);
}
