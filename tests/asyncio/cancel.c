/* SPDX-License-Identifier: MIT
 *
 * Cancelling: before the first turn, in a sleep, during clean-up, swallowed,
 * called off. */
#include "pair.h"

static const char *flag(bool value)
{
    return value ? "True" : "False";
}

static int never(void *arg)
{
    (void)arg;
    say("never runs");
    return 0;
}

static int cleans_up(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(1000));
    if (rc != -ECANCELED)
        return rc;
    say("cleaning up");
    rc = brio_sleep(TICKS(1));
    if (rc == 0)
        say("clean");
    return -ECANCELED;
}

static int swallows(void *arg)
{
    (void)arg;
    brio_task *self = brio_current_task();
    if (brio_sleep(BRIO_SEC(1000)) == -ECANCELED) {
        say("swallowed %d", brio_task_cancelling(self));
        (void)brio_task_uncancel(self);
    }
    int rc = brio_sleep(TICKS(1));
    say("went on %d", brio_task_cancelling(self));
    return rc < 0 ? rc : 7;
}

static brio_task *begin(brio_task_fn *fn)
{
    return brio_create_task(fn, NULL, &(brio_task_options){.acquired = true});
}

static int run(void *arg)
{
    (void)arg;
    brio_task *task = begin(never);
    brio_task_cancel(task);
    int rc = brio_wait(&task, 1, BRIO_ALL_COMPLETED, NULL);
    say("never %s", flag(brio_task_cancelled(task)));
    brio_task_release(task);

    task = begin(cleans_up);
    rc = rc < 0 ? rc : brio_yield();
    bool first = brio_task_cancel(task), second = brio_task_cancel(task);
    say("%s %s", flag(first), flag(second));
    rc = rc < 0 ? rc : brio_wait(&task, 1, BRIO_ALL_COMPLETED, NULL);
    say("cleans_up %s %s", flag(brio_task_cancelled(task)), flag(brio_task_cancel(task)));
    brio_task_release(task);

    task = begin(swallows);
    rc = rc < 0 ? rc : brio_yield();
    brio_task_cancel(task);
    int result = brio_await(task);
    say("swallows %d %s", result, flag(brio_task_cancelled(task)));
    brio_task_release(task);
    return rc;
}

PAIR_MAIN(run)
