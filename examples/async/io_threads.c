/* SPDX-License-Identifier: MIT
 *
 * I/O-bound work as blocking calls on a pool of three threads: three of the
 * six wait for a thread before they can wait for anything else. */
#include <brio/exec.h>
#include <brio/task.h>

#include <stdlib.h>
#include <unistd.h>

static brio_pool *three;

static int fetch(void *arg)
{
    return usleep(arg ? 0 : 50000);
}

static int on_a_thread(void *arg)
{
    return brio_run_in(three, fetch, arg);
}

static int run(void *arg)
{
    if (brio_pool_new(&three, &(brio_pool_options){.max_threads = 3}) < 0)
        return -1;
    BRIO_GROUP(g)
    for (int i = 0; i < 6; i++)
        brio_spawn_with(&g, on_a_thread, arg, &(brio_task_options){.name = "fetch"});
    brio_pool_free(three);
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
