/* SPDX-License-Identifier: MIT
 *
 * Task-locals: a task has a copy of its creator's; what it sets is its own. */
#include "pair.h"

static const brio_local user = {"user", WORD("nobody")};

static int child(void *arg)
{
    say("%s sees %s", (const char *)arg, (const char *)brio_local_get(&user));
    brio_local_set(&user, arg);
    int rc = brio_yield();
    say("%s has %s", (const char *)arg, (const char *)brio_local_get(&user));
    return rc;
}

static int run(void *arg)
{
    brio_task *tasks[2];
    (void)arg;
    say("main %s", (const char *)brio_local_get(&user));
    brio_local_set(&user, WORD("root"));
    tasks[0] = brio_create_task(child, WORD("a"), &(brio_task_options){.acquired = true});
    brio_local_set(&user, WORD("other"));
    tasks[1] = brio_create_task(child, WORD("b"), &(brio_task_options){.acquired = true});
    int rc = brio_wait(tasks, 2, BRIO_ALL_COMPLETED, NULL);
    say("main %s", (const char *)brio_local_get(&user));
    rc = rc < 0 ? rc : child(WORD("inline"));
    say("main %s", (const char *)brio_local_get(&user));
    brio_task_release(tasks[0]);
    brio_task_release(tasks[1]);
    return rc;
}

PAIR_MAIN(run)
