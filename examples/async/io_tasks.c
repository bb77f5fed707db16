/* SPDX-License-Identifier: MIT
 *
 * I/O-bound work as tasks: all wait at the same time, on one thread. Compare
 * io_threads. */
#include <brio/task.h>

#include <stdlib.h>

static int fetch(void *arg)
{
    return brio_sleep(arg ? 0 : BRIO_MS(50));
}

static int run(void *arg)
{
    BRIO_GROUP(g)
    for (int i = 0; i < 6; i++)
        brio_spawn_with(&g, fetch, arg, &(brio_task_options){.name = "fetch"});
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
