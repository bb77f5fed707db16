/* SPDX-License-Identifier: MIT
 *
 * What the parts of the app room share that find the route of a path. */
#ifndef BRIO_APP_ROUTING_H
#define BRIO_APP_ROUTING_H

#include "app/app_internal.h"

/* `path` is percent-decoded. `scratch` is used by uncommon templates only. */
void brio_app_router_find(const brio_app *app, const brio_http_request *http, brio_str path,
                          brio_arena *scratch, brio_app_match *ret);
/* True if any route fits the path with some method. */
bool brio_app_router_knows(const brio_app *app, brio_str path, brio_arena *scratch);
/* The value of Allow: what routes have this path, and OPTIONS. */
brio_str brio_app_router_allows(const brio_app *app, brio_str path, brio_arena *arena);
/* Whole path against one template; fills captures as Starlette's regular
 * expression would. Linear in path length times pieces. */
bool brio_app_path_match(const brio_app_path *path, brio_str text, brio_arena *scratch,
                         brio_str *captures);
/* True if `text`, one whole segment, is what the convertor takes. */
bool brio_app_convertor_fits(brio_app_convertor convertor, brio_str text);

/* The app that a route leads to; NULL if it is no mount. */
const brio_app *brio_app_mounted(const brio_app_route *route);
/* While the match is a mount: what its app finds. */
void brio_app_find_mounted(const brio_http_request *http, brio_arena *scratch,
                           brio_app_match *match);

#endif
