/* SPDX-License-Identifier: MIT
 *
 * wait: the first, the first error, all; a deadline that cancels nobody. */
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
    say("%s ends", j->name);
    return rc < 0 ? rc : j->error ? -EIO : 0;
}

static int wait_limited(brio_task **tasks, brio_wait_mode mode, int ticks, bool *done)
{
    int rc = 0;
    BRIO_SCOPE(limit, .timeout = TICKS(ticks))
    rc = brio_wait(tasks, 3, mode, done);
    return limit.expired ? 0 : rc;
}

static int show(brio_wait_mode mode, int ticks)
{
    static job jobs[3] = {{"a", 2, false}, {"b", 1, true}, {"c", 4, false}};
    brio_task *tasks[3];
    bool done[3], error[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = brio_create_task(work, &jobs[i], &(brio_task_options){.acquired = true});
    int rc = wait_limited(tasks, mode, ticks, done);
    for (int i = 0; i < 3; i++)
        printf("%s%c", done[i] ? "done" : "pending", i < 2 ? ' ' : '\n');
    rc = rc < 0 ? rc : brio_wait(tasks, 3, BRIO_ALL_COMPLETED, NULL);
    for (int i = 0; i < 3; i++) {
        error[i] = brio_task_result(tasks[i]) < 0;
        brio_task_release(tasks[i]);
    }
    say("%s %s %s", error[0] ? "error" : "fine", error[1] ? "error" : "fine",
        error[2] ? "error" : "fine");
    return rc < 0 ? rc : 0;
}

static int run(void *arg)
{
    (void)arg;
    int rc = show(BRIO_FIRST_COMPLETED, 0);
    rc = rc < 0 ? rc : show(BRIO_FIRST_EXCEPTION, 0);
    rc = rc < 0 ? rc : show(BRIO_ALL_COMPLETED, 0);
    return rc < 0 ? rc : show(BRIO_ALL_COMPLETED, 3);
}

PAIR_MAIN(run)
