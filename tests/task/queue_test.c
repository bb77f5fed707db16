/* SPDX-License-Identifier: MIT
 *
 * Queues: the three orders, bounds, promises, join and shutdown. */
#include "task/storm.h"
#include "task/task_internal.h"

#include <stdlib.h>

static brio_queue queue;

static void fresh(size_t max, brio_queue_kind kind, int (*compare)(const void *, const void *))
{
    brio_queue_init(&queue,
                    &(brio_queue_options){
                        .item_size = sizeof(int), .max = max, .kind = kind, .compare = compare});
}

static int put(void *arg)
{
    int rc = brio_queue_put(&queue, arg);
    say("+%d%s ", *(int *)arg, rc == -ECANCELED ? "!" : rc < 0 ? "closed" : "");
    return rc == BRIO_ECLOSED ? 0 : rc;
}

static int get(void *arg)
{
    int item = 0, rc = brio_queue_get(&queue, &item);
    if (rc < 0)
        say("%s%s ", (const char *)arg, rc == -ECANCELED ? "!" : "closed");
    else
        say("%s%d ", (const char *)arg, item);
    return rc == BRIO_ECLOSED ? 0 : rc;
}

static void put_now(int item)
{
    CHECK_INT(brio_queue_try_put(&queue, &item), 0);
}

static int get_now(void)
{
    int item = 0, rc = brio_queue_try_get(&queue, &item);
    return rc < 0 ? rc : item;
}

static char a[] = "a", b[] = "b", c[] = "c";
static int one = 1, two = 2, three = 3;

/* ---- Orders ------------------------------------------------------------- */

static int fifo_main(void *arg)
{
    int item = 0;
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    CHECK_INT(get_now(), -EAGAIN);
    for (int i = 1; i <= 100; i++) { /* grows while it is wrapped */
        put_now(2 * i);
        put_now(2 * i + 1);
        CHECK_INT(brio_queue_get(&queue, &item), 0);
        CHECK_INT(item, i + 1);
    }
    CHECK_INT(queue.len, 100);
    CHECK_INT(brio_queue_get(&queue, NULL), 0); /* dropped */
    CHECK_INT(get_now(), 103);
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_is_fifo_and_grows)
{
    run_all_ways(fifo_main);
}

static int lifo_main(void *arg)
{
    (void)arg;
    fresh(2, BRIO_LIFO, NULL);
    put_now(1);
    put_now(2);
    start(put, &three);
    CHECK_INT(get_now(), 2);
    CHECK_INT(get_now(), 3); /* went in when there was room */
    CHECK_INT(get_now(), 1);
    CHECK_INT(get_now(), -EAGAIN);
    settle();
    CHECK_TRACE("+3 ");
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_lifo_gives_the_newest)
{
    run_all_ways(lifo_main);
}

/* Tens decide; the rest tells equals apart. */
static int by_tens(const void *x, const void *y)
{
    int left, right;
    memcpy(&left, x, sizeof(left));
    memcpy(&right, y, sizeof(right));
    return left / 10 - right / 10;
}

static int priority_main(void *arg)
{
    enum { N = 200 };
    int last[20] = {0}, before = 0;
    (void)arg;
    fresh(0, BRIO_PRIORITY, by_tens);
    for (int i = 0; i < N; i++) {
        int tens = (int)dice(20);
        put_now(tens * 10 + last[tens] % 10);
        last[tens]++;
    }
    memset(last, 0, sizeof(last));
    for (int i = 0; i < N; i++) {
        int item = get_now(), tens = item / 10;
        CHECK(tens >= before);
        CHECK_INT(item % 10, last[tens] % 10); /* equals in order of put */
        last[tens]++;
        before = tens;
    }
    CHECK_INT(get_now(), -EAGAIN);
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_priority_gives_the_least_and_equals_in_order)
{
    run_all_ways(priority_main);
}

static int waiting_priority_main(void *arg)
{
    (void)arg;
    fresh(0, BRIO_PRIORITY, by_tens);
    start(get, a);
    put_now(30);
    put_now(10);
    CHECK_INT(get_now(), 10); /* one belongs to a; the least goes first */
    put_now(20);
    settle();
    CHECK_TRACE("a20 "); /* the least there is when it runs */
    CHECK_INT(get_now(), 30);
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_getter_gets_what_is_next_when_it_runs)
{
    run_all_ways(waiting_priority_main);
}

typedef struct wide {
    char text[21];
} wide;

static int by_text(const void *x, const void *y)
{
    return strcmp(((const wide *)x)->text, ((const wide *)y)->text);
}

static int defaults_main(void *arg)
{
    wide w = {"twenty characters 20"}, v = {"another"};
    (void)arg;
    brio_queue_init(&queue, NULL); /* pointers */
    void *p = &w;
    CHECK_INT(brio_queue_try_put(&queue, &p), 0);
    p = NULL;
    CHECK_INT(brio_queue_try_get(&queue, &p), 0);
    CHECK(p == &w);
    brio_queue_fini(&queue);
    brio_queue_init(&queue, &(brio_queue_options){.item_size = sizeof(wide),
                                                  .kind = BRIO_PRIORITY,
                                                  .compare = by_text});
    CHECK_INT(brio_queue_try_put(&queue, &w), 0);
    CHECK_INT(brio_queue_try_put(&queue, &v), 0);
    CHECK_INT(brio_queue_try_get(&queue, &w), 0);
    CHECK_STR(brio_str_from(w.text), "another");
    CHECK_INT(brio_queue_try_get(&queue, &w), 0);
    CHECK_STR(brio_str_from(w.text), "twenty characters 20");
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_items_are_of_any_size)
{
    run_everywhere(defaults_main);
}

/* ---- Waiting ------------------------------------------------------------ */

static int getters_main(void *arg)
{
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    start(get, a);
    start(get, b);
    put_now(1);
    CHECK_INT(get_now(), -EAGAIN); /* it is a's: no barging */
    settle();
    put_now(2);
    start(get, c);
    CHECK_TRACE("a1 b2 ");
    put_now(3);
    settle();
    CHECK_TRACE("c3 ");
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_getters_are_served_in_order)
{
    run_all_ways(getters_main);
}

static int putters_main(void *arg)
{
    (void)arg;
    fresh(1, BRIO_FIFO, NULL);
    CHECK(!brio_queue_full(&queue));
    put_now(9);
    CHECK(brio_queue_full(&queue));
    CHECK_INT(brio_queue_try_put(&queue, &one), -EAGAIN);
    start(put, &one);
    start(put, &two);
    CHECK_INT(get_now(), 9);
    CHECK_INT(brio_queue_try_put(&queue, &three), -EAGAIN); /* the room is one's */
    CHECK_INT(queue.len, 1);
    CHECK_INT(get_now(), 1);
    CHECK_INT(get_now(), 2);
    settle();
    CHECK(strcmp(trace, "+1 +2 ") == 0 || strcmp(trace, "+2 +1 ") == 0);
    trace[0] = '\0';
    CHECK_INT(brio_queue_put(&queue, &three), 0); /* does not wait */
    CHECK_INT(get_now(), 3);
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_putters_are_served_in_order)
{
    run_all_ways(putters_main);
}

static int cancel_main(void *arg)
{
    (void)arg;
    fresh(1, BRIO_FIFO, NULL);
    brio_task *first = start(get, a);
    start(get, b);
    brio_task_cancel(first);
    settle();
    put_now(1);
    settle();
    CHECK_TRACE("a! b1 ");
    put_now(1);
    first = start(put, &two);
    start(put, &three);
    brio_task_cancel(first);
    settle();
    CHECK_INT(get_now(), 1);
    CHECK_INT(get_now(), 3);
    CHECK_INT(get_now(), -EAGAIN);
    settle();
    CHECK_TRACE("+2! +3 ");
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_waiters_that_are_cancelled_leave_the_line)
{
    run_all_ways(cancel_main);
}

static int put_told(void *arg)
{
    int rc = brio_queue_put(&queue, arg);
    say("+%d:%d next:%d ", *(int *)arg, rc, brio_cancel_point() == -ECANCELED);
    return 0;
}

static int same_turn_main(void *arg)
{
    (void)arg;
    fresh(1, BRIO_FIFO, NULL);
    brio_task *first = start(get, a);
    start(get, b);
    put_now(1);
    brio_task_cancel(first); /* it was promised one */
    settle();
    CHECK_TRACE("a! b1 ");
    first = start(get, a);
    put_now(2);
    brio_task_cancel(first);
    settle();
    CHECK_TRACE("a! ");
    CHECK_INT(queue.len, 1); /* nobody else: it stays */
    first = start(put_told, &three);
    CHECK_INT(get_now(), 2);
    brio_task_cancel(first); /* its item is in already */
    settle();
    CHECK_TRACE("+3:0 next:1 ");
    CHECK_INT(get_now(), 3);
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_loses_nothing_to_a_cancellation_of_the_same_turn)
{
    run_all_ways(same_turn_main);
}

static int cancel_point_main(void *arg)
{
    int item;
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    put_now(1);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_queue_put(&queue, &two), -ECANCELED);
        CHECK_INT(brio_queue_get(&queue, &item), -ECANCELED);
        CHECK_INT(brio_queue_join(&queue), -ECANCELED);
        CHECK_INT(queue.len, 1);
        put_now(2); /* those that never suspend are no such points */
        CHECK_INT(get_now(), 1);
    }
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_calls_are_always_cancellation_points)
{
    run_all_ways(cancel_point_main);
}

/* ---- join --------------------------------------------------------------- */

static int join(void *arg)
{
    int rc = brio_queue_join(&queue);
    say("%s%s ", (const char *)arg, rc < 0 ? "!" : "");
    return rc;
}

static int join_main(void *arg)
{
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    CHECK_INT(brio_queue_join(&queue), 0); /* nothing was put */
    CHECK_INT(brio_queue_task_done(&queue), -EINVAL);
    put_now(1);
    put_now(2);
    start(join, a);
    brio_task *gone = start(join, b);
    CHECK_INT(get_now(), 1);
    CHECK_INT(get_now(), 2);
    CHECK_INT(brio_queue_task_done(&queue), 0);
    brio_task_cancel(gone);
    settle();
    CHECK_TRACE("b! "); /* got is not dealt with */
    CHECK_INT(brio_queue_task_done(&queue), 0);
    put_now(3); /* too late to hold a back */
    settle();
    CHECK_TRACE("a ");
    gone = start(join, b);
    CHECK_INT(brio_queue_task_done(&queue), 0);
    brio_task_cancel(gone);
    settle();
    CHECK_TRACE("b! ");
    CHECK_INT(brio_queue_task_done(&queue), -EINVAL);
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_join_waits_for_what_was_put_to_be_dealt_with)
{
    run_all_ways(join_main);
}

/* ---- Shutdown ----------------------------------------------------------- */

static int drain_main(void *arg)
{
    (void)arg;
    fresh(2, BRIO_FIFO, NULL);
    put_now(1);
    put_now(2);
    start(put, &three);
    brio_queue_shutdown(&queue, false);
    settle();
    CHECK_TRACE("+3closed ");
    CHECK_INT(brio_queue_try_put(&queue, &three), BRIO_ECLOSED);
    CHECK_INT(brio_queue_put(&queue, &three), BRIO_ECLOSED);
    CHECK_INT(get_now(), 1); /* what is there is drained */
    start(get, a);
    start(get, a);
    CHECK_TRACE("a2 aclosed ");
    CHECK_INT(get_now(), BRIO_ECLOSED);
    brio_queue_shutdown(&queue, false); /* harmless */
    CHECK_INT(queue.unfinished, 2);
    brio_queue_fini(&queue);
    fresh(0, BRIO_FIFO, NULL);
    start(get, a);
    brio_queue_shutdown(&queue, false);
    settle();
    CHECK_TRACE("aclosed ");
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_shutdown_drains)
{
    run_all_ways(drain_main);
}

static int immediate_main(void *arg)
{
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    put_now(1);
    put_now(2);
    start(join, a);
    CHECK_INT(get_now(), 1);
    brio_queue_shutdown(&queue, true);
    settle();
    CHECK_TRACE(""); /* one is not dealt with */
    CHECK_INT(queue.len, 0);
    CHECK_INT(brio_queue_task_done(&queue), 0);
    settle();
    CHECK_TRACE("a ");
    brio_queue_fini(&queue);
    fresh(0, BRIO_FIFO, NULL);
    put_now(1);
    start(join, a);
    brio_queue_shutdown(&queue, true);
    settle();
    CHECK_TRACE("a ");
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_shutdown_at_once_drops_and_settles)
{
    run_all_ways(immediate_main);
}

static int void_promise_main(void *arg)
{
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    start(get, a);
    put_now(1);
    brio_queue_shutdown(&queue, true); /* a was promised what is gone now */
    settle();
    CHECK_TRACE("aclosed ");
    brio_queue_fini(&queue);
    fresh(0, BRIO_FIFO, NULL);
    brio_task *first = start(get, a);
    put_now(1);
    brio_queue_shutdown(&queue, false);
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, get, b, &(brio_task_options){.eager = true}); /* behind a */
        brio_task_cancel(first);
        settle();
    }
    CHECK_TRACE("a! b1 ");
    brio_queue_fini(&queue);
    fresh(0, BRIO_FIFO, NULL);
    start(get, a);
    put_now(1);
    brio_queue_shutdown(&queue, false);
    BRIO_GROUP(h)
    {
        brio_spawn_with(&h, get, b, &(brio_task_options){.eager = true});
        CHECK_INT(get_now(), -EAGAIN); /* not yet known to be empty */
    }
    CHECK_TRACE("a1 bclosed ");
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_shutdown_and_promises)
{
    run_all_ways(void_promise_main);
}

/* ---- Memory ------------------------------------------------------------- */

static int memory_main(void *arg)
{
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    brio_heap_fault(1);
    CHECK_INT(brio_queue_put(&queue, &one), -ENOMEM);
    CHECK_INT(queue.len, 0);
    CHECK_INT(queue.unfinished, 0);
    for (int i = 0; i < 8; i++)
        put_now(i);
    brio_heap_fault(1);
    CHECK_INT(brio_queue_put(&queue, &one), -ENOMEM);
    for (int i = 0; i < 8; i++)
        CHECK_INT(get_now(), i); /* as it was */
    brio_heap_fault(0);
    for (int i = 0; i < 1000; i++) {
        put_now(i);
        CHECK_INT(get_now(), i);
    }
    CHECK_INT(brio_heap_fault(0), 0); /* no allocation in the steady state */
    brio_queue_fini(&queue);
    brio_queue_init(&queue, &(brio_queue_options){.item_size = SIZE_MAX / 4});
    CHECK_INT(brio_queue_put(&queue, &one), -ENOMEM); /* no overflow */
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_without_memory_says_so)
{
    run_everywhere(memory_main);
}

static int from_thin_air(void *arg)
{
    brio_callback *cb = arg;
    brio_loop_call_soon(brio_loop_current(), cb);
    return 0;
}

static void put_in_callback(brio_callback *cb)
{
    (void)cb;
    put_now(7);
}

static int callback_main(void *arg)
{
    brio_callback cb = {.fn = put_in_callback};
    int item = 0;
    (void)arg;
    fresh(0, BRIO_FIFO, NULL);
    CHECK_INT(from_thin_air(&cb), 0);
    CHECK_INT(brio_queue_get(&queue, &item), 0);
    CHECK_INT(item, 7);
    brio_queue_fini(&queue);
    return 0;
}

TEST(queue_takes_from_callbacks)
{
    run_all_ways(callback_main);
}
