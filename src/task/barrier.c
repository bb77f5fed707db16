/* SPDX-License-Identifier: MIT
 *
 * The barrier: whoever comes last lets everybody pass, each with a number.
 *
 *     outside -> (former round gone) -> waiters -> (round complete) -> draining
 *
 * A round is complete the moment its last task arrives; its numbers are handed
 * over then and nothing takes them back. Until all of these tasks have run,
 * newcomers wait outside, so nobody is two rounds ahead of anybody.
 *
 * Invariant: tasks are outside only while draining > 0. */
#include "task/task_internal.h"

#include <limits.h>

typedef struct party {
    brio_waiter waiter;
    brio_barrier *barrier;
    bool inside;
} party;

void brio_barrier_init(brio_barrier *barrier, size_t parties)
{
    BRIO_ASSERT(parties >= 1 && parties <= INT_MAX);
    *barrier = (brio_barrier){.parties = parties};
}

static bool give_up(brio_waiter *waiter)
{
    party *p = BRIO_CONTAINER(waiter, party, waiter);
    if (p->inside)
        p->barrier->arrived--;
    return brio_waiter_give_up(waiter);
}

static void let_pass(brio_barrier *barrier)
{
    brio_waiter *waiter;
    int number = 0;
    barrier->draining = barrier->parties;
    barrier->arrived = 0;
    while ((waiter = brio_waiters_take(&barrier->waiters)))
        brio_unpark(waiter, number++);
}

static void enter(brio_barrier *barrier, party *p)
{
    p->inside = true;
    brio_waiters_add(&barrier->waiters, &p->waiter);
    if (++barrier->arrived == barrier->parties)
        let_pass(barrier);
}

static void leave(brio_barrier *barrier)
{
    brio_waiter *next;
    barrier->draining--;
    while (!barrier->draining && (next = brio_waiters_take(&barrier->outside)))
        enter(barrier, BRIO_CONTAINER(next, party, waiter));
}

int brio_barrier_wait(brio_barrier *barrier)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    if (barrier->broken)
        return -EPIPE;
    party p = {.waiter = {.on_cancel = give_up, .kind = BRIO_WAIT_BARRIER, .on = barrier},
               .barrier = barrier};
    if (barrier->draining)
        brio_waiters_add(&barrier->outside, &p.waiter);
    else
        enter(barrier, &p);
    int rc = brio_park(&p.waiter); /* the last one's has happened */
    if (rc >= 0)
        leave(barrier);
    return rc;
}

void brio_barrier_reset(brio_barrier *barrier)
{
    brio_waiters_wake_all(&barrier->waiters, -EPIPE);
    barrier->arrived = 0;
    barrier->broken = false;
}

void brio_barrier_abort(brio_barrier *barrier)
{
    brio_barrier_reset(barrier);
    brio_waiters_wake_all(&barrier->outside, -EPIPE);
    barrier->broken = true;
}

bool brio_barrier_broken(const brio_barrier *barrier)
{
    return barrier->broken;
}
