/* SPDX-License-Identifier: MIT
 *
 * What a failure becomes: the answer of a handler that the app has for it, or
 * its own: brio_fail's detail, a 422 with the problems. What has neither is
 * unforeseen: one line in the log with an id that the client is told as well,
 * and an answer that says nothing else. */
#include "app/app_internal.h"

#include <inttypes.h>
#include <unistd.h>

/* ---- Handlers ------------------------------------------------------------------- */

static void add(brio_app *app, brio_app_catch_kind kind, int key, brio_exception_fn *fn)
{
    BRIO_ASSERT(fn);
    brio_app_catcher *catcher = BRIO_NEW(&app->arena, brio_app_catcher);
    *catcher = (brio_app_catcher){.next = app->catchers, .kind = kind, .key = key, .fn = fn};
    app->catchers = catcher;
}

void brio_app_on_status(brio_app *app, int status, brio_exception_fn *fn)
{
    add(app, BRIO_APP_CATCH_STATUS, status, fn);
}

void brio_app_on_error(brio_app *app, int err, brio_exception_fn *fn)
{
    add(app, BRIO_APP_CATCH_ERROR, err, fn);
}

void brio_app_on_http_error(brio_app *app, brio_exception_fn *fn)
{
    add(app, BRIO_APP_CATCH_HTTP, 0, fn);
}

void brio_app_on_invalid(brio_app *app, brio_exception_fn *fn)
{
    add(app, BRIO_APP_CATCH_INVALID, 0, fn);
}

brio_exception_fn *brio_app_catcher_of(const brio_app *app, brio_app_catch_kind kind, int key)
{
    for (const brio_app_catcher *c = app->catchers; c; c = c->next)
        if (c->kind == kind && c->key == key)
            return c->fn;
    return NULL;
}

static brio_exception_fn *catcher_for(const brio_request *req, const brio_exception *f)
{
    const brio_app *app = req->app;
    if (f->problems)
        return brio_app_catcher_of(app, BRIO_APP_CATCH_INVALID, 0);
    if (f->err != BRIO_EHTTP)
        return brio_app_catcher_of(app, BRIO_APP_CATCH_ERROR, f->err);
    brio_exception_fn *fn = brio_app_catcher_of(app, BRIO_APP_CATCH_STATUS, f->status);
    return fn ? fn : brio_app_catcher_of(app, BRIO_APP_CATCH_HTTP, 0);
}

/* >= 0: it has answered. */
static int run_catcher(brio_request *req, brio_exception_fn *fn, const brio_exception *f)
{
    int rc = fn(req, f);
    if (rc == BRIO_EHTTP) { /* a brio_fail of its own */
        brio_exception own = brio_request_exception(req, rc);
        return brio_http_error_answer(req, &own);
    }
    if (rc < 0 || req->pending || req->phase >= BRIO_APP_STREAMING)
        return rc;
    brio_app_log(req, BRIO_LOG_ERROR, "a handler of failures succeeded without an answer");
    return BRIO_EMODEL;
}

static bool has_answer(const brio_request *req, int err)
{
    return (err == BRIO_EHTTP && req->fail_status) || (err == BRIO_EINVALID && req->problems);
}

/* brio_fail without anybody who asks: its body is ready. */
static bool answer_plainly(brio_request *req, int err)
{
    const brio_app *app = req->app;
    if (err != BRIO_EHTTP || app->catchers || app->options.problem_details ||
        brio_app_is_bodiless(req->fail_status))
        return false;
    brio_app_answer(req, req->fail_status, BRIO_S("application/json"), req->fail_body);
    return true;
}

int brio_app_answer_failure(brio_request *req, int err)
{
    bool own = has_answer(req, err);
    if (!own && !req->app->catchers)
        return err;
    if (own && answer_plainly(req, err))
        return 0;
    brio_exception f = brio_request_exception(req, err);
    brio_exception_fn *fn = catcher_for(req, &f);
    if (fn)
        return run_catcher(req, fn, &f);
    if (!own)
        return err;
    return f.problems ? brio_invalid_answer(req, &f) : brio_http_error_answer(req, &f);
}

/* ---- The unforeseen ------------------------------------------------------------------ */

void brio_app_tell_when(brio_request *req)
{
    if (req->ex->retry_after.len)
        brio_app_put_header(req, BRIO_S("retry-after"), req->ex->retry_after);
}

/* A name for this failure, in the answer and in the log: with it a user's
 * report finds its line. Clients that are told to come back are told when. */
static brio_str name_failure(brio_request *req, int status)
{
    uint64_t n = (uint64_t)brio_clock_realtime() ^ (uint64_t)getpid() << 40;
    n = (n ^ n >> 31) * UINT64_C(0x9e3779b97f4a7c15);
    brio_str id = brio_printf(req->arena, "%016" PRIx64, n ^ n >> 29);
    brio_app_put_header(req, BRIO_S("x-request-id"), id);
    if (status == 503)
        brio_app_tell_when(req);
    return id;
}

static void log_error(brio_request *req, int status, int err)
{
    brio_str detail = brio_error_detail();
    brio_str id = status >= 500 ? name_failure(req, status) : (brio_str){0};
    brio_app_log(req, status >= 500 ? BRIO_LOG_ERROR : BRIO_LOG_WARNING, "%d: %s%s%.*s%s%.*s%s",
                 status, brio_error_text(err), detail.len ? ": " : "", BRIO_ARG(detail),
                 id.len ? " [" : "", BRIO_ARG(id), id.len ? "]" : "");
}

void brio_app_tell_failed(brio_request *req, int err)
{
    if (!req->ex->failed)
        return;
    brio_str detail = brio_error_detail();
    brio_str what =
        brio_printf(req->arena, "%.*s %.*s: %s: %s%s%.*s", BRIO_ARG(req->http->method_text),
                    BRIO_ARG(req->full_path), req->route ? req->route->spec.name : "no route",
                    brio_error_text(err), detail.len ? ": " : "", BRIO_ARG(detail));
    req->ex->failed(req->ex, err, what);
}

void brio_app_answer_error(brio_request *req, int err)
{
    brio_exception f = brio_request_exception(req, err);
    if (!req->cancelled && f.status >= 500)
        brio_app_tell_failed(req, err);
    if (!req->cancelled)
        log_error(req, f.status, err);
    brio_exception_fn *fn = NULL;
    if (f.status >= 500)
        fn = brio_app_catcher_of(req->app, BRIO_APP_CATCH_STATUS, f.status);
    if (fn && run_catcher(req, fn, &f) >= 0)
        return;
    if (f.status == 500 && req->app->options.debug)
        brio_app_answer_debug(req, &f);
    else
        brio_app_answer_default(req, &f);
}
