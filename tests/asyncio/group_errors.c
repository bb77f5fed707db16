/* SPDX-License-Identifier: MIT
 *
 * TaskGroup: which errors, in which order; none joins a group that aborts;
 * errors and an outer cancellation. */
#include "pair.h"

static int fails(void *arg)
{
    const who *w = arg;
    int rc = brio_sleep(TICKS(w->ticks));
    return rc < 0 ? rc : brio_error(-EIO, "%s", w->name);
}

static int fails_in_cleanup(void *arg)
{
    const who *w = arg;
    int rc = brio_sleep(TICKS(100));
    if (rc == -ECANCELED)
        say("%s is told", w->name);
    return rc == -ECANCELED ? brio_error(-EIO, "%s", w->name) : rc;
}

static int slow(void *arg)
{
    const who *w = arg;
    int rc = brio_sleep(TICKS(100));
    say("%s is told", w->name);
    return rc;
}

/* Wants to add somebody after the first has failed. */
static int spawner(void *group)
{
    static who late = {"latecomer", 0};
    int rc = brio_sleep(TICKS(100));
    if (rc == -ECANCELED && !brio_spawn(group, slow, &late))
        say("nobody joins any more");
    return rc;
}

static int family(brio_group *g)
{
    static who a = {"a", 9}, b = {"b", 2}, c = {"c", 9};
    brio_spawn(g, fails_in_cleanup, &a);
    brio_spawn(g, fails, &b);
    brio_spawn(g, fails_in_cleanup, &c);
    brio_spawn(g, spawner, g);
    return 0;
}

static int body_fails(brio_group *g)
{
    static who d = {"d", 0};
    brio_spawn(g, slow, &d);
    int rc = brio_sleep(TICKS(1));
    brio_group_cancel(g); /* an exception does that there */
    return rc < 0 ? rc : -EIO;
}

static int told(int (*body)(brio_group *g))
{
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){0}));
    int rc = body(&g), left = brio_group_leave(&g);
    size_t failed = g.failed + (rc < 0 && rc != -ECANCELED);
    if (failed > 0)
        say("failed %zu", failed);
    else
        say(left == -ECANCELED ? "cancelled" : "fine");
    return failed ? 0 : left;
}

static int outer(void *arg)
{
    (void)arg;
    return told(family);
}

static int run(void *arg)
{
    (void)arg;
    int rc = told(family);
    rc = rc < 0 ? rc : told(body_fails);
    brio_task *task = brio_create_task(outer, NULL, &(brio_task_options){.acquired = true});
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    brio_task_cancel(task);
    rc = rc < 0 ? rc : brio_wait(&task, 1, BRIO_ALL_COMPLETED, NULL);
    say("outer %s", brio_task_cancelled(task) ? "True" : "False");
    brio_task_release(task);
    return rc;
}

PAIR_MAIN(run)
