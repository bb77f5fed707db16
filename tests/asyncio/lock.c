/* SPDX-License-Identifier: MIT
 *
 * Lock: first come first served, and a cancelled waiter passes the wake on. */
#include "pair.h"

static brio_lock lock = BRIO_LOCK_INIT;

static int holder(void *arg)
{
    const char *name = arg;
    int rc = brio_lock_acquire(&lock);
    if (rc < 0)
        return rc;
    say("%s has it", name);
    rc = brio_sleep(TICKS(1));
    (void)brio_lock_release(&lock);
    say("%s let go", name);
    return rc;
}

static int run(void *arg)
{
    static char names[4][2] = {"a", "b", "c", "d"};
    brio_task *tasks[4];
    (void)arg;
    for (int i = 0; i < 4; i++)
        tasks[i] = brio_create_task(holder, names[i], &(brio_task_options){.acquired = true});
    int rc = brio_sleep(TICKS(1) / 2);
    brio_task_cancel(tasks[1]);
    rc = rc < 0 ? rc : brio_wait(tasks, 4, BRIO_ALL_COMPLETED, NULL);
    say("locked %s", brio_lock_locked(&lock) ? "True" : "False");
    for (int i = 0; i < 4; i++)
        brio_task_release(tasks[i]);
    return rc;
}

PAIR_MAIN(run)
