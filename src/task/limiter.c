/* SPDX-License-Identifier: MIT
 *
 * The capacity limiter: tokens that are lent to tasks by name.
 *
 * That a task has a token is a record on its own arena's defer stack: it is
 * found there when the task asks again or gives back, and it runs, with a
 * warning, if the task ends without having done so.
 *
 * Invariant: whoever waits does so because borrowed >= total. */
#include "task/task_internal.h"

void brio_limiter_init(brio_limiter *limiter, size_t total)
{
    *limiter = (brio_limiter){.total = total};
}

static void hand_out(brio_limiter *limiter)
{
    brio_waiter *next;
    while (limiter->borrowed < limiter->total && (next = brio_waiters_take(&limiter->waiters))) {
        limiter->borrowed++;
        brio_unpark(next, 0);
    }
}

static void take_back(brio_limiter *limiter)
{
    BRIO_ASSERT(limiter->borrowed > 0);
    limiter->borrowed--;
    hand_out(limiter);
}

/* Runs when a borrower ends. */
static void forgotten(void *limiter)
{
    brio_log(BRIO_LOG_WARNING, "task \"%s\" ended with a limiter's token: taken back",
             brio_task_name(brio_task_self()));
    take_back(limiter);
}

static bool has_token(const brio_task *task, const brio_limiter *limiter)
{
    const brio_defer *d = task->own.defers;
    while (d && (d->fn != forgotten || d->arg != limiter))
        d = d->next;
    return d != NULL;
}

/* A token that was handed over must not be lost for want of memory. */
static void make_room(brio_task *self, brio_limiter *limiter)
{
    if (self->own.spare_defers)
        return;
    brio_defer_push(&self->own, forgotten, limiter);
    (void)brio_defer_pop(&self->own, forgotten, limiter, false);
}

int brio_limiter_try(brio_limiter *limiter)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (has_token(self, limiter))
        return -EDEADLK;
    if (limiter->borrowed >= limiter->total)
        return -EAGAIN;
    brio_defer_push(&self->own, forgotten, limiter); /* may abandon the task: first */
    limiter->borrowed++;
    return 0;
}

int brio_limiter_acquire(brio_limiter *limiter)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    int rc = brio_limiter_try(limiter);
    if (rc != -EAGAIN)
        return rc;
    make_room(self, limiter);
    rc = brio_waiters_wait(&limiter->waiters, BRIO_WAIT_LIMITER, limiter);
    if (rc == 0 && brio_task_cancel_due(self)) {
        take_back(limiter);
        return brio_task_cancel_deliver(self);
    }
    if (rc == 0)
        brio_defer_push(&self->own, forgotten, limiter);
    return rc;
}

int brio_limiter_release(brio_limiter *limiter)
{
    brio_task *self = brio_task_self();
    if (!self || !brio_defer_pop(&self->own, forgotten, limiter, false))
        return -EPERM;
    take_back(limiter);
    return 0;
}

void brio_limiter_set_total(brio_limiter *limiter, size_t total)
{
    limiter->total = total;
    hand_out(limiter);
}

static void leave(void *limiter)
{
    (void)brio_limiter_release(limiter);
}

brio_held *brio_limiter_enter(brio_held *held, brio_limiter *limiter)
{
    int rc = brio_limiter_acquire(limiter);
    BRIO_ASSERT(rc != -EDEADLK); /* the block would be left out silently */
    return rc < 0 ? brio_held_none(held) : brio_held_begin(held, leave, limiter);
}
