/* SPDX-License-Identifier: MIT
 *
 * The semaphore: fairness, and permits that meet a cancellation. */
#include "task/storm.h"

static brio_semaphore sem;

static int take(void *arg)
{
    int rc = brio_semaphore_acquire(&sem);
    say("%s%s ", (const char *)arg, rc < 0 ? "!" : "");
    return rc;
}

static char a[] = "a", b[] = "b", c[] = "c";

static int fifo_main(void *arg)
{
    (void)arg;
    brio_semaphore_init(&sem, 1);
    CHECK_INT(brio_semaphore_acquire(&sem), 0);
    CHECK(!brio_semaphore_try(&sem));
    BRIO_GROUP(g)
    {
        brio_spawn(&g, take, a);
        settle();
        brio_spawn(&g, take, b);
        settle();
        brio_semaphore_release(&sem);
        CHECK(!brio_semaphore_try(&sem)); /* handed over: no barging */
        brio_spawn(&g, take, c);
        settle();
        brio_semaphore_release(&sem);
        settle();
        brio_semaphore_release(&sem);
    }
    CHECK_TRACE("a b c ");
    brio_semaphore_release(&sem);
    CHECK_INT(sem.value, 1);
    CHECK(brio_semaphore_try(&sem));
    return g.err;
}

TEST(permits_are_handed_out_in_order)
{
    run_all_ways(fifo_main);
}

static int cancel_waiter_main(void *arg)
{
    (void)arg;
    brio_semaphore_init(&sem, 0);
    brio_task *first = start(take, a);
    start(take, b);
    brio_task_cancel(first);
    settle();
    brio_semaphore_release(&sem);
    settle();
    CHECK_TRACE("a! b ");
    CHECK_INT(sem.value, 0);
    return 0;
}

TEST(a_cancelled_waiter_takes_no_permit)
{
    run_all_ways(cancel_waiter_main);
}

static int same_turn_main(void *arg)
{
    (void)arg;
    brio_semaphore_init(&sem, 0);
    brio_task *first = start(take, a);
    start(take, b);
    brio_semaphore_release(&sem);
    brio_task_cancel(first); /* after the permit was handed over */
    settle();
    CHECK_TRACE("a! b ");
    CHECK_INT(sem.value, 0);
    return 0;
}

TEST(a_permit_handed_to_a_cancelled_task_goes_to_the_next)
{
    run_all_ways(same_turn_main);
}

static int cancelled_scope_main(void *arg)
{
    (void)arg;
    brio_semaphore_init(&sem, 1);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_semaphore_acquire(&sem), -ECANCELED); /* also when it need not wait */
    }
    CHECK_INT(sem.value, 1);
    return 0;
}

TEST(acquire_is_always_a_cancellation_point)
{
    run_all_ways(cancelled_scope_main);
}

/* ---- Any order ---------------------------------------------------------- */

enum { WORKERS = 12, PERMITS = 3 };

static int held, peak, served;

static int use_permit(void *arg)
{
    (void)arg;
    for (int i = 0; i < 4; i++) {
        int rc = brio_semaphore_acquire(&sem);
        if (rc < 0)
            return rc;
        if (++held > peak)
            peak = held;
        rc = i % 2 ? brio_yield() : brio_sleep(BRIO_US(3));
        held--;
        served++;
        brio_semaphore_release(&sem);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int storm_main(void *arg)
{
    (void)arg;
    held = peak = served = 0;
    brio_semaphore_init(&sem, PERMITS);
    uint64_t dice = brio_loop_random(brio_loop_current());
    BRIO_GROUP(g)
    {
        brio_task *tasks[WORKERS];
        for (int i = 0; i < WORKERS; i++)
            tasks[i] = brio_spawn(&g, use_permit, NULL);
        for (int i = 0; i < WORKERS; i++) {
            CHECK_INT(brio_yield(), 0);
            if (dice >> i & 1)
                brio_task_cancel(tasks[(dice >> (i + 16)) % WORKERS]);
        }
    }
    CHECK_INT(g.done, WORKERS);
    CHECK_INT(held, 0);
    CHECK(peak <= PERMITS && served > 0);
    CHECK_INT(sem.value, PERMITS); /* no permit was lost, none invented */
    CHECK(brio_link_alone(&sem.waiters));
    return g.err;
}

TEST(no_permit_is_lost_in_two_hundred_orders)
{
    run_shuffled(storm_main, 200);
}

static int ticket, next_served;

static int in_turn(void *arg)
{
    (void)arg;
    int mine = ticket++; /* the order of arrival, whatever it was */
    int rc = brio_semaphore_acquire(&sem);
    CHECK_INT(next_served++, mine);
    rc = rc < 0 ? rc : brio_sleep(BRIO_US(1));
    brio_semaphore_release(&sem);
    return rc;
}

static int fairness_main(void *arg)
{
    (void)arg;
    ticket = next_served = 0;
    brio_semaphore_init(&sem, 1);
    BRIO_GROUP(g)
    for (int i = 0; i < 20; i++)
        brio_spawn(&g, in_turn, NULL);
    CHECK_INT(next_served, 20);
    return g.err;
}

TEST(arrival_decides_in_two_hundred_orders)
{
    run_shuffled(fairness_main, 200);
}

/* ---- Bounds and blocks -------------------------------------------------- */

static int bounded_main(void *arg)
{
    static brio_semaphore ready = BRIO_SEMAPHORE_INIT(1);
    (void)arg;
    brio_semaphore_init_bounded(&sem, 2);
    CHECK_INT(brio_semaphore_release(&sem), -EOVERFLOW);
    CHECK_INT(sem.value, 2); /* nothing changed */
    CHECK_INT(brio_semaphore_acquire(&sem), 0);
    CHECK_INT(brio_semaphore_release(&sem), 0);
    CHECK_INT(brio_semaphore_release(&sem), -EOVERFLOW);
    brio_semaphore_init_bounded(&sem, 0);
    CHECK_INT(brio_semaphore_release(&sem), -EOVERFLOW);
    brio_semaphore_init(&sem, SIZE_MAX);
    CHECK_INT(brio_semaphore_release(&sem), -EOVERFLOW);
    CHECK(!brio_semaphore_locked(&ready)); /* one that needs no init */
    CHECK_INT(brio_semaphore_acquire(&ready), 0);
    CHECK(brio_semaphore_locked(&ready) && !brio_semaphore_try(&ready));
    return brio_semaphore_release(&ready);
}

TEST(semaphore_bounded_refuses_what_was_not_acquired)
{
    run_all_ways(bounded_main);
}

static int with_permit(void *arg)
{
    (void)arg;
    BRIO_WITH_PERMIT(&sem)
    say("inside ");
    say("%d ", brio_cancel_point() == -ECANCELED);
    return 0;
}

static int permit_block_main(void *arg)
{
    (void)arg;
    brio_semaphore_init(&sem, 1);
    BRIO_WITH_PERMIT(&sem)
    {
        CHECK_INT(sem.value, 0);
        break;
    }
    CHECK_INT(sem.value, 1);
    CHECK_INT(with_permit(NULL), 0);
    CHECK_TRACE("inside 0 ");
    CHECK(brio_semaphore_try(&sem));
    brio_task *waiter = brio_create_task(with_permit, NULL, NULL);
    settle();
    brio_task_cancel(waiter);
    settle();
    CHECK_TRACE("1 "); /* skipped, and told again */
    return brio_semaphore_release(&sem);
}

TEST(semaphore_block_gives_the_permit_back)
{
    run_all_ways(permit_block_main);
}
