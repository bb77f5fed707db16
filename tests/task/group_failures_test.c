/* SPDX-License-Identifier: MIT
 *
 * What a group tells: its failures, COLLECT, errors beside cancellations. */
#include "task/everywhere.h"

#include <stdio.h>

typedef struct job {
    int nap; /* ticks */
    int result;
    const char *words;
} job;

static int work(void *arg)
{
    const job *j = arg;
    int rc = rest(j->nap);
    if (rc < 0)
        return rc;
    return j->words ? brio_error(j->result, "%s", j->words) : j->result;
}

static void spawn(brio_group *g, job *j, const char *name)
{
    CHECK(brio_spawn_with(g, work, j, &(brio_task_options){.name = name}));
}

/* ---- The list ----------------------------------------------------------- */

static int list_main(void *arg)
{
    job late = {9, -EPIPE, NULL}, first = {3, -EIO, "worn out"}, good = {5, 7, NULL};
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        spawn(&g, &late, "late");
        spawn(&g, &first, "first");
        spawn(&g, &good, "good");
    }
    CHECK_INT(g.err, -EIO);
    CHECK_INT((int)g.failed, 2);
    CHECK_INT((int)g.done, 3);
    CHECK_STR(brio_str_from(g.failures[0].name), "first"); /* in order of time */
    CHECK_INT(g.failures[0].err, -EIO);
    CHECK_STR(g.failures[0].detail, "worn out");
    CHECK_STR(brio_str_from(g.failures[1].name), "late");
    CHECK_INT(g.failures[1].err, -EPIPE);
    CHECK_INT((int)g.failures[1].detail.len, 0);
    CHECK(g.failures[0].id > g.failures[1].id);
    CHECK_STR(brio_error_detail(), "worn out"); /* and the caller's */
    return 0;
}

TEST(failures_are_listed_in_order_of_time)
{
    run_thoroughly(list_main);
}

static int side_by_side_main(void *arg)
{
    job one = {0, -EIO, "one"}, two = {0, -EPIPE, "two"};
    (void)arg;
    BRIO_GROUP(a, .policy = BRIO_COLLECT)
    spawn(&a, &one, "one");
    BRIO_GROUP(b, .policy = BRIO_COLLECT)
    spawn(&b, &two, "two");
    CHECK_STR(a.failures[0].detail, "one"); /* b's are elsewhere */
    CHECK_STR(b.failures[0].detail, "two");
    return 0;
}

TEST(failures_of_two_groups_can_be_compared)
{
    run_thoroughly(side_by_side_main);
}

static int for_ever_main(void *arg)
{
    job bad = {0, -EIO, "a few words each time, of which a thousand would fill the arena"};
    (void)arg;
    for (int i = 0; i < 1000; i++) {
        BRIO_GROUP(g, .policy = BRIO_COLLECT)
        for (int j = 0; j < 3; j++)
            spawn(&g, &bad, "bad");
        CHECK_INT((int)g.failed, 3);
        CHECK(g.failures[2].detail.len > 0);
    }
    return 1; /* an abandoned task would not */
}

TEST(failing_groups_in_a_loop_need_no_more_memory)
{
    brio_loop_options loop = {.backend = BRIO_BACKEND_SIM};
    brio_run_options options = {.loop = &loop, .arena_limit = 32 * 1024};
    CHECK_INT(brio_run(for_ever_main, NULL, &options), 1);
}

static int none_main(void *arg)
{
    job good = {0, 0, NULL}, slow = {FOR_EVER, 0, NULL};
    (void)arg;
    BRIO_GROUP(g)
    {
        spawn(&g, &good, "good");
        CHECK(brio_task_cancel(brio_spawn(&g, work, &slow)));
    }
    CHECK_INT(g.err, 0);
    CHECK_INT((int)g.failed, 0);
    CHECK_INT((int)g.done, 2); /* a cancelled task is done, not failed */
    CHECK(!g.failures);
    return 0;
}

TEST(without_failures_there_is_no_list)
{
    run_thoroughly(none_main);
}

static int many_main(void *arg)
{
    job jobs[BRIO_FAILURES_MAX + 9];
    (void)arg;
    for (int discard = 0; discard < 2; discard++) {
        BRIO_GROUP(g, .policy = BRIO_COLLECT, .discard = discard)
        for (int i = 0; i < BRIO_FAILURES_MAX + 9; i++) {
            jobs[i] = (job){1 + i, -1 - i, "many"};
            spawn(&g, &jobs[i], "one of many");
        }
        CHECK_INT((int)g.failed, BRIO_FAILURES_MAX + 9);
        for (int i = 0; i < BRIO_FAILURES_MAX; i++)
            CHECK_INT(g.failures[i].err, -1 - i);
    }
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(the_first_sixteen_are_kept)
{
    run_thoroughly(many_main);
}

static int outlive(const brio_failure **ret)
{
    char words[] = "on a frame that ends";
    job bad = {0, -EIO, words};
    BRIO_GROUP(g)
    brio_spawn(&g, work, &bad);
    *ret = g.failures;
    memset(words, 'x', sizeof(words) - 1);
    return g.err;
}

static int copies_main(void *arg)
{
    const brio_failure *failures = NULL;
    (void)arg;
    CHECK_INT(outlive(&failures), -EIO);
    CHECK_STR(failures[0].detail, "on a frame that ends");
    return 0;
}

TEST(the_list_lives_as_long_as_the_task)
{
    run_thoroughly(copies_main);
}

/* ---- COLLECT ------------------------------------------------------------ */

static int collect_main(void *arg)
{
    job bad = {1, -EIO, "bad"}, good = {5, 7, NULL};
    int rc = 1;
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_COLLECT)
    {
        spawn(&g, &bad, "bad");
        spawn(&g, &good, "good");
        rc = rest(3); /* nobody is cancelled */
    }
    CHECK_INT(rc, 0);
    CHECK_INT(g.err, 0); /* failures are data */
    CHECK_INT((int)g.failed, 1);
    CHECK_STR(g.failures[0].detail, "bad");
    CHECK_INT((int)brio_error_detail().len, 0);
    return 0;
}

TEST(a_collecting_group_succeeds_with_failures)
{
    run_thoroughly(collect_main);
}

static int race_main(void *arg)
{
    job bad = {1, -EIO, "bad"}, good = {3, 7, NULL};
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_RACE)
    {
        spawn(&g, &bad, "bad");
        spawn(&g, &good, "good");
    }
    CHECK_INT(g.err, 0);
    CHECK_INT((int)g.failed, 1);
    CHECK_INT(g.failures[0].err, -EIO); /* who lost before somebody won */
    CHECK_INT((int)brio_error_detail().len, 0);
    return 0;
}

TEST(a_race_lists_who_failed_before_the_winner)
{
    run_thoroughly(race_main);
}

/* ---- Errors and cancellations ------------------------------------------- */

static int fail_when_cancelled(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(1000)) < 0 ? -EIO : 0;
}

static int own_failing_group(void *arg)
{
    brio_group g;
    (void)arg;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.none = true}));
    brio_spawn(&g, fail_when_cancelled, NULL);
    int rc = brio_group_leave(&g);
    say("%d then %d cancelling %d ", rc, brio_yield(), brio_task_cancelling(brio_current_task()));
    say("and %d ", brio_yield());
    return 0;
}

static int both_main(void *arg)
{
    (void)arg;
    brio_task *owner = brio_create_task(own_failing_group, NULL, NULL);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(owner));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("-5 then -125 cancelling 1 and 0 ");
    return 0;
}

TEST(errors_win_over_an_outer_cancel_which_is_told_next)
{
    run_thoroughly(both_main);
}

static int own_group_and_sleep(void *arg)
{
    brio_group g;
    (void)arg;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.none = true}));
    brio_spawn(&g, fail_when_cancelled, NULL);
    say("%d ", brio_sleep(BRIO_SEC(1000))); /* told in the block */
    say("%d ", brio_group_leave(&g));
    say("%d ", brio_yield()); /* and again, for the error hid it */
    return 0;
}

static int in_block_main(void *arg)
{
    (void)arg;
    brio_task *owner = brio_create_task(own_group_and_sleep, NULL, NULL);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(owner));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("-125 -5 -125 ");
    return 0;
}

TEST(also_when_the_body_had_heard_of_it)
{
    run_thoroughly(in_block_main);
}

static int quiet_group(void *arg)
{
    brio_group g;
    job slow = {FOR_EVER, 0, NULL};
    (void)arg;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.none = true}));
    brio_spawn(&g, work, &slow);
    say("%d ", brio_group_leave(&g));
    say("%d ", brio_yield());
    return 0;
}

static int reraised_main(void *arg)
{
    (void)arg;
    brio_task *owner = brio_create_task(quiet_group, NULL, NULL);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(owner));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("-125 0 ");
    return 0;
}

TEST(without_errors_the_outer_cancel_is_the_result)
{
    run_thoroughly(reraised_main);
}

static int clean_up_in_scope(void *arg)
{
    int rc = 0;
    BRIO_SCOPE(limit, .timeout = BRIO_SEC(2000))
    rc = brio_sleep(BRIO_SEC(1000));
    say("%s ", (const char *)arg);
    return rc;
}

static int clean_up(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%s ", (const char *)arg);
    return rc;
}

static int order_main(void *arg)
{
    static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";
    job bad = {1, -EIO, NULL};
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, clean_up, a);
        brio_spawn(&g, clean_up_in_scope, c);
        brio_spawn(&g, clean_up, b);
        brio_spawn(&g, clean_up_in_scope, d);
        spawn(&g, &bad, "bad");
        (void)!brio_sleep(BRIO_SEC(1000));
        say("body ");
    }
    CHECK_TRACE("a c b d body "); /* in order, whatever scope they are in; then the body */
    return g.err == -EIO ? 0 : -EINVAL;
}

TEST(siblings_are_cancelled_in_order_and_before_the_body)
{
    run_everywhere(order_main);
}

static int swallow(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(1000)) == -ECANCELED ? 3 : 4;
}

static int await_in_group(void *arg)
{
    job good = {5, 0, NULL};
    (void)arg;
    BRIO_GROUP(g)
    {
        spawn(&g, &good, "good");
        say("await:%d ", brio_await(brio_create_task(swallow, NULL, NULL)));
    }
    say("group:%d done:%d cancelled:%d ", g.err, (int)g.done, g.scope.cancelled);
    return brio_yield();
}

static int used_up_main(void *arg)
{
    brio_task_options options = {.acquired = true};
    (void)arg;
    brio_task *owner = brio_create_task(await_in_group, NULL, &options);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(owner));
    CHECK_INT(brio_join(owner, NULL), 0);
    CHECK_INT(brio_task_result(owner), 0);
    CHECK_TRACE("await:3 group:0 done:1 cancelled:0 ");
    brio_task_release(owner);
    return 0;
}

TEST(a_request_used_up_by_an_await_leaves_the_group_alone)
{
    run_thoroughly(used_up_main);
}

static int after_abort_main(void *arg)
{
    job bad = {0, -EIO, NULL}, good = {0, 0, NULL};
    (void)arg;
    BRIO_GROUP(g)
    {
        spawn(&g, &bad, "bad");
        CHECK_INT(rest(1), -ECANCELED);
        CHECK(!brio_spawn(&g, work, &good)); /* it is aborting */
    }
    CHECK_INT(g.err, -EIO);
    CHECK_INT((int)g.done, 1);
    return 0;
}

TEST(spawning_into_an_aborting_group_is_an_error)
{
    run_thoroughly(after_abort_main);
}

typedef struct parent {
    brio_group *group;
    job *job;
} parent;

static int spawn_sibling(void *arg)
{
    const parent *p = arg;
    int rc = rest(1);
    return rc < 0 ? rc : brio_spawn(p->group, work, p->job) ? 0 : -EINVAL;
}

static int children_main(void *arg)
{
    job good = {5, 0, NULL};
    (void)arg;
    BRIO_GROUP(g)
    {
        parent p = {&g, &good};
        brio_spawn(&g, spawn_sibling, &p);
        brio_spawn(&g, spawn_sibling, &p);
        CHECK_INT(rest(2), 0);
    }
    CHECK_INT((int)g.done, 4);
    return g.err;
}

TEST(children_may_spawn_siblings)
{
    run_thoroughly(children_main);
}

static int abandon_with_failures(void *arg)
{
    job bad = {0, -EIO, "bad"};
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_spawn(&g, work, &bad);
        CHECK_INT(rest(1), 0);
        brio_task_abandon(-EDOM);
    }
    return 0;
}

static int abandon_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_await(brio_create_task(abandon_with_failures, NULL, NULL)), -EDOM);
    return 0;
}

TEST(abandoning_forgets_the_failures)
{
    run_thoroughly(abandon_main);
}

/* ---- gather with errors as data ----------------------------------------- */

static int results_main(void *arg)
{
    job bad = {1, -EIO, NULL}, good = {3, 7, NULL};
    brio_call calls[] = {BRIO_CALL(work, &bad), BRIO_CALL(work, &good), BRIO_CALL(work, &bad)};
    (void)arg;
    CHECK_INT(brio_gather_results(calls, 3), 0);
    CHECK_INT(calls[0].result, -EIO);
    CHECK_INT(calls[1].result, 7);
    CHECK_INT(calls[2].result, -EIO);
    CHECK_INT(brio_gather_results(NULL, 0), 0);
    return brio_yield();
}

TEST(gather_results_takes_errors_as_data)
{
    run_thoroughly(results_main);
}

static int gather_long(void *arg)
{
    brio_call *calls = arg;
    int rc = brio_gather_results(calls, 2);
    say("%d ", rc);
    return rc;
}

static int cancel_results_main(void *arg)
{
    job slow = {FOR_EVER, 0, NULL}, bad = {0, -EIO, NULL};
    brio_call calls[] = {BRIO_CALL(work, &slow), BRIO_CALL(work, &bad)};
    (void)arg;
    brio_task *task = brio_create_task(gather_long, calls, NULL);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(task));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("-125 "); /* an outer cancel is a cancel still */
    CHECK_INT(calls[0].result, -ECANCELED);
    CHECK_INT(calls[1].result, -EIO);
    return 0;
}

TEST(an_outer_cancel_of_gather_results_is_a_cancel)
{
    run_thoroughly(cancel_results_main);
}

static int crowded_main(void *arg)
{
    job good = {0, 7, NULL};
    brio_call calls[4];
    (void)arg;
    for (int i = 0; i < 4; i++)
        calls[i] = (brio_call)BRIO_CALL(work, &good);
    CHECK_INT(brio_gather_results(calls, 4), 0);
    CHECK_INT(calls[0].result, 7);
    CHECK_INT(calls[3].result, BRIO_EOVERLOAD);
    return 0;
}

TEST(what_finds_no_room_says_so_in_its_place)
{
    brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    CHECK_INT(brio_run(crowded_main, NULL, &(brio_run_options){.loop = &sim, .max_tasks = 3}), 0);
}

/* ---- Too late for the race ---------------------------------------------- */

static int late_runner_main(void *arg)
{
    job winner = {0, 5, NULL}, late = {0, 0, NULL};
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_RACE)
    {
        spawn(&g, &winner, "winner");
        while (!g.scope.cancelled)
            if (brio_yield() < 0)
                break;
        CHECK(!brio_spawn(&g, work, &late));
    }
    CHECK_INT(g.err, 0); /* the race was won, not lost */
    return 0;
}

TEST(a_race_that_is_won_takes_no_more_runners)
{
    run_thoroughly(late_runner_main);
}
