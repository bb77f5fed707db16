/* SPDX-License-Identifier: MIT
 *
 * Coroutines started from other threads, and their futures there.
 *
 * Both ways to the loop (start, cancel) are posted callbacks; the way back is
 * a mutex and a condition. The runtime counts what was posted and has not run:
 * closing serves all of it, then shuts the door with the same word, so a
 * thread's future is always answered. A future is freed by the last of its
 * thread, its task and a cancellation under way. */
#include "task/task_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct brio_thread_future {
    brio_callback start, cancel; /* posted */
    brio_done_hook hook;
    brio_runtime *rt; /* valid until done */
    const brio_loop *loop;
    brio_task_fn *fn;
    void *arg;
    brio_locals *locals; /* of the thread; taken by the task */
    brio_task *task;     /* while it runs; the loop's */
    const void *created_at;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    int refs;
    bool started, cancelled, done;
    int result;
    brio_task_detail words;
};

/* rt->remote: posted callbacks that have not run, and this. */
#define CLOSED ((size_t)1 << 63)

/* ---- Both sides --------------------------------------------------------- */

/* With the lock held; gives it back. */
static void unlock_and_drop(brio_thread_future *f, int refs)
{
    f->refs -= refs;
    bool last = f->refs == 0;
    pthread_mutex_unlock(&f->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
    brio_locals_release(f->locals);
    free(f);
}

/* With the lock held. */
static void set_done(brio_thread_future *f, int result)
{
    f->result = result;
    f->done = true;
    pthread_cond_broadcast(&f->changed);
}

/* ---- On the loop -------------------------------------------------------- */

static bool ended(brio_done_hook *hook, int result, void *value)
{
    (void)value;
    brio_thread_future *f = BRIO_CONTAINER(hook, brio_thread_future, hook);
    pthread_mutex_lock(&f->lock);
    if (f->task->detail)
        f->words = *f->task->detail;
    f->task = NULL;
    set_done(f, result);
    unlock_and_drop(f, 1);
    return true;
}

static int start_task(brio_thread_future *f)
{
    if (f->rt->closing)
        return BRIO_ECLOSED;
    if (f->cancelled)
        return -ECANCELED;
    f->task = brio_task_new(f->rt, f->fn, f->arg, NULL, NULL, f->created_at);
    if (!f->task)
        return BRIO_EOVERLOAD;
    f->task->locals = f->locals;
    f->locals = NULL;
    f->hook.fn = ended;
    brio_link_insert_before(&f->task->hooks, &f->hook.link);
    brio_task_start(f->task, false);
    return 0;
}

static void on_start(brio_callback *cb)
{
    brio_thread_future *f = BRIO_CONTAINER(cb, brio_thread_future, start);
    atomic_fetch_sub(&f->rt->remote, 1);
    pthread_mutex_lock(&f->lock);
    f->started = true;
    int rc = start_task(f);
    if (rc < 0)
        set_done(f, rc);
    unlock_and_drop(f, rc < 0);
}

static void on_cancel(brio_callback *cb)
{
    brio_thread_future *f = BRIO_CONTAINER(cb, brio_thread_future, cancel);
    if (f->task)
        (void)brio_task_cancel(f->task);
    atomic_fetch_sub(&f->rt->remote, 1);
    pthread_mutex_lock(&f->lock);
    unlock_and_drop(f, 1);
}

void brio_task_remote_close(brio_runtime *rt)
{
    size_t none = 0;
    do {
        int rc = brio_loop_run_once(rt->loop, 0);
        if (rc < 0 && rc != BRIO_EDEADLOCK)
            return;
        none = 0;
    } while (!atomic_compare_exchange_strong(&rt->remote, &none, CLOSED));
}

/* ---- On the other thread ------------------------------------------------ */

static brio_thread_future *future_new(brio_loop *loop, brio_task_fn *fn, void *arg)
{
    pthread_condattr_t monotonic;
    brio_thread_future *f = brio_zalloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->rt = brio_task_runtime(loop);
    f->loop = loop;
    f->fn = fn;
    f->arg = arg;
    f->refs = 2; /* the thread's and the loop's */
    f->start.fn = on_start;
    f->cancel.fn = on_cancel;
    f->locals = brio_locals_acquire();
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&f->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return f;
}

/* False if the door is shut. */
static bool post(brio_runtime *rt, brio_callback *cb)
{
    if (atomic_fetch_add(&rt->remote, 1) & CLOSED) {
        atomic_fetch_sub(&rt->remote, 1);
        return false;
    }
    brio_loop_post(rt->loop, cb);
    return true;
}

__attribute__((noinline)) int brio_run_coroutine_threadsafe(brio_loop *loop, brio_task_fn *fn,
                                                            void *arg, brio_thread_future **ret)
{
    BRIO_ASSERT(fn);
    brio_thread_future *f = future_new(loop, fn, arg);
    if (!f)
        return -ENOMEM;
    f->created_at = __builtin_return_address(0);
    *ret = f;
    if (!post(f->rt, &f->start)) {
        pthread_mutex_lock(&f->lock);
        set_done(f, BRIO_ECLOSED);
        unlock_and_drop(f, 1);
    }
    return 0;
}

void brio_thread_future_cancel(brio_thread_future *future)
{
    pthread_mutex_lock(&future->lock);
    bool tell = future->started && !future->cancelled && !future->done;
    future->cancelled = true;
    if (tell && post(future->rt, &future->cancel))
        future->refs++;
    pthread_mutex_unlock(&future->lock);
}

/* With the lock held. False if it is not done in time. */
static bool wait_done(brio_thread_future *f, brio_time timeout)
{
    brio_time end;
    if (timeout == BRIO_NEVER ||
        __builtin_add_overflow(brio_clock_monotonic(), timeout > 0 ? timeout : 0, &end)) {
        while (!f->done)
            pthread_cond_wait(&f->changed, &f->lock);
        return true;
    }
    struct timespec at = {.tv_sec = end / BRIO_SEC(1), .tv_nsec = end % BRIO_SEC(1)};
    int rc = 0;
    while (!f->done && rc == 0)
        rc = pthread_cond_timedwait(&f->changed, &f->lock, &at);
    return f->done;
}

int brio_thread_future_wait(brio_thread_future *future, brio_time timeout, int *ret_result)
{
    BRIO_ASSERT(brio_loop_current() != future->loop); /* it would wait for itself */
    pthread_mutex_lock(&future->lock);
    bool done = wait_done(future, timeout);
    pthread_mutex_unlock(&future->lock);
    if (!done)
        return -ETIMEDOUT;
    if (future->result < 0 && future->words.len)
        (void)brio_error_at(future->words.file, future->words.line, future->result, "%s",
                            future->words.text);
    if (ret_result)
        *ret_result = future->result;
    return 0;
}

void brio_thread_future_free(brio_thread_future *future)
{
    if (!future)
        return;
    pthread_mutex_lock(&future->lock);
    unlock_and_drop(future, 1);
}
