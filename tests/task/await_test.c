/* SPDX-License-Identifier: MIT
 *
 * await and shield: results, whose cancellation reaches whom, rings. */
#include "task/everywhere.h"

static int nap(void *arg)
{
    int rc = rest(5);
    say("nap:%d ", rc);
    return rc < 0 ? rc : *(int *)arg;
}

static int long_nap(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(1000));
    say("nap:%d ", rc);
    return rc;
}

static brio_task *start(brio_task_fn *fn, void *arg)
{
    return brio_create_task(fn, arg, NULL);
}

static int await_and_say(void *arg)
{
    int rc = brio_await(arg);
    say("await:%d ", rc);
    return rc;
}

static int shield_and_say(void *arg)
{
    int rc = brio_shield(arg);
    say("shield:%d ", rc);
    return rc;
}

/* Lets those just created, in whatever order, get to where they wait. */
static void settle(void)
{
    CHECK_INT(rest(1), 0);
}

/* ---- await -------------------------------------------------------------- */

static int result_main(void *arg)
{
    int n = 7;
    (void)arg;
    CHECK_INT(brio_await(start(nap, &n)), 7);
    CHECK_INT(brio_shield(start(nap, &n)), 7);
    CHECK_TRACE("nap:0 nap:0 ");
    return 0;
}

TEST(await_gives_the_result)
{
    run_thoroughly(result_main);
}

static int fail_with_words(void *arg)
{
    int rc = brio_yield();
    return rc < 0 ? rc : brio_error(-EIO, "%s", (const char *)arg);
}

static char words[] = "the disk is on fire";

static int words_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_await(start(fail_with_words, words)), -EIO);
    CHECK_STR(brio_error_detail(), words);
    (void)!brio_error(-EIO, "other");
    CHECK_INT(brio_shield(start(fail_with_words, words)), -EIO);
    CHECK_STR(brio_error_detail(), words);
    (void)!brio_error(-EIO, "other");
    brio_task *task =
        brio_create_task(fail_with_words, words, &(brio_task_options){.acquired = true});
    CHECK_INT(brio_join(task, NULL), 0);
    CHECK_STR(brio_error_detail(), "other"); /* join only tells the result */
    CHECK_INT(brio_await(task), -EIO);
    CHECK_STR(brio_error_detail(), words);
    CHECK_STR(brio_task_error_detail(task), words);
    brio_task_release(task);
    return 0;
}

TEST(the_words_of_a_failure_come_along)
{
    run_thoroughly(words_main);
}

static int inner_first_main(void *arg)
{
    (void)arg;
    brio_task *outer = start(await_and_say, start(long_nap, NULL));
    settle();
    CHECK(brio_task_cancel(outer));
    CHECK_INT(brio_task_cancelling(outer), 1);
    settle();
    CHECK_TRACE("nap:-125 await:-125 ");
    return brio_yield(); /* nobody cancelled us */
}

TEST(cancelling_the_awaiter_cancels_the_inner_first)
{
    run_thoroughly(inner_first_main);
}

static int clean_up_slowly(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(1000));
    CHECK_INT(rc, -ECANCELED);
    say("told ");
    CHECK_INT(rest(20), 0);
    say("clean ");
    return rc;
}

static int waits_for_end_main(void *arg)
{
    (void)arg;
    brio_task *outer = start(await_and_say, start(clean_up_slowly, NULL));
    settle();
    CHECK(brio_task_cancel(outer));
    CHECK_INT(rest(10), 0);
    CHECK_TRACE("told ");
    CHECK_INT(rest(20), 0);
    CHECK_TRACE("clean await:-125 ");
    return 0;
}

TEST(and_waits_until_it_has_ended)
{
    run_thoroughly(waits_for_end_main);
}

static int swallow(void *arg)
{
    CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
    return *(int *)arg;
}

static int await_then_yield(void *arg)
{
    int rc = brio_await(arg);
    say("await:%d yield:%d cancelling:%d ", rc, brio_yield(),
        brio_task_cancelling(brio_current_task()));
    return 0;
}

static int other_result_main(void *arg)
{
    int answer = 11, error = -EPIPE;
    (void)arg;
    brio_task *outer = start(await_then_yield, start(swallow, &answer));
    settle();
    CHECK(brio_task_cancel(outer));
    settle();
    CHECK_TRACE("await:11 yield:0 cancelling:1 "); /* used up, but counted, as in asyncio */
    outer = start(await_then_yield, start(swallow, &error));
    settle();
    CHECK(brio_task_cancel(outer));
    settle();
    CHECK_TRACE("await:-32 yield:0 cancelling:1 ");
    return 0;
}

TEST(the_inners_other_result_wins)
{
    run_thoroughly(other_result_main);
}

static int swallow_twice(void *arg)
{
    (void)arg;
    say("%d ", brio_sleep(BRIO_SEC(1000)));
    say("%d ", brio_sleep(BRIO_SEC(1000)));
    return 0;
}

static int again_main(void *arg)
{
    (void)arg;
    brio_task *outer = start(await_and_say, start(swallow_twice, NULL));
    settle();
    CHECK(brio_task_cancel(outer));
    settle();
    CHECK_TRACE("-125 ");
    CHECK(brio_task_cancel(outer)); /* each request goes down */
    settle();
    CHECK_TRACE("-125 await:0 ");
    return 0;
}

TEST(a_second_request_is_handed_down_too)
{
    run_thoroughly(again_main);
}

static int cancel_self_and_await(void *arg)
{
    CHECK(brio_task_cancel(brio_current_task()));
    return await_then_yield(arg);
}

static int before_main(void *arg)
{
    int n = 7;
    (void)arg;
    brio_task *inner = start(swallow, &n);
    settle();
    start(cancel_self_and_await, inner);
    settle();
    CHECK_TRACE("await:7 yield:0 cancelling:1 ");
    return 0;
}

TEST(a_request_pending_at_the_await_goes_to_the_inner)
{
    run_thoroughly(before_main);
}

static int not_started_main(void *arg)
{
    int n = 7;
    (void)arg;
    brio_task *inner = brio_create_task(nap, &n, &(brio_task_options){.acquired = true});
    CHECK(brio_task_cancel(inner));
    CHECK_INT(brio_await(inner), -ECANCELED);
    CHECK(brio_task_cancelled(inner));
    CHECK_INT(brio_task_cancelling(brio_current_task()), 0);
    CHECK_TRACE(""); /* its body never ran */
    brio_task_release(inner);
    return brio_yield();
}

TEST(awaiting_a_cancelled_task_is_cancelled_without_being_asked)
{
    run_thoroughly(not_started_main);
}

static int end_when_set(void *arg)
{
    return brio_future_wait(arg, NULL);
}

static brio_task *victim;

static void cancel_victim(brio_done_callback *done)
{
    (void)done;
    CHECK(brio_task_cancel(victim));
}

static int after_the_end_main(void *arg)
{
    brio_future f;
    brio_done_callback done = {.fn = cancel_victim};
    (void)arg;
    brio_future_init(&f);
    brio_task *inner = start(end_when_set, &f);
    brio_task_on_done(inner, &done); /* before the awaiter's: it runs before it wakes */
    victim = start(await_then_yield, inner);
    settle();
    CHECK_INT(brio_future_set(&f, 3, NULL), 0);
    settle();
    CHECK_TRACE("await:3 yield:-125 cancelling:1 "); /* the result is not lost */
    brio_future_fini(&f);
    return 0;
}

TEST(cancelled_after_the_inner_ended_the_result_wins)
{
    run_everywhere(after_the_end_main);
}

static int scope_main(void *arg)
{
    int rc = 0;
    (void)arg;
    brio_task *inner = brio_create_task(long_nap, NULL, &(brio_task_options){.acquired = true});
    settle();
    BRIO_SCOPE(limit, .timeout = BRIO_MS(2))
    rc = brio_await(inner);
    CHECK(limit.expired);
    CHECK_INT(rc, -ECANCELED);
    CHECK(brio_task_cancelled(inner)); /* as in asyncio: timeouts cancel through */
    CHECK_TRACE("nap:-125 ");
    brio_task_release(inner);
    return brio_yield();
}

TEST(a_deadline_around_an_await_cancels_the_task)
{
    run_thoroughly(scope_main);
}

/* ---- Chains and rings --------------------------------------------------- */

static int await_quietly(void *arg)
{
    return brio_await(arg);
}

static int sleep_long(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%d ", rc);
    return rc;
}

static int chain_main(void *arg)
{
    int depth = *(int *)arg;
    brio_task *last = start(sleep_long, NULL);
    for (int i = 0; i < depth; i++)
        last = start(await_quietly, last);
    settle();
    CHECK(brio_task_cancel(last));
    settle();
    CHECK_TRACE("-125 ");
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(cancelling_a_long_chain_of_awaits_needs_no_stack)
{
#ifdef __SANITIZE_THREAD__
    int depth = 500;
#else
    int depth = 5000;
#endif
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, chain_main, &depth), 0);
}

static brio_task *ring[3];

static int await_next(void *arg)
{
    int i = *(int *)arg;
    int rc = brio_await(ring[(i + 1) % 3]);
    say("%s ", brio_error_name(rc));
    return rc == -EDEADLK ? 0 : rc;
}

static int ring_main(void *arg)
{
    static int index[] = {0, 1, 2};
    (void)arg;
    CHECK_INT(brio_await(brio_current_task()), -EDEADLK);
    CHECK_INT(brio_shield(brio_current_task()), -EDEADLK);
    for (int i = 0; i < 3; i++)
        ring[i] = start(await_next, &index[i]);
    settle();
    CHECK_TRACE("EDEADLK OK OK "); /* whoever would close it is refused */
    return 0;
}

TEST(a_ring_of_awaits_is_refused)
{
    run_thoroughly(ring_main);
}

/* ---- shield ------------------------------------------------------------- */

static int shield_main(void *arg)
{
    brio_future f;
    (void)arg;
    brio_future_init(&f);
    brio_task *inner = brio_create_task(end_when_set, &f, &(brio_task_options){.acquired = true});
    brio_task *outer = start(shield_and_say, inner);
    settle();
    CHECK(brio_task_cancel(outer));
    settle();
    CHECK_TRACE("shield:-125 ");
    CHECK(!brio_task_done(inner)); /* it goes on */
    CHECK_INT(brio_future_set(&f, 7, NULL), 0);
    CHECK_INT(brio_await(inner), 7);
    brio_task_release(inner);
    brio_future_fini(&f);
    return 0;
}

TEST(shield_leaves_the_inner_running)
{
    run_thoroughly(shield_main);
}

static int inner_cancelled_main(void *arg)
{
    (void)arg;
    brio_task *inner = start(long_nap, NULL);
    brio_task *outer =
        brio_create_task(shield_and_say, inner, &(brio_task_options){.acquired = true});
    settle();
    CHECK(brio_task_cancel(inner));
    settle();
    CHECK_TRACE("nap:-125 shield:-125 ");
    CHECK(brio_task_cancelled(outer));
    brio_task_release(outer);
    return 0;
}

TEST(cancelling_the_inner_cancels_who_shields_it)
{
    run_thoroughly(inner_cancelled_main);
}

static int everything_closes(void *arg)
{
    static int n = 7;
    (void)arg;
    start(await_and_say, start(nap, &n));
    start(shield_and_say, start(nap, &n));
    return brio_yield();
}

TEST(awaiting_tasks_end_when_the_run_does)
{
    run_thoroughly(everything_closes);
}
