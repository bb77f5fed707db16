/* SPDX-License-Identifier: MIT
 *
 * A task starts on the next turn, in the order of creation. */
#include "pair.h"

static int worker(void *arg)
{
    const char *name = arg;
    say("%s begins", name);
    int rc = brio_yield();
    say("%s goes on", name);
    return rc;
}

static int run(void *arg)
{
    static char names[3][2] = {"a", "b", "c"};
    brio_task *tasks[3];
    (void)arg;
    for (int i = 0; i < 3; i++)
        tasks[i] = brio_create_task(worker, names[i], &(brio_task_options){.acquired = true});
    say("created");
    int rc = brio_yield();
    say("main again");
    for (int i = 0; i < 3; i++) {
        if (rc == 0)
            rc = brio_await(tasks[i]);
        brio_task_release(tasks[i]);
    }
    say("all awaited");
    return rc;
}

PAIR_MAIN(run)
