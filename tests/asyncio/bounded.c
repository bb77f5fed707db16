/* SPDX-License-Identifier: MIT
 *
 * Bounded concurrency: two at a time through a semaphore, taken as they are
 * completed. */
#include "pair.h"

static brio_semaphore semaphore = BRIO_SEMAPHORE_INIT(2);
static int running;

static int fetch(void *arg)
{
    const who *job = arg;
    int rc = 0;
    BRIO_WITH_PERMIT(&semaphore)
    {
        say("%s begins, running %d", job->name, ++running);
        rc = brio_sleep(TICKS(job->ticks));
        running--;
    }
    return rc == 0 && *job->name == 'd' ? -EIO : rc;
}

static void begin(brio_task **tasks, who *jobs, int n)
{
    for (int i = 0; i < n; i++)
        tasks[i] = brio_create_task(fetch, &jobs[i],
                                    &(brio_task_options){.name = jobs[i].name, .acquired = true});
}

static void take_all(brio_task *const *tasks, size_t n)
{
    brio_completed completed;
    brio_task *task;
    brio_completed_init(&completed, tasks, n);
    while (brio_completed_next(&completed, &task) == 0) {
        if (brio_task_result(task) == -EIO)
            say("one failed");
        else
            say("got %s", brio_task_name(task));
    }
    brio_completed_fini(&completed);
}

static int run(void *arg)
{
    static who jobs[] = {{"a", 5}, {"b", 1}, {"c", 2}, {"d", 6}, {"e", 2}},
               more[] = {{"f", 1}, {"g", 9}};
    brio_task *tasks[5];
    (void)arg;
    begin(tasks, jobs, 5);
    take_all(tasks, 5);
    for (int i = 0; i < 5; i++)
        brio_task_release(tasks[i]);
    begin(tasks, more, 2);
    BRIO_SCOPE(limit, .timeout = TICKS(3))
    take_all(tasks, 2);
    if (limit.expired)
        say("too late %s", brio_task_done(tasks[1]) ? "True" : "False");
    int rc = brio_wait(tasks, 2, BRIO_ALL_COMPLETED, NULL);
    say("it went on %s", brio_task_name(tasks[1]));
    brio_task_release(tasks[0]);
    brio_task_release(tasks[1]);
    return rc;
}

PAIR_MAIN(run)
