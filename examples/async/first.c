/* SPDX-License-Identifier: MIT
 *
 * The README's program: two fetches at the same time, and a deadline for both. */
#include <brio/task.h>

#include <stdio.h>

static int fetch(void *takes)
{
    return brio_sleep(*(const brio_time *)takes); /* the other task runs meanwhile */
}

static int run(void *arg)
{
    brio_time quick = BRIO_MS(50), slow = BRIO_SEC(10);
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(120))
    {
        BRIO_GROUP(both)
        {
            brio_spawn_with(&both, fetch, &quick, &(brio_task_options){.name = "quick"});
            brio_spawn_with(&both, fetch, &slow, &(brio_task_options){.name = "slow"});
        }
    }
    puts(limit.expired ? "too late" : "both are here");
    return 0; /* nobody is left behind: a group waits for its tasks */
}

int main(void)
{
    return brio_run(run, NULL, NULL) < 0;
}
