/* SPDX-License-Identifier: MIT
 *
 * Condition.wait_for looks again after each wake-up, with the lock held; others
 * wait their turn. */
#include "pair.h"

static brio_lock lock = BRIO_LOCK_INIT;
static brio_condition condition = BRIO_CONDITION_INIT(&lock);
static int stock;

static bool enough(void *wants)
{
    return stock >= *(int *)wants;
}

static int buyer(void *arg)
{
    who *b = arg;
    int rc = 0;
    BRIO_WITH_LOCK(&lock)
    {
        rc = brio_condition_wait_for(&condition, enough, &b->ticks);
        if (rc < 0)
            break;
        stock -= b->ticks;
        say("%s takes %d leaves %d", b->name, b->ticks, stock);
    }
    return rc;
}

static brio_task *begin(who *b)
{
    return brio_create_task(buyer, b, &(brio_task_options){.acquired = true});
}

static int bring(int brought, brio_task *const *tasks)
{
    int waiting = 0;
    BRIO_WITH_LOCK(&lock)
    {
        stock += brought;
        say("brought %d", brought);
        brio_condition_notify_all(&condition);
    }
    int rc = brio_sleep(TICKS(1));
    for (int i = 0; i < 3; i++)
        waiting += !brio_task_done(tasks[i]);
    say("waiting %d", waiting);
    return rc;
}

static int cancel_late(void)
{
    who nobody = {"late", 100};
    brio_task *late = begin(&nobody);
    int rc = brio_sleep(TICKS(1));
    brio_task_cancel(late);
    rc = rc < 0 ? rc : brio_wait(&late, 1, BRIO_ALL_COMPLETED, NULL);
    say("late cancelled %s %s", brio_task_cancelled(late) ? "True" : "False",
        brio_lock_locked(&lock) ? "True" : "False");
    brio_task_release(late);
    return rc;
}

static int run(void *arg)
{
    static who buyers[] = {{"a", 5}, {"b", 1}, {"c", 2}};
    static const int brought[] = {2, 3, 6};
    brio_task *tasks[3];
    (void)arg;
    for (int i = 0; i < 3; i++)
        tasks[i] = begin(&buyers[i]);
    int rc = brio_sleep(TICKS(1));
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = bring(brought[i], tasks);
    if (brio_condition_notify(&condition, 1) == -EPERM)
        say("not without the lock");
    rc = rc < 0 ? rc : cancel_late();
    for (int i = 0; i < 3; i++)
        brio_task_release(tasks[i]);
    return rc;
}

PAIR_MAIN(run)
