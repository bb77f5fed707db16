/* SPDX-License-Identifier: MIT
 *
 * Queues against a model: tasks put, get, try and are cancelled at random, on
 * each kind; items are neither lost nor doubled, and leave in their order. */
#include "task/storm.h"
#include "task/task_internal.h"

enum { MANY = STORM_TASKS * STORM_ROUNDS * 2 };

static brio_queue queue;
static brio_queue_kind kind;
static size_t max;

/* The model: of each item, whether its put returned 0, and how often it was got. */
static int next_item;
static bool was_put[MANY];
static unsigned was_got[MANY];

static int by_number(const void *x, const void *y)
{
    int left, right;
    memcpy(&left, x, sizeof(left));
    memcpy(&right, y, sizeof(right));
    return left % 7 - right % 7;
}

static int put_one(void)
{
    int item = next_item++;
    int rc = dice(4) ? brio_queue_put(&queue, &item) : brio_queue_try_put(&queue, &item);
    was_put[item] = rc == 0;
    return rc;
}

static int note_got(int rc, int item)
{
    if (rc < 0)
        return rc;
    CHECK(item >= 0 && item < next_item);
    was_got[item]++;
    return brio_queue_task_done(&queue);
}

static int get_one(void)
{
    int item = -1;
    int rc = dice(4) ? brio_queue_get(&queue, &item) : brio_queue_try_get(&queue, &item);
    return note_got(rc, item);
}

static int got_now(void)
{
    int item = -1;
    int rc = brio_queue_try_get(&queue, &item);
    return note_got(rc, item);
}

static int put_or_get(void *arg)
{
    for (int i = 0; i < STORM_ROUNDS; i++) {
        int rc = *(int *)arg % 2 ? put_one() : get_one();
        CHECK(rc == 0 || rc == -EAGAIN || rc == -ECANCELED);
        (void)dawdle();
    }
    return 0;
}

/* Keeps the stuck moving: takes what there is, else puts. */
static int unstick(void *arg)
{
    (void)arg;
    while (brio_sleep(BRIO_US(20)) == 0) {
        if (got_now() < 0 && next_item < MANY) {
            int item = next_item++;
            was_put[item] = brio_queue_try_put(&queue, &item) == 0;
        }
    }
    return 0;
}

static int storm_main(void *arg)
{
    (void)arg;
    next_item = 0;
    memset(was_got, 0, sizeof(was_got));
    brio_queue_init(&queue,
                    &(brio_queue_options){
                        .item_size = sizeof(int), .max = max, .kind = kind, .compare = by_number});
    brio_task *helper = brio_create_task(unstick, NULL, NULL);
    storm(put_or_get);
    brio_task_cancel(helper);
    settle();
    CHECK_INT(queue.promised, 0);
    CHECK_INT(queue.unfinished, queue.len);
    while (got_now() == 0)
        ;
    for (int i = 0; i < next_item; i++)
        CHECK_INT(was_got[i], was_put[i]); /* never lost, never doubled */
    CHECK_INT(brio_queue_join(&queue), 0);
    brio_queue_fini(&queue);
    return 0;
}

static void storm_of(brio_queue_kind of, size_t bound)
{
    kind = of;
    max = bound;
    run_all_ways(storm_main);
}

TEST(queue_fifo_loses_nothing_in_a_storm_of_cancellations)
{
    storm_of(BRIO_FIFO, 0);
    storm_of(BRIO_FIFO, 1);
    storm_of(BRIO_FIFO, 3);
}

TEST(queue_lifo_loses_nothing_in_a_storm_of_cancellations)
{
    storm_of(BRIO_LIFO, 0);
    storm_of(BRIO_LIFO, 2);
}

TEST(queue_priority_loses_nothing_in_a_storm_of_cancellations)
{
    storm_of(BRIO_PRIORITY, 0);
    storm_of(BRIO_PRIORITY, 2);
}

/* ---- Order -------------------------------------------------------------- */

static int last_of[STORM_TASKS], received;

/* Numbers of one producer arrive in its order, whatever the bound. */
static int produce(void *arg)
{
    int me = *(int *)arg;
    for (int i = 1; i <= 30; i++) {
        int item = me * 1000 + i;
        CHECK_INT(brio_queue_put(&queue, &item), 0);
        if (dice(3) == 0)
            CHECK_INT(dawdle(), 0);
    }
    return 0;
}

static int order_main(void *arg)
{
    static int numbers[4] = {0, 1, 2, 3};
    int item;
    (void)arg;
    memset(last_of, 0, sizeof(last_of));
    received = 0;
    brio_queue_init(&queue, &(brio_queue_options){.item_size = sizeof(int), .max = 3});
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 4; i++)
            brio_spawn(&g, produce, &numbers[i]);
        for (; received < 120; received++) {
            CHECK_INT(brio_queue_get(&queue, &item), 0);
            CHECK_INT(item % 1000, ++last_of[item / 1000]);
        }
    }
    CHECK_INT(queue.len, 0);
    brio_queue_fini(&queue);
    return g.err;
}

TEST(queue_keeps_the_order_of_each_producer)
{
    run_all_ways(order_main);
}
