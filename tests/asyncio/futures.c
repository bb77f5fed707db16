/* SPDX-License-Identifier: MIT
 *
 * Futures: callbacks never run inline and keep their order; set twice is an
 * error; await. */
#include "pair.h"

static brio_future future;

static int waiter(void *arg)
{
    int rc = brio_future_wait(&future, NULL);
    say("%s got %d", (const char *)arg, rc);
    return rc;
}

static void one(brio_done_callback *done)
{
    (void)done;
    say("callback one");
}

static void two(brio_done_callback *done)
{
    (void)done;
    say("callback two");
}

static void late(brio_done_callback *done)
{
    (void)done;
    say("late callback");
}

static int run(void *arg)
{
    static char names[2][2] = {"a", "b"};
    brio_done_callback callbacks[3] = {{.fn = one}, {.fn = two}, {.fn = late}};
    brio_task *tasks[2];
    (void)arg;
    brio_future_init(&future);
    for (int i = 0; i < 2; i++)
        tasks[i] = brio_create_task(waiter, names[i], &(brio_task_options){.acquired = true});
    int rc = brio_yield();
    brio_future_on_done(&future, &callbacks[0]);
    brio_future_on_done(&future, &callbacks[1]);
    brio_future_set(&future, 42, NULL);
    say("set %s", brio_future_done(&future) ? "True" : "False");
    if (brio_future_set(&future, 43, NULL) == -EALREADY)
        say("only once");
    rc = rc < 0 ? rc : brio_wait(tasks, 2, BRIO_ALL_COMPLETED, NULL);
    brio_future_on_done(&future, &callbacks[2]);
    say("added late");
    rc = rc < 0 ? rc : brio_yield();
    brio_future_fini(&future);
    for (int i = 0; i < 2; i++)
        brio_task_release(tasks[i]);
    return rc;
}

PAIR_MAIN(run)
