/* SPDX-License-Identifier: MIT
 *
 * Futures: set once, looked at by many, taken back by cancellation. */
#include "task/reporting.h"

static int payload = 7;

static int wait_and_say(void *arg)
{
    void *value = NULL;
    int rc = brio_future_wait(arg, &value);
    say("%d%s ", rc, value == &payload ? "!" : "");
    return 0;
}

static int set_once_main(void *arg)
{
    brio_future f;
    void *value = NULL;
    (void)arg;
    brio_future_init(&f);
    CHECK(!brio_future_done(&f));
    CHECK_INT(brio_future_result(&f, &value), -EINPROGRESS);
    CHECK(!value);
    CHECK_INT(brio_future_set(&f, 3, &payload), 0);
    CHECK_INT(brio_future_set(&f, 4, NULL), -EALREADY);
    CHECK(!brio_future_cancel(&f));
    CHECK(brio_future_done(&f) && !brio_future_cancelled(&f));
    CHECK_INT(brio_future_result(&f, &value), 3);
    CHECK(value == &payload);
    CHECK_INT(brio_future_await(&f, NULL), 3); /* done: it does not suspend */
    CHECK_INT(brio_future_wait(&f, &value), 3);
    brio_future_fini(&f);
    return 0;
}

TEST(a_future_is_set_once)
{
    run_thoroughly(set_once_main);
}

static int many_main(void *arg)
{
    brio_future f;
    (void)arg;
    brio_future_init(&f);
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 3; i++)
            brio_spawn(&g, wait_and_say, &f);
        CHECK_INT(rest(1), 0);
        CHECK_INT(brio_future_set(&f, 5, &payload), 0);
        CHECK_TRACE(""); /* nobody runs inside set */
    }
    CHECK_TRACE("5! 5! 5! ");
    brio_future_fini(&f);
    return g.err;
}

TEST(setting_wakes_all_with_result_and_value)
{
    run_thoroughly(many_main);
}

static int wait_in_order(void *arg)
{
    brio_future *f = *(brio_future **)arg;
    int rc = brio_future_wait(f, NULL);
    say("%d ", (int)((brio_future **)arg - (brio_future **)f->value));
    return rc;
}

static int fifo_main(void *arg)
{
    brio_future f, *refs[4] = {&f, &f, &f, &f};
    (void)arg;
    brio_future_init(&f);
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 4; i++)
            brio_spawn(&g, wait_in_order, &refs[i]);
        CHECK_INT(rest(1), 0);
        CHECK_INT(brio_future_set(&f, 0, refs), 0);
    }
    CHECK_TRACE("0 1 2 3 ");
    brio_future_fini(&f);
    return g.err;
}

TEST(waiters_wake_in_order)
{
    run_everywhere(fifo_main);
}

static int reuse_main(void *arg)
{
    brio_future f;
    (void)arg;
    brio_future_init(&f);
    BRIO_GROUP(g)
    {
        brio_spawn(&g, wait_and_say, &f);
        CHECK_INT(rest(1), 0);
        CHECK_INT(brio_future_set(&f, 1, &payload), 0);
        brio_future_fini(&f);
        brio_future_init(&f); /* before the waiter ran */
        CHECK_INT(rest(1), 0);
        brio_future_fini(&f);
    }
    CHECK_TRACE("1! ");
    return g.err;
}

TEST(a_waiter_has_its_result_whatever_becomes_of_the_future)
{
    run_thoroughly(reuse_main);
}

/* ---- Cancellation ------------------------------------------------------- */

static int cancelled_main(void *arg)
{
    brio_future f;
    (void)arg;
    brio_future_init(&f);
    BRIO_GROUP(g)
    {
        brio_spawn(&g, wait_and_say, &f);
        CHECK_INT(rest(1), 0);
        CHECK(brio_future_cancel(&f));
        CHECK(brio_future_cancelled(&f));
    }
    CHECK_TRACE("-125 ");
    CHECK_INT(brio_future_result(&f, NULL), -ECANCELED);
    CHECK_INT(brio_future_await(&f, NULL), -ECANCELED);
    CHECK_INT(brio_task_cancel_reason().kind, BRIO_CANCEL_NONE); /* the future was, we are not */
    brio_future_fini(&f);
    return brio_yield();
}

TEST(a_cancelled_future_tells_its_waiters)
{
    run_thoroughly(cancelled_main);
}

static int await_it(void *arg)
{
    CHECK_INT(brio_future_await(arg, NULL), -ECANCELED);
    return 0;
}

static int wait_for_it(void *arg)
{
    CHECK_INT(brio_future_wait(arg, NULL), -ECANCELED);
    return 0;
}

static int cancel_awaiter_main(void *arg)
{
    brio_future f, shielded;
    (void)arg;
    brio_future_init(&f);
    brio_future_init(&shielded);
    BRIO_GROUP(g)
    {
        brio_task *awaits = brio_spawn(&g, await_it, &f);
        brio_task *waits = brio_spawn(&g, wait_for_it, &shielded);
        brio_spawn(&g, wait_and_say, &f);
        CHECK_INT(rest(1), 0);
        CHECK(brio_task_cancel(awaits));
        CHECK(brio_task_cancel(waits));
        CHECK(brio_future_cancelled(&f)); /* with the one who awaited it */
        CHECK(!brio_future_done(&shielded));
    }
    CHECK_TRACE("-125 ");
    CHECK_INT(brio_future_set(&shielded, 0, NULL), 0);
    brio_future_fini(&f);
    brio_future_fini(&shielded);
    return g.err;
}

TEST(cancelling_who_awaits_cancels_the_future_unless_shielded)
{
    run_thoroughly(cancel_awaiter_main);
}

static int take_result_then_yield(void *arg)
{
    say("%d ", brio_future_wait(arg, NULL));
    say("%d ", brio_yield());
    return 0;
}

static int same_turn_main(void *arg)
{
    brio_future f;
    (void)arg;
    brio_future_init(&f);
    BRIO_GROUP(g)
    {
        brio_task *task = brio_spawn(&g, take_result_then_yield, &f);
        CHECK_INT(rest(1), 0);
        CHECK_INT(brio_future_set(&f, 9, NULL), 0);
        CHECK(brio_task_cancel(task));
    }
    CHECK_TRACE("9 -125 "); /* not lost, and told by the next call */
    brio_future_fini(&f);
    return g.err;
}

TEST(a_result_of_the_same_turn_wins_over_a_cancellation)
{
    run_thoroughly(same_turn_main);
}

static int deadline_main(void *arg)
{
    brio_future f;
    int rc = 0;
    (void)arg;
    brio_future_init(&f);
    BRIO_SCOPE(limit, .timeout = BRIO_MS(5))
    rc = brio_future_wait(&f, NULL);
    CHECK_INT(rc, -ECANCELED);
    CHECK(limit.expired && !brio_future_done(&f));
    BRIO_SCOPE(other, .timeout = BRIO_MS(5))
    rc = brio_future_await(&f, NULL);
    CHECK_INT(rc, -ECANCELED);
    CHECK(other.expired && brio_future_cancelled(&f));
    brio_future_fini(&f);
    return 0;
}

TEST(a_scopes_deadline_ends_the_wait_for_a_future)
{
    run_thoroughly(deadline_main);
}

/* ---- The end of a future ------------------------------------------------ */

static void must_not_run(brio_done_callback *done)
{
    (void)done;
    say("ran ");
}

static int fini_main(void *arg)
{
    brio_future f;
    brio_done_callback pending = {.fn = must_not_run}, queued = {.fn = must_not_run};
    (void)arg;
    brio_future_init(&f);
    BRIO_GROUP(g)
    {
        brio_spawn(&g, wait_and_say, &f);
        CHECK_INT(rest(1), 0);
        brio_future_on_done(&f, &pending);
        brio_future_fini(&f);
    }
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("-4008 "); /* BRIO_ECLOSED */
    CHECK(!brio_done_callback_remove(&pending));
    brio_future_init(&f);
    brio_future_on_done(&f, &queued);
    CHECK_INT(brio_future_set(&f, 0, NULL), 0);
    brio_future_fini(&f);
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("");
    return g.err;
}

TEST(fini_wakes_waiters_and_takes_callbacks_off)
{
    run_thoroughly(fini_main);
}

static int unseen_main(void *arg)
{
    brio_future f;
    brio_done_callback done = {.fn = must_not_run};
    (void)arg;
    for (int seen = 0; seen < 3; seen++) {
        brio_future_init(&f);
        if (seen == 2)
            brio_future_on_done(&f, &done);
        CHECK_INT(brio_future_set(&f, -EPIPE, NULL), 0);
        if (seen == 1)
            CHECK_INT(brio_future_await(&f, NULL), -EPIPE);
        brio_future_fini(&f);
        CHECK_INT(reported, 1);
    }
    brio_future_init(&f);
    CHECK(brio_future_cancel(&f));
    brio_future_fini(&f);
    brio_future_init(&f);
    brio_future_fini(&f); /* pending: nothing to report */
    return 0;
}

TEST(an_error_nobody_looked_at_is_reported_once)
{
    run_reporting(unseen_main, "future:EPIPE: ");
}

static brio_future *to_set;

static void set_it(brio_callback *cb)
{
    (void)cb;
    CHECK_INT(brio_future_set(to_set, 11, NULL), 0);
}

static int from_callback_main(void *arg)
{
    brio_future f;
    brio_callback cb = {.fn = set_it};
    (void)arg;
    brio_future_init(&f);
    to_set = &f;
    brio_loop_call_soon(brio_loop_current(), &cb);
    CHECK_INT(brio_future_await(&f, NULL), 11);
    brio_future_fini(&f);
    return 0;
}

TEST(a_callback_may_set_a_future)
{
    run_thoroughly(from_callback_main);
}
