/* SPDX-License-Identifier: MIT
 *
 * Applications below one another. A mounted app answers everything below its
 * path as if it were served there: with its own routes, middleware, handlers of
 * failures and documentation. The request changes hands on the way in and back
 * on the way out, so that the outer app's middleware finds it as it was. */
#include "app/app_internal.h"
#include "app/routing.h"

typedef struct brio_app_mount mount;

/* ---- A request ---------------------------------------------------------------- */

/* What is left of the path: what the template's one parameter took, with the slash
 * in front of it. */
static brio_str rest_of(const brio_app_match *match)
{
    brio_str rest = match->captures[0];
    return (brio_str){rest.ptr - 1, rest.len + 1};
}

static int enter(brio_request *req, void *arg)
{
    brio_app *outer = req->app;
    brio_str path = req->path;
    req->app = arg;
    req->path = rest_of(&req->match);
    if (req->waits)
        req->match.captures = BRIO_NEW_ARRAY(req->arena, brio_str, BRIO_APP_PARAMS_MAX);
    brio_app_router_find(req->app, req->http, req->path, req->arena, &req->match);
    req->route = req->match.route;
    req->ex->route = req->route ? req->route->spec.path : NULL;
    req->ex->root_path = req->app->root_path;
    int rc = brio_app_run_app(req);
    if (rc < 0 && req->phase < BRIO_APP_STREAMING) {
        brio_app_answer_error(req, rc); /* by its own handlers, as the outermost of it */
        rc = 0;
    }
    req->app = outer;
    req->path = path;
    return rc;
}

void brio_app_find_mounted(const brio_http_request *http, brio_arena *scratch,
                           brio_app_match *match)
{
    while (match->route && match->route->folder == enter) {
        brio_str rest = rest_of(match);
        brio_app_router_find(match->route->folder_arg, http, rest, scratch, match);
    }
}

/* ---- Mounting -------------------------------------------------------------------- */

/* The prefix as a client sees it, all the way down. */
void brio_app_mounts_settle(brio_app *app)
{
    for (const mount *m = app->mounts; m; m = m->next) {
        brio_str root =
            brio_printf(&m->app->arena, "%.*s%.*s", BRIO_ARG(app->root_path), BRIO_ARG(m->path));
        brio_app_set_root_path(m->app, brio_cstr(&m->app->arena, root));
    }
}

const brio_app *brio_app_mounted(const brio_app_route *route)
{
    return route->folder == enter ? route->folder_arg : NULL;
}

void brio_app_each(brio_app *app, void (*fn)(brio_app *app, void *arg), void *arg)
{
    fn(app, arg);
    for (const mount *m = app->mounts; m; m = m->next)
        brio_app_each(m->app, fn, arg);
}

void brio_mount(brio_app *app, const char *path, brio_app *sub)
{
    brio_mount_as(app, path, sub, NULL);
}

void brio_mount_as(brio_app *app, const char *path, brio_app *sub, const char *name)
{
    size_t len = strlen(path);
    brio_route named = {.method = "mount", .path = path};
    BRIO_ASSERT(sub && sub != app && !sub->outer);
    if (len && (path[0] != '/' || path[len - 1] == '/'))
        brio_app_wrong(&named, "a mount's path starts with \"/\" and does not end with one");
    mount *m = BRIO_NEW(&app->arena, mount);
    m->path = brio_str_copy(&app->arena, brio_str_from(path));
    m->app = sub;
    mount **end = &app->mounts;
    while (*end)
        end = &(*end)->next;
    *end = m;
    sub->outer = app;
    brio_app_hook_parts(app, sub);
    brio_app_numbers_join(app, sub);
    brio_str below = brio_printf(&app->arena, "%s/{path:path}", path);
    brio_app_folder folder = {.path = brio_cstr(&app->arena, below),
                              .name = name ? brio_cstr(&app->arena, brio_str_from(name)) : NULL,
                              .fn = enter,
                              .arg = sub};
    brio_app_add_folder(app, &folder, NULL);
    brio_app_mounts_settle(app);
}
