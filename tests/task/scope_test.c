/* SPDX-License-Identifier: MIT
 *
 * Cancel scopes and deadlines: level-triggered, nested, shielded, inherited. */
#include "task/everywhere.h"

static int level_main(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(20))
    {
        CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
        CHECK(limit.expired && limit.cancelled);
        CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED); /* every call, until it ends */
        CHECK_INT(brio_yield(), -ECANCELED);
        CHECK_INT(brio_checkpoint(), -ECANCELED);
        CHECK_INT(brio_cancel_point(), -ECANCELED);
    }
    CHECK_INT(brio_yield(), 0);
    CHECK(brio_now() - begin >= BRIO_MS(20));
    return 0;
}

TEST(a_timeout_fails_every_call_inside)
{
    run_thoroughly(level_main);
}

static int exact_main(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    BRIO_SCOPE(both, .timeout = BRIO_MS(20), .deadline = begin + BRIO_MS(10))
    CHECK_INT(brio_sleep(BRIO_SEC(1)), -ECANCELED);
    CHECK(brio_now() - begin == BRIO_MS(10));
    BRIO_SCOPE(other, .timeout = BRIO_MS(20), .deadline = begin + BRIO_SEC(10))
    CHECK_INT(brio_sleep(BRIO_SEC(1)), -ECANCELED);
    CHECK(brio_now() - begin == BRIO_MS(30));
    BRIO_SCOPE(in_time, .timeout = BRIO_MS(20))
    CHECK_INT(brio_sleep(BRIO_MS(20) - 1), 0);
    CHECK(!in_time.expired && !in_time.cancelled);
    BRIO_SCOPE(never, .deadline = BRIO_NEVER)
    CHECK_INT(brio_sleep(BRIO_SEC(1000)), 0);
    CHECK(both.expired && other.expired && !never.expired);
    return 0;
}

TEST(the_earlier_of_timeout_and_deadline_counts)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, exact_main, NULL), 0);
}

static int past_main(void *arg)
{
    brio_semaphore sem;
    (void)arg;
    brio_semaphore_init(&sem, 1);
    BRIO_SCOPE(late, .deadline = brio_now() - 1)
    {
        CHECK(!late.expired); /* not before the next suspending call */
        CHECK(brio_semaphore_try(&sem));
        CHECK(!late.expired);
        CHECK_INT(brio_yield(), -ECANCELED);
        CHECK(late.expired);
    }
    BRIO_SCOPE(unused, .deadline = 1)
    CHECK(brio_now() > 0);
    CHECK(!unused.expired);
    CHECK_INT(brio_yield(), 0);
    return 0;
}

TEST(a_deadline_in_the_past_fires_at_the_next_checkpoint)
{
    run_thoroughly(past_main);
}

static int nested_main(void *arg)
{
    (void)arg;
    int rc = 1;
    BRIO_SCOPE(outer, .timeout = BRIO_MS(10))
    {
        BRIO_SCOPE(inner, .timeout = BRIO_SEC(1000))
        rc = brio_sleep(BRIO_SEC(2000));
        CHECK_INT(rc, -ECANCELED);
        CHECK(!inner.cancelled && !inner.expired);
        CHECK_INT(brio_yield(), -ECANCELED);
    }
    CHECK(outer.expired);
    BRIO_SCOPE(wide, .timeout = BRIO_SEC(1000))
    {
        BRIO_SCOPE(narrow, .timeout = BRIO_MS(10))
        rc = brio_sleep(BRIO_SEC(2000));
        CHECK(narrow.expired);
        CHECK_INT(rc, -ECANCELED);
        CHECK_INT(brio_yield(), 0);
    }
    CHECK(!wide.expired);
    return 0;
}

TEST(scopes_nest)
{
    run_thoroughly(nested_main);
}

static int shield_main(void *arg)
{
    (void)arg;
    BRIO_SCOPE(outer)
    {
        brio_scope_cancel(&outer);
        CHECK_INT(brio_yield(), -ECANCELED);
        BRIO_SCOPE(shield, .shield = true, .timeout = BRIO_SEC(500))
        {
            CHECK_INT(brio_sleep(BRIO_MS(1)), 0); /* graceful shutdown is possible */
            brio_scope_reschedule(&shield, brio_in(BRIO_MS(1)));
            CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
            CHECK(shield.expired); /* and it has a deadline of its own */
        }
        CHECK_INT(brio_yield(), -ECANCELED);
    }
    CHECK(!outer.expired && outer.cancelled);
    return 0;
}

TEST(a_shield_keeps_outer_cancellation_out)
{
    run_thoroughly(shield_main);
}

static int cancel_scope(void *arg)
{
    brio_scope_cancel(arg);
    return 0;
}

static int cancel_from_outside_main(void *arg)
{
    (void)arg;
    BRIO_SCOPE(outer)
    {
        brio_create_task(cancel_scope, &outer, NULL);
        BRIO_SCOPE(shield, .shield = true)
        CHECK_INT(brio_sleep(BRIO_MS(5)), 0); /* cancelled meanwhile, not reached */
        CHECK(outer.cancelled);
        CHECK_INT(brio_sleep(BRIO_MS(5)), -ECANCELED);
    }
    BRIO_SCOPE(other)
    {
        brio_create_task(cancel_scope, &other, NULL);
        CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
        brio_scope_cancel(&other); /* harmless */
    }
    return 0;
}

TEST(a_scope_is_cancelled_from_another_task)
{
    run_thoroughly(cancel_from_outside_main);
}

static int cancel_before_enter_main(void *arg)
{
    brio_scope scope = {.cancelled = false};
    (void)arg;
    brio_scope_cancel(&scope);
    CHECK(brio_scope_enter(&scope) == &scope);
    CHECK_INT(brio_yield(), -ECANCELED);
    brio_scope_leave(&scope);
    return brio_yield();
}

TEST(cancelled_before_it_is_entered_a_scope_is_cancelled)
{
    run_thoroughly(cancel_before_enter_main);
}

static int reschedule_main(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(10))
    {
        brio_scope_reschedule(&limit, begin + BRIO_MS(30));
        CHECK_INT(brio_sleep(BRIO_MS(20)), 0);
        brio_scope_reschedule(&limit, 0);
        CHECK_INT(brio_sleep(BRIO_MS(20)), 0);
        brio_scope_reschedule(&limit, BRIO_NEVER);
        CHECK_INT(brio_sleep(BRIO_MS(20)), 0);
        brio_scope_reschedule(&limit, begin);
        CHECK(!limit.expired);
        CHECK_INT(brio_yield(), -ECANCELED);
        brio_scope_reschedule(&limit, BRIO_NEVER); /* too late */
        CHECK_INT(brio_yield(), -ECANCELED);
    }
    CHECK(limit.expired);
    return 0;
}

TEST(a_deadline_can_be_moved)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, reschedule_main, NULL), 0);
}

static int reuse_main(void *arg)
{
    brio_scope scope = {.timeout = BRIO_MS(10)};
    (void)arg;
    for (int i = 0; i < 3; i++) {
        brio_scope_enter(brio_scope_set(&scope, (brio_scope_options){.timeout = BRIO_MS(10)}));
        CHECK_INT(brio_sleep(BRIO_MS(5)), 0);
        CHECK_INT(brio_sleep(BRIO_MS(6)), -ECANCELED);
        brio_scope_leave(&scope);
        CHECK(scope.expired);
    }
    return 0;
}

TEST(a_scope_struct_can_be_used_again)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, reuse_main, NULL), 0);
}

static int leave_with_break_and_return(void)
{
    BRIO_SCOPE(first)
    {
        break;
    }
    BRIO_SCOPE(second)
    {
        brio_scope_cancel(&second);
        return brio_yield();
    }
    return 0;
}

static int ways_out_main(void *arg)
{
    (void)arg;
    CHECK_INT(leave_with_break_and_return(), -ECANCELED);
    return brio_yield();
}

TEST(a_scope_ends_however_its_block_is_left)
{
    run_thoroughly(ways_out_main);
}

/* ---- Inheritance -------------------------------------------------------- */

static int sleep_long(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%s:%d ", (const char *)arg, rc);
    return rc;
}

static char a[] = "a", b[] = "b";

static int inherit_main(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(10))
    {
        BRIO_GROUP(g)
        {
            brio_spawn(&g, sleep_long, a);
            BRIO_GROUP(inner)
            brio_spawn(&inner, sleep_long, b);
        }
        CHECK(!g.scope.cancelled || g.scope.reached);
    }
    CHECK(limit.expired);
    CHECK(brio_now() - begin == BRIO_MS(10));
    CHECK_TRACE("a:-125 b:-125 ");
    return 0;
}

TEST(deadlines_are_inherited_through_groups)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1, .fifo = true}, inherit_main, NULL), 0);
}

static int spawn_inside_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        BRIO_SCOPE(limit, .timeout = BRIO_MS(5))
        {
            brio_spawn(&g, sleep_long, a); /* belongs to the group's scope, not to this one */
            CHECK_INT(brio_sleep(BRIO_MS(50)), -ECANCELED);
        }
        CHECK_INT(brio_sleep(BRIO_MS(50)), 0);
        CHECK_TRACE("");
        brio_group_cancel(&g);
    }
    CHECK_TRACE("a:-125 ");
    return 0;
}

TEST(a_child_inherits_what_was_open_where_the_group_was_opened)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, spawn_inside_main, NULL), 0);
}

static int shielded_group_main(void *arg)
{
    (void)arg;
    BRIO_SCOPE(outer)
    {
        BRIO_GROUP(g, .scope.shield = true, .scope.timeout = BRIO_MS(10))
        {
            brio_spawn(&g, sleep_long, a);
            brio_scope_cancel(&outer);
            CHECK_INT(brio_sleep(BRIO_MS(5)), 0);
            CHECK_TRACE("");
        }
        CHECK(g.scope.expired);
        CHECK_TRACE("a:-125 ");
        CHECK_INT(brio_yield(), -ECANCELED);
    }
    return 0;
}

TEST(a_group_can_be_a_shield_with_a_deadline)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, shielded_group_main, NULL), 0);
}

/* A chain of tasks, each waiting in a group for the next. */
static int chain(void *arg)
{
    int left = *(int *)arg - 1;
    if (left == 0)
        return brio_sleep(BRIO_SEC(1000));
    BRIO_GROUP(g)
    brio_spawn(&g, chain, &left);
    return g.err ? g.err : brio_cancel_point();
}

static int deep_tree_main(void *arg)
{
    int depth = *(int *)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(10))
    {
        BRIO_GROUP(g)
        brio_spawn(&g, chain, &depth);
    }
    CHECK(limit.expired);
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(cancelling_a_deep_tree_needs_no_stack)
{
#ifdef __SANITIZE_THREAD__
    int depth = 500;
#else
    int depth = 5000;
#endif
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, deep_tree_main, &depth), 0);
}

/* ---- Edge and level together -------------------------------------------- */

static int edge_in_scope(void *arg)
{
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(10))
    {
        CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED); /* by the deadline */
        CHECK(limit.expired);
        CHECK(brio_task_cancel(brio_current_task()));
        CHECK_INT(brio_yield(), -ECANCELED); /* the scope explains it */
    }
    CHECK_INT(brio_yield(), -ECANCELED); /* so the request is still to be told */
    CHECK_INT(brio_yield(), 0);
    return 0;
}

TEST(a_timeout_does_not_swallow_a_cancellation)
{
    run_thoroughly(edge_in_scope);
}

static bool others_ran;

static int mark(void *arg)
{
    (void)arg;
    others_ran = true;
    return 0;
}

static int deaf_main(void *arg)
{
    (void)arg;
    others_ran = false;
    brio_create_task(mark, NULL, NULL);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        while (!others_ran) /* a loop that ignores its cancellation */
            (void)!brio_sleep(BRIO_SEC(1));
    }
    return 0;
}

TEST(a_task_that_ignores_cancellation_does_not_hold_the_loop)
{
    run_thoroughly(deaf_main);
}

/* ---- wait_for ----------------------------------------------------------- */

static int nap(void *arg)
{
    int rc = brio_sleep(*(brio_time *)arg);
    return rc < 0 ? rc : 9;
}

static int swallow(void *arg)
{
    (void)!brio_sleep(*(brio_time *)arg);
    return 11;
}

static int fail_in_cleanup(void *arg)
{
    return brio_sleep(*(brio_time *)arg) < 0 ? -EIO : 0;
}

static int nested_wait_for(void *arg)
{
    return brio_wait_for(nap, arg, BRIO_SEC(500));
}

static int quick(void *arg)
{
    (void)arg;
    return 3;
}

static int wait_for_main(void *arg)
{
    brio_time short_nap = BRIO_MS(1), long_nap = BRIO_SEC(1000);
    (void)arg;
    CHECK_INT(brio_wait_for(nap, &short_nap, BRIO_SEC(1000)), 9);
    CHECK_INT(brio_wait_for(nap, &long_nap, BRIO_MS(2)), -ETIMEDOUT);
    CHECK_INT(brio_wait_for(swallow, &long_nap, BRIO_MS(2)), 11);
    CHECK_INT(brio_wait_for(fail_in_cleanup, &long_nap, BRIO_MS(2)), -EIO);
    CHECK_INT(brio_wait_for(nested_wait_for, &long_nap, BRIO_MS(2)), -ETIMEDOUT);
    CHECK_INT(brio_wait_for(nap, &short_nap, 0), -ETIMEDOUT);
    CHECK_INT(brio_wait_for(nap, &short_nap, -5), -ETIMEDOUT);
    CHECK_INT(brio_wait_for(quick, NULL, 0), 3); /* it did not suspend */
    CHECK_INT(brio_wait_for(nap, &short_nap, BRIO_NEVER), 9);
    return brio_yield();
}

TEST(wait_for_gives_result_or_timeout)
{
    run_thoroughly(wait_for_main);
}

static int wait_and_be_cancelled(void *arg)
{
    brio_time long_nap = BRIO_SEC(1000);
    (void)arg;
    int rc = brio_wait_for(nap, &long_nap, BRIO_SEC(10));
    say("%d ", rc);
    return rc;
}

static int cancelled_wait_for_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(wait_and_be_cancelled, NULL, NULL);
    CHECK_INT(brio_yield(), 0);
    brio_task_cancel(task);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("-125 ");
    return 0;
}

TEST(a_cancelled_wait_for_is_no_timeout)
{
    run_everywhere(cancelled_wait_for_main);
}

/* ---- Timeouts in each other, and beside cancellations ------------------- */

static int inner_wait_for(void *arg)
{
    int rc = brio_wait_for(nap, arg, BRIO_MS(5));
    say("inner:%s ", brio_error_name(rc));
    return rc;
}

static int both_expired_main(void *arg)
{
    brio_time long_nap = BRIO_SEC(1000);
    (void)arg;
    CHECK_INT(brio_wait_for(inner_wait_for, &long_nap, BRIO_MS(5)), -ETIMEDOUT);
    CHECK_TRACE("inner:ECANCELED "); /* the outermost that expired is the timeout */
    CHECK_INT(brio_wait_for(inner_wait_for, &long_nap, BRIO_SEC(5)), -ETIMEDOUT);
    CHECK_TRACE("inner:ETIMEDOUT ");
    return brio_yield();
}

TEST(of_nested_timeouts_the_outermost_expired_counts)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1, .seeds = 200}, both_expired_main, NULL), 0);
}

static int cancelled_at_deadline(void *arg)
{
    brio_time long_nap = BRIO_SEC(1000);
    (void)arg;
    int rc = brio_wait_for(nap, &long_nap, BRIO_MS(5));
    say("%s ", brio_error_name(rc));
    return rc;
}

static int same_time_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(cancelled_at_deadline, NULL, NULL);
    CHECK_INT(brio_sleep_until(brio_now() + BRIO_MS(5)), 0);
    CHECK(brio_task_cancel(task)); /* both in one turn: the deadline swallows nothing */
    CHECK_INT(brio_sleep(BRIO_MS(1)), 0);
    CHECK_TRACE("ECANCELED ");
    return 0;
}

TEST(a_timeout_converts_only_its_own_cancellation)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1, .fifo = true}, same_time_main, NULL), 0);
}

static int in_shield(const brio_scope *outer)
{
    int rc = 0;
    BRIO_SCOPE(shield, .shield = true, .timeout = BRIO_MS(20))
    {
        CHECK_INT(brio_sleep(BRIO_MS(10)), 0); /* the outer deadline passes unheard */
        CHECK(outer->expired && !shield.expired);
        BRIO_SCOPE(inner, .timeout = BRIO_MS(5))
        rc = brio_sleep(BRIO_SEC(1));
        CHECK(inner.expired && !shield.expired);
        CHECK_INT(rc, -ECANCELED);
        CHECK_INT(brio_sleep(BRIO_SEC(1)), -ECANCELED);
    }
    return shield.expired;
}

static int shield_deadline_main(void *arg)
{
    (void)arg;
    BRIO_SCOPE(outer, .timeout = BRIO_MS(5))
    CHECK(in_shield(&outer));
    return brio_yield();
}

TEST(deadlines_work_inside_a_shield)
{
    run_shuffled(shield_deadline_main, 200);
}
