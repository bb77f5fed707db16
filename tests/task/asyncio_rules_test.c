/* SPDX-License-Identifier: MIT
 *
 * Rules of asyncio that belong to no single part, and the places where brio
 * differs on purpose, as docs/asyncio.md tells them. */
#include "task/reporting.h"

#include <signal.h>

static const brio_local user = {"user", NULL};
static char alice[] = "alice", bob[] = "bob";

static int nap(void *arg)
{
    int rc = rest(1);
    say("%s:%d ", (const char *)arg, rc);
    return rc;
}

static int long_nap(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%s:%d ", (const char *)arg, rc);
    return rc;
}

static char a[] = "a", b[] = "b";

/* ---- Runs --------------------------------------------------------------- */

static int first_main(void *arg)
{
    (void)arg;
    CHECK(!brio_local_get(&user));
    brio_local_set(&user, alice);
    return 0;
}

static int second_main(void *arg)
{
    (void)arg;
    CHECK(brio_local_get(&user) == alice);
    brio_local_set(&user, bob);
    return 0;
}

static int third_main(void *arg)
{
    (void)arg;
    CHECK(brio_local_get(&user) == bob);
    return 0;
}

TEST(a_runner_keeps_its_context)
{
    brio_runner *runner;
    brio_loop_options loop = {.backend = BRIO_BACKEND_SIM};
    CHECK_OK(brio_runner_open(&runner, &(brio_run_options){.loop = &loop}));
    CHECK_OK(brio_runner_run(runner, first_main, NULL));
    CHECK_OK(brio_runner_run(runner, second_main, NULL));
    CHECK_OK(brio_runner_run(runner, third_main, NULL));
    brio_runner_close(runner);
    CHECK_OK(brio_runner_open(&runner, &(brio_run_options){.loop = &loop}));
    CHECK_OK(brio_runner_run(runner, first_main, NULL)); /* not beyond itself */
    brio_runner_close(runner);
}

static int fail_at_the_end(void *arg)
{
    (void)!brio_sleep(BRIO_SEC(1000));
    return brio_error(-EIO, "%s", (const char *)arg);
}

static int leave_failing(void *arg)
{
    (void)arg;
    brio_create_task(fail_at_the_end, a, &(brio_task_options){.name = "left"});
    return rest(1);
}

TEST(what_fails_while_the_run_is_closed_is_reported)
{
    run_reporting(leave_failing, "left:EIO:a ");
}

/* ---- Callbacks have no context ------------------------------------------ */

typedef struct look {
    brio_callback soon;
    brio_timer later;
    brio_done_callback done;
    int looked;
} look;

static void look_soon(brio_callback *cb)
{
    CHECK(!brio_local_get(&user) && !brio_current_task());
    BRIO_CONTAINER(cb, look, soon)->looked++;
}

static void look_later(brio_timer *timer)
{
    CHECK(!brio_local_get(&user) && !brio_current_task());
    BRIO_CONTAINER(timer, look, later)->looked++;
}

static void look_when_done(brio_done_callback *done)
{
    CHECK(!brio_local_get(&user) && !brio_current_task());
    BRIO_CONTAINER(done, look, done)->looked++;
}

static int callbacks_main(void *arg)
{
    look l = {.soon.fn = look_soon, .later.fn = look_later, .done.fn = look_when_done};
    (void)arg;
    brio_local_set(&user, alice);
    brio_loop_call_soon(brio_loop_current(), &l.soon);
    brio_timer_start(brio_loop_current(), &l.later, brio_now());
    brio_task_on_done(brio_create_task(nap, a, NULL), &l.done);
    CHECK_INT(rest(5), 0);
    CHECK_INT(l.looked, 3);
    CHECK(brio_local_get(&user) == alice);
    return 0;
}

TEST(callbacks_of_the_loop_see_no_tasks_locals)
{
    run_thoroughly(callbacks_main);
}

/* ---- Calls of other threads --------------------------------------------- */

static void say_soon(brio_callback *cb)
{
    (void)cb;
    say("soon ");
}

static void say_posted(brio_callback *cb)
{
    (void)cb;
    say("posted ");
}

static int post_main(void *arg)
{
    static brio_callback soon = {.fn = say_soon},
                         posted[2] = {{.fn = say_posted}, {.fn = say_posted}};
    (void)arg;
    brio_loop_post(brio_loop_current(), &posted[0]);
    brio_loop_call_soon(brio_loop_current(), &soon);
    brio_loop_post(brio_loop_current(), &posted[1]);
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("soon posted posted "); /* asyncio: in the order of the calls */
    return 0;
}

TEST(what_is_posted_joins_the_queue_when_the_loop_looks)
{
    run_everywhere(post_main);
}

/* ---- What counts as a request ------------------------------------------- */

static int fail(void *arg)
{
    (void)arg;
    return -EIO;
}

static int count_main(void *arg)
{
    brio_task *self = brio_current_task();
    (void)arg;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(1))
    {
        CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
        CHECK_INT(brio_task_cancelling(self), 0); /* asyncio's timeout counts as a request */
    }
    BRIO_GROUP(g)
    {
        brio_spawn(&g, fail, NULL);
        CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
        CHECK_INT(brio_task_cancelling(self), 0); /* as does its TaskGroup */
    }
    CHECK_INT(g.err, -EIO);
    return brio_yield();
}

TEST(scopes_and_groups_are_no_requests)
{
    run_thoroughly(count_main);
}

static int swallow_in_block(void *arg)
{
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.none = true}));
    brio_spawn(&g, long_nap, a);
    CHECK_INT(brio_sleep(BRIO_SEC(500)), -ECANCELED);
    if (arg)
        CHECK_INT(brio_task_uncancel(brio_current_task()), 0);
    say("leave:%d ", brio_group_leave(&g));
    return brio_yield();
}

static int uncancel_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(swallow_in_block, NULL, NULL);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(task));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("a:-125 leave:-125 ");
    task = brio_create_task(swallow_in_block, a, NULL);
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(task));
    CHECK_INT(brio_sleep(BRIO_SEC(2000)), 0);
    CHECK_TRACE("a:0 leave:0 "); /* taken back: the children went on */
    return 0;
}

TEST(a_request_heard_in_a_block_ends_its_group_unless_taken_back)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200}, uncancel_main, NULL), 0);
}

static int leave_with_error(bool cancel)
{
    BRIO_GROUP(g)
    {
        brio_spawn(&g, nap, a);
        CHECK_INT(brio_yield(), 0);
        if (cancel)
            brio_group_cancel(&g);
        return -EIO;
    }
    return 0;
}

static int body_main(void *arg)
{
    (void)arg;
    CHECK_INT(leave_with_error(false), -EIO);
    CHECK_TRACE("a:0 "); /* C has no exceptions: leaving awaits */
    CHECK_INT(leave_with_error(true), -EIO);
    return brio_yield();
}

TEST(an_error_of_the_body_cancels_nobody_unless_said)
{
    run_thoroughly(body_main);
}

/* ---- Turns -------------------------------------------------------------- */

static int twice_main(void *arg)
{
    (void)arg;
    brio_task *self = brio_current_task();
    brio_task *task = brio_create_task(long_nap, a, &(brio_task_options){.acquired = true});
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(task) && brio_task_cancel(task)); /* before it runs: one */
    CHECK_INT(brio_join(task, NULL), 0);
    CHECK_INT(brio_task_cancelling(task), 2);
    CHECK_TRACE("a:-125 ");
    CHECK_INT(brio_task_cancelling(self), 0);
    brio_task_release(task);
    return 0;
}

TEST(two_requests_before_it_runs_are_told_once)
{
    run_thoroughly(twice_main);
}

static int two_naps(void *arg)
{
    int first = long_nap(arg), second = long_nap(arg);
    return first < 0 ? first : second;
}

static int each_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(two_naps, a, &(brio_task_options){.acquired = true});
    CHECK_INT(rest(1), 0);
    CHECK(brio_task_cancel(task));
    CHECK_INT(rest(1), 0); /* it hears of that one */
    CHECK_TRACE("a:-125 ");
    CHECK(brio_task_cancel(task));
    CHECK_INT(brio_join(task, NULL), 0);
    CHECK_TRACE("a:-125 ");
    brio_task_release(task);
    return 0;
}

TEST(each_request_after_that_is_told)
{
    run_thoroughly(each_main);
}

static int sleeps_that_yield_main(void *arg)
{
    (void)arg;
    brio_time begin = brio_now();
    brio_create_task(long_nap, b, NULL);
    say("before ");
    CHECK_INT(brio_sleep(0), 0);
    CHECK_INT(brio_sleep(-BRIO_SEC(5)), 0);
    CHECK_INT(brio_sleep_until(begin), 0);
    CHECK_INT(brio_sleep_until(1), 0);
    CHECK(brio_now() == begin);
    return 0;
}

TEST(a_sleep_of_nothing_takes_a_turn_and_no_time)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200}, sleeps_that_yield_main, NULL), 0);
}

static bool until_third(brio_task *task, void *arg)
{
    int *seen = arg;
    CHECK(task);
    return ++*seen < 3;
}

static int each_task_main(void *arg)
{
    int seen = 0;
    (void)arg;
    for (int i = 0; i < 5; i++)
        brio_create_task(long_nap, a, NULL);
    brio_task_each(until_third, &seen);
    CHECK_INT(seen, 3);
    return 0;
}

TEST(telling_the_tasks_ends_when_told_to)
{
    run_everywhere(each_task_main);
}

/* ---- Same results twice -------------------------------------------------- */

static int gather_tasks_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(nap, a, &(brio_task_options){.acquired = true});
    brio_task *both[] = {task, task}; /* asyncio.gather of a task named twice: one run */
    CHECK_INT(brio_wait(both, 2, BRIO_ALL_COMPLETED, NULL), 2);
    CHECK_INT(brio_task_result(both[0]), brio_task_result(both[1]));
    CHECK_TRACE("a:0 ");
    brio_task_release(task);
    return 0;
}

TEST(tasks_are_gathered_by_wait)
{
    run_thoroughly(gather_tasks_main);
}

/* ---- What happened beside a cancellation -------------------------------- */

static brio_event event;
static brio_time same_time;

static int wait_told(void *arg)
{
    (void)arg;
    say("event:%d ", brio_event_wait(&event));
    say("next:%d ", brio_yield());
    return 0;
}

static int sleep_told(void *arg)
{
    (void)arg;
    say("sleep:%d ", brio_sleep_until(same_time));
    say("next:%d ", brio_yield());
    return 0;
}

static int join_told(void *arg)
{
    int result = 0;
    int rc = brio_join(arg, &result);
    say("join:%d,%d next:%d ", rc, result, brio_yield());
    return 0;
}

static brio_task *victim;

static void cancel_victim(brio_done_callback *done)
{
    (void)done;
    CHECK(brio_task_cancel(victim));
}

static int join_main(void)
{
    brio_done_callback done = {.fn = cancel_victim};
    brio_task *task = brio_create_task(fail, NULL, &(brio_task_options){.acquired = true});
    brio_task_on_done(task, &done); /* before the joiner's: it runs before that wakes */
    victim = brio_create_task(join_told, task, &(brio_task_options){.eager = true});
    int rc = rest(1);
    CHECK_TRACE("join:0,-5 next:-125 ");
    brio_task_release(task);
    return rc;
}

static int same_turn_main(void *arg)
{
    (void)arg;
    brio_event_init(&event);
    brio_task *task = brio_create_task(wait_told, NULL, NULL);
    CHECK_INT(rest(1), 0);
    brio_event_set(&event);
    CHECK(brio_task_cancel(task));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("event:-125 next:0 "); /* the event is still set: nothing is lost */

    same_time = brio_now() + BRIO_MS(5);
    task = brio_create_task(sleep_told, NULL, NULL);
    CHECK_INT(brio_sleep_until(same_time), 0);
    CHECK(brio_task_cancel(task));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("sleep:0 next:-125 "); /* it had slept */
    return join_main();
}

TEST(what_happened_in_the_turn_of_a_cancellation_is_not_lost)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.fifo = true}, same_turn_main, NULL), 0);
}

/* ---- Signals ------------------------------------------------------------ */

typedef struct heard {
    brio_signal signal;
    int times;
} heard;

static void hear(brio_signal *signal)
{
    CHECK(!brio_current_task());
    BRIO_CONTAINER(signal, heard, signal)->times++;
}

static int twice_raised_main(void *arg)
{
    heard h = {.signal.fn = hear};
    brio_loop *loop = brio_loop_current();
    (void)arg;
    CHECK_OK(brio_signal_start(loop, &h.signal, SIGUSR1));
    CHECK_INT(raise(SIGUSR1), 0);
    CHECK_INT(raise(SIGUSR1), 0);
    CHECK_INT(h.times, 0);
    while (h.times == 0)
        CHECK_INT(brio_sleep(BRIO_MS(1)), 0);
    CHECK_INT(brio_sleep(BRIO_MS(1)), 0);
    CHECK_INT(h.times, 1); /* the kernel keeps one of each kind */
    brio_signal_stop(loop, &h.signal);
    return 0;
}

/* On the real back ends only: the simulator has no kernel to keep them. */
TEST(a_signal_that_comes_twice_at_once_is_told_once)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, twice_raised_main, NULL), 0);
    int rc = run_on(BRIO_BACKEND_URING, twice_raised_main, NULL);
    CHECK(rc == 0 || rc == -ENOSYS || rc == -EPERM);
}

/* ---- Spawning late ------------------------------------------------------- */

typedef struct follow {
    brio_done_callback done;
    brio_group *group;
    bool spawned;
} follow;

static void spawn_next(brio_done_callback *done)
{
    follow *f = BRIO_CONTAINER(done, follow, done);
    f->spawned = brio_spawn(f->group, nap, b) != NULL;
}

static int late_spawn_main(void *arg)
{
    follow f = {.done.fn = spawn_next};
    (void)arg;
    BRIO_GROUP(g)
    {
        f.group = &g;
        brio_task_on_done(brio_spawn(&g, nap, a), &f.done);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(g.done, f.spawned ? 2 : 1);
    say("spawned:%d", f.spawned);
    CHECK_TRACE("a:0 b:0 spawned:1");
    return 0;
}

TEST(a_done_callback_may_spawn_into_a_group_that_is_being_left)
{
    run_everywhere(late_spawn_main);
}
