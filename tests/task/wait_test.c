/* SPDX-License-Identifier: MIT
 *
 * wait in its three modes, and as_completed. */
#include "task/everywhere.h"

typedef struct job {
    int nap; /* ticks */
    int result;
} job;

static int work(void *arg)
{
    const job *j = arg;
    int rc = rest(j->nap);
    return rc < 0 ? rc : j->result;
}

enum { N = 4 };

static void start_all(brio_task **tasks, job *jobs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        tasks[i] = brio_create_task(work, &jobs[i], &(brio_task_options){.acquired = true});
}

static void release_all(brio_task **tasks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)brio_task_cancel(tasks[i]);
        (void)!brio_join(tasks[i], NULL);
        brio_task_release(tasks[i]);
    }
}

/* ---- Modes -------------------------------------------------------------- */

static int all_main(void *arg)
{
    job jobs[N] = {{3, 0}, {1, -EIO}, {5, 2}, {0, 1}};
    brio_task *tasks[N];
    bool done[N] = {false};
    (void)arg;
    start_all(tasks, jobs, N);
    CHECK_INT(brio_wait(tasks, N, BRIO_ALL_COMPLETED, done), N); /* never raises */
    for (int i = 0; i < N; i++)
        CHECK(done[i]);
    CHECK_INT(brio_task_result(tasks[1]), -EIO);
    CHECK_INT(brio_task_result(tasks[2]), 2);
    release_all(tasks, N);
    return 0;
}

TEST(all_completed_waits_for_all_whatever_they_return)
{
    run_thoroughly(all_main);
}

static int first_main(void *arg)
{
    job jobs[N] = {{FOR_EVER, 0}, {1, 5}, {FOR_EVER, 0}, {FOR_EVER, 0}};
    brio_task *tasks[N];
    bool done[N] = {true};
    (void)arg;
    start_all(tasks, jobs, N);
    CHECK_INT(brio_wait(tasks, N, BRIO_FIRST_COMPLETED, done), 1);
    CHECK(!done[0] && done[1] && !done[2] && !done[3]);
    CHECK_INT(brio_wait(tasks, N, BRIO_FIRST_COMPLETED, NULL), 1); /* enough are done already */
    CHECK(!brio_task_done(tasks[0]));                              /* it never cancels */
    release_all(tasks, N);
    return 0;
}

TEST(first_completed_ends_with_the_first)
{
    run_thoroughly(first_main);
}

static int exception_main(void *arg)
{
    job jobs[N] = {{1, 0}, {FOR_EVER, 0}, {3, -EIO}, {FOR_EVER, 0}};
    brio_task *tasks[N];
    bool done[N];
    (void)arg;
    start_all(tasks, jobs, N);
    CHECK(brio_task_cancel(tasks[3]));
    CHECK_INT(brio_wait(tasks, N, BRIO_FIRST_EXCEPTION, done), 3);
    CHECK(done[0] && !done[1] && done[2] && done[3]); /* success and cancellation did not end it */
    CHECK_INT(brio_wait(tasks, N, BRIO_FIRST_EXCEPTION, NULL), 3); /* it is there already */
    CHECK(brio_task_cancel(tasks[1]));
    CHECK_INT(brio_wait(&tasks[1], 1, BRIO_FIRST_EXCEPTION, NULL), 1); /* none failed: all */
    release_all(tasks, N);
    return 0;
}

TEST(first_exception_ends_with_the_first_error_that_is_no_cancellation)
{
    run_thoroughly(exception_main);
}

static int deadline_main(void *arg)
{
    job jobs[N] = {{1, 0}, {FOR_EVER, 0}, {2, 7}, {FOR_EVER, 0}};
    brio_task *tasks[N];
    bool done[N];
    (void)arg;
    start_all(tasks, jobs, N);
    BRIO_SCOPE(limit, .timeout = BRIO_SEC(500))
    {
        passing deadline = {&limit, 3};
        brio_create_task(let_pass, &deadline, NULL);
        CHECK_INT(brio_wait(tasks, N, BRIO_ALL_COMPLETED, done), -ECANCELED);
    }
    CHECK(limit.expired);
    CHECK(done[0] && !done[1] && done[2] && !done[3]);
    CHECK_INT(brio_yield(), 0);
    CHECK(!brio_task_done(tasks[1])); /* they run on */
    release_all(tasks, N);
    return 0;
}

TEST(a_deadline_leaves_the_tasks_running_and_tells_which_are_done)
{
    run_thoroughly(deadline_main);
}

static brio_task *waited[N];

static int wait_for_all(void *arg)
{
    bool done[N];
    (void)arg;
    int rc = brio_wait(waited, N, BRIO_ALL_COMPLETED, done);
    say("%d ", rc);
    return rc;
}

static int cancelled_main(void *arg)
{
    job jobs[N] = {{FOR_EVER, 0}, {FOR_EVER, 0}, {FOR_EVER, 0}, {0, 0}};
    (void)arg;
    start_all(waited, jobs, N);
    brio_task *waiter = brio_create_task(wait_for_all, NULL, NULL);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(waiter));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("-125 ");
    CHECK(!brio_task_done(waited[0]) && !brio_task_cancelling(waited[0]));
    release_all(waited, N);
    return 0;
}

TEST(cancelling_wait_leaves_the_tasks_running)
{
    run_thoroughly(cancelled_main);
}

static int empty_main(void *arg)
{
    bool done[1];
    (void)arg;
    CHECK_INT(brio_wait(NULL, 0, BRIO_ALL_COMPLETED, done), -EINVAL);
    return 0;
}

TEST(waiting_for_nothing_is_an_error)
{
    run_thoroughly(empty_main);
}

static bool others_ran;

static int mark(void *arg)
{
    (void)arg;
    others_ran = true;
    return 0;
}

static int at_once_main(void *arg)
{
    job jobs[N] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
    brio_task *tasks[N], *twice[2];
    (void)arg;
    start_all(tasks, jobs, N);
    CHECK_INT(brio_wait(tasks, N, BRIO_ALL_COMPLETED, NULL), N);
    others_ran = false;
    brio_create_task(mark, NULL, NULL);
    CHECK_INT(brio_wait(tasks, N, BRIO_ALL_COMPLETED, NULL), N);
    CHECK(!others_ran); /* it did not suspend */
    release_all(tasks, N);
    start_all(tasks, jobs, 1);
    twice[0] = twice[1] = tasks[0];
    CHECK_INT(brio_wait(twice, 2, BRIO_ALL_COMPLETED, NULL), 2);
    release_all(tasks, 1);
    return 0;
}

TEST(what_is_done_needs_no_wait_and_a_task_may_be_named_twice)
{
    run_thoroughly(at_once_main);
}

enum { MANY = 100 };

static int many_main(void *arg)
{
    static job jobs[MANY];
    brio_task *tasks[MANY];
    (void)arg;
    for (int i = 0; i < MANY; i++)
        jobs[i] = (job){1 + i % 7, i};
    start_all(tasks, jobs, MANY);
    brio_heap_fault(1);
    int rc = brio_wait(tasks, MANY, BRIO_ALL_COMPLETED, NULL);
    brio_heap_fault(0);
    CHECK_INT(rc, -ENOMEM);
    CHECK_INT(brio_wait(tasks, MANY, BRIO_ALL_COMPLETED, NULL), MANY);
    release_all(tasks, MANY);
    return 0;
}

TEST(many_tasks_can_be_waited_for)
{
    run_thoroughly(many_main);
}

static int group_main(void *arg)
{
    job jobs[2] = {{1, 3}, {FOR_EVER, 0}};
    brio_task *tasks[2];
    (void)arg;
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 2; i++)
            tasks[i] = brio_spawn(&g, work, &jobs[i]);
        CHECK_INT(brio_wait(tasks, 2, BRIO_FIRST_COMPLETED, NULL), 1);
        CHECK_INT(brio_task_result(tasks[0]), 3);
        CHECK(brio_task_cancel(tasks[1]));
    }
    return g.err;
}

TEST(tasks_of_an_open_group_can_be_waited_for)
{
    run_thoroughly(group_main);
}

/* ---- as_completed ------------------------------------------------------- */

static int order_main(void *arg)
{
    job jobs[N] = {{7, 1}, {3, 2}, {9, -EIO}, {1, 4}};
    static const int want[N] = {4, 2, 1, -EIO};
    brio_task *tasks[N], *task = NULL;
    brio_completed c;
    (void)arg;
    start_all(tasks, jobs, N);
    brio_completed_init(&c, tasks, N);
    for (int i = 0; i < N; i++) {
        CHECK_INT((int)c.left, N - i);
        CHECK_INT(brio_completed_next(&c, &task), 0);
        CHECK_INT(brio_task_result(task), want[i]);
    }
    CHECK_INT(brio_completed_next(&c, &task), BRIO_ECLOSED);
    brio_completed_fini(&c);
    release_all(tasks, N);
    return 0;
}

TEST(tasks_are_given_out_in_order_of_completion)
{
    run_thoroughly(order_main);
}

static int done_first_main(void *arg)
{
    job jobs[N] = {{20, 1}, {0, 2}, {30, 3}, {0, 4}};
    static const int want[N] = {2, 4, 1, 3};
    brio_task *tasks[N], *task = NULL;
    brio_completed c;
    (void)arg;
    start_all(tasks, jobs, N);
    CHECK_INT(brio_join(tasks[1], NULL), 0);
    CHECK_INT(brio_join(tasks[3], NULL), 0);
    brio_completed_init(&c, tasks, N);
    for (int i = 0; i < N; i++) {
        CHECK_INT(brio_completed_next(&c, &task), 0);
        CHECK_INT(brio_task_result(task), want[i]);
    }
    brio_completed_fini(&c);
    release_all(tasks, N);
    return 0;
}

TEST(what_is_done_comes_first)
{
    run_thoroughly(done_first_main);
}

static int timeout_main(void *arg)
{
    job jobs[3] = {{1, 1}, {FOR_EVER, 2}, {20, 3}};
    brio_task *tasks[3], *task = NULL;
    brio_completed c;
    (void)arg;
    start_all(tasks, jobs, 3);
    brio_completed_init(&c, tasks, 3);
    BRIO_SCOPE(limit, .timeout = BRIO_SEC(500))
    {
        passing deadline = {&limit, 10};
        brio_create_task(let_pass, &deadline, NULL);
        CHECK_INT(brio_completed_next(&c, &task), 0);
        CHECK(task == tasks[0]);
        CHECK_INT(brio_completed_next(&c, &task), -ECANCELED); /* at the first unfinished one */
    }
    CHECK(limit.expired);
    CHECK_INT(brio_completed_next(&c, &task), 0); /* nothing is lost */
    CHECK(task == tasks[2]);
    brio_completed_fini(&c); /* before the end: the rest runs on */
    CHECK(!brio_task_done(tasks[1]));
    release_all(tasks, 3);
    return 0;
}

TEST(a_deadline_ends_one_wait_and_loses_nothing)
{
    run_thoroughly(timeout_main);
}

static int none_main(void *arg)
{
    brio_completed c;
    brio_task *task = NULL;
    (void)arg;
    brio_completed_init(&c, NULL, 0);
    CHECK_INT(brio_completed_next(&c, &task), BRIO_ECLOSED);
    brio_completed_fini(&c);
    return 0;
}

TEST(of_nothing_nothing_completes)
{
    run_thoroughly(none_main);
}

static int together_main(void *arg)
{
    static job jobs[MANY];
    brio_task *tasks[MANY], *task = NULL;
    bool seen[MANY] = {false};
    brio_completed c;
    (void)arg;
    for (int i = 0; i < MANY; i++)
        jobs[i] = (job){1 + i % 3, i};
    start_all(tasks, jobs, MANY);
    brio_completed_init(&c, tasks, MANY);
    while (brio_completed_next(&c, &task) == 0) {
        int i = brio_task_result(task);
        CHECK(tasks[i] == task && !seen[i]);
        seen[i] = true;
    }
    CHECK_INT((int)c.left, 0);
    brio_completed_fini(&c);
    release_all(tasks, MANY);
    return 0;
}

TEST(each_task_is_given_out_once)
{
    run_thoroughly(together_main);
}
