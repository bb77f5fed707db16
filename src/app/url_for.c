/* SPDX-License-Identifier: MIT
 *
 * URLs of routes by their names, as Starlette's url_for: the first route of that
 * name whose path has exactly the parameters that are given. Mounted apps are
 * searched in their place among the routes. */
#include "app/outgoing.h"
#include "app/routing.h"

enum { PARAMS_MAX = 16 };

static const brio_str *value_of(const brio_pair *params, size_t n, brio_str name)
{
    for (size_t i = 0; i < n; i++)
        if (brio_str_eq(params[i].name, name))
            return &params[i].value;
    return NULL;
}

/* The first parameter that has no value here, or a value that it cannot have. */
static bool fits(const brio_app_route *route, const brio_pair *params, size_t n)
{
    const brio_app_path *path = &route->path;
    if (path->n_params != n)
        return false;
    for (size_t i = 0; i < path->n_pieces; i++) {
        const brio_app_piece *piece = &path->pieces[i];
        const brio_str *value = piece->is_param ? value_of(params, n, piece->text) : NULL;
        if (piece->is_param && (!value || !brio_app_convertor_fits(piece->convertor, *value)))
            return false;
    }
    return true;
}

/* A folder's path may be given with a slash in front. */
static brio_str without_slashes(const brio_app_route *route, brio_str value)
{
    while (route->folder && brio_str_starts(value, BRIO_S("/")))
        value = brio_str_slice(value, 1, SIZE_MAX);
    return value;
}

static brio_str path_of(const brio_request *req, const brio_app_route *route,
                        const brio_pair *params, size_t n)
{
    brio_str text = {0};
    for (size_t i = 0; i < route->path.n_pieces; i++) {
        const brio_app_piece *piece = &route->path.pieces[i];
        brio_str part = piece->is_param ? without_slashes(route, *value_of(params, n, piece->text))
                                        : piece->text;
        text = brio_printf(req->arena, "%.*s%.*s", BRIO_ARG(text), BRIO_ARG(part));
    }
    return text;
}

/* What a mount's routes are called inside it: "list" of "items:list"; of a mount
 * without a name, the same. False if it is none of them. */
static bool name_inside(const brio_app_route *mount, brio_str name, brio_str *ret)
{
    brio_str own = brio_str_from(mount->spec.name);
    brio_str rest = brio_str_slice(name, own.len, SIZE_MAX);
    bool inside = brio_str_starts(name, own) && brio_str_starts(rest, BRIO_S(":"));
    *ret = own.len ? brio_str_slice(rest, 1, SIZE_MAX) : name;
    return inside || !own.len;
}

/* What is in front of "/{path:path}". */
static brio_str base_of(const brio_app_route *mount)
{
    return brio_str_slice(mount->path.text, 0, mount->path.text.len - strlen("/{path:path}"));
}

/* The path of the first route of that name, in an app or one mounted in it. */
static bool find(const brio_request *req, const brio_app *app, brio_str name,
                 const brio_pair *params, size_t n, brio_str *ret)
{
    for (const brio_app_route *route = app->routes; route; route = route->next) {
        const brio_app *sub = brio_app_mounted(route);
        brio_str inner;
        if (!route->page && route->spec.name && fits(route, params, n) &&
            brio_str_eq(brio_str_from(route->spec.name), name)) {
            *ret = path_of(req, route, params, n);
            return true;
        }
        if (sub && name_inside(route, name, &inner) && find(req, sub, inner, params, n, ret)) {
            *ret = brio_printf(req->arena, "%.*s%.*s", BRIO_ARG(base_of(route)), BRIO_ARG(*ret));
            return true;
        }
    }
    return false;
}

bool brio_app_url_for(const brio_request *req, brio_str name, const brio_pair *params, size_t n,
                      brio_str *ret)
{
    brio_str path;
    bool found = find(req, req->app, name, params, n, &path);
    if (found)
        *ret = brio_app_url_of(req, path);
    return found;
}

brio_str brio_request_url_for(brio_request *req, const char *name, ...)
{
    brio_pair params[PARAMS_MAX];
    brio_str url = {0};
    size_t n = 0;
    const char *key;
    va_list args;
    va_start(args, name);
    while ((key = va_arg(args, const char *)) != NULL) {
        BRIO_ASSERT(n < PARAMS_MAX);
        params[n++] = (brio_pair){brio_str_from(key), brio_str_from(va_arg(args, const char *))};
    }
    va_end(args);
    (void)brio_app_url_for(req, brio_str_from(name), params, n, &url);
    return url;
}
