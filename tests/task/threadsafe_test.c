/* SPDX-License-Identifier: MIT
 *
 * Coroutines started from other threads. With real threads there is no virtual
 * clock to hold, so these run on the real back ends. */
#include "task/everywhere.h"

#include <pthread.h>
#include <stdatomic.h>

static brio_loop *loop_of_main;
static atomic_int threads_left;

/* Runs `fn` on epoll and io_uring; the threads it starts end by themselves. */
static void run_really(brio_task_fn *fn, void *arg)
{
    for (int backend = BRIO_BACKEND_EPOLL; backend <= BRIO_BACKEND_URING; backend++) {
        trace[0] = '\0';
        int rc = run_on((brio_backend)backend, fn, arg);
        CHECK(rc == 0 || (backend == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM)));
    }
}

static int until_threads_end(void)
{
    int rc = 0;
    while (atomic_load(&threads_left) && rc == 0)
        rc = brio_sleep(BRIO_MS(1));
    return rc;
}

static void start_threads(pthread_t *threads, int n, void *(*fn)(void *))
{
    loop_of_main = brio_loop_current();
    atomic_store(&threads_left, n);
    for (int i = 0; i < n; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, fn, NULL), 0);
}

static void join_threads(pthread_t *threads, int n)
{
    for (int i = 0; i < n; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
}

/* A main task: one thread does `arg` while the loop runs. */
static int with_one_thread(void *arg)
{
    union {
        void *object;
        void *(*fn)(void *);
    } body = {.object = arg};
    pthread_t thread;
    start_threads(&thread, 1, body.fn);
    CHECK_INT(until_threads_end(), 0);
    join_threads(&thread, 1);
    return 0;
}

static void run_thread(void *(*fn)(void *))
{
    union {
        void *(*fn)(void *);
        void *object;
    } body = {.fn = fn};
    run_really(with_one_thread, body.object);
}

static brio_thread_future *start(brio_task_fn *fn, void *arg)
{
    brio_thread_future *f = NULL;
    CHECK_INT(brio_run_coroutine_threadsafe(loop_of_main, fn, arg, &f), 0);
    return f;
}

static int wait_for(brio_thread_future *f)
{
    int result = 1;
    CHECK_INT(brio_thread_future_wait(f, BRIO_NEVER, &result), 0);
    return result;
}

/* ---- Results ------------------------------------------------------------ */

static int doubled(void *arg)
{
    CHECK(brio_loop_current() == loop_of_main);
    int rc = brio_sleep(BRIO_US(100));
    return rc < 0 ? rc : *(int *)arg * 2;
}

static int fail(void *arg)
{
    int rc = brio_yield();
    return rc < 0 ? rc : brio_error(-EIO, "%s", (const char *)arg);
}

static char words[] = "no such luck";

static void *result_thread(void *arg)
{
    int n = 21;
    (void)arg;
    brio_thread_future *f = start(doubled, &n);
    CHECK_INT(wait_for(f), 42);
    CHECK_INT(wait_for(f), 42); /* again, at once */
    CHECK_INT(brio_thread_future_wait(f, 0, NULL), 0);
    brio_thread_future_free(f);
    f = start(fail, words);
    CHECK_INT(wait_for(f), -EIO);
    CHECK_STR(brio_error_detail(), words);
    brio_thread_future_free(f);
    brio_thread_future_free(NULL);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

TEST(a_threads_coroutine_gives_its_result_or_error)
{
    run_thread(result_thread);
}

static int sleep_long(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    if (arg)
        atomic_store((atomic_int *)arg, rc);
    return rc;
}

static void *timeout_thread(void *arg)
{
    (void)arg;
    brio_thread_future *f = start(sleep_long, NULL);
    int result = 77;
    CHECK_INT(brio_thread_future_wait(f, BRIO_MS(2), &result), -ETIMEDOUT);
    CHECK_INT(brio_thread_future_wait(f, 0, &result), -ETIMEDOUT);
    CHECK_INT(brio_thread_future_wait(f, -5, &result), -ETIMEDOUT);
    CHECK_INT(result, 77);
    brio_thread_future_cancel(f); /* the task had gone on */
    CHECK_INT(wait_for(f), -ECANCELED);
    brio_thread_future_free(f);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

TEST(a_timeout_of_the_wait_leaves_the_task_running)
{
    run_thread(timeout_thread);
}

/* ---- Cancelling --------------------------------------------------------- */

static int say_running(void *arg)
{
    atomic_store((atomic_int *)arg, 1);
    return sleep_long(arg);
}

static void *cancel_thread(void *arg)
{
    atomic_int state = 0;
    (void)arg;
    brio_thread_future *f = start(say_running, &state);
    while (atomic_load(&state) == 0)
        sched_yield();
    brio_thread_future_cancel(f);
    brio_thread_future_cancel(f); /* is one request */
    CHECK_INT(wait_for(f), -ECANCELED);
    CHECK_INT(atomic_load(&state), -ECANCELED); /* the task was told */
    brio_thread_future_cancel(f);               /* too late, harmless */
    brio_thread_future_free(f);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

TEST(cancelling_the_future_cancels_the_task)
{
    run_thread(cancel_thread);
}

static int swallow(void *arg)
{
    return sleep_long(arg) == -ECANCELED ? 5 : 6;
}

static void *swallow_thread(void *arg)
{
    (void)arg;
    brio_thread_future *f = start(swallow, NULL);
    brio_thread_future_cancel(f); /* perhaps before it began: then it never runs */
    int result = wait_for(f);
    CHECK(result == 5 || result == -ECANCELED);
    brio_thread_future_free(f);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

TEST(a_task_may_swallow_the_cancellation)
{
    run_thread(swallow_thread);
}

static int never(void *arg)
{
    (void)arg;
    test_fail(__FILE__, __LINE__, "ran");
}

static pthread_barrier_t gate;

static void *cancel_unstarted(void *arg)
{
    (void)arg;
    brio_thread_future *f = start(never, NULL);
    brio_thread_future_cancel(f);
    pthread_barrier_wait(&gate);
    CHECK_INT(wait_for(f), -ECANCELED);
    brio_thread_future_free(f);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

static int block_the_loop(void *arg)
{
    pthread_t thread;
    (void)arg;
    CHECK_INT(pthread_barrier_init(&gate, NULL, 2), 0);
    start_threads(&thread, 1, cancel_unstarted);
    pthread_barrier_wait(&gate); /* the loop stands still until it is cancelled */
    CHECK_INT(until_threads_end(), 0);
    join_threads(&thread, 1);
    pthread_barrier_destroy(&gate);
    return 0;
}

TEST(cancelled_before_it_began_it_never_runs)
{
    run_really(block_the_loop, NULL);
}

/* ---- Letting go, closing ------------------------------------------------ */

static atomic_int ran;

static int count_run(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_US(200));
    if (rc == 0)
        atomic_fetch_add(&ran, 1);
    return rc < 0 ? rc : -EIO; /* the future took the error: it is not reported */
}

static void *free_thread(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++)
        brio_thread_future_free(start(count_run, NULL));
    brio_thread_future *f = start(count_run, NULL);
    CHECK_INT(wait_for(f), -EIO);
    brio_thread_future_free(f);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

static int free_main(void *arg)
{
    pthread_t thread;
    (void)arg;
    atomic_store(&ran, 0);
    start_threads(&thread, 1, free_thread);
    CHECK_INT(until_threads_end(), 0);
    join_threads(&thread, 1);
    while (atomic_load(&ran) < 11)
        CHECK_INT(brio_sleep(BRIO_US(100)), 0);
    return 0;
}

TEST(a_task_goes_on_when_its_future_is_let_go)
{
    run_really(free_main, NULL);
}

static void *wait_for_ever(void *arg)
{
    brio_thread_future *f = arg;
    CHECK_INT(wait_for(f), -ECANCELED);
    brio_thread_future_free(f);
    return NULL;
}

static pthread_t left_behind[4];

static int close_while_waiting(void *arg)
{
    (void)arg;
    loop_of_main = brio_loop_current();
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&left_behind[i], NULL, wait_for_ever, start(sleep_long, NULL)), 0);
    return brio_sleep(BRIO_MS(2));
}

TEST(closing_the_loop_answers_threads_that_wait)
{
    for (int backend = BRIO_BACKEND_EPOLL; backend <= BRIO_BACKEND_URING; backend++) {
        if (run_on((brio_backend)backend, close_while_waiting, NULL) == 0)
            join_threads(left_behind, 4);
    }
}

static brio_thread_future *last_minute[8];

static int post_and_end(void *arg)
{
    (void)arg;
    loop_of_main = brio_loop_current();
    for (int i = 0; i < 8; i++) { /* posted, and the loop never turns again for them */
        last_minute[i] = start(never, NULL);
        if (i % 2)
            brio_thread_future_cancel(last_minute[i]);
    }
    return 0;
}

TEST(what_was_posted_last_is_answered_as_well)
{
    for (int backend = BRIO_BACKEND_EPOLL; backend <= BRIO_BACKEND_URING; backend++) {
        if (run_on((brio_backend)backend, post_and_end, NULL) != 0)
            continue;
        for (int i = 0; i < 8; i++) {
            int result = wait_for(last_minute[i]);
            CHECK(result == BRIO_ECLOSED || result == -ECANCELED);
            brio_thread_future_free(last_minute[i]);
        }
    }
}

static void *crowded_thread(void *arg)
{
    (void)arg;
    brio_thread_future *f = start(never, NULL);
    CHECK_INT(wait_for(f), BRIO_EOVERLOAD);
    brio_thread_future_free(f);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

TEST(an_error_in_starting_is_the_futures_result)
{
    union {
        void *(*fn)(void *);
        void *object;
    } body = {.fn = crowded_thread};
    brio_loop_options loop = {.backend = BRIO_BACKEND_EPOLL};
    brio_run_options options = {.loop = &loop, .max_tasks = 1};
    CHECK_INT(brio_run(with_one_thread, body.object, &options), 0);
}

/* ---- Locals, and many threads ------------------------------------------- */

static const brio_local user = {"user", NULL};
static char ann[] = "ann";

static int who(void *arg)
{
    (void)arg;
    return brio_local_get(&user) == ann ? 1 : 0;
}

static brio_locals *carried;

static void *locals_thread(void *arg)
{
    (void)arg;
    brio_locals *former = brio_locals_use(carried);
    brio_thread_future *f = start(who, NULL);
    CHECK_INT(wait_for(f), 1);
    brio_thread_future_free(f);
    (void)brio_locals_use(former);
    f = start(who, NULL);
    CHECK_INT(wait_for(f), 0);
    brio_thread_future_free(f);
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

static int locals_main(void *arg)
{
    pthread_t thread;
    (void)arg;
    brio_local_set(&user, ann);
    carried = brio_locals_acquire();
    start_threads(&thread, 1, locals_thread);
    CHECK_INT(until_threads_end(), 0);
    join_threads(&thread, 1);
    brio_locals_release(carried);
    return 0;
}

TEST(the_task_gets_the_threads_locals)
{
    run_really(locals_main, NULL);
}

enum { THREADS = 4, EACH = 100 };

static void *busy_thread(void *arg)
{
    int n[EACH];
    brio_thread_future *f[EACH];
    (void)arg;
    for (int i = 0; i < EACH; i++) {
        n[i] = i;
        f[i] = start(i % 3 ? doubled : sleep_long, i % 3 ? &n[i] : NULL);
        if (i % 3 == 0)
            brio_thread_future_cancel(f[i]);
    }
    for (int i = 0; i < EACH; i++) {
        CHECK_INT(wait_for(f[i]), i % 3 ? 2 * i : -ECANCELED);
        brio_thread_future_free(f[i]);
    }
    atomic_fetch_sub(&threads_left, 1);
    return NULL;
}

static int busy_main(void *arg)
{
    pthread_t threads[THREADS];
    (void)arg;
    start_threads(threads, THREADS, busy_thread);
    CHECK_INT(until_threads_end(), 0);
    join_threads(threads, THREADS);
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(many_threads_start_and_cancel_at_once)
{
    run_really(busy_main, NULL);
}
