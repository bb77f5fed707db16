/* SPDX-License-Identifier: MIT
 *
 * The answers of failures: {"detail": ...} as FastAPI has them, or, if the app
 * says so, problem details (RFC 9457). There the type is about:blank, so the
 * title is the status' phrase; a detail that is not text becomes `info`, the
 * problems of an input become `errors`. */
#include "app/app_internal.h"

#define JSON_TYPE    BRIO_S("application/json")
#define PROBLEM_TYPE BRIO_S("application/problem+json")

typedef struct problem {
    int status;
    const brio_json *detail; /* NULL or null: none */
    const brio_problems *errors;
    brio_str instance;
} problem;

/* ---- Problem details --------------------------------------------------------------- */

static void put(brio_json_writer *w, brio_str key, brio_str text)
{
    brio_json_key(w, key);
    brio_json_str(w, text);
}

static void put_detail(brio_json_writer *w, const problem *p)
{
    if (p->errors) {
        put(w, BRIO_S("detail"), BRIO_S("The request is not valid."));
        brio_json_key(w, BRIO_S("errors"));
        brio_problems_write(w, p->errors);
        return;
    }
    if (!p->detail || p->detail->type == BRIO_JSON_NULL)
        return;
    brio_json_key(w, p->detail->type == BRIO_JSON_STR ? BRIO_S("detail") : BRIO_S("info"));
    brio_json_value(w, p->detail);
}

static int write_problem(brio_json_writer *w, const void *arg)
{
    const problem *p = arg;
    brio_json_begin(w, '{');
    put(w, BRIO_S("type"), BRIO_S("about:blank"));
    put(w, BRIO_S("title"), brio_status_reason(p->status));
    brio_json_key(w, BRIO_S("status"));
    brio_json_i64(w, p->status);
    put_detail(w, p);
    put(w, BRIO_S("instance"), p->instance);
    brio_json_end(w, '}');
    return 0;
}

static void answer_problem(brio_request *req, int status, const brio_json *detail,
                           const brio_problems *errors)
{
    problem p = {status, detail, errors, req->full_path};
    brio_str body;
    (void)!brio_app_write(req, 1024, write_problem, &p, &body);
    brio_app_answer(req, status, PROBLEM_TYPE, body);
}

/* ---- FastAPI's ------------------------------------------------------------------------ */

static int write_errors(brio_json_writer *w, const void *arg)
{
    brio_problems_write(w, arg);
    return 0;
}

static int write_invalid(brio_json_writer *w, const void *arg)
{
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("detail"));
    brio_problems_write(w, arg);
    brio_json_end(w, '}');
    return 0;
}

brio_json brio_exception_errors(brio_request *req, const brio_exception *failure)
{
    brio_json errors = {.type = BRIO_JSON_RAW, .str = BRIO_S("[]")};
    if (failure->problems)
        (void)!brio_app_write(req, 1024, write_errors, failure->problems, &errors.str);
    return errors;
}

int brio_invalid_answer(brio_request *req, const brio_exception *failure)
{
    static const brio_problems none = {0};
    const brio_problems *problems = failure->problems ? failure->problems : &none;
    if (req->app->options.problem_details) {
        answer_problem(req, 422, NULL, problems);
        return BRIO_ANSWERED;
    }
    brio_str body;
    (void)!brio_app_write(req, 1024, write_invalid, problems, &body);
    brio_app_answer(req, 422, JSON_TYPE, body);
    return BRIO_ANSWERED;
}

static int write_detail(brio_json_writer *w, const void *arg)
{
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("detail"));
    brio_json_value(w, arg);
    brio_json_end(w, '}');
    return 0;
}

int brio_http_error_answer(brio_request *req, const brio_exception *failure)
{
    int status = failure->status;
    if (brio_app_is_bodiless(status)) {
        brio_app_answer(req, status, (brio_str){0}, (brio_str){0});
    } else if (req->app->options.problem_details) {
        answer_problem(req, status, &failure->detail, NULL);
    } else {
        brio_str body;
        (void)!brio_app_write(req, 256, write_detail, &failure->detail, &body);
        brio_app_answer(req, status, JSON_TYPE, body);
    }
    return BRIO_ANSWERED;
}

/* ---- Nobody's -------------------------------------------------------------------------- */

void brio_app_answer_default(brio_request *req, const brio_exception *failure)
{
    int status = failure->status;
    if (req->app->options.problem_details) {
        answer_problem(req, status, NULL, NULL);
        return;
    }
    if (status == 500 || status == 503) {
        brio_app_answer_static(req, status);
        return;
    }
    brio_exception named = {.status = status};
    named.detail = brio_json_from_str(brio_status_reason(status));
    (void)brio_http_error_answer(req, &named);
}
