/* SPDX-License-Identifier: MIT
 *
 * Calls from other threads, and their handles: order, cancelling, who frees. */
#include "loop/bed.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static brio_buf trace;

static void write_letter(void *arg)
{
    brio_buf_char(&trace, *(const char *)arg);
}

static brio_handle *call(brio_loop *loop, const char *letter)
{
    brio_handle *handle = brio_loop_call_threadsafe(loop, write_letter, (char *)(uintptr_t)letter);
    CHECK(handle);
    return handle;
}

static void check_trace(const char *want)
{
    CHECK_STR(brio_buf_str(&trace), want);
    brio_buf_fini(&trace);
}

TEST_EACH(threadsafe_calls_run_in_order)
{
    brio_loop *loop = bed_loop(backend);
    brio_handle *a = call(loop, "a"), *b = call(loop, "b"), *c = call(loop, "c");
    CHECK_INT(trace.len, 0); /* never inside the call */
    while (trace.len < 3)
        net_turn(loop);
    check_trace("abc");
    brio_handle_release(a);
    brio_handle_release(b);
    brio_handle_release(c);
    brio_loop_free(loop);
}

typedef struct soon {
    brio_callback cb;
    const char *letter;
} soon;

static void on_soon(brio_callback *cb)
{
    brio_buf_char(&trace, *BRIO_CONTAINER(cb, soon, cb)->letter);
}

/* From the loop's own thread, between turns: what came first runs first. */
TEST_EACH(threadsafe_calls_and_posts_share_one_order)
{
    brio_loop *loop = bed_loop(backend);
    soon posted = {.cb = {.fn = on_soon}, .letter = "b"};
    brio_handle *a = call(loop, "a");
    brio_loop_post(loop, &posted.cb);
    brio_handle *c = call(loop, "c");
    while (trace.len < 3)
        net_turn(loop);
    check_trace("abc");
    brio_handle_release(a);
    brio_handle_release(c);
    brio_loop_free(loop);
}

TEST_EACH(a_cancelled_call_does_not_happen)
{
    brio_loop *loop = bed_loop(backend);
    brio_handle *a = call(loop, "a"), *b = call(loop, "b");
    CHECK(brio_handle_cancel(a));
    CHECK(brio_handle_cancel(a)); /* as often as you like */
    while (trace.len < 1)
        net_turn(loop);
    CHECK(!brio_handle_cancel(b)); /* too late */
    check_trace("b");
    brio_handle_release(a);
    brio_handle_release(b);
    brio_loop_free(loop);
}

TEST_EACH(a_released_handle_is_called_all_the_same)
{
    brio_loop *loop = bed_loop(backend);
    brio_handle_release(call(loop, "a"));
    brio_handle_release(NULL);
    while (trace.len < 1)
        net_turn(loop);
    check_trace("a");
    brio_loop_free(loop);
}

TEST_EACH(a_loop_freed_before_calls_nothing)
{
    brio_loop *loop = bed_loop(backend);
    brio_handle *a = call(loop, "a");
    brio_handle_release(call(loop, "b"));
    brio_loop_free(loop);
    check_trace("");
    CHECK(brio_handle_cancel(a)); /* it never will be */
    brio_handle_release(a);
}

static brio_handle *self;
static bool self_cancelled;

static void cancel_self(void *arg)
{
    self_cancelled = brio_handle_cancel(self);
    brio_loop_stop(arg);
}

TEST_EACH(a_call_may_cancel_itself_in_vain)
{
    brio_loop *loop = bed_loop(backend);
    self = brio_loop_call_threadsafe(loop, cancel_self, loop);
    self_cancelled = true;
    CHECK_OK(brio_loop_run(loop));
    CHECK(!self_cancelled);
    brio_handle_release(self);
    brio_loop_free(loop);
}

/* ---- With threads ------------------------------------------------------- */

static atomic_int entered, left;

static void stay_a_while(void *arg)
{
    (void)arg;
    atomic_store(&entered, 1);
    for (int i = 0; i < 1000; i++)
        sched_yield();
    atomic_store(&left, 1);
}

typedef struct canceller {
    brio_loop *loop;
    brio_handle *handle;
} canceller;

static void stop_loop(void *arg)
{
    brio_loop_stop(arg);
}

static void *cancel_while_it_runs(void *arg)
{
    canceller *c = arg;
    while (!atomic_load(&entered))
        sched_yield();
    CHECK(!brio_handle_cancel(c->handle));
    CHECK_INT(atomic_load(&left), 1); /* it has ended */
    brio_handle_release(c->handle);
    brio_handle_release(brio_loop_call_threadsafe(c->loop, stop_loop, c->loop));
    return NULL;
}

TEST_EACH(cancelling_a_running_call_waits_for_its_end)
{
    brio_loop *loop = bed_loop(backend);
    brio_loop_hold(loop);
    atomic_store(&entered, 0);
    atomic_store(&left, 0);
    canceller c = {loop, brio_loop_call_threadsafe(loop, stay_a_while, NULL)};
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, cancel_while_it_runs, &c), 0);
    CHECK_OK(brio_loop_run(loop));
    pthread_join(thread, NULL);
    brio_loop_unhold(loop);
    brio_loop_free(loop);
}

enum { STORM = 2000, STORMERS = 3 };

static atomic_int called;

static void count_call(void *arg)
{
    (void)arg;
    atomic_fetch_add(&called, 1);
}

static void *storm(void *arg)
{
    int cancelled = 0;
    for (int i = 0; i < STORM; i++) {
        brio_handle *handle = brio_loop_call_threadsafe(arg, count_call, NULL);
        if (i % 2)
            cancelled += brio_handle_cancel(handle);
        brio_handle_release(handle);
    }
    return (void *)(uintptr_t)cancelled;
}

typedef struct stormy {
    brio_loop *loop;
    pthread_t threads[STORMERS];
    int cancelled;
} stormy;

static void *stop_after_all(void *arg)
{
    stormy *s = arg;
    for (int i = 0; i < STORMERS; i++) {
        void *cancelled;
        pthread_join(s->threads[i], &cancelled);
        s->cancelled += (int)(uintptr_t)cancelled;
    }
    brio_handle_release(brio_loop_call_threadsafe(s->loop, stop_loop, s->loop));
    return NULL;
}

/* Each call happens, or its cancel said that it does not; never both or neither. */
TEST_EACH(a_storm_of_calls_and_cancels_loses_none)
{
    stormy s = {.loop = bed_loop(backend)};
    pthread_t last;
    atomic_store(&called, 0);
    brio_loop_hold(s.loop);
    for (int i = 0; i < STORMERS; i++)
        CHECK_INT(pthread_create(&s.threads[i], NULL, storm, s.loop), 0);
    CHECK_INT(pthread_create(&last, NULL, stop_after_all, &s), 0);
    CHECK_OK(brio_loop_run(s.loop));
    pthread_join(last, NULL);
    CHECK_INT(atomic_load(&called) + s.cancelled, STORM * STORMERS);
    brio_loop_unhold(s.loop);
    brio_loop_free(s.loop);
}
