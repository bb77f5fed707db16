/* SPDX-License-Identifier: MIT
 *
 * Timers: order, ties, moves, and what happens inside a timer. */
#include "loop/bed.h"

typedef struct alarm_clock {
    brio_timer timer;
    brio_loop *loop;
    brio_buf *trace;
    char c;
    brio_time fired;
    int repeat;
    struct alarm_clock *stop, *start;
} alarm_clock;

static void on_alarm(brio_timer *timer)
{
    alarm_clock *a = BRIO_CONTAINER(timer, alarm_clock, timer);
    CHECK(!brio_timer_active(timer));
    a->fired = brio_loop_now(a->loop);
    CHECK(a->fired >= timer->when);
    brio_buf_char(a->trace, a->c);
    if (a->stop)
        brio_timer_stop(a->loop, &a->stop->timer);
    if (a->start)
        brio_timer_start(a->loop, &a->start->timer, a->fired);
    if (a->repeat-- > 0)
        brio_timer_start(a->loop, timer, 0);
}

static alarm_clock alarm_of(brio_loop *loop, brio_buf *trace, char c)
{
    return (alarm_clock){.timer = {.fn = on_alarm}, .loop = loop, .trace = trace, .c = c};
}

static void run_until(brio_loop *loop, const brio_buf *trace, size_t n)
{
    UNTIL(loop, trace->len >= n);
}

TEST_EACH(timers_fire_in_order_of_deadline)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    static const int order[] = {3, 0, 4, 1, 2};
    alarm_clock a[5];
    for (int i = 0; i < 5; i++) {
        a[i] = alarm_of(loop, &trace, (char)('a' + order[i]));
        brio_timer_start(loop, &a[i].timer, brio_loop_now(loop) + BRIO_US(order[i] * 200));
    }
    CHECK(brio_loop_next_deadline(loop) == a[1].timer.when);
    run_until(loop, &trace, 5);
    CHECK_STR(brio_buf_str(&trace), "abcde");
    CHECK(brio_loop_next_deadline(loop) == BRIO_NEVER);
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(equal_deadlines_fire_in_order_of_start)
{
    enum { N = 300 };
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    static alarm_clock a[N];
    brio_time when = brio_loop_now(loop) + BRIO_MS(1);
    for (int i = 0; i < N; i++) {
        a[i] = alarm_of(loop, &trace, (char)i);
        brio_timer_start(loop, &a[i].timer, when);
    }
    for (int i = 0; i < N; i += 3) /* holes in the heap must not disturb the ties */
        brio_timer_stop(loop, &a[i].timer);
    run_until(loop, &trace, N - N / 3);
    size_t at = 0;
    for (int i = 0; i < N; i++)
        if (i % 3)
            CHECK_INT(trace.ptr[at++], (char)i);
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(a_timer_can_be_moved_both_ways)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    alarm_clock a = alarm_of(loop, &trace, 'a'), b = alarm_of(loop, &trace, 'b');
    alarm_clock c = alarm_of(loop, &trace, 'c');
    brio_time now = brio_loop_now(loop);
    brio_timer_start(loop, &a.timer, now + BRIO_US(100));
    brio_timer_start(loop, &b.timer, now + BRIO_US(200));
    brio_timer_start(loop, &c.timer, now + BRIO_SEC(3600));
    brio_timer_start(loop, &a.timer, now + BRIO_US(300)); /* later */
    brio_timer_start(loop, &c.timer, now + BRIO_US(50));  /* sooner */
    run_until(loop, &trace, 3);
    CHECK_STR(brio_buf_str(&trace), "cba");
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(moving_to_the_same_time_goes_behind_its_equals)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    alarm_clock a = alarm_of(loop, &trace, 'a'), b = alarm_of(loop, &trace, 'b');
    brio_time when = brio_loop_now(loop) + BRIO_US(100);
    brio_timer_start(loop, &a.timer, when);
    brio_timer_start(loop, &b.timer, when);
    brio_timer_start(loop, &a.timer, when);
    run_until(loop, &trace, 2);
    CHECK_STR(brio_buf_str(&trace), "ba");
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(a_timer_may_stop_another_that_is_due)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    alarm_clock a = alarm_of(loop, &trace, 'a'), b = alarm_of(loop, &trace, 'b');
    alarm_clock c = alarm_of(loop, &trace, 'c');
    a.stop = &b;
    brio_timer_start(loop, &a.timer, 0);
    brio_timer_start(loop, &b.timer, 0);
    brio_timer_start(loop, &c.timer, 0);
    CHECK_OK(brio_loop_run_once(loop, BRIO_NEVER));
    CHECK_STR(brio_buf_str(&trace), "ac");
    brio_timer_stop(loop, &b.timer); /* harmless */
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(a_timer_that_restarts_itself_starves_nobody)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    alarm_clock a = alarm_of(loop, &trace, 'a'), b = alarm_of(loop, &trace, 'b');
    a.repeat = 3;
    brio_timer_start(loop, &a.timer, 0);
    brio_timer_start(loop, &b.timer, 0);
    CHECK_OK(brio_loop_run_once(loop, BRIO_NEVER));
    CHECK_STR(brio_buf_str(&trace), "ab");
    run_until(loop, &trace, 5);
    CHECK_STR(brio_buf_str(&trace), "abaaa");
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

/* A heap of random starts, moves and stops against a sorted list. What is
 * started stands apart until the next look, so looks come at random, too. */
TEST_EACH(random_operations_keep_the_heap_sorted)
{
    enum { N = 257, OPS = 5000 };
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    static alarm_clock a[N];
    for (int i = 0; i < N; i++)
        a[i] = alarm_of(loop, &trace, 'x');
    uint64_t x = 42;
    brio_time now = brio_loop_now(loop);
    for (int i = 0; i < OPS; i++) {
        x = x * 6364136223846793005U + 1442695040888963407U;
        alarm_clock *pick = &a[(x >> 33) % N];
        if ((x >> 20) % 4 == 0)
            brio_timer_stop(loop, &pick->timer);
        else
            brio_timer_start(loop, &pick->timer, now + (brio_time)((x >> 40) % 64) * 1000);
        if ((x >> 50) % 4)
            continue;
        brio_time least = BRIO_NEVER;
        for (int k = 0; k < N; k++)
            if (brio_timer_active(&a[k].timer) && a[k].timer.when < least)
                least = a[k].timer.when;
        CHECK(brio_loop_next_deadline(loop) == least);
    }
    size_t active = 0;
    for (int k = 0; k < N; k++)
        active += brio_timer_active(&a[k].timer);
    run_until(loop, &trace, active);
    CHECK_INT(trace.len, active);
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(run_once_returns_at_its_deadline)
{
    brio_loop *loop = bed_loop(backend);
    brio_time until = brio_loop_now(loop) + BRIO_MS(2);
    CHECK_INT(brio_loop_run_once(loop, until), 0);
    CHECK(brio_loop_now(loop) >= until);
    brio_loop_free(loop);
}
