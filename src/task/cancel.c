/* SPDX-License-Identifier: MIT
 *
 * Cancellation of tasks: asyncio's edge on top of the scopes' level.
 *
 * An edge (brio_task_cancel) is delivered once, by the return value of one
 * suspending call; a counter remembers that it was asked for. A cancelled
 * scope fails every suspending call inside it. When both are due the scope
 * explains the failure, and the edge is kept for after the scope: a timeout
 * must not swallow a cancellation. */
#include "task/done.h"
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

brio_cancel_reason brio_task_cancel_cause(const brio_task *self)
{
    if (!self->scope->reached)
        return self->asked;
    const brio_scope *scope = self->scope;
    while (!scope->cancelled)
        scope = scope->parent;
    bool passed_on = scope->why == BRIO_CANCEL_REQUEST; /* a group's owner was asked */
    return (brio_cancel_reason){
        .kind = scope->why, .why = passed_on ? scope->task->asked.why : NULL, .by = scope->by};
}

int brio_task_cancel_deliver(brio_task *self)
{
    BRIO_ASSERT(self->rec.state == BRIO_TRACE_RUNNING);
    self->told = brio_task_cancel_cause(self);
    if (!self->scope->reached) {
        self->must_cancel = false;
        self->edges++;
    } else if (++self->ignored > IGNORED_BEFORE_YIELD)
        ignored(self);
    return -ECANCELED;
}

void brio_task_interrupt(brio_task *task)
{
    brio_waiter *waiter = task->waiter;
    if (!waiter || waiter->asked || !waiter->on_cancel)
        return;
    waiter->asked = true;
    if (!waiter->on_cancel(waiter))
        return;
    task->told = brio_task_cancel_cause(task);
    brio_unpark(waiter, -ECANCELED);
}

/* ---- Requests ----------------------------------------------------------- */

static void request(brio_task *task, const brio_cancel_reason *reason)
{
    task->requests++;
    task->must_cancel = true;
    task->rec.cancelling = true;
    task->asked = *reason;
}

/* A task that awaits another hands the request down, as asyncio's do: it is
 * told through what it awaits. By a loop: such chains may be long. */
bool brio_task_cancel_for(brio_task *task, const brio_cancel_reason *reason)
{
    if (brio_task_done(task))
        return false;
    request(task, reason);
    brio_task *inner;
    while (!task->rt->insisting && (inner = brio_task_awaited(task))) {
        if (!task->scope->reached)
            task->must_cancel = false;
        task = inner;
        request(task, reason);
    }
    brio_task_interrupt(task);
    return true;
}

bool brio_task_cancel_with(brio_task *task, const char *why)
{
    brio_cancel_reason reason = {.kind =
                                     task->rt->closing ? BRIO_CANCEL_CLOSING : BRIO_CANCEL_REQUEST,
                                 .why = why,
                                 .by = brio_task_self_id()};
    return brio_task_cancel_for(task, &reason);
}

bool brio_task_cancel(brio_task *task)
{
    return brio_task_cancel_with(task, NULL);
}

int brio_task_uncancel(brio_task *task)
{
    if (task->requests > 0 && --task->requests == 0) {
        task->must_cancel = false;
        task->rec.cancelling = false;
    }
    return task->requests;
}

int brio_task_cancelling(const brio_task *task)
{
    return task->requests;
}

brio_cancel_reason brio_task_cancel_reason(void)
{
    const brio_task *self = brio_task_self();
    return self && self->told.kind ? self->told : (brio_cancel_reason){.kind = BRIO_CANCEL_NONE};
}
