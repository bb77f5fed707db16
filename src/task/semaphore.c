/* SPDX-License-Identifier: MIT
 *
 * A counting semaphore, strictly first come first served: release hands the
 * permit to the first waiter and nobody can take it on the way. A permit that
 * reaches a task cancelled in the same turn goes on to the next one.
 *
 * Invariant: value > 0 implies that nobody waits. */
#include "task/task_internal.h"

void brio_semaphore_init(brio_semaphore *sem, size_t value)
{
    sem->value = value;
    sem->bound = SIZE_MAX;
    brio_link_init(&sem->waiters);
}

void brio_semaphore_init_bounded(brio_semaphore *sem, size_t value)
{
    brio_semaphore_init(sem, value);
    sem->bound = value;
}

bool brio_semaphore_try(brio_semaphore *sem)
{
    if (sem->value == 0)
        return false;
    sem->value--;
    return true;
}

int brio_semaphore_acquire(brio_semaphore *sem)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    if (brio_semaphore_try(sem))
        return 0;
    int rc = brio_waiters_wait(&sem->waiters, BRIO_WAIT_SEMAPHORE, sem);
    if (rc == 0 && brio_task_cancel_due(self)) {
        (void)brio_semaphore_release(sem);
        rc = brio_task_cancel_deliver(self);
    }
    return rc;
}

int brio_semaphore_release(brio_semaphore *sem)
{
    if (sem->value == sem->bound)
        return -EOVERFLOW;
    brio_waiter *next = brio_waiters_take(&sem->waiters);
    if (next)
        brio_unpark(next, 0);
    else
        sem->value++;
    return 0;
}

static void leave(void *sem)
{
    (void)brio_semaphore_release(sem);
}

brio_held *brio_semaphore_enter(brio_held *held, brio_semaphore *sem)
{
    int rc = brio_semaphore_acquire(sem);
    return rc < 0 ? brio_held_none(held) : brio_held_begin(held, leave, sem);
}
