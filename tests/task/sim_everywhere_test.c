/* SPDX-License-Identifier: MIT
 *
 * Every primitive of the room under all that can go wrong: a scenario of
 * each, re-run once per step with the task that stands there cancelled, and
 * once per allocation with that one refused. Whatever a run returns, at its
 * end no permit, item or wake-up may be missing. */
#include "task/everywhere.h"

enum { SEEDS = ORDERS_MAX / 10 };

static void survives(brio_task_fn *fn)
{
    brio_sim sim = {.seeds = SEEDS, .cancel_everywhere = true, .fail_every_alloc = true};
    sim.deadline_everywhere = true;
    CHECK_INT(brio_sim_run(&sim, fn, NULL), 0);
    sim.fifo = true;
    sim.seeds = 1;
    CHECK_INT(brio_sim_run(&sim, fn, NULL), 0);
}

static int yields_and_sleeps(void)
{
    int rc = brio_yield();
    return rc < 0 ? rc : brio_sleep(BRIO_MS(1));
}

/* ---- Sync --------------------------------------------------------------- */

static int inside; /* tasks in the critical part */

static int in_lock(void *arg)
{
    brio_lock *lock = arg;
    int rc = brio_lock_acquire(lock);
    if (rc < 0)
        return rc;
    CHECK_INT(++inside, 1);
    rc = yields_and_sleeps();
    CHECK_INT(inside--, 1);
    brio_lock_release(lock);
    return rc;
}

static int lock_scenario(void *arg)
{
    (void)arg;
    inside = 0;
    brio_lock lock;
    brio_lock_init(&lock);
    BRIO_GROUP(g)
    for (int i = 0; i < 4; i++)
        brio_spawn(&g, in_lock, &lock);
    CHECK(!brio_lock_locked(&lock));
    CHECK(brio_lock_try(&lock));
    brio_lock_release(&lock);
    return g.err;
}

TEST(lock_everywhere)
{
    survives(lock_scenario);
}

static int in_semaphore(void *arg)
{
    brio_semaphore *sem = arg;
    int rc = brio_semaphore_acquire(sem);
    if (rc < 0)
        return rc;
    CHECK(++inside <= 2);
    rc = yields_and_sleeps();
    inside--;
    brio_semaphore_release(sem);
    return rc;
}

static int semaphore_scenario(void *arg)
{
    (void)arg;
    inside = 0;
    brio_semaphore sem;
    brio_semaphore_init_bounded(&sem, 2);
    BRIO_GROUP(g)
    for (int i = 0; i < 5; i++)
        brio_spawn(&g, in_semaphore, &sem);
    CHECK_INT(sem.value, 2);
    return g.err;
}

TEST(semaphore_everywhere)
{
    survives(semaphore_scenario);
}

static int in_limiter(void *arg)
{
    brio_limiter *limiter = arg;
    int rc = brio_limiter_acquire(limiter);
    if (rc < 0)
        return rc;
    CHECK(++inside <= 2);
    rc = yields_and_sleeps();
    inside--;
    brio_limiter_release(limiter);
    return rc;
}

static int limiter_scenario(void *arg)
{
    (void)arg;
    inside = 0;
    brio_limiter limiter;
    brio_limiter_init(&limiter, 2);
    BRIO_GROUP(g)
    for (int i = 0; i < 5; i++)
        brio_spawn(&g, in_limiter, &limiter);
    CHECK_INT(limiter.borrowed, 0);
    return g.err;
}

TEST(limiter_everywhere)
{
    survives(limiter_scenario);
}

static int waits_for_event(void *arg)
{
    return brio_event_wait(arg);
}

/* Sets it on every way out: who waits must not be forgotten. */
static int sets_event(void *arg)
{
    int rc = brio_sleep(BRIO_MS(1));
    brio_event_set(arg);
    return rc;
}

static int event_scenario(void *arg)
{
    (void)arg;
    brio_event event;
    brio_event_init(&event);
    BRIO_GROUP(g, .scope.timeout = BRIO_SEC(1)) /* the setter may be cancelled before it begins */
    {
        brio_spawn(&g, waits_for_event, &event);
        brio_spawn(&g, waits_for_event, &event);
        brio_spawn(&g, sets_event, &event);
    }
    return g.err;
}

TEST(event_everywhere)
{
    survives(event_scenario);
}

typedef struct bell {
    brio_lock lock;
    brio_condition condition;
    int rings, heard;
} bell;

static int hears(void *arg)
{
    bell *b = arg;
    int rc = brio_lock_acquire(&b->lock);
    if (rc < 0)
        return rc;
    while (rc == 0 && b->rings == 0)
        rc = brio_condition_wait(&b->condition);
    CHECK(brio_lock_locked(&b->lock)); /* cancelled or not */
    if (rc == 0) {
        b->rings--;
        b->heard++;
    }
    brio_lock_release(&b->lock);
    return rc;
}

static int rings_twice(void *arg)
{
    bell *b = arg;
    for (int i = 0; i < 2; i++) {
        int rc = brio_lock_acquire(&b->lock);
        if (rc < 0)
            return rc;
        b->rings++;
        CHECK_OK(brio_condition_notify(&b->condition, 1));
        brio_lock_release(&b->lock);
        rc = brio_yield();
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int condition_scenario(void *arg)
{
    (void)arg;
    bell b = {.rings = 0};
    brio_lock_init(&b.lock);
    brio_condition_init(&b.condition, &b.lock);
    BRIO_GROUP(g, .scope.timeout = BRIO_SEC(1)) /* for those nobody rings for any more */
    {
        brio_spawn(&g, hears, &b);
        brio_spawn(&g, hears, &b);
        brio_spawn(&g, rings_twice, &b);
    }
    CHECK(!brio_lock_locked(&b.lock));
    CHECK(b.rings + b.heard <= 2);
    return g.err;
}

TEST(condition_everywhere)
{
    survives(condition_scenario);
}

/* One notify, and a waiter that is cancelled with it in hand: the other must
 * get it. Nobody else would ever wake that one. */
static int hears_or_passes_on(void *arg)
{
    (void)arg;
    bell b = {.rings = 0};
    brio_lock_init(&b.lock);
    brio_condition_init(&b.condition, &b.lock);
    brio_task *first = NULL;
    BRIO_GROUP(g)
    {
        first = brio_spawn(&g, hears, &b);
        brio_spawn(&g, hears, &b);
        CHECK_OK(brio_wait_all_blocked());
        CHECK_OK(brio_lock_acquire(&b.lock));
        b.rings = 1;
        CHECK_OK(brio_condition_notify(&b.condition, 1));
        brio_lock_release(&b.lock);
        (void)brio_task_cancel(first);
    }
    CHECK_INT(b.heard, 1);
    return 0;
}

TEST(a_notify_in_a_cancelled_hand_is_passed_on)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200}, hears_or_passes_on, NULL), 0);
}

static int at_barrier(void *arg)
{
    brio_barrier *barrier = arg;
    int rc = 0;
    for (int round = 0; round < 2 && rc >= 0; round++)
        rc = brio_barrier_wait(barrier);
    if (rc < 0)
        brio_barrier_abort(barrier); /* the others would wait for ever */
    return rc < 0 ? rc : 0;
}

static int barrier_scenario(void *arg)
{
    (void)arg;
    brio_barrier barrier;
    brio_barrier_init(&barrier, 3);
    BRIO_GROUP(g, .policy = BRIO_COLLECT, .scope.timeout = BRIO_SEC(1))
    for (int i = 0; i < 3; i++)
        brio_spawn(&g, at_barrier, &barrier);
    CHECK_INT(barrier.arrived, 0);
    return g.err;
}

TEST(barrier_everywhere)
{
    survives(barrier_scenario);
}

/* ---- Queues and channels ------------------------------------------------ */

typedef struct belt {
    brio_queue queue;
    int put, got;
} belt;

static int puts_some(void *arg)
{
    belt *b = arg;
    int rc = 0;
    for (int i = 0; i < 4 && rc >= 0; i++) {
        rc = brio_queue_put(&b->queue, &i);
        b->put += rc >= 0;
    }
    return rc < 0 ? rc : 0;
}

static int gets_all(void *arg)
{
    belt *b = arg;
    int item, rc;
    while ((rc = brio_queue_get(&b->queue, &item)) >= 0) {
        b->got++;
        (void)brio_queue_task_done(&b->queue);
    }
    return rc == BRIO_ECLOSED ? 0 : rc;
}

static int queue_scenario(void *arg)
{
    (void)arg;
    belt b = {.put = 0};
    brio_queue_init(&b.queue, &(brio_queue_options){.item_size = sizeof(int), .max = 1});
    BRIO_GROUP(consumers, .scope.timeout = BRIO_SEC(5))
    {
        brio_spawn(&consumers, gets_all, &b);
        brio_spawn(&consumers, gets_all, &b);
        BRIO_GROUP(producers, .scope.timeout = BRIO_SEC(1)) /* both consumers may be gone */
        {
            brio_spawn(&producers, puts_some, &b);
            brio_spawn(&producers, puts_some, &b);
        }
        brio_queue_shutdown(&b.queue, false);
    }
    int item, left = 0;
    while (brio_queue_try_get(&b.queue, &item) >= 0)
        left++;
    CHECK_INT(b.put, b.got + left);
    brio_queue_fini(&b.queue);
    return 0;
}

TEST(queue_everywhere)
{
    survives(queue_scenario);
}

static int joins_queue(void *arg)
{
    belt *b = arg;
    return brio_queue_join(&b->queue);
}

static int join_scenario(void *arg)
{
    (void)arg;
    belt b = {.put = 0};
    brio_queue_init(&b.queue, &(brio_queue_options){.item_size = sizeof(int)});
    BRIO_GROUP(g, .scope.timeout = BRIO_SEC(1))
    {
        brio_spawn(&g, puts_some, &b);
        brio_spawn(&g, joins_queue, &b);
        brio_task *consumer = brio_spawn(&g, gets_all, &b);
        int rc = brio_yield();
        rc = rc < 0 ? rc : brio_queue_join(&b.queue);
        if (consumer && rc >= 0)
            (void)brio_task_cancel(consumer);
    }
    brio_queue_fini(&b.queue);
    return 0;
}

TEST(queue_join_everywhere)
{
    survives(join_scenario);
}

typedef struct pipe_ends {
    brio_channel channel;
    int sent, received;
} pipe_ends;

static int sends_some(void *arg)
{
    pipe_ends *p = arg;
    int rc = 0;
    for (int i = 0; i < 3 && rc >= 0; i++) {
        rc = brio_channel_send(&p->channel, &i);
        p->sent += rc >= 0;
    }
    return rc < 0 && rc != BRIO_ECLOSED ? rc : 0;
}

static int receives_all(void *arg)
{
    pipe_ends *p = arg;
    int item, rc;
    while ((rc = brio_channel_receive(&p->channel, &item)) >= 0)
        p->received++;
    return rc == BRIO_ECLOSED ? 0 : rc;
}

static int channel_run(size_t capacity)
{
    pipe_ends p = {.sent = 0};
    int rc = brio_channel_init(&p.channel, sizeof(int), capacity);
    if (rc < 0)
        return rc;
    BRIO_GROUP(receivers, .scope.timeout = BRIO_SEC(5))
    {
        brio_spawn(&receivers, receives_all, &p);
        BRIO_GROUP(senders, .scope.timeout = BRIO_SEC(1))
        {
            brio_spawn(&senders, sends_some, &p);
            brio_spawn(&senders, sends_some, &p);
        }
        brio_channel_close_sender(&p.channel);
    }
    int item, left = 0;
    while (brio_channel_try_receive(&p.channel, &item) >= 0)
        left++;
    CHECK_INT(p.sent, p.received + left);
    brio_channel_fini(&p.channel);
    return 0;
}

static int rendezvous_scenario(void *arg)
{
    (void)arg;
    return channel_run(0);
}

static int buffered_scenario(void *arg)
{
    (void)arg;
    return channel_run(2);
}

TEST(channel_everywhere)
{
    survives(rendezvous_scenario);
    survives(buffered_scenario);
}

static int selects(void *arg)
{
    pipe_ends *two = arg;
    int item, rc = 0;
    for (int i = 0; i < 6 && rc >= 0; i++) {
        brio_case cases[] = {BRIO_RECEIVE_CASE(&two[0].channel, &item),
                             BRIO_RECEIVE_CASE(&two[1].channel, &item)};
        rc = brio_select(cases, 2);
        if (rc >= 0)
            two[rc].received++;
    }
    return rc < 0 && rc != BRIO_ECLOSED ? rc : 0;
}

static int select_scenario(void *arg)
{
    (void)arg;
    pipe_ends two[2] = {{.sent = 0}, {.sent = 0}};
    int rc = brio_channel_init(&two[0].channel, sizeof(int), 0);
    if (rc < 0)
        return rc;
    rc = brio_channel_init(&two[1].channel, sizeof(int), 0);
    if (rc < 0) {
        brio_channel_fini(&two[0].channel);
        return rc;
    }
    BRIO_GROUP(g, .scope.timeout = BRIO_SEC(1))
    {
        brio_spawn(&g, selects, two);
        brio_spawn(&g, sends_some, &two[0]);
        brio_spawn(&g, sends_some, &two[1]);
    }
    for (int i = 0; i < 2; i++) {
        CHECK_INT(two[i].sent, two[i].received);
        brio_channel_fini(&two[i].channel);
    }
    return 0;
}

TEST(select_everywhere)
{
    survives(select_scenario);
}

/* ---- Structure ---------------------------------------------------------- */

static int sleeps_a_bit(void *arg)
{
    return brio_sleep(BRIO_MS(*(int *)arg));
}

static int fails_later(void *arg)
{
    int rc = brio_sleep(BRIO_MS(*(int *)arg));
    return rc < 0 ? rc : -EIO;
}

static int groups_scenario(void *arg)
{
    (void)arg;
    int one = 1, two = 2;
    BRIO_GROUP(outer)
    {
        brio_spawn(&outer, sleeps_a_bit, &one);
        BRIO_GROUP(inner, .policy = BRIO_SUPERVISE)
        {
            brio_spawn(&inner, fails_later, &one);
            brio_spawn(&inner, sleeps_a_bit, &two);
        }
        BRIO_GROUP(race, .policy = BRIO_RACE)
        {
            brio_spawn(&race, fails_later, &one);
            brio_spawn(&race, sleeps_a_bit, &two);
        }
        BRIO_GROUP(few, .max_in_flight = 1, .discard = true)
        for (int i = 0; i < 3; i++)
            brio_spawn(&few, sleeps_a_bit, &one);
    }
    CHECK_INT(outer.live, 0);
    return 0;
}

TEST(groups_everywhere)
{
    survives(groups_scenario);
}

static int gather_scenario(void *arg)
{
    (void)arg;
    int one = 1, two = 2;
    brio_call calls[] = {BRIO_CALL(sleeps_a_bit, &one), BRIO_CALL(fails_later, &two),
                         BRIO_CALL(sleeps_a_bit, &two)};
    int rc = brio_gather_n(calls, 3);
    if (rc != -EIO)
        return rc;
    rc = brio_gather_results(calls, 3);
    return rc;
}

TEST(gather_everywhere)
{
    survives(gather_scenario);
}

static int shielded(void *arg)
{
    int rc = -1;
    BRIO_SCOPE(s, .shield = true)
    rc = brio_sleep(BRIO_MS(*(int *)arg));
    return rc;
}

static int scopes_scenario(void *arg)
{
    (void)arg;
    int two = 2, ten = 10, rc = 0;
    BRIO_SCOPE(outer, .timeout = BRIO_MS(5))
    {
        BRIO_SCOPE(inner, .timeout = BRIO_MS(3))
        {
            rc = shielded(&two);
            rc = rc < 0 ? rc : sleeps_a_bit(&ten);
        }
        rc = sleeps_a_bit(&ten);
    }
    return rc == -ECANCELED && outer.expired ? brio_wait_for(sleeps_a_bit, &two, BRIO_MS(1)) == 0
                                             : rc;
}

TEST(scopes_everywhere)
{
    survives(scopes_scenario);
}

static int await_scenario(void *arg)
{
    (void)arg;
    int one = 1, two = 2;
    brio_task *a = brio_create_task(sleeps_a_bit, &one, &(brio_task_options){.acquired = true});
    brio_task *b = brio_create_task(sleeps_a_bit, &two, &(brio_task_options){.acquired = true});
    int rc = a ? brio_await(a) : -ENOMEM;
    rc = rc < 0 || !b ? rc : brio_shield(b);
    brio_task *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        BRIO_SCOPE(s, .shield = true) /* the arguments are on this stack */
        while (both[i] && brio_join(both[i], NULL) < 0)
            ; /* a request that the scope does not keep out */
        brio_task_release(both[i]);
    }
    return rc;
}

TEST(await_and_shield_everywhere)
{
    survives(await_scenario);
}

static int says_started(void *arg)
{
    int rc = brio_yield();
    if (rc < 0)
        return rc;
    brio_task_started(7);
    return brio_sleep(BRIO_MS(*(int *)arg));
}

static int started_scenario(void *arg)
{
    (void)arg;
    int one = 1, value = 0, rc = 0;
    BRIO_GROUP(g)
    {
        rc = brio_spawn_started(&g, says_started, &one, &value);
        if (rc == 0)
            CHECK_INT(value, 7);
    }
    return rc;
}

TEST(spawn_started_everywhere)
{
    survives(started_scenario);
}

static int awaits_future(void *arg)
{
    return brio_future_wait(arg, NULL);
}

static int future_scenario(void *arg)
{
    (void)arg;
    brio_future future;
    brio_future_init(&future);
    BRIO_GROUP(g)
    {
        brio_spawn(&g, awaits_future, &future);
        brio_spawn(&g, awaits_future, &future);
        int rc = brio_yield();
        CHECK(rc == 0 || rc == -ECANCELED);
        (void)brio_future_set(&future, 3, NULL);
    }
    CHECK_INT(brio_future_result(&future, NULL), 3);
    brio_future_fini(&future);
    return g.err;
}

TEST(future_everywhere)
{
    survives(future_scenario);
}

static int wait_scenario(void *arg)
{
    (void)arg;
    int ms[] = {1, 2, 3};
    brio_task *tasks[3];
    BRIO_GROUP(g, .policy = BRIO_COLLECT)
    {
        size_t n = 0;
        for (int i = 0; i < 3; i++)
            if ((tasks[n] = brio_spawn(&g, sleeps_a_bit, &ms[i])))
                n++;
        if (n && brio_wait(tasks, n, BRIO_FIRST_COMPLETED, NULL) >= 0) {
            brio_completed done;
            brio_completed_init(&done, tasks, n);
            brio_task *next;
            while (brio_completed_next(&done, &next) == 0)
                ;
            brio_completed_fini(&done);
        }
    }
    return g.err;
}

TEST(wait_and_as_completed_everywhere)
{
    survives(wait_scenario);
}

/* ---- Memory of tasks ---------------------------------------------------- */

static int deferred;

static void count_defer(void *arg)
{
    (void)arg;
    deferred--;
}

static int uses_arena(void *arg)
{
    (void)arg;
    brio_arena *arena = brio_task_arena();
    deferred++;
    brio_defer_push(arena, count_defer, NULL);
    (void)brio_alloc(arena, 100);
    int rc = brio_yield();
    (void)brio_alloc(arena, 20000);
    return rc < 0 ? rc : brio_error(-EIO, "in words: %d", 42);
}

static int arena_scenario(void *arg)
{
    (void)arg;
    deferred = 0;
    BRIO_GROUP(g, .policy = BRIO_COLLECT)
    for (int i = 0; i < 3; i++)
        brio_spawn(&g, uses_arena, NULL);
    return g.err;
}

TEST(arenas_and_defers_everywhere)
{
    survives(arena_scenario);
}
