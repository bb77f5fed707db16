/* SPDX-License-Identifier: MIT
 *
 * The detector on a loop that the test plays itself: a record in the table and
 * a thread inside a turn. Stimuli are real time; what is asserted is that a
 * report came and what it says. */
#include "harness/test.h"
#include "trace/trace_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIGNALS_ARE_LATE 1 /* the sanitizer delivers them at the next system call */
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define SIGNALS_ARE_LATE 1
#endif

/* ---- A loop to look at --------------------------------------------------- */

static brio_trace_task task = {.id = 7, .name = "report-maker"};
static brio_trace_loop loop;

static void loop_open(void)
{
    loop = (brio_trace_loop){.backend = "sim", .tid = gettid()};
    brio_trace_loop_add(&loop);
}

static void turn_begin(const brio_trace_task *of)
{
    __atomic_store_n(&loop.running, of, __ATOMIC_RELAXED);
    __atomic_store_n(&loop.running_since, brio_clock_monotonic(), __ATOMIC_RELEASE);
}

static void turn_end(void)
{
    __atomic_store_n(&loop.running_since, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&loop.running, NULL, __ATOMIC_RELAXED);
}

/* ---- Reports ------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    int n;
    char task[64], stack[8192], call[32], advice[32];
    uint64_t id;
    brio_time for_ns, first_for_ns;
    size_t pcs;
    bool held;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void keep(const brio_blocked *blocked, void *arg)
{
    CHECK(arg == &seen);
    pthread_mutex_lock(&seen.lock);
    if (seen.n == 0)
        seen.first_for_ns = blocked->for_ns;
    snprintf(seen.task, sizeof(seen.task), "%s", blocked->task);
    snprintf(seen.stack, sizeof(seen.stack), "%.*s", BRIO_ARG(blocked->stack));
    snprintf(seen.call, sizeof(seen.call), "%.*s", BRIO_ARG(blocked->call));
    snprintf(seen.advice, sizeof(seen.advice), "%s", blocked->advice ? blocked->advice : "");
    seen.id = blocked->id;
    seen.for_ns = blocked->for_ns;
    seen.pcs = blocked->n;
    seen.held = blocked->held;
    seen.n++;
    pthread_mutex_unlock(&seen.lock);
}

static int reports(void)
{
    pthread_mutex_lock(&seen.lock);
    int n = seen.n;
    pthread_mutex_unlock(&seen.lock);
    return n;
}

static void start(brio_time limit, bool once)
{
    CHECK_OK(brio_detector_start(
        &(brio_detector_options){.limit = limit, .once = once, .report = keep, .arg = &seen}));
}

/* Computes, as a handler that should not, until `n` reports came. */
__attribute__((noinline)) static uint64_t spin_until_reported(int n)
{
    uint64_t sum = 1;
    brio_time end = brio_clock_monotonic() + BRIO_SEC(30);
    while (reports() < n && brio_clock_monotonic() < end)
        for (unsigned i = 0; i < 1000; i++)
            sum = sum * 31 + i;
    return sum;
}

__attribute__((noinline)) static uint64_t handler_that_spins(int n)
{
    uint64_t sum = spin_until_reported(n);
    return sum + 1;
}

static volatile uint64_t sink;

/* ---- Tests --------------------------------------------------------------- */

TEST(a_spinning_task_is_named_with_its_functions)
{
    loop_open();
    start(BRIO_MS(10), false);
    turn_begin(&task);
    sink = handler_that_spins(1);
    turn_end();
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK(reports() >= 1);
    CHECK_INT(seen.id, 7);
    CHECK(seen.first_for_ns >= BRIO_MS(10));
    CHECK_STR(brio_str_from(seen.call), "");
#ifndef SIGNALS_ARE_LATE
    CHECK_STR(brio_str_from(seen.task), "report-maker");
    CHECK(seen.pcs >= 3);
#ifdef BRIO_WITH_LIBDW
    CHECK(strstr(seen.stack, "spin_until_reported"));
    CHECK(strstr(seen.stack, "handler_that_spins"));
    CHECK(strstr(seen.stack, "detector_test.c:"));
#endif
#endif
}

TEST(it_reports_again_when_the_limit_doubled)
{
    loop_open();
    start(BRIO_MS(5), false);
    turn_begin(&task);
    sink = handler_that_spins(3);
    turn_end();
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK(reports() >= 3);
    CHECK(seen.for_ns >= BRIO_MS(20)); /* the third is due at four limits */
    CHECK_INT(loop.slow_turns, 1);
}

TEST(once_is_once_for_each_turn)
{
    loop_open();
    start(BRIO_MS(5), true);
    for (int turn = 1; turn <= 2; turn++) {
        turn_begin(&task);
        sink = handler_that_spins(turn);
        brio_time end = brio_clock_monotonic() + BRIO_MS(60);
        while (brio_clock_monotonic() < end)
            sink++;
        turn_end();
        CHECK_INT(reports(), turn);
    }
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK_INT(loop.slow_turns, 2);
}

TEST(a_callback_is_called_so)
{
    loop_open();
    start(BRIO_MS(5), true);
    turn_begin(NULL);
    sink = handler_that_spins(1);
    turn_end();
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK_STR(brio_str_from(seen.task), "a callback");
    CHECK_INT(seen.id, 0);
}

/* Idle, and many turns that end in time: nothing to say. */
TEST(short_turns_are_not_reported)
{
    loop_open();
    start(BRIO_SEC(20), false);
    for (int i = 0; i < 1000; i++) {
        turn_begin(&task);
        turn_end();
    }
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK_INT(reports(), 0);
    CHECK_INT(loop.slow_turns, 0);
}

TEST(the_lag_is_a_gauge)
{
    loop_open();
    start(BRIO_MS(5), true);
    turn_begin(&task);
    sink = handler_that_spins(1);
    turn_end();
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK(loop.lag_recent >= BRIO_MS(5));
}

static void *block_the_signal(void *arg)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    loop_open();
    turn_begin(&task);
    sink = handler_that_spins(1);
    turn_end();
    brio_trace_loop_remove(&loop);
    return arg;
}

/* No answer to the signal: the report comes without a stack. */
TEST(a_thread_that_does_not_answer_is_reported_too)
{
    pthread_t thread;
    start(BRIO_MS(5), true);
    CHECK_INT(pthread_create(&thread, NULL, block_the_signal, NULL), 0);
    pthread_join(thread, NULL);
    brio_detector_stop();
    CHECK_INT(reports(), 1);
    CHECK_INT(seen.id, 7);
    CHECK_INT(seen.pcs, 0);
    CHECK_STR(brio_str_from(seen.stack), "");
}

static void *loops_come_and_go(void *arg)
{
    for (int i = 0; i < 500; i++) {
        brio_trace_loop mine = {.tid = gettid(), .running = &task};
        mine.running_since = brio_clock_monotonic() - BRIO_SEC(1);
        brio_trace_loop_add(&mine);
        brio_trace_loop_remove(&mine);
    }
    return arg;
}

/* The lock keeps a loop while it is looked at. */
TEST(loops_come_and_go_under_the_watchdog)
{
    pthread_t threads[3];
    start(BRIO_US(200), false);
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, loops_come_and_go, NULL), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    brio_detector_stop();
    CHECK(!brio_trace_tasks.loops);
}

TEST(one_detector_at_a_time)
{
    start(0, false);
    CHECK(brio_trace_wants(BRIO_TRACE_DETECTOR));
    CHECK_INT(brio_detector_start(NULL), -EALREADY);
    brio_detector_stop();
    CHECK(!brio_trace_wants(BRIO_TRACE_DETECTOR));
    brio_detector_stop();
    start(0, false);
    brio_detector_stop();
}

TEST(a_forked_child_has_no_detector)
{
    start(0, false);
    pid_t pid = fork();
    if (pid == 0) {
        bool off = !brio_trace_wants(BRIO_TRACE_DETECTOR);
        brio_detector_stop();
#ifndef SIGNALS_ARE_LATE /* that sanitizer lets no thread start here */
        off = off && brio_detector_start(NULL) == 0;
#endif
        _exit(off ? 0 : 1);
    }
    int status;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_INT(status, 0);
    brio_detector_stop();
}

/* A signal still on its way when the detector stops must not kill. */
TEST(a_late_signal_is_harmless)
{
    start(0, false);
    brio_detector_stop();
    CHECK_INT(raise(SIGRTMAX - 1), 0);
}

TEST(without_memory_it_does_not_start)
{
    brio_heap_fault(1);
    CHECK_INT(brio_detector_start(NULL), -ENOMEM);
    brio_heap_fault(0);
}

/* ---- What the shim calls ------------------------------------------------- */

TEST(a_blocking_call_is_reported_once_per_site)
{
    static const char code[2];
    loop_open();
    start(BRIO_SEC(100), false);
    CHECK(!brio_trace_blocking("sleep", "brio_sleep", &code[0])); /* outside turns */
    turn_begin(&task);
    CHECK(brio_trace_running() == &task);
    CHECK(brio_trace_blocking("sleep", "brio_sleep", &code[0]));
    CHECK(!brio_trace_blocking("sleep", "brio_sleep", &code[0]));
    CHECK(brio_trace_blocking("getaddrinfo", NULL, &code[1]));
    turn_end();
    CHECK(!brio_trace_running());
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK_INT(reports(), 2);
    CHECK_STR(brio_str_from(seen.call), "getaddrinfo");
    CHECK_STR(brio_str_from(seen.advice), "");
    CHECK_STR(brio_str_from(seen.task), "report-maker");
}

TEST(a_mutex_held_across_a_suspension_is_reported_once)
{
    static const char code[1];
    loop_open();
    start(BRIO_SEC(100), false);
    CHECK(!brio_trace_held(NULL, "pthread_mutex_lock", "brio_lock", &code[0]));
    CHECK(brio_trace_held(&task, "pthread_mutex_lock", "brio_lock", &code[0])); /* not in a turn */
    CHECK(!brio_trace_held(&task, "pthread_mutex_lock", "brio_lock", &code[0]));
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
    CHECK_INT(reports(), 1);
    CHECK_STR(brio_str_from(seen.call), "pthread_mutex_lock");
    CHECK_STR(brio_str_from(seen.advice), "brio_lock");
    CHECK(seen.held);
}

static void *look_from_elsewhere(void *arg)
{
    *(bool *)arg = brio_trace_running() == NULL;
    return NULL;
}

TEST(running_is_of_the_calling_thread)
{
    bool none = false;
    pthread_t thread;
    loop_open();
    turn_begin(&task);
    CHECK_INT(pthread_create(&thread, NULL, look_from_elsewhere, &none), 0);
    pthread_join(thread, NULL);
    turn_end();
    brio_trace_loop_remove(&loop);
    CHECK(none);
}

/* ---- Wanting ------------------------------------------------------------- */

TEST(a_bit_stays_while_somebody_wants_it)
{
    brio_trace_want(BRIO_TRACE_MEASURE, true);
    brio_trace_want(BRIO_TRACE_MEASURE, true);
    brio_trace_want(BRIO_TRACE_MEASURE, false);
    CHECK(brio_trace_wants(BRIO_TRACE_MEASURE));
    CHECK(!brio_trace_wants(BRIO_TRACE_TIMELINE));
    brio_trace_want(BRIO_TRACE_MEASURE, false);
    CHECK(!brio_trace_on);
}
