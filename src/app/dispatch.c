/* SPDX-License-Identifier: MIT
 *
 * One request through the app.
 *
 *     serve: match -> no route, wrong method, page: answered at once
 *                  -> route, or an app with middleware: an eager task
 *     task:  pipeline.c up to the answer -> background -> defers -> end
 *
 * However the task ends, `end_request` runs: it is the oldest defer of the
 * request, so an abandoned task comes by here as well and its client gets an
 * answer that needs no memory. `finished` is called when the runtime has let go
 * of the arena: behind brio_create_task if the task is over by then, else by a
 * loop callback, never from inside the task.
 *
 * A request for a WebSocket may wait for days. All it is lies in its task's own
 * arena, which begins in the page of the task's stack that is needed anyway;
 * nothing of the server's is kept, and `finished` is the last thing in the task. */
#include "app/routing.h"

#include <brio/ws.h>

/* ---- Inside the task ---------------------------------------------------------------- */

static void finish_later(brio_callback *cb)
{
    brio_request *req = BRIO_CONTAINER(cb, brio_request, ending);
    req->ex->finished(req->ex);
}

/* The last thing of a request's task. Unanswered only if it was abandoned. */
static void end_request(void *arg)
{
    brio_request *req = arg;
    if (req->phase < BRIO_APP_STREAMING) {
        int status = req->phase == BRIO_APP_READING ? 413 : 503;
        brio_app_log(req, BRIO_LOG_ERROR, "%d: the request's task was abandoned", status);
        if (status == 503 && req->ex->failed)
            req->ex->failed(req->ex, BRIO_EABANDON, BRIO_S("the request's task was abandoned"));
        req->hooks = NULL; /* nobody may need memory now */
        brio_app_answer_static(req, status);
        brio_app_send(req);
    }
    req->phase = BRIO_APP_ENDED;
    req->ex->task = NULL;
    if (req->waits)
        req->ex->finished(req->ex);
    if (req->waits || req->eager)
        return;
    req->ending = (brio_callback){.fn = finish_later};
    brio_loop_call_soon(brio_loop_current(), &req->ending);
}

/* A large body that is the handler's own memory must outlast the writing. */
static bool must_wait(const brio_request *req)
{
    if (!req->ex->sent || req->cancelled)
        return false;
    bool borrows = req->borrows || req->waits;
    return req->background || (borrows && req->answer.body.len > BRIO_EXCHANGE_COPY);
}

static void begin_request(brio_request *req)
{
    req->started = true;
    req->ex->task = brio_current_task();
    brio_defer_push(req->arena, end_request, req);
    req->floor = req->arena->defers;
}

static int carry_on(brio_request *req)
{
    brio_app_run(req);
    if (must_wait(req))
        (void)req->ex->sent(req->ex);
    if (req->background)
        brio_app_run_background(req);
    brio_defer_unwind(req->arena, req->mark);
    return 0;
}

static int run_request(void *arg)
{
    begin_request(arg);
    return carry_on(arg);
}

/* ---- Before it ------------------------------------------------------------------------ */

/* Member by member: to zero it whole is the dearest part of a small request. */
static brio_request *request_new(brio_app *app, brio_exchange *ex, size_t n_captures)
{
    brio_request *req = brio_alloc(ex->arena, sizeof *req + n_captures * sizeof(brio_str));
    req->app = app;
    req->ex = ex;
    req->arena = ex->arena;
    req->http = ex->http;
    req->route = NULL;
    req->phase = BRIO_APP_READING;
    req->cancelled = req->started = req->eager = req->borrows = req->pending = false;
    req->waits = false;
    req->body_read = false;
    req->form = NULL;
    req->status = req->fail_status = req->raised = 0;
    req->media_type = (brio_str){0};
    req->headers = NULL;
    req->n_headers = req->cap_headers = 0;
    req->hooks = NULL;
    req->filters = NULL;
    req->source = NULL;
    req->ping = NULL;
    req->items = NULL;
    req->notes = NULL;
    req->socket = NULL;
    req->exits = NULL;
    req->call = req->failed = NULL;
    req->problems = NULL;
    req->background = NULL;
    req->background_end = &req->background;
    req->mark = ex->arena->defers;
    brio_scope_set(&req->scope, (brio_scope_options){0});
    ex->request = req;
    ex->task = NULL;
    return req;
}

/* A proxy may have left the prefix it serves the app under. */
static brio_str without_root_path(const brio_app *app, brio_str path)
{
    brio_str root = app->root_path;
    if (!root.len || !brio_str_starts(path, root))
        return path;
    brio_str rest = brio_str_slice(path, root.len, SIZE_MAX);
    return rest.len == 0 || rest.ptr[0] == '/' ? rest : path;
}

/* A body may nest 128 levels, and a build without optimisation needs 100 KB to
 * judge that. Address space is reserved, memory only touched. */
enum { HANDLER_STACK = 256 * 1024 };

/* True if it is over already. */
static bool start(brio_request *req)
{
    brio_task_options options = {.name = brio_app_label(req->route),
                                 .stack_size = HANDLER_STACK,
                                 .eager = true,
                                 .arena = req->arena};
    req->eager = true;
    const brio_task *task = brio_create_task(run_request, req, &options);
    req->eager = false;
    if (task && req->started)
        return req->phase == BRIO_APP_ENDED;
    brio_app_log(req, BRIO_LOG_ERROR, "503: no task could be started");
    brio_app_tell_when(req);
    brio_app_answer_static(req, 503);
    brio_app_send(req);
    return true;
}

static brio_str decode_path(const brio_http_request *http, brio_arena *arena)
{
    return brio_app_is_plain(http->path) ? http->path
                                         : brio_percent_decode(arena, http->path, false);
}

void brio_app_find(const brio_app *app, const brio_http_request *http, brio_arena *scratch,
                   brio_app_match *ret)
{
    brio_str path = without_root_path(app, decode_path(http, scratch));
    brio_app_router_find(app, http, path, scratch, ret);
    brio_app_find_mounted(http, scratch, ret);
}

/* Matches, into the request's match. */
static void find(brio_request *req)
{
    brio_app *app = req->app;
    req->full_path = decode_path(req->http, req->arena);
    req->path = without_root_path(app, req->full_path);
    brio_app_router_find(app, req->http, req->path, req->arena, &req->match);
    req->route = req->match.route;
    req->ex->route = req->route ? req->route->spec.path : NULL;
    req->ex->root_path = app->root_path;
}

static bool needs_task(const brio_request *req)
{
    const brio_app *app = req->app;
    return BRIO_LIKELY(brio_app_is_routed(req)) || app->layers || app->catchers ||
           (!req->route && app->frontends);
}

/* ---- WebSockets ----------------------------------------------------------------------- */

enum { WAITING_ARENA = 2304 }; /* bytes: a request of a browser, and what its socket needs */

typedef struct opening {
    brio_app *app;
    brio_exchange *ex;
    bool begun;
} opening;

/* What the server lends becomes the task's own. */
static void settle_in(brio_request *req)
{
    brio_exchange *ex = req->ex;
    req->http = ex->http = brio_http_request_copy(ex->http, req->arena);
    ex->client_host = brio_str_copy(req->arena, ex->client_host);
    ex->scheme = brio_str_copy(req->arena, ex->scheme);
}

/* Out of line: these captures are not to stay on the stack. */
static __attribute__((noinline)) void find_compactly(brio_request *req)
{
    brio_str captures[BRIO_APP_PARAMS_MAX];
    req->match.captures = captures;
    find(req);
    size_t n = req->route ? req->route->path.n_params : 0;
    req->match.captures = BRIO_NEW_ARRAY(req->arena, brio_str, n);
    for (size_t i = 0; i < n; i++)
        req->match.captures[i] = captures[i];
}

static int run_waiting(void *arg)
{
    opening *o = arg;
    o->begun = true;
    o->ex->arena = brio_task_arena();
    brio_request *req = request_new(o->app, o->ex, 0); /* there is room for it: lent */
    req->waits = true;
    begin_request(req);
    settle_in(req);
    find_compactly(req);
    brio_task_rename(brio_app_label(req->route));
    if (needs_task(req))
        return carry_on(req);
    brio_app_run_unrouted(req);
    brio_app_send(req);
    brio_defer_unwind(req->arena, req->mark);
    return 0;
}

/* False: no task could be started. */
static bool serve_waiting(brio_app *app, brio_exchange *ex)
{
    opening o = {app, ex, false};
    brio_task_options options = {.name = "websocket",
                                 .eager = true,
                                 .stack_arena = WAITING_ARENA,
                                 .arena_limit = ex->arena->limit};
    (void)!brio_create_task(run_waiting, &o, &options);
    return o.begun;
}

static bool asks_for_socket(const brio_http_request *http)
{
    return (http->upgrade || http->protocol.len) && brio_ws_asked(http);
}

/* ---- All of them ------------------------------------------------------------------------ */

void brio_app_serve(brio_app *app, brio_exchange *ex)
{
    if (BRIO_UNLIKELY(asks_for_socket(ex->http)) && serve_waiting(app, ex))
        return;
    brio_request *req = request_new(app, ex, BRIO_APP_PARAMS_MAX);
    req->match.captures = (brio_str *)(void *)(req + 1);
    find(req);
    bool over = true;
    if (needs_task(req)) {
        over = start(req);
    } else {
        brio_app_run_unrouted(req);
        brio_app_send(req);
    }
    if (over)
        ex->finished(ex);
}

void brio_app_cancel(brio_exchange *ex)
{
    brio_request *req = ex->request;
    req->cancelled = true;
    if (req->phase <= BRIO_APP_STREAMING)
        brio_scope_cancel(&req->scope);
}
