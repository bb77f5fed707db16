/* SPDX-License-Identifier: MIT
 *
 * What a task costs: switch, yield, spawn and join, semaphore, thread hop,
 * each beside a floor measured in the same run. The floors are an indirect
 * call, and the same jump between two contexts with nothing around it. Each
 * figure is the best of several rounds, in nanoseconds per operation; CPU time
 * on this thread decides except for the thread hop, where time passes. */
#include <brio/exec.h>
#include <brio/loop.h>
#include <brio/task.h>

#include "task/task_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 21 };

typedef void bench_fn(size_t n);

static double best_ns(bench_fn *fn, size_t n)
{
    double best = 1e18;
    for (int i = 0; i < ROUNDS; i++) {
        brio_time begin = brio_clock_monotonic();
        fn(n);
        double ns = (double)(brio_clock_monotonic() - begin) / (double)n;
        if (ns < best)
            best = ns;
    }
    return best;
}

static const char *only; /* part of the name, or NULL */

static bool wanted(const char *what)
{
    return !only || strstr(what, only);
}

static void report(const char *what, double ns, const char *floor, double floor_ns)
{
    printf("%-36s %9.1f ns   floor: %-24s %8.1f ns\n", what, ns, floor, floor_ns);
}

/* ---- Floors ------------------------------------------------------------- */

static __attribute__((noinline)) int nothing(void *arg)
{
    __asm__ volatile("" ::"r"(arg));
    return 0;
}

static void indirect_calls(size_t n)
{
    brio_task_fn *volatile fn = nothing;
    for (size_t i = 0; i < n; i++)
        (void)fn(NULL);
}

static brio_task_ctx ctx_main, ctx_other;

/* Not instrumented, not returning: bounces until nobody comes any more. */
static __attribute__((noinline)) void bounce(void)
{
    for (;;)
        brio_task_jump(&ctx_other, &ctx_main);
}

static void bare_switches(size_t n)
{
    enum { BYTES = 16384 };
    static char *stack;
    if (!stack) {
        stack = aligned_alloc(64, BYTES);
        union {
            void (*fn)(void);
            void *address;
        } entry = {bounce};
        ctx_other = (brio_task_ctx){.sp = stack + BYTES - 8, .pc = entry.address};
    }
    for (size_t i = 0; i < n; i += 2)
        brio_task_jump(&ctx_main, &ctx_other);
}

static brio_loop *loop;

static size_t left;
static void again(brio_callback *cb)
{
    if (left-- > 0)
        brio_loop_call_soon(loop, cb);
}

static void bare_callbacks(size_t n)
{
    brio_callback cb = {.fn = again};
    left = n;
    brio_loop_call_soon(loop, &cb);
    while (left != SIZE_MAX)
        if (brio_loop_run_once(loop, 0) < 0)
            abort();
}

/* ---- Tasks -------------------------------------------------------------- */

static int yield_n(void *arg)
{
    int rc = 0;
    for (size_t i = *(size_t *)arg; i > 0 && rc == 0; i--)
        rc = brio_yield();
    return rc;
}

static void yields_of(size_t tasks, size_t n)
{
    size_t each = n / tasks;
    BRIO_GROUP(g)
    for (size_t i = 0; i < tasks; i++)
        (void)brio_spawn(&g, yield_n, &each);
}

static void yields_1(size_t n)
{
    yields_of(1, n);
}
static void yields_2(size_t n)
{
    yields_of(2, n);
}
static void yields_1000(size_t n)
{
    yields_of(1000, n);
}

static void spawn_join(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        BRIO_GROUP(g)
        (void)brio_spawn(&g, nothing, NULL);
    }
}

static void spawn_batches(size_t n)
{
    for (size_t i = 0; i < n; i += 100) {
        BRIO_GROUP(g)
        for (int j = 0; j < 100; j++)
            (void)brio_spawn(&g, nothing, NULL);
    }
}

static void eager_tasks(size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)brio_create_task(nothing, NULL, &(brio_task_options){.eager = true});
}

static void semaphores(size_t n)
{
    brio_semaphore sem;
    brio_semaphore_init(&sem, 1);
    for (size_t i = 0; i < n; i++)
        if (brio_semaphore_acquire(&sem) == 0)
            brio_semaphore_release(&sem);
}

static void scopes(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        BRIO_SCOPE(s)
        __asm__ volatile("" ::: "memory");
    }
}

static void timeouts(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        BRIO_SCOPE(s, .timeout = BRIO_SEC(60))
        __asm__ volatile("" ::: "memory");
    }
}

static void ignore(brio_timer *timer)
{
    (void)timer;
}

/* Among many others, as a server's idle connections are. */
static void timers(size_t n)
{
    enum { OTHERS = 10000 };
    static brio_timer others[OTHERS];
    brio_loop *here = brio_loop_current();
    brio_time now = brio_loop_now(here);
    for (size_t i = 0; i < OTHERS; i++) {
        others[i].fn = ignore;
        brio_timer_start(here, &others[i], now + BRIO_SEC(30) + (brio_time)(i * 7919 % OTHERS) * 3);
    }
    brio_timer timer = {.fn = ignore};
    for (size_t i = 0; i < n; i++) {
        brio_timer_start(here, &timer, now + BRIO_SEC(30) + (brio_time)(i * 104729 % 60000));
        brio_timer_stop(here, &timer);
    }
    for (size_t i = 0; i < OTHERS; i++)
        brio_timer_stop(here, &others[i]);
}

static void thread_hops(size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (brio_to_thread(nothing, NULL) < 0)
            abort();
}

typedef struct figures {
    double call, bare, callback;
} figures;

/* One row of the table. */
typedef struct row {
    const char *what;
    bench_fn *fn;
    size_t n;
    const char *floor;
    double floor_ns;
} row;

static int measure(void *arg)
{
    const figures *f = arg;
    const row rows[] = {
        {"yield, 1 task", yields_1, 200000, "loop callback", f->callback},
        {"yield, 2 tasks", yields_2, 200000, "bare switch x2", 2 * f->bare},
        {"yield, 1000 tasks", yields_1000, 200000, "bare switch x2", 2 * f->bare},
        {"group + spawn + join", spawn_join, 50000, "bare switch x4", 4 * f->bare},
        {"spawn + join, batches of 100", spawn_batches, 50000, "bare switch x2", 2 * f->bare},
        {"eager task that does not suspend", eager_tasks, 100000, "bare switch x2", 2 * f->bare},
        {"semaphore acquire + release", semaphores, 300000, "indirect call", f->call},
        {"scope", scopes, 300000, "indirect call", f->call},
        {"scope with a timeout", timeouts, 200000, "indirect call", f->call},
        {"timer add + cancel, 10,000 others", timers, 200000, "indirect call", f->call},
        {"thread hop", thread_hops, 2000, "indirect call", f->call},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (wanted(rows[i].what))
            report(rows[i].what, best_ns(rows[i].fn, rows[i].n), rows[i].floor, rows[i].floor_ns);
    return 0;
}

int main(int argc, char **argv)
{
    figures f = {best_ns(indirect_calls, 1000000), best_ns(bare_switches, 1000000), 0};
    only = argc > 1 ? argv[1] : NULL;
    if (brio_loop_new(&loop, NULL) < 0)
        return 1;
    printf("# %s\n", brio_loop_backend(loop));
    f.callback = best_ns(bare_callbacks, 300000);
    brio_loop_free(loop);
    report("bare switch", f.bare, "indirect call", f.call);
    report("loop callback", f.callback, "indirect call", f.call);
    return brio_run(measure, &f, NULL) < 0;
}
