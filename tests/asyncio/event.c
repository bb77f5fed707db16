/* SPDX-License-Identifier: MIT
 *
 * Event: set wakes all who wait, even if it is cleared before they run. */
#include "pair.h"

static brio_event event = BRIO_EVENT_INIT;

static int waiter(void *arg)
{
    int rc = brio_event_wait(&event);
    say("%s saw it %s", (const char *)arg, event.is_set ? "True" : "False");
    return rc;
}

static int run(void *arg)
{
    static char names[4][5] = {"a", "b", "c", "late"};
    brio_task *tasks[4];
    (void)arg;
    for (int i = 0; i < 3; i++)
        tasks[i] = brio_create_task(waiter, names[i], &(brio_task_options){.acquired = true});
    int rc = brio_yield();
    brio_event_set(&event);
    brio_event_clear(&event);
    tasks[3] = brio_create_task(waiter, names[3], &(brio_task_options){.acquired = true});
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    say("late waits %s", brio_task_done(tasks[3]) ? "False" : "True");
    brio_event_set(&event);
    rc = rc < 0 ? rc : brio_wait(tasks, 4, BRIO_ALL_COMPLETED, NULL);
    for (int i = 0; i < 4; i++)
        brio_task_release(tasks[i]);
    return rc;
}

PAIR_MAIN(run)
