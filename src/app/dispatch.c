/* SPDX-License-Identifier: MIT
 *
 * One request through the app.
 *
 *     serve: match -> no route, wrong method, page: answered at once
 *                  -> route: an eager task
 *     task:  bind -> handler -> answer -> background -> defers -> end
 *
 * However the task ends, `end_request` runs: it is the oldest defer of the
 * request, so an abandoned task comes by here as well and its client gets an
 * answer that needs no memory. `finished` is called when the runtime has let go
 * of the arena: behind brio_create_task if the task is over by then, else by a
 * loop callback, never from inside the task. */
#include "app/app_internal.h"

/* The handlers are called through one type; the macros have checked theirs. */
typedef int any_handler(brio_request *req, const void *in, void *out);

#if defined(__clang__) && __clang_major__ >= 17
#define BRIO_APP_ANY_TYPE __attribute__((no_sanitize("function")))
#else
#define BRIO_APP_ANY_TYPE
#endif

typedef struct call {
    brio_request *req;
    const void *in;
    void *out;
} call;

static BRIO_APP_ANY_TYPE int call_handler(void *arg)
{
    const call *c = arg;
    any_handler *handler = (any_handler *)c->req->route->spec.handler;
    return handler(c->req, c->in, c->out);
}

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
        brio_app_send_static(req, status);
    }
    req->phase = BRIO_APP_ENDED;
    req->ex->task = NULL;
    if (req->eager)
        return;
    req->ending = (brio_callback){.fn = finish_later};
    brio_loop_call_soon(brio_loop_current(), &req->ending);
}

static int run_handler(brio_request *req, const void *in, void *out)
{
    call c = {req, in, out};
    req->phase = BRIO_APP_HANDLING;
    brio_scope_enter(&req->scope);
    int rc = req->route->spec.run == BRIO_BLOCKING
                 ? brio_app_to_thread(req->arena, call_handler, &c)
                 : call_handler(&c);
    brio_scope_leave(&req->scope);
    return rc;
}

static void handle(brio_request *req, const void *in)
{
    void *out = brio_calloc(req->arena, 1, req->route->out->size);
    int rc = run_handler(req, in, out);
    if (rc < 0)
        req->background = NULL; /* they belong to the answer of success, as in FastAPI */
    if (req->phase == BRIO_APP_STREAMING)
        brio_app_end_stream(req, rc);
    else if (rc >= 0)
        brio_app_send_output(req, out);
    else
        brio_app_send_error(req, rc);
}

static void bind_and_handle(brio_request *req)
{
    size_t size = req->route->in->size;
    void *in = memcpy(brio_alloc(req->arena, size), req->route->blank, size);
    brio_problems problems = {.arena = req->arena};
    if (brio_app_bind(req, in, &problems) < 0)
        brio_app_send_static(req, 400);
    else if (problems.count)
        brio_app_send_problems(req, &problems);
    else
        handle(req, in);
}

/* A large body that is the handler's own memory must outlast the writing. */
static bool must_wait(const brio_request *req)
{
    if (!req->ex->sent || req->cancelled)
        return false;
    return req->background || (req->borrows && req->answer.body.len > BRIO_EXCHANGE_COPY);
}

static int run_request(void *arg)
{
    brio_request *req = arg;
    req->started = true;
    req->ex->task = brio_current_task();
    brio_defer_push(req->arena, end_request, req);
    bind_and_handle(req);
    if (must_wait(req))
        (void)req->ex->sent(req->ex);
    if (req->background)
        brio_app_run_background(req);
    brio_defer_unwind(req->arena, req->mark);
    return 0;
}

/* ---- Before it ------------------------------------------------------------------------ */

/* Member by member: to zero it whole is the dearest part of a small request. */
static brio_request *request_new(brio_app *app, brio_exchange *ex)
{
    brio_request *req = brio_alloc(ex->arena, sizeof *req);
    req->app = app;
    req->ex = ex;
    req->arena = ex->arena;
    req->http = ex->http;
    req->route = NULL;
    req->phase = BRIO_APP_READING;
    req->cancelled = req->started = req->eager = req->borrows = false;
    req->status = req->fail_status = 0;
    req->media_type = (brio_str){0};
    req->headers = NULL;
    req->n_headers = req->cap_headers = 0;
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

static void send_page(brio_request *req)
{
    brio_http_response answer = {.status = 200};
    int rc = req->route->page(req, &answer);
    if (rc < 0)
        brio_app_send_error(req, rc);
    else
        brio_app_send(req, &answer);
}

static void answer_without_task(brio_request *req)
{
    if (!req->route)
        brio_app_send_other_spelling(req);
    else if (req->match.path_only)
        brio_app_send(req, &req->route->not_allowed);
    else
        send_page(req);
}

/* A body may nest 128 levels, and a build without optimisation needs 100 KB to
 * judge that. Address space is reserved, memory only touched. */
enum { HANDLER_STACK = 256 * 1024 };

/* True if it is over already. */
static bool start(brio_request *req)
{
    brio_task_options options = {.name = req->route->spec.name,
                                 .stack_size = HANDLER_STACK,
                                 .eager = true,
                                 .arena = req->arena};
    req->eager = true;
    const brio_task *task = brio_create_task(run_request, req, &options);
    req->eager = false;
    if (task && req->started)
        return req->phase == BRIO_APP_ENDED;
    brio_app_log(req, BRIO_LOG_ERROR, "503: no task could be started");
    brio_app_send_static(req, 503);
    return true;
}

void brio_app_serve(brio_app *app, brio_exchange *ex)
{
    brio_request *req = request_new(app, ex);
    req->full_path = brio_app_is_plain(ex->http->path)
                         ? ex->http->path
                         : brio_percent_decode(ex->arena, ex->http->path, false);
    req->path = without_root_path(app, req->full_path);
    brio_app_router_find(app, ex->http, req->path, ex->arena, &req->match);
    req->route = req->match.route;
    bool over = true;
    if (BRIO_LIKELY(req->route && !req->match.path_only && !req->route->page))
        over = start(req);
    else
        answer_without_task(req);
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
