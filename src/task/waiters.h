/* SPDX-License-Identifier: MIT
 *
 * Lists of waiters: what locks, queues and their kin are made of. First come,
 * first served: a waiter stands at the end of a list until it is taken from
 * the front and woken, or cancelled, which takes it out. The list is in the
 * primitive, the waiters are on their tasks' stacks. And what blocks hold. */
#ifndef BRIO_TASK_WAITERS_H
#define BRIO_TASK_WAITERS_H

#include "task/task_internal.h"

/* Links of brio_waiter::link, first come first served. A head of NULL pointers
 * (a static initialiser's) is an empty list, too. */
static inline bool brio_waiters_none(const brio_link *list)
{
    return !list->next || list->next == list;
}

static inline void brio_waiters_add(brio_link *list, brio_waiter *waiter)
{
    if (!list->next)
        brio_link_init(list);
    brio_link_insert_before(list, &waiter->link);
}

/* The first, off the list; NULL if nobody waits. */
static inline brio_waiter *brio_waiters_take(brio_link *list)
{
    if (brio_waiters_none(list))
        return NULL;
    brio_waiter *first = BRIO_CONTAINER(list->next, brio_waiter, link);
    brio_link_remove(&first->link);
    return first;
}

/* The on_cancel of whoever stands in a list and has nothing else to undo. */
static inline bool brio_waiter_give_up(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

/* brio_park's second half: no cancellation is due. Inlined into those who wait
 * often: each return after a switch is a misprediction. */
static inline __attribute__((always_inline)) int brio_waiter_wait(brio_waiter *waiter,
                                                                  brio_task *self)
{
    waiter->task = self;
    self->waiter = waiter;
    self->rec.wait = waiter->kind;
    self->rec.wait_on = waiter->on;
    brio_task_set_state(self, BRIO_TRACE_WAITING);
    brio_task_suspend(self);
    BRIO_ASSERT(waiter->woken);
    if (waiter->result < 0 && waiter->on_cancel && brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    return waiter->result;
}

/* Suspends until taken from `list` and woken, or cancelled. */
static inline int brio_waiters_wait(brio_link *list, brio_wait_kind kind, const void *on)
{
    brio_waiter waiter = {.on_cancel = brio_waiter_give_up, .kind = (uint8_t)kind, .on = on};
    brio_waiters_add(list, &waiter);
    return brio_park(&waiter);
}

static inline void brio_waiters_wake_all(brio_link *list, int result)
{
    brio_waiter *waiter;
    while ((waiter = brio_waiters_take(list)))
        brio_unpark(waiter, result);
}

/* ---- lock.c ---- */
/* Suspends until the lock is the task's; cancellation can wait. */
void brio_task_lock_regain(brio_task *self, brio_lock *lock);

/* ---- held.c ---- */
/* Gives back what the blocks hold that the task is in. */
void brio_held_end_all(brio_task *self);
/* For a block that is not entered, since the task was cancelled. NULL. */
brio_held *brio_held_none(brio_held *held);

/* Who is told of a cancellation and cannot pass it on: the task's next
 * suspending call is told again. */
static inline void brio_task_cancel_again(brio_task *self)
{
    if (!self->scope->reached)
        self->must_cancel = true;
}

#endif
