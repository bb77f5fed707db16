/* SPDX-License-Identifier: MIT
 *
 * pthread mutexes that a task holds. Locking one is fine, for a moment; but a
 * task that suspends with it stops every other task that wants it, and with
 * them the loop that would have to wake it: a deadlock nobody sees coming.
 *
 * Each thread keeps the few mutexes that its tasks have locked and where; the
 * hook of the room trace asks at each suspension. What was locked outside tasks
 * is not theirs and not kept. */
#include "shim_internal.h"

#include <pthread.h>

enum { HELD_MAX = 16 };

typedef struct held {
    const pthread_mutex_t *mutex;
    const void *pc;
    uint64_t task;
} held;

static _Thread_local held mutexes[HELD_MAX];
static _Thread_local unsigned held_n;

/* Asked before the mutex is locked: it may be the one that guards the answer. */
static uint64_t current_task(void)
{
    if (held_n == HELD_MAX || !brio_dev_enter())
        return 0;
    const brio_trace_task *task = brio_trace_running();
    uint64_t id = task ? task->id : 0;
    brio_dev_leave();
    return id;
}

static void note_locked(const pthread_mutex_t *mutex, uint64_t task, const void *pc)
{
    if (task && held_n < HELD_MAX)
        mutexes[held_n++] = (held){mutex, pc, task};
}

static void note_unlocked(const pthread_mutex_t *mutex)
{
    for (unsigned i = held_n; i-- > 0;)
        if (mutexes[i].mutex == mutex) {
            mutexes[i] = mutexes[--held_n];
            return;
        }
}

static void suspending(const brio_trace_task *task)
{
    for (unsigned i = 0; i < held_n; i++)
        if (mutexes[i].task == task->id && brio_dev_enter()) {
            (void)brio_trace_held(task, "pthread_mutex_lock", "brio_lock", mutexes[i].pc);
            brio_dev_leave();
        }
}

void brio_dev_watch_mutexes(void)
{
    brio_trace_suspending = suspending;
    brio_trace_want(BRIO_TRACE_SUSPEND, true);
}

EXPORTED int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    BRIO_DEV_REAL(pthread_mutex_lock);
    uint64_t task = current_task();
    int rc = real.call(mutex);
    if (rc == 0)
        note_locked(mutex, task, CALLER);
    return rc;
}

EXPORTED int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    BRIO_DEV_REAL(pthread_mutex_trylock);
    uint64_t task = current_task();
    int rc = real.call(mutex);
    if (rc == 0)
        note_locked(mutex, task, CALLER);
    return rc;
}

EXPORTED int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    BRIO_DEV_REAL(pthread_mutex_unlock);
    note_unlocked(mutex);
    return real.call(mutex);
}
