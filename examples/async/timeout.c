/* SPDX-License-Identifier: MIT
 *
 * timeout: what is not done in time is cancelled, and so is all it waits for. */
#include <brio/task.h>

#include <stdio.h>
#include <stdlib.h>

static int fetch(void *takes)
{
    return brio_sleep(*(const brio_time *)takes);
}

static int run(void *arg)
{
    brio_time quick = BRIO_MS(50), slow = BRIO_SEC(10);
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(120))
    {
        BRIO_GROUP(g)
        {
            brio_spawn_with(&g, fetch, &quick, &(brio_task_options){.name = "quick"});
            brio_spawn_with(&g, fetch, &slow, &(brio_task_options){.name = "slow"});
        }
    }
    puts(limit.expired ? "the slow one was cancelled" : "both were in time");
    return brio_sleep(BRIO_MS(30)); /* main goes on */
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
