/* SPDX-License-Identifier: MIT
 *
 * Compiles a route when it is added: what a request would otherwise ask of the
 * tables again and again (wire names, error locations, who takes a list, which
 * body goes straight into its struct, the 405 answer) is settled here, and
 * what is wrong with the declaration is said here, in one sentence. */
#include "app/docs_internal.h"
#include "app/outgoing.h"

#include <stdio.h>
#include <stdlib.h>

void brio_app_wrong(const brio_route *route, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "brio: %s %s: ", route->method ? route->method : "?",
            route->path ? route->path : "?");
    vfprintf(stderr, fmt, args);
    fputs("\n", stderr);
    va_end(args);
    abort();
}

/* ---- The route ----------------------------------------------------------------- */

static uint32_t method_bit(const brio_route *spec)
{
    if (spec->method && strcmp(spec->method, "WEBSOCKET") == 0)
        return BRIO_APP_SOCKET_BIT;
    if (!spec->method || !*spec->method)
        brio_app_wrong(spec, "a route needs a method");
    for (uint32_t m = 0; m < BRIO_METHOD_OTHER; m++)
        if (brio_str_eq(brio_method_name((brio_method)m), brio_str_from(spec->method)))
            return UINT32_C(1) << m;
    return UINT32_C(1) << BRIO_METHOD_OTHER;
}

static brio_app_route *route_new(brio_app *app, const brio_route *spec)
{
    if (!spec->path)
        brio_app_wrong(spec, "a route needs a path");
    brio_app_route *route = BRIO_NEW(&app->arena, brio_app_route);
    route->spec = *spec;
    route->order = app->n_routes;
    brio_app_path_compile(&app->arena, spec, &route->path);
    return route;
}

static void enlist(brio_app *app, brio_app_route *route)
{
    if (app->last_route)
        app->last_route->next = route;
    else
        app->routes = route;
    app->last_route = route;
    app->n_routes++;
    brio_app_router_add(app, route);
    brio_buf_clear(&app->document);
}

/* The router's or the app's own way to make operationIds. */
static void name_operation(brio_app *app, brio_app_route *route, brio_operation_id_fn *fn)
{
    fn = fn ? fn : app->options.operation_id;
    if (fn && !route->spec.operation_id)
        route->spec.operation_id = brio_cstr(&app->arena, fn(&app->arena, &route->spec));
}

static void check_object(brio_app *app, const brio_route *spec, const char *what, const char *text)
{
    brio_json object;
    if (!text)
        return;
    int rc = brio_json_parse(&app->arena, brio_str_from(text), NULL, &object, NULL);
    if (rc < 0 || object.type != BRIO_JSON_OBJECT)
        brio_app_wrong(spec, "%s is not a JSON object: %s", what, text);
}

static void keep_responses(brio_app *app, brio_app_route *route)
{
    enum { MAX = 32 };
    const brio_extra_response *given = route->spec.responses;
    size_t n = 0;
    for (; given && (given[n].status || given[n].key); n++) {
        if (n == MAX)
            brio_app_wrong(&route->spec, "more than %d responses", MAX);
        check_object(app, &route->spec, "the content of a response", given[n].content);
    }
    brio_extra_response *kept = BRIO_NEW_ARRAY(&app->arena, brio_extra_response, n + 1);
    for (size_t i = 0; i < n; i++)
        kept[i] = given[i];
    route->spec.responses = n ? kept : NULL;
}

/* The route's own layer is the innermost. */
static const brio_app_layer *layers_of(brio_app *app, const brio_route *spec,
                                       const brio_app_layer *layers)
{
    if (!spec->wrap)
        return layers;
    brio_app_layer *own = BRIO_NEW(&app->arena, brio_app_layer);
    *own = (brio_app_layer){.fn = spec->wrap, .arg = spec->wrap_arg};
    return brio_app_layers_join(&app->arena, layers, own);
}

void brio_app_add_within(brio_app *app, const brio_route *spec, brio_operation_id_fn *operation_id,
                         const brio_app_layer *layers)
{
    if ((!spec->handler && !spec->events) || !spec->in || !spec->out)
        brio_app_wrong(spec, "a route needs a handler, an input and an output");
    brio_app_route *route = route_new(app, spec);
    route->spec.name = spec->name ? spec->name : spec->symbol ? spec->symbol : "handler";
    route->methods = method_bit(spec);
    if (route->methods == BRIO_APP_SOCKET_BIT) {
        app->has_sockets = true;
        brio_app_socket_route(app, route);
    }
    if (spec->response == BRIO_RESPONSE_DEFAULT && route->methods != BRIO_APP_SOCKET_BIT)
        route->spec.response = app->options.response;
    name_operation(app, route, operation_id);
    route->layers = layers_of(app, spec, layers);
    route->out = spec->out();
    brio_app_check_model(app, spec, route->out);
    brio_app_input_compile(app, route, spec->in, &route->input);
    route->depends = brio_app_needs_join(&app->arena, app->depends, spec->depends);
    brio_app_route_resolve(app, route);
    brio_app_classify(app, route);
    if (spec->body_pieces && (spec->run == BRIO_BLOCKING || brio_app_body_rows(route)->n))
        brio_app_wrong(spec, "body_pieces: the body is read by an async handler, and by no row");
    check_object(app, spec, "openapi_extra", spec->openapi_extra);
    keep_responses(app, route);
    route->allow = (brio_header){BRIO_S("allow"), brio_str_from(spec->method)};
    if (app->options.head && route->methods == UINT32_C(1) << BRIO_METHOD_GET) {
        route->methods |= UINT32_C(1) << BRIO_METHOD_HEAD;
        route->allow.value = BRIO_S("GET, HEAD");
    }
    enlist(app, route);
    if (brio_app_is_channel(route))
        brio_app_asyncdocs_register(app);
}

/* No request comes here: what counts is what the document says. */
brio_app_route *brio_app_describe(brio_app *app, const brio_route *spec)
{
    if (!spec->path || !spec->in || !spec->out)
        brio_app_wrong(spec, "a description needs a path, an input and an output");
    brio_app_route *route = BRIO_NEW(&app->arena, brio_app_route);
    route->spec = *spec;
    route->spec.name = spec->name ? spec->name : spec->symbol;
    route->path.text = route->path.format = brio_str_from(spec->path);
    route->methods = method_bit(spec);
    route->out = spec->out();
    brio_app_check_model(app, spec, route->out);
    brio_app_input_compile(app, route, spec->in, &route->input);
    brio_app_route_resolve(app, route);
    brio_app_classify(app, route);
    check_object(app, spec, "openapi_extra", spec->openapi_extra);
    keep_responses(app, route);
    brio_buf_clear(&app->document);
    return route;
}

void brio_app_add(brio_app *app, const brio_route *spec)
{
    brio_app_add_within(app, spec, NULL, NULL);
}

void brio_app_add_page(brio_app *app, const char *path, brio_app_page_fn *page)
{
    brio_route spec = {.method = "GET", .path = path, .name = "page", .hidden = true};
    brio_app_route *route = route_new(app, &spec);
    BRIO_ASSERT(route->path.n_params == 0);
    route->methods = UINT32_C(1) << BRIO_METHOD_GET | UINT32_C(1) << BRIO_METHOD_HEAD;
    route->status = 200;
    route->page = page;
    route->allow = (brio_header){BRIO_S("allow"), BRIO_S("GET, HEAD")};
    enlist(app, route);
}

static brio_app_route *folder_new(brio_app *app, const brio_app_folder *folder,
                                  const brio_app_layer *layers)
{
    brio_route spec = {.method = "GET",
                       .path = *folder->path ? folder->path : "/",
                       .name = folder->name,
                       .depends = folder->depends,
                       .hidden = true};
    brio_app_route *route = route_new(app, &spec);
    route->methods = UINT32_MAX;
    route->status = 200;
    route->folder = folder->fn;
    route->folder_arg = folder->arg;
    route->layers = layers;
    route->depends = spec.depends;
    brio_app_input_compile(app, route, brio_none_model, &route->input);
    brio_app_route_resolve(app, route);
    return route;
}

void brio_app_add_folder(brio_app *app, const brio_app_folder *folder, const brio_app_layer *layers)
{
    brio_app_route *route = folder_new(app, folder, layers);
    if (folder->behind)
        brio_app_enlist_frontend(app, route);
    else
        enlist(app, route);
}
