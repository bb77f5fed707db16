/* SPDX-License-Identifier: MIT
 *
 * One request, from the outermost middleware to its answer:
 *
 *     conclude( layers( rescue( exits( dependencies, bind -> handler ) ) ) )
 *
 * Each stage returns >= 0 with an answer pending (or streamed), or a failure.
 * `rescue` answers what has an answer of its own: HTTP errors and input that is
 * not valid. What is left is unforeseen; it passes through the app's middleware
 * and becomes a 500 in `conclude`. Without middleware the layers cost one test. */
#include "app/binding.h"
#include "app/outgoing.h"
#include "app/websocket.h"

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

/* ---- The route ------------------------------------------------------------------ */

static int handle(brio_request *req, const void *in)
{
    void *out = brio_calloc(req->arena, 1, req->route->out->size);
    call c = {req, in, out};
    req->phase = BRIO_APP_HANDLING;
    if (BRIO_UNLIKELY(req->socket != NULL))
        brio_app_socket_open(req, out);
    int rc = BRIO_UNLIKELY(req->route->spec.events != NULL) ? brio_app_events_open(req, in, out)
             : req->route->spec.run == BRIO_BLOCKING
                 ? brio_app_to_thread(req->arena, call_handler, &c)
                 : call_handler(&c);
    if (BRIO_UNLIKELY(req->socket != NULL))
        return brio_app_socket_end(req, rc);
    if (rc >= 0 && brio_app_is_stream(req->route) && !req->pending)
        brio_app_begin_stream(req); /* nothing was sent: an empty one */
    if (req->phase == BRIO_APP_STREAMING)
        brio_app_end_stream(req, rc);
    else if (rc >= 0 && !req->pending)
        rc = brio_app_answer_output(req, out);
    return rc;
}

static int bind(brio_request *req, void *in, brio_problems *problems)
{
    int rc = brio_app_bind(req, &req->route->input, in, problems);
    return rc == BRIO_ESYNTAX ? brio_app_fail_body(req) : rc;
}

/* All that the route takes, into `in`. 0; or what ends the request, also with an
 * answer pending. */
static int prepare(brio_request *req, void *in)
{
    const brio_app_plan *plan = req->route->plan;
    const brio_app_input *input = &req->route->input;
    brio_problems problems = {.arena = req->arena};
    int rc = 0;
    if (BRIO_UNLIKELY(req->route->from[BRIO_IN_FORM].n) && !req->form)
        rc = brio_app_form_read(req);
    if (BRIO_UNLIKELY(rc < 0))
        return rc;
    rc = BRIO_LIKELY(!plan) ? bind(req, in, &problems)
                            : brio_app_solve(req, plan, input, in, &problems);
    if (rc == 0 && !req->pending && problems.count)
        rc = brio_app_refuse(req, &problems);
    return rc;
}

static int run_endpoint(brio_request *req)
{
    void *in = brio_app_input_new(req, &req->route->input);
    int rc =
        BRIO_LIKELY(!req->match.socket) ? brio_app_body_check(req) : brio_app_socket_begin(req);
    if (rc == 0)
        rc = prepare(req, in);
    if (rc != 0 || req->pending)
        return rc;
    req->handlers = req->arena->defers;
    return handle(req, in);
}

/* What must be true of who reads; other methods are refused anyway. */
static int run_folder(brio_request *req)
{
    const brio_app_route *route = req->route;
    brio_method method = req->http->method;
    if (route->plan && (method == BRIO_METHOD_GET || method == BRIO_METHOD_HEAD)) {
        int rc = brio_app_body_check(req);
        if (rc == 0)
            rc = prepare(req, brio_app_input_new(req, &route->input));
        if (rc != 0 || req->pending)
            return rc;
    }
    return route->folder(req, route->folder_arg);
}

static void answer_no_route(brio_request *req)
{
    bool server = brio_str_eq(req->path, BRIO_S("*"));
    if (!(server && brio_app_answer_options(req)) && !brio_app_answer_other_spelling(req))
        brio_app_answer_static(req, 404);
}

void brio_app_run_unrouted(brio_request *req)
{
    int rc = 0;
    if (req->match.socket)
        rc = brio_app_answer_no_socket(req);
    else if (!req->route)
        answer_no_route(req);
    else if (req->match.path_only)
        brio_app_answer_not_allowed(req);
    else
        brio_app_answer_page(req);
    if (rc == 0 && req->app->options.problem_details && !req->app->catchers)
        rc = brio_app_fail_unrouted(req);
    if (rc < 0)
        (void)!brio_app_answer_failure(req, rc);
}

bool brio_app_is_routed(const brio_request *req)
{
    return req->route && !req->match.path_only && !req->route->page;
}

static int run_route(brio_request *req)
{
    return req->route->folder ? run_folder(req) : run_endpoint(req);
}

static int run_routed(brio_request *req)
{
    const brio_app_layer *layers = req->route->layers;
    return BRIO_LIKELY(!layers) ? run_route(req)
                                : brio_app_run_route_layers(req, layers, run_route);
}

static int run_matched(brio_request *req)
{
    if (BRIO_LIKELY(brio_app_is_routed(req)))
        return run_routed(req);
    if (!req->route && !req->match.socket && req->app->frontends &&
        !brio_app_answer_other_spelling(req) && brio_app_find_frontend(req))
        return run_routed(req);
    if (!req->pending)
        brio_app_run_unrouted(req);
    return req->app->catchers ? brio_app_fail_unrouted(req) : 0;
}

/* ---- Around it --------------------------------------------------------------------- */

static int rescue(brio_request *req)
{
    int rc = run_matched(req);
    if (BRIO_UNLIKELY(req->exits != NULL))
        rc = brio_app_run_exits(req, rc);
    if (rc >= 0)
        return rc;
    if (BRIO_UNLIKELY(req->socket != NULL))
        rc = brio_app_socket_refuse(req, rc);
    req->background = NULL; /* they belong to the answer of success, as in FastAPI */
    req->background_end = &req->background;
    return req->phase < BRIO_APP_STREAMING ? brio_app_answer_failure(req, rc) : rc;
}

static void conclude(brio_request *req, int rc)
{
    if (req->phase >= BRIO_APP_STREAMING)
        return; /* a streamed answer is out already */
    if (rc < 0)
        brio_app_answer_error(req, rc);
    brio_app_send(req);
    if (req->source)
        brio_app_run_source(req);
}

int brio_app_run_app(brio_request *req)
{
    const brio_app_layer *layers = req->app->layers;
    return BRIO_LIKELY(!layers) ? rescue(req) : brio_app_run_layers(req, layers, rescue);
}

void brio_app_run(brio_request *req)
{
    brio_scope_enter(&req->scope);
    int rc = brio_app_run_app(req);
    brio_scope_leave(&req->scope);
    conclude(req, rc);
}
