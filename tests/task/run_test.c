/* SPDX-License-Identifier: MIT
 *
 * brio_run, yielding, sleeping and the order of first turns. */
#include <brio/loop.h>
#include <brio/task.h>

#include "harness/test.h"

#include <errno.h>

static int give_seven(void *arg)
{
    (void)arg;
    return 7;
}

TEST(run_returns_what_the_main_task_returns)
{
    CHECK_INT(brio_sim_run(1, give_seven, NULL), 7);
    CHECK_INT(brio_run(give_seven, NULL, NULL), 7);
}

static int sleep_a_day(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    CHECK_INT(brio_sleep(BRIO_SEC(86400)), 0);
    CHECK(brio_now() - begin == BRIO_SEC(86400));
    return 0;
}

TEST(sleep_moves_the_virtual_clock_exactly)
{
    CHECK_INT(brio_sim_run(1, sleep_a_day, NULL), 0);
}
