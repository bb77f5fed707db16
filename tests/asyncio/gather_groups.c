/* SPDX-License-Identifier: MIT
 *
 * gather of functions that have groups of their own: one that fails leaves the
 * others alone. */
#include "pair.h"

typedef struct job {
    const char *name;
    int ticks, error;
} job;

typedef struct half {
    const job *job;
    const char *which;
    int ticks, error;
} half;

static int part(void *arg)
{
    const half *h = arg;
    int rc = brio_sleep(TICKS(h->ticks));
    say("%s %s %s", h->job->name, h->which, rc < 0 ? "cancelled" : "ends");
    return rc < 0 ? rc : h->error;
}

static int fetch(void *arg)
{
    const job *j = arg;
    half one = {j, "one", j->ticks, j->error}, two = {j, "two", j->ticks + 3, 0};
    brio_group group;
    brio_group_enter(brio_group_set(&group, (brio_group_options){.none = true}));
    brio_spawn(&group, part, &one);
    brio_spawn(&group, part, &two);
    int rc = brio_group_leave(&group);
    return rc < 0 ? rc : j->ticks;
}

static int gather_two(void *calls)
{
    return brio_gather_results(calls, 2);
}

static int run(void *arg)
{
    job a = {"a", 1, 0}, b = {"b", 2, -EIO}, c = {"c", 6, 0}, d = {"d", 1, 0}, e = {"e", 2, 0};
    brio_call calls[] = {BRIO_CALL(fetch, &a), BRIO_CALL(fetch, &b), BRIO_CALL(fetch, &c)};
    brio_call more[] = {BRIO_CALL(fetch, &d), BRIO_CALL(fetch, &e)};
    (void)arg;
    int rc = brio_gather_results(calls, 3);
    say("%d %s %d", calls[0].result, calls[1].result < 0 ? "failed" : "", calls[2].result);
    brio_task *task = brio_create_task(gather_two, more, &(brio_task_options){.acquired = true});
    rc = rc < 0 ? rc : brio_sleep(TICKS(3));
    brio_task_cancel(task);
    rc = rc < 0 ? rc : brio_wait(&task, 1, BRIO_ALL_COMPLETED, NULL);
    say("gather cancelled %s", brio_task_cancelled(task) ? "True" : "False");
    brio_task_release(task);
    return rc;
}

PAIR_MAIN(run)
