/* SPDX-License-Identifier: MIT
 *
 * For tests of what tasks share: letting everybody run until they wait, and a
 * storm of tasks that use a thing at random while others are cancelled. */
#ifndef BRIO_TEST_STORM_H
#define BRIO_TEST_STORM_H

#include "task/everywhere.h"

enum { SEEDS = 200, STORM_TASKS = 10, STORM_CANCELS = 40, STORM_ROUNDS = 6 };

/* On every back end, and in two hundred orders. */
__attribute__((unused)) static void run_all_ways(brio_task_fn *fn)
{
    run_everywhere(fn);
    run_shuffled(fn, SEEDS);
}

/* Until nobody else is ready: in order, or (sim's clock moves last) in any. */
__attribute__((unused)) static void settle(void)
{
    for (int i = 0; i < 8; i++)
        CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_sleep(BRIO_US(1)), 0);
}

/* Starts a task and lets it run until it waits. */
__attribute__((unused)) static brio_task *start(brio_task_fn *fn, void *arg)
{
    brio_task *task = brio_create_task(fn, arg, NULL);
    settle();
    return task;
}

__attribute__((unused)) static uint64_t dice(uint64_t sides)
{
    return brio_loop_random(brio_loop_current()) % sides;
}

/* A short pause of one kind or the other, or none. */
__attribute__((unused)) static int dawdle(void)
{
    switch (dice(3)) {
    case 0:
        return brio_cancel_point();
    case 1:
        return brio_yield();
    default:
        return brio_sleep(BRIO_US((brio_time)dice(5)));
    }
}

/* STORM_TASKS tasks run use(number); some are cancelled, again and again.
 * They may swallow that, and must return 0 or -ECANCELED. */
__attribute__((unused)) static void storm(brio_task_fn *use)
{
    static int numbers[STORM_TASKS];
    brio_task *tasks[STORM_TASKS];
    BRIO_GROUP(g)
    {
        for (int i = 0; i < STORM_TASKS; i++) {
            numbers[i] = i;
            tasks[i] = brio_spawn(&g, use, &numbers[i]);
        }
        for (int i = 0; i < STORM_CANCELS; i++) {
            CHECK_INT(dawdle(), 0);
            brio_task_cancel(tasks[dice(STORM_TASKS)]);
        }
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(g.done, STORM_TASKS);
}

#endif
