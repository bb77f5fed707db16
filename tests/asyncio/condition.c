/* SPDX-License-Identifier: MIT
 *
 * Condition: notify wakes in order, and wait has the lock again on every way
 * out. */
#include "pair.h"

static brio_lock lock = BRIO_LOCK_INIT;
static brio_condition condition;

static int waiter(void *arg)
{
    int rc = 0;
    BRIO_WITH_LOCK(&lock)
    {
        rc = brio_condition_wait(&condition);
        say("%s %s %s", (const char *)arg, rc < 0 ? "cancelled" : "notified",
            brio_lock_locked(&lock) ? "True" : "False");
    }
    return rc;
}

static int run(void *arg)
{
    static char names[4][2] = {"a", "b", "c", "d"};
    brio_task *tasks[4];
    (void)arg;
    brio_condition_init(&condition, &lock);
    for (int i = 0; i < 4; i++)
        tasks[i] = brio_create_task(waiter, names[i], &(brio_task_options){.acquired = true});
    int rc = brio_sleep(TICKS(1));
    BRIO_WITH_LOCK(&lock)
    {
        brio_condition_notify(&condition, 1);
        say("notified one");
    }
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    brio_task_cancel(tasks[1]);
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    BRIO_WITH_LOCK(&lock)
    brio_condition_notify_all(&condition);
    rc = rc < 0 ? rc : brio_wait(tasks, 4, BRIO_ALL_COMPLETED, NULL);
    for (int i = 0; i < 4; i++)
        brio_task_release(tasks[i]);
    return rc;
}

PAIR_MAIN(run)
