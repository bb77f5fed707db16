/* SPDX-License-Identifier: MIT
 *
 * Done callbacks: never inside the end, in order, and they can be taken off. */
#include "task/everywhere.h"

typedef struct note {
    brio_done_callback done;
    const char *name;
} note;

static void tell(brio_done_callback *done)
{
    CHECK(!brio_current_task());
    say("%s ", BRIO_CONTAINER(done, note, done)->name);
}

#define NOTE(text)                                                                                 \
    {                                                                                              \
        .done.fn = tell, .name = (text)                                                            \
    }

static int work(void *arg)
{
    (void)arg;
    int rc = rest(1);
    say("end ");
    return rc;
}

static brio_task *hold(brio_task_fn *fn, void *arg)
{
    return brio_create_task(fn, arg, &(brio_task_options){.acquired = true});
}

/* ---- Tasks -------------------------------------------------------------- */

static int join_and_say(void *arg)
{
    CHECK_INT(brio_join(arg, NULL), 0);
    say("joined ");
    return 0;
}

static int fifo_main(void *arg)
{
    note first = NOTE("1"), second = NOTE("2"), third = NOTE("3");
    (void)arg;
    brio_task *task = hold(work, NULL);
    BRIO_GROUP(g)
    {
        brio_task_on_done(task, &first.done);
        brio_spawn(&g, join_and_say, task);
        CHECK_INT(brio_yield(), 0); /* it waits, between the two */
        brio_task_on_done(task, &second.done);
        brio_task_on_done(task, &third.done);
    }
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("end 1 joined 2 3 ");
    brio_task_release(task);
    return g.err;
}

TEST(callbacks_and_joiners_hear_of_it_in_the_order_added)
{
    run_everywhere(fifo_main);
}

static int order_blind_main(void *arg)
{
    note n[] = {NOTE("x"), NOTE("x"), NOTE("x")};
    (void)arg;
    brio_task *task = hold(work, NULL);
    for (int i = 0; i < 3; i++)
        brio_task_on_done(task, &n[i].done);
    CHECK_INT(brio_await(task), 0);
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("end x x x ");
    brio_task_release(task);
    return 0;
}

TEST(each_callback_runs_once)
{
    run_thoroughly(order_blind_main);
}

static int already_done_main(void *arg)
{
    note late = NOTE("late"), later = NOTE("later");
    (void)arg;
    brio_task *task = hold(work, NULL);
    CHECK_INT(brio_await(task), 0);
    brio_task_on_done(task, &late.done);
    brio_task_on_done(task, &later.done);
    CHECK_TRACE("end "); /* queued, never called inside */
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("late later ");
    brio_task_release(task);
    return 0;
}

TEST(added_to_a_done_task_it_is_queued_at_once)
{
    run_everywhere(already_done_main);
}

static int set_already_main(void *arg)
{
    note late = NOTE("late"), later = NOTE("later"), off = NOTE("off");
    brio_future f;
    (void)arg;
    brio_future_init(&f);
    CHECK_INT(brio_future_set(&f, -EIO, NULL), 0);
    brio_future_on_done(&f, &late.done); /* which counts as looking at the error */
    brio_future_on_done(&f, &off.done);
    brio_future_on_done(&f, &later.done);
    CHECK(brio_done_callback_remove(&off.done));
    CHECK(!brio_done_callback_remove(&off.done));
    CHECK_TRACE("");
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("late later ");
    brio_future_on_done(&f, &off.done);
    brio_future_fini(&f); /* takes it off */
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("");
    return 0;
}

TEST(added_to_a_done_future_it_is_queued_at_once)
{
    run_everywhere(set_already_main);
}

static int not_inside_main(void *arg)
{
    note n = NOTE("called");
    brio_future f;
    (void)arg;
    brio_future_init(&f);
    brio_future_on_done(&f, &n.done);
    CHECK_INT(brio_future_set(&f, 1, NULL), 0);
    CHECK_TRACE("");
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("called ");
    brio_future_fini(&f);
    return 0;
}

TEST(a_callback_is_never_called_inside_set)
{
    run_thoroughly(not_inside_main);
}

static int remove_main(void *arg)
{
    note before = NOTE("before"), between = NOTE("between"), stays = NOTE("stays");
    (void)arg;
    brio_task *task = hold(work, NULL);
    brio_task_on_done(task, &before.done);
    brio_task_on_done(task, &stays.done);
    CHECK(brio_done_callback_remove(&before.done));
    CHECK(!brio_done_callback_remove(&before.done));
    CHECK_INT(brio_await(task), 0);
    brio_task_on_done(task, &between.done); /* queued */
    CHECK(brio_done_callback_remove(&between.done));
    CHECK_INT(rest(1), 0);
    CHECK(!brio_done_callback_remove(&stays.done)); /* it ran */
    CHECK_TRACE("end stays ");
    brio_task_release(task);
    return 0;
}

TEST(a_callback_can_be_taken_off_until_it_begins)
{
    run_thoroughly(remove_main);
}

static int never_started_main(void *arg)
{
    note n = NOTE("told");
    (void)arg;
    brio_task *task = hold(work, NULL);
    brio_task_on_done(task, &n.done);
    CHECK(brio_task_cancel(task));
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("told "); /* though the body never ran */
    brio_task_release(task);
    return 0;
}

TEST(a_task_that_never_ran_tells_too)
{
    run_thoroughly(never_started_main);
}

static note last = NOTE("last");

static int leave_it_running(void *arg)
{
    (void)arg;
    brio_task_on_done(brio_create_task(work, NULL, NULL), &last.done);
    return brio_yield();
}

TEST(the_callbacks_of_the_last_tasks_run_before_the_loop_is_closed)
{
    for (int backend = BRIO_BACKEND_EPOLL; backend <= BRIO_BACKEND_SIM; backend++) {
        trace[0] = '\0';
        last.done = (brio_done_callback){.fn = tell};
        int rc = run_on((brio_backend)backend, leave_it_running, NULL);
        if (rc == -ENOSYS || rc == -EPERM)
            continue;
        CHECK_INT(rc, 0);
        CHECK_TRACE("end last ");
    }
}

/* ---- A callback that does things ---------------------------------------- */

typedef struct chain {
    brio_done_callback done;
    brio_future over;
    int left;
} chain;

static void create_next(brio_done_callback *done)
{
    chain *c = BRIO_CONTAINER(done, chain, done);
    if (c->left-- == 0) {
        CHECK_INT(brio_future_set(&c->over, 0, NULL), 0);
        return;
    }
    say("again ");
    brio_task_on_done(brio_create_task(work, NULL, NULL), done);
}

static int chain_main(void *arg)
{
    chain c = {.done.fn = create_next, .left = 3};
    (void)arg;
    brio_future_init(&c.over);
    brio_task_on_done(brio_create_task(work, NULL, NULL), &c.done);
    CHECK_INT(brio_future_await(&c.over, NULL), 0);
    CHECK_TRACE("end again end again end again end ");
    brio_future_fini(&c.over);
    return 0;
}

TEST(a_callback_may_create_tasks_and_use_itself_again)
{
    run_thoroughly(chain_main);
}
