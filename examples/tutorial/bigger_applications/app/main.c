/* SPDX-License-Identifier: MIT
 *
 * An application in several files: its parts are put together here. */
#include "bigger.h"

static int root(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Hello Bigger Applications!"});
    return 0;
}

BRIO_MAIN(.depends = BRIO_NEEDS(get_query_token))
{
    brio_include(app, users_router(app), NULL);
    brio_include(app, items_router(app), NULL);
    brio_include(
        app, admin_router(app),
        &(brio_router_options){.prefix = "/admin",
                               .tags = "admin",
                               .depends = BRIO_NEEDS(get_token_header),
                               .responses = BRIO_RESPONSES({418, .description = "I'm a teapot"})});
    BRIO_GET(app, "/", root, brio_none, brio_json);
}
