/* SPDX-License-Identifier: MIT
 *
 * brio/exception.h: failing, and what failures become. A part of <brio/app.h>,
 * which includes it.
 *
 *     return brio_fail(req, 404, "Item %d not found", id);     // HTTPException
 *
 *     #define EUNICORN BRIO_ERROR(1)                           // an exception of one's own
 *     return brio_raise(req, EUNICORN, unicorn);
 *     ...
 *     static int on_unicorn(brio_request *req, const brio_exception *f)
 *     {
 *         const Unicorn *unicorn = f->data;
 *         return brio_answer_json(req, 418, BRIO_OBJECT(req, "message", unicorn->name));
 *     }
 *     brio_app_on_error(app, EUNICORN, on_unicorn);
 *
 * A failure that nobody handles is a 500 that says nothing to the client and
 * one line to the log, both with an id (x-request-id); errors that have a
 * status of their own (-ETIMEDOUT, BRIO_EOVERLOAD: brio_error_status) get it. */
#ifndef BRIO_EXCEPTION_H
#define BRIO_EXCEPTION_H

#include <brio/base.h>
#include <brio/model.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Failing ---------------------------------------------------------------- */

/* FastAPI's HTTPException: sets the answer {"detail": text} and returns
 * BRIO_EHTTP, so that `return brio_fail(...)`. `status` is from 200 to 599.
 * `fmt` NULL means the status' reason phrase. Statuses without a body get none. */
BRIO_API int brio_fail(brio_request *req, int status, const char *fmt, ...)
    BRIO_PRINTF(3, 4) BRIO_CHECKED;
/* The same with any JSON as the detail; written at once, not kept. */
BRIO_API int brio_fail_json(brio_request *req, int status, brio_json detail) BRIO_CHECKED;
/* A header of the failure, before brio_fail: WWW-Authenticate, Retry-After.
 * Copied; brio_respond_header with its result in a log line. */
BRIO_API void brio_fail_header(brio_request *req, const char *name, const char *value);

/* Errors of your program, from 0 to 9,999, beside -errno and brio's own. */
#define BRIO_ERROR(n) (-10000 - (n))
/* Fails with `err` (< 0), with `data` for its handler: borrowed until the
 * answer is made, so of the request's arena. Remembers where, for the debug
 * page. Returns `err`. */
#define brio_raise(req, err, data) brio_raise_at((req), (err), (data), __FILE__, __LINE__)
BRIO_API int brio_raise_at(brio_request *req, int err, const void *data, const char *file,
                           int line) BRIO_CHECKED;

/* ---- Handling ----------------------------------------------------------------- */

/* What went wrong. All of it is borrowed until the answer is sent. */
typedef struct brio_exception {
    int err;          /* BRIO_EHTTP: brio_fail; BRIO_EINVALID with problems: the request's input */
    int status;       /* what it is answered with when nobody handles it */
    brio_json detail; /* of brio_fail; else null */
    const brio_problems *problems; /* of the request's input; else NULL */
    brio_json body;   /* with problems: the body as JSON, or what there is as a string; null: none */
    const void *data; /* of brio_raise; else NULL */
    const char *file; /* of brio_raise: where; else NULL */
    int line;
} brio_exception;

/* Makes the answer: returns BRIO_ANSWERED by a brio_answer_* or one of the
 * defaults below, or a failure, which then is not handled again. May suspend. */
typedef int brio_exception_fn(brio_request *req, const brio_exception *failure);

/* Handlers, added before the app serves; of two for the same the last counts.
 * Which is asked first: for HTTP errors that of the status, then that of all
 * HTTP errors, among which are the 404 and 405 of no route; else that of the
 * error. One of a status from 500 on also sees errors that nobody handled, as
 * the outermost of all, behind all middleware. */
BRIO_API void brio_app_on_status(brio_app *app, int status, brio_exception_fn *fn);
BRIO_API void brio_app_on_error(brio_app *app, int err, brio_exception_fn *fn);
BRIO_API void brio_app_on_http_error(brio_app *app, brio_exception_fn *fn);
BRIO_API void brio_app_on_invalid(brio_app *app, brio_exception_fn *fn); /* 422 of the input */

/* What happens without a handler, for handlers that add to it. Both return
 * BRIO_ANSWERED. */
BRIO_API int brio_http_error_answer(brio_request *req, const brio_exception *failure);
BRIO_API int brio_invalid_answer(brio_request *req, const brio_exception *failure);

/* FastAPI's exc.errors(): the array of the 422 body, as ready JSON of the
 * request's arena; [] without problems. */
BRIO_API brio_json brio_exception_errors(brio_request *req, const brio_exception *failure);

/* For middleware of a router, which sees failures before they are answered:
 * what brio_next_run returned as `err`, with all that belongs to it. */
BRIO_API brio_exception brio_request_exception(brio_request *req, int err);

#ifdef __cplusplus
}
#endif
#endif
