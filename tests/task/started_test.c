/* SPDX-License-Identifier: MIT
 *
 * trio's nursery.start: the child says when it is ready. */
#include "task/everywhere.h"

static int serve(void *arg)
{
    int rc = rest(2);
    if (rc < 0)
        return rc;
    brio_task_started(*(int *)arg);
    brio_task_started(-1); /* harmless: nobody waits any more */
    say("serving ");
    rc = rest(20);
    say("served:%d ", rc);
    return rc;
}

static int ready_main(void *arg)
{
    int port = 8080, got = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        CHECK_INT(brio_spawn_started(&g, serve, &port, &got), 0);
        CHECK_INT(got, 8080);
        CHECK_TRACE("serving ");
        CHECK_INT(brio_spawn_started(&g, serve, &port, NULL), 0);
        CHECK_TRACE("serving ");
    }
    CHECK_TRACE("served:0 served:0 "); /* children like others */
    return g.err;
}

TEST(it_returns_when_the_child_has_started)
{
    run_thoroughly(ready_main);
}

static int fail(void *arg)
{
    int rc = brio_yield();
    return rc < 0 ? rc : *(int *)arg;
}

static int failed_main(void *arg)
{
    int error = -EADDRINUSE, fine = 0, got = 5;
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    CHECK_INT(brio_spawn_started(&g, fail, &error, &got), -EADDRINUSE);
    CHECK_INT(g.err, -EADDRINUSE); /* the group is told as usual */
    BRIO_GROUP(h)
    CHECK_INT(brio_spawn_started(&h, fail, &fine, &got), BRIO_ECLOSED); /* it never said so */
    CHECK_INT(h.err, 0);
    CHECK_INT(got, 5);
    return 0;
}

TEST(a_child_that_ends_before_gives_its_error)
{
    run_thoroughly(failed_main);
}

static int clean_up(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(1000));
    say("told:%d ", rc);
    return rc;
}

static int cancelled_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        BRIO_SCOPE(limit, .timeout = BRIO_MS(5))
        {
            CHECK_INT(brio_spawn_started(&g, clean_up, NULL, NULL), -ECANCELED);
            CHECK_TRACE("told:-125 "); /* the child is not in the scope, but it was told */
            CHECK_INT((int)g.live, 0);
        }
        CHECK(limit.expired);
    }
    return g.err;
}

TEST(cancelling_the_wait_cancels_and_awaits_the_child)
{
    run_thoroughly(cancelled_main);
}

static int start_anyway(void *arg)
{
    CHECK_INT(brio_sleep(BRIO_SEC(1000)), -ECANCELED);
    brio_task_started(3);
    return rest(*(int *)arg);
}

static int anyway_main(void *arg)
{
    int nap = 1, got = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        BRIO_SCOPE(limit, .timeout = BRIO_MS(5))
        {
            CHECK_INT(brio_spawn_started(&g, start_anyway, &nap, &got), 0); /* it did start */
            CHECK_INT(brio_yield(), -ECANCELED);                            /* told by the next */
        }
        CHECK_INT(got, 3);
        CHECK_INT((int)g.live, 1);
    }
    return g.err;
}

TEST(a_child_that_started_all_the_same_goes_on)
{
    run_thoroughly(anyway_main);
}

static int refused_main(void *arg)
{
    int port = 1;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_group_cancel(&g);
        CHECK_INT(brio_spawn_started(&g, serve, &port, NULL), -ECANCELED);
    }
    brio_task_started(1); /* we are nobody's child: harmless */
    CHECK(brio_task_cancel(brio_current_task()));
    BRIO_GROUP(h)
    CHECK_INT(brio_spawn_started(&h, clean_up, NULL, NULL), -ECANCELED);
    CHECK_TRACE("");
    return 0;
}

TEST(a_cancelled_group_or_caller_starts_nothing)
{
    run_thoroughly(refused_main);
}

static int overload_main(void *arg)
{
    int port = 1;
    (void)arg;
    BRIO_GROUP(g)
    CHECK_INT(brio_spawn_started(&g, serve, &port, NULL), BRIO_EOVERLOAD);
    return 0;
}

TEST(beyond_max_tasks_it_is_overload)
{
    brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    CHECK_INT(brio_run(overload_main, NULL, &(brio_run_options){.loop = &sim, .max_tasks = 1}), 0);
}
