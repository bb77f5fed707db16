/* SPDX-License-Identifier: MIT
 *
 * What stands behind the block macros, called by hand: notes of what is held,
 * measuring without a block, a context lent to a thread. */
#include "task/everywhere.h"

#include <pthread.h>

static char a[] = "a", b[] = "b";

static void leave(void *what)
{
    say("%s ", (const char *)what);
}

static int held_main(void *arg)
{
    brio_held outer, inner, nothing;
    (void)arg;
    CHECK(brio_held_begin(&outer, leave, a) == &outer);
    CHECK(brio_held_begin(&nothing, NULL, NULL) == &nothing);
    CHECK(brio_held_begin(&inner, leave, b) == &inner);
    brio_held_end(&inner);
    CHECK_TRACE("b ");
    CHECK_INT(brio_yield(), 0);
    brio_held_cleanup(&nothing); /* as the macros do */
    brio_held_end(&outer);
    CHECK_TRACE("a ");
    return 0;
}

TEST(what_is_held_is_left_once)
{
    run_thoroughly(held_main);
}

static int abandon_holding(void *arg)
{
    brio_held outer, nothing, inner;
    (void)arg;
    brio_held_begin(&outer, leave, a);
    brio_held_begin(&nothing, NULL, NULL);
    brio_held_begin(&inner, leave, b);
    brio_task_abandon(-EIO);
}

static int abandoned_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_await(brio_create_task(abandon_holding, NULL, NULL)), -EIO);
    CHECK_TRACE("b a "); /* innermost first */
    return 0;
}

TEST(what_an_abandoned_task_holds_is_left_innermost_first)
{
    run_thoroughly(abandoned_main);
}

static int measured_main(void *arg)
{
    brio_measured outer, inner;
    (void)arg;
    brio_measure_begin(&outer);
    CHECK_INT(brio_sleep(BRIO_SEC(2)), 0);
    brio_measure_begin(&inner); /* they need not nest */
    CHECK_INT(brio_sleep(BRIO_SEC(3)), 0);
    brio_measure_end(&outer);
    CHECK_INT(brio_sleep(BRIO_SEC(4)), 0);
    brio_measure_end(&inner);
    CHECK_INT(outer.wall, BRIO_SEC(5));
    CHECK_INT(inner.wall, BRIO_SEC(7));
    CHECK(outer.cpu >= 0 && inner.cpu >= 0);
    return 0;
}

TEST(measuring_needs_no_block)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 50}, measured_main, NULL), 0);
}

static void *work_for_a_task(void *context)
{
    CHECK(!brio_task_context());
    CHECK(!brio_task_context_use(context)); /* the former */
    CHECK(brio_task_context() == context);
    CHECK(brio_task_context_use(NULL) == context);
    CHECK(!brio_task_context());
    return NULL;
}

static int context_main(void *arg)
{
    pthread_t thread;
    CHECK(brio_task_context() == NULL);
    CHECK(brio_task_context_use(a) == NULL);
    CHECK(brio_task_context() == NULL); /* a task answers with its own */
    CHECK(brio_task_context_use(NULL) == a);
    CHECK_INT(pthread_create(&thread, NULL, work_for_a_task, b), 0);
    pthread_join(thread, NULL);
    return arg != NULL;
}

TEST(a_thread_may_have_a_tasks_context)
{
    run_everywhere(context_main);
}
