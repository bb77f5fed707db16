/* SPDX-License-Identifier: MIT
 *
 * Routers: routes with what they have in common, kept until they are included
 * somewhere. As in FastAPI everything is settled at the time of the call: a
 * router's options when a route is added to it, an inclusion's when it is
 * included, with the routes there are then. */
#include "app/docs_internal.h"

/* A route on its way to an app, or a folder with a spec of its path and needs. */
typedef struct record {
    struct record *next;
    brio_route spec;
    const brio_app_folder *folder;      /* NULL: a route */
    brio_operation_id_fn *operation_id; /* the innermost that is given */
    const brio_app_layer *layers;       /* of routers inside, the outermost first */
} record;

struct brio_router {
    brio_app *app;
    brio_router_options options; /* copied */
    record *records, **end;
    const brio_app_layer *layers;
    brio_app_route *described, **described_end; /* operations of BRIO_DESCRIBE, in order */
};

/* ---- Adding up ------------------------------------------------------------------- */

static const char *join(brio_arena *arena, const char *a, const char *between, const char *b)
{
    if (!a || !*a)
        return b;
    if (!b || !*b)
        return a;
    return brio_cstr(arena, brio_printf(arena, "%s%s%s", a, between, b));
}

static bool is_end(const brio_extra_response *e)
{
    return !e || (!e->status && !e->key);
}

static const brio_extra_response *response_of(const brio_extra_response *list,
                                              const brio_extra_response *like)
{
    for (; !is_end(list); list++)
        if (list->status == like->status &&
            brio_str_eq(brio_str_from(list->key), brio_str_from(like->key)))
            return list;
    return NULL;
}

/* As Python joins dicts: those of `outer` stay in their place, what `inner` has of
 * the same status takes it. Copied. */
static const brio_extra_response *join_responses(brio_arena *arena,
                                                 const brio_extra_response *outer,
                                                 const brio_extra_response *inner)
{
    size_t n = 0, at = 0;
    for (const brio_extra_response *e = outer; !is_end(e); e++)
        n++;
    for (const brio_extra_response *e = inner; !is_end(e); e++)
        n++;
    if (n == 0)
        return NULL;
    brio_extra_response *joined = BRIO_NEW_ARRAY(arena, brio_extra_response, n + 1);
    for (const brio_extra_response *e = outer; !is_end(e); e++) {
        const brio_extra_response *own = response_of(inner, e);
        joined[at++] = own ? *own : *e;
    }
    for (const brio_extra_response *e = inner; !is_end(e); e++)
        if (!response_of(outer, e))
            joined[at++] = *e;
    return joined;
}

/* Around `r`: what `o` says for all its routes. */
static void put_around(brio_arena *arena, const brio_router_options *o, record *r)
{
    brio_route *spec = &r->spec;
    spec->path = join(arena, o->prefix, "", spec->path);
    spec->tags = join(arena, o->tags, ",", spec->tags);
    spec->depends = brio_app_needs_join(arena, o->depends, spec->depends);
    spec->responses = join_responses(arena, o->responses, spec->responses);
    spec->deprecated |= o->deprecated;
    spec->hidden |= o->hidden;
    if (spec->response == BRIO_RESPONSE_DEFAULT)
        spec->response = o->response;
    if (!r->operation_id)
        r->operation_id = o->operation_id;
}

/* ---- Routers ----------------------------------------------------------------------- */

static void check_prefix(const char *prefix)
{
    size_t len = prefix ? strlen(prefix) : 0;
    brio_route named = {.method = "router", .path = prefix};
    if (len && prefix[0] != '/')
        brio_app_wrong(&named, "a prefix must start with \"/\"");
    if (len && prefix[len - 1] == '/')
        brio_app_wrong(&named, "a prefix must not end with \"/\": its routes begin with one");
}

static const char *copy(brio_arena *arena, const char *text)
{
    return text ? brio_cstr(arena, brio_str_from(text)) : NULL;
}

brio_router *brio_router_new(brio_app *app, const brio_router_options *options)
{
    static const brio_router_options none = {0};
    brio_router *router = BRIO_NEW(&app->arena, brio_router);
    router->app = app;
    router->end = &router->records;
    router->described_end = &router->described;
    router->options = options ? *options : none;
    check_prefix(router->options.prefix);
    router->options.prefix = copy(&app->arena, router->options.prefix);
    router->options.tags = copy(&app->arena, router->options.tags);
    router->options.responses = join_responses(&app->arena, router->options.responses, NULL);
    router->options.depends = brio_app_needs_join(&app->arena, router->options.depends, NULL);
    return router;
}

static void append(brio_router *router, record *r)
{
    *router->end = r;
    router->end = &r->next;
}

void brio_router_add(brio_router *router, const brio_route *spec)
{
    brio_arena *arena = &router->app->arena;
    if (!spec->path)
        brio_app_wrong(spec, "a route needs a path");
    record *r = BRIO_NEW(arena, record);
    r->spec = *spec;
    put_around(arena, &router->options, r);
    append(router, r);
}

void brio_app_router_add_folder(brio_router *router, const brio_app_folder *folder)
{
    brio_arena *arena = &router->app->arena;
    record *r = BRIO_NEW(arena, record);
    brio_app_folder *kept = BRIO_NEW(arena, brio_app_folder);
    *kept = *folder;
    r->spec = (brio_route){.path = folder->path, .depends = folder->depends};
    r->folder = kept;
    put_around(arena, &router->options, r);
    append(router, r);
}

brio_app *brio_app_of_router(const brio_router *router)
{
    return router->app;
}

/* ---- Operations of others ------------------------------------------------------------- */

void brio_router_describe(brio_router *router, const brio_route *operation)
{
    brio_app_route *route = brio_app_describe(router->app, operation);
    *router->described_end = route;
    router->described_end = &route->next;
}

const brio_app_route *brio_app_described(const brio_router *router)
{
    return router ? router->described : NULL;
}

brio_router *brio_app_webhooks(brio_app *app)
{
    if (!app->webhooks)
        app->webhooks = brio_router_new(app, NULL);
    return app->webhooks;
}

void brio_router_use(brio_router *router, brio_middleware *fn, void *arg)
{
    BRIO_ASSERT(fn);
    brio_app_layer *layer = BRIO_NEW(&router->app->arena, brio_app_layer);
    *layer = (brio_app_layer){.inner = router->layers, .fn = fn, .arg = arg};
    router->layers = layer;
}

/* ---- Including ------------------------------------------------------------------------ */

/* One of the router's routes, as the inclusion has it. */
static record included(brio_app *app, const brio_router *router, const record *r,
                       const brio_router_options *options)
{
    record copied = *r;
    copied.next = NULL;
    copied.layers = brio_app_layers_join(&app->arena, router->layers, r->layers);
    if (options)
        put_around(&app->arena, options, &copied);
    return copied;
}

static void check_inclusion(const brio_router_options *options)
{
    if (options)
        check_prefix(options->prefix);
}

void brio_router_include(brio_router *into, const brio_router *router,
                         const brio_router_options *options)
{
    brio_arena *arena = &into->app->arena;
    BRIO_ASSERT(into != router);
    check_inclusion(options);
    for (const record *r = router->records; r; r = r->next) {
        record *copied = BRIO_NEW(arena, record);
        *copied = included(into->app, router, r, options);
        put_around(arena, &into->options, copied);
        append(into, copied);
    }
}

/* A frontend comes under what the app demands of every route, as in FastAPI. */
static void add_folder(brio_app *app, const record *r)
{
    brio_app_folder folder = *r->folder;
    folder.path = r->spec.path;
    folder.depends = folder.behind ? brio_app_needs_join(&app->arena, app->depends, r->spec.depends)
                                   : r->spec.depends;
    brio_app_add_folder(app, &folder, r->layers);
}

void brio_app_include(brio_app *app, const brio_router *router, const brio_router_options *options)
{
    check_inclusion(options);
    for (const record *r = router->records; r; r = r->next) {
        record copied = included(app, router, r, options);
        if (copied.folder)
            add_folder(app, &copied);
        else
            brio_app_add_within(app, &copied.spec, copied.operation_id, copied.layers);
    }
}
