/* SPDX-License-Identifier: MIT
 *
 * brio/router.h: larger programs: routers and what they have in common,
 * applications below one another, URLs of routes. A part of <brio/app.h>, which
 * includes it.
 *
 *     brio_router *items = brio_router_new(app, &(brio_router_options){
 *         .prefix = "/items", .tags = "items", .depends = BRIO_NEEDS(token)});
 *     BRIO_GET(items, "/", list_items, ListItems, Item_list);
 *     ...
 *     brio_include(app, items, NULL);
 *
 * What is said at several places adds up from the outside in: app, the router
 * that includes, the inclusion, the router, the route. */
#ifndef BRIO_ROUTER_H
#define BRIO_ROUTER_H

#include <brio/answer.h>
#include <brio/depends.h>
#include <brio/middleware.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_route;

/* A further answer of a route, for the document: BRIO_RESPONSES({404, .model =
 * Message_model}, {200, .content = BRIO_JSON_TEXT({"image/png": {}})}). One of
 * success' status is laid over it. At most 32. */
typedef struct brio_extra_response {
    int status;
    const char *key;         /* instead: "4XX", "default" */
    const char *description; /* NULL means the status' reason phrase */
    brio_model_fn *model;    /* of the body, under the route's media type; NULL: none */
    const char *content;     /* JSON object: by media type, {"image/png": {}} */
} brio_extra_response;
#define BRIO_RESPONSES(...) ((const brio_extra_response[]){__VA_ARGS__, {.status = 0}})

/* FastAPI's APIRouter: routes that are not an app's yet. */
typedef struct brio_router brio_router;

/* The operationId of a route, for generated clients (FastAPI's
 * generate_unique_id_function). Borrowed, or the arena's. */
typedef brio_str brio_operation_id_fn(brio_arena *arena, const struct brio_route *route);

/* Of a router, or of one inclusion of it. Texts and lists are copied. */
typedef struct brio_router_options {
    int brio_private_zero;
    const char *prefix;           /* begins with '/' and does not end with it; NULL means none */
    const char *tags;             /* comma-separated, before those of the routes */
    const brio_need *depends;     /* before those of the routes */
    const brio_extra_response *responses; /* BRIO_RESPONSES; a route's own of one status wins */
    brio_response_class response; /* of routes that do not say */
    brio_operation_id_fn *operation_id; /* of routes that do not say */
    bool deprecated;              /* all of them */
    bool hidden;                  /* all of them: not in the document */
} brio_router_options;

/* Never NULL; goes with `app`. `options` may be NULL. */
BRIO_API brio_router *brio_router_new(brio_app *app, const brio_router_options *options);

/* Adds a route: BRIO_GET(router, "/path", ...) and its kin. A path may be ""
 * where there is a prefix. */
BRIO_API void brio_router_add(brio_router *router, const struct brio_route *route);

/* Operations that somebody else serves and the document tells of: BRIO_DESCRIBE(
 * router, "POST", "{$callback_url}/paid", paid, Input, Output, .option = value, ...).
 * `paid` gives summary and operationId and need not be declared. Of a router
 * that a route names as its .callbacks (the path is an OpenAPI runtime expression),
 * or of brio_app_webhooks() (the path is the webhook's name). */
#define BRIO_DESCRIBE(router, m, p, n, ...)                                                  \
    BRIO_DESCRIBE_(router, m, p, n, __VA_ARGS__, .brio_private_end = 0)
#define BRIO_DESCRIBE_(router, m, p, n, In, Out, ...)                                        \
    brio_router_describe((router), &(const brio_route){.method = m, .path = p, .symbol = #n, \
                                                       .in = In##_model, .out = Out##_model, \
                                                       __VA_ARGS__})
BRIO_API void brio_router_describe(brio_router *router, const struct brio_route *operation);
/* What the app will call at its clients (FastAPI's app.webhooks). */
BRIO_API brio_router *brio_app_webhooks(brio_app *app);

/* Adds the routes that `router` has now to an app or to another router, behind
 * those that are there. May be repeated, under other prefixes. `options` may be
 * NULL. */
#ifndef __cplusplus
#define brio_include(into, router, ...)                                                      \
    _Generic((into), brio_router *: brio_router_include, default: brio_app_include)(         \
        (into), (router), __VA_ARGS__)
#endif
BRIO_API void brio_app_include(brio_app *app, const brio_router *router,
                               const brio_router_options *options);
BRIO_API void brio_router_include(brio_router *into, const brio_router *router,
                                  const brio_router_options *options);

/* Middleware around the routes of a router: brio_app_use(router, fn, arg), before
 * it is included. It runs once the route is found, around its dependencies, and
 * unlike an app's it sees failures before they are answered: brio_next_run gives
 * BRIO_EHTTP, BRIO_EINVALID or whatever it is, brio_request_exception tells all of
 * it, and returning another failure replaces it. (FastAPI's route_class.) */
BRIO_API void brio_router_use(brio_router *router, brio_middleware *fn, void *arg);
#ifndef __cplusplus
#define brio_app_use(target, fn, arg)                                                        \
    _Generic((target), brio_router *: brio_router_use, default: brio_app_use)((target), (fn), \
                                                                              (arg))
#endif

/* Folders below the router's prefix: brio_static(router, "/img", "dir", NULL) and
 * brio_frontend(router, ...), see <brio/answer.h>. */
BRIO_API void brio_router_static(brio_router *router, const char *path, const char *directory,
                                 const brio_static_options *options);
BRIO_API void brio_router_frontend(brio_router *router, const char *path, const char *directory,
                                   const brio_frontend_options *options);
#ifndef __cplusplus
#define brio_static(target, path, ...)                                                       \
    _Generic((target), brio_router *: brio_router_static, default: brio_static)(             \
        (target), (path), __VA_ARGS__)
#define brio_frontend(target, path, ...)                                                     \
    _Generic((target), brio_router *: brio_router_frontend, default: brio_frontend)(         \
        (target), (path), __VA_ARGS__)
#endif

/* ---- Applications below one another -------------------------------------------- */

/* Starlette's mount: `sub` answers everything below `path` ("/sub"), in its place
 * among the routes, with its own middleware, handlers of failures and
 * documentation (/sub/docs). `sub` is taken: it goes with `app`, and is mounted once. Its
 * hooks of the lifespan do not run; its buses are opened, and what it has of scope
 * BRIO_PER_APP is made. */
BRIO_API void brio_mount(brio_app *app, const char *path, brio_app *sub);
/* The same, with a name for url_for (copied; NULL: none, as brio_mount): the
 * routes of `sub` are called "name:route" from `app`, and "name" with the parameter
 * "path" is anything below. Without a name they go by their own. */
BRIO_API void brio_mount_as(brio_app *app, const char *path, brio_app *sub, const char *name);

#ifdef __cplusplus
}

/* What _Generic chooses in C, C++ overloads. */
inline void brio_include(brio_app *into, const brio_router *router,
                         const brio_router_options *options)
{
    brio_app_include(into, router, options);
}
inline void brio_include(brio_router *into, const brio_router *router,
                         const brio_router_options *options)
{
    brio_router_include(into, router, options);
}
inline void brio_app_use(brio_router *router, brio_middleware *fn, void *arg)
{
    brio_router_use(router, fn, arg);
}
inline void brio_static(brio_router *router, const char *path, const char *directory,
                        const brio_static_options *options)
{
    brio_router_static(router, path, directory, options);
}
inline void brio_frontend(brio_router *router, const char *path, const char *directory,
                          const brio_frontend_options *options)
{
    brio_router_frontend(router, path, directory, options);
}
#endif
#endif
