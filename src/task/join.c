/* SPDX-License-Identifier: MIT
 *
 * Waiting for one end: join, await and shield differ in what a cancellation
 * of the waiting task does to the other.
 *
 * An awaiting task hands its cancellation down instead of taking it, so a
 * request travels along a chain of awaits to the task at its end; the chain
 * is walked by a loop (cancel.c), since it may be long. It cannot be a ring:
 * closing one is refused. */
#include "task/done.h"
#include "task/task_internal.h"

static bool told(brio_done_hook *hook, int result, void *value)
{
    brio_task_joiner *j = BRIO_CONTAINER(hook, brio_task_joiner, hook);
    j->result = result;
    j->value = value;
    brio_unpark(&j->waiter, 0);
    return true;
}

static bool turn_away(brio_waiter *waiter)
{
    brio_link_remove(&BRIO_CONTAINER(waiter, brio_task_joiner, waiter)->hook.link);
    return true;
}

int brio_task_join_in(brio_link *hooks, brio_task_joiner *j)
{
    j->self = brio_task_self();
    if (!j->hook.fn)
        j->hook.fn = told;
    if (!j->waiter.on_cancel)
        j->waiter.on_cancel = turn_away;
    brio_link_insert_before(hooks, &j->hook.link);
    return brio_park(&j->waiter);
}

/* The words come along; the task may be gone when the waiting one runs. */
static bool told_with_words(brio_done_hook *hook, int result, void *value)
{
    const brio_task_joiner *j = BRIO_CONTAINER(hook, brio_task_joiner, hook);
    const brio_task *task = j->of;
    if (result < 0 && task->detail)
        brio_task_detail_copy(j->self, task->detail);
    return told(hook, result, value);
}

int brio_join(brio_task *task, int *ret_result)
{
    brio_task_joiner j = {
        .waiter = {.kind = BRIO_WAIT_TASK, .on = &task->rec}, .of = task, .result = task->result};
    if (task == brio_task_self())
        return -EDEADLK;
    if (brio_task_done(task))
        task->seen = true;
    else {
        int rc = brio_task_join_in(&task->hooks, &j);
        if (rc < 0)
            return rc;
    }
    if (ret_result)
        *ret_result = j.result;
    return 0;
}

/* ---- await and shield --------------------------------------------------- */

/* The other task is cancelled, and the wait for it goes on. A loop that closes
 * and insists is obeyed at once. */
static bool pass_on(brio_waiter *waiter)
{
    brio_task_joiner *j = BRIO_CONTAINER(waiter, brio_task_joiner, waiter);
    brio_task *self = j->self;
    if (self->rt->insisting)
        return turn_away(waiter);
    brio_cancel_reason reason = brio_task_cancel_cause(self);
    if (!self->scope->reached)
        self->must_cancel = false;
    waiter->asked = false; /* the next request goes down, too */
    (void)brio_task_cancel_for(j->of, &reason);
    return false;
}

brio_task *brio_task_awaited(const brio_task *task)
{
    const brio_waiter *waiter = task->waiter;
    if (!waiter || waiter->on_cancel != pass_on)
        return NULL;
    return ((const brio_task_joiner *)(const void *)waiter)->of; /* its first member */
}

_Static_assert(offsetof(brio_task_joiner, waiter) == 0, "brio_task_awaited");

static int result_of(brio_task *task, bool (*on_cancel)(brio_waiter *waiter))
{
    brio_task_joiner j = {
        .waiter = {.on_cancel = on_cancel, .kind = BRIO_WAIT_TASK, .on = &task->rec},
        .hook.fn = told_with_words,
        .of = task};
    if (brio_task_done(task)) {
        if (task->result < 0 && task->detail)
            brio_task_detail_copy(brio_task_self(), task->detail);
        return brio_task_result(task);
    }
    int rc = brio_task_join_in(&task->hooks, &j);
    return rc < 0 ? rc : j.result;
}

int brio_await(brio_task *task)
{
    const brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    BRIO_ASSERT(task);
    for (const brio_task *t = task; t; t = brio_task_awaited(t))
        if (t == self)
            return -EDEADLK;
    return result_of(task, pass_on);
}

int brio_shield(brio_task *task)
{
    BRIO_IN_TASK(brio_task_self());
    return task == brio_task_self() ? -EDEADLK : result_of(task, turn_away);
}
