/* SPDX-License-Identifier: MIT
 *
 * Why a suspending call was cancelled: what kind, by whom, in which words. */
#include "task/everywhere.h"

static int sleep_and_tell(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    brio_cancel_reason r = brio_task_cancel_reason();
    CHECK_INT(rc, -ECANCELED);
    say("%s:%d by %d%s%s ", (const char *)arg, (int)r.kind, (int)r.by, r.why ? ": " : "",
        r.why ? r.why : "");
    return rc;
}

static char a[] = "a", b[] = "b";

static void settle(void)
{
    CHECK_INT(rest(1), 0);
}

static int none_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_task_cancel_reason().kind, BRIO_CANCEL_NONE);
    CHECK(brio_task_cancel_with(brio_current_task(), "never told"));
    CHECK_INT(brio_task_cancel_reason().kind, BRIO_CANCEL_NONE); /* not yet delivered */
    CHECK_INT(brio_task_uncancel(brio_current_task()), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_task_cancel_reason().kind, BRIO_CANCEL_NONE);
    return 0;
}

TEST(there_is_no_reason_before_a_cancellation_is_told)
{
    CHECK_INT(brio_task_cancel_reason().kind, BRIO_CANCEL_NONE); /* nor outside tasks */
    run_thoroughly(none_main);
}

static int request_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(sleep_and_tell, a, NULL);
    settle();
    CHECK(brio_task_cancel_with(task, "enough"));
    settle();
    CHECK_TRACE("a:1 by 1: enough ");
    task = brio_create_task(sleep_and_tell, a, NULL);
    settle();
    CHECK(brio_task_cancel(task));
    settle();
    CHECK_TRACE("a:1 by 1 ");
    return 0;
}

TEST(a_request_names_who_and_why)
{
    run_thoroughly(request_main);
}

static brio_task *victim;

static void cancel_victim(brio_callback *cb)
{
    (void)cb;
    CHECK(brio_task_cancel_with(victim, "called"));
}

static int callback_main(void *arg)
{
    brio_callback cb = {.fn = cancel_victim};
    (void)arg;
    victim = brio_create_task(sleep_and_tell, a, NULL);
    settle();
    brio_loop_call_soon(brio_loop_current(), &cb);
    settle();
    CHECK_TRACE("a:1 by 0: called ");
    return 0;
}

TEST(a_callback_is_nobody)
{
    run_thoroughly(callback_main);
}

static int scope_main(void *arg)
{
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(2))
    CHECK_INT(sleep_and_tell(a), -ECANCELED);
    CHECK_TRACE("a:3 by 0 "); /* the deadline */
    CHECK_INT(limit.why, BRIO_CANCEL_DEADLINE);
    BRIO_SCOPE(scope)
    {
        brio_scope_cancel(&scope);
        BRIO_SCOPE(inner)
        CHECK_INT(sleep_and_tell(b), -ECANCELED); /* the outer one explains it */
        CHECK_INT(inner.why, BRIO_CANCEL_NONE);
    }
    CHECK_TRACE("b:2 by 1 ");
    CHECK_INT(scope.why, BRIO_CANCEL_SCOPE);
    CHECK_INT((int)scope.by, 1);
    return 0;
}

TEST(a_scope_tells_its_kind)
{
    run_thoroughly(scope_main);
}

static int fail_soon(void *arg)
{
    int rc = rest(2);
    return rc < 0 ? rc : *(int *)arg;
}

static int group_main(void *arg)
{
    int error = -EIO, fine = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, sleep_and_tell, a);
        brio_spawn(&g, fail_soon, &error);
    }
    CHECK_TRACE("a:4 by 3 ");
    BRIO_GROUP(race, .policy = BRIO_RACE)
    {
        brio_spawn(&race, sleep_and_tell, a);
        brio_spawn(&race, fail_soon, &fine);
    }
    CHECK_TRACE("a:5 by 5 ");
    BRIO_GROUP(c)
    {
        brio_spawn(&c, sleep_and_tell, a);
        settle();
        brio_group_cancel(&c);
    }
    CHECK_TRACE("a:2 by 1 ");
    CHECK_INT(g.scope.why, BRIO_CANCEL_SIBLING);
    CHECK_INT(race.scope.why, BRIO_CANCEL_RACE);
    return 0;
}

TEST(siblings_know_who_failed_and_losers_who_won)
{
    run_thoroughly(group_main);
}

static int own_group(void *arg)
{
    BRIO_GROUP(g)
    brio_spawn(&g, sleep_and_tell, arg);
    CHECK_INT(g.scope.why, BRIO_CANCEL_REQUEST);
    return brio_cancel_point();
}

static int passed_on_main(void *arg)
{
    (void)arg;
    brio_task *owner = brio_create_task(own_group, a, NULL);
    settle();
    CHECK(brio_task_cancel_with(owner, "go home"));
    settle();
    CHECK_TRACE("a:1 by 1: go home ");
    return 0;
}

TEST(a_request_keeps_its_words_through_a_group)
{
    run_thoroughly(passed_on_main);
}

static int await_it(void *arg)
{
    int rc = brio_await(arg);
    say("and %d ", (int)brio_task_cancel_reason().kind);
    return rc;
}

static int handed_down_main(void *arg)
{
    (void)arg;
    brio_task *middle = brio_create_task(await_it, brio_create_task(sleep_and_tell, a, NULL), NULL);
    brio_task *outer = brio_create_task(await_it, middle, NULL);
    settle();
    CHECK(brio_task_cancel_with(outer, "down"));
    settle();
    CHECK_TRACE("a:1 by 1: down and 0 and 0 "); /* those in between were told nothing themselves */
    middle = brio_create_task(sleep_and_tell, b, NULL);
    settle(); /* before its first turn it would have nothing to tell */
    BRIO_SCOPE(limit, .timeout = BRIO_MS(2))
    (void)!brio_await(middle);
    CHECK_TRACE("b:3 by 0 ");
    return 0;
}

TEST(what_is_handed_down_an_await_keeps_its_reason)
{
    run_thoroughly(handed_down_main);
}

static int leave_running(void *arg)
{
    (void)arg;
    brio_create_task(sleep_and_tell, a, NULL);
    return rest(1);
}

TEST(at_the_end_of_the_run_the_reason_is_closing)
{
    for (int backend = BRIO_BACKEND_EPOLL; backend <= BRIO_BACKEND_SIM; backend++) {
        trace[0] = '\0';
        int rc = run_on((brio_backend)backend, leave_running, NULL);
        if (rc == -ENOSYS || rc == -EPERM)
            continue;
        CHECK_INT(rc, 0);
        CHECK_TRACE("a:6 by 0 ");
    }
}

/* ---- uncancel and cancelling -------------------------------------------- */

static int count_main(void *arg)
{
    brio_task *self = brio_current_task();
    (void)arg;
    CHECK_INT(brio_task_cancelling(self), 0);
    CHECK(brio_task_cancel(self));
    CHECK(brio_task_cancel(self));
    CHECK_INT(brio_task_cancelling(self), 2);
    CHECK_INT(brio_yield(), -ECANCELED);      /* told once */
    CHECK_INT(brio_task_cancelling(self), 2); /* swallowing does not count down */
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_task_uncancel(self), 1);
    CHECK_INT(brio_task_uncancel(self), 0);
    CHECK_INT(brio_task_uncancel(self), 0);
    CHECK_INT(brio_task_cancelling(self), 0);
    return brio_yield();
}

TEST(requests_are_counted_until_they_are_taken_back)
{
    run_thoroughly(count_main);
}

static int partly_main(void *arg)
{
    brio_task *self = brio_current_task();
    (void)arg;
    CHECK(brio_task_cancel(self));
    CHECK(brio_task_cancel(self));
    CHECK_INT(brio_task_uncancel(self), 1);
    CHECK_INT(brio_yield(), -ECANCELED); /* one is outstanding still */
    return brio_yield();
}

TEST(only_at_zero_is_a_cancellation_called_off)
{
    run_thoroughly(partly_main);
}

static int parked_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(sleep_and_tell, a, NULL);
    settle();
    CHECK(brio_task_cancel_with(task, "too late"));
    CHECK_INT(brio_task_uncancel(task), 0);
    settle();
    CHECK_TRACE("a:1 by 1: too late "); /* what it waited for had given up */
    return 0;
}

TEST(a_wait_interrupted_already_is_not_called_off)
{
    run_thoroughly(parked_main);
}
