/* SPDX-License-Identifier: MIT
 *
 * Programs of awaits, waits, groups and locals together, cancelled at every
 * point where they suspend and with each allocation refused: nothing may be
 * lost or left. */
#include "task/everywhere.h"

static int nap(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_MS(1));
    return rc < 0 ? rc : 1;
}

static int fail(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_MS(1));
    return rc < 0 ? rc : brio_error(-EIO, "as told");
}

/* Both loops, over a program that must come to an end whatever happens. */
static void everywhere(brio_task_fn *fn)
{
    brio_sim sim = {.seed = 1, .seeds = 3, .cancel_everywhere = true, .fail_every_alloc = true};
    CHECK_INT(brio_sim_run(&sim, fn, NULL), 0);
}

static brio_task *hold(brio_task_fn *fn, void *arg)
{
    return brio_create_task(fn, arg, &(brio_task_options){.acquired = true});
}

/* ---- await, shield, join ------------------------------------------------ */

static int await_nap(void *arg)
{
    (void)arg;
    brio_task *inner = brio_create_task(nap, NULL, NULL);
    return inner ? brio_await(inner) : BRIO_EOVERLOAD;
}

static int awaiting(void *arg)
{
    (void)arg;
    brio_task *chain = hold(await_nap, NULL), *shielded = hold(nap, NULL);
    int rc = chain ? brio_await(chain) : BRIO_EOVERLOAD;
    if (rc >= 0)
        rc = shielded ? brio_shield(shielded) : BRIO_EOVERLOAD;
    if (rc >= 0)
        rc = brio_join(shielded, NULL);
    if (chain)
        CHECK(brio_task_done(chain)); /* however it was left */
    brio_task_release(chain);
    brio_task_release(shielded);
    return rc < 0 ? rc : 0;
}

TEST(awaits_can_be_cancelled_everywhere)
{
    everywhere(awaiting);
}

/* ---- wait, as_completed ------------------------------------------------- */

enum { N = 20 }; /* more than wait keeps on the stack */

static int wait_for_them(brio_task **tasks)
{
    brio_completed c;
    brio_task *task;
    bool done[N];
    int rc = brio_wait(tasks, N, BRIO_FIRST_COMPLETED, done);
    if (rc < 0)
        return rc;
    CHECK(rc >= 1);
    brio_completed_init(&c, tasks, N);
    while ((rc = brio_completed_next(&c, &task)) == 0)
        CHECK(brio_task_done(task));
    brio_completed_fini(&c);
    return rc == BRIO_ECLOSED ? 0 : rc;
}

static int waiting(void *arg)
{
    brio_task *tasks[N];
    int rc = 0;
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        for (int i = 0; i < N && rc == 0; i++) {
            tasks[i] = brio_spawn(&g, nap, NULL);
            rc = tasks[i] ? 0 : BRIO_EOVERLOAD;
        }
        if (rc == 0)
            rc = wait_for_them(tasks);
    }
    return rc < 0 ? rc : g.err;
}

TEST(waits_can_be_cancelled_everywhere)
{
    everywhere(waiting);
}

/* ---- Groups ------------------------------------------------------------- */

static int serve(void *arg)
{
    int rc = brio_yield();
    brio_task_started(1);
    return rc < 0 ? rc : nap(arg);
}

static int inner_group(void *arg)
{
    BRIO_GROUP(g, .policy = BRIO_COLLECT, .max_in_flight = 2)
    for (int i = 0; i < 4; i++)
        (void)!brio_spawn(&g, i % 2 ? fail : nap, arg);
    return g.err;
}

static int groups(void *arg)
{
    int rc = 0, value = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        rc = brio_spawn_started(&g, serve, NULL, &value);
        brio_spawn(&g, inner_group, NULL);
        BRIO_SCOPE(limit, .timeout = BRIO_MS(5))
        (void)!brio_sleep(BRIO_MS(10));
        if (rc >= 0)
            rc = brio_cancel_point();
    }
    brio_call calls[] = {BRIO_CALL(fail, NULL), BRIO_CALL(nap, NULL)};
    if (rc >= 0 && g.err == 0)
        rc = brio_gather_results(calls, 2);
    return rc < 0 ? rc : g.err;
}

TEST(groups_can_be_cancelled_everywhere)
{
    everywhere(groups);
}

/* ---- Locals ------------------------------------------------------------- */

static const brio_local user = {"user", NULL};

static int set_and_spawn(void *arg)
{
    int here;
    brio_local_set(&user, &here);
    BRIO_GROUP(g)
    for (int i = 0; i < 3; i++)
        (void)!brio_spawn(&g, nap, arg);
    CHECK(brio_local_get(&user) == &here);
    return g.err;
}

TEST(locals_are_given_back_everywhere)
{
    everywhere(set_and_spawn);
}
