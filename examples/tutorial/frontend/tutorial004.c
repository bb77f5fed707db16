/* SPDX-License-Identifier: MIT
 *
 * A page below a prefix, by a router. */
#include <brio/brio.h>

BRIO_MAIN()
{
    brio_router *router = brio_router_new(app, NULL);
    brio_frontend(router, "/", "dist", &(brio_frontend_options){.fallback = BRIO_FALLBACK_INDEX});
    brio_include(app, router, &(brio_router_options){.prefix = "/app"});
}
