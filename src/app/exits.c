/* SPDX-License-Identifier: MIT
 *
 * What dependencies leave to be done when they are no longer needed. An exit
 * is a record on the arena's defer stack, so it runs in order with everything
 * else that was put off, and also when the task is abandoned. Those of scope
 * function are taken out of the order, when the handler has returned.
 *
 * A failure runs them all before it is answered, and each sees and may replace
 * it. They run shielded: a client that leaves does not disturb them. */
#include "app/binding.h"

struct brio_app_exit {
    brio_app_exit *older;
    brio_request *req;
    brio_exit_fn *fn;
    void *arg;
    bool blocking;
    bool per_function;
};

static int call_exit(void *arg)
{
    const brio_app_exit *e = arg;
    return e->fn(e->req, e->arg, e->req->outcome);
}

static void unlink_exit(const brio_app_exit *e)
{
    brio_app_exit **at = &e->req->exits;
    while (*at != e)
        at = &(*at)->older;
    *at = e->older;
}

/* A thread that jumps out of its job at the arena's limit comes by as well. */
static void run_exit(void *arg)
{
    brio_app_exit *e = arg;
    brio_request *req = e->req;
    unlink_exit(e);
    bool off_loop = e->blocking && brio_current_task();
    int rc = off_loop ? brio_app_to_thread(req->arena, call_exit, e) : call_exit(e);
    if (rc < 0 && req->phase < BRIO_APP_STREAMING)
        req->outcome = rc;
    else if (rc < 0)
        brio_app_log(req, BRIO_LOG_ERROR, "the end of a dependency failed: %s",
                     brio_error_text(rc));
    else if (rc > 0 && req->pending)
        req->outcome = 0;
}

void brio_on_exit(brio_request *req, brio_exit_fn *fn, void *arg)
{
    BRIO_ASSERT(fn);
    const brio_app_call *call = req->call;
    brio_app_exit *e = BRIO_NEW(req->arena, brio_app_exit);
    *e = (brio_app_exit){.older = req->exits, .req = req, .fn = fn, .arg = arg};
    e->blocking = call && call->provider->run == BRIO_BLOCKING;
    e->per_function = call && call->per_function;
    if (!req->exits)
        req->outcome = req->phase < BRIO_APP_STREAMING ? BRIO_EABANDON : 0;
    brio_defer_push(req->arena, run_exit, e);
    req->exits = e;
}

/* ---- When the handler has returned ---------------------------------------------- */

static brio_app_exit *newest_of_function(const brio_request *req)
{
    brio_app_exit *e = req->exits;
    while (e && !e->per_function)
        e = e->older;
    return e;
}

/* The handler's own defers may use what the exits take away. */
static void run_handlers_defers(brio_request *req)
{
    const brio_defer *at = req->arena->defers;
    while (at != req->handlers) {
        if (at->fn == run_exit) {
            at = at->next;
            continue;
        }
        (void)brio_defer_pop(req->arena, at->fn, at->arg, true);
        at = req->arena->defers;
    }
}

/* What is answered may be memory that the handler's defers take away. */
static void keep_body(brio_request *req)
{
    if (req->borrows)
        req->answer.body = brio_str_copy(req->arena, req->answer.body);
    req->borrows = false;
}

static void end_function(brio_request *req)
{
    brio_app_exit *e = newest_of_function(req);
    if (!e)
        return;
    keep_body(req);
    run_handlers_defers(req);
    for (; e; e = newest_of_function(req))
        (void)brio_defer_pop(req->arena, run_exit, e, true);
}

int brio_app_run_exits(brio_request *req, int rc)
{
    req->outcome = rc < 0 ? rc : 0;
    BRIO_SCOPE(quiet, .shield = true)
    {
        if (rc >= 0)
            end_function(req);
        if (req->outcome < 0) /* now or since */
            brio_defer_unwind(req->arena, req->floor);
    }
    return req->outcome;
}
