/* SPDX-License-Identifier: MIT
 *
 * gather: results in the order of arguments; errors as data; cancelling the
 * outer cancels all. */
#include "pair.h"

typedef struct job {
    const char *name;
    int ticks;
    bool error;
} job;

static int work(void *arg)
{
    const job *j = arg;
    int rc = brio_sleep(TICKS(j->ticks));
    say("%s %s", j->name, rc == -ECANCELED ? "cancelled" : "ends");
    return rc < 0 ? rc : j->error ? -EIO : j->ticks;
}

static int outer(void *arg)
{
    brio_call calls[2] = {{work, &(job){"p", 5, false}, 0}, {work, &(job){"q", 6, false}, 0}};
    (void)arg;
    return brio_gather_results(calls, 2);
}

static int run(void *arg)
{
    brio_call good[3] = {{work, &(job){"c", 3, false}, 0},
                         {work, &(job){"a", 1, false}, 0},
                         {work, &(job){"b", 2, false}, 0}};
    brio_call mixed[3] = {{work, &(job){"x", 2, false}, 0},
                          {work, &(job){"y", 1, true}, 0},
                          {work, &(job){"z", 3, false}, 0}};
    (void)arg;
    int rc = brio_gather_n(good, 3);
    say("%d %d %d", good[0].result, good[1].result, good[2].result);
    rc = rc < 0 ? rc : brio_gather_results(mixed, 3);
    say("%d %s %d", mixed[0].result, why(mixed[1].result), mixed[2].result);
    brio_task *task = brio_create_task(outer, NULL, &(brio_task_options){.acquired = true});
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    brio_task_cancel(task);
    rc = rc < 0 ? rc : brio_wait(&task, 1, BRIO_ALL_COMPLETED, NULL);
    say("outer cancelled %s", brio_task_cancelled(task) ? "True" : "False");
    brio_task_release(task);
    return rc;
}

PAIR_MAIN(run)
