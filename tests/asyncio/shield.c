/* SPDX-License-Identifier: MIT
 *
 * shield: the outer is cancelled, the inner goes on; the inner's cancellation
 * reaches out. */
#include "pair.h"

static const char *flag(bool value)
{
    return value ? "True" : "False";
}

static int inner(void *arg)
{
    (void)arg;
    int rc = brio_sleep(TICKS(2));
    if (rc < 0)
        return rc;
    say("inner ends");
    return 3;
}

static int outer(void *arg)
{
    return brio_shield(arg);
}

static int start(brio_task **i, brio_task **o)
{
    *i = brio_create_task(inner, NULL, &(brio_task_options){.acquired = true});
    *o = brio_create_task(outer, *i, &(brio_task_options){.acquired = true});
    return brio_sleep(TICKS(1));
}

static void release(brio_task *i, brio_task *o)
{
    brio_task_release(i);
    brio_task_release(o);
}

static int run(void *arg)
{
    brio_task *i, *o;
    (void)arg;
    int rc = start(&i, &o);
    brio_task_cancel(o);
    rc = rc < 0 ? rc : brio_wait(&o, 1, BRIO_ALL_COMPLETED, NULL);
    say("outer cancelled %s %s", flag(brio_task_cancelled(o)), flag(brio_task_done(i)));
    say("inner gave %d", brio_await(i));
    release(i, o);

    rc = rc < 0 ? rc : start(&i, &o);
    brio_task_cancel(i);
    rc = rc < 0 ? rc : brio_wait(&o, 1, BRIO_ALL_COMPLETED, NULL);
    say("both %s %s", flag(brio_task_cancelled(i)), flag(brio_task_cancelled(o)));
    release(i, o);
    return rc;
}

PAIR_MAIN(run)
