/* SPDX-License-Identifier: MIT
 *
 * Parking: what other rooms build their waits of. */
#include "task/everywhere.h"

typedef struct wait {
    brio_waiter waiter;
    brio_task *task;
    int asked;
    bool agree;
    int result;
} wait;

static bool on_cancel(brio_waiter *waiter)
{
    wait *w = BRIO_CONTAINER(waiter, wait, waiter);
    w->asked++;
    return w->agree;
}

static int park(void *arg)
{
    wait *w = arg;
    w->result = brio_park(&w->waiter);
    say("%d next:%d ", w->result, brio_cancel_point());
    return 0;
}

static void start(wait *w)
{
    w->task = brio_create_task(park, w, NULL);
    CHECK_INT(brio_yield(), 0);
}

static int unpark_main(void *arg)
{
    wait w = {.waiter.on_cancel = on_cancel};
    (void)arg;
    start(&w);
    brio_unpark(&w.waiter, 17);
    CHECK_TRACE(""); /* on its next turn, not inside unpark */
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("17 next:0 ");
    CHECK_INT(w.asked, 0);
    return 0;
}

TEST(unpark_wakes_on_the_next_turn)
{
    run_everywhere(unpark_main);
}

static int early_main(void *arg)
{
    brio_waiter early = {0}, failed = {.on_cancel = on_cancel};
    (void)arg;
    brio_task *other = brio_create_task(park, &(wait){.waiter.woken = true}, NULL);
    brio_unpark(&early, 3);
    CHECK_INT(brio_park(&early), 3);
    brio_unpark(&failed, -EIO);
    CHECK_INT(brio_park(&failed), -EIO);
    CHECK_TRACE(""); /* nobody else had a turn */
    CHECK(brio_task_cancel(other));
    return 0;
}

TEST(parking_after_unpark_does_not_suspend)
{
    run_everywhere(early_main);
}

static int agree_main(void *arg)
{
    wait w = {.waiter.on_cancel = on_cancel, .agree = true};
    (void)arg;
    start(&w);
    brio_task_cancel(w.task);
    CHECK_INT(w.asked, 1); /* asked at once, so it can detach */
    brio_task_cancel(w.task);
    CHECK_INT(w.asked, 1);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("-125 next:0 ");
    return 0;
}

TEST(an_operation_that_agrees_is_cancelled)
{
    run_everywhere(agree_main);
}

static int refuse_main(void *arg)
{
    wait w = {.waiter.on_cancel = on_cancel}, failing = w;
    (void)arg;
    start(&w);
    brio_task_cancel(w.task);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE(""); /* cannot be stopped: still waiting */
    brio_unpark(&w.waiter, 5);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("5 next:-125 "); /* it happened; the cancellation is told afterwards */
    start(&failing);
    brio_task_cancel(failing.task);
    brio_unpark(&failing.waiter, -EIO);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("-125 next:0 "); /* it did not happen */
    return 0;
}

TEST(an_operation_that_cannot_stop_is_awaited)
{
    run_everywhere(refuse_main);
}

static int same_turn_main(void *arg)
{
    wait won = {.waiter.on_cancel = on_cancel, .agree = true}, lost = won;
    (void)arg;
    start(&won);
    start(&lost);
    brio_unpark(&won.waiter, 0);
    brio_task_cancel(won.task);
    brio_unpark(&lost.waiter, -EPIPE);
    brio_task_cancel(lost.task);
    CHECK_INT(won.asked + lost.asked, 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("0 next:-125 -125 next:0 ");
    return 0;
}

TEST(a_result_wins_over_a_cancellation_of_the_same_turn)
{
    run_everywhere(same_turn_main);
}

static int deaf_main(void *arg)
{
    wait w = {.agree = true};
    (void)arg;
    start(&w);
    brio_task_cancel(w.task);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("");
    brio_unpark(&w.waiter, -EIO);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("-5 next:-125 ");
    return 0;
}

TEST(without_on_cancel_a_wait_cannot_be_cancelled)
{
    run_everywhere(deaf_main);
}

static int due_main(void *arg)
{
    wait agrees = {.waiter.on_cancel = on_cancel, .agree = true};
    (void)arg;
    brio_task_cancel(brio_current_task());
    CHECK_INT(brio_park(&agrees.waiter), -ECANCELED); /* never suspended */
    CHECK_INT(agrees.asked, 1);
    return brio_yield();
}

TEST(a_cancellation_already_due_is_told_at_once)
{
    run_everywhere(due_main);
}

static void wake_later(brio_callback *cb);

typedef struct pending {
    brio_callback cb;
    brio_waiter *waiter;
} pending;

static void wake_later(brio_callback *cb)
{
    brio_unpark(BRIO_CONTAINER(cb, pending, cb)->waiter, 8);
}

static int due_but_unstoppable_main(void *arg)
{
    wait w = {.waiter.on_cancel = on_cancel};
    pending p = {{.fn = wake_later}, &w.waiter};
    (void)arg;
    brio_task_cancel(brio_current_task());
    brio_loop_call_soon(brio_loop_current(), &p.cb);
    CHECK_INT(brio_park(&w.waiter), 8);
    CHECK_INT(w.asked, 1);
    CHECK_INT(brio_yield(), -ECANCELED);
    return 0;
}

TEST(a_cancellation_already_due_waits_for_what_cannot_stop)
{
    run_everywhere(due_but_unstoppable_main);
}

static int scope_main(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(5))
    {
        wait w = {.waiter.on_cancel = on_cancel, .agree = true};
        CHECK_INT(brio_park(&w.waiter), -ECANCELED);
        CHECK_INT(w.asked, 1);
    }
    CHECK(brio_now() >= begin + BRIO_MS(5));
    return brio_yield();
}

TEST(scopes_cancel_a_parked_task)
{
    run_everywhere(scope_main);
}

/* ---- Spans begin now, not when the turn began ---------------------------- */

static void compute_for(brio_time span)
{
    for (brio_time end = brio_clock_monotonic() + span; brio_clock_monotonic() < end;)
        ;
}

static int long_turn_main(void *arg)
{
    (void)arg;
    compute_for(BRIO_MS(30));
    brio_time begin = brio_clock_monotonic();
    CHECK(brio_now() >= begin);
    CHECK_INT(brio_sleep(BRIO_MS(20)), 0);
    CHECK(brio_clock_monotonic() - begin >= BRIO_MS(20));
    compute_for(BRIO_MS(30));
    begin = brio_clock_monotonic();
    BRIO_SCOPE(limit, .timeout = BRIO_MS(20))
    CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
    CHECK(limit.expired);
    CHECK(brio_clock_monotonic() - begin >= BRIO_MS(20));
    return 0;
}

TEST(a_sleep_after_a_long_turn_is_not_shorter)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, long_turn_main, NULL), 0);
    CHECK_INT(run_on(BRIO_BACKEND_AUTO, long_turn_main, NULL), 0);
}
