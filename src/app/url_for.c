/* SPDX-License-Identifier: MIT
 *
 * URLs of routes by their names, as Starlette's url_for: the first route of that
 * name whose path has exactly the parameters that are given. */
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

bool brio_app_url_for(const brio_request *req, brio_str name, const brio_pair *params, size_t n,
                      brio_str *ret)
{
    for (const brio_app_route *route = req->app->routes; route; route = route->next) {
        if (route->page || !brio_str_eq(brio_str_from(route->spec.name), name) ||
            !fits(route, params, n))
            continue;
        *ret = brio_app_url_of(req, path_of(req, route, params, n));
        return true;
    }
    return false;
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
