/* SPDX-License-Identifier: MIT
 *
 * CPU-bound work in processes: both cores work, and a job that crashes takes
 * only its own process with it. */
#include <brio/exec.h>
#include <brio/task.h>

#include <stdlib.h>

static int compute(brio_str arg, brio_buf *result)
{
    volatile uint64_t sum = 0;
    for (uint64_t i = 0; i < 60000000; i++)
        sum += i;
    return result ? (int)arg.len : 0;
}

static int in_a_process(void *arg)
{
    return arg ? 1 : brio_to_process(compute, BRIO_S("input"), NULL);
}

static int run(void *arg)
{
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, in_a_process, arg, &(brio_task_options){.name = "compute a"});
        brio_spawn_with(&g, in_a_process, arg, &(brio_task_options){.name = "compute b"});
    }
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
