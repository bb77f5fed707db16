/* SPDX-License-Identifier: MIT
 *
 * Runs a route's plan for one request: each call's input is bound and, if it
 * is valid and all it needs was made, called. All problems are collected, in
 * the order of calling; a failure of a call ends it at once.
 *
 * The handler's own body is read first, as FastAPI does: if it is not JSON,
 * nothing else is of interest. Its other problems come last. */
#include "app/binding.h"

typedef int any_provider(brio_request *req, const void *in, void *out);

#if defined(__clang__) && __clang_major__ >= 17
#define BRIO_APP_ANY_TYPE __attribute__((no_sanitize("function")))
#else
#define BRIO_APP_ANY_TYPE
#endif

typedef struct made {
    void *value;     /* NULL: not made, its input or what it needs is not valid */
    size_t from, to; /* the problems of it and what it needs, counted */
} made;

/* ---- Calling ------------------------------------------------------------------ */

typedef struct job {
    brio_request *req;
    const brio_provider *provider;
    const void *in;
    void *out;
} job;

static BRIO_APP_ANY_TYPE int call_provider(void *arg)
{
    const job *j = arg;
    any_provider *fn = (any_provider *)j->provider->fn;
    return fn(j->req, j->in, j->out);
}

int brio_app_call_provider(brio_request *req, const brio_app_call *call, const void *in, void *out)
{
    job j = {req, call->provider, in, out};
    const brio_app_call *outer = req->call;
    req->call = call;
    int rc = call->provider->run == BRIO_BLOCKING
                 ? brio_app_to_thread(req->arena, call_provider, &j)
                 : call_provider(&j);
    req->call = outer;
    if (BRIO_UNLIKELY(rc < 0))
        req->failed = call;
    return rc;
}

/* ---- Gifts --------------------------------------------------------------------- */

/* False if one of them was not made. */
static bool take_gifts(const brio_app_gift *gifts, size_t n, const made *results, void *in)
{
    bool all = true;
    for (size_t i = 0; i < n; i++) {
        const brio_app_gift *gift = &gifts[i];
        void *value = gift->single ? gift->single->value : results[gift->call].value;
        void *member = (char *)in + gift->offset;
        if (!value)
            all = false;
        else if (gift->shared)
            memcpy(member, &value, sizeof value);
        else
            memcpy(member, value, gift->size);
    }
    return all;
}

/* Who depends on what was found wrong finds it again, as in FastAPI. */
static void repeat_problems(brio_problems *problems, const made *of)
{
    const brio_problem *p = problems->first;
    for (size_t i = 0; p && i < of->to; i++, p = p->next)
        if (i >= of->from)
            brio_problem_add(problems, p->type, p->loc, p->input, p->msg, p->ctx);
}

/* ---- The list -------------------------------------------------------------------- */

static int bind(brio_request *req, const brio_app_input *input, void *in, brio_problems *problems)
{
    int rc = brio_app_bind(req, input, in, problems);
    return rc == BRIO_ESYNTAX ? brio_app_fail_body(req) : rc;
}

/* 0, or what ends the request. */
static int make(brio_request *req, const brio_app_call *call, made *results, made *ret,
                brio_problems *problems)
{
    size_t before = problems->count;
    void *in = brio_app_input_new(req, &call->input);
    bool ready = take_gifts(call->gifts, call->n_gifts, results, in);
    int rc = bind(req, &call->input, in, problems);
    ret->to = problems->count;
    if (rc < 0 || !ready || problems->count > before)
        return rc;
    void *out = brio_calloc(req->arena, 1, call->provider->size);
    req->phase = BRIO_APP_HANDLING;
    rc = brio_app_call_provider(req, call, in, out);
    ret->value = out;
    return rc < 0 || req->pending ? rc : 0;
}

static int run_calls(brio_request *req, const brio_app_plan *plan, made *results,
                     brio_problems *problems)
{
    for (size_t i = 0; i < plan->n; i++) {
        const brio_app_call *call = &plan->calls[i];
        made *result = &results[i];
        result->from = call->first == i ? problems->count : results[call->first].from;
        if (call->again >= 0) {
            const made *earlier = &results[call->again];
            if (!earlier->value)
                repeat_problems(problems, earlier);
            result->to = problems->count;
            continue;
        }
        int rc = make(req, call, results, result, problems);
        if (rc != 0 || req->pending)
            return rc;
    }
    return 0;
}

static void append(brio_problems *to, const brio_problems *from)
{
    if (!from->count)
        return;
    if (to->last)
        to->last->next = from->first;
    else
        to->first = from->first;
    to->last = from->last;
    to->count += from->count;
}

int brio_app_solve(brio_request *req, const brio_app_plan *plan, const brio_app_input *input,
                   void *in, brio_problems *problems)
{
    if (plan->needs_life && !req->app->life)
        return brio_error(BRIO_ECLOSED, "the app was not started");
    made *results = BRIO_NEW_ARRAY(req->arena, made, plan->n);
    brio_problems body = {.arena = req->arena};
    int rc = brio_app_bind_any_body(req, input, in, &body);
    if (rc < 0)
        return rc == BRIO_ESYNTAX ? brio_app_fail_body(req) : rc;
    if (brio_app_is_syntax_problem(body.first)) {
        append(problems, &body);
        return 0;
    }
    rc = run_calls(req, plan, results, problems);
    if (rc != 0 || req->pending)
        return rc;
    (void)take_gifts(plan->gifts, plan->n_gifts, results, in);
    brio_app_bind_params(req, input, in, problems);
    append(problems, &body);
    return 0;
}

/* ---- Inside a provider -------------------------------------------------------------- */

const void *brio_provider_arg(const brio_request *req)
{
    return req->call ? req->call->provider->arg : NULL;
}

brio_str brio_security_scopes(const brio_request *req)
{
    BRIO_ASSERT(req->call && req->call->provider->reads_scopes);
    return req->call->scopes;
}
