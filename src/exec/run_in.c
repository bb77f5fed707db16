/* SPDX-License-Identifier: MIT
 *
 * A task's side of a thread pool: submit a job, park, be woken by a post.
 *
 * The job is on the task's stack, so a cancellation either takes it back from
 * the queue or waits for the thread; one that may be abandoned is on the heap,
 * and `end` decides whether the thread's end or the task's giving up came
 * first. What the job said with brio_error was kept with its thread and is
 * carried over to the task; its task-locals and context are lent to the thread. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#define LOOK     BRIO_US(5)
#define PATIENCE BRIO_SEC(300) /* asyncio's, for the default executor */

/* ---- On the thread ------------------------------------------------------ */

/* Its task gave it up: nobody else knows it now. */
static void discard(brio_exec_job *job)
{
    BRIO_ASSERT(job->may_abandon);
    if (job->drop)
        job->drop(job->arg);
    brio_locals_release(job->locals);
    free(job);
}

static void finish(brio_exec_job *job)
{
    unsigned former = atomic_exchange(&job->end, BRIO_EXEC_FINISHED);
    if (former == BRIO_EXEC_ABANDONED)
        discard(job);
    if (former != BRIO_EXEC_AWAITED)
        return; /* and the job is not ours any more */
    brio_loop_post(job->loop, &job->done);
    atomic_store_explicit(&job->left, true, memory_order_release);
}

void brio_exec_perform(brio_exec_job *job)
{
    brio_exec_words_forget();
    brio_locals *locals = brio_locals_use(job->locals);
    void *context = brio_task_context_use(job->context);
    job->result = job->fn(job->arg);
    (void)brio_task_context_use(context);
    (void)brio_locals_use(locals);
    brio_exec_words_take(&job->words, job->result);
    finish(job);
}

void brio_exec_refuse(brio_exec_job *job, int result, const brio_exec_words *words)
{
    job->result = result;
    job->words = *words;
    finish(job);
}

/* ---- In the task -------------------------------------------------------- */

typedef struct stay {
    brio_exec_job *job;
    brio_waiter waiter;
    bool abandoned; /* the job is not ours any more */
} stay;

/* The thread may still be inside brio_loop_post, and the loop may be freed by
 * what the task does next; it is a matter of nanoseconds. */
static void job_done(brio_callback *cb)
{
    brio_exec_job *job = BRIO_CONTAINER(cb, brio_exec_job, done);
    while (!atomic_load_explicit(&job->left, memory_order_acquire))
        sched_yield();
    brio_loop_unhold(job->loop);
    brio_unpark(job->waiter, 0);
}

static bool give_up(brio_waiter *waiter)
{
    stay *s = BRIO_CONTAINER(waiter, stay, waiter);
    brio_exec_job *job = s->job;
    brio_loop *loop = job->loop;
    unsigned awaited = BRIO_EXEC_AWAITED;
    s->abandoned = job->may_abandon;
    if (brio_exec_withdraw(job->pool, job)) {
        if (s->abandoned)
            discard(job);
    } else if (!s->abandoned ||
               !atomic_compare_exchange_strong(&job->end, &awaited, BRIO_EXEC_ABANDONED)) {
        return s->abandoned = false;
    }
    brio_loop_unhold(loop);
    return true;
}

/* Not in the simulator: there the task must suspend, whatever threads do. */
static bool loop_is_idle(const brio_loop *loop)
{
    return brio_loop_next_deadline(loop) > brio_loop_now(loop) && !brio_exec_simulated(loop);
}

static void job_init(brio_exec_job *job, brio_pool *pool, brio_job_fn *fn, void *arg)
{
    brio_link_init(&job->link);
    job->pool = pool;
    job->loop = brio_loop_current();
    job->fn = fn;
    job->arg = arg;
    job->drop = NULL;
    job->queued = job->may_abandon = false;
    atomic_init(&job->left, false);
    job->at = brio_exec_track_time(job->loop);
    job->context = brio_task_context();
    job->locals = brio_locals_acquire();
    job->done = (brio_callback){.fn = job_done};
    job->words.len = 0;
}

/* Short jobs are over before the loop would have gone to sleep; look for a
 * moment, if the thread is awake and the loop has nothing else to do. True if
 * the job has ended; else its end will be posted. */
static bool look_shortly(brio_exec_job *job, bool thread_awake)
{
    static _Thread_local brio_exec_spin spin;
    unsigned looked_for = BRIO_EXEC_LOOKED_FOR;
    if (thread_awake)
        brio_exec_spin_while(&spin, &job->end, BRIO_EXEC_LOOKED_FOR, LOOK);
    return !atomic_compare_exchange_strong(&job->end, &looked_for, BRIO_EXEC_AWAITED);
}

/* Submits the job and waits for it, at first with open eyes if the loop is idle.
 * Its result. If it is negative the job may be gone: see s->abandoned. */
static int stay_for(stay *s)
{
    brio_exec_job *job = s->job;
    brio_loop *loop = job->loop;
    job->waiter = &s->waiter;
    bool idle = loop_is_idle(loop);
    atomic_init(&job->end, idle ? BRIO_EXEC_LOOKED_FOR : BRIO_EXEC_AWAITED);
    int rc = brio_exec_submit(job->pool, job);
    if (rc < 0)
        return job->words.len
                   ? brio_exec_words_tell(&job->words, rc)
                   : brio_error(rc, "the thread pool takes no more jobs: %s", brio_error_text(rc));
    if (!idle || !look_shortly(job, rc > 0)) {
        brio_loop_hold(loop);
        rc = brio_park(&s->waiter);
    }
    return rc < 0 ? rc : brio_exec_words_tell(&job->words, job->result);
}

static stay stay_of(brio_exec_job *job)
{
    return (stay){.job = job,
                  .waiter = {.on_cancel = give_up, .kind = BRIO_WAIT_THREAD, .on = job->pool}};
}

/* The task waits until the end, so the job may lie on its stack; and so do the
 * task's locals, so the job needs no hold on them. */
static int run_awaited(brio_pool *pool, brio_job_fn *fn, void *arg)
{
    brio_exec_job job;
    job_init(&job, pool, fn, arg);
    brio_locals_release(job.locals);
    stay s = stay_of(&job);
    return stay_for(&s);
}

static int run_abandonable(brio_pool *pool, brio_job_fn *fn, void *arg, void (*drop)(void *arg))
{
    brio_exec_job *job = brio_malloc(sizeof(*job));
    if (!job)
        return -ENOMEM;
    job_init(job, pool, fn, arg);
    job->may_abandon = true;
    job->drop = drop;
    stay s = stay_of(job);
    int rc = stay_for(&s);
    if (s.abandoned)
        return rc;
    brio_locals_release(job->locals);
    free(job);
    return rc;
}

int brio_run_in_with(brio_pool *pool, brio_job_fn *fn, void *arg, const brio_job_options *options)
{
    static const brio_job_options defaults;
    const brio_job_options *o = options ? options : &defaults;
    if (!brio_current_task())
        return fn(arg);
    int rc = brio_checkpoint(); /* a task of many short jobs must let others run */
    if (rc < 0) {
        if (o->abandon_on_cancel && o->drop)
            o->drop(arg);
        return rc;
    }
    if (!pool)
        pool = brio_default_pool();
    if (!pool)
        return brio_error(-ENOMEM, "no memory for the loop's thread pool");
    return o->abandon_on_cancel ? run_abandonable(pool, fn, arg, o->drop)
                                : run_awaited(pool, fn, arg);
}

int brio_run_in(brio_pool *pool, brio_job_fn *fn, void *arg)
{
    return brio_run_in_with(pool, fn, arg, NULL);
}

int brio_to_thread(brio_job_fn *fn, void *arg)
{
    return brio_run_in_with(NULL, fn, arg, NULL);
}

/* ---- The loop's own pool ------------------------------------------------ */

static const char default_pool_key;

static void end_pool(void *pool)
{
    brio_exec_pool_end(pool, PATIENCE);
}

int brio_set_default_pool(brio_pool *pool)
{
    brio_loop *loop = brio_loop_current();
    BRIO_ASSERT(loop);
    void **slot = brio_tasks_local(loop, &default_pool_key);
    if (*slot)
        return -EALREADY;
    *slot = pool;
    brio_tasks_at_close(loop, end_pool, pool);
    return 0;
}

brio_pool *brio_default_pool(void)
{
    brio_pool *pool = *brio_tasks_local(brio_loop_current(), &default_pool_key);
    if (pool)
        return pool;
    if (brio_pool_new(&pool, &(brio_pool_options){.name = "thread"}) < 0)
        return NULL;
    int rc = brio_set_default_pool(pool);
    BRIO_ASSERT(rc == 0);
    return pool;
}
