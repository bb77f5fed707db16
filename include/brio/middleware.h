/* SPDX-License-Identifier: MIT
 *
 * brio/middleware.h: code around every request. A part of <brio/app.h>, which
 * includes it.
 *
 *     static int timed(brio_request *req, brio_next *next, void *arg)
 *     {
 *         brio_time start = brio_now();
 *         int rc = brio_next_run(req, next);          // everything inside
 *         if (brio_respond_header(req, BRIO_S("x-process-time"), text(brio_now() - start)) < 0)
 *             ...
 *         return rc;
 *     }
 *     ...
 *     brio_app_use(app, timed, NULL);
 *
 * Middleware of the app is around everything: routes, 404s, docs pages. */
#ifndef BRIO_MIDDLEWARE_H
#define BRIO_MIDDLEWARE_H

#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is inside: further middleware, and in the end the route. */
typedef struct brio_next brio_next;

/* Runs in the request's task, so it may suspend. Returns what brio_next_run
 * returned, or BRIO_ANSWERED after a brio_answer_* of its own (with or without
 * running what is inside), or a failure, for example of brio_fail. */
typedef int brio_middleware(brio_request *req, brio_next *next, void *arg);

/* Adds middleware; the last added is the outermost, as in Starlette. `arg` is
 * borrowed and must outlive the app. Not while the app serves. */
BRIO_API void brio_app_use(brio_app *app, brio_middleware *fn, void *arg);

/* Runs what is inside, once at most. >= 0: an answer is pending (brio_answered_*
 * look at it, brio_respond_* change it) or a streamed one is over. < 0: a
 * failure that nothing inside has answered; around the whole app that is what
 * becomes a 500, since HTTP errors and invalid input are answers by then.
 * Suspends. */
BRIO_API int brio_next_run(brio_request *req, brio_next *next) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
