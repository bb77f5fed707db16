/* SPDX-License-Identifier: MIT
 *
 * The condition: waiting for what the holder of a lock may bring about.
 *
 * Whatever happens, wait ends with the lock in hand: it is taken back without
 * regard to cancellation, which is told after that. A notification that meets
 * a cancellation goes to the next waiter, who may so be woken for nothing. */
#include "task/task_internal.h"

void brio_condition_init(brio_condition *condition, brio_lock *lock)
{
    BRIO_ASSERT(lock);
    *condition = (brio_condition){.lock = lock};
}

static bool has_lock(const brio_task *self, const brio_lock *lock)
{
    return lock->owner == (self ? self->rec.id : UINT64_MAX);
}

static void notify(brio_condition *condition, size_t n)
{
    brio_waiter *waiter;
    while (n-- > 0 && (waiter = brio_waiters_take(&condition->waiters)))
        brio_unpark(waiter, 0);
}

int brio_condition_wait(brio_condition *condition)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (!has_lock(self, condition->lock))
        return -EPERM;
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    (void)brio_lock_release(condition->lock);
    int rc = brio_waiters_wait(&condition->waiters, BRIO_WAIT_CONDITION, condition);
    brio_task_lock_regain(self, condition->lock);
    if (!brio_task_cancel_due(self))
        return rc;
    if (rc == 0)
        notify(condition, 1);
    return brio_task_cancel_deliver(self); /* two of them, while it waited twice, are one */
}

int brio_condition_wait_for(brio_condition *condition, bool (*predicate)(void *arg), void *arg)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (!has_lock(self, condition->lock))
        return -EPERM;
    int rc = brio_task_cancel_due(self) ? brio_task_cancel_deliver(self) : 0;
    while (rc == 0 && !predicate(arg))
        rc = brio_condition_wait(condition);
    return rc;
}

int brio_condition_notify(brio_condition *condition, size_t n)
{
    if (!has_lock(brio_task_self(), condition->lock))
        return -EPERM;
    notify(condition, n);
    return 0;
}

int brio_condition_notify_all(brio_condition *condition)
{
    return brio_condition_notify(condition, SIZE_MAX);
}
