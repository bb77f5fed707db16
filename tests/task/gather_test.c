/* SPDX-License-Identifier: MIT
 *
 * gather: order, results in place, failures, cancellation. */
#include "task/everywhere.h"

typedef struct job {
    const char *name;
    int nap; /* ticks */
    int result;
} job;

static int work(void *arg)
{
    const job *j = arg;
    say("+%s ", j->name);
    int rc = rest(j->nap);
    say("-%s ", j->name);
    return rc < 0 ? rc : j->result;
}

static int order_main(void *arg)
{
    job a = {"a", 6, 1}, b = {"b", 3, 2}, c = {"c", 9, 3};
    brio_call calls[] = {{work, &a, -1}, {work, &b, -1}, {work, &c, -1}};
    (void)arg;
    CHECK_INT(brio_gather_n(calls, 3), 0);
    CHECK_INT(calls[0].result, 1); /* in the order of the arguments, not of the ends */
    CHECK_INT(calls[1].result, 2);
    CHECK_INT(calls[2].result, 3);
    CHECK_TRACE("+a +b +c -b -a -c ");
    return 0;
}

TEST(gather_starts_in_order_and_keeps_results_in_place)
{
    run_everywhere(order_main);
}

static int list_main(void *arg)
{
    job a = {"a", 0, 1}, b = {"b", 0, -EIO};
    (void)arg;
    CHECK_INT(brio_gather({work, &a}, {work, &a}), 0);
    CHECK_INT(brio_gather({work, &a}, {work, &b}), -EIO);
    CHECK_INT(brio_gather_n(NULL, 0), 0);
    return 0;
}

TEST(gather_takes_a_fixed_list)
{
    run_thoroughly(list_main);
}

static int failures_main(void *arg)
{
    job late = {"a", 9, -EPIPE}, first = {"b", 3, -EIO}, good = {"c", 20, 7};
    brio_call calls[] = {{work, &late, 0}, {work, &first, 0}, {work, &good, 0}};
    (void)arg;
    CHECK_INT(brio_gather_n(calls, 3), -EIO); /* first in time */
    CHECK_INT(calls[0].result, -EPIPE);
    CHECK_INT(calls[1].result, -EIO);
    CHECK_INT(calls[2].result, 7); /* a failure does not cancel the others */
    return 0;
}

TEST(gather_gives_the_first_failure_after_all_ended)
{
    run_thoroughly(failures_main);
}

static int gather_long(void *arg)
{
    brio_call *calls = arg;
    int rc = brio_gather_n(calls, 2);
    say("gather:%d ", rc);
    return rc;
}

static int cancel_main(void *arg)
{
    job a = {"a", FOR_EVER, 0}, b = {"b", FOR_EVER, 0};
    brio_call calls[] = {{work, &a, 1}, {work, &b, 1}};
    (void)arg;
    brio_task *task = brio_create_task(gather_long, calls, NULL);
    CHECK_INT(rest(1), 0);
    brio_task_cancel(task);
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("+a +b -a -b gather:-125 ");
    CHECK_INT(calls[0].result, -ECANCELED);
    CHECK_INT(calls[1].result, -ECANCELED);
    return 0;
}

TEST(cancelling_gather_cancels_and_awaits_all)
{
    run_everywhere(cancel_main);
}

static int cancel_at_once_main(void *arg)
{
    job a = {"a", FOR_EVER, 0};
    brio_call calls[] = {{work, &a, 1}, {work, &a, 1}};
    (void)arg;
    brio_task_cancel(brio_current_task());
    CHECK_INT(brio_gather_n(calls, 2), -ECANCELED);
    CHECK_INT(calls[0].result, -ECANCELED);
    CHECK_TRACE(""); /* nothing ran */
    return brio_yield();
}

TEST(a_call_cancelled_before_it_ran_says_so)
{
    run_thoroughly(cancel_at_once_main);
}

static int cancel_itself(void *arg)
{
    (void)arg;
    brio_task_cancel(brio_current_task());
    return brio_yield();
}

static int cancelled_child_main(void *arg)
{
    job good = {"a", 2, 4};
    brio_call calls[] = {{cancel_itself, NULL, 0}, {work, &good, 0}};
    (void)arg;
    CHECK_INT(brio_gather_n(calls, 2), -ECANCELED);
    CHECK_INT(calls[0].result, -ECANCELED);
    CHECK_INT(calls[1].result, 4);
    return brio_yield(); /* the caller was not cancelled */
}

TEST(a_cancelled_call_counts_as_failed)
{
    run_thoroughly(cancelled_child_main);
}

static int square(void *arg)
{
    int *n = arg;
    int rc = brio_yield();
    *n *= *n;
    return rc;
}

static int fail_at_three(void *arg)
{
    return *(int *)arg == 3 ? brio_error(-EDOM, "three") : 0;
}

static int map_main(void *arg)
{
    int n[100];
    (void)arg;
    for (int i = 0; i < 100; i++)
        n[i] = i;
    CHECK_INT(brio_gather_map(fail_at_three, n, 100, sizeof(n[0])), -EDOM);
    CHECK_STR(brio_error_detail(), "three");
    CHECK_INT(brio_gather_map(square, n, 100, sizeof(n[0])), 0);
    for (int i = 0; i < 100; i++)
        CHECK_INT(n[i], i * i);
    CHECK_INT(brio_gather_map(square, NULL, 0, 4), 0);
    return 0;
}

TEST(gather_map_runs_one_function_over_an_array)
{
    run_thoroughly(map_main);
}

static int too_many_main(void *arg)
{
    brio_call calls[8];
    (void)arg;
    for (int i = 0; i < 8; i++)
        calls[i] = (brio_call){cancel_itself, NULL, 1};
    CHECK_INT(brio_gather_n(calls, 8), BRIO_EOVERLOAD);
    CHECK_INT(calls[0].result, -ECANCELED);
    CHECK_INT(calls[7].result, BRIO_EOVERLOAD);
    return 0;
}

TEST(gather_tells_which_calls_found_no_room)
{
    brio_loop_options loop = {.backend = BRIO_BACKEND_SIM};
    brio_run_options options = {.loop = &loop, .max_tasks = 5};
    CHECK_INT(brio_run(too_many_main, NULL, &options), 0);
}

static int chaos_main(void *arg)
{
    job jobs[] = {{"a", 0, 1}, {"b", 1, 2}, {"c", 1, 3}, {"d", 0, 4}};
    brio_call calls[4];
    (void)arg;
    for (int i = 0; i < 4; i++)
        calls[i] = (brio_call){work, &jobs[i], 0};
    CHECK_INT(brio_gather_n(calls, 4), 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(calls[i].result, i + 1);
    return 0;
}

TEST(gather_keeps_results_in_place_in_any_order)
{
    run_shuffled(chaos_main, 50);
}
