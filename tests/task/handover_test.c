/* SPDX-License-Identifier: MIT
 *
 * A task that suspends hands over to the next one without going through the
 * loop. Nothing of that may show: order, fairness, who is current, who is gone. */
#include "task/everywhere.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#ifdef TEST_UNDER_TSAN
enum { MANY = 1000 }; /* each stack costs it a third of a MiB */
#else
enum { MANY = 10000 };
#endif

/* ---- Order -------------------------------------------------------------- */

typedef struct say_cb {
    brio_callback cb;
    const char *text;
    brio_loop *loop;
    int again;
} say_cb;

static void say_callback(brio_callback *cb)
{
    say_cb *s = BRIO_CONTAINER(cb, say_cb, cb);
    say("%s ", s->text);
    if (s->again-- > 0)
        brio_loop_call_soon(s->loop, cb);
}

static int three_turns(void *arg)
{
    int rc = 0;
    for (int i = 1; i <= 3 && rc == 0; i++) {
        say("%s%d ", (const char *)arg, i);
        rc = brio_yield();
    }
    return rc;
}

static int order_main(void *arg)
{
    static char a[] = "a", b[] = "b", c[] = "c";
    say_cb x = {{.fn = say_callback}, "x", brio_loop_current(), 1};
    (void)arg;
    brio_create_task(three_turns, a, NULL);
    brio_create_task(three_turns, b, NULL);
    brio_loop_call_soon(x.loop, &x.cb);
    brio_create_task(three_turns, c, NULL);
    for (int i = 0; i < 4; i++)
        CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("a1 b1 x c1 a2 b2 x c2 a3 b3 c3 ");
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(handing_over_keeps_the_order_of_tasks_and_callbacks)
{
    run_everywhere(order_main);
}

static int ends_at_once(void *arg)
{
    say("%s ", (const char *)arg);
    return 0;
}

static int new_task_order(void *arg)
{
    static char a[] = "a", b[] = "b";
    (void)arg;
    brio_create_task(three_turns, a, NULL);
    CHECK_INT(brio_yield(), 0); /* a can be handed to from now on */
    brio_create_task(ends_at_once, b, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("a1 a2 b a3 ");
    return 0;
}

TEST(a_first_turn_keeps_its_place_between_later_ones)
{
    run_everywhere(new_task_order);
}

/* ---- Who is current ----------------------------------------------------- */

typedef struct storm {
    brio_task *task;
    int turns;
} storm;

static int storm_body(void *arg)
{
    storm *s = arg;
    s->task = brio_current_task();
    char name[16] = "on my own stack";
    for (int i = 0; i < 5; i++) {
        errno = i;
        int rc = brio_yield();
        CHECK_INT(rc, 0);
        CHECK_INT(errno, i);
        CHECK(brio_current_task() == s->task);
        CHECK_STR(brio_str_from(name), "on my own stack");
        s->turns++;
    }
    return 0;
}

static int storm_main(void *arg)
{
    size_t n = arg ? *(size_t *)arg : 64;
    storm *all = brio_calloc(brio_task_arena(), n, sizeof(*all));
    brio_task *self = brio_current_task();
    BRIO_GROUP(g)
    for (size_t i = 0; i < n; i++)
        CHECK(brio_spawn(&g, storm_body, &all[i]));
    CHECK(brio_current_task() == self);
    for (size_t i = 0; i < n; i++)
        CHECK_INT(all[i].turns, 5);
    return 0;
}

static int storm_of_many(void *arg)
{
    size_t n = MANY;
    (void)arg;
    return storm_main(&n);
}

TEST_TIMEOUT(a_storm_of_yields_mixes_nothing_up, 300)
{
    run_everywhere(storm_of_many);
    run_shuffled(storm_main, 200);
}

/* ---- Fairness ----------------------------------------------------------- */

typedef struct bell {
    brio_watch watch;
    bool rang;
} bell;

static void ring(brio_watch *watch, uint32_t ready)
{
    (void)ready;
    BRIO_CONTAINER(watch, bell, watch)->rang = true;
}

static int turns_taken;

static int spin_until_it_rings(void *arg)
{
    const bell *b = arg;
    while (!b->rang) {
        turns_taken++;
        CHECK(turns_taken <= 4 * 64);
        CHECK_INT(brio_yield(), 0);
    }
    return 0;
}

static int fairness_main(void *arg)
{
    bell b = {.rang = false};
    int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    (void)arg;
    turns_taken = 0;
    CHECK_INT(brio_watch_start(brio_loop_current(), &b.watch, fd, EPOLLIN), 0);
    b.watch.fn = ring;
    BRIO_GROUP(g)
    for (int i = 0; i < 3; i++)
        CHECK(brio_spawn(&g, spin_until_it_rings, &b));
    brio_watch_stop(brio_loop_current(), &b.watch);
    close(fd);
    return 0;
}

TEST(tasks_that_hand_over_for_ever_do_not_starve_io)
{
    run_everywhere(fairness_main);
}

/* ---- Who owes whom ------------------------------------------------------ */

static int eager_then_more(void *arg)
{
    say("in1 ");
    int rc = brio_yield(); /* others are ready: it goes back to its starter all the same */
    say("in2 ");
    (void)arg;
    return rc;
}

static int eager_main(void *arg)
{
    static char a[] = "a";
    (void)arg;
    brio_create_task(three_turns, a, NULL);
    CHECK_INT(brio_yield(), 0);
    brio_create_task(eager_then_more, NULL, &(brio_task_options){.eager = true});
    say("out ");
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_TRACE("a1 in1 out a2 in2 a3 ");
    return 0;
}

TEST(an_eager_task_goes_back_to_its_starter)
{
    run_everywhere(eager_main);
}

static int abandons(void *arg)
{
    int rc = brio_yield();
    say("%s%d ", (const char *)arg, rc);
    brio_task_abandon(-EIO);
}

static int abandon_main(void *arg)
{
    static char a[] = "a", b[] = "b";
    (void)arg;
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.policy = BRIO_SUPERVISE}));
    CHECK(brio_spawn(&g, abandons, a));
    CHECK(brio_spawn(&g, three_turns, b));
    CHECK(brio_spawn(&g, abandons, a));
    CHECK_INT(brio_group_leave(&g), -EIO);
    CHECK_INT(g.failed, 2);
    CHECK_INT(g.done, 3);
    CHECK_TRACE("b1 a0 b2 a0 b3 ");
    return 0;
}

TEST(a_task_abandoned_after_a_hand_over_leaves_the_others_running)
{
    run_everywhere(abandon_main);
}

/* ---- Stopping ----------------------------------------------------------- */

static int stops(void *arg)
{
    CHECK_INT(brio_yield(), 0);
    say("stop ");
    brio_loop_stop(arg);
    CHECK_INT(brio_yield(), 0);
    say("later ");
    return 0;
}

static void stop_on(brio_backend backend)
{
    static char b[] = "b";
    brio_loop *loop;
    int rc = brio_loop_new(&loop, &(brio_loop_options){.backend = backend});
    if (backend == BRIO_BACKEND_URING && rc < 0)
        return;
    CHECK_OK(rc);
    CHECK_OK(brio_tasks_open(loop, NULL));
    CHECK(brio_create_task_on(loop, stops, loop, NULL));
    CHECK(brio_create_task_on(loop, three_turns, b, NULL));
    CHECK_INT(brio_loop_run(loop), 0);
    CHECK_TRACE("b1 stop b2 "); /* the batch that was running, and no more */
    CHECK_INT(brio_loop_run_once(loop, 0) > 0, 1);
    CHECK_TRACE("later b3 ");
    brio_tasks_close(loop);
    brio_loop_free(loop);
}

TEST(a_stop_lets_the_batch_finish_and_no_task_is_handed_to_beyond)
{
    stop_on(BRIO_BACKEND_EPOLL);
    stop_on(BRIO_BACKEND_URING);
    stop_on(BRIO_BACKEND_SIM);
}
