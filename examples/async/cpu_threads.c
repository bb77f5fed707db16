/* SPDX-License-Identifier: MIT
 *
 * CPU-bound work on threads: both cores work, and the loop stays free. There
 * is no global interpreter lock here. */
#include <brio/exec.h>
#include <brio/task.h>

#include <stdlib.h>

static int compute(void *arg)
{
    volatile uint64_t sum = 0;
    for (uint64_t i = 0; i < 60000000; i++)
        sum += i;
    return arg != NULL;
}

static int on_a_thread(void *arg)
{
    return brio_to_thread(compute, arg); /* waits; others could run */
}

static int run(void *arg)
{
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, on_a_thread, arg, &(brio_task_options){.name = "compute a"});
        brio_spawn_with(&g, on_a_thread, arg, &(brio_task_options){.name = "compute b"});
    }
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
