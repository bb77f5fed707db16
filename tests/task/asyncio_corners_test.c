/* SPDX-License-Identifier: MIT
 *
 * Corners where asyncio's parts meet: two who await one task, a task named
 * twice, callbacks that remove each other, eager tasks that cancel. */
#include "task/everywhere.h"

static char a[] = "a", b[] = "b";

static int nap(void *arg)
{
    int rc = rest(1);
    return rc < 0 ? rc : *(int *)arg;
}

static int long_nap(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    say("%s:%d ", (const char *)arg, rc);
    return rc;
}

static brio_task *hold(brio_task_fn *fn, void *arg)
{
    return brio_create_task(fn, arg, &(brio_task_options){.acquired = true});
}

static void settle(void)
{
    CHECK_INT(rest(1), 0);
}

/* ---- One task, several who wait ----------------------------------------- */

static int await_it(void *arg)
{
    return brio_await(arg);
}

static int shield_it(void *arg)
{
    return brio_shield(arg);
}

static int two_awaiters_main(void *arg)
{
    (void)arg;
    brio_task *inner = hold(long_nap, a), *first = hold(await_it, inner),
              *second = hold(await_it, inner), *third = hold(shield_it, inner);
    settle();
    CHECK(brio_task_cancel(third)); /* alone */
    settle();
    CHECK(brio_task_cancelled(third) && !brio_task_done(inner) && !brio_task_done(first));
    CHECK(brio_task_cancel(first)); /* with the inner, and so with whoever awaits that */
    settle();
    CHECK_TRACE("a:-125 ");
    CHECK(brio_task_cancelled(inner) && brio_task_cancelled(first) && brio_task_cancelled(second));
    CHECK_INT(brio_task_cancelling(second), 0);
    brio_task *tasks[] = {inner, first, second, third};
    for (int i = 0; i < 4; i++)
        brio_task_release(tasks[i]);
    return 0;
}

TEST(cancelling_one_who_awaits_ends_the_task_for_the_other)
{
    run_thoroughly(two_awaiters_main);
}

static int shield_at_once_main(void *arg)
{
    int seven = 7;
    (void)arg;
    brio_task *inner = hold(nap, &seven);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_shield(inner), -ECANCELED);
        CHECK_INT(brio_join(inner, NULL), -ECANCELED);
    }
    CHECK(!brio_task_cancelling(inner));
    CHECK_INT(brio_await(inner), 7);
    brio_task_release(inner);
    return 0;
}

TEST(in_a_cancelled_scope_a_shield_leaves_its_task_alone)
{
    run_thoroughly(shield_at_once_main);
}

static int twice_main(void *arg)
{
    int seven = 7, times = 0;
    brio_completed c;
    brio_task *got = NULL;
    (void)arg;
    brio_task *task = hold(nap, &seven), *tasks[] = {task, task};
    brio_completed_init(&c, tasks, 2);
    while (brio_completed_next(&c, &got) == 0) {
        CHECK(got == task);
        times++;
    }
    CHECK_INT(times, 2);
    brio_completed_fini(&c);
    brio_task_release(task);
    return 0;
}

TEST(a_task_named_twice_completes_twice)
{
    run_thoroughly(twice_main);
}

/* ---- Done callbacks ----------------------------------------------------- */

typedef struct remover {
    brio_done_callback done;
    brio_done_callback *other;
    int ran;
} remover;

static void remove_other(brio_done_callback *done)
{
    remover *r = BRIO_CONTAINER(done, remover, done);
    r->ran++;
    CHECK(brio_done_callback_remove(r->other)); /* it has not begun */
    CHECK(!brio_done_callback_remove(done));    /* this one has */
}

static int removers_main(void *arg)
{
    int seven = 7;
    remover one = {.done.fn = remove_other}, two = {.done.fn = remove_other};
    (void)arg;
    one.other = &two.done;
    two.other = &one.done;
    brio_task *task = hold(nap, &seven);
    brio_task_on_done(task, &one.done);
    brio_task_on_done(task, &two.done);
    CHECK_INT(brio_await(task), 7);
    settle();
    CHECK_INT(one.ran + two.ran, 1);
    brio_task_release(task);
    return 0;
}

TEST(a_done_callback_may_take_off_another)
{
    run_thoroughly(removers_main);
}

/* ---- Eager tasks -------------------------------------------------------- */

static int cancel_it(void *arg)
{
    CHECK(brio_task_cancel(arg));
    return brio_yield();
}

static int eager_cancel_main(void *arg)
{
    (void)arg;
    brio_create_task(cancel_it, brio_current_task(), &(brio_task_options){.eager = true});
    CHECK_INT(brio_task_cancelling(brio_current_task()), 1);
    CHECK_INT(brio_yield(), -ECANCELED); /* told by the starter's next call */
    return brio_yield();
}

TEST(an_eager_task_may_cancel_its_starter)
{
    run_thoroughly(eager_cancel_main);
}

static int fail_at_once(void *arg)
{
    (void)arg;
    return -EIO;
}

static int eager_failure_main(void *arg)
{
    int rc = 0;
    bool refused = false;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, long_nap, a);
        brio_spawn_with(&g, fail_at_once, NULL, &(brio_task_options){.eager = true});
        CHECK(g.scope.cancelled); /* at once */
        refused = !brio_spawn(&g, long_nap, b);
        rc = brio_yield();
    }
    CHECK(refused);
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(g.err, -EIO);
    CHECK_INT(g.failed, 1);
    CHECK_TRACE(""); /* a had not begun */
    return brio_yield();
}

TEST(an_eager_failure_cancels_its_group_at_once)
{
    run_thoroughly(eager_failure_main);
}

/* ---- Children and their owner ------------------------------------------- */

typedef struct family {
    brio_task *owner;
    brio_group *group;
} family;

static int cancel_owner_and_fail(void *arg)
{
    const family *f = arg;
    CHECK(brio_task_cancel(f->owner));
    return -EIO;
}

static int owner_main(void *arg)
{
    family f = {.owner = brio_current_task()};
    (void)arg;
    brio_group g;
    f.group = brio_group_enter(brio_group_set(&g, (brio_group_options){.none = true}));
    brio_spawn(&g, cancel_owner_and_fail, &f);
    CHECK_INT(brio_group_leave(&g), -EIO); /* the error wins, */
    CHECK_INT(brio_yield(), -ECANCELED);   /* and the request is told next */
    return brio_yield();
}

TEST(a_child_may_cancel_its_owner_and_fail)
{
    run_thoroughly(owner_main);
}

static int cancel_group(void *arg)
{
    const family *f = arg;
    brio_group_cancel(f->group);
    say("self:%d ", brio_yield());
    return 0;
}

static int from_inside_main(void *arg)
{
    family f = {.owner = brio_current_task()};
    int rc = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        f.group = &g;
        brio_spawn(&g, cancel_group, &f);
        rc = brio_sleep(BRIO_SEC(1000));
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(g.err, 0);
    CHECK_INT(g.scope.why, BRIO_CANCEL_SCOPE);
    CHECK_TRACE("self:-125 ");
    return brio_yield();
}

TEST(a_child_may_cancel_its_group_itself_included)
{
    run_thoroughly(from_inside_main);
}

/* ---- Nothing to wait for ------------------------------------------------- */

static int no_room_main(void *arg)
{
    int item = 1;
    brio_queue q;
    brio_semaphore none = BRIO_SEMAPHORE_INIT(0);
    brio_case idle[] = {BRIO_RECEIVE_CASE(NULL, NULL)};
    (void)arg;
    brio_queue_init(&q, &(brio_queue_options){.item_size = sizeof(int), .max = 1});
    CHECK_INT(brio_queue_try_put(&q, &item), 0);
    BRIO_SCOPE(limit, .timeout = BRIO_MS(1))
    {
        CHECK_INT(brio_queue_put(&q, &item), -ECANCELED);
        CHECK_INT(brio_semaphore_acquire(&none), -ECANCELED);
        CHECK_INT(brio_select(idle, 1), -ECANCELED); /* a case of no channel is never ready */
    }
    CHECK_INT(brio_try_select(idle, 1), -EAGAIN);
    CHECK_INT(brio_select(idle, 0), -EINVAL);
    CHECK(limit.expired);
    CHECK_INT((int)q.len, 1);
    brio_queue_fini(&q);
    return 0;
}

TEST(a_deadline_ends_any_wait)
{
    run_thoroughly(no_room_main);
}
