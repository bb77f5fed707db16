/* SPDX-License-Identifier: MIT
 *
 * wait_for and scopes: who is told what, and the outermost of nested deadlines. */
#include "pair.h"

static int slow(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    if (rc != -ECANCELED)
        return rc;
    say("%s cleans up", (const char *)arg);
    BRIO_SCOPE(clean, .shield = true)
    rc = brio_sleep(TICKS(1));
    if (rc == 0)
        say("%s is clean", (const char *)arg);
    return -ECANCELED;
}

static int scope(void *arg)
{
    int rc = 0;
    BRIO_SCOPE(limit, .timeout = TICKS(*(int *)arg))
    rc = slow(WORD("scope"));
    return limit.expired ? -ETIMEDOUT : rc;
}

static int nested(void)
{
    int rc = 0;
    BRIO_SCOPE(outer, .timeout = TICKS(2))
    {
        BRIO_SCOPE(inner, .timeout = BRIO_SEC(500))
        rc = slow(WORD("nested"));
        if (inner.expired)
            say("inner deadline");
    }
    if (outer.expired)
        say("outer deadline");
    return outer.expired ? 0 : rc;
}

static int moved(void)
{
    int rc = 0;
    BRIO_SCOPE(limit, .timeout = TICKS(1))
    {
        brio_scope_reschedule(&limit, brio_in(TICKS(5)));
        rc = brio_sleep(TICKS(3));
        if (rc == 0)
            say("in time");
    }
    return rc;
}

static int run(void *arg)
{
    int two = 2, five = 5;
    (void)arg;
    say("wait_for %s", why(brio_wait_for(slow, WORD("waited"), TICKS(2))));
    say("timeout %s", why(scope(&two)));
    int rc = nested();
    say("moved %s", why(moved()));
    brio_task *task = brio_create_task(scope, &five, &(brio_task_options){.acquired = true});
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    brio_task_cancel(task);
    say("cancelled first %s", why(brio_await(task)));
    brio_task_release(task);
    return rc;
}

PAIR_MAIN(run)
