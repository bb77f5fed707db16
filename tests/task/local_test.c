/* SPDX-License-Identifier: MIT
 *
 * Task-locals: copied at spawn, seen downwards only, carried to threads. */
#include "task/everywhere.h"

#include <pthread.h>

static char nobody[] = "nobody";
static const brio_local user = {"user", nobody};
static const brio_local trace_id = {"trace-id", NULL};
static const brio_local limit = {"limit", NULL};

static char ann[] = "ann", bob[] = "bob", cid[] = "cid";

static const char *who(void)
{
    return brio_local_get(&user);
}

static int initial_main(void *arg)
{
    (void)arg;
    CHECK_STR(brio_str_from(who()), "nobody");
    CHECK(!brio_local_get(&trace_id));
    brio_local_set(&user, ann);
    CHECK_STR(brio_str_from(who()), "ann");
    brio_local_set(&trace_id, cid);
    brio_local_set(&user, bob);
    CHECK_STR(brio_str_from(who()), "bob");
    CHECK(brio_local_get(&trace_id) == cid);
    brio_local_set(&user, NULL); /* set to NULL is set */
    CHECK(!who());
    return 0;
}

TEST(a_local_has_its_initial_value_until_it_is_set)
{
    CHECK_STR(brio_str_from(who()), "nobody"); /* outside tasks, too */
    run_everywhere(initial_main);
    CHECK_STR(brio_str_from(who()), "nobody");
}

static int child(void *arg)
{
    say("%s ", who());
    brio_local_set(&user, arg);
    int rc = brio_yield();
    say("%s ", who());
    return rc;
}

static int downwards_main(void *arg)
{
    (void)arg;
    brio_local_set(&user, ann);
    BRIO_GROUP(g)
    {
        brio_spawn(&g, child, bob);
        brio_local_set(&user, cid); /* after the copy: the child does not see it */
        CHECK_INT(rest(1), 0);
        CHECK_STR(brio_str_from(who()), "cid"); /* nor do we see the child's */
        CHECK_TRACE("ann bob ");
        brio_create_task(child, bob, NULL);
        CHECK_INT(rest(1), 0);
        CHECK_TRACE("cid bob ");
    }
    return g.err;
}

TEST(a_task_gets_a_copy_and_its_writes_stay_below_it)
{
    run_everywhere(downwards_main);
    run_shuffled(downwards_main, 200);
}

static int grandchild(void *arg)
{
    const long *depth = arg;
    long seen = *(long *)brio_local_get(&limit), next = seen + 1;
    if (seen != *depth)
        return -EINVAL;
    if (next > 20)
        return brio_yield();
    brio_local_set(&limit, &next);
    brio_call calls[] = {{grandchild, &next, 0}};
    int rc = brio_gather_n(calls, 1);
    return brio_local_get(&limit) == &next ? rc : -EILSEQ;
}

static int generations_main(void *arg)
{
    long zero = 0;
    (void)arg;
    brio_local_set(&limit, &zero);
    BRIO_GROUP(g)
    {
        brio_spawn(&g, grandchild, &zero);
        brio_spawn(&g, grandchild, &zero);
        brio_spawn_with(&g, grandchild, &zero, &(brio_task_options){.eager = true});
    }
    return g.err;
}

TEST(locals_are_inherited_through_generations)
{
    run_everywhere(generations_main);
    run_shuffled(generations_main, 200);
}

enum { MANY = 40 };

static int many_main(void *arg)
{
    brio_local many[MANY];
    int values[MANY];
    (void)arg;
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < MANY; i++) {
            if (round == 0)
                many[i] = (brio_local){"one of many", NULL};
            brio_local_set(&many[i], &values[(i + round) % MANY]);
        }
    for (int i = 0; i < MANY; i++)
        CHECK(brio_local_get(&many[i]) == &values[(i + 2) % MANY]);
    return 0;
}

TEST(a_task_may_have_many_locals_and_set_them_again)
{
    run_everywhere(many_main);
}

/* ---- Threads ------------------------------------------------------------ */

static void *on_thread(void *locals)
{
    CHECK_STR(brio_str_from(who()), "nobody");
    CHECK(!brio_locals_acquire());
    brio_locals *former = brio_locals_use(locals);
    CHECK(!former);
    CHECK_STR(brio_str_from(who()), "ann");
    brio_locals *again = brio_locals_acquire();
    CHECK(again == locals);
    brio_locals_release(again);
    CHECK(brio_locals_use(former) == locals);
    CHECK_STR(brio_str_from(who()), "nobody");
    brio_locals_release(locals);
    return NULL;
}

static int thread_main(void *arg)
{
    pthread_t threads[4];
    (void)arg;
    CHECK(!brio_locals_acquire()); /* nothing set, nothing to carry */
    brio_local_set(&user, ann);
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, on_thread, brio_locals_acquire()), 0);
    for (int i = 0; i < 100; i++)
        brio_local_set(&user, i % 2 ? bob : cid); /* theirs is not changed */
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
    CHECK_STR(brio_str_from(who()), "bob");
    return 0;
}

TEST(a_set_travels_to_threads)
{
    run_everywhere(thread_main);
}

static int use_main(void *arg)
{
    (void)arg;
    brio_local_set(&user, ann);
    brio_locals *locals = brio_locals_acquire();
    CHECK(!brio_locals_use(locals));
    brio_local_set(&user, bob);
    CHECK_STR(brio_str_from(who()), "bob"); /* a task's own come first */
    CHECK(brio_locals_use(NULL) == locals);
    brio_locals_release(locals);
    return 0;
}

TEST(what_a_thread_uses_does_not_reach_tasks)
{
    run_everywhere(use_main);
}
