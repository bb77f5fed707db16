/* SPDX-License-Identifier: MIT
 *
 * Cancellation of tasks: asyncio's edge on top of the scopes' level.
 *
 * An edge (brio_task_cancel) is delivered once, by the return value of one
 * suspending call; a counter remembers that it was asked for. A cancelled
 * scope fails every suspending call inside it. When both are due the scope
 * explains the failure, and the edge is kept for after the scope: a timeout
 * must not swallow a cancellation. */
#include "task/task_internal.h"

enum {
    IGNORED_BEFORE_YIELD = 100,    /* cancellations answered at once */
    IGNORED_BEFORE_ABANDON = 1000, /* and while the loop closes */
};

bool brio_task_cancel_due_slow(brio_task *self)
{
    if (self->overdue)
        brio_task_scope_expire_overdue(self);
    return self->must_cancel || self->scope->reached;
}

/* A loop that ignores its cancellation would hold the event loop for ever,
 * since its suspending calls no longer suspend. It gets turns like others;
 * and when the loop is closing it is not asked for ever. */
static void ignored(brio_task *self)
{
    if (self->ignored > IGNORED_BEFORE_ABANDON && self->rt->insisting) {
        brio_log(BRIO_LOG_WARNING, "task \"%s\" ignores its cancellation: abandoned",
                 self->rec.name);
        brio_task_abandon(-ECANCELED);
    }
    brio_task_ready(self);
    brio_task_suspend(self);
}

int brio_task_cancel_deliver(brio_task *self)
{
    BRIO_ASSERT(self->rec.state == BRIO_TRACE_RUNNING);
    if (!self->scope->reached)
        self->must_cancel = false;
    else if (++self->ignored > IGNORED_BEFORE_YIELD)
        ignored(self);
    return -ECANCELED;
}

void brio_task_interrupt(brio_task *task)
{
    brio_waiter *waiter = task->waiter;
    if (!waiter || waiter->asked || !waiter->on_cancel)
        return;
    waiter->asked = true;
    if (waiter->on_cancel(waiter))
        brio_unpark(waiter, -ECANCELED);
}

bool brio_task_cancel(brio_task *task)
{
    if (task->rec.state == BRIO_TRACE_ENDED)
        return false;
    task->requests++;
    task->must_cancel = true;
    task->rec.cancelling = true;
    brio_task_interrupt(task);
    return true;
}

int brio_task_uncancel(brio_task *task)
{
    if (task->requests > 0 && --task->requests == 0) {
        task->must_cancel = false;
        task->rec.cancelling = false;
    }
    return task->requests;
}
