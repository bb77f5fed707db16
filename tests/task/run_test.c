/* SPDX-License-Identifier: MIT
 *
 * brio_run and its end: results, leftovers, limits, what is kept per loop. */
#include "task/everywhere.h"

#include <fcntl.h>
#include <unistd.h>

static int give_seven(void *arg)
{
    (void)arg;
    return 7;
}

TEST(run_returns_what_the_main_task_returns)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, give_seven, NULL), 7);
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, give_seven, NULL), 7);
    CHECK_INT(brio_run(give_seven, NULL, NULL), 7);
}

static int fail_with(void *arg)
{
    return *(int *)arg;
}

TEST(run_returns_the_main_tasks_error)
{
    int err = BRIO_ELIMIT;
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, fail_with, &err), BRIO_ELIMIT);
}

static int run_inside(void *arg)
{
    (void)arg;
    return brio_run(give_seven, NULL, NULL) == -EALREADY ? 0 : -1;
}

TEST(run_refuses_to_nest)
{
    run_everywhere(run_inside);
}

static int unknown_backend(void *arg)
{
    (void)arg;
    return 0;
}

TEST(run_reports_that_the_loop_could_not_be_made)
{
    CHECK(run_on((brio_backend)99, unknown_backend, NULL) < 0);
}

static int sleep_a_day(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    CHECK_INT(brio_sleep(BRIO_SEC(86400)), 0);
    CHECK(brio_now() - begin == BRIO_SEC(86400));
    return 0;
}

TEST(sleep_moves_the_virtual_clock_exactly)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, sleep_a_day, NULL), 0);
}

static int park_for_ever(void *arg)
{
    (void)arg;
    return brio_sleep_until(BRIO_NEVER);
}

TEST(sim_reports_that_nothing_can_ever_wake)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, park_for_ever, NULL), BRIO_EDEADLOCK);
}

/* ---- The end ------------------------------------------------------------ */

static int clean_up_slowly(void *arg)
{
    say("start%s ", (const char *)arg);
    int rc = brio_sleep(BRIO_SEC(100));
    say("%s%s ", brio_error_name(rc), (const char *)arg);
    rc = brio_sleep(BRIO_MS(1)); /* one request: cleaning up may suspend */
    say("clean%s:%d ", (const char *)arg, rc);
    return -ECANCELED;
}

static char one[] = "1", two[] = "2";

static int leave_tasks_behind(void *arg)
{
    (void)arg;
    brio_create_task(clean_up_slowly, one, NULL);
    brio_create_task(clean_up_slowly, two, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_task_count(), 3);
    say("main ");
    return 0;
}

TEST(run_cancels_and_awaits_every_task_left)
{
    run_everywhere(leave_tasks_behind);
    CHECK_TRACE("start1 start2 main ECANCELED1 ECANCELED2 clean1:0 clean2:0 ");
}

static int leave_an_unstarted_task(void *arg)
{
    (void)arg;
    brio_create_task(clean_up_slowly, one, NULL);
    return 0;
}

TEST(run_does_not_start_what_had_not_started)
{
    run_everywhere(leave_an_unstarted_task);
    CHECK_TRACE("");
}

static int swallow_one_cancel(void *arg)
{
    (void)arg;
    (void)!brio_sleep(BRIO_SEC(1000));
    brio_time begin = brio_now();
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%s after %lld s", brio_error_name(rc), (long long)((brio_now() - begin) / BRIO_SEC(1)));
    return 0;
}

static int leave(void *fn)
{
    brio_create_task(*(brio_task_fn **)fn, NULL, NULL);
    return brio_yield();
}

TEST(run_insists_after_a_grace_period)
{
    brio_task_fn *fn = swallow_one_cancel;
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, leave, &fn), 0);
    CHECK_TRACE("ECANCELED after 5 s");
}

static void say_deferred(void *arg)
{
    say("%s", (const char *)arg);
}

static __attribute__((noreturn)) int never_listen(void *arg)
{
    (void)arg;
    brio_defer_push(brio_task_arena(), say_deferred, one);
    for (;;)
        (void)!brio_sleep(BRIO_SEC(1));
}

static void silence(void)
{
    brio_log_set_level(BRIO_LOG_OFF);
}

TEST(run_abandons_a_task_that_ignores_everything)
{
    brio_task_fn *fn = never_listen;
    silence();
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, leave, &fn), 0);
    CHECK_TRACE("1");
}

static int spawn_while_closing(void *arg)
{
    (void)arg;
    (void)!brio_sleep(BRIO_SEC(1000));
    brio_create_task(clean_up_slowly, one, NULL);
    BRIO_GROUP(g)
    brio_spawn(&g, give_seven, NULL);
    say("%zu done, err %d", g.done, g.err);
    return 0;
}

TEST(while_closing_nothing_new_runs_but_groups_still_do)
{
    brio_task_fn *fn = spawn_while_closing;
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, leave, &fn), 0);
    CHECK_TRACE("1 done, err 0");
}

/* ---- A loop of one's own ------------------------------------------------ */

static void close_note(void *arg)
{
    say("close%s ", (const char *)arg);
}

static const char key_a, key_b;

TEST(rooms_keep_things_per_loop)
{
    brio_loop *loop;
    CHECK_OK(brio_loop_new(&loop, &(brio_loop_options){.backend = BRIO_BACKEND_SIM}));
    CHECK_OK(brio_tasks_open(loop, NULL));
    CHECK_INT(brio_tasks_open(loop, NULL), -EALREADY);
    void **a = brio_tasks_local(loop, &key_a), **b = brio_tasks_local(loop, &key_b);
    CHECK(a != b && !*a && !*b);
    *a = one;
    CHECK(brio_tasks_local(loop, &key_a) == a && *a == one);
    brio_tasks_at_close(loop, close_note, one);
    brio_tasks_at_close(loop, close_note, two);
    brio_tasks_close(loop);
    CHECK_TRACE("close2 close1 ");
    CHECK(*brio_loop_user(loop) == NULL);
    brio_loop_free(loop);
}

static int yield_twice(void *arg)
{
    say("a ");
    int rc = brio_yield();
    say("b ");
    return rc < 0 ? rc : (*(bool *)arg = true);
}

TEST(tasks_run_on_a_loop_turned_by_hand)
{
    brio_loop *loop;
    bool done = false;
    CHECK_OK(brio_loop_new(&loop, &(brio_loop_options){.backend = BRIO_BACKEND_EPOLL}));
    CHECK_OK(brio_tasks_open(loop, NULL));
    CHECK(brio_create_task_on(loop, yield_twice, &done, &(brio_task_options){.eager = true}));
    CHECK_TRACE(""); /* eager only inside the running loop */
    while (!done)
        CHECK(brio_loop_run_once(loop, 0) >= 0);
    CHECK_TRACE("a b ");
    brio_tasks_close(loop);
    brio_loop_free(loop);
}

TEST(closing_ends_tasks_of_a_loop_that_never_ran)
{
    brio_loop *loop;
    CHECK_OK(brio_loop_new(&loop, &(brio_loop_options){.backend = BRIO_BACKEND_EPOLL}));
    CHECK_OK(brio_tasks_open(loop, NULL));
    for (int i = 0; i < 100; i++)
        CHECK(brio_create_task_on(loop, give_seven, NULL, NULL));
    brio_tasks_close(loop);
    brio_loop_free(loop);
}

/* ---- Limits and reports ------------------------------------------------- */

static int hit_the_limit(void *arg)
{
    (void)arg;
    CHECK(brio_create_task(give_seven, NULL, NULL));
    CHECK(!brio_create_task(give_seven, NULL, NULL));
    brio_task *spawned = NULL;
    BRIO_GROUP(g)
    spawned = brio_spawn(&g, give_seven, NULL);
    CHECK(!spawned);
    CHECK_INT(g.err, BRIO_EOVERLOAD);
    CHECK_INT(brio_yield(), 0); /* the other one ends */
    CHECK(brio_create_task(give_seven, NULL, NULL));
    return 0;
}

TEST(beyond_max_tasks_nothing_is_started)
{
    brio_loop_options loop = {.backend = BRIO_BACKEND_SIM};
    brio_run_options options = {.loop = &loop, .max_tasks = 2};
    CHECK_INT(brio_run(hit_the_limit, NULL, &options), 0);
}

static int fail_with_words(void *arg)
{
    (void)arg;
    return brio_error(-EIO, "disk %d is gone", 3);
}

static int fail_unseen(void *arg)
{
    (void)arg;
    brio_create_task(fail_with_words, NULL, &(brio_task_options){.name = "reader"});
    return brio_sleep(BRIO_MS(1));
}

TEST(a_failure_nobody_asked_for_is_logged_once)
{
    int fds[2], saved = dup(2);
    char text[1024];
    CHECK(pipe(fds) == 0);
    dup2(fds[1], 2);
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, fail_unseen, NULL), 0);
    dup2(saved, 2);
    close(saved);
    close(fds[1]);
    ssize_t n = read(fds[0], text, sizeof(text) - 1);
    close(fds[0]);
    CHECK(n > 0);
    text[n] = '\0';
    const char *first = strstr(text, "reader");
    CHECK(first && strstr(first, "disk 3 is gone"));
    CHECK(!strstr(first + 1, "reader"));
}

TEST(outside_loops_there_is_no_task)
{
    CHECK(!brio_current_task());
    CHECK(!brio_task_context());
    CHECK_INT(brio_task_count(), 0);
    CHECK_INT(brio_cancel_point(), 0);
    CHECK(brio_now() > 0);
}
