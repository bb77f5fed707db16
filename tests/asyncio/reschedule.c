/* SPDX-License-Identifier: MIT
 *
 * Timeouts that move: later, away, into the past; expired only if it was the
 * deadline; as_completed in one. */
#include "pair.h"

static brio_time ticks(int n)
{
    return brio_now() + TICKS(n);
}

/* Sleeps three ticks twice; after the first the deadline is moved. */
static int under(const char *name, int first, int then)
{
    int rc = 0;
    BRIO_SCOPE(limit, .deadline = ticks(first))
    {
        rc = brio_sleep(TICKS(3));
        if (rc < 0)
            break;
        say("%s halfway", name);
        brio_scope_reschedule(&limit, then ? ticks(then) : BRIO_NEVER);
        rc = brio_sleep(TICKS(3));
        if (rc == 0)
            say("%s there", name);
    }
    if (limit.expired)
        say("%s too late", name);
    say("%s expired %s", name, limit.expired ? "True" : "False");
    return limit.expired ? 0 : rc;
}

static int job(void *arg)
{
    int n = *(int *)arg, rc = brio_sleep(TICKS(n));
    return rc < 0 ? rc : n;
}

static int in_order(void)
{
    static int times[3] = {9, 2, 5};
    brio_task *tasks[3], *next;
    brio_completed completed;
    for (int i = 0; i < 3; i++)
        tasks[i] = brio_create_task(job, &times[i], &(brio_task_options){.acquired = true});
    BRIO_SCOPE(limit, .timeout = TICKS(7))
    {
        brio_completed_init(&completed, tasks, 3);
        while (brio_completed_next(&completed, &next) == 0)
            say("completed %d", brio_task_result(next));
        brio_completed_fini(&completed);
    }
    if (limit.expired)
        say("left pending %d %d", brio_task_result(tasks[1]), brio_task_result(tasks[2]));
    int rc = brio_wait(tasks, 3, BRIO_ALL_COMPLETED, NULL);
    say("in the end %d %d %d", brio_task_result(tasks[0]), brio_task_result(tasks[1]),
        brio_task_result(tasks[2]));
    for (int i = 0; i < 3; i++)
        brio_task_release(tasks[i]);
    return rc < 0 ? rc : 0;
}

/* Code that does not let itself be disturbed is not a timeout. */
static int swallowed(void *arg)
{
    (void)arg;
    if (brio_sleep(TICKS(100)) == -ECANCELED)
        say("not now");
    return 0;
}

static int run(void *arg)
{
    (void)arg;
    int rc = under("later", 5, 9);
    rc = rc < 0 ? rc : under("away", 5, 0);
    rc = rc < 0 ? rc : under("sooner", 5, 1);
    rc = rc < 0 ? rc : under("past", 5, -1);
    rc = rc < 0 ? rc : under("at once", 1, 9);
    rc = rc < 0 ? rc : in_order();
    if (rc == 0 && brio_wait_for(swallowed, NULL, TICKS(1)) == 0)
        say("went on");
    return rc;
}

PAIR_MAIN(run)
