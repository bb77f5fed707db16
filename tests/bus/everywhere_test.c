/* SPDX-License-Identifier: MIT
 *
 * A short life of two workers with a Redis, with each of its steps cancelled and
 * each allocation and system call refused: it ends, and leaves nothing behind. */
#include "fake_redis.h"

static brio_bus *house;

static int talk(brio_bus *a, brio_bus *b)
{
    brio_bus_listener *l = NULL;
    brio_bus_message m;
    brio_str answer;
    int rc = brio_bus_listen(b, BRIO_S("t/+"), NULL, &l);
    if (rc >= 0)
        rc = brio_bus_enter(a, BRIO_S("r"), BRIO_S("ada"));
    if (rc >= 0)
        rc = brio_bus_publish(a, BRIO_S("t/x"), BRIO_S("hello"));
    BRIO_SCOPE(patience, .timeout = BRIO_SEC(1))
    {
        if (rc >= 0)
            rc = brio_bus_next(l, &m);
    }
    if (rc >= 0)
        rc = brio_bus_ask(a, brio_task_arena(), BRIO_S("nobody"), BRIO_S("?"), &answer);
    brio_bus_listener_close(l);
    return rc == -ETIMEDOUT || patience.expired ? 0 : rc;
}

static int short_life(void *arg)
{
    brio_bus **bus = arg;
    int rc = brio_bus_open(bus[0]);
    if (rc >= 0)
        rc = brio_bus_open(bus[1]);
    if (rc >= 0)
        rc = talk(bus[0], bus[1]);
    brio_bus_close(bus[0]);
    brio_bus_close(bus[1]);
    return rc;
}

static int with_redis(void *arg)
{
    fake_redis redis = {.port = 6000};
    redis.task = brio_create_task(fake_run, &redis, &(brio_task_options){.acquired = true});
    if (!redis.task)
        return -ENOMEM;
    int rc = short_life(arg);
    (void)brio_task_cancel(redis.task);
    BRIO_SCOPE(last, .shield = true)
    {
        while (brio_join(redis.task, NULL) == -ECANCELED)
            continue;
    }
    brio_task_release(redis.task);
    return rc;
}

static void run(const char *url, brio_task_fn *fn, brio_sim sim)
{
    brio_bus_options o = {.url = url, .ask_timeout = BRIO_MS(100)};
    house = brio_bus_new(NULL, &o);
    brio_bus *bus[2] = {brio_bus_sibling(house), brio_bus_sibling(house)};
    CHECK_INT(brio_log_open(NULL), 0);
    brio_log_set_level(BRIO_LOG_ERROR);
    CHECK_INT(brio_sim_run(&sim, fn, bus), 0);
    brio_log_close();
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(brio_bus_stats_get(bus[i]).subscriptions, 0);
        CHECK_INT(brio_bus_stats_get(bus[i]).members, 0);
        CHECK_INT(brio_bus_stats_get(bus[i]).workers, 0);
        brio_bus_free(bus[i]);
    }
    brio_bus_free(house);
}

TEST(cancelled_anywhere)
{
    run("local", short_life, (brio_sim){.cancel_everywhere = true});
}

TEST(out_of_memory_anywhere)
{
    run("local", short_life, (brio_sim){.fail_every_alloc = true});
}

TEST(system_calls_refused_anywhere)
{
    run("local", short_life, (brio_sim){.fail_every_syscall = true});
}

#ifdef BRIO_WITH_HIREDIS
TEST(with_redis_cancelled_anywhere)
{
    run("redis://127.0.0.1:6000", with_redis, (brio_sim){.cancel_everywhere = true});
}

TEST(with_redis_system_calls_refused_anywhere)
{
    run("redis://127.0.0.1:6000", with_redis, (brio_sim){.fail_every_syscall = true});
}
#endif
