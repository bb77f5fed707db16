/* SPDX-License-Identifier: MIT
 *
 * Ends: who is told of one, and how a task waits for one. A hook stands in the
 * list of a task or a future and is called inside its end, once; it only
 * passes the news on and lets no user code run. */
#ifndef BRIO_TASK_DONE_H
#define BRIO_TASK_DONE_H

#include <brio/task.h>

/* ---- done.c ---- */
/* Tells all that wait in `hooks`, in order; true if one of them looked. */
bool brio_done_tell(brio_link *hooks, int result, void *value);
/* Takes off the callbacks that are queued and have not begun. */
void brio_done_drop(brio_future *future);

/* ---- join.c ---- */
/* A wait for one end, of a task or a future. */
typedef struct brio_task_joiner {
    brio_waiter waiter;
    brio_done_hook hook;
    brio_task *self;
    void *of; /* what is waited for */
    int result;
    void *value;
} brio_task_joiner;
/* Suspends until told; 0 and j->result, or -ECANCELED. */
int brio_task_join_in(brio_link *hooks, brio_task_joiner *j);
/* The task that `task` awaits and cancels first, or NULL. */
brio_task *brio_task_awaited(const brio_task *task);

/* ---- started.c ---- */
void brio_task_never_started(brio_task *task);

#endif
