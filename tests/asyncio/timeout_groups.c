/* SPDX-License-Identifier: MIT
 *
 * Timeouts and groups: around one, inside its children, and beside a failure. */
#include "pair.h"

typedef struct job {
    const char *name;
    int limit, ticks;
} job;

static int work(void *arg)
{
    const job *j = arg;
    int rc = brio_sleep(TICKS(j->ticks));
    say("%s %s", j->name, rc < 0 ? "cancelled" : "ends");
    return rc;
}

static int hurried(void *arg)
{
    return brio_wait_for(work, arg, TICKS(((const job *)arg)->limit));
}

static int patient(void *arg)
{
    int rc = hurried(arg);
    if (rc == -ETIMEDOUT)
        say("%s gave up", ((const job *)arg)->name);
    return rc == -ETIMEDOUT ? 0 : rc;
}

static void around(void)
{
    job a = {"a", 0, 1}, b = {"b", 0, 9}, c = {"c", 2, 9};
    BRIO_GROUP(group, .scope.timeout = TICKS(3))
    {
        brio_spawn(&group, work, &a);
        brio_spawn(&group, work, &b);
        brio_spawn(&group, patient, &c);
    }
    if (group.scope.expired)
        say("in time: no");
}

static void inside(void)
{
    job d = {"d", 2, 9}, e = {"e", 0, 9};
    BRIO_GROUP(group)
    {
        brio_spawn(&group, hurried, &d);
        brio_spawn(&group, work, &e);
    }
    for (size_t i = 0; i < group.failed; i++)
        say("inside %s", why(group.failures[i].err));
}

/* The group is done before its deadline: nothing is cancelled. */
static void in_time(void)
{
    job f = {"f", 0, 1}, g = {"g", 0, 2};
    BRIO_SCOPE(limit, .timeout = TICKS(5))
    {
        BRIO_GROUP(group)
        {
            brio_spawn(&group, work, &f);
            brio_spawn(&group, work, &g);
        }
    }
    say("expired %s", limit.expired ? "True" : "False");
}

static int run(void *arg)
{
    (void)arg;
    around();
    inside();
    in_time();
    return 0;
}

PAIR_MAIN(run)
