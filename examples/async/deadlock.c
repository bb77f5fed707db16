/* SPDX-License-Identifier: MIT
 *
 * A deadlock: two transfers take the same two locks in opposite order. It hangs
 * on purpose; look at it with `brio tree PID`. On the simulator (BRIO_BACKEND=sim)
 * nothing hangs: the run ends and says who waits for whom. */
#include <brio/task.h>

#include <stdio.h>
#include <unistd.h>

static brio_lock alice, bob;
typedef struct way {
    brio_lock *from, *to;
} way;

static int transfer(void *arg)
{
    way *w = arg;
    int rc = 0;
    BRIO_WITH_LOCK(w->from)
    {
        rc = brio_sleep(BRIO_MS(10)); /* meanwhile the other one takes its first lock */
        BRIO_WITH_LOCK(w->to)
        puts("transferred");
    }
    return rc;
}

static int run(void *arg)
{
    way there = {&alice, &bob}, back = {&bob, &alice};
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, transfer, &there, &(brio_task_options){.name = "alice to bob"});
        brio_spawn_with(&g, transfer, &back, &(brio_task_options){.name = "bob to alice"});
    }
    return g.err;
}

int main(void)
{
    fprintf(stderr, "pid %d\n", getpid());
    return brio_run(run, NULL, NULL) < 0;
}
