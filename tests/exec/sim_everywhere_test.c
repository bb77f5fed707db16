/* SPDX-License-Identifier: MIT
 *
 * Threads on the simulator: the clock stands still while one works, however
 * long that takes, and jobs survive what can go wrong around them. The order
 * of threads is the machine's; only what no order changes is checked. */
#include <brio/exec.h>
#include <brio/loop.h>
#include <brio/task.h>

#include "harness/test.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int worked;

static int works(void *arg)
{
    for (int i = 0; i < 20; i++)
        sched_yield();
    atomic_fetch_add(&worked, 1);
    return *(int *)arg;
}

static int asks_a_thread(void *arg)
{
    int rc = brio_to_thread(works, arg);
    CHECK(rc == 7 || rc == -ECANCELED || rc == BRIO_EOVERLOAD || rc == -ENOMEM || rc == -EAGAIN);
    return rc == 7 ? 0 : rc;
}

static int sleeps_a_second(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(1));
}

/* The argument outlives every job: cancelling the wait does not stop a thread. */
static int threads_scenario(void *arg)
{
    static int seven = 7;
    (void)arg;
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 3; i++)
            brio_spawn(&g, asks_a_thread, &seven);
        brio_spawn(&g, sleeps_a_second, NULL);
    }
    return g.err;
}

TEST(threads_everywhere)
{
    brio_sim sim = {.seeds = 3, .cancel_everywhere = true, .fail_every_alloc = true};
    sim.deadline_everywhere = true;
    CHECK_INT(brio_sim_run(&sim, threads_scenario, NULL), 0);
    CHECK(atomic_load(&worked) >= 3);
}

static int thread_takes_no_time(void *arg)
{
    static int seven = 7;
    (void)arg;
    brio_time start = brio_now();
    BRIO_GROUP(g)
    {
        brio_spawn(&g, sleeps_a_second, NULL); /* would be over at once, did the clock jump */
        CHECK_INT(brio_to_thread(works, &seven), 7);
        CHECK_INT(brio_now(), start);
    }
    CHECK_INT(brio_now() - start, BRIO_SEC(1));
    return g.err;
}

TEST(the_clock_stands_still_while_a_thread_works)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200}, thread_takes_no_time, NULL), 0);
}
