/* SPDX-License-Identifier: MIT
 *
 * A task's side of a thread pool: submit a job, park, be woken by a post.
 *
 * The job is on the task's stack, so a cancellation either takes it back from
 * the queue or waits for the thread. What the job said with brio_error was
 * kept with its thread and is carried over to the task. */
#include "exec/exec_internal.h"

#include <sched.h>

void brio_exec_perform(brio_exec_job *job)
{
    if (brio_error_detail().len)
        (void)brio_error(0, "%s", ""); /* of the thread's former job */
    job->result = job->fn(job->arg);
    brio_str detail = brio_error_detail();
    BRIO_ASSERT(detail.len <= sizeof(job->detail));
    job->detail_len = job->result < 0 ? detail.len : 0;
    if (job->detail_len)
        memcpy(job->detail, detail.ptr, detail.len);
    brio_loop_post(job->loop, &job->done);
    atomic_store_explicit(&job->left, true, memory_order_release);
}

/* The thread may still be inside brio_loop_post, and the loop may be freed by
 * what the task does next; it is a matter of nanoseconds. */
static void job_done(brio_callback *cb)
{
    brio_exec_job *job = BRIO_CONTAINER(cb, brio_exec_job, done);
    while (!atomic_load_explicit(&job->left, memory_order_acquire))
        sched_yield();
    brio_loop_unhold(job->loop);
    brio_unpark(&job->waiter, 0);
}

static bool take_back(brio_waiter *waiter)
{
    brio_exec_job *job = BRIO_CONTAINER(waiter, brio_exec_job, waiter);
    if (!brio_exec_withdraw(job->pool, job))
        return false;
    brio_loop_unhold(job->loop);
    return true;
}

static void job_init(brio_exec_job *job, brio_pool *pool, brio_job_fn *fn, void *arg)
{
    brio_link_init(&job->link);
    job->pool = pool;
    job->loop = brio_loop_current();
    job->fn = fn;
    job->arg = arg;
    job->queued = false;
    atomic_init(&job->left, false);
    job->done = (brio_callback){.fn = job_done};
    job->waiter = (brio_waiter){.on_cancel = take_back};
}

int brio_run_in(brio_pool *pool, brio_job_fn *fn, void *arg)
{
    brio_exec_job job;
    if (!brio_current_task())
        return fn(arg);
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    job_init(&job, pool, fn, arg);
    rc = brio_exec_submit(pool, &job);
    if (rc < 0)
        return brio_error(rc, "the thread pool takes no more jobs: %s", brio_error_text(rc));
    brio_loop_hold(job.loop);
    rc = brio_park(&job.waiter);
    if (rc < 0)
        return rc;
    if (job.result < 0 && job.detail_len)
        (void)brio_error(job.result, "%.*s", (int)job.detail_len, job.detail);
    return job.result;
}

/* ---- The loop's own pool ------------------------------------------------ */

static const char default_pool_key;

static void free_pool(void *pool)
{
    brio_pool_free(pool);
}

int brio_to_thread(brio_job_fn *fn, void *arg)
{
    if (!brio_current_task())
        return fn(arg);
    brio_loop *loop = brio_loop_current();
    void **slot = brio_tasks_local(loop, &default_pool_key);
    if (!*slot) {
        brio_pool *pool;
        int rc = brio_pool_new(&pool, &(brio_pool_options){.name = "thread"});
        if (rc < 0)
            return rc;
        *slot = pool;
        brio_tasks_at_close(loop, free_pool, pool);
    }
    return brio_run_in(*slot, fn, arg);
}
