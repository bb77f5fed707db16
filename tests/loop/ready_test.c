/* SPDX-License-Identifier: MIT
 *
 * The open queue: a callback may run the next ones of its kind in the loop's
 * stead, and what it may take is exactly what the loop would run now. */
#include "loop/bed.h"

typedef struct walker {
    brio_callback cb;
    brio_loop *loop;
    brio_buf *trace;
    struct walker *then;
    char c;
    bool stop;
} walker;

static void note(walker *w)
{
    brio_buf_char(w->trace, w->c);
    if (w->then)
        brio_loop_call_soon(w->loop, &w->then->cb);
    if (w->stop)
        brio_loop_stop(w->loop);
}

/* Runs itself and then all the loop would run next of its kind. */
static void walk(brio_callback *cb)
{
    walker *first = BRIO_CONTAINER(cb, walker, cb);
    brio_ready *ready = brio_loop_ready(first->loop);
    do
        note(BRIO_CONTAINER(cb, walker, cb));
    while ((cb = brio_ready_take(ready, walk)));
    brio_buf_char(first->trace, '|');
}

static void stand(brio_callback *cb)
{
    note(BRIO_CONTAINER(cb, walker, cb));
}

static walker walker_of(brio_loop *loop, brio_buf *trace, char c)
{
    return (walker){.cb = {.fn = walk}, .loop = loop, .trace = trace, .c = c};
}

TEST_EACH(what_is_next_and_of_its_kind_is_taken)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    walker w[6];
    for (int i = 0; i < 6; i++) {
        w[i] = walker_of(loop, &trace, (char)('a' + i));
        if (i == 3)
            w[i].cb.fn = stand;
        brio_ready_append(brio_loop_ready(loop), &w[i].cb);
        CHECK(brio_callback_queued(&w[i].cb));
    }
    CHECK_INT(brio_loop_run_once(loop, 0), 6); /* taken ones count, too */
    CHECK_STR(brio_buf_str(&trace), "abc|def|");
    CHECK(!brio_ready_take(brio_loop_ready(loop), walk));
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(a_taken_one_keeps_the_order_of_snapshots)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    walker a = walker_of(loop, &trace, 'a'), b = walker_of(loop, &trace, 'b');
    walker c = walker_of(loop, &trace, 'c'), d = walker_of(loop, &trace, 'd');
    a.then = &c; /* behind b, though it is queued while a runs */
    b.then = &d;
    brio_loop_call_soon(loop, &a.cb);
    brio_loop_call_soon(loop, &b.cb);
    CHECK_INT(brio_loop_run_once(loop, 0), 4);
    CHECK_STR(brio_buf_str(&trace), "abcd|");
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(a_stop_ends_the_taking_with_the_batch)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    walker a = walker_of(loop, &trace, 'a'), b = walker_of(loop, &trace, 'b');
    walker c = walker_of(loop, &trace, 'c');
    a.then = &c;
    a.stop = true;
    brio_loop_call_soon(loop, &a.cb);
    brio_loop_call_soon(loop, &b.cb);
    CHECK_OK(brio_loop_run(loop));
    CHECK_STR(brio_buf_str(&trace), "ab|"); /* b was in the batch, c is in the next */
    CHECK_INT(brio_loop_run_once(loop, 0), 1);
    CHECK_STR(brio_buf_str(&trace), "ab|c|");
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(no_more_are_taken_than_may_run_between_two_polls)
{
    brio_loop *loop = bed_loop(backend);
    brio_buf trace = {0};
    static walker w[100];
    for (int i = 0; i < 100; i++) {
        w[i] = walker_of(loop, &trace, 'x');
        brio_loop_call_soon(loop, &w[i].cb);
    }
    CHECK_INT(brio_loop_run_once(loop, 0), 64);
    CHECK_INT(brio_loop_run_once(loop, 0), 36);
    CHECK_INT(trace.len, 102); /* one bar each */
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST(in_random_order_only_the_loop_begins_a_snapshot)
{
    brio_loop_options options = {.backend = BRIO_BACKEND_SIM,
                                 .sim = {.seed = 3, .random_order = true}};
    brio_loop *loop = bed_loop_with(&options);
    brio_buf trace = {0};
    walker a = walker_of(loop, &trace, 'a'), b = walker_of(loop, &trace, 'b');
    a.then = &b;
    brio_loop_call_soon(loop, &a.cb);
    CHECK_INT(brio_loop_run_once(loop, 0), 2);
    CHECK_STR(brio_buf_str(&trace), "a|b|"); /* b was not a's to take */
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}
