/* SPDX-License-Identifier: MIT
 *
 * The condition: the lock is always back in hand, no notification is lost. */
#include "task/storm.h"
#include "task/task_internal.h"

static brio_lock lock = BRIO_LOCK_INIT;
static brio_condition condition = BRIO_CONDITION_INIT(&lock);
static char a[] = "a", b[] = "b", c[] = "c";

static bool mine(void)
{
    return lock.owner == brio_task_id(brio_current_task());
}

static int wait(void *arg)
{
    CHECK_INT(brio_lock_acquire(&lock), 0);
    int rc = brio_condition_wait(&condition);
    CHECK(mine());
    say("%s%s ", (const char *)arg, rc < 0 ? "!" : "");
    CHECK_INT(brio_lock_release(&lock), 0);
    return rc;
}

static void notify(size_t n)
{
    BRIO_WITH_LOCK(&lock)
    CHECK_INT(brio_condition_notify(&condition, n), 0);
}

static int order_main(void *arg)
{
    (void)arg;
    brio_condition_init(&condition, &lock);
    start(wait, a);
    start(wait, b);
    start(wait, c);
    CHECK(!brio_lock_locked(&lock)); /* while they wait */
    notify(0);
    settle();
    CHECK_TRACE("");
    notify(1);
    settle();
    CHECK_TRACE("a ");
    notify(1);
    settle();
    CHECK_TRACE("b ");
    notify(99);
    settle();
    CHECK_TRACE("c ");
    notify(1); /* nobody waits: it is not kept */
    brio_task *late = start(wait, a);
    CHECK_TRACE("");
    brio_task_cancel(late);
    settle();
    CHECK_TRACE("a! ");
    return 0;
}

TEST(condition_notifies_in_order)
{
    run_all_ways(order_main);
}

static int all_main(void *arg)
{
    (void)arg;
    start(wait, a);
    start(wait, b);
    CHECK_INT(brio_lock_acquire(&lock), 0);
    CHECK_INT(brio_condition_notify_all(&condition), 0);
    settle();
    CHECK_TRACE(""); /* each goes on when it has the lock */
    CHECK_INT(brio_lock_release(&lock), 0);
    settle();
    CHECK_INT(strlen(trace), 4);
    CHECK(!brio_lock_locked(&lock));
    trace[0] = '\0';
    return 0;
}

TEST(condition_notify_all_wakes_all_one_after_the_other)
{
    run_all_ways(all_main);
}

static int without_lock_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_condition_wait(&condition), -EPERM);
    CHECK_INT(brio_condition_wait_for(&condition, NULL, NULL), -EPERM);
    CHECK_INT(brio_condition_notify(&condition, 1), -EPERM);
    CHECK_INT(brio_condition_notify_all(&condition), -EPERM);
    CHECK(!brio_lock_locked(&lock));
    return 0;
}

TEST(condition_without_the_lock_is_refused)
{
    run_all_ways(without_lock_main);
}

/* ---- Predicates --------------------------------------------------------- */

static int level;

static bool high_enough(void *arg)
{
    CHECK(mine());
    return level >= *(int *)arg;
}

static int await_level(void *arg)
{
    CHECK_INT(brio_lock_acquire(&lock), 0);
    int rc = brio_condition_wait_for(&condition, high_enough, arg);
    CHECK(mine());
    say("%d%s at %d ", *(int *)arg, rc < 0 ? "!" : "", level);
    return brio_lock_release(&lock);
}

static void raise_level(void)
{
    BRIO_WITH_LOCK(&lock)
    {
        level++;
        CHECK_INT(brio_condition_notify_all(&condition), 0);
    }
    settle();
}

static int predicate_main(void *arg)
{
    static int one = 1, two = 2;
    (void)arg;
    level = 0;
    start(await_level, &two);
    start(await_level, &one);
    raise_level();
    CHECK_TRACE("1 at 1 ");
    start(await_level, &one); /* true already: does not wait */
    CHECK_TRACE("1 at 1 ");
    raise_level();
    CHECK_TRACE("2 at 2 ");
    CHECK(brio_waiters_none(&condition.waiters));
    return 0;
}

TEST(condition_wait_for_looks_again_after_each_wakeup)
{
    run_all_ways(predicate_main);
}

/* ---- Cancellation ------------------------------------------------------- */

static int cancel_main(void *arg)
{
    (void)arg;
    brio_task *first = start(wait, a);
    CHECK_INT(brio_lock_acquire(&lock), 0);
    brio_task_cancel(first);
    settle();
    CHECK_TRACE("");         /* it needs the lock to return */
    brio_task_cancel(first); /* and again, while it waits for that */
    settle();
    CHECK_TRACE("");
    CHECK_INT(brio_lock_release(&lock), 0);
    settle();
    CHECK_TRACE("a! ");
    CHECK(!brio_lock_locked(&lock));
    return 0;
}

TEST(condition_cancelled_returns_with_the_lock)
{
    run_all_ways(cancel_main);
}

static int wait_twice(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    CHECK_INT(brio_condition_wait(&condition), -ECANCELED);
    say("next:%d ", brio_cancel_point());
    return brio_lock_release(&lock);
}

static int absorbed_main(void *arg)
{
    (void)arg;
    brio_task *first = start(wait_twice, NULL);
    CHECK_INT(brio_lock_acquire(&lock), 0);
    brio_task_cancel(first);
    settle();
    brio_task_cancel(first);
    CHECK_INT(brio_lock_release(&lock), 0);
    settle();
    CHECK_TRACE("next:0 "); /* as asyncio's wait, it raises the last of them */
    return 0;
}

TEST(condition_cancelled_twice_tells_once)
{
    run_all_ways(absorbed_main);
}

static int pass_on_main(void *arg)
{
    (void)arg;
    brio_task *first = start(wait, a);
    start(wait, b);
    notify(1);
    brio_task_cancel(first); /* it has the notification */
    settle();
    CHECK_TRACE("a! b ");
    first = start(wait, a);
    start(wait, b);
    CHECK_INT(brio_lock_acquire(&lock), 0);
    CHECK_INT(brio_condition_notify(&condition, 1), 0);
    settle(); /* it waits for the lock now */
    brio_task_cancel(first);
    settle();
    CHECK_INT(brio_lock_release(&lock), 0);
    settle();
    CHECK_TRACE("a! b ");
    return 0;
}

TEST(condition_notification_of_a_cancelled_task_goes_to_the_next)
{
    run_all_ways(pass_on_main);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static int cancel_point_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_condition_wait(&condition), -ECANCELED);
        CHECK_INT(brio_condition_wait_for(&condition, always, NULL), -ECANCELED);
        CHECK(mine());
    }
    BRIO_SCOPE(late, .timeout = BRIO_MS(1))
    CHECK_INT(brio_condition_wait_for(&condition, never, NULL), -ECANCELED);
    CHECK(late.expired && mine());
    return brio_lock_release(&lock);
}

TEST(condition_wait_is_always_a_cancellation_point)
{
    run_all_ways(cancel_point_main);
}

static int two_main(void *arg)
{
    brio_condition twin;
    (void)arg;
    brio_condition_init(&twin, &lock);
    start(wait, a);
    CHECK_INT(brio_lock_acquire(&lock), 0);
    CHECK_INT(brio_condition_notify_all(&twin), 0);
    CHECK_INT(brio_lock_release(&lock), 0);
    settle();
    CHECK_TRACE(""); /* one lock, but not its condition */
    notify(1);
    settle();
    CHECK_TRACE("a ");
    return 0;
}

TEST(conditions_may_share_a_lock)
{
    run_all_ways(two_main);
}

/* ---- Any order ---------------------------------------------------------- */

enum { THINGS = 60 };

static int made, used, stock;
static bool closed;

static bool has_stock(void *arg)
{
    (void)arg;
    return stock > 0 || closed;
}

static int consume(void *arg)
{
    (void)arg;
    for (;;) {
        while (brio_lock_acquire(&lock) < 0)
            ;
        if (brio_condition_wait_for(&condition, has_stock, NULL) == 0) {
            CHECK(mine());
            if (stock > 0) {
                stock--;
                used++;
            } else {
                return brio_lock_release(&lock);
            }
        }
        CHECK_INT(brio_lock_release(&lock), 0);
    }
}

/* Each thing is told to one consumer only, so a lost notification is a hang. */
static int produce(void *arg)
{
    (void)arg;
    while (made < THINGS) {
        CHECK_INT(dawdle(), 0);
        BRIO_WITH_LOCK(&lock)
        {
            made++;
            stock++;
            CHECK_INT(brio_condition_notify(&condition, 1), 0);
        }
    }
    while (stock > 0)
        CHECK_INT(brio_sleep(BRIO_US(1)), 0);
    BRIO_WITH_LOCK(&lock)
    {
        closed = true;
        CHECK_INT(brio_condition_notify_all(&condition), 0);
    }
    return 0;
}

static int storm_main(void *arg)
{
    (void)arg;
    made = used = stock = 0;
    closed = false;
    brio_create_task(produce, NULL, NULL);
    storm(consume);
    CHECK_INT(used, THINGS);
    CHECK(!brio_lock_locked(&lock) && brio_waiters_none(&condition.waiters));
    return 0;
}

TEST(condition_loses_no_notification_in_a_storm_of_cancellations)
{
    run_all_ways(storm_main);
}
