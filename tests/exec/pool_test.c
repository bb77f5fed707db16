/* SPDX-License-Identifier: MIT
 *
 * Thread pools: results, limits, cancellation, the clock that waits. What
 * threads do is made visible by gates, never by sleeping. */
#include <brio/exec.h>
#include <brio/loop.h>
#include <brio/task.h>

#include "harness/test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

static void run_everywhere(brio_task_fn *fn)
{
    static const brio_backend all[] = {BRIO_BACKEND_EPOLL, BRIO_BACKEND_URING, BRIO_BACKEND_SIM};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        brio_loop_options loop = {.backend = all[i]};
        int rc = brio_run(fn, NULL, &(brio_run_options){.loop = &loop});
        if (all[i] == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM))
            continue;
        CHECK_INT(rc, 0);
    }
}

/* ---- Jobs --------------------------------------------------------------- */

static atomic_int inside; /* threads that wait at the gate */
static atomic_bool open_gate;

static int wait_at_gate(void *arg)
{
    atomic_fetch_add(&inside, 1);
    while (!atomic_load(&open_gate))
        sched_yield();
    atomic_fetch_sub(&inside, 1);
    return arg ? *(int *)arg : 0;
}

static void close_gate(void)
{
    atomic_store(&open_gate, false);
}

/* Suspends until `n` threads wait at the gate. */
static void await_inside(int n)
{
    while (atomic_load(&inside) < n) {
        CHECK_INT(brio_yield(), 0);
        sched_yield();
    }
}

static int square(void *arg)
{
    int *n = arg;
    *n *= *n;
    return *n;
}

static int run_square(void *arg)
{
    return brio_to_thread(square, arg);
}

static int to_thread_main(void *arg)
{
    int n[100];
    (void)arg;
    for (int i = 0; i < 100; i++)
        n[i] = i;
    CHECK_INT(brio_gather_map(run_square, n, 100, sizeof(n[0])), 0);
    for (int i = 0; i < 100; i++)
        CHECK_INT(n[i], i * i);
    return 0;
}

TEST(a_hundred_jobs_run_on_threads)
{
    run_everywhere(to_thread_main);
}

static pthread_t loop_thread;

static int see_thread(void *arg)
{
    sigset_t blocked;
    char name[32];
    (void)arg;
    CHECK(!pthread_equal(pthread_self(), loop_thread));
    CHECK(!brio_current_task());
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0);
    CHECK(sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGINT));
    CHECK(pthread_getname_np(pthread_self(), name, sizeof(name)) == 0);
    CHECK_STR(brio_str_from(name), "crew-1");
    return 4;
}

static int thread_main(void *arg)
{
    brio_pool *pool;
    sigset_t blocked;
    (void)arg;
    loop_thread = pthread_self();
    CHECK_OK(brio_pool_new(&pool, &(brio_pool_options){.name = "crew"}));
    CHECK_INT(brio_run_in(pool, see_thread, NULL), 4);
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0);
    CHECK(!sigismember(&blocked, SIGTERM));
    brio_pool_free(pool);
    return 0;
}

TEST(a_job_runs_on_a_named_thread_without_signals)
{
    run_everywhere(thread_main);
}

TEST(outside_a_task_the_job_runs_here)
{
    int n = 7;
    CHECK_INT(brio_to_thread(square, &n), 49);
    CHECK_INT(brio_run_in(NULL, square, &n), 49 * 49);
}

static int fail_with_words(void *arg)
{
    CHECK_STR(brio_error_detail(), ""); /* nothing of the thread's former job */
    return arg ? brio_error(-EIO, "no %s", (const char *)arg) : -EPERM;
}

static int detail_main(void *arg)
{
    static char paper[] = "paper";
    brio_pool *pool;
    (void)arg;
    CHECK_OK(brio_pool_new(&pool, &(brio_pool_options){.max_threads = 1}));
    CHECK_INT(brio_run_in(pool, fail_with_words, paper), -EIO);
    CHECK_STR(brio_error_detail(), "no paper");
    CHECK_INT(brio_run_in(pool, fail_with_words, NULL), -EPERM);
    brio_pool_free(pool);
    return 0;
}

TEST(a_jobs_words_reach_the_task)
{
    run_everywhere(detail_main);
}

/* ---- Limits ------------------------------------------------------------- */

static brio_pool *pool_at_gate;

static int gate_job(void *arg)
{
    return brio_run_in(pool_at_gate, wait_at_gate, arg);
}

static int limits_main(void *arg)
{
    size_t running, queued;
    (void)arg;
    close_gate();
    CHECK_OK(brio_pool_new(&pool_at_gate, &(brio_pool_options){.max_threads = 3, .max_queue = 2}));
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 5; i++)
            brio_spawn(&g, gate_job, NULL);
        await_inside(3);
        CHECK_INT(brio_yield(), 0);
        brio_pool_load(pool_at_gate, &running, &queued);
        CHECK_INT(running, 3);
        CHECK_INT(queued, 2);
        CHECK_INT(brio_run_in(pool_at_gate, wait_at_gate, NULL), BRIO_EOVERLOAD);
        CHECK(brio_error_detail().len > 0);
        CHECK_INT(atomic_load(&inside), 3); /* never more threads than allowed */
        atomic_store(&open_gate, true);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(g.done, 5);
    brio_pool_free(pool_at_gate);
    return 0;
}

TEST(threads_and_queue_are_limited)
{
    run_everywhere(limits_main);
}

static int forty_main(void *arg)
{
    (void)arg;
    close_gate();
    CHECK_OK(brio_pool_new(&pool_at_gate, NULL));
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 60; i++)
            brio_spawn(&g, gate_job, NULL);
        await_inside(40); /* as many at once as FastAPI has */
        size_t running, queued;
        brio_pool_load(pool_at_gate, &running, &queued);
        CHECK_INT(running, 40);
        CHECK_INT(queued, 20);
        atomic_store(&open_gate, true);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(g.done, 60);
    brio_pool_free(pool_at_gate);
    return 0;
}

TEST(forty_jobs_run_at_once_by_default)
{
    run_everywhere(forty_main);
}

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int idle_main(void *arg)
{
    brio_pool *pool;
    (void)arg;
    CHECK_OK(brio_pool_new(&pool, &(brio_pool_options){.idle = 1})); /* ends almost at once */
    for (int i = 0; i < 200; i++) {
        CHECK_INT(brio_run_in(pool, nothing, NULL), 0);
        if (i % 3 == 0)
            sched_yield();
    }
    brio_pool_free(pool);
    return 0;
}

TEST(idle_threads_end_and_new_ones_start)
{
    run_everywhere(idle_main);
}

TEST(an_unused_pool_is_freed)
{
    brio_pool *pool;
    CHECK_OK(brio_pool_new(&pool, NULL));
    brio_pool_free(pool);
    brio_pool_free(NULL);
}

/* ---- Cancellation ------------------------------------------------------- */

static int cancel_queued_main(void *arg)
{
    int seven = 7, result = 0, late = 0;
    (void)arg;
    close_gate();
    CHECK_OK(brio_pool_new(&pool_at_gate, &(brio_pool_options){.max_threads = 1}));
    BRIO_GROUP(g)
    {
        brio_task *running = brio_spawn(&g, gate_job, &seven);
        brio_task *queued = brio_spawn(&g, gate_job, &seven);
        brio_task *next = brio_spawn(&g, gate_job, &seven);
        await_inside(1);
        CHECK(brio_task_cancel(queued)); /* it did not happen */
        CHECK_INT(brio_join(queued, &result), 0);
        CHECK_INT(result, -ECANCELED);
        CHECK(brio_task_cancel(running)); /* it happens, and is awaited */
        CHECK_INT(brio_yield(), 0);
        atomic_store(&open_gate, true);
        CHECK_INT(brio_join(running, &late), 0);
        CHECK_INT(late, 7);
        CHECK_INT(brio_join(next, &late), 0);
        CHECK_INT(late, 7);
    }
    brio_pool_free(pool_at_gate);
    return g.err;
}

TEST(cancel_takes_a_queued_job_back_and_awaits_a_running_one)
{
    run_everywhere(cancel_queued_main);
}

static int told_afterwards(void *arg)
{
    int rc = gate_job(arg);
    CHECK_INT(rc, 7);
    return brio_yield(); /* the next suspension is told */
}

static int cancel_running_main(void *arg)
{
    int seven = 7, result = 0;
    (void)arg;
    close_gate();
    CHECK_OK(brio_pool_new(&pool_at_gate, NULL));
    BRIO_GROUP(g)
    {
        brio_task *task = brio_spawn(&g, told_afterwards, &seven);
        await_inside(1);
        CHECK(brio_task_cancel(task));
        atomic_store(&open_gate, true);
        CHECK_INT(brio_join(task, &result), 0);
    }
    CHECK_INT(result, -ECANCELED);
    brio_pool_free(pool_at_gate);
    return g.err;
}

TEST(a_cancellation_during_a_job_is_told_after_it)
{
    run_everywhere(cancel_running_main);
}

static int refused_main(void *arg)
{
    int n = 3;
    (void)arg;
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_to_thread(square, &n), -ECANCELED);
    }
    CHECK_INT(n, 3);
    return 0;
}

TEST(in_a_cancelled_scope_no_job_begins)
{
    run_everywhere(refused_main);
}

/* ---- Ends --------------------------------------------------------------- */

static int leave_jobs_behind_main(void *arg)
{
    (void)arg;
    close_gate();
    CHECK_OK(brio_pool_new(&pool_at_gate, &(brio_pool_options){.max_threads = 2}));
    for (int i = 0; i < 6; i++)
        brio_create_task(gate_job, NULL, NULL);
    await_inside(2);
    atomic_store(&open_gate, true);
    return 0; /* two run, four are queued */
}

TEST(a_run_ends_with_jobs_under_way)
{
    for (int i = 0; i < 5; i++) {
        CHECK_INT(brio_run(leave_jobs_behind_main, NULL, NULL), 0);
        brio_pool_free(pool_at_gate);
    }
}

static int many_loops_main(void *arg)
{
    int n[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    (void)arg;
    for (int i = 0; i < 20; i++)
        CHECK_INT(brio_gather_map(nothing, n, 8, sizeof(n[0])), 0);
    for (int i = 0; i < 20; i++)
        CHECK_INT(brio_run_in(pool_at_gate, nothing, NULL), 0);
    return 0;
}

static void *loop_on_a_thread(void *arg)
{
    (void)arg;
    CHECK_INT(brio_run(many_loops_main, NULL, NULL), 0);
    return NULL;
}

TEST(loops_on_several_threads_share_a_pool)
{
    pthread_t threads[4];
    CHECK_OK(brio_pool_new(&pool_at_gate, &(brio_pool_options){.max_threads = 2}));
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, loop_on_a_thread, NULL) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    brio_pool_free(pool_at_gate);
}

/* ---- The virtual clock -------------------------------------------------- */

static bool slept;

static int sleep_an_hour(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(3600));
    slept = true;
    return rc;
}

static int see_clock_main(void *arg)
{
    brio_time begin = brio_now();
    (void)arg;
    slept = false;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, sleep_an_hour, NULL);
        CHECK_INT(brio_yield(), 0);
        for (int i = 0; i < 10; i++)
            CHECK_INT(brio_to_thread(nothing, NULL), 0);
        CHECK(!slept);
        CHECK(brio_now() == begin); /* virtual time waited for the threads */
    }
    CHECK(slept);
    CHECK(brio_now() - begin == BRIO_SEC(3600));
    return g.err;
}

TEST(the_virtual_clock_waits_for_threads)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, see_clock_main, NULL), 0);
}
