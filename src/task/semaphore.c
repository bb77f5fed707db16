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
    sem->bound = 0;
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

static bool stop_waiting(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

int brio_semaphore_acquire(brio_semaphore *sem)
{
    brio_task *self = brio_task_self();
    BRIO_ASSERT(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    if (brio_semaphore_try(sem))
        return 0;
    brio_waiter waiter = {.on_cancel = stop_waiting};
    brio_link_insert_before(&sem->waiters, &waiter.link);
    int rc = brio_park(&waiter);
    if (rc == 0 && brio_task_cancel_due(self)) {
        (void)brio_semaphore_release(sem);
        rc = brio_task_cancel_deliver(self);
    }
    return rc;
}

int brio_semaphore_release(brio_semaphore *sem)
{
    if (sem->bound && sem->value == sem->bound)
        return -EOVERFLOW;
    if (brio_link_alone(&sem->waiters)) {
        sem->value++;
        return 0;
    }
    BRIO_ASSERT(sem->value == 0);
    brio_waiter *first = BRIO_CONTAINER(sem->waiters.next, brio_waiter, link);
    brio_link_remove(&first->link);
    brio_unpark(first, 0);
    return 0;
}
