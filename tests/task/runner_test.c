/* SPDX-License-Identifier: MIT
 *
 * Runners, interrupts, failures nobody looked at, debug mode: what stands
 * around a main task. */
#include "task/child.h"
#include "task/everywhere.h"

#include <pthread.h>
#include <signal.h>

/* For runs that are about what happens on the way. */
static void ran(int rc)
{
    (void)rc;
}

static const brio_backend backends[] = {BRIO_BACKEND_EPOLL, BRIO_BACKEND_URING, BRIO_BACKEND_SIM};
enum { BACKENDS = sizeof(backends) / sizeof(*backends) };

/* False if the machine forbids it. */
static bool possible(brio_backend backend)
{
    brio_loop *loop;
    int rc = brio_loop_new(&loop, &(brio_loop_options){.backend = backend});
    if (rc == 0)
        brio_loop_free(loop);
    return rc == 0;
}

static void for_each_backend(void (*fn)(const brio_loop_options *loop))
{
    for (int i = 0; i < BACKENDS; i++) {
        trace[0] = '\0';
        if (possible(backends[i]))
            fn(&(brio_loop_options){.backend = backends[i]});
    }
}

/* ---- Runner ------------------------------------------------------------- */

static int counter(void *arg)
{
    int *turns = arg;
    while (brio_yield() == 0)
        ++*turns;
    say("cancelled ");
    return -ECANCELED;
}

static int leave_a_task(void *arg)
{
    brio_create_task(counter, arg, NULL);
    return 7;
}

static int yields_thrice(void *arg)
{
    int before = *(int *)arg;
    for (int i = 0; i < 3; i++)
        CHECK_INT(brio_yield(), 0);
    CHECK(*(int *)arg > before); /* what the first run left behind went on */
    return -EIO;
}

static void runner_keeps(const brio_loop_options *loop)
{
    int turns = 0;
    brio_runner *runner;
    CHECK_OK(brio_runner_open(&runner, &(brio_run_options){.loop = loop}));
    brio_loop *first = brio_runner_loop(runner);
    CHECK_INT(brio_runner_run(runner, leave_a_task, &turns), 7);
    CHECK_INT(brio_runner_run(runner, yields_thrice, &turns), -EIO);
    CHECK(brio_runner_loop(runner) == first);
    CHECK_TRACE("");
    brio_runner_close(runner);
    CHECK_TRACE("cancelled ");
}

TEST(a_runner_keeps_its_loop_and_what_tasks_left_behind)
{
    for_each_backend(runner_keeps);
}

TEST(closing_no_runner_is_fine)
{
    brio_runner_close(NULL);
}

static int opens_another(void *arg)
{
    brio_runner *other;
    (void)arg;
    CHECK_INT(brio_runner_open(&other, NULL), -EALREADY);
    return 0;
}

TEST(a_runner_refuses_to_nest)
{
    run_everywhere(opens_another);
}

static int runs_itself(void *arg)
{
    return brio_runner_run(arg, leave_a_task, NULL);
}

TEST(a_runner_refuses_a_run_inside_its_run)
{
    brio_runner *runner;
    CHECK_OK(brio_runner_open(&runner, NULL));
    CHECK_INT(brio_runner_run(runner, runs_itself, runner), -EALREADY);
    brio_runner_close(runner);
}

static int stops_the_loop(void *arg)
{
    (void)arg;
    brio_loop_stop(brio_loop_current());
    int rc = brio_sleep(BRIO_SEC(3600));
    say("%s ", brio_error_name(rc));
    return rc;
}

static void stopped(const brio_loop_options *loop)
{
    brio_runner *runner;
    CHECK_OK(brio_runner_open(&runner, &(brio_run_options){.loop = loop}));
    CHECK_INT(brio_runner_run(runner, stops_the_loop, NULL), BRIO_ECLOSED);
    CHECK_TRACE(""); /* it goes on, in the next run or until close */
    brio_runner_close(runner);
    CHECK_TRACE("ECANCELED ");
    CHECK_INT(brio_run(stops_the_loop, NULL, &(brio_run_options){.loop = loop}), BRIO_ECLOSED);
}

TEST(a_loop_stopped_before_the_main_task_ended_says_so)
{
    for_each_backend(stopped);
}

/* ---- Interrupts --------------------------------------------------------- */

static int interrupted_sleep(void *arg)
{
    (void)arg;
    CHECK_INT(kill(getpid(), SIGINT), 0);
    int rc = brio_sleep(BRIO_SEC(3600));
    say("%s ", brio_error_name(rc));
    return rc;
}

static void interrupt_once(const brio_loop_options *loop)
{
    struct sigaction now;
    brio_run_options options = {.loop = loop, .interrupt = true};
    CHECK_INT(brio_run(interrupted_sleep, NULL, &options), -EINTR);
    CHECK_TRACE("ECANCELED ");
    CHECK_INT(sigaction(SIGINT, NULL, &now), 0);
    CHECK(now.sa_handler == SIG_DFL); /* as it was */
}

TEST(the_first_interrupt_cancels_the_main_task)
{
    for_each_backend(interrupt_once);
}

static int swallows(void *arg)
{
    CHECK_INT(interrupted_sleep(arg), -ECANCELED);
    return 5;
}

static void interrupt_swallowed(const brio_loop_options *loop)
{
    brio_run_options options = {.loop = loop, .interrupt = true};
    CHECK_INT(brio_run(swallows, NULL, &options), 5);
}

TEST(a_main_task_that_ends_otherwise_keeps_its_result)
{
    for_each_backend(interrupt_swallowed);
}

static int also_cancelled(void *arg)
{
    (void)arg;
    CHECK_INT(kill(getpid(), SIGINT), 0);
    CHECK_INT(brio_sleep(BRIO_SEC(3600)), -ECANCELED);
    (void)brio_task_cancel(brio_current_task());
    CHECK_INT(brio_task_cancelling(brio_current_task()), 2);
    return brio_yield();
}

static void interrupt_and_cancel(const brio_loop_options *loop)
{
    brio_run_options options = {.loop = loop, .interrupt = true};
    CHECK_INT(brio_run(also_cancelled, NULL, &options), -ECANCELED);
}

TEST(an_interrupt_beside_another_cancellation_is_that)
{
    for_each_backend(interrupt_and_cancel);
}

static int interrupts_twice(void *arg)
{
    (void)arg;
    (void)kill(getpid(), SIGINT);
    (void)kill(getpid(), SIGINT); /* without a turn of the loop in between */
    return brio_sleep(BRIO_SEC(3600));
}

static void run_interrupted_twice(void)
{
    ran(brio_run(interrupts_twice, NULL, &(brio_run_options){.interrupt = true}));
}

TEST(the_second_interrupt_ends_the_process_even_while_a_task_computes)
{
    child c;
    child_run(&c, run_interrupted_twice);
    CHECK(WIFSIGNALED(c.status));
    CHECK_INT(WTERMSIG(c.status), SIGINT);
}

static int yields_after_interrupt(void *arg)
{
    (void)arg;
    CHECK_INT(kill(getpid(), SIGINT), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    return 3;
}

static volatile sig_atomic_t own_handler_ran;

static void own_handler(int signo)
{
    (void)signo;
    own_handler_ran = 1;
}

TEST(who_ignores_or_handles_sigint_is_left_alone)
{
    struct sigaction now, own = {.sa_handler = own_handler}, ignore = {.sa_handler = SIG_IGN};
    brio_run_options options = {.interrupt = true};
    CHECK_INT(sigaction(SIGINT, &ignore, NULL), 0);
    CHECK_INT(brio_run(yields_after_interrupt, NULL, &options), 3);
    CHECK_INT(sigaction(SIGINT, &own, NULL), 0);
    CHECK_INT(brio_run(yields_after_interrupt, NULL, &options), 3);
    CHECK_INT(own_handler_ran, 1);
    CHECK_INT(sigaction(SIGINT, NULL, &now), 0);
    CHECK(now.sa_handler == own_handler);
}

static void raise_without_asking(void)
{
    ran(brio_run(yields_after_interrupt, NULL, NULL));
}

TEST(unasked_a_run_takes_no_signal_over)
{
    child c;
    child_run(&c, raise_without_asking);
    CHECK(WIFSIGNALED(c.status));
    CHECK_INT(WTERMSIG(c.status), SIGINT);
}

static void *interrupt_from_a_thread(void *arg)
{
    (void)arg;
    (void)kill(getpid(), SIGINT);
    return NULL;
}

static int waits_for_a_threads_interrupt(void *arg)
{
    pthread_t thread;
    (void)arg;
    CHECK_INT(pthread_create(&thread, NULL, interrupt_from_a_thread, NULL), 0);
    int rc = brio_sleep(BRIO_SEC(50));
    CHECK_INT(pthread_join(thread, NULL), 0);
    return rc;
}

TEST(an_interrupt_wakes_a_loop_that_sleeps)
{
#ifdef TEST_UNDER_TSAN
    test_skip("ThreadSanitizer holds signals back during system calls it does not know");
#endif
    brio_loop_options epoll = {.backend = BRIO_BACKEND_EPOLL};
    for (int i = 0; i < 20; i++)
        CHECK_INT(brio_run(waits_for_a_threads_interrupt, NULL,
                           &(brio_run_options){.loop = &epoll, .interrupt = true}),
                  -EINTR);
}

/* ---- Failures nobody looked at ------------------------------------------ */

typedef struct told {
    int times, err;
    uint64_t id;
    bool in_a_task;
    char text[128];
} told;

static void on_failure(const brio_failure *failure, void *arg)
{
    told *t = arg;
    t->times++;
    t->err = failure->err;
    t->id = failure->id;
    t->in_a_task = brio_current_task() != NULL;
    snprintf(t->text, sizeof(t->text), "%s: %.*s", failure->name, BRIO_ARG(failure->detail));
}

static int fails(void *arg)
{
    int rc = brio_yield();
    (void)arg;
    return rc < 0 ? rc : brio_error(-EIO, "the disk said %s", "no");
}

static int fails_at_once(void *arg)
{
    (void)arg;
    return -EPIPE;
}

static uint64_t failed_id;

static int forgets_failures(void *arg)
{
    int result;
    (void)arg;
    failed_id = brio_task_id(brio_create_task(fails, NULL, &(brio_task_options){.name = "disk"}));
    CHECK_INT(brio_join(brio_create_task(fails, NULL, NULL), &result), 0); /* looked at */
    CHECK_INT(result, -EIO);
    return 0;
}

static void told_once(const brio_loop_options *loop)
{
    told t = {0};
    brio_run_options options = {.loop = loop, .on_failure = on_failure, .failure_arg = &t};
    CHECK_INT(brio_run(forgets_failures, NULL, &options), 0);
    CHECK_INT(t.times, 1);
    CHECK_INT(t.err, -EIO);
    CHECK_INT(t.id, failed_id);
    CHECK(!t.in_a_task);
    CHECK_STR(brio_str_from(t.text), "disk: the disk said no");
}

TEST(the_failure_handler_is_told_once_of_what_nobody_looked_at)
{
    for_each_backend(told_once);
}

static int fails_eagerly(void *arg)
{
    (void)arg;
    brio_create_task(fails_at_once, NULL, &(brio_task_options){.eager = true});
    CHECK(brio_current_task());
    return 0;
}

TEST(the_failure_handler_runs_outside_tasks_even_for_eager_ones)
{
    told t = {.in_a_task = true};
    brio_run_options options = {.on_failure = on_failure, .failure_arg = &t};
    CHECK_INT(brio_run(fails_eagerly, NULL, &options), 0);
    CHECK_INT(t.times, 1);
    CHECK(!t.in_a_task);
}

/* ---- Closing ------------------------------------------------------------ */

static int ignores_the_first(void *arg)
{
    (void)arg;
    while (brio_sleep(BRIO_SEC(100)) == -ECANCELED && !brio_cancel_point())
        say("once ");
    return 0;
}

static brio_time closing_time(brio_time grace)
{
    brio_loop *loop;
    brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    CHECK_OK(brio_loop_new(&loop, &sim));
    CHECK_OK(brio_tasks_open(loop, &(brio_run_options){.grace = grace}));
    CHECK(brio_create_task_on(loop, ignores_the_first, NULL, NULL));
    CHECK_INT(brio_loop_run_once(loop, 0) >= 0, 1);
    brio_time begin = brio_loop_now(loop);
    brio_tasks_close(loop);
    brio_time took = brio_loop_now(loop) - begin;
    brio_loop_free(loop);
    return took;
}

TEST(the_grace_of_closing_is_an_option)
{
    CHECK_INT(closing_time(BRIO_MS(1500)), BRIO_MS(1500));
    CHECK_INT(closing_time(0), BRIO_SEC(5));
}

/* ---- All tasks ---------------------------------------------------------- */

static bool say_name(brio_task *task, void *arg)
{
    int *left = arg;
    say("%s ", brio_task_name(task));
    return --*left > 0;
}

static int sleeps(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(3600));
}

static int each_main(void *arg)
{
    int all = 10, two = 2;
    (void)arg;
    brio_create_task(sleeps, NULL, &(brio_task_options){.name = "a"});
    brio_task *b = brio_create_task(sleeps, NULL, &(brio_task_options){.name = "b"});
    brio_create_task(sleeps, NULL, &(brio_task_options){.name = "c"});
    brio_task_each(say_name, &all);
    CHECK_TRACE("main a b c ");
    brio_task_each(say_name, &two);
    CHECK_TRACE("main a ");
    (void)brio_task_cancel(b);
    CHECK_INT(brio_join(b, NULL), 0);
    all = 10;
    brio_task_each(say_name, &all);
    CHECK_TRACE("main a c ");
    return 0;
}

TEST(all_live_tasks_are_told_oldest_first)
{
    run_everywhere(each_main);
    int none = 1;
    brio_task_each(say_name, &none); /* outside loops there are none */
    CHECK_TRACE("");
}

/* ---- Debug mode --------------------------------------------------------- */

static brio_loop *foreign;
static brio_callback nothing_cb;

static void *call_soon_from_a_thread(void *arg)
{
    (void)arg;
    brio_loop_call_soon(foreign, &nothing_cb);
    return NULL;
}

static int uses_a_thread(void *arg)
{
    pthread_t thread;
    (void)arg;
    foreign = brio_loop_current();
    if (pthread_create(&thread, NULL, call_soon_from_a_thread, NULL) == 0)
        (void)pthread_join(thread, NULL);
    return 0;
}

static void run_wrong_thread(void)
{
    ran(brio_run(uses_a_thread, NULL, &(brio_run_options){.debug = true}));
}

TEST(debug_mode_names_a_call_from_a_wrong_thread)
{
    child c;
    child_run(&c, run_wrong_thread);
    CHECK(WIFSIGNALED(c.status));
    CHECK_INT(WTERMSIG(c.status), SIGABRT);
    CHECK(strstr(c.said, "from another thread"));
    CHECK(strstr(c.said, "runner_test") || strstr(c.said, "test_task"));
}

static brio_waiter foreign_waiter;

static void *unpark_from_a_thread(void *arg)
{
    (void)arg;
    brio_unpark(&foreign_waiter, 0);
    return NULL;
}

static int unparked_by_a_thread(void *arg)
{
    pthread_t thread;
    (void)arg;
    if (pthread_create(&thread, NULL, unpark_from_a_thread, NULL) != 0)
        return -EAGAIN;
    (void)pthread_join(thread, NULL);
    return 0;
}

static int parks(void *arg)
{
    (void)arg;
    return brio_park(&foreign_waiter);
}

static int parked_main(void *arg)
{
    brio_create_task(parks, NULL, NULL);
    CHECK_INT(brio_yield(), 0);
    return unparked_by_a_thread(arg);
}

static void run_wrong_unpark(void)
{
    (void)setenv("BRIO_DEBUG", "1", 1); /* as good as the option */
    ran(brio_run(parked_main, NULL, NULL));
}

TEST(debug_mode_names_an_unpark_from_a_wrong_thread)
{
    child c;
    child_run(&c, run_wrong_unpark);
    CHECK(WIFSIGNALED(c.status));
    CHECK_INT(WTERMSIG(c.status), SIGABRT);
    CHECK(strstr(c.said, "from another thread"));
}

static int leaves_a_late_one(void *arg)
{
    (void)arg;
    brio_create_task(ignores_the_first, NULL, &(brio_task_options){.name = "late"});
    return brio_yield();
}

static void run_late(void)
{
    brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    ran(brio_run(leaves_a_late_one, NULL, &(brio_run_options){.loop = &sim, .debug = true}));
}

TEST(debug_mode_names_tasks_that_did_not_end_when_asked_to)
{
    child c;
    child_run(&c, run_late);
    CHECK(WIFEXITED(c.status));
    CHECK(strstr(c.said, "late"));
    CHECK(strstr(c.said, "did not end when asked to; created at"));
}
