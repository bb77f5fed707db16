/* SPDX-License-Identifier: MIT
 *
 * Abandoning: the task ends in the middle, and nothing it held is lost. */
#include "task/everywhere.h"

static char a[] = "a", b[] = "b", c[] = "c";

static void say_deferred(void *arg)
{
    say("%s ", (const char *)arg);
}

static int give_up(void *arg)
{
    brio_defer_push(brio_task_arena(), say_deferred, a);
    brio_defer_push(brio_task_arena(), say_deferred, b);
    brio_task_abandon(*(int *)arg);
}

static int abandon_main(void *arg)
{
    int err = -EIO, result = 0;
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, give_up, &err);
        CHECK_INT(brio_join(task, &result), 0);
    }
    CHECK_INT(result, -EIO);
    CHECK_INT(g.err, -EIO);
    CHECK_TRACE("b a ");
    return 0;
}

TEST(an_abandoned_task_runs_its_defers_and_tells_its_error)
{
    run_everywhere(abandon_main);
}

/* ---- Open groups and scopes --------------------------------------------- */

static int child(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%s:%d ", (const char *)arg, rc);
    rc = brio_yield();
    return rc;
}

static int nested(void *arg)
{
    brio_defer_push(brio_task_arena(), say_deferred, c);
    BRIO_GROUP(outer)
    {
        brio_spawn(&outer, child, a);
        BRIO_SCOPE(limit, .timeout = BRIO_SEC(5))
        {
            BRIO_GROUP(inner, .policy = BRIO_SUPERVISE)
            {
                brio_spawn(&inner, child, b);
                (void)!brio_yield();
                brio_task_abandon(*(int *)arg);
            }
        }
    }
    return 0;
}

static int nested_main(void *arg)
{
    int err = BRIO_EABANDON;
    brio_call calls[] = {{nested, &err, 0}};
    (void)arg;
    CHECK_INT(brio_gather_n(calls, 1), BRIO_EABANDON);
    CHECK_INT(calls[0].result, BRIO_EABANDON);
    CHECK_INT(brio_task_count(), 1); /* the children were joined */
    CHECK_TRACE("b:-125 a:-125 c ");
    return brio_yield();
}

TEST(open_groups_are_cancelled_and_joined)
{
    run_everywhere(nested_main);
}

static int nested_shuffled_main(void *arg)
{
    int err = -EIO;
    (void)arg;
    for (int i = 0; i < 3; i++)
        CHECK_INT(brio_gather({nested, &err}, {nested, &err}, {nested, &err}), -EIO);
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(open_groups_are_joined_in_any_order)
{
    run_shuffled(nested_shuffled_main, 100);
}

static int abandon_eagerly_main(void *arg)
{
    int err = -EIO;
    (void)arg;
    brio_log_set_level(BRIO_LOG_OFF);
    brio_create_task(give_up, &err, &(brio_task_options){.eager = true});
    CHECK_TRACE("b a ");
    BRIO_SCOPE(s)
    CHECK_INT(brio_yield(), 0);
    return 0;
}

TEST(an_eager_task_abandons_only_itself)
{
    run_everywhere(abandon_eagerly_main);
}

/* ---- Memory limits ------------------------------------------------------ */

static __attribute__((noreturn)) int eat(void *arg)
{
    brio_arena *arena = brio_task_arena();
    brio_defer_push(arena, say_deferred, a);
    (void)arg;
    for (;;)
        memset(brio_alloc(arena, 4000), 1, 4000);
}

static int limit_main(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        CHECK_INT(brio_gather({eat, NULL}, {eat, NULL}), BRIO_EABANDON);
    CHECK_TRACE("a a a a a a ");
    return 0;
}

TEST(the_arenas_limit_ends_the_task_not_the_process)
{
    brio_loop_options loop = {.backend = BRIO_BACKEND_SIM};
    brio_run_options options = {.loop = &loop, .arena_limit = 64 * 1024};
    CHECK_INT(brio_run(limit_main, NULL, &options), 0);
}

static int borrowed_main(void *arg)
{
    brio_arena arena;
    (void)arg;
    brio_arena_init(&arena, 64 * 1024);
    brio_defer_push(&arena, say_deferred, b); /* the lender's */
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    brio_spawn_with(&g, eat, NULL, &(brio_task_options){.arena = &arena});
    CHECK_INT(g.err, BRIO_EABANDON);
    CHECK_TRACE("a "); /* what the task deferred, and nothing else */
    brio_arena_fini(&arena);
    CHECK_TRACE("b ");
    return 0;
}

TEST(a_borrowed_arenas_limit_does_the_same)
{
    run_everywhere(borrowed_main);
}

static __attribute__((noreturn)) int eat_from(void *arg)
{
    for (;;)
        memset(brio_alloc(arg, 4000), 1, 4000);
}

static int lender(void *arg)
{
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    brio_spawn(&g, eat_from, brio_task_arena());
    *(int *)arg = g.err;
    return 0;
}

static int child_eats_main(void *arg)
{
    int err = 0;
    (void)arg;
    BRIO_GROUP(g)
    brio_spawn(&g, lender, &err);
    CHECK_INT(err, BRIO_EABANDON); /* the one that asked for too much is ended */
    return g.err;
}

TEST(whoever_exhausts_an_arena_is_abandoned)
{
    run_everywhere(child_eats_main);
}

static void eat_more(void *arg)
{
    say_deferred(arg);
    (void)eat_from(brio_task_arena());
}

static int eat_in_defer(void *arg)
{
    brio_defer_push(brio_task_arena(), say_deferred, a);
    brio_defer_push(brio_task_arena(), eat_more, b);
    brio_defer_push(brio_task_arena(), eat_more, c);
    (void)eat_from(brio_task_arena());
    return arg != NULL;
}

static int defer_eats_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_gather({eat_in_defer, NULL}), BRIO_EABANDON);
    CHECK_TRACE("c b a "); /* each once */
    return 0;
}

TEST(a_defer_may_hit_the_limit_again)
{
    run_everywhere(defer_eats_main);
}

static int fill_stack_with(void *arg)
{
    volatile char frame[2000];
    memset((char *)(uintptr_t)frame, 7, sizeof(frame));
    (void)arg;
    brio_task_abandon(-EIO);
}

static int reuse_main(void *arg)
{
    (void)arg;
    for (int i = 0; i < 200; i++) /* red zones of abandoned frames must be gone */
        CHECK_INT(brio_gather({fill_stack_with, NULL}, {nested, &(int){-EPERM}}), -EIO);
    return 0;
}

TEST(stacks_of_abandoned_tasks_are_used_again)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, reuse_main, NULL), 0);
}
