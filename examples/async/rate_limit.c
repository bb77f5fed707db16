/* SPDX-License-Identifier: MIT
 *
 * A rate limiter: at most two requests at once, and at most 20 a second. */
#include <brio/task.h>

#include <stdlib.h>

static brio_rate rate;

static int request(void *arg)
{
    int rc = 0;
    (void)arg;
    BRIO_WITH_RATE(&rate)
    rc = brio_sleep(BRIO_MS(70));
    return rc;
}

static int run(void *arg)
{
    (void)arg;
    brio_rate_init(&rate, &(brio_rate_options){.concurrent = 2, .per_second = 20});
    BRIO_GROUP(g)
    for (int i = 0; i < 6; i++)
        brio_spawn_with(&g, request, NULL, &(brio_task_options){.name = "request"});
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
