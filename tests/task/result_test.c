/* SPDX-License-Identifier: MIT
 *
 * How a task ended: kept while it is held, reported once if nobody looks. */
#include "task/reporting.h"

static int answer(void *arg)
{
    (void)arg;
    int rc = rest(1);
    return rc < 0 ? rc : 42;
}

static int fail(void *arg)
{
    int rc = rest(1);
    return rc < 0 ? rc : brio_error(-EIO, "no %s", (const char *)arg);
}

static char luck[] = "luck";

static brio_task *hold(brio_task_fn *fn, const char *name)
{
    return brio_create_task(fn, luck, &(brio_task_options){.acquired = true, .name = name});
}

/* ---- Holding ------------------------------------------------------------ */

static int kept_main(void *arg)
{
    (void)arg;
    brio_task *task = hold(answer, "a");
    uint64_t id = brio_task_id(task);
    CHECK(!brio_task_done(task));
    CHECK_INT(brio_task_result(task), -EINPROGRESS);
    CHECK(!brio_task_cancelled(task));
    CHECK_INT(rest(2), 0);
    for (int i = 0; i < 100; i++)
        CHECK_INT(brio_gather({answer, NULL}), 0);
    CHECK(brio_task_done(task)); /* the struct was not given to somebody else */
    CHECK(brio_task_id(task) == id);
    CHECK_STR(brio_str_from(brio_task_name(task)), "a");
    CHECK_INT(brio_task_result(task), 42);
    CHECK_INT(brio_task_result(task), 42);
    CHECK(!brio_task_cancelled(task));
    CHECK(!brio_task_cancel(task)); /* too late */
    CHECK_INT(brio_join(task, NULL), 0);
    CHECK_INT(brio_await(task), 42);
    CHECK_INT(brio_shield(task), 42);
    brio_task_release(task);
    return 0;
}

TEST(an_acquired_task_keeps_its_result)
{
    run_thoroughly(kept_main);
}

static int counted_main(void *arg)
{
    (void)arg;
    CHECK(!brio_task_acquire(NULL));
    brio_task_release(NULL);
    brio_task *task = brio_create_task(answer, NULL, NULL);
    CHECK(brio_task_acquire(task) == task);
    CHECK(brio_task_acquire(task) == task);
    brio_task_release(task); /* while it lives, too */
    CHECK_INT(brio_await(task), 42);
    CHECK_INT(brio_gather({answer, NULL}), 0);
    CHECK_INT(brio_task_result(task), 42);
    brio_task_release(task);
    return 0;
}

TEST(holds_are_counted)
{
    run_thoroughly(counted_main);
}

static int outlive_main(void *arg)
{
    brio_task *task = NULL;
    (void)arg;
    for (int discard = 0; discard < 2; discard++) {
        BRIO_GROUP(g, .discard = discard)
        task = brio_task_acquire(brio_spawn(&g, answer, NULL));
        CHECK_INT(g.err, 0);
        CHECK_INT(brio_gather({answer, NULL}), 0);
        CHECK_INT(brio_task_result(task), 42); /* it outlives its group */
        brio_task_release(task);
    }
    return 0;
}

TEST(a_held_task_outlives_its_group)
{
    run_thoroughly(outlive_main);
}

static int cancelled_main(void *arg)
{
    (void)arg;
    brio_task *before = hold(answer, "before"), *during = hold(answer, "during");
    CHECK(brio_task_cancel(before));
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK(brio_task_cancel(during));
    CHECK_INT(brio_join(before, NULL), 0);
    CHECK_INT(brio_join(during, NULL), 0);
    CHECK(brio_task_cancelled(before));
    CHECK(brio_task_cancelled(during));
    CHECK_INT(brio_task_result(during), -ECANCELED);
    brio_task_release(before);
    brio_task_release(during);
    return 0;
}

TEST(cancelled_is_done_and_never_reported)
{
    run_reporting(cancelled_main, "");
}

static int eager_main(void *arg)
{
    int quick = 0;
    (void)arg;
    brio_task *task =
        brio_create_task(answer, &quick, &(brio_task_options){.eager = true, .acquired = true});
    CHECK(!brio_task_done(task)); /* it suspended */
    CHECK_INT(brio_await(task), 42);
    brio_task_release(task);
    return 0;
}

static int at_once(void *arg)
{
    (void)arg;
    return brio_error(-EIO, "at once");
}

static int eager_failure_main(void *arg)
{
    (void)arg;
    brio_task_options options = {.eager = true, .acquired = true, .name = "eager"};
    brio_task *task = brio_create_task(at_once, NULL, &options);
    CHECK(brio_task_done(task)); /* no scheduling at all */
    CHECK_INT(reported, 0);
    CHECK_STR(brio_task_error_detail(task), "at once");
    brio_task_release(task);
    CHECK_INT(reported, 1);
    return 0;
}

TEST(an_eager_task_can_be_held)
{
    run_thoroughly(eager_main);
    run_reporting(eager_failure_main, "eager:EIO:at once ");
}

/* ---- Failures nobody looked at ------------------------------------------ */

static int unseen_main(void *arg)
{
    (void)arg;
    brio_create_task(fail, luck, &(brio_task_options){.name = "a"});
    CHECK_INT(rest(5), 0);
    CHECK_INT(reported, 1); /* when it ended: nobody can look any more */
    return 0;
}

TEST(an_unseen_failure_is_reported_once_with_its_words)
{
    run_reporting(unseen_main, "a:EIO:no luck ");
}

static int last_release_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_task_acquire(hold(fail, "a"));
    CHECK_INT(rest(5), 0);
    brio_task_release(task);
    CHECK_INT(reported, 0); /* somebody may look still */
    brio_task_release(task);
    CHECK_INT(reported, 1);
    return 0;
}

TEST(a_held_failure_is_reported_by_the_last_release)
{
    run_reporting(last_release_main, "a:EIO:no luck ");
}

static int early_release_main(void *arg)
{
    (void)arg;
    brio_task_release(hold(fail, "a"));
    CHECK_INT(rest(5), 0);
    return 0;
}

TEST(released_before_it_failed_it_is_reported_at_its_end)
{
    run_reporting(early_release_main, "a:EIO:no luck ");
}

static int never_released_main(void *arg)
{
    (void)arg;
    hold(fail, "a");
    brio_task *seen = hold(fail, "b");
    CHECK_INT(rest(5), 0);
    CHECK_INT(brio_task_result(seen), -EIO);
    return 0;
}

TEST(a_failure_never_released_is_reported_at_the_end_of_the_run)
{
    run_reporting(never_released_main, "a:EIO:no luck ");
}

static int by_result(brio_task *task)
{
    CHECK_INT(rest(5), 0);
    return brio_task_result(task);
}

static int by_join(brio_task *task)
{
    int result = 0;
    CHECK_INT(brio_join(task, &result), 0);
    return result;
}

static int by_late_join(brio_task *task)
{
    CHECK_INT(rest(5), 0);
    return by_join(task);
}

static int by_late_await(brio_task *task)
{
    CHECK_INT(rest(5), 0);
    return brio_await(task);
}

static void ignore(brio_done_callback *done)
{
    (void)done;
}

static int by_callback(brio_task *task)
{
    static brio_done_callback done = {.fn = ignore};
    brio_task_on_done(task, &done);
    CHECK_INT(rest(5), 0);
    return -EIO;
}

static int by_late_callback(brio_task *task)
{
    CHECK_INT(rest(5), 0);
    return by_callback(task);
}

static int (*const ways[])(brio_task *) = {by_result,   by_join,         by_late_join,
                                           brio_await,  brio_shield,     by_late_await,
                                           by_callback, by_late_callback};

static int looked_main(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        brio_task *task = hold(fail, "a");
        CHECK_INT(ways[i](task), -EIO);
        brio_task_release(task);
    }
    return 0;
}

TEST(whoever_looks_in_any_way_is_report_enough)
{
    run_reporting(looked_main, "");
}

static int group_main(void *arg)
{
    brio_task *task = NULL;
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_COLLECT)
    {
        brio_spawn(&g, fail, luck);
        task = brio_task_acquire(brio_spawn(&g, fail, luck));
    }
    CHECK_INT(g.failed, 2);
    brio_task_release(task);
    return 0;
}

TEST(a_group_looks_at_its_tasks)
{
    run_reporting(group_main, "");
}

static int not_looking_main(void *arg)
{
    brio_task *tasks[2] = {hold(fail, "a"), hold(fail, "a")}, *got = NULL;
    brio_completed c;
    (void)arg;
    CHECK_INT(brio_wait(tasks, 2, BRIO_ALL_COMPLETED, NULL), 2);
    brio_completed_init(&c, tasks, 2);
    CHECK_INT(brio_completed_next(&c, &got), 0);
    CHECK_INT(brio_completed_next(&c, &got), 0);
    brio_completed_fini(&c);
    CHECK(brio_task_done(tasks[0]));
    CHECK_INT(reported, 0);
    brio_task_release(tasks[0]);
    brio_task_release(tasks[1]);
    return 0;
}

TEST(waiting_for_the_end_alone_is_not_looking)
{
    run_reporting(not_looking_main, "a:EIO:no luck a:EIO:no luck ");
}

static int give_up_shielding(void *arg)
{
    CHECK_INT(brio_shield(arg), -ECANCELED);
    return 0;
}

static int shield_main(void *arg)
{
    (void)arg;
    brio_task *inner = brio_create_task(fail, luck, &(brio_task_options){.name = "inner"});
    brio_task *outer = brio_create_task(give_up_shielding, inner, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK(brio_task_cancel(outer));
    CHECK_INT(rest(5), 0);
    return 0;
}

TEST(a_failure_behind_an_abandoned_shield_is_reported_once)
{
    run_reporting(shield_main, "inner:EIO:no luck ");
}

static int give_up_joining(void *arg)
{
    CHECK_INT(brio_join(arg, NULL), -ECANCELED);
    return 0;
}

static int lost_joiner_main(void *arg)
{
    (void)arg;
    brio_task *inner = brio_create_task(fail, luck, &(brio_task_options){.name = "inner"});
    brio_task *outer = brio_create_task(give_up_joining, inner, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK(brio_task_cancel(outer));
    CHECK_INT(rest(5), 0);
    return 0;
}

TEST(a_joiner_that_gave_up_has_not_looked)
{
    run_reporting(lost_joiner_main, "inner:EIO:no luck ");
}

static int handler_creates(void *arg)
{
    (void)arg;
    brio_create_task(fail, luck, NULL);
    return rest(5);
}

static void create_another(const brio_failure *failure, void *arg)
{
    int *left = arg;
    CHECK_INT(failure->err, -EIO);
    if ((*left)-- > 0)
        brio_create_task(at_once, NULL, NULL);
}

TEST(a_failure_handler_may_create_tasks)
{
    int left = 3;
    brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    brio_run_options options = {.loop = &sim, .on_failure = create_another, .failure_arg = &left};
    CHECK_INT(brio_run(handler_creates, NULL, &options), 0);
    CHECK_INT(left, -1);
}
