/* SPDX-License-Identifier: MIT
 *
 * The application: options, hooks of its lifespan, its list of routes. An app
 * belongs to no loop and is not changed while it serves; workers made by fork
 * share it untouched. Everything in it is memory of its arena. */
#include "app/binding.h"
#include "app/docs_internal.h"

#include <stdio.h>
#include <stdlib.h>

static const size_t app_arena_limit = (size_t)1 << 30;

static const char *copy_or(brio_arena *arena, const char *text, const char *fallback)
{
    return text ? brio_cstr(arena, brio_str_from(text)) : fallback;
}

/* JSON text of an option, without the blanks between its tokens. What is not
 * JSON of that type is the author's mistake. */
static const char *json_or_null(brio_arena *arena, const char *option, const char *text,
                                brio_json_type type)
{
    brio_json value;
    if (!text)
        return NULL;
    int rc = brio_json_parse(arena, brio_str_from(text), NULL, &value, NULL);
    if (rc < 0 || value.type != type) {
        fprintf(stderr, "brio: app option %s is not a JSON %s: %s\n", option,
                type == BRIO_JSON_ARRAY ? "array" : "object", text);
        abort();
    }
    return brio_cstr(arena, brio_json_text(arena, &value));
}

static void copy_options(brio_app *app, const brio_app_options *o)
{
    brio_arena *arena = &app->arena;
    app->options = (brio_app_options){
        .title = copy_or(arena, o->title, "FastAPI"),
        .version = copy_or(arena, o->version, "0.1.0"),
        .summary = copy_or(arena, o->summary, NULL),
        .description = copy_or(arena, o->description, NULL),
        .openapi_url = copy_or(arena, o->openapi_url, "/openapi.json"),
        .docs_url = copy_or(arena, o->docs_url, "/docs"),
        .redoc_url = copy_or(arena, o->redoc_url, "/redoc"),
        .asyncapi_url = copy_or(arena, o->asyncapi_url, "/asyncapi.json"),
        .asyncdocs_url = copy_or(arena, o->asyncdocs_url, "/asyncdocs"),
        .root_path = copy_or(arena, o->root_path, ""),
        .ws = o->ws,
        .upload_dir = copy_or(arena, o->upload_dir, NULL),
        .terms_of_service = copy_or(arena, o->terms_of_service, NULL),
        .contact = {.name = copy_or(arena, o->contact.name, NULL),
                    .url = copy_or(arena, o->contact.url, NULL),
                    .email = copy_or(arena, o->contact.email, NULL)},
        .license = {.name = copy_or(arena, o->license.name, NULL),
                    .identifier = copy_or(arena, o->license.identifier, NULL),
                    .url = copy_or(arena, o->license.url, NULL)},
        .openapi_tags = json_or_null(arena, "openapi_tags", o->openapi_tags, BRIO_JSON_ARRAY),
        .servers = json_or_null(arena, "servers", o->servers, BRIO_JSON_ARRAY),
        .external_docs = json_or_null(arena, "external_docs", o->external_docs, BRIO_JSON_OBJECT),
        .no_root_path_in_servers = o->no_root_path_in_servers,
        .no_split_schemas = o->no_split_schemas,
        .operation_id = o->operation_id,
        .swagger_ui_parameters = json_or_null(arena, "swagger_ui_parameters",
                                              o->swagger_ui_parameters, BRIO_JSON_OBJECT),
        .swagger_ui_init_oauth = json_or_null(arena, "swagger_ui_init_oauth",
                                              o->swagger_ui_init_oauth, BRIO_JSON_OBJECT),
        .oauth2_redirect_url = copy_or(arena, o->oauth2_redirect_url, "/docs/oauth2-redirect"),
        .lax_content_type = o->lax_content_type,
        .problem_details = o->problem_details,
        .no_redirect_slashes = o->no_redirect_slashes,
        .head = o->head,
        .options = o->options,
        .debug = o->debug,
        .response = o->response,
        .state = o->state,
        .on_startup = o->on_startup,
        .on_shutdown = o->on_shutdown,
    };
    app->options.ws.origins = copy_or(arena, o->ws.origins, NULL);
}

static brio_str without_slashes_behind(brio_str s)
{
    while (s.len && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}

brio_app *brio_app_new(const brio_app_options *options)
{
    static const brio_app_options none = {0};
    brio_app *app = brio_zalloc(1, sizeof *app);
    BRIO_ASSERT(app);
    brio_arena_init(&app->arena, app_arena_limit);
    copy_options(app, options ? options : &none);
    app->root_path = without_slashes_behind(brio_str_from(app->options.root_path));
    app->depends = brio_app_needs_join(&app->arena, options ? options->depends : NULL, NULL);
    brio_app_router_new(app);
    brio_app_number_sockets(app);
    if (app->options.on_startup)
        brio_app_on_startup(app, app->options.on_startup);
    if (app->options.on_shutdown)
        brio_app_on_shutdown(app, app->options.on_shutdown);
    brio_app_docs_register(app);
    return app;
}

void brio_app_free(brio_app *app)
{
    if (!app)
        return;
    for (const struct brio_app_mount *m = app->mounts; m; m = m->next)
        brio_app_free(m->app);
    brio_buf_fini(&app->document);
    brio_arena_fini(&app->arena);
    free(app);
}

void **brio_app_local(brio_app *app, const void *key)
{
    struct brio_app_local *local = app->locals;
    while (local && local->key != key)
        local = local->next;
    if (!local) {
        local = BRIO_NEW(&app->arena, struct brio_app_local);
        *local = (struct brio_app_local){app->locals, key, NULL};
        app->locals = local;
    }
    return &local->value;
}

void brio_app_at_free(brio_app *app, void (*fn)(void *arg), void *arg)
{
    brio_defer_push(&app->arena, fn, arg);
}

void *brio_app_state(const brio_app *app)
{
    return app->options.state;
}

const char *brio_app_docs_url(const brio_app *app)
{
    const char *url = app->options.docs_url;
    return *url && *app->options.openapi_url ? url : NULL;
}

void brio_app_set_root_path(brio_app *app, const char *root_path)
{
    app->options.root_path = copy_or(&app->arena, root_path, "");
    app->root_path = without_slashes_behind(brio_str_from(app->options.root_path));
    app->root_path_given = true;
    brio_buf_clear(&app->document);
    brio_app_mounts_settle(app);
}

/* ---- Lifespan --------------------------------------------------------------- */

static brio_app_hook *hook_new(brio_app *app, brio_app_hook what)
{
    BRIO_ASSERT(what.fn || what.inside);
    brio_app_hook *hook = BRIO_NEW(&app->arena, brio_app_hook);
    *hook = what;
    return hook;
}

static void add_startup(brio_app *app, brio_app_hook what)
{
    brio_app_hook **end = &app->startups;
    while (*end)
        end = &(*end)->next;
    *end = hook_new(app, what);
}

static void add_shutdown(brio_app *app, brio_app_hook what)
{
    what.next = app->shutdowns;
    app->shutdowns = hook_new(app, what);
}

void brio_app_on_startup(brio_app *app, brio_lifespan_fn *fn)
{
    add_startup(app, (brio_app_hook){.fn = fn});
}

void brio_app_on_shutdown(brio_app *app, brio_lifespan_fn *fn)
{
    add_shutdown(app, (brio_app_hook){.fn = fn});
}

void brio_app_add_part(brio_app *app, brio_lifespan_fn *begin, brio_lifespan_fn *end)
{
    add_startup(app, (brio_app_hook){.fn = begin, .part = true});
    add_shutdown(app, (brio_app_hook){.fn = end, .part = true});
}

void brio_app_hook_parts(brio_app *app, brio_app *inside)
{
    add_startup(app, (brio_app_hook){.inside = inside});
    add_shutdown(app, (brio_app_hook){.inside = inside});
}

/* All, or only those that run in a mounted app. */
static int run_startups(brio_app *app, bool all)
{
    int rc = 0;
    for (const brio_app_hook *hook = app->startups; hook && rc >= 0; hook = hook->next)
        if (hook->inside)
            rc = run_startups(hook->inside, false);
        else if (all || hook->part)
            rc = hook->fn(app, app->options.state);
    return rc;
}

/* A hook that fails does not keep the older ones from cleaning up. */
static void run_shutdowns(brio_app *app, bool all)
{
    for (const brio_app_hook *hook = app->shutdowns; hook; hook = hook->next) {
        int rc = 0;
        if (hook->inside)
            run_shutdowns(hook->inside, false);
        else if (all || hook->part)
            rc = hook->fn(app, app->options.state);
        if (rc < 0)
            brio_log(BRIO_LOG_ERROR, "a shutdown hook failed: %s", brio_error_text(rc));
    }
}

static void end_lives(brio_app *app)
{
    for (const struct brio_app_mount *m = app->mounts; m; m = m->next)
        end_lives(m->app);
    brio_app_life_end(app);
}

/* Mounted apps run no hooks of their own, as in FastAPI, but what their routes need is made. */
static int begin_lives(brio_app *app)
{
    int rc = brio_app_life_begin(app);
    for (const struct brio_app_mount *m = app->mounts; m && rc >= 0; m = m->next)
        rc = begin_lives(m->app);
    if (rc < 0)
        end_lives(app);
    return rc;
}

/* Ends the parts that have begun; the words about the failure stay. */
static int give_up(brio_app *app, int rc)
{
    char text[512];
    int line = 0;
    const char *file = brio_error_file(&line);
    brio_str detail = brio_error_detail();
    brio_buf why = brio_buf_over(text, sizeof text);
    brio_buf_add(&why, detail);
    run_shutdowns(app, false);
    detail = brio_buf_str(&why);
    return detail.len ? brio_error_at(file, line, rc, "%.*s", BRIO_ARG(detail)) : rc;
}

int brio_app_startup(brio_app *app)
{
    int rc = run_startups(app, true);
    if (rc >= 0)
        rc = begin_lives(app);
    return rc < 0 ? give_up(app, rc) : rc;
}

void brio_app_shutdown(brio_app *app)
{
    brio_app_sockets_wait(app);
    end_lives(app);
    run_shutdowns(app, true);
}
