/* SPDX-License-Identifier: MIT
 *
 * gather: a supervising group in which a cancelled call counts as failed.
 * Results go straight to where the caller wants them, also those of calls
 * that were cancelled before they ran or were abandoned. */
#include "task/task_internal.h"

static int finish(brio_group *group)
{
    int rc = brio_group_leave(group);
    return rc < 0 ? rc : group->err;
}

static void spawn_calls(brio_group *group, brio_call *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        brio_task *task = brio_spawn(group, calls[i].fn, calls[i].arg);
        calls[i].result = task ? 0 : group->err;
        if (task)
            task->result_to = &calls[i].result;
    }
}

int brio_gather_n(brio_call *calls, size_t n)
{
    brio_group group = {.policy = BRIO_SUPERVISE, .strict = true, .discard = true};
    if (n == 0)
        return brio_cancel_point();
    brio_group_enter(&group);
    spawn_calls(&group, calls, n);
    return finish(&group);
}

int brio_gather_results(brio_call *calls, size_t n)
{
    brio_group group = {.policy = BRIO_COLLECT, .strict = true, .discard = true};
    if (n == 0)
        return brio_cancel_point();
    brio_group_enter(&group);
    spawn_calls(&group, calls, n);
    if (group.err != -ECANCELED)
        group.err = 0; /* what found no room says so itself */
    return finish(&group);
}

int brio_gather_list(const brio_start *calls, size_t n)
{
    brio_group group = {.policy = BRIO_SUPERVISE, .strict = true, .discard = true};
    brio_group_enter(&group);
    for (size_t i = 0; i < n; i++)
        (void)brio_spawn(&group, calls[i].fn, calls[i].arg);
    return finish(&group);
}

int brio_gather_map(brio_task_fn *fn, void *args, size_t n, size_t size)
{
    brio_group group = {.policy = BRIO_SUPERVISE, .strict = true, .discard = true};
    if (n == 0)
        return brio_cancel_point();
    brio_group_enter(&group);
    for (size_t i = 0; i < n; i++)
        (void)brio_spawn(&group, fn, (char *)args + i * size);
    return finish(&group);
}
