/* SPDX-License-Identifier: MIT
 *
 * The thread pool. An idle thread is on a stack of idle threads, so the one
 * that rested least is woken with a job in its hand, and the others run into
 * their idle time and end. Jobs queue only while every thread works and there
 * are as many as may be.
 *
 * Invariants, under the lock: an idle thread implies an empty queue;
 * running + idle == threads alive. A thread that ended by itself is on `ended`
 * until somebody joins it. The pool owns its threads, never the jobs. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    MAX_THREADS = 40,
    MAX_QUEUE = 10000,
    STACK_SIZE = 512 * 1024,
    STACK_SIZE_LEAST = 64 * 1024,
    NAME_BYTES = 16, /* of a thread's name, by the kernel */
};
#define IDLE BRIO_SEC(10)

typedef struct worker {
    brio_link link; // brio_pool::alive or ::ended
    brio_link idle; // brio_pool::idle
    brio_pool *pool;
    brio_exec_job *job; /* handed over */
    pthread_cond_t wake;
    pthread_t thread;
    unsigned number;
} worker;

struct brio_pool {
    pthread_mutex_t lock;
    brio_link queue; // brio_exec_job::link
    brio_link idle;  // worker::idle, newest first
    brio_link alive, ended;
    size_t threads, max_threads, max_queue, stack_size;
    atomic_size_t running, queued; /* read without the lock */
    brio_time idle_time;
    unsigned last_number;
    bool closing;
    char name[NAME_BYTES];
};

/* ---- A thread's life ---------------------------------------------------- */

static struct timespec idle_until(const brio_pool *pool)
{
    brio_time at = brio_clock_monotonic();
    if (__builtin_add_overflow(at, pool->idle_time, &at))
        at = BRIO_NEVER;
    return (struct timespec){.tv_sec = (time_t)(at / BRIO_SEC(1)),
                             .tv_nsec = (long)(at % BRIO_SEC(1))};
}

/* Waits, locked, for a job in the hand. NULL: closing, or idle for too long. */
static brio_exec_job *rest(brio_pool *pool, worker *self)
{
    struct timespec until = idle_until(pool);
    int rc = 0;
    brio_link_insert_before(pool->idle.next, &self->idle);
    while (!self->job && !pool->closing && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&self->wake, &pool->lock, &until);
    if (!self->job)
        brio_link_remove(&self->idle);
    return self->job;
}

static brio_exec_job *from_queue(brio_pool *pool)
{
    if (brio_link_alone(&pool->queue))
        return NULL;
    brio_exec_job *job = BRIO_CONTAINER(pool->queue.next, brio_exec_job, link);
    BRIO_ASSERT(job->queued);
    brio_link_remove(&job->link);
    job->queued = false;
    pool->queued--;
    return job;
}

static brio_exec_job *next_job(brio_pool *pool, worker *self)
{
    brio_exec_job *job = from_queue(pool);
    if (job)
        return job;
    pool->running--;
    job = rest(pool, self);
    self->job = NULL;
    return job;
}

static void *work(void *arg)
{
    worker *self = arg;
    brio_pool *pool = self->pool;
    char name[2 * NAME_BYTES];
    snprintf(name, sizeof(name), "%s-%u", pool->name, self->number);
    name[NAME_BYTES - 1] = '\0';
    pthread_setname_np(pthread_self(), name);
    brio_exec_job *job = self->job;
    self->job = NULL;
    while (job) {
        brio_exec_perform(job);
        pthread_mutex_lock(&pool->lock);
        job = next_job(pool, self);
        if (!job) {
            pool->threads--;
            brio_link_remove(&self->link);
            brio_link_insert_before(&pool->ended, &self->link);
        }
        pthread_mutex_unlock(&pool->lock);
    }
    return NULL;
}

/* With all signals blocked: they are the loop's business. */
static int thread_start(const brio_pool *pool, worker *self)
{
    pthread_attr_t attr;
    sigset_t all, former;
    int rc = pthread_attr_init(&attr);
    if (rc)
        return -rc;
    pthread_attr_setstacksize(&attr, pool->stack_size);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    rc = pthread_create(&self->thread, &attr, work, self);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    pthread_attr_destroy(&attr);
    return -rc;
}

static void worker_free(worker *self)
{
    pthread_cond_destroy(&self->wake);
    free(self);
}

static worker *worker_new(brio_pool *pool, brio_exec_job *job)
{
    pthread_condattr_t attr;
    worker *self = brio_zalloc(1, sizeof(*self));
    if (!self)
        return NULL;
    self->pool = pool;
    self->job = job;
    self->number = ++pool->last_number;
    brio_link_init(&self->idle);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&self->wake, &attr);
    pthread_condattr_destroy(&attr);
    return self;
}

/* Locked. A new thread that begins with `job`. */
static int hire(brio_pool *pool, brio_exec_job *job)
{
    worker *self = worker_new(pool, job);
    if (!self)
        return -ENOMEM;
    int rc = thread_start(pool, self);
    if (rc < 0) {
        worker_free(self);
        return rc;
    }
    brio_link_insert_before(&pool->alive, &self->link);
    pool->threads++;
    pool->running++;
    return 0;
}

/* Joins the threads of `list`; those on `ended` are on their last steps. */
static void join_all(brio_pool *pool, brio_link *list)
{
    pthread_mutex_lock(&pool->lock);
    while (!brio_link_alone(list)) {
        worker *self = BRIO_CONTAINER(list->next, worker, link);
        brio_link_remove(&self->link);
        pthread_mutex_unlock(&pool->lock);
        pthread_join(self->thread, NULL);
        worker_free(self);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

/* ---- Jobs --------------------------------------------------------------- */

static void hand_over(brio_pool *pool, brio_exec_job *job)
{
    worker *rested = BRIO_CONTAINER(pool->idle.next, worker, idle);
    BRIO_ASSERT(brio_link_alone(&pool->queue));
    brio_link_remove(&rested->idle);
    rested->job = job;
    pool->running++;
    pthread_cond_signal(&rested->wake);
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

static int submit_locked(brio_pool *pool, brio_exec_job *job)
{
    if (pool->closing)
        return BRIO_ECLOSED;
    if (!brio_link_alone(&pool->idle)) {
        hand_over(pool, job);
        return 0;
    }
    int rc = pool->threads < pool->max_threads ? hire(pool, job) : -EAGAIN;
    if (rc == 0 || pool->threads == 0)
        return rc;
    return enqueue(pool, job); /* also when the system has no more threads for us */
}

int brio_exec_submit(brio_pool *pool, brio_exec_job *job)
{
    pthread_mutex_lock(&pool->lock);
    int rc = submit_locked(pool, job);
    bool ended = !pool->closing && !brio_link_alone(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    if (BRIO_UNLIKELY(ended))
        join_all(pool, &pool->ended);
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
    }
    pthread_mutex_unlock(&pool->lock);
    return queued;
}

/* ---- The pool ----------------------------------------------------------- */

int brio_pool_new(brio_pool **ret, const brio_pool_options *options)
{
    brio_pool_options o = options ? *options : (brio_pool_options){0};
    brio_pool *pool = brio_zalloc(1, sizeof(*pool));
    if (!pool)
        return -ENOMEM;
    pthread_mutex_init(&pool->lock, NULL);
    brio_link_init(&pool->queue);
    brio_link_init(&pool->idle);
    brio_link_init(&pool->alive);
    brio_link_init(&pool->ended);
    pool->max_threads = o.max_threads ? o.max_threads : MAX_THREADS;
    pool->max_queue = o.max_queue ? o.max_queue : MAX_QUEUE;
    pool->stack_size = o.stack_size ? o.stack_size : STACK_SIZE;
    if (pool->stack_size < STACK_SIZE_LEAST)
        pool->stack_size = STACK_SIZE_LEAST;
    pool->idle_time = o.idle ? o.idle : IDLE;
    snprintf(pool->name, sizeof(pool->name), "%s", o.name ? o.name : "pool");
    *ret = pool;
    return 0;
}

static void close_door(brio_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    BRIO_ASSERT(!pool->closing);
    pool->closing = true;
    for (brio_link *l = pool->idle.next; l != &pool->idle; l = l->next)
        pthread_cond_signal(&BRIO_CONTAINER(l, worker, idle)->wake);
    pthread_mutex_unlock(&pool->lock);
}

/* Waits for each thread in turn: joining one that works takes until its work
 * is done, and by then it has put itself on `ended`. */
static void await_alive(brio_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!brio_link_alone(&pool->alive)) {
        worker *self = BRIO_CONTAINER(pool->alive.next, worker, link);
        pthread_mutex_unlock(&pool->lock);
        pthread_join(self->thread, NULL);
        pthread_mutex_lock(&pool->lock);
        brio_link_remove(&self->link);
        worker_free(self);
    }
    pthread_mutex_unlock(&pool->lock);
}

void brio_pool_free(brio_pool *pool)
{
    if (!pool)
        return;
    close_door(pool);
    await_alive(pool);
    join_all(pool, &pool->ended);
    BRIO_ASSERT(pool->threads == 0 && brio_link_alone(&pool->queue));
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void brio_pool_load(const brio_pool *pool, size_t *ret_running, size_t *ret_queued)
{
    *ret_running = atomic_load_explicit(&pool->running, memory_order_relaxed);
    *ret_queued = atomic_load_explicit(&pool->queued, memory_order_relaxed);
}
