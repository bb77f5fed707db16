/* SPDX-License-Identifier: MIT
 *
 * What the blocks of a task hold, innermost first.
 *
 * A block that is left gives back by its cleanup. A task that is abandoned
 * never leaves its blocks, but its stack is still there, and with it this
 * list: what it holds is given back, or others would wait for it for ever.
 * Outside tasks there is no such end, so nothing is noted. */
#include "task/task_internal.h"

brio_held *brio_held_begin(brio_held *held, void (*leave)(void *what), void *what)
{
    brio_task *self = brio_task_self();
    *held = (brio_held){.leave = leave, .what = what};
    if (self && leave) {
        held->outer = self->held;
        self->held = held;
    }
    return held;
}

void brio_held_end(brio_held *held)
{
    brio_task *self = brio_task_self();
    if (self) {
        BRIO_ASSERT(self->held == held); /* blocks nest */
        self->held = held->outer;
    }
    held->leave(held->what);
}

void brio_held_end_all(brio_task *self)
{
    while (self->held)
        brio_held_end(self->held);
}

brio_held *brio_held_none(brio_held *held)
{
    *held = (brio_held){0};
    brio_task_cancel_again(brio_task_self());
    return NULL;
}

brio_held *brio_manager_enter(brio_held *held, const brio_manager *manager, void *arg, int *ret_rc)
{
    *held = (brio_held){0};
    *ret_rc = manager->enter(arg);
    return *ret_rc < 0 ? NULL : brio_held_begin(held, manager->leave, arg);
}
