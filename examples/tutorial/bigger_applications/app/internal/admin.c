/* SPDX-License-Identifier: MIT
 *
 * The router of the administration; prefix and protection come from who
 * includes it. */
#include "../bigger.h"

static int update_admin(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Admin getting schwifty"});
    return 0;
}

brio_router *admin_router(brio_app *app)
{
    brio_router *router = brio_router_new(app, NULL);
    BRIO_POST(router, "/", update_admin, brio_none, brio_json);
    return router;
}
