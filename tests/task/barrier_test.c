/* SPDX-License-Identifier: MIT
 *
 * The barrier: numbers, rounds, and what breaks it. */
#include "task/storm.h"

static brio_barrier barrier;
static char a[] = "a", b[] = "b", c[] = "c";

static int wait(void *arg)
{
    int rc = brio_barrier_wait(&barrier);
    say("%s%d ", (const char *)arg, rc);
    return rc < 0 && rc != -EPIPE ? rc : 0;
}

static int meet_main(void *arg)
{
    (void)arg;
    brio_barrier_init(&barrier, 3);
    start(wait, a);
    CHECK_INT(barrier.arrived, 1);
    start(wait, b);
    CHECK_INT(barrier.arrived, 2);
    CHECK_TRACE("");
    CHECK_INT(brio_barrier_wait(&barrier), 2); /* the last does not suspend */
    CHECK_TRACE("");
    CHECK_INT(barrier.arrived, 0);
    settle();
    CHECK(strcmp(trace, "a0 b1 ") == 0 || strcmp(trace, "b1 a0 ") == 0);
    trace[0] = '\0';
    brio_barrier_init(&barrier, 1);
    CHECK_INT(brio_barrier_wait(&barrier), 0);
    CHECK_INT(brio_barrier_wait(&barrier), 0);
    return 0;
}

TEST(barrier_lets_all_pass_with_numbers_of_arrival)
{
    run_all_ways(meet_main);
}

static int drain_main(void *arg)
{
    (void)arg;
    brio_barrier_init(&barrier, 2);
    start(wait, a);
    CHECK_INT(brio_barrier_wait(&barrier), 1);
    brio_barrier_reset(&barrier); /* a has passed, though it has not run */
    BRIO_SCOPE(s, .timeout = BRIO_US(50))
    CHECK_INT(brio_barrier_wait(&barrier), -ECANCELED); /* outside first, then alone */
    CHECK(s.expired);
    CHECK_TRACE("a0 ");
    CHECK_INT(barrier.arrived, 0);
    return 0;
}

TEST(barrier_newcomers_wait_for_the_former_round_to_be_gone)
{
    run_all_ways(drain_main);
}

static int outside_main(void *arg)
{
    (void)arg;
    brio_barrier_init(&barrier, 2);
    start(wait, a);
    BRIO_GROUP(g)
    {
        CHECK_INT(brio_barrier_wait(&barrier), 1); /* a drains from now on */
        brio_task_options eager = {.eager = true};
        brio_task *first = brio_spawn_with(&g, wait, b, &eager);
        CHECK_INT(barrier.arrived, 0);
        brio_spawn_with(&g, wait, c, &eager);
        brio_spawn_with(&g, wait, a, &eager);
        brio_task_cancel(first); /* outside: nothing was counted */
        settle();
        CHECK(strstr(trace, "c0 ") && strstr(trace, "a1 "));
        CHECK_INT(barrier.arrived, 0);
    }
    CHECK(brio_link_alone(&barrier.outside));
    trace[0] = '\0';
    return g.err;
}

TEST(barrier_lets_those_outside_in_in_order)
{
    run_all_ways(outside_main);
}

static int cancel_main(void *arg)
{
    (void)arg;
    brio_barrier_init(&barrier, 3);
    brio_task *first = start(wait, a);
    start(wait, b);
    brio_task_cancel(first);
    settle();
    CHECK_INT(barrier.arrived, 1);
    CHECK(!brio_barrier_broken(&barrier));
    trace[0] = '\0';
    start(wait, c);
    CHECK_TRACE("");
    CHECK_INT(brio_barrier_wait(&barrier), 2); /* numbers 0, 1, 2 all the same */
    settle();
    CHECK(strcmp(trace, "b0 c1 ") == 0 || strcmp(trace, "c1 b0 ") == 0);
    trace[0] = '\0';
    return 0;
}

TEST(barrier_is_not_broken_by_a_cancellation)
{
    run_all_ways(cancel_main);
}

static int wait_told(void *arg)
{
    (void)arg;
    say("%d ", brio_barrier_wait(&barrier));
    say("next:%d ", brio_cancel_point() == -ECANCELED);
    return 0;
}

static int passed_main(void *arg)
{
    (void)arg;
    brio_barrier_init(&barrier, 2);
    brio_task *first = start(wait_told, NULL);
    CHECK_INT(brio_barrier_wait(&barrier), 1);
    brio_task_cancel(first);
    brio_barrier_abort(&barrier);
    settle();
    CHECK_TRACE("0 next:1 "); /* passed is passed */
    CHECK_INT(brio_barrier_wait(&barrier), -EPIPE);
    brio_barrier_init(&barrier, 2);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_barrier_wait(&barrier), -ECANCELED);
    }
    CHECK_INT(barrier.arrived, 0);
    return 0;
}

TEST(barrier_passed_is_not_undone)
{
    run_all_ways(passed_main);
}

static int reset_main(void *arg)
{
    (void)arg;
    brio_barrier_init(&barrier, 2);
    brio_barrier_reset(&barrier); /* harmless */
    start(wait, a);
    brio_barrier_reset(&barrier);
    CHECK(!brio_barrier_broken(&barrier));
    CHECK_INT(barrier.arrived, 0);
    settle();
    CHECK_TRACE("a-32 "); /* -EPIPE */
    start(wait, b);
    CHECK_INT(brio_barrier_wait(&barrier), 1);
    settle();
    CHECK_TRACE("b0 ");
    return 0;
}

TEST(barrier_reset_refuses_the_waiters_and_is_as_new)
{
    run_all_ways(reset_main);
}

static int abort_main(void *arg)
{
    (void)arg;
    brio_barrier_init(&barrier, 2);
    start(wait, a);
    brio_barrier_abort(&barrier);
    CHECK(brio_barrier_broken(&barrier));
    CHECK_INT(brio_barrier_wait(&barrier), -EPIPE);
    settle();
    CHECK_TRACE("a-32 ");
    brio_barrier_reset(&barrier);
    CHECK(!brio_barrier_broken(&barrier));
    start(wait, a);
    BRIO_GROUP(g)
    {
        CHECK_INT(brio_barrier_wait(&barrier), 1);
        brio_spawn_with(&g, wait, b, &(brio_task_options){.eager = true}); /* outside */
        brio_barrier_abort(&barrier);
        brio_barrier_reset(&barrier); /* while a still drains */
        settle();
        CHECK(strstr(trace, "a0 ") && strstr(trace, "b-32 "));
    }
    CHECK_INT(barrier.arrived, 0);
    trace[0] = '\0';
    return g.err;
}

TEST(barrier_abort_breaks_it_until_reset)
{
    run_all_ways(abort_main);
}

/* ---- Any order ---------------------------------------------------------- */

enum { PARTIES = 4 };

static unsigned numbers_seen[STORM_TASKS * STORM_ROUNDS];
static int passed;

/* The number i of round r is seen once. */
static int go_round(void *arg)
{
    (void)arg;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        int rc = brio_barrier_wait(&barrier);
        if (rc < 0)
            continue;
        CHECK(rc < PARTIES);
        unsigned *round = &numbers_seen[passed++ / PARTIES];
        CHECK(!(*round >> rc & 1)); /* a round has run before the next begins */
        *round |= 1U << rc;
    }
    return 0;
}

/* Lets the last, too few to meet, go. */
static int let_go(void *arg)
{
    (void)arg;
    while (brio_sleep(BRIO_MS(1)) == 0)
        brio_barrier_reset(&barrier);
    return 0;
}

static int storm_main(void *arg)
{
    (void)arg;
    passed = 0;
    memset(numbers_seen, 0, sizeof(numbers_seen));
    brio_barrier_init(&barrier, PARTIES);
    brio_create_task(let_go, NULL, NULL);
    storm(go_round);
    CHECK(passed > 0);
    CHECK_INT(passed % PARTIES, 0);
    CHECK_INT(barrier.arrived, 0);
    CHECK_INT(barrier.draining, 0);
    return 0;
}

TEST(barrier_numbers_are_complete_in_a_storm_of_cancellations)
{
    run_all_ways(storm_main);
}
