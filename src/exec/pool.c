/* SPDX-License-Identifier: MIT
 *
 * The thread pool. An idle thread is on a stack of idle threads, so the one
 * that rested least is woken with a job in its hand, and the others run into
 * their idle time and end. Jobs queue only while every thread works and there
 * are as many as may be.
 *
 * Invariants, under the lock: an idle thread implies an empty queue; a thread
 * on `idle` has nothing in its hand. A thread that ended by itself is on `ended`
 * until somebody joins it. The pool owns its threads, never the jobs. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_THREADS = 40,
    MAX_QUEUE = 10000,
    STACK_SIZE = 512 * 1024,
    STACK_SIZE_LEAST = 64 * 1024,
};
#define IDLE BRIO_SEC(10)

/* ---- Jobs --------------------------------------------------------------- */

/* Returns whom to wake, or NULL: it is awake. */
static brio_exec_worker *hand_over(brio_pool *pool, brio_exec_job *job)
{
    brio_exec_worker *rested = BRIO_CONTAINER(pool->idle.next, brio_exec_worker, idle);
    BRIO_ASSERT(brio_link_alone(&pool->queue));
    BRIO_ASSERT(!rested->job);
    brio_link_remove(&rested->idle);
    rested->job = job;
    pool->running++;
    return brio_exec_call(rested) ? rested : NULL;
}

static int enqueue(brio_pool *pool, brio_exec_job *job)
{
    if (pool->queued >= pool->max_queue)
        return BRIO_EOVERLOAD;
    brio_link_insert_before(&pool->queue, &job->link);
    job->queued = true;
    pool->queued++;
    return 0;
}

static int submit_locked(brio_pool *pool, brio_exec_job *job, brio_exec_worker **ret_sleeper)
{
    if (pool->closing)
        return BRIO_ECLOSED;
    if (pool->broken) {
        job->words = pool->why_broken;
        return pool->broken;
    }
    if (!brio_link_alone(&pool->idle)) {
        *ret_sleeper = hand_over(pool, job);
        return !*ret_sleeper;
    }
    int rc = pool->threads < pool->max_threads ? brio_exec_hire(pool, job) : -EAGAIN;
    if (rc == 0 || pool->threads == 0)
        return rc;
    return enqueue(pool, job); /* also when the system has no more threads for us */
}

/* Joins the threads that ended by themselves; they are on their last steps. */
static void join_ended(brio_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!brio_link_alone(&pool->ended)) {
        brio_exec_worker *worker = BRIO_CONTAINER(pool->ended.next, brio_exec_worker, link);
        brio_link_remove(&worker->link);
        pthread_mutex_unlock(&pool->lock);
        pthread_join(worker->thread, NULL);
        brio_exec_worker_free(worker);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

/* The sleeper may have woken at its idle time and be gone: the kernel then finds
 * nobody at the address, which is all the same. */
int brio_exec_submit(brio_pool *pool, brio_exec_job *job)
{
    brio_exec_worker *sleeper = NULL;
    pthread_mutex_lock(&pool->lock);
    int rc = submit_locked(pool, job, &sleeper);
    bool ended = !pool->closing && !brio_link_alone(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    if (sleeper)
        brio_exec_wake(&sleeper->word, false);
    if (BRIO_UNLIKELY(ended))
        join_ended(pool);
    return rc;
}

bool brio_exec_withdraw(brio_pool *pool, brio_exec_job *job)
{
    pthread_mutex_lock(&pool->lock);
    bool queued = job->queued;
    if (queued) {
        brio_link_remove(&job->link);
        job->queued = false;
        pool->queued--;
        brio_exec_check_quiet(pool);
    }
    pthread_mutex_unlock(&pool->lock);
    return queued;
}

void brio_exec_queue_take(brio_pool *pool, brio_link *ret)
{
    brio_link_init(ret);
    while (!brio_link_alone(&pool->queue)) {
        brio_exec_job *job = BRIO_CONTAINER(pool->queue.next, brio_exec_job, link);
        brio_link_remove(&job->link);
        brio_link_insert_before(ret, &job->link);
        job->queued = false;
        pool->queued--;
    }
}

void brio_exec_queue_refuse(brio_link *jobs, int result, const brio_exec_words *words)
{
    while (!brio_link_alone(jobs)) {
        brio_exec_job *job = BRIO_CONTAINER(jobs->next, brio_exec_job, link);
        brio_link_remove(&job->link);
        brio_exec_refuse(job, result, words);
    }
}

/* ---- The pool ----------------------------------------------------------- */

static void locks_init(brio_pool *pool)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->quiet, &attr);
    pthread_condattr_destroy(&attr);
}

static void take_options(brio_pool *pool, const brio_pool_options *o)
{
    pool->max_threads = o->max_threads ? o->max_threads : MAX_THREADS;
    pool->min_threads = o->min_threads < pool->max_threads ? o->min_threads : pool->max_threads;
    pool->max_queue = o->max_queue ? o->max_queue : MAX_QUEUE;
    pool->stack_size = o->stack_size ? o->stack_size : STACK_SIZE;
    if (pool->stack_size < STACK_SIZE_LEAST)
        pool->stack_size = STACK_SIZE_LEAST;
    pool->idle_time = o->idle ? o->idle : IDLE;
    pool->thread_init = o->thread_init;
    pool->thread_fini = o->thread_fini;
    pool->thread_arg = o->thread_arg;
    snprintf(pool->name, sizeof(pool->name), "%s", o->name ? o->name : "pool");
}

static int start_first(brio_pool *pool)
{
    int rc = 0;
    pthread_mutex_lock(&pool->lock);
    while (rc == 0 && pool->threads < pool->min_threads && !pool->broken)
        rc = brio_exec_hire(pool, NULL);
    pthread_mutex_unlock(&pool->lock);
    return rc;
}

int brio_pool_new(brio_pool **ret, const brio_pool_options *options)
{
    static const brio_pool_options defaults;
    brio_pool *pool = brio_zalloc(1, sizeof(*pool));
    if (!pool)
        return -ENOMEM;
    locks_init(pool);
    brio_link_init(&pool->queue);
    brio_link_init(&pool->idle);
    brio_link_init(&pool->alive);
    brio_link_init(&pool->ended);
    brio_link_init(&pool->closers);
    take_options(pool, options ? options : &defaults);
    int rc = start_first(pool);
    if (rc < 0) {
        brio_pool_free(pool);
        return rc;
    }
    *ret = pool;
    return 0;
}

/* Joining one that works takes until its work is done, and by then it has put
 * itself on `ended`. */
static void join_alive(brio_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!brio_link_alone(&pool->alive)) {
        brio_exec_worker *worker = BRIO_CONTAINER(pool->alive.next, brio_exec_worker, link);
        pthread_mutex_unlock(&pool->lock);
        pthread_join(worker->thread, NULL);
        pthread_mutex_lock(&pool->lock);
        brio_link_remove(&worker->link);
        brio_exec_worker_free(worker);
    }
    pthread_mutex_unlock(&pool->lock);
}

void brio_exec_pool_destroy(brio_pool *pool)
{
    BRIO_ASSERT(pool->threads == 0);
    BRIO_ASSERT(brio_link_alone(&pool->queue));
    BRIO_ASSERT(brio_link_alone(&pool->closers));
    pthread_cond_destroy(&pool->quiet);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void brio_pool_free(brio_pool *pool)
{
    if (!pool)
        return;
    int rc = brio_pool_shutdown_blocking(pool, false, BRIO_NEVER);
    BRIO_ASSERT(rc == 0);
    join_alive(pool);
    join_ended(pool);
    brio_exec_pool_destroy(pool);
}

void brio_pool_load(const brio_pool *pool, size_t *ret_running, size_t *ret_queued)
{
    *ret_running = atomic_load_explicit(&pool->running, memory_order_relaxed);
    *ret_queued = atomic_load_explicit(&pool->queued, memory_order_relaxed);
}
