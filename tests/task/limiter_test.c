/* SPDX-License-Identifier: MIT
 *
 * The capacity limiter: who has tokens, and a total that changes. */
#include "task/storm.h"

static brio_limiter limiter = BRIO_LIMITER_INIT(1);
static char a[] = "a", b[] = "b", c[] = "c";

static int take(void *arg)
{
    int rc = brio_limiter_acquire(&limiter);
    say("%s%s ", (const char *)arg, rc < 0 ? "!" : "");
    return rc;
}

static int take_and_give(void *arg)
{
    int rc = take(arg);
    return rc < 0 ? rc : brio_limiter_release(&limiter);
}

static int once_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_limiter_release(&limiter), -EPERM);
    CHECK_INT(brio_limiter_acquire(&limiter), 0);
    CHECK_INT(limiter.borrowed, 1);
    CHECK_INT(brio_limiter_acquire(&limiter), -EDEADLK);
    CHECK_INT(brio_limiter_try(&limiter), -EDEADLK);
    CHECK_INT(brio_limiter_release(&limiter), 0);
    CHECK_INT(brio_limiter_release(&limiter), -EPERM);
    CHECK_INT(brio_limiter_try(&limiter), 0);
    CHECK_INT(brio_limiter_release(&limiter), 0);
    brio_limiter none;
    brio_limiter_init(&none, 0);
    CHECK_INT(brio_limiter_try(&none), -EAGAIN);
    CHECK_INT(limiter.borrowed, 0);
    return 0;
}

TEST(limiter_lends_once_to_a_task)
{
    run_all_ways(once_main);
}

static int order_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_limiter_acquire(&limiter), 0);
    start(take_and_give, a);
    start(take_and_give, b);
    CHECK_INT(brio_limiter_release(&limiter), 0);
    CHECK_INT(brio_limiter_try(&limiter), -EAGAIN); /* it is a's: no barging */
    start(take_and_give, c);
    CHECK_TRACE("a b c ");
    CHECK_INT(limiter.borrowed, 0);
    return 0;
}

TEST(limiter_is_fifo)
{
    run_all_ways(order_main);
}

static int total_main(void *arg)
{
    (void)arg;
    brio_limiter_init(&limiter, 0);
    start(take_and_give, a);
    start(take, b);
    start(take, c);
    CHECK_TRACE("");
    brio_limiter_set_total(&limiter, 1);
    settle();
    CHECK_INT(limiter.borrowed, 0); /* b and c ended with theirs: taken back */
    CHECK_TRACE("a b c ");
    brio_limiter_set_total(&limiter, 2);
    CHECK_INT(brio_limiter_acquire(&limiter), 0);
    brio_limiter_set_total(&limiter, 0);
    CHECK_INT(limiter.borrowed, 1);
    brio_task *late = start(take_and_give, a);
    CHECK_INT(brio_limiter_release(&limiter), 0);
    settle();
    CHECK_TRACE(""); /* fewer takes effect as they come back */
    brio_task_cancel(late);
    settle();
    CHECK_TRACE("a! ");
    brio_limiter_set_total(&limiter, 1);
    return 0;
}

TEST(limiter_total_changes_either_way)
{
    brio_log_set_level(BRIO_LOG_ERROR); /* the forgetful are warned about */
    run_all_ways(total_main);
}

static int forget(void *arg)
{
    (void)arg;
    CHECK_INT(brio_limiter_acquire(&limiter), 0);
    brio_task_abandon(-EIO);
}

static int on_a_lent_arena(void *arg)
{
    (void)arg;
    return brio_limiter_acquire(&limiter);
}

static int forgotten_main(void *arg)
{
    brio_arena arena;
    (void)arg;
    brio_arena_init(&arena, 0);
    start(take, a);
    CHECK_INT(limiter.borrowed, 0);
    brio_task *lost = brio_create_task(forget, NULL, &(brio_task_options){.acquired = true});
    settle();
    CHECK_INT(limiter.borrowed, 0);
    CHECK_INT(brio_task_result(lost), -EIO);
    brio_task_release(lost);
    brio_create_task(on_a_lent_arena, NULL, &(brio_task_options){.arena = &arena});
    settle();
    CHECK_INT(limiter.borrowed, 0); /* with the task, not with the arena */
    brio_arena_fini(&arena);
    CHECK_TRACE("a ");
    return 0;
}

TEST(limiter_takes_back_from_a_task_that_ends)
{
    brio_log_set_level(BRIO_LOG_ERROR);
    run_all_ways(forgotten_main);
}

static int cancel_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_limiter_acquire(&limiter), 0);
    brio_task *first = start(take_and_give, a);
    start(take_and_give, b);
    CHECK_INT(brio_limiter_release(&limiter), 0);
    brio_task_cancel(first); /* after it was handed over */
    settle();
    CHECK_TRACE("a! b ");
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_limiter_acquire(&limiter), -ECANCELED);
    }
    CHECK_INT(limiter.borrowed, 0);
    return 0;
}

TEST(limiter_token_of_a_cancelled_task_goes_to_the_next)
{
    run_all_ways(cancel_main);
}

/* ---- Any order ---------------------------------------------------------- */

enum { TOKENS = 3 };

static size_t held, served;

static int use_token(void *arg)
{
    (void)arg;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        BRIO_WITH_TOKEN(&limiter)
        {
            CHECK(++held <= TOKENS);
            served++;
            (void)dawdle();
            held--;
        }
        (void)dawdle();
    }
    return 0;
}

static int storm_main(void *arg)
{
    (void)arg;
    held = served = 0;
    brio_limiter_init(&limiter, TOKENS);
    storm(use_token);
    CHECK(served > 0);
    CHECK_INT(limiter.borrowed, 0);
    brio_limiter_init(&limiter, 1);
    return 0;
}

TEST(limiter_loses_no_token_in_a_storm_of_cancellations)
{
    run_all_ways(storm_main);
}
