/* SPDX-License-Identifier: MIT
 *
 * asyncio.wait: until one, one failure, or all of several tasks are done.
 *
 * One hook per task that is not done yet; the first that makes it enough
 * wakes the waiting task, which takes the rest off again. The hooks are on its
 * stack, or on the heap when there are many. */
#include "task/task_internal.h"

#include <stdlib.h>

enum { FEW = 16 }; /* hooks kept on the stack */

typedef struct waiting {
    brio_waiter waiter;
    brio_wait_mode mode;
    size_t left;
} waiting;

typedef struct arrival {
    brio_done_hook hook;
    waiting *of;
} arrival;

/* One with `result` is done: is that enough by itself? */
static bool ends_wait(brio_wait_mode mode, int result)
{
    return mode == BRIO_FIRST_COMPLETED ||
           (mode == BRIO_FIRST_EXCEPTION && result < 0 && result != -ECANCELED);
}

static bool arrived(brio_done_hook *hook, int result, void *value)
{
    (void)value;
    waiting *w = BRIO_CONTAINER(hook, arrival, hook)->of;
    w->left--;
    if (!w->waiter.woken && (w->left == 0 || ends_wait(w->mode, result)))
        brio_unpark(&w->waiter, 0);
    return false;
}

static bool give_up(brio_waiter *waiter)
{
    (void)waiter; /* the hooks are taken off by whoever waited */
    return true;
}

static int suspend(waiting *w, arrival *arrivals, brio_task *const *tasks, size_t n)
{
    size_t hooked = 0;
    for (size_t i = 0; i < n; i++) {
        if (brio_task_done(tasks[i]))
            continue;
        arrival *a = &arrivals[hooked++];
        *a = (arrival){.hook.fn = arrived, .of = w};
        brio_link_insert_before(&tasks[i]->hooks, &a->hook.link);
        if (!w->waiter.on)
            w->waiter.on = &tasks[i]->rec;
    }
    int rc = brio_park(&w->waiter);
    for (size_t i = 0; i < hooked; i++)
        brio_link_remove(&arrivals[i].hook.link);
    return rc;
}

static int suspend_with_hooks(waiting *w, brio_task *const *tasks, size_t n)
{
    arrival few[FEW];
    if (w->left <= FEW)
        return suspend(w, few, tasks, n);
    arrival *many = brio_zalloc(w->left, sizeof(*many));
    if (!many)
        return -ENOMEM;
    int rc = suspend(w, many, tasks, n);
    free(many);
    return rc;
}

static int count_done(brio_task *const *tasks, size_t n, bool *ret_done)
{
    int done = 0;
    for (size_t i = 0; i < n; i++) {
        done += brio_task_done(tasks[i]);
        if (ret_done)
            ret_done[i] = brio_task_done(tasks[i]);
    }
    return done;
}

int brio_wait(brio_task *const *tasks, size_t n, brio_wait_mode mode, bool *ret_done)
{
    waiting w = {.waiter = {.on_cancel = give_up, .kind = BRIO_WAIT_TASK}, .mode = mode};
    bool enough = false;
    int rc = 0;
    BRIO_IN_TASK(brio_task_self());
    if (n == 0)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        bool done = brio_task_done(tasks[i]);
        w.left += !done;
        enough |= done && ends_wait(mode, tasks[i]->result);
    }
    if (!enough && w.left > 0)
        rc = suspend_with_hooks(&w, tasks, n);
    int done = count_done(tasks, n, ret_done);
    return rc < 0 ? rc : done;
}
