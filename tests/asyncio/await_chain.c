/* SPDX-License-Identifier: MIT
 *
 * Cancelling a task that awaits a task cancels the inner one first. */
#include "pair.h"

static int inner(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(1000));
    if (rc == -ECANCELED)
        say("inner cancelled");
    return rc;
}

static int outer(void *arg)
{
    int rc = brio_await(arg);
    if (rc == -ECANCELED)
        say("outer cancelled");
    return rc;
}

static int stubborn(void *arg)
{
    (void)arg;
    if (brio_sleep(BRIO_SEC(1000)) == -ECANCELED)
        say("stubborn says no");
    return 5;
}

static int takes_what_comes(void *arg)
{
    int rc = brio_await(arg);
    if (rc >= 0)
        say("got %d", rc);
    return rc;
}

static int chain(brio_task_fn *first, brio_task_fn *second)
{
    brio_task *i = brio_create_task(first, NULL, &(brio_task_options){.acquired = true});
    brio_task *o = brio_create_task(second, i, &(brio_task_options){.acquired = true});
    int rc = brio_sleep(TICKS(1));
    brio_task_cancel(o);
    rc = rc < 0 ? rc : brio_wait(&o, 1, BRIO_ALL_COMPLETED, NULL);
    say("%s %s", brio_task_cancelled(i) ? "True" : "False",
        brio_task_cancelled(o) ? "True" : "False");
    brio_task_release(o);
    brio_task_release(i);
    return rc;
}

static int run(void *arg)
{
    (void)arg;
    int rc = chain(inner, outer);
    return rc < 0 ? rc : chain(stubborn, takes_what_comes);
}

PAIR_MAIN(run)
