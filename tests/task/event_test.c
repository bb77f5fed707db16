/* SPDX-License-Identifier: MIT
 *
 * The event: whom set wakes, and what clear takes back. */
#include "task/storm.h"

static brio_event event = BRIO_EVENT_INIT;
static char a[] = "a", b[] = "b", c[] = "c";

static int wait(void *arg)
{
    int rc = brio_event_wait(&event);
    say("%s%s ", (const char *)arg, rc < 0 ? "!" : "");
    return rc;
}

static int set_main(void *arg)
{
    (void)arg;
    brio_event_init(&event);
    start(wait, a);
    start(wait, b);
    CHECK_TRACE("");
    brio_event_set(&event);
    CHECK(event.is_set);
    CHECK_TRACE(""); /* not inside set */
    settle();
    CHECK(strcmp(trace, "a b ") == 0 || strcmp(trace, "b a ") == 0);
    trace[0] = '\0';
    CHECK_INT(brio_event_wait(&event), 0); /* does not wait, again and again */
    CHECK_INT(brio_event_wait(&event), 0);
    brio_event_set(&event); /* harmless */
    brio_event_clear(&event);
    brio_task *late = start(wait, c);
    CHECK_TRACE("");
    brio_task_cancel(late);
    settle();
    CHECK_TRACE("c! ");
    return 0;
}

TEST(event_wakes_all_and_stays_set)
{
    run_all_ways(set_main);
}

static int in_order_main(void *arg)
{
    (void)arg;
    start(wait, a);
    start(wait, b);
    start(wait, c);
    brio_event_set(&event);
    brio_event_clear(&event); /* before they run */
    settle();
    CHECK_TRACE("a b c ");
    return 0;
}

TEST(event_wakes_in_order)
{
    run_everywhere(in_order_main);
}

static int pulse_main(void *arg)
{
    (void)arg;
    brio_task *first = brio_task_acquire(start(wait, a));
    brio_event_set(&event);
    brio_event_clear(&event);
    start(wait, b);
    CHECK(brio_task_done(first));
    CHECK_INT(brio_task_result(first), 0);
    CHECK_TRACE("a "); /* and b, who came after clear, waits */
    brio_event_set(&event);
    settle();
    CHECK_TRACE("b ");
    brio_event_clear(&event);
    brio_task_release(first);
    return 0;
}

TEST(event_cleared_at_once_has_woken_those_who_waited)
{
    run_all_ways(pulse_main);
}

static int cancel_main(void *arg)
{
    (void)arg;
    brio_task *first = start(wait, a);
    brio_event_set(&event);
    brio_task_cancel(first); /* of the same turn: asyncio's await raises, too */
    settle();
    CHECK_TRACE("a! ");
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_event_wait(&event), -ECANCELED); /* although it is set */
    }
    brio_event_clear(&event);
    return 0;
}

TEST(event_wait_is_always_a_cancellation_point)
{
    run_all_ways(cancel_main);
}

static void set_by_timer(brio_timer *timer)
{
    (void)timer;
    brio_event_set(&event);
}

static int callback_main(void *arg)
{
    brio_timer timer = {.fn = set_by_timer};
    (void)arg;
    brio_timer_start(brio_loop_current(), &timer, brio_in(BRIO_MS(1)));
    CHECK_INT(brio_event_wait(&event), 0);
    brio_event_clear(&event);
    return 0;
}

TEST(event_is_set_by_callbacks)
{
    run_all_ways(callback_main);
}

/* ---- Any order ---------------------------------------------------------- */

static int generation, woken;

/* Nobody who waits before a pulse is left behind by it. */
static int wait_for_pulses(void *arg)
{
    (void)arg;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        int before = generation, rc = brio_event_wait(&event);
        if (rc == 0) {
            CHECK(generation > before);
            woken++;
        }
    }
    return 0;
}

static int pulse(void *arg)
{
    (void)arg;
    while (brio_sleep(BRIO_US(2)) == 0) {
        generation++;
        brio_event_set(&event);
        brio_event_clear(&event);
    }
    return 0;
}

static int storm_main(void *arg)
{
    (void)arg;
    woken = generation = 0;
    brio_create_task(pulse, NULL, NULL); /* to the end of the run */
    storm(wait_for_pulses);
    CHECK(woken > 0);
    return 0;
}

TEST(event_survives_a_storm_of_cancellations)
{
    run_all_ways(storm_main);
}
