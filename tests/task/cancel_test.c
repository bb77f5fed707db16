/* SPDX-License-Identifier: MIT
 *
 * Cancelling a task by the edge, joining it, checkpoints. */
#include "task/everywhere.h"

static int say_arg(void *arg)
{
    say("%s ", (const char *)arg);
    return 0;
}

static char a[] = "a";

/* ---- Cancelling --------------------------------------------------------- */

static int sleep_twice(void *arg)
{
    int first = brio_sleep(BRIO_SEC(1000));
    int second = rest(1);
    say("%s:%d,%d ", (const char *)arg, first, second);
    return first;
}

static int cancel_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(sleep_twice, a, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK(brio_task_cancel(task));
    CHECK_INT(rest(10), 0);
    CHECK_TRACE("a:-125,0 "); /* once per request */
    return 0;
}

TEST(cancel_fails_one_suspending_call)
{
    run_everywhere(cancel_main);
}

static int cancel_early_main(void *arg)
{
    int result = 1;
    bool alive = true;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_task *task = brio_spawn(&g, say_arg, a);
        CHECK(brio_task_cancel(task));
        CHECK_INT(brio_join(task, &result), 0);
        alive = brio_task_cancel(task);
    }
    CHECK(!alive);
    CHECK_INT(result, -ECANCELED);
    CHECK_INT(g.err, 0); /* cancelled is not failed */
    CHECK_TRACE("");
    return 0;
}

TEST(cancelled_before_its_first_turn_a_task_never_runs)
{
    run_thoroughly(cancel_early_main);
}

static int cancel_self_main(void *arg)
{
    (void)arg;
    CHECK(brio_task_cancel(brio_current_task()));
    CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
    CHECK_INT(brio_yield(), 0);
    CHECK(brio_task_cancel(brio_current_task()));
    CHECK(brio_task_cancel(brio_current_task()));
    CHECK_INT(brio_yield(), -ECANCELED);
    CHECK_INT(brio_checkpoint(), 0); /* two requests before delivery are told once */
    CHECK(brio_task_cancel(brio_current_task()));
    CHECK_INT(brio_cancel_point(), -ECANCELED);
    CHECK_INT(brio_cancel_point(), 0);
    CHECK_INT(brio_task_uncancel(brio_current_task()), 3);
    return 0;
}

TEST(a_task_may_cancel_itself)
{
    run_thoroughly(cancel_self_main);
}

static int uncancel_main(void *arg)
{
    brio_task *self = brio_current_task();
    (void)arg;
    CHECK_INT(brio_task_uncancel(self), 0);
    CHECK(brio_task_cancel(self));
    CHECK(brio_task_cancel(self));
    CHECK_INT(brio_task_uncancel(self), 1);
    CHECK_INT(brio_task_uncancel(self), 0);
    CHECK_INT(brio_yield(), 0); /* nothing outstanding, nothing delivered */
    return 0;
}

TEST(uncancel_to_zero_clears_an_undelivered_request)
{
    run_thoroughly(uncancel_main);
}

static int yield_once(void *arg)
{
    int rc = brio_yield();
    say("%s:%d ", (const char *)arg, rc);
    return rc;
}

static int cancel_ready_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(yield_once, a, NULL);
    CHECK_INT(brio_yield(), 0); /* it has run and is queued again */
    CHECK(brio_task_cancel(task));
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("a:-125 ");
    return 0;
}

TEST(a_yielding_task_is_cancelled_while_it_is_queued)
{
    run_everywhere(cancel_ready_main);
}

/* ---- Joining ------------------------------------------------------------ */

static int answer_late(void *arg)
{
    int rc = rest(5);
    return rc < 0 ? rc : *(int *)arg;
}

static int join_it(void *arg)
{
    int result = 0;
    int rc = brio_join(arg, &result);
    say("%d,%d ", rc, result);
    return 0;
}

static int join_main(void *arg)
{
    int answer = 42, result = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_task *task = brio_spawn(&g, answer_late, &answer);
        brio_spawn(&g, join_it, task);
        brio_spawn(&g, join_it, task);
        CHECK_INT(brio_join(task, &result), 0);
        CHECK_INT(result, 42);
        CHECK_INT(brio_join(task, NULL), 0); /* again, at once */
        CHECK_INT(brio_join(brio_current_task(), &result), -EDEADLK);
    }
    CHECK_TRACE("0,42 0,42 ");
    return g.err;
}

TEST(join_gives_the_result_to_all)
{
    run_thoroughly(join_main);
}

static int join_and_say(void *arg)
{
    int rc = brio_join(arg, NULL);
    say("join:%d ", rc);
    return rc;
}

static int cancel_joiner_main(void *arg)
{
    int answer = 1, result = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_task *task = brio_spawn(&g, answer_late, &answer);
        brio_task *joiner = brio_spawn(&g, join_and_say, task);
        CHECK_INT(brio_yield(), 0);
        CHECK(brio_task_cancel(joiner));
        CHECK_INT(brio_join(task, &result), 0);
    }
    CHECK_INT(result, 1); /* the joined task went on */
    CHECK_TRACE("join:-125 ");
    return g.err;
}

TEST(a_cancelled_join_leaves_the_task_alone)
{
    run_everywhere(cancel_joiner_main);
}

/* ---- Checkpoints -------------------------------------------------------- */

static bool stop_computing;

static int compute(void *arg)
{
    int n = 0, rc = 0;
    (void)arg;
    while (!stop_computing && rc == 0) {
        rc = brio_checkpoint();
        n++;
    }
    CHECK(n > 10); /* most do not suspend */
    return rc;
}

static int checkpoint_main(void *arg)
{
    (void)arg;
    stop_computing = false;
    brio_create_task(compute, NULL, NULL);
    CHECK_INT(brio_yield(), 0); /* only comes back because compute gives way */
    stop_computing = true;
    return rest(1);
}

TEST(checkpoints_let_others_run)
{
    run_everywhere(checkpoint_main);
}
