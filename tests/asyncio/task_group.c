/* SPDX-License-Identifier: MIT
 *
 * A group: the first failure cancels siblings and the body; all are awaited. */
#include "pair.h"

static int fails(void *arg)
{
    int rc = brio_sleep(TICKS(*(int *)arg));
    if (rc < 0)
        return rc;
    say("fails");
    return -EIO;
}

static int cleans_up(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%s cleans up", (const char *)arg);
    return rc;
}

static int run(void *arg)
{
    static char a[] = "a", c[] = "c";
    int two = 2;
    (void)arg;
    BRIO_GROUP(failing)
    {
        brio_spawn(&failing, cleans_up, a);
        brio_spawn(&failing, fails, &two);
        if (brio_sleep(BRIO_SEC(1000)) == -ECANCELED)
            say("body cancelled");
    }
    if (failing.err == -EIO)
        say("group failed %zu", failing.failed);

    int rc = 0;
    BRIO_GROUP(good)
    {
        brio_task *task = brio_spawn(&good, cleans_up, c);
        rc = brio_sleep(TICKS(1));
        brio_task_cancel(task);
    }
    say("a cancelled child is no failure");
    return rc < 0 ? rc : good.err;
}

PAIR_MAIN(run)
