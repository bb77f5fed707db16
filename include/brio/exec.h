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
 * anything that **Suspends**. brio_local_get and brio_task_context answer there
 * as in the task that waits, and what it says with brio_error reaches that
 * task. Code that may crash, or that no lock makes safe beside other threads,
 * goes to a process instead: <brio/process.h>. */
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
    unsigned min_threads; /* started at once, and kept when idle; at most max_threads are */
    size_t max_queue;     /* jobs waiting for a thread; 0 means 10,000 */
    size_t stack_size;    /* bytes per thread; 0 means 512 KiB */
    brio_time idle;       /* an idle thread ends after this; 0 means 10 s */
    /* Called on each thread, before its first job and after its last; NULL:
     * nothing. An initialiser that returns < 0 breaks the pool: jobs that
     * wait and all that come get its error and its words (the finaliser is
     * not called then). */
    int (*thread_init)(void *thread_arg);
    void (*thread_fini)(void *thread_arg);
    void *thread_arg; /* borrowed until brio_pool_free */
} brio_pool_options;

/* Threads start when jobs need them. `options` may be NULL. Returns 0,
 * -ENOMEM, or -EAGAIN when min_threads could not be started. */
BRIO_API int brio_pool_new(brio_pool **ret, const brio_pool_options *options) BRIO_CHECKED;
/* Refuses new jobs, finishes queued and running ones, joins the threads
 * (blocks this thread; brio_pool_shutdown first if that may take long). From
 * no thread of the pool. NULL is fine. */
BRIO_API void brio_pool_free(brio_pool *pool);

/* Suspends until `fn(arg)` has run on a thread, and returns its result (one that
 * is over within microseconds while nothing else is to be done may be told
 * without a turn of the loop; a task of many such jobs still lets others run). A
 * cancellation takes a job that is still queued back (-ECANCELED: it did not
 * happen); a job that runs is awaited, because its argument usually lives on
 * the caller's stack, and the cancellation is delivered at the next
 * suspension. BRIO_EOVERLOAD when max_queue is reached, BRIO_ECLOSED once free
 * or shutdown has begun, the initialiser's error when that broke the pool.
 * `pool` NULL means the loop's own. Called outside a task it runs fn directly. */
BRIO_API int brio_run_in(brio_pool *pool, brio_job_fn *fn, void *arg) BRIO_CHECKED;

/* asyncio.to_thread: the same in the loop's own pool. -ENOMEM when that could
 * not be made. */
BRIO_API int brio_to_thread(brio_job_fn *fn, void *arg) BRIO_CHECKED;

typedef struct brio_job_options {
    /* A cancellation returns -ECANCELED at once also while fn runs: the thread
     * finishes it, and its result is dropped (asyncio's way; anyio's option of
     * this name). `arg` must then outlive the caller; fn must not return
     * -ECANCELED itself. */
    bool abandon_on_cancel;
    /* With it: called with `arg` for a call that returned -ECANCELED, once
     * nobody uses it any more: on the thread after fn, or at once if fn never
     * ran. NULL: nothing. */
    void (*drop)(void *arg);
} brio_job_options;

/* As brio_run_in; `options` NULL means none. Suspends. Also -ENOMEM. */
BRIO_API int brio_run_in_with(brio_pool *pool, brio_job_fn *fn, void *arg,
                              const brio_job_options *options) BRIO_CHECKED;

/* Refuses new jobs and suspends until those queued and running are done
 * (executor.shutdown); with `drop_queued` the queued ones do not happen: their
 * callers get BRIO_ECLOSED. 0; -ECANCELED, also at a deadline: the jobs go on,
 * and it may be called again. brio_pool_free remains to be called. Outside a
 * task it blocks this thread instead.
 *
 *     BRIO_SCOPE(limit, .timeout = BRIO_SEC(30))
 *         rc = brio_pool_shutdown(pool, false); */
BRIO_API int brio_pool_shutdown(brio_pool *pool, bool drop_queued) BRIO_CHECKED;
/* The same without a task: blocks this thread for at most `timeout` ns
 * (BRIO_NEVER waits), then -ETIMEDOUT. Not on a loop's thread while tasks of
 * that loop have jobs here: they would wait for it, and it for them. */
BRIO_API int brio_pool_shutdown_blocking(brio_pool *pool, bool drop_queued,
                                         brio_time timeout) BRIO_CHECKED;

/* Threads of the pool that run a job now, and jobs that wait. Any thread. */
BRIO_API void brio_pool_load(const brio_pool *pool, size_t *ret_running, size_t *ret_queued);

/* The current loop's own pool ("thread-N"), made on first use: loop.run_in_executor's
 * None. It ends with the loop's tasks; jobs abandoned on it then have 300 s
 * more, after which a warning is logged and they are left to themselves.
 * Borrowed. NULL without memory. From a task or a loop callback. */
BRIO_API brio_pool *brio_default_pool(void);
/* loop.set_default_executor: makes `pool` (taken) the loop's own. 0, or
 * -EALREADY if it has one. */
BRIO_API int brio_set_default_pool(brio_pool *pool) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif

#include <brio/process.h>
#endif
