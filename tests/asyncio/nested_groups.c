/* SPDX-License-Identifier: MIT
 *
 * Groups in groups: a failure cancels what is beside and below it; each group
 * tells of its own. */
#include "pair.h"

typedef struct job {
    const char *name;
    int ticks, error;
} job;

typedef struct side {
    const char *name;
    job jobs[2];
    int n;
} side;

static int worker(void *arg)
{
    const job *j = arg;
    int rc = brio_sleep(TICKS(j->ticks));
    say("%s %s", j->name, rc < 0 ? "cancelled" : "ends");
    return rc < 0 ? rc : j->error;
}

static int inner(void *arg)
{
    side *s = arg;
    brio_group group;
    brio_group_enter(brio_group_set(&group, (brio_group_options){.none = true}));
    for (int i = 0; i < s->n; i++)
        brio_spawn(&group, worker, &s->jobs[i]);
    int rc = brio_group_leave(&group);
    if (group.failed > 0)
        say("%s failed %zu", s->name, group.failed);
    else
        say("%s %s", s->name, rc == -ECANCELED ? "was cancelled" : "is done");
    return rc;
}

static void outer(side *left, side *right)
{
    BRIO_GROUP(group)
    {
        brio_spawn(&group, inner, left);
        brio_spawn(&group, inner, right);
    }
    if (group.err < 0)
        say("outer failed %zu", group.failed);
    else
        say("outer is done");
}

/* A sibling that fails while it is being cancelled counts, too. */
static int late_error(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(1000));
    say("fails in clean-up");
    return rc == -ECANCELED ? -EINVAL : rc;
}

static int run(void *arg)
{
    side a = {"left", {{"a", 1, 0}, {"b", 3, 0}}, 2}, b = {"right", {{"c", 2, 0}}, 1};
    side c = {"left", {{"a", 1, 0}, {"b", 9, 0}}, 2},
         d = {"right", {{"c", 3, -EIO}, {"d", 9, 0}}, 2};
    job e = {"e", 1, -EIO};
    (void)arg;
    outer(&a, &b);
    outer(&c, &d);
    BRIO_GROUP(both)
    {
        brio_spawn(&both, late_error, NULL);
        brio_spawn(&both, worker, &e);
    }
    say("both %s %s", why(both.failures[0].err), why(both.failures[1].err));
    return 0;
}

PAIR_MAIN(run)
