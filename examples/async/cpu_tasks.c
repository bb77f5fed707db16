/* SPDX-License-Identifier: MIT
 *
 * CPU-bound work as tasks: they share one core, one after the other. Compare
 * cpu_threads and cpu_processes. */
#include <brio/task.h>

#include <stdlib.h>

static int compute(void *arg)
{
    volatile uint64_t sum = 0;
    for (uint64_t i = 0; i < 60000000; i++)
        sum += i;
    return arg != NULL;
}

static int run(void *arg)
{
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, compute, arg, &(brio_task_options){.name = "compute a"});
        brio_spawn_with(&g, compute, arg, &(brio_task_options){.name = "compute b"});
    }
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
