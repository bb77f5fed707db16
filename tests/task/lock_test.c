/* SPDX-License-Identifier: MIT
 *
 * The lock: order, ownership, cancellation, and the block that holds it. */
#include "task/storm.h"
#include "task/task_internal.h"

static brio_lock lock = BRIO_LOCK_INIT, other = BRIO_LOCK_INIT;
static char a[] = "a", b[] = "b", c[] = "c";

static int take(void *arg)
{
    int rc = brio_lock_acquire(&lock);
    say("%s%s ", (const char *)arg, rc < 0 ? "!" : "");
    return rc;
}

static int take_and_give(void *arg)
{
    int rc = take(arg);
    return rc < 0 ? rc : brio_lock_release(&lock);
}

static int free_main(void *arg)
{
    (void)arg;
    CHECK(!brio_lock_locked(&lock));
    CHECK_INT(brio_lock_acquire(&lock), 0);
    CHECK(brio_lock_locked(&lock));
    CHECK_INT(lock.owner, brio_task_id(brio_current_task()));
    CHECK(!brio_lock_try(&lock));
    CHECK_INT(brio_lock_release(&lock), 0);
    CHECK(brio_lock_try(&lock));
    CHECK_INT(brio_lock_release(&lock), 0);
    brio_lock_init(&other);
    CHECK_INT(brio_lock_acquire(&other), 0);
    return brio_lock_release(&other);
}

TEST(lock_that_is_free_is_taken_without_suspending)
{
    run_all_ways(free_main);
}

static int order_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    brio_task *first = start(take_and_give, a);
    uint64_t first_id = brio_task_id(first);
    start(take_and_give, b);
    start(take_and_give, c);
    CHECK_INT(brio_lock_release(&lock), 0);
    CHECK_INT(lock.owner, first_id); /* from that moment on */
    CHECK(!brio_lock_try(&lock));
    CHECK_INT(brio_lock_acquire(&lock), 0); /* behind them */
    CHECK_TRACE("a b c ");
    return brio_lock_release(&lock);
}

TEST(lock_is_handed_on_in_order_without_barging)
{
    run_all_ways(order_main);
}

static int foreign_release(void *arg)
{
    (void)arg;
    return brio_lock_release(&lock);
}

static int owner_main(void *arg)
{
    int rc = 0;
    (void)arg;
    CHECK_INT(brio_lock_release(&lock), -EPERM); /* not locked */
    CHECK_INT(brio_lock_acquire(&lock), 0);
    CHECK_INT(brio_lock_acquire(&lock), -EDEADLK);
    BRIO_GROUP(g)
    {
        CHECK_INT(brio_join(brio_spawn(&g, foreign_release, NULL), &rc), 0);
    }
    CHECK_INT(rc, -EPERM);
    return brio_lock_release(&lock);
}

TEST(lock_knows_its_owner)
{
    run_all_ways(owner_main);
}

typedef struct from_callback {
    brio_callback call;
    bool release;
    int result;
} from_callback;

static void callback_lock(brio_callback *cb)
{
    from_callback *f = BRIO_CONTAINER(cb, from_callback, call);
    f->result = f->release ? brio_lock_release(&lock) : brio_lock_try(&lock);
}

static int call(bool release)
{
    from_callback f = {.call.fn = callback_lock, .release = release, .result = -1};
    brio_loop_call_soon(brio_loop_current(), &f.call);
    settle();
    return f.result;
}

static int callback_main(void *arg)
{
    (void)arg;
    CHECK_INT(call(false), true);
    CHECK_INT(lock.owner, INT64_C(-1)); /* UINT64_MAX */
    CHECK_INT(call(false), false);
    CHECK_INT(brio_lock_release(&lock), -EPERM);
    brio_task *waiter = start(take_and_give, a);
    CHECK(!brio_task_done(waiter));
    CHECK_INT(call(true), 0);
    CHECK_TRACE("a ");
    CHECK_INT(call(true), -EPERM);
    CHECK_INT(brio_lock_acquire(&lock), 0);
    CHECK_INT(call(true), -EPERM);
    return brio_lock_release(&lock);
}

TEST(lock_taken_by_a_callback_is_released_by_callbacks)
{
    run_all_ways(callback_main);
}

/* ---- Cancellation ------------------------------------------------------- */

static int cancel_waiter_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    brio_task *first = start(take_and_give, a);
    start(take_and_give, b);
    brio_task_cancel(first);
    settle();
    CHECK_TRACE("a! ");
    CHECK_INT(brio_lock_release(&lock), 0);
    settle();
    CHECK_TRACE("b ");
    CHECK(!brio_lock_locked(&lock));
    return 0;
}

TEST(lock_waiter_that_is_cancelled_leaves_the_line)
{
    run_all_ways(cancel_waiter_main);
}

static int same_turn_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    brio_task *first = start(take_and_give, a), *second = start(take_and_give, b);
    CHECK_INT(brio_lock_release(&lock), 0);
    brio_task_cancel(first); /* it has the lock by now */
    settle();
    CHECK_TRACE("a! b ");
    CHECK(!brio_lock_locked(&lock));
    CHECK_INT(brio_lock_acquire(&lock), 0);
    second = start(take_and_give, b);
    CHECK_INT(brio_lock_release(&lock), 0);
    brio_task_cancel(second);
    settle();
    CHECK_TRACE("b! ");
    CHECK(!brio_lock_locked(&lock)); /* nobody was next */
    return 0;
}

TEST(lock_handed_to_a_cancelled_task_goes_to_the_next)
{
    run_all_ways(same_turn_main);
}

static int cancel_point_main(void *arg)
{
    (void)arg;
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_lock_acquire(&lock), -ECANCELED);
    }
    CHECK(!brio_lock_locked(&lock));
    return 0;
}

TEST(lock_acquire_is_always_a_cancellation_point)
{
    run_all_ways(cancel_point_main);
}

/* ---- The block ---------------------------------------------------------- */

static int return_inside(void)
{
    BRIO_WITH_LOCK(&lock)
    {
        CHECK(brio_lock_locked(&lock));
        return 7;
    }
    return 0;
}

static int block_main(void *arg)
{
    int runs = 0;
    (void)arg;
    CHECK_INT(return_inside(), 7);
    CHECK(!brio_lock_locked(&lock));
    BRIO_WITH_LOCK(&lock)
    BRIO_WITH_LOCK(&other)
    {
        runs++;
        CHECK(brio_lock_locked(&lock) && brio_lock_locked(&other));
    }
    CHECK_INT(runs, 1);
    CHECK(!brio_lock_locked(&lock) && !brio_lock_locked(&other));
    BRIO_WITH_LOCK(&lock)
    {
        break;
    }
    CHECK(!brio_lock_locked(&lock));
    return 0;
}

TEST(lock_block_gives_it_back_on_every_way_out)
{
    run_all_ways(block_main);
}

static int skipped(void *arg)
{
    (void)arg;
    BRIO_WITH_LOCK(&lock)
    say("inside ");
    say("%d ", brio_yield() == -ECANCELED);
    say("%d ", brio_yield());
    return 0;
}

static int skip_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    brio_task *task = start(skipped, NULL);
    brio_task_cancel(task);
    settle();
    CHECK_TRACE("1 0 "); /* told again, and only once */
    task = start(skipped, NULL);
    CHECK_INT(brio_lock_release(&lock), 0);
    brio_task_cancel(task); /* it was handed over already */
    settle();
    CHECK_TRACE("1 0 ");
    CHECK(!brio_lock_locked(&lock));
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        BRIO_WITH_LOCK(&lock)
        say("inside ");
        CHECK_INT(brio_yield(), -ECANCELED);
    }
    CHECK_TRACE("");
    return brio_yield();
}

TEST(lock_block_is_skipped_when_cancelled_and_the_next_call_is_told)
{
    run_all_ways(skip_main);
}

static int seen_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    const brio_task *task = start(take_and_give, a);
    CHECK_INT(task->rec.state, BRIO_TRACE_WAITING);
    CHECK_INT(task->rec.wait, BRIO_WAIT_LOCK);
    const brio_trace_owned *owned = task->rec.wait_on;
    CHECK(task->rec.wait_on == &lock);
    CHECK_INT(owned->owner, brio_task_id(brio_current_task()));
    return brio_lock_release(&lock);
}

TEST(lock_waits_are_seen_with_their_owner)
{
    run_everywhere(seen_main);
}

/* ---- Any order ---------------------------------------------------------- */

static bool in_line[STORM_TASKS]; /* has called acquire, and was not cancelled */
static uint64_t ticket[STORM_TASKS], tickets;
static int holders, held;

/* Whoever gets it came before all others that still wait. */
static void check_first(int me)
{
    for (int i = 0; i < STORM_TASKS; i++)
        CHECK(i == me || !in_line[i] || ticket[i] > ticket[me]);
}

static int use_lock(void *arg)
{
    int me = *(int *)arg;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        ticket[me] = tickets++;
        in_line[me] = true;
        int rc = brio_lock_acquire(&lock);
        in_line[me] = false;
        if (rc == 0) {
            check_first(me);
            CHECK_INT(++holders, 1);
            (void)dawdle();
            holders--;
            held++;
            CHECK_INT(brio_lock_release(&lock), 0);
        }
    }
    return 0;
}

/* No cancellations: the order is strict. */
static int fair_main(void *arg)
{
    (void)arg;
    held = 0;
    BRIO_GROUP(g)
    {
        static int numbers[STORM_TASKS];
        for (int i = 0; i < STORM_TASKS; i++) {
            numbers[i] = i;
            brio_spawn(&g, use_lock, &numbers[i]);
        }
    }
    CHECK_INT(held, STORM_TASKS * STORM_ROUNDS);
    return g.err;
}

TEST(lock_goes_to_whoever_came_first_in_two_hundred_orders)
{
    run_all_ways(fair_main);
}

static int use_lock_somehow(void *arg)
{
    (void)arg;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        BRIO_WITH_LOCK(&lock)
        {
            CHECK_INT(++holders, 1);
            (void)dawdle();
            holders--;
            held++;
        }
        (void)dawdle();
    }
    return 0;
}

static int storm_main(void *arg)
{
    (void)arg;
    held = 0;
    storm(use_lock_somehow);
    CHECK(held > 0 && !brio_lock_locked(&lock) && brio_waiters_none(&lock.waiters));
    return 0;
}

TEST(lock_survives_a_storm_of_cancellations)
{
    run_all_ways(storm_main);
}

/* ---- Abandoned ---------------------------------------------------------- */

static void left(void *arg)
{
    say("%s ", (const char *)arg);
}

static int entered(void *arg)
{
    (void)arg;
    return 0;
}

static int abandon_inside(void *arg)
{
    static const brio_manager manager = {entered, left};
    int rc;
    (void)arg;
    brio_defer_push(brio_task_arena(), left, c);
    BRIO_WITH_LOCK(&lock)
    BRIO_WITH(&manager, a, rc)
    BRIO_WITH(&manager, b, rc)
    {
        CHECK_INT(rc, 0);
        BRIO_SCOPE(s)
        brio_task_abandon(-EIO);
    }
    return 0;
}

static int abandoned_main(void *arg)
{
    (void)arg;
    brio_task *task =
        brio_create_task(abandon_inside, NULL, &(brio_task_options){.acquired = true});
    settle();
    CHECK_INT(brio_task_result(task), -EIO);
    brio_task_release(task);
    CHECK_TRACE("b a c "); /* blocks innermost first, then defers */
    CHECK(!brio_lock_locked(&lock));
    return 0;
}

TEST(blocks_of_an_abandoned_task_give_back)
{
    run_all_ways(abandoned_main);
}
