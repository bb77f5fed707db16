/* SPDX-License-Identifier: MIT
 *
 * as_completed gives tasks out in order of completion. */
#include "pair.h"

static int job(void *arg)
{
    return brio_sleep(TICKS(((const who *)arg)->ticks));
}

static int run(void *arg)
{
    static who jobs[3] = {{"c", 3}, {"a", 1}, {"b", 2}};
    brio_task *tasks[3], *done;
    brio_completed completed;
    (void)arg;
    for (int i = 0; i < 3; i++)
        tasks[i] = brio_create_task(job, &jobs[i],
                                    &(brio_task_options){.name = jobs[i].name, .acquired = true});
    brio_completed_init(&completed, tasks, 3);
    while (brio_completed_next(&completed, &done) == 0)
        say("%s", brio_task_name(done));
    brio_completed_fini(&completed);
    for (int i = 0; i < 3; i++)
        brio_task_release(tasks[i]);
    return 0;
}

PAIR_MAIN(run)
