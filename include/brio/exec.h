/* SPDX-License-Identifier: MIT
 *
 * brio/exec.h: threads for what cannot suspend.
 *
 * A coroutine that must call blocking or CPU-heavy code hands it to a thread
 * pool and suspends; the loop stays free. This is what `def` routes run on.
 *
 *     int rc = brio_to_thread(hash_password, &job);     // Suspends
 *
 * The function runs on a plain thread: it may block, and must not call
 * anything that **Suspends**. */
#ifndef BRIO_EXEC_H
#define BRIO_EXEC_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_pool brio_pool;
typedef int brio_job_fn(void *arg);

typedef struct brio_pool_options {
    const char *name;     /* copied; threads are called name-N; NULL means "pool" */
    unsigned max_threads; /* 0 means 40, anyio's limit for `def` routes */
    size_t max_queue;     /* jobs waiting for a thread; 0 means 10,000 */
    size_t stack_size;    /* bytes per thread; 0 means 512 KiB */
    brio_time idle;       /* an idle thread ends after this; 0 means 10 s */
} brio_pool_options;

/* Threads start when jobs need them. Returns 0 or -ENOMEM. */
BRIO_API int brio_pool_new(brio_pool **ret, const brio_pool_options *options) BRIO_CHECKED;
/* Refuses new jobs, finishes queued ones, joins the threads (blocks). NULL is fine. */
BRIO_API void brio_pool_free(brio_pool *pool);

/* Suspends until `fn(arg)` has run on a thread, and returns its result. A
 * cancellation takes a job that is still queued back (-ECANCELED: it did not
 * happen); a job that runs is awaited, because its argument usually lives on
 * the caller's stack, and the cancellation is delivered at the next
 * suspension. BRIO_EOVERLOAD when max_queue is reached, BRIO_ECLOSED after
 * free has begun. Called outside a task it runs fn directly. */
BRIO_API int brio_run_in(brio_pool *pool, brio_job_fn *fn, void *arg) BRIO_CHECKED;

/* asyncio.to_thread: the same in the loop's own pool, made on first use and
 * freed with the loop's tasks. */
BRIO_API int brio_to_thread(brio_job_fn *fn, void *arg) BRIO_CHECKED;

/* Threads of the pool that run a job now, and jobs that wait. Any thread. */
BRIO_API void brio_pool_load(const brio_pool *pool, size_t *ret_running, size_t *ret_queued);

#ifdef __cplusplus
}
#endif
#endif
