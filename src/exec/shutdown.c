/* SPDX-License-Identifier: MIT
 *
 * The end of a thread pool: the door is closed at once and for good, then
 * tasks or threads wait until nothing runs and nothing is queued. The thread
 * that makes it quiet tells all who wait. What does not end within the loop's
 * patience is let go: those threads are detached, and the last one frees the
 * pool. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

static bool is_quiet(const brio_pool *pool)
{
    return pool->running == 0 && pool->queued == 0;
}

static void tell(brio_exec_closer *closer)
{
    brio_link_remove(&closer->link);
    brio_loop_post(closer->loop, &closer->done);
    atomic_store_explicit(&closer->left, true, memory_order_release);
}

void brio_exec_check_quiet(brio_pool *pool)
{
    if (!pool->closing || !is_quiet(pool))
        return;
    pthread_cond_broadcast(&pool->quiet);
    while (!brio_link_alone(&pool->closers))
        tell(BRIO_CONTAINER(pool->closers.next, brio_exec_closer, link));
}

/* Locked. Those that rest are woken under the lock: they need it to be gone. */
static void close_door(brio_pool *pool)
{
    pool->closing = true;
    for (brio_link *l = pool->idle.next; l != &pool->idle; l = l->next) {
        brio_exec_worker *worker = BRIO_CONTAINER(l, brio_exec_worker, idle);
        if (brio_exec_call(worker))
            brio_exec_wake(&worker->word, false);
    }
}

/* Closes the door; with a closer it is linked unless all is quiet already. True if so. */
static bool close_down(brio_pool *pool, bool drop_queued, brio_exec_closer *closer)
{
    static const brio_exec_words why = BRIO_EXEC_WORDS_OF("the thread pool is shut down");
    brio_link dropped;
    brio_link_init(&dropped);
    pthread_mutex_lock(&pool->lock);
    close_door(pool);
    if (drop_queued)
        brio_exec_queue_take(pool, &dropped);
    brio_exec_check_quiet(pool);
    bool quiet = is_quiet(pool);
    if (closer && !quiet)
        brio_link_insert_before(&pool->closers, &closer->link);
    pthread_mutex_unlock(&pool->lock);
    brio_exec_queue_refuse(&dropped, BRIO_ECLOSED, &why);
    return quiet;
}

/* ---- From a task -------------------------------------------------------- */

static void closer_told(brio_callback *cb)
{
    brio_exec_closer *closer = BRIO_CONTAINER(cb, brio_exec_closer, done);
    while (!atomic_load_explicit(&closer->left, memory_order_acquire))
        sched_yield();
    brio_loop_unhold(closer->loop);
    brio_unpark(&closer->waiter, 0);
}

static bool stop_closing(brio_waiter *waiter)
{
    brio_exec_closer *closer = BRIO_CONTAINER(waiter, brio_exec_closer, waiter);
    pthread_mutex_lock(&closer->pool->lock);
    bool linked = !brio_link_alone(&closer->link);
    brio_link_remove(&closer->link);
    pthread_mutex_unlock(&closer->pool->lock);
    if (linked)
        brio_loop_unhold(closer->loop);
    return linked;
}

int brio_pool_shutdown(brio_pool *pool, bool drop_queued)
{
    if (!brio_current_task())
        return brio_pool_shutdown_blocking(pool, drop_queued, BRIO_NEVER);
    brio_exec_closer closer = {
        .pool = pool,
        .loop = brio_loop_current(),
        .done.fn = closer_told,
        .waiter = {.on_cancel = stop_closing, .kind = BRIO_WAIT_THREAD, .on = pool}};
    brio_link_init(&closer.link);
    if (close_down(pool, drop_queued, &closer))
        return brio_cancel_point();
    brio_loop_hold(closer.loop);
    return brio_park(&closer.waiter);
}

/* ---- From a thread ------------------------------------------------------ */

int brio_pool_shutdown_blocking(brio_pool *pool, bool drop_queued, brio_time timeout)
{
    brio_time at;
    if (__builtin_add_overflow(brio_clock_monotonic(), timeout, &at))
        at = BRIO_NEVER;
    struct timespec until = {.tv_sec = (time_t)(at / BRIO_SEC(1)),
                             .tv_nsec = (long)(at % BRIO_SEC(1))};
    int rc = 0;
    (void)close_down(pool, drop_queued, NULL);
    pthread_mutex_lock(&pool->lock);
    while (!is_quiet(pool) && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&pool->quiet, &pool->lock, &until);
    rc = is_quiet(pool) ? 0 : -ETIMEDOUT;
    pthread_mutex_unlock(&pool->lock);
    return rc;
}

/* ---- The loop's own pool ------------------------------------------------- */

/* True if threads are left that will free the pool. */
static bool let_go(brio_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    bool some = !brio_link_alone(&pool->alive);
    pool->let_go = some;
    for (brio_link *l = pool->alive.next; l != &pool->alive; l = l->next)
        pthread_detach(BRIO_CONTAINER(l, brio_exec_worker, link)->thread);
    while (some && !brio_link_alone(&pool->ended)) {
        brio_exec_worker *worker = BRIO_CONTAINER(pool->ended.next, brio_exec_worker, link);
        brio_link_remove(&worker->link);
        pthread_join(worker->thread, NULL);
        brio_exec_worker_free(worker);
    }
    pthread_mutex_unlock(&pool->lock);
    return some;
}

void brio_exec_pool_end(brio_pool *pool, brio_time patience)
{
    if (brio_pool_shutdown_blocking(pool, false, patience) < 0) {
        size_t running, queued;
        brio_pool_load(pool, &running, &queued);
        brio_log(BRIO_LOG_WARNING,
                 "pool \"%s\": %zu jobs still run after %lld s; they are left to "
                 "themselves",
                 pool->name, running, (long long)(patience / BRIO_SEC(1)));
        if (let_go(pool))
            return;
    }
    brio_pool_free(pool);
}
