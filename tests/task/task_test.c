/* SPDX-License-Identifier: MIT
 *
 * Tasks one by one: order of turns, eager starts, what each has of its own. */
#include "task/everywhere.h"

static int say_arg(void *arg)
{
    say("%s ", (const char *)arg);
    return 0;
}

static char a[] = "a", b[] = "b";

/* ---- Order -------------------------------------------------------------- */

static int two_turns(void *arg)
{
    say("%s1 ", (const char *)arg);
    int rc = brio_yield();
    say("%s2 ", (const char *)arg);
    return rc;
}

static int order_main(void *arg)
{
    (void)arg;
    brio_create_task(two_turns, a, NULL);
    brio_create_task(two_turns, b, NULL);
    say("main1 "); /* create_task starts nothing now */
    CHECK_INT(brio_yield(), 0);
    say("main2 ");
    CHECK_INT(brio_yield(), 0);
    say("main3 ");
    CHECK_TRACE("main1 a1 b1 main2 a2 b2 main3 ");
    return 0;
}

TEST(turns_are_first_come_first_served)
{
    run_everywhere(order_main);
}

typedef struct say_cb {
    brio_callback cb;
    const char *text;
} say_cb;

static void say_callback(brio_callback *cb)
{
    say("%s ", BRIO_CONTAINER(cb, say_cb, cb)->text);
}

static int mixed_order(void *arg)
{
    say_cb x = {{.fn = say_callback}, "x"}, y = {{.fn = say_callback}, "y"};
    (void)arg;
    brio_create_task(say_arg, a, NULL);
    brio_loop_call_soon(brio_loop_current(), &x.cb);
    brio_create_task(say_arg, b, NULL);
    brio_loop_call_soon(brio_loop_current(), &y.cb);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("a x b y ");
    return 0;
}

TEST(tasks_and_callbacks_share_one_queue)
{
    run_everywhere(mixed_order);
}

static void spawn_from_callback(brio_callback *cb)
{
    (void)cb;
    CHECK(!brio_current_task());
    brio_create_task(say_arg, a, NULL);
    say("cb ");
    brio_create_task(say_arg, b, &(brio_task_options){.eager = true});
    CHECK(!brio_current_task());
}

static int callback_main(void *arg)
{
    brio_callback cb = {.fn = spawn_from_callback};
    (void)arg;
    brio_loop_call_soon(brio_loop_current(), &cb);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("cb b a ");
    return 0;
}

TEST(loop_callbacks_start_tasks)
{
    run_everywhere(callback_main);
}

static int renamed_main(void *arg)
{
    (void)arg;
    brio_task_rename("somebody else");
    CHECK_STR(brio_str_from(brio_task_name(brio_current_task())), "somebody else");
    return 0;
}

TEST(a_task_may_change_its_name)
{
    run_everywhere(renamed_main);
}

/* ---- Eager -------------------------------------------------------------- */

static int eager_body(void *arg)
{
    CHECK_STR(brio_str_from(brio_task_name(brio_current_task())), "inner");
    say("in1 ");
    if (arg)
        CHECK_INT(brio_yield(), 0);
    say("in2 ");
    return 0;
}

static int eager_main(void *arg)
{
    brio_task_options eager = {.name = "inner", .eager = true};
    brio_task *self = brio_current_task();
    (void)arg;
    brio_create_task(eager_body, a, &eager);
    CHECK(brio_current_task() == self);
    say("out1 ");
    CHECK_INT(brio_task_count(), 2);
    CHECK_INT(brio_yield(), 0);
    brio_create_task(eager_body, NULL, &eager);
    say("out2 ");
    CHECK_INT(brio_task_count(), 1); /* it never suspended and is gone */
    CHECK_TRACE("in1 out1 in2 in1 in2 out2 ");
    return 0;
}

TEST(eager_tasks_run_to_their_first_suspension)
{
    run_everywhere(eager_main);
}

static int eager_nest(void *arg)
{
    int depth = *(int *)arg;
    if (depth < 20) {
        int deeper = depth + 1;
        brio_create_task(eager_nest, &deeper, &(brio_task_options){.eager = true});
    }
    say("%d ", depth);
    return 0;
}

static int eager_nest_main(void *arg)
{
    int depth = 18;
    (void)arg;
    CHECK_INT(eager_nest(&depth), 0);
    CHECK_TRACE("20 19 18 ");
    return 0;
}

TEST(eager_tasks_nest)
{
    run_everywhere(eager_nest_main);
}

/* ---- What a task has of its own ----------------------------------------- */

static int own_errno(void *arg)
{
    for (int i = 1; i < 10; i++) {
        errno = *(int *)arg;
        CHECK_INT(brio_yield(), 0);
        CHECK_INT(errno, *(int *)arg);
    }
    return 0;
}

static int errno_main(void *arg)
{
    int first = ENOENT, second = EDOM;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, own_errno, &first);
        brio_spawn(&g, own_errno, &second);
    }
    return g.err;
}

TEST(errno_is_each_tasks_own)
{
    run_everywhere(errno_main);
}

static int see_context(void *arg)
{
    CHECK(brio_task_context() == arg);
    return 0;
}

static int context_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, see_context, NULL);
        brio_spawn_with(&g, see_context, a, &(brio_task_options){.context = a});
    }
    return g.err;
}

static int context_parent(void *arg)
{
    CHECK(brio_task_context() == b);
    (void)arg;
    BRIO_GROUP(g)
    brio_spawn(&g, see_context, b);
    return g.err;
}

static int context_inherit_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    brio_spawn_with(&g, context_parent, NULL, &(brio_task_options){.context = b});
    return g.err;
}

TEST(context_is_inherited)
{
    run_everywhere(context_main);
    run_everywhere(context_inherit_main);
}

static int identity_main(void *arg)
{
    const brio_task *self = brio_current_task();
    (void)arg;
    CHECK_STR(brio_str_from(brio_task_name(self)), "main");
    CHECK_INT(brio_task_id(self), 1);
    uint64_t last = 1;
    for (int i = 0; i < 100; i++) {
        const brio_task *task = brio_create_task(say_arg, a, NULL);
        CHECK(brio_task_id(task) > last);
        CHECK_STR(brio_str_from(brio_task_name(task)), "task");
        last = brio_task_id(task);
        CHECK_INT(brio_yield(), 0);
    }
    return 0;
}

TEST(ids_are_never_reused)
{
    run_everywhere(identity_main);
}

/* ---- Memory ------------------------------------------------------------- */

static void say_deferred(void *arg)
{
    say("%s ", (const char *)arg);
}

static int arena_body(void *arg)
{
    brio_arena *arena = brio_task_arena();
    brio_str s = brio_printf(arena, "%d", 42);
    brio_defer_push(arena, say_deferred, a);
    brio_defer_push(arena, say_deferred, b);
    CHECK_INT(brio_yield(), 0);
    CHECK_STR(s, "42");
    CHECK(!arg || arena == arg);
    return 0;
}

static int arena_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    brio_spawn(&g, arena_body, NULL);
    CHECK_TRACE("b a ");
    return g.err;
}

TEST(a_tasks_arena_ends_with_it)
{
    run_everywhere(arena_main);
}

static int borrowed_arena_main(void *arg)
{
    brio_arena mine;
    (void)arg;
    brio_arena_init(&mine, 0);
    void (*exhausted)(brio_arena *) = mine.exhausted;
    BRIO_GROUP(g)
    brio_spawn_with(&g, arena_body, &mine, &(brio_task_options){.arena = &mine});
    CHECK_TRACE("");
    CHECK(mine.exhausted == exhausted);
    brio_arena_fini(&mine);
    CHECK_TRACE("b a ");
    return g.err;
}

TEST(a_borrowed_arena_outlives_the_task)
{
    run_everywhere(borrowed_arena_main);
}

static void yield_deferred(void *arg)
{
    CHECK_INT(rest(1), 0);
    say("%s ", (const char *)arg);
}

static int suspending_defer(void *arg)
{
    brio_defer_push(brio_task_arena(), yield_deferred, arg);
    return 5;
}

static int suspending_defer_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, suspending_defer, a);
        brio_spawn(&g, suspending_defer, b);
    }
    CHECK_TRACE("a b ");
    return g.err;
}

TEST(defers_may_suspend)
{
    run_everywhere(suspending_defer_main);
}

static int where_is_the_stack(void *arg)
{
    *(uintptr_t *)arg = (uintptr_t)__builtin_frame_address(0);
    return 0;
}

static int stack_reuse_main(void *arg)
{
    uintptr_t at[4];
    (void)arg;
    BRIO_GROUP(g)
    for (size_t i = 0; i < 4; i++)
        brio_spawn(&g, where_is_the_stack, &at[i]);
    CHECK(at[0] == at[1] && at[1] == at[2] && at[2] == at[3]);
    return g.err;
}

TEST(tasks_that_do_not_suspend_share_one_stack)
{
    run_everywhere(stack_reuse_main);
}

static int recurse(int depth)
{
    volatile char frame[256];
    memset((char *)(uintptr_t)frame, depth, sizeof(frame));
    return depth == 0 ? frame[3] : recurse(depth - 1) + (frame[7] == (char)depth ? 0 : 1000);
}

static int recurse_deep(void *arg)
{
    (void)arg;
    return recurse(2500); /* over 640 KB */
}

static int deep_main(void *arg)
{
    (void)arg;
    brio_task_options big = {.stack_size = 1024 * 1024};
    BRIO_GROUP(g)
    brio_spawn_with(&g, recurse_deep, NULL, &big);
    return g.err;
}

TEST(a_large_stack_takes_deep_recursion)
{
    run_everywhere(deep_main);
}

#if defined(TEST_UNDER_TSAN)
enum { MANY = 1000 }; /* ThreadSanitizer's fibers are few */
#elif defined(TEST_UNDER_ASAN)
enum { MANY = 20000 };
#else
enum { MANY = 100000 };
#endif

static size_t finished;

static int sleep_a_little(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_MS(10));
    finished++;
    return rc;
}

static int many_main(void *arg)
{
    (void)arg;
    for (int round = 0; round < 2; round++) {
        finished = 0;
        BRIO_GROUP(g)
        for (int i = 0; i < MANY; i++)
            brio_spawn(&g, sleep_a_little, NULL);
        CHECK_INT(g.err, 0);
        CHECK_INT(finished, MANY);
    }
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(a_hundred_thousand_tasks_sleep_at_once)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, many_main, NULL), 0);
}

static int child_of(void *arg)
{
    const brio_task *self = brio_current_task();
    *(uint64_t *)arg = brio_task_parent(self);
    return brio_task_created_at(self) ? 0 : -EINVAL;
}

static int parent_main(void *arg)
{
    uint64_t parents[2] = {0, 0};
    (void)arg;
    CHECK_INT(brio_gather({child_of, &parents[0]}, {child_of, &parents[1]}), 0);
    CHECK_INT(parents[0], brio_task_id(brio_current_task()));
    CHECK_INT(parents[1], parents[0]);
    return 0;
}

TEST(a_task_knows_who_created_it)
{
    run_everywhere(parent_main);
}
