/* SPDX-License-Identifier: MIT
 *
 * The lock: an owner's id, and those who wait for it in line.
 *
 * Release makes the first waiter the owner there and then, so nobody can take
 * the lock on the way; a waiter that is cancelled before it runs passes it on.
 * The owner is the first word, where readers of the task table look for it.
 *
 * Invariant: owner 0 implies that nobody waits. */
#include "task/task_internal.h"

/* A callback's, which has no task. */
#define CALLBACK UINT64_MAX

_Static_assert(offsetof(brio_lock, owner) == offsetof(brio_trace_owned, owner), "brio_trace_owned");

void brio_lock_init(brio_lock *lock)
{
    *lock = (brio_lock)BRIO_LOCK_INIT;
}

static uint64_t me(void)
{
    const brio_task *self = brio_task_self();
    return self ? self->rec.id : CALLBACK;
}

bool brio_lock_try(brio_lock *lock)
{
    if (lock->owner)
        return false;
    lock->owner = me();
    return true;
}

static __attribute__((noinline)) int wait_for_it(brio_task *self, brio_lock *lock)
{
    if (lock->owner == self->rec.id)
        return -EDEADLK;
    int rc = brio_waiters_wait(&lock->waiters, BRIO_WAIT_LOCK, lock);
    if (rc == 0 && brio_task_cancel_due(self)) {
        (void)brio_lock_release(lock);
        rc = brio_task_cancel_deliver(self);
    }
    return rc;
}

int brio_lock_acquire(brio_lock *lock)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    if (BRIO_UNLIKELY(lock->owner))
        return wait_for_it(self, lock);
    lock->owner = self->rec.id;
    return 0;
}

void brio_task_lock_regain(brio_task *self, brio_lock *lock)
{
    BRIO_ASSERT(lock->owner != self->rec.id);
    if (lock->owner) {
        brio_waiter waiter = {.kind = BRIO_WAIT_LOCK, .on = lock};
        brio_waiters_add(&lock->waiters, &waiter);
        int rc = brio_park(&waiter);
        BRIO_ASSERT(rc == 0);
    }
    lock->owner = self->rec.id;
}

int brio_lock_release(brio_lock *lock)
{
    if (BRIO_UNLIKELY(lock->owner != me()))
        return -EPERM;
    brio_waiter *next = brio_waiters_take(&lock->waiters);
    lock->owner = next ? next->task->rec.id : 0;
    if (BRIO_UNLIKELY(next))
        brio_unpark(next, 0);
    return 0;
}

static void leave(void *lock)
{
    (void)brio_lock_release(lock);
}

brio_held *brio_lock_enter(brio_held *held, brio_lock *lock)
{
    int rc = brio_lock_acquire(lock);
    BRIO_ASSERT(rc != -EDEADLK); /* the block would be left out silently */
    return rc < 0 ? brio_held_none(held) : brio_held_begin(held, leave, lock);
}
