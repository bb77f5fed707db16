/* SPDX-License-Identifier: MIT
 *
 * Runs a main task on each back end the machine has, and keeps a trace: what
 * happened in which order, as text. Real time never decides a test. */
#ifndef BRIO_TEST_EVERYWHERE_H
#define BRIO_TEST_EVERYWHERE_H

#include <brio/loop.h>
#include <brio/sim.h>
#include <brio/task.h>

#include "harness/test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define TEST_UNDER_TSAN 1
#endif
#if __has_feature(address_sanitizer)
#define TEST_UNDER_ASAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define TEST_UNDER_TSAN 1
#endif
#ifdef __SANITIZE_ADDRESS__
#define TEST_UNDER_ASAN 1
#endif

static char trace[4096];

__attribute__((unused, format(printf, 1, 2))) static void say(const char *fmt, ...)
{
    size_t len = strlen(trace);
    va_list args;
    va_start(args, fmt);
    vsnprintf(trace + len, sizeof(trace) - len, fmt, args);
    va_end(args);
}

#define CHECK_TRACE(want)                                                                          \
    do {                                                                                           \
        CHECK_STR(brio_str_from(trace), want);                                                     \
        trace[0] = '\0';                                                                           \
    } while (0)

/* ---- Time --------------------------------------------------------------- */

enum { FOR_EVER = INT_MAX };

/* A sleep of a test's own time, in which a tick is over when everybody waits.
 * Of two that begin together the shorter ends first, and all that comes of its
 * end happens before the longer one does, however slow the machine is: an
 * order that short sleeps only make likely. FOR_EVER outlasts every test. */
__attribute__((unused)) static int rest(int ticks)
{
    if (ticks == FOR_EVER)
        return brio_sleep(BRIO_SEC(1000));
    if (ticks == 0)
        return brio_yield();
    int rc = 0;
    for (int i = 0; i < ticks && rc == 0; i++)
        rc = brio_wait_all_blocked();
    return rc;
}

typedef struct passing {
    brio_scope *scope;
    int ticks;
} passing;

/* A task: lets the scope's deadline pass when `ticks` are over. */
__attribute__((unused)) static int let_pass(void *arg)
{
    const passing *p = arg;
    int rc = rest(p->ticks);
    if (rc == 0)
        brio_scope_reschedule(p->scope, brio_now());
    return rc;
}

/* ---- Back ends ---------------------------------------------------------- */

__attribute__((unused)) static int run_on(brio_backend backend, brio_task_fn *fn, void *arg)
{
    brio_loop_options loop = {.backend = backend};
    return brio_run(fn, arg, &(brio_run_options){.loop = &loop});
}

/* Runs `fn` on the simulator, epoll and io_uring; each must return 0. */
__attribute__((unused)) static void run_everywhere(brio_task_fn *fn)
{
    static const brio_backend all[] = {BRIO_BACKEND_EPOLL, BRIO_BACKEND_URING, BRIO_BACKEND_SIM};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        trace[0] = '\0';
        int rc = run_on(all[i], fn, NULL);
        if (all[i] == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM))
            continue; /* forbidden here; the others have run */
        CHECK_INT(rc, 0);
    }
}

/* ThreadSanitizer looks for what two threads do to each other; the orders of
 * one thread's tasks are for the other builds, at a fiftieth of the price. */
#ifdef TEST_UNDER_TSAN
enum { ORDERS_MAX = 10 };
#else
enum { ORDERS_MAX = 200 };
#endif

/* Runs `fn` on the simulator with ready tasks in random order, `n` seeds. */
__attribute__((unused)) static void run_shuffled(brio_task_fn *fn, uint64_t n)
{
    for (uint64_t seed = 1; seed <= n && seed <= ORDERS_MAX; seed++) {
        brio_loop_options loop = {.backend = BRIO_BACKEND_SIM,
                                  .sim = {.seed = seed, .random_order = true}};
        trace[0] = '\0';
        int rc = brio_run(fn, NULL, &(brio_run_options){.loop = &loop});
        if (rc != 0)
            test_fail(__FILE__, __LINE__, "seed %llu: %s", (unsigned long long)seed,
                      brio_error_text(rc));
    }
}

/* For rules that hold in any order of ready tasks. */
__attribute__((unused)) static void run_thoroughly(brio_task_fn *fn)
{
    run_everywhere(fn);
    run_shuffled(fn, 200);
}

#endif
