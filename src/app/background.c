/* SPDX-License-Identifier: MIT
 *
 * Background tasks: run one after the other when the answer is with the
 * kernel, in the request's own task, so `in` and the arena are still there. A
 * failure is logged and keeps none of the others from running. */
#include "app/app_internal.h"

static void add(brio_request *req, int (*fn)(void *arg), void *arg, bool blocking)
{
    BRIO_ASSERT(fn);
    brio_app_background *job = BRIO_NEW(req->arena, brio_app_background);
    *job = (brio_app_background){.fn = fn, .arg = arg, .blocking = blocking};
    *req->background_end = job;
    req->background_end = &job->next;
}

void brio_background(brio_request *req, int (*fn)(void *arg), void *arg)
{
    add(req, fn, arg, false);
}

void brio_background_blocking(brio_request *req, int (*fn)(void *arg), void *arg)
{
    add(req, fn, arg, true);
}

/* One may register further ones. */
void brio_app_run_background(brio_request *req)
{
    for (const brio_app_background *job = req->background; job; job = job->next) {
        int rc =
            job->blocking ? brio_app_to_thread(req->arena, job->fn, job->arg) : job->fn(job->arg);
        if (rc < 0)
            brio_app_log(req, BRIO_LOG_ERROR, "a background task failed: %s", brio_error_text(rc));
    }
}
