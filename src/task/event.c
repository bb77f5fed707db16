/* SPDX-License-Identifier: MIT
 *
 * The event: a flag, and those who wait for it to be set. Setting it wakes
 * whoever waits then; they need not look again, so clearing it at once does
 * not take that back. */
#include "task/task_internal.h"

void brio_event_init(brio_event *event)
{
    *event = (brio_event)BRIO_EVENT_INIT;
}

int brio_event_wait(brio_event *event)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    if (event->is_set)
        return 0;
    int rc = brio_waiters_wait(&event->waiters, BRIO_WAIT_EVENT, event);
    return rc == 0 && brio_task_cancel_due(self) ? brio_task_cancel_deliver(self) : rc;
}

void brio_event_set(brio_event *event)
{
    event->is_set = true;
    brio_waiters_wake_all(&event->waiters, 0);
}
