/* SPDX-License-Identifier: MIT
 *
 * What the headers call asserted: who breaks such a promise is stopped at
 * once, before anything is spoilt. */
#include "task/child.h"
#include "task/everywhere.h"

#include <signal.h>

static brio_task_fn *broken;

static void run_broken(void)
{
    brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    int rc = brio_run(broken, NULL, &(brio_run_options){.loop = &sim});
    _exit(rc < 0 ? 1 : 0);
}

/* `fn` as a main task must not survive. */
static void check_dies(brio_task_fn *fn)
{
    child c;
    broken = fn;
    child_run(&c, run_broken);
    CHECK(WIFSIGNALED(c.status));
    CHECK_INT(WTERMSIG(c.status), SIGABRT);
}

static int wait_for_event(void *arg)
{
    return brio_event_wait(arg);
}

/* ---- Scopes and parking ------------------------------------------------- */

static int leaves_an_outer_scope(void *arg)
{
    brio_scope outer = {.shield = false}, inner = {.shield = false};
    (void)arg;
    brio_scope_enter(&outer);
    brio_scope_enter(&inner);
    brio_scope_leave(&outer);
    return 0;
}

static int unparks_twice(void *arg)
{
    brio_waiter waiter = {.on_cancel = NULL};
    (void)arg;
    brio_unpark(&waiter, 0);
    brio_unpark(&waiter, 0);
    return brio_park(&waiter);
}

static int spawns_into_a_group_that_ended(void *arg)
{
    brio_event event = BRIO_EVENT_INIT;
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.none = true}));
    int rc = brio_group_leave(&g);
    brio_spawn(&g, wait_for_event, &event);
    return arg ? 0 : rc;
}

TEST(scopes_groups_and_waits_end_once)
{
    check_dies(leaves_an_outer_scope);
    check_dies(unparks_twice);
    check_dies(spawns_into_a_group_that_ended);
}

/* ---- Only for tasks ----------------------------------------------------- */

static brio_lock lock = BRIO_LOCK_INIT;
static brio_queue queue;
static int item;

static void acquire_in_callback(brio_callback *cb)
{
    (void)cb;
    (void)!brio_lock_acquire(&lock);
}

static void get_in_callback(brio_callback *cb)
{
    (void)cb;
    (void)!brio_queue_get(&queue, &item);
}

static void set_local_in_callback(brio_callback *cb)
{
    static const brio_local local = {"local", NULL};
    (void)cb;
    brio_local_set(&local, &item);
}

static int call(brio_callback_fn *fn)
{
    brio_callback cb = {.fn = fn};
    brio_loop_call_soon(brio_loop_current(), &cb);
    return brio_yield();
}

static int callback_acquires(void *arg)
{
    (void)arg;
    CHECK_INT(brio_lock_acquire(&lock), 0);
    return call(acquire_in_callback);
}

static int callback_gets(void *arg)
{
    (void)arg;
    brio_queue_init(&queue, NULL);
    return call(get_in_callback);
}

static int callback_sets_a_local(void *arg)
{
    (void)arg;
    return call(set_local_in_callback);
}

TEST(what_suspends_is_for_tasks)
{
    check_dies(callback_acquires);
    check_dies(callback_gets);
    check_dies(callback_sets_a_local);
}

static int answer(void *arg)
{
    (void)arg;
    return 42;
}

static int waits_for_its_own_loop(void *arg)
{
    brio_thread_future *future;
    (void)arg;
    int rc = brio_run_coroutine_threadsafe(brio_loop_current(), answer, NULL, &future);
    return rc < 0 ? rc : brio_thread_future_wait(future, BRIO_NEVER, NULL);
}

TEST(a_loop_does_not_block_for_itself)
{
    check_dies(waits_for_its_own_loop);
}

/* ---- What tasks share --------------------------------------------------- */

static int takes_its_lock_twice(void *arg)
{
    (void)arg;
    BRIO_WITH_LOCK(&lock)
    BRIO_WITH_LOCK(&lock)
    item++;
    return 0;
}

static int barrier_of_none(void *arg)
{
    brio_barrier barrier;
    (void)arg;
    brio_barrier_init(&barrier, 0);
    return 0;
}

static int rate_released_twice(void *arg)
{
    brio_rate rate;
    (void)arg;
    brio_rate_init(&rate, &(brio_rate_options){.concurrent = 1});
    CHECK_INT(brio_rate_acquire(&rate), 0);
    brio_rate_release(&rate);
    brio_rate_release(&rate);
    return 0;
}

TEST(locks_barriers_and_rates_are_not_misused)
{
    check_dies(takes_its_lock_twice);
    check_dies(barrier_of_none);
    check_dies(rate_released_twice);
}

static int get_it(void *arg)
{
    return brio_queue_get(arg, NULL);
}

static int ends_a_queue_somebody_waits_for(void *arg)
{
    (void)arg;
    brio_queue_init(&queue, NULL);
    brio_create_task(get_it, &queue, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    brio_queue_fini(&queue);
    return 0;
}

static int priority_without_order(void *arg)
{
    (void)arg;
    brio_queue_init(&queue, &(brio_queue_options){.kind = BRIO_PRIORITY});
    return 0;
}

static int channel_of_nothing(void *arg)
{
    brio_channel channel;
    (void)arg;
    return brio_channel_init(&channel, 0, 1);
}

static int receive_it(void *arg)
{
    return brio_channel_receive(arg, NULL);
}

static int ends_a_channel_somebody_waits_for(void *arg)
{
    static brio_channel channel;
    (void)arg;
    CHECK_INT(brio_channel_init(&channel, 1, 0), 0);
    brio_create_task(receive_it, &channel, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    brio_channel_fini(&channel);
    return 0;
}

static int reopens_a_closed_end(void *arg)
{
    brio_channel channel;
    (void)arg;
    CHECK_INT(brio_channel_init(&channel, 1, 0), 0);
    brio_channel_close_sender(&channel);
    brio_channel_add_sender(&channel);
    return 0;
}

TEST(queues_and_channels_are_not_misused)
{
    check_dies(ends_a_queue_somebody_waits_for);
    check_dies(priority_without_order);
    check_dies(channel_of_nothing);
    check_dies(ends_a_channel_somebody_waits_for);
    check_dies(reopens_a_closed_end);
}
