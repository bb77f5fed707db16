/* SPDX-License-Identifier: MIT
 *
 * A pool thread's life: begin, jobs, rests between them, end.
 *
 * A thread that finds no job lies down on the pool's stack of idle threads and
 * looks at its own word, at first with open eyes (spin.c). Whoever has a job for
 * it takes it off that stack and puts the job in its hand, under the lock, and
 * calls it by the word. It is `alive` until nobody's code runs on it any more;
 * `pool->threads` counts only those that still take jobs. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Rest --------------------------------------------------------------- */

bool brio_exec_call(brio_exec_worker *worker)
{
    return atomic_exchange(&worker->word, BRIO_EXEC_CALLED) == BRIO_EXEC_ASLEEP;
}

/* False if nobody called until then. */
static bool await_call(brio_exec_worker *self, brio_time until)
{
    unsigned awake = BRIO_EXEC_AWAKE;
    brio_exec_spin_while(&self->spin, &self->word, BRIO_EXEC_AWAKE, BRIO_EXEC_SPIN);
    if (!atomic_compare_exchange_strong(&self->word, &awake, BRIO_EXEC_ASLEEP))
        return true;
    while (atomic_load(&self->word) == BRIO_EXEC_ASLEEP)
        if (!brio_exec_sleep(&self->word, BRIO_EXEC_ASLEEP, until, false))
            return atomic_load(&self->word) == BRIO_EXEC_CALLED;
    return true;
}

static bool await_call_unlocked(brio_exec_worker *self)
{
    brio_pool *pool = self->pool;
    brio_time until;
    if (__builtin_add_overflow(brio_clock_monotonic(), pool->idle_time, &until))
        until = BRIO_NEVER;
    atomic_store(&self->word, BRIO_EXEC_AWAKE);
    brio_link_insert_before(pool->idle.next, &self->idle);
    pthread_mutex_unlock(&pool->lock);
    bool called = await_call(self, until);
    pthread_mutex_lock(&pool->lock);
    return called;
}

/* Locked. NULL: closing, or idle for too long. */
static brio_exec_job *rest(brio_exec_worker *self)
{
    brio_pool *pool = self->pool;
    bool enough = false;
    while (!pool->closing && !pool->broken && !enough) {
        bool called = await_call_unlocked(self);
        brio_exec_job *job = self->job;
        self->job = NULL;
        if (job)
            return job;
        brio_link_remove(&self->idle);
        enough = !called && pool->threads > pool->min_threads;
    }
    return NULL;
}

/* ---- Work --------------------------------------------------------------- */

brio_exec_job *brio_exec_dequeue(brio_pool *pool)
{
    if (brio_link_alone(&pool->queue))
        return NULL;
    brio_exec_job *job = BRIO_CONTAINER(pool->queue.next, brio_exec_job, link);
    BRIO_ASSERT(job->queued);
    brio_link_remove(&job->link);
    job->queued = false;
    pool->queued--;
    pool->running++;
    return job;
}

/* After it `worked`: the next job, or NULL at the end of its working life. */
static brio_exec_job *next_job(brio_exec_worker *self, bool worked)
{
    brio_pool *pool = self->pool;
    pthread_mutex_lock(&pool->lock);
    pool->running -= worked;
    brio_exec_job *job = brio_exec_dequeue(pool);
    if (!job) {
        brio_exec_check_quiet(pool);
        job = rest(self);
    }
    if (!job)
        pool->threads--;
    pthread_mutex_unlock(&pool->lock);
    return job;
}

static void perform(brio_exec_worker *self, brio_exec_job *job)
{
    self->at = job->at;
    brio_exec_track(&self->track, self->name, BRIO_TRACE_RUNNING, self->at);
    brio_exec_perform(job);
    brio_exec_track(&self->track, self->name, BRIO_TRACE_WAITING, self->at);
}

/* The initialiser said no: so do we, from now on. */
static void break_pool(brio_exec_worker *self, int rc)
{
    brio_pool *pool = self->pool;
    brio_exec_words why;
    brio_link refused;
    brio_exec_words_take(&why, rc);
    pthread_mutex_lock(&pool->lock);
    pool->broken = rc;
    pool->why_broken = why;
    pool->threads--;
    brio_exec_queue_take(pool, &refused);
    pthread_mutex_unlock(&pool->lock);
    brio_exec_queue_refuse(&refused, rc, &why);
    if (!self->job)
        return;
    brio_exec_refuse(self->job, rc, &why);
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    brio_exec_check_quiet(pool);
    pthread_mutex_unlock(&pool->lock);
}

static bool begin(brio_exec_worker *self)
{
    brio_pool *pool = self->pool;
    int rc = pool->thread_init ? pool->thread_init(pool->thread_arg) : 0;
    if (rc < 0)
        break_pool(self, rc);
    return rc >= 0;
}

static void live(brio_exec_worker *self)
{
    brio_exec_job *job = self->job;
    self->job = NULL;
    do {
        if (job)
            perform(self, job);
        job = next_job(self, job != NULL);
    } while (job);
    if (self->pool->thread_fini)
        self->pool->thread_fini(self->pool->thread_arg);
    brio_exec_track(&self->track, self->name, BRIO_TRACE_ENDED, self->at);
}

/* Its last steps: from here on somebody may join it, or nobody will. */
static void leave(brio_exec_worker *self)
{
    brio_pool *pool = self->pool;
    pthread_mutex_lock(&pool->lock);
    brio_link_remove(&self->link);
    bool let_go = pool->let_go, last = let_go && brio_link_alone(&pool->alive);
    if (!let_go)
        brio_link_insert_before(&pool->ended, &self->link);
    pthread_mutex_unlock(&pool->lock);
    if (let_go)
        brio_exec_worker_free(self);
    if (last)
        brio_exec_pool_destroy(pool);
}

static void *work(void *arg)
{
    brio_exec_worker *self = arg;
    pthread_setname_np(pthread_self(), self->name);
    if (begin(self))
        live(self);
    leave(self);
    return NULL;
}

/* ---- Hiring ------------------------------------------------------------- */

/* With all signals blocked: they are the loop's business. */
static int start(const brio_pool *pool, brio_exec_worker *self)
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

void brio_exec_worker_free(brio_exec_worker *worker)
{
    free(worker);
}

static brio_exec_worker *worker_new(brio_pool *pool, brio_exec_job *job)
{
    brio_exec_worker *self = brio_zalloc(1, sizeof(*self));
    char name[2 * BRIO_EXEC_NAME];
    if (!self)
        return NULL;
    self->pool = pool;
    self->job = job;
    snprintf(name, sizeof(name), "%s-%u", pool->name, ++pool->last_number);
    memcpy(self->name, name, sizeof(self->name) - 1);
    atomic_init(&self->word, BRIO_EXEC_AWAKE);
    brio_link_init(&self->idle);
    return self;
}

int brio_exec_hire(brio_pool *pool, brio_exec_job *job)
{
    brio_exec_worker *self = worker_new(pool, job);
    if (!self)
        return -ENOMEM;
    int rc = start(pool, self);
    if (rc < 0) {
        brio_exec_worker_free(self);
        return rc;
    }
    brio_link_insert_before(&pool->alive, &self->link);
    pool->threads++;
    pool->running += job != NULL;
    return 0;
}
