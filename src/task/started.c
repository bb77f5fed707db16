/* SPDX-License-Identifier: MIT
 *
 * trio's nursery.start: a child that says when it is ready to serve.
 *
 * The child points at who waits for it until it has said so or has ended,
 * whichever is first; so a word that nobody waits for is one load. */
#include "task/done.h"
#include "task/task_internal.h"

struct brio_task_starter {
    brio_waiter waiter;
    brio_task *self, *child;
    int value;
};

void brio_task_started(int value)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    brio_task_starter *starter = self->starter;
    if (!starter)
        return;
    self->starter = NULL;
    starter->value = value;
    brio_unpark(&starter->waiter, 0);
}

void brio_task_never_started(brio_task *task)
{
    brio_task_starter *starter = task->starter;
    task->starter = NULL;
    brio_unpark(&starter->waiter, task->result < 0 ? task->result : BRIO_ECLOSED);
}

/* The child is told; how it answers ends the wait. */
static bool cancel_child(brio_waiter *waiter)
{
    brio_task_starter *starter = BRIO_CONTAINER(waiter, brio_task_starter, waiter);
    brio_cancel_reason reason = brio_task_cancel_cause(starter->self);
    (void)brio_task_cancel_for(starter->child, &reason);
    return false;
}

int brio_spawn_started(brio_group *group, brio_task_fn *fn, void *arg, int *ret_value)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    brio_task *child = brio_task_spawn(group, fn, arg, NULL, __builtin_return_address(0));
    if (!child) {
        int rc = brio_cancel_point();
        return rc < 0 || group->scope.reached ? -ECANCELED : BRIO_EOVERLOAD;
    }
    brio_task_starter starter = {
        .waiter = {.on_cancel = cancel_child, .kind = BRIO_WAIT_TASK, .on = &child->rec},
        .self = self,
        .child = child};
    child->starter = &starter;
    int rc = brio_park(&starter.waiter);
    if (rc == 0 && ret_value)
        *ret_value = starter.value;
    return rc;
}
