/* SPDX-License-Identifier: MIT
 *
 * The blocks that hold something, the rate limiter, retry, and the queues that
 * are no pipes, cancelled at every step and refused every allocation: whatever
 * a run returns, nothing may be held at its end. */
#include "task/storm.h"
#include "task/task_internal.h"

static void survives(brio_task_fn *fn)
{
    brio_sim sim = {.seeds = 20, .cancel_everywhere = true, .fail_every_alloc = true};
    CHECK_INT(brio_sim_run(&sim, fn, NULL), 0);
    sim.fifo = true;
    sim.seeds = 1;
    CHECK_INT(brio_sim_run(&sim, fn, NULL), 0);
}

/* ---- Blocks ------------------------------------------------------------- */

typedef struct shared {
    brio_lock lock;
    brio_semaphore permits;
    brio_limiter limiter;
    brio_rate rate;
    int inside, entered;
} shared;

/* All four at once; each is let go on every way out. */
static int in_all(void *arg)
{
    shared *s = arg;
    int rc = 0;
    BRIO_WITH_RATE(&s->rate)
    BRIO_WITH_TOKEN(&s->limiter)
    BRIO_WITH_PERMIT(&s->permits)
    BRIO_WITH_LOCK(&s->lock)
    {
        CHECK_INT(++s->inside, 1);
        rc = brio_yield();
        s->inside--;
        if (rc < 0)
            return rc;
        s->entered++;
    }
    return brio_yield(); /* tells what skipped the block */
}

static int blocks_scenario(void *arg)
{
    shared s = {.inside = 0};
    (void)arg;
    brio_lock_init(&s.lock);
    brio_semaphore_init_bounded(&s.permits, 2);
    brio_limiter_init(&s.limiter, 2);
    brio_rate_init(&s.rate, &(brio_rate_options){.concurrent = 3, .per_second = 1000, .burst = 2});
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    for (int i = 0; i < 5; i++)
        brio_spawn(&g, in_all, &s);
    CHECK_INT(s.inside, 0);
    CHECK(!brio_lock_locked(&s.lock));
    CHECK_INT(s.permits.value, 2);
    CHECK_INT(s.limiter.borrowed, 0);
    CHECK_INT(s.rate.slots.value, 3);
    CHECK_INT(s.rate.waiting, 0);
    CHECK(!brio_lock_locked(&s.rate.turn));
    return g.err;
}

TEST(blocks_everywhere)
{
    survives(blocks_scenario);
}

/* A task that is cancelled inside one of the blocks is the only one missing. */
static int others_go_on(void *arg)
{
    shared s = {.inside = 0};
    (void)arg;
    brio_lock_init(&s.lock);
    brio_semaphore_init(&s.permits, 1);
    brio_limiter_init(&s.limiter, 1);
    brio_rate_init(&s.rate, &(brio_rate_options){.concurrent = 2, .per_second = 1e5});
    BRIO_GROUP(g)
    {
        brio_task *tasks[4];
        for (int i = 0; i < 4; i++)
            tasks[i] = brio_spawn(&g, in_all, &s);
        for (uint64_t i = dice(12); i > 0; i--)
            CHECK_INT(dawdle(), 0);
        brio_task_cancel(tasks[dice(4)]);
    }
    CHECK(s.entered >= 3);
    return g.err;
}

TEST(blocks_cost_nobody_else_their_turn)
{
    run_all_ways(others_go_on);
}

/* ---- Retry -------------------------------------------------------------- */

static int attempts;

static int third_time(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_MS(1));
    return rc < 0 ? rc : ++attempts < 3 ? -EIO : 0;
}

static int retry_scenario(void *arg)
{
    (void)arg;
    attempts = 0;
    int rc = brio_retry_call(&(brio_retry){.delay = BRIO_MS(1), .jitter = 0.5}, third_time, NULL);
    CHECK((rc == 0 && attempts == 3) || (rc == -ECANCELED && attempts < 3));
    return rc;
}

TEST(retry_everywhere)
{
    survives(retry_scenario);
}

/* ---- Queues ------------------------------------------------------------- */

static brio_queue queue;
static int sum_in, sum_out;

static int by_value(const void *x, const void *y)
{
    int left, right;
    memcpy(&left, x, sizeof(left));
    memcpy(&right, y, sizeof(right));
    return (left > right) - (left < right);
}

static int put_three(void *arg)
{
    int rc = 0;
    for (int item = *(int *)arg; rc == 0 && item < *(int *)arg + 3; item++) {
        rc = brio_queue_put(&queue, &item);
        sum_in += rc == 0 ? item : 0;
    }
    return rc;
}

static int get_some(void *arg)
{
    int item, rc;
    (void)arg;
    while ((rc = brio_queue_get(&queue, &item)) == 0) {
        sum_out += item;
        CHECK_INT(brio_queue_task_done(&queue), 0);
    }
    return rc == BRIO_ECLOSED ? 0 : rc;
}

static int pass_through(brio_queue_kind kind)
{
    static int from[] = {1, 10};
    int item;
    sum_in = sum_out = 0;
    brio_queue_init(&queue,
                    &(brio_queue_options){
                        .item_size = sizeof(int), .max = 2, .kind = kind, .compare = by_value});
    BRIO_GROUP(getters, .policy = BRIO_SUPERVISE)
    {
        brio_spawn(&getters, get_some, NULL);
        brio_spawn(&getters, get_some, NULL);
        BRIO_GROUP(putters, .policy = BRIO_SUPERVISE, .scope.timeout = BRIO_SEC(1))
        for (size_t i = 0; i < 2; i++)
            brio_spawn(&putters, put_three, &from[i]);
        brio_queue_shutdown(&queue, false);
    }
    while (brio_queue_try_get(&queue, &item) == 0) { /* the getters were cancelled */
        sum_out += item;
        CHECK_INT(brio_queue_task_done(&queue), 0);
    }
    CHECK_INT(sum_out, sum_in);
    CHECK_INT(queue.unfinished, 0);
    brio_queue_fini(&queue);
    return 0;
}

static int lifo_scenario(void *arg)
{
    (void)arg;
    return pass_through(BRIO_LIFO);
}

static int priority_scenario(void *arg)
{
    (void)arg;
    return pass_through(BRIO_PRIORITY);
}

TEST(queue_lifo_everywhere)
{
    survives(lifo_scenario);
}

TEST(queue_priority_everywhere)
{
    survives(priority_scenario);
}
