/* SPDX-License-Identifier: MIT
 *
 * Retry, rate limit, measure, and blocks with an enter and a leave. Times are
 * the simulator's, so they are exact. */
#include "task/storm.h"

#include <brio/trace.h>

static int run_in_sim(brio_task_fn *fn)
{
    trace[0] = '\0';
    return run_on(BRIO_BACKEND_SIM, fn, NULL);
}

/* ---- Retry -------------------------------------------------------------- */

static int calls, succeed_at, failure;
static brio_time began;

static int flaky(void *arg)
{
    (void)arg;
    calls++;
    say("%lld ", (long long)((brio_now() - began) / BRIO_MS(1)));
    return calls == succeed_at ? 7 : failure;
}

static int try_it(const brio_retry *policy, int good_at, int err)
{
    calls = 0;
    succeed_at = good_at;
    failure = err;
    began = brio_now();
    return brio_retry_call(policy, flaky, NULL);
}

static int retry_main(void *arg)
{
    static const brio_retry steep = {
        .attempts = 6, .delay = BRIO_MS(10), .factor = 3, .max_delay = BRIO_MS(100)};
    static const brio_retry at_once = {.attempts = 4, .delay = -1};
    static const brio_retry even = {.attempts = 4, .delay = BRIO_MS(5), .factor = 1};
    (void)arg;
    CHECK_INT(try_it(NULL, 1, -EIO), 7);
    CHECK_TRACE("0 ");
    CHECK_INT(try_it(NULL, 0, -EIO), -EIO); /* three attempts, 100 ms doubled */
    CHECK_TRACE("0 100 300 ");
    CHECK_INT(try_it(&steep, 6, -EIO), 7);
    CHECK_TRACE("0 10 40 130 230 330 ");
    CHECK_INT(try_it(&at_once, 0, BRIO_EOVERLOAD), BRIO_EOVERLOAD);
    CHECK_TRACE("0 0 0 0 ");
    CHECK_INT(try_it(&even, 4, -EIO), 7);
    CHECK_TRACE("0 5 10 15 ");
    return 0;
}

TEST(retry_pauses_grow_to_a_ceiling)
{
    CHECK_INT(run_in_sim(retry_main), 0);
}

static bool once_more(int err, unsigned attempt, void *arg)
{
    say("(%d,%u) ", err == *(int *)arg, attempt);
    return attempt < 2;
}

static int judge_main(void *arg)
{
    int expected = -EINVAL;
    brio_retry policy = {.attempts = 9, .delay = -1, .again = once_more, .arg = &expected};
    (void)arg;
    CHECK_INT(try_it(NULL, 0, -EINVAL), -EINVAL); /* not worth another */
    CHECK_INT(try_it(NULL, 0, -ECANCELED), -ECANCELED);
    CHECK_TRACE("0 0 ");
    CHECK_INT(try_it(&policy, 0, -EINVAL), -EINVAL);
    CHECK_TRACE("0 (1,1) 0 (1,2) ");
    CHECK_INT(try_it(&policy, 0, -ECANCELED), -ECANCELED); /* not even asked */
    CHECK_TRACE("0 ");
    return 0;
}

TEST(retry_asks_whether_it_is_worth_it)
{
    CHECK_INT(run_in_sim(judge_main), 0);
}

static int retry_forever(void *arg)
{
    static const brio_retry policy = {.attempts = 1000000, .delay = BRIO_SEC(1), .factor = 1};
    (void)arg;
    began = brio_now();
    succeed_at = -1;
    failure = -EIO;
    return brio_retry_call(&policy, flaky, NULL);
}

static int cancelled_main(void *arg)
{
    (void)arg;
    BRIO_SCOPE(s, .timeout = BRIO_MS(1500))
    CHECK_INT(retry_forever(NULL), -ECANCELED);
    CHECK(s.expired);
    CHECK_TRACE("0 1000 ");
    return 0;
}

TEST(retry_ends_with_its_scope)
{
    CHECK_INT(run_in_sim(cancelled_main), 0);
}

static int jitter_main(void *arg)
{
    brio_retry policy = {.delay = 1000, .jitter = 0.5};
    brio_time least = BRIO_NEVER, most = 0;
    (void)arg;
    for (int i = 0; i < 400; i++) {
        brio_time pause = brio_retry_delay(&policy, 2);
        least = pause < least ? pause : least;
        most = pause > most ? pause : most;
    }
    CHECK(least >= 500 && least < 550 && most > 950 && most <= 1000);
    policy.jitter = 9; /* all of it at most */
    for (int i = 0; i < 100; i++)
        CHECK(brio_retry_delay(&policy, 2) >= 0);
    return 0;
}

TEST(retry_jitter_takes_a_share_off)
{
    CHECK_INT(run_in_sim(jitter_main), 0);
}

TEST(retry_delay_is_a_plain_function_of_the_policy)
{
    brio_retry odd = {.delay = 1000, .factor = 0.5};
    CHECK_INT(brio_retry_delay(NULL, 2), BRIO_MS(100));
    CHECK_INT(brio_retry_delay(NULL, 4), BRIO_MS(400));
    CHECK_INT(brio_retry_delay(NULL, 4000000000U), BRIO_SEC(30));
    CHECK_INT(brio_retry_delay(&odd, 4), 250);
    CHECK_INT(brio_retry_delay(&odd, 4000000000U), 0);
    odd = (brio_retry){.delay = 1000, .factor = 2, .max_delay = INT64_MAX};
    CHECK_INT(brio_retry_delay(&odd, 900), BRIO_NEVER);
    odd.jitter = 0.5; /* no random numbers outside a loop */
    CHECK_INT(brio_retry_delay(&odd, 2), 1000);
}

/* ---- Rate limiter ------------------------------------------------------- */

static brio_rate rate;

static int start_at(void *arg)
{
    int rc = brio_rate_acquire(&rate);
    say("%s%s%lld ", (const char *)arg, rc < 0 ? "!" : "",
        (long long)((brio_now() - began) / BRIO_MS(1)));
    if (rc == 0)
        brio_rate_release(&rate);
    return rc;
}

static int even_main(void *arg)
{
    static char name[] = "";
    (void)arg;
    began = brio_now();
    brio_rate_init(&rate, &(brio_rate_options){.per_second = 100});
    BRIO_GROUP(g)
    for (int i = 0; i < 4; i++)
        brio_spawn(&g, start_at, name);
    CHECK_TRACE("0 10 20 30 ");
    CHECK_INT(brio_rate_wait_ns(&rate), BRIO_MS(10));
    CHECK_INT(brio_sleep(BRIO_MS(100)), 0);
    CHECK_INT(brio_rate_wait_ns(&rate), 0);
    began = brio_now();
    for (int i = 0; i < 2; i++) /* no credit for the pause beyond the burst */
        CHECK_INT(start_at(name), 0);
    CHECK_TRACE("0 10 ");
    return g.err;
}

TEST(rate_spreads_starts_evenly)
{
    CHECK_INT(run_in_sim(even_main), 0);
}

static int burst_main(void *arg)
{
    static char name[] = "";
    (void)arg;
    brio_rate_init(&rate, &(brio_rate_options){.per_second = 100, .burst = 3});
    for (int round = 0; round < 2; round++) {
        began = brio_now();
        for (int i = 0; i < 5; i++)
            CHECK_INT(start_at(name), 0);
        CHECK_TRACE("0 0 0 10 20 ");
        CHECK_INT(brio_sleep(BRIO_SEC(1)), 0);
    }
    return 0;
}

TEST(rate_burst_begins_at_once_after_a_pause)
{
    CHECK_INT(run_in_sim(burst_main), 0);
}

static int rate_cancel_main(void *arg)
{
    static char a[] = "a", b[] = "b", c[] = "c";
    (void)arg;
    brio_rate_init(&rate, &(brio_rate_options){.per_second = 1});
    began = brio_now();
    CHECK_INT(start_at(a), 0);
    brio_task *first = brio_create_task(start_at, b, NULL);
    brio_create_task(start_at, c, NULL);
    CHECK_INT(brio_sleep(BRIO_MS(400)), 0);
    CHECK_INT(brio_rate_wait_ns(&rate), BRIO_MS(600) + BRIO_SEC(2)); /* behind both */
    brio_task_cancel(first);
    CHECK_INT(brio_sleep(BRIO_SEC(1)), 0);
    CHECK_TRACE("a0 b!400 c1000 "); /* it did not count */
    CHECK_INT(brio_rate_wait_ns(&rate), BRIO_MS(600));
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        BRIO_WITH_RATE(&rate)
        say("inside");
        CHECK_INT(brio_yield(), -ECANCELED);
    }
    CHECK_INT(brio_rate_wait_ns(&rate), BRIO_MS(600));
    CHECK_TRACE("");
    return 0;
}

TEST(rate_cancelled_does_not_count)
{
    CHECK_INT(run_in_sim(rate_cancel_main), 0);
}

static int at_once, peak, starts;
static brio_time start_times[STORM_TASKS * STORM_ROUNDS];

static int work_at_rate(void *arg)
{
    (void)arg;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        BRIO_WITH_RATE(&rate)
        {
            start_times[starts++] = brio_now();
            at_once++;
            peak = at_once > peak ? at_once : peak;
            (void)dawdle();
            at_once--;
        }
    }
    return 0;
}

static int rate_storm_main(void *arg)
{
    enum { BURST = 2 };
    brio_time interval = BRIO_US(3);
    (void)arg;
    at_once = peak = starts = 0;
    brio_rate_init(&rate,
                   &(brio_rate_options){.concurrent = 3, .per_second = 1e6 / 3, .burst = BURST});
    storm(work_at_rate);
    CHECK(starts > 0 && peak <= 3);
    CHECK_INT(at_once, 0);
    CHECK_INT(rate.slots.value, 3);
    CHECK_INT(rate.waiting, 0);
    for (int i = BURST; i < starts; i++)
        CHECK(start_times[i] - start_times[i - BURST] >= interval);
    return 0;
}

TEST(rate_holds_in_a_storm_of_cancellations)
{
    run_shuffled(rate_storm_main, SEEDS);
}

static int unlimited_main(void *arg)
{
    static char name[] = "x";
    (void)arg;
    began = brio_now();
    brio_rate_init(&rate, NULL);
    for (int i = 0; i < 3; i++)
        CHECK_INT(start_at(name), 0);
    CHECK_TRACE("x0 x0 x0 ");
    CHECK_INT(brio_rate_wait_ns(&rate), 0);
    brio_rate_init(&rate, &(brio_rate_options){.per_second = 1e-300, .burst = SIZE_MAX});
    CHECK_INT(start_at(name), 0); /* no overflow at the far end */
    brio_rate_init(&rate, &(brio_rate_options){.per_second = 1e300, .concurrent = 1});
    CHECK_INT(start_at(name), 0);
    CHECK_INT(brio_rate_acquire(&rate), 0);
    BRIO_SCOPE(s, .timeout = BRIO_MS(1))
    CHECK_INT(brio_rate_acquire(&rate), -ECANCELED); /* one at once */
    brio_rate_release(&rate);
    CHECK_TRACE("x0 x0 ");
    return 0;
}

TEST(rate_without_limits_and_beyond_them)
{
    CHECK_INT(run_in_sim(unlimited_main), 0);
}

/* ---- Measure ------------------------------------------------------------ */

static unsigned burn(unsigned n)
{
    volatile unsigned x = 1;
    for (unsigned i = 0; i < n; i++)
        x = x * 3 + i;
    return x;
}

static int burner(void *arg)
{
    (void)arg;
    (void)burn(3000000);
    return 0;
}

static int measure_main(void *arg)
{
    (void)arg;
    BRIO_MEASURE(asleep)
    CHECK_INT(brio_sleep(BRIO_SEC(10)), 0);
    CHECK_INT(asleep.wall, BRIO_SEC(10)); /* the virtual clock's */
    CHECK(asleep.cpu >= 0 && asleep.cpu < BRIO_SEC(1));
    BRIO_MEASURE(nothing)
    {
        break;
    }
    CHECK_INT(nothing.wall, 0);
    return 0;
}

TEST(measure_in_sim_goes_by_the_virtual_clock)
{
    CHECK_INT(run_in_sim(measure_main), 0);
}

static int others_main(void *arg)
{
    brio_time alone = 0;
    (void)arg;
    BRIO_MEASURE(own)
    (void)burn(3000000);
    CHECK(own.cpu > 0 && own.wall > 0); /* it never suspended */
    BRIO_MEASURE(waited)
    {
        brio_task *other = brio_create_task(burner, NULL, &(brio_task_options){.acquired = true});
        CHECK_INT(brio_join(other, NULL), 0);
        BRIO_MEASURE(inner)
        (void)burn(300000);
        alone = inner.cpu;
        brio_task_release(other);
    }
    CHECK(alone > 0 && waited.cpu >= alone);
    CHECK(waited.cpu < own.cpu); /* the other one's work is not in it */
    return 0;
}

TEST(measure_counts_only_its_own_task)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, others_main, NULL), 0);
}

TEST(measure_outside_tasks_is_the_threads)
{
    BRIO_MEASURE(spent)
    (void)burn(100000);
    CHECK(spent.cpu > 0 && spent.wall > 0);
}

static int abandon_measured(void *arg)
{
    (void)arg;
    BRIO_MEASURE(spent)
    brio_task_abandon(-EIO);
    return (int)spent.wall;
}

static int counting_ends_main(void *arg)
{
    (void)arg;
    brio_task *task =
        brio_create_task(abandon_measured, NULL, &(brio_task_options){.acquired = true});
    settle();
    CHECK_INT(brio_task_result(task), -EIO);
    brio_task_release(task);
    CHECK(!brio_trace_wants(BRIO_TRACE_MEASURE));
    BRIO_MEASURE(spent)
    CHECK(brio_trace_wants(BRIO_TRACE_MEASURE));
    CHECK(spent.wall >= 0 && !brio_trace_wants(BRIO_TRACE_MEASURE));
    return 0;
}

TEST(measure_costs_nothing_once_it_has_ended)
{
    run_everywhere(counting_ends_main);
}

/* ---- Managers ----------------------------------------------------------- */

static int enter(void *arg)
{
    say("enter ");
    return *(int *)arg;
}

static void leave(void *arg)
{
    say("leave:%d ", *(int *)arg);
}

static const brio_manager manager = {enter, leave};

static int returns_inside(int *value)
{
    int rc;
    BRIO_WITH(&manager, value, rc)
    {
        say("%d ", rc);
        return 5;
    }
    return rc;
}

TEST(with_leaves_on_every_way_out)
{
    int good = 3, bad = -EIO, rc = 0;
    trace[0] = '\0';
    CHECK_INT(returns_inside(&good), 5);
    CHECK_TRACE("enter 3 leave:3 ");
    CHECK_INT(returns_inside(&bad), -EIO); /* not entered, not left */
    CHECK_TRACE("enter ");
    BRIO_WITH(&manager, &good, rc)
    BRIO_WITH(&manager, &good, rc)
    say("in ");
    CHECK_TRACE("enter enter in leave:3 leave:3 ");
    BRIO_WITH(&manager, &good, rc)
    {
        break;
    }
    CHECK_TRACE("enter leave:3 ");
}
