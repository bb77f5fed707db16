/* SPDX-License-Identifier: MIT
 *
 * asyncio.as_completed: tasks, given out as they end.
 *
 * A hook per task, all at once from the arena; a hook whose task has ended
 * moves to the list of those ready. So order is that of the ends, and asking
 * again costs nothing per task that still runs. */
#include "task/task_internal.h"

struct brio_completed_task {
    brio_done_hook hook; /* in the task's list, in `ready`, or given out */
    brio_completed *of;
    brio_task *task;
};

static bool ended(brio_done_hook *hook, int result, void *value)
{
    (void)result;
    (void)value;
    brio_completed *c = BRIO_CONTAINER(hook, struct brio_completed_task, hook)->of;
    brio_link_insert_before(&c->ready, &hook->link);
    if (c->waiter) {
        brio_unpark(c->waiter, 0);
        c->waiter = NULL;
    }
    return false; /* whoever takes it will look */
}

void brio_completed_init(brio_completed *completed, brio_task *const *tasks, size_t n)
{
    *completed = (brio_completed){.left = n, .n = n};
    brio_link_init(&completed->ready);
    completed->tasks = BRIO_NEW_ARRAY(brio_task_arena(), struct brio_completed_task, n);
    for (size_t i = 0; i < n; i++) {
        struct brio_completed_task *t = &completed->tasks[i];
        *t = (struct brio_completed_task){.hook.fn = ended, .of = completed, .task = tasks[i]};
        brio_link *list = brio_task_done(t->task) ? &completed->ready : &t->task->hooks;
        brio_link_insert_before(list, &t->hook.link);
    }
}

void brio_completed_fini(brio_completed *completed)
{
    BRIO_ASSERT(!completed->waiter);
    for (size_t i = 0; i < completed->n; i++)
        brio_link_remove(&completed->tasks[i].hook.link);
    completed->n = completed->left = 0;
}

/* ---- Giving out --------------------------------------------------------- */

typedef struct taker {
    brio_waiter waiter;
    brio_completed *of;
} taker;

static bool give_up(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, taker, waiter)->of->waiter = NULL;
    return true;
}

static const brio_task *first_running(const brio_completed *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!brio_link_alone(&c->tasks[i].hook.link))
            return c->tasks[i].task;
    return NULL;
}

static int wait_for_one(brio_completed *c)
{
    BRIO_ASSERT(!c->waiter); /* one taker at a time */
    taker t = {.waiter = {.on_cancel = give_up, .kind = BRIO_WAIT_TASK, .on = first_running(c)},
               .of = c};
    c->waiter = &t.waiter;
    return brio_park(&t.waiter);
}

int brio_completed_next(brio_completed *completed, brio_task **ret)
{
    if (completed->left == 0)
        return BRIO_ECLOSED;
    int rc = brio_link_alone(&completed->ready) ? wait_for_one(completed) : 0;
    if (rc < 0)
        return rc;
    brio_link *first = completed->ready.next;
    brio_link_remove(first);
    completed->left--;
    *ret = BRIO_CONTAINER(first, struct brio_completed_task, hook.link)->task;
    return 0;
}
