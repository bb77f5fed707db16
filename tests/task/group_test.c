/* SPDX-License-Identifier: MIT
 *
 * Task groups: the join, the three policies, limits, who hears of what. */
#include "task/everywhere.h"

static char a[] = "a", b[] = "b", c[] = "c";

typedef struct job {
    const char *name;
    int nap; /* ticks */
    int result;
} job;

static int work(void *arg)
{
    const job *j = arg;
    int rc = rest(j->nap);
    say("%s:%d ", j->name, rc);
    return rc < 0 ? rc : j->result;
}

/* ---- Policies ----------------------------------------------------------- */

static int fail_fast_main(void *arg)
{
    job slow = {a, FOR_EVER, 0}, bad = {b, 1, -EIO}, good = {c, 0, 7};
    int rc = 0;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, work, &slow);
        brio_spawn(&g, work, &bad);
        brio_spawn(&g, work, &good);
        rc = brio_sleep(BRIO_SEC(1000)); /* the body hears of it, too */
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(g.err, -EIO);
    CHECK_INT(g.failed, 1);
    CHECK_INT(g.done, 3);
    CHECK_TRACE("c:0 b:0 a:-125 ");
    return brio_yield();
}

TEST(the_first_failure_cancels_siblings_and_body)
{
    run_thoroughly(fail_fast_main);
}

static int supervise_main(void *arg)
{
    job first = {a, 1, -EIO}, second = {b, 3, -EPIPE}, third = {c, 6, 0};
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_spawn(&g, work, &third);
        brio_spawn(&g, work, &second);
        brio_spawn(&g, work, &first);
    }
    CHECK_INT(g.err, -EIO);
    CHECK_INT(g.failed, 2);
    CHECK_INT(g.done, 3);
    CHECK_TRACE("a:0 b:0 c:0 ");
    return 0;
}

TEST(supervised_siblings_go_on)
{
    run_thoroughly(supervise_main);
}

static int race_main(void *arg)
{
    job bad = {a, 1, -EIO}, good = {b, 3, 5}, late = {c, FOR_EVER, 6};
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_RACE)
    {
        brio_spawn(&g, work, &late);
        brio_spawn(&g, work, &good);
        brio_spawn(&g, work, &bad);
    }
    CHECK_INT(g.err, 0);
    CHECK_TRACE("a:0 b:0 c:-125 ");
    BRIO_GROUP(lost, .policy = BRIO_RACE)
    {
        brio_spawn(&lost, work, &bad);
        brio_spawn(&lost, work, &bad);
    }
    CHECK_INT(lost.err, -EIO);
    CHECK_INT(lost.failed, 2);
    return 0;
}

TEST(the_first_success_wins_a_race)
{
    run_thoroughly(race_main);
}

/* ---- The join ----------------------------------------------------------- */

static int return_early(const job *j)
{
    job copy = *j;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, work, &copy);
        return 3;
    }
    return 4;
}

static int join_on_return_main(void *arg)
{
    job j = {a, 2, 0};
    (void)arg;
    CHECK_INT(return_early(&j), 3);
    CHECK_TRACE("a:0 ");
    BRIO_GROUP(g)
    {
        brio_spawn(&g, work, &j);
        break;
    }
    CHECK_TRACE("a:0 ");
    CHECK_INT(brio_task_count(), 1);
    return 0;
}

TEST(leaving_the_block_by_any_way_joins)
{
    run_thoroughly(join_on_return_main);
}

static int empty_main(void *arg)
{
    brio_group g = {.policy = BRIO_FAIL_FAST};
    (void)arg;
    CHECK(brio_group_enter(&g) == &g);
    CHECK_INT(brio_group_leave(&g), 0);
    return 0;
}

TEST(an_empty_group_ends_at_once)
{
    run_thoroughly(empty_main);
}

static int grow(void *arg)
{
    brio_group *g = arg;
    if (g->done < 5)
        brio_spawn(g, grow, g);
    say("%zu ", g->done);
    return brio_yield();
}

static int children_spawn_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    brio_spawn(&g, grow, &g);
    CHECK_TRACE("0 0 1 2 3 4 5 ");
    return g.err;
}

TEST(children_spawn_into_their_group)
{
    run_everywhere(children_spawn_main);
}

static int cancelled_group_main(void *arg)
{
    job j = {a, FOR_EVER, 0};
    bool refused = false;
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, work, &j);
        CHECK_INT(brio_yield(), 0);
        brio_spawn(&g, work, &j); /* never runs */
        brio_group_cancel(&g);
        CHECK_INT(brio_yield(), -ECANCELED);
    }
    CHECK_INT(g.err, 0);
    CHECK(g.scope.cancelled);
    CHECK_INT(g.done, 2);
    CHECK_TRACE("a:-125 ");
    BRIO_GROUP(h)
    {
        brio_group_cancel(&h);
        refused = !brio_spawn(&h, work, &j);
    }
    CHECK(refused);
    CHECK_INT(h.err, -ECANCELED);
    return brio_yield();
}

TEST(a_cancelled_group_ends_its_tasks_and_takes_no_more)
{
    run_everywhere(cancelled_group_main);
}

/* ---- The caller is cancelled -------------------------------------------- */

static int owner(void *arg)
{
    job *j = arg;
    brio_group g = {.policy = BRIO_SUPERVISE};
    brio_group_enter(&g);
    brio_spawn(&g, work, j);
    int rc = brio_group_leave(&g);
    say("leave:%d ", rc);
    return rc;
}

static int cancel_owner_main(void *arg)
{
    job j = {a, FOR_EVER, 0};
    (void)arg;
    BRIO_GROUP(g)
    {
        brio_task *task = brio_spawn(&g, owner, &j);
        CHECK_INT(rest(1), 0);
        brio_task_cancel(task);
        CHECK_INT(brio_join(task, NULL), 0);
    }
    CHECK_TRACE("a:-125 leave:-125 ");
    return g.err;
}

TEST(cancelling_the_owner_cancels_and_awaits_the_children)
{
    run_thoroughly(cancel_owner_main);
}

static int owner_in_body(void *arg)
{
    int rc = 0;
    brio_group g = {.policy = BRIO_FAIL_FAST};
    brio_group_enter(&g);
    brio_spawn(&g, work, arg);
    rc = brio_sleep(BRIO_SEC(500));
    say("body:%d ", rc);
    rc = brio_group_leave(&g); /* the block is left because of the cancellation */
    say("leave:%d ", rc);
    return rc;
}

static int cancel_body_main(void *arg)
{
    job j = {a, FOR_EVER, 0};
    (void)arg;
    brio_task *task = brio_create_task(owner_in_body, &j, NULL);
    CHECK_INT(rest(1), 0);
    brio_task_cancel(task);
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("body:-125 a:-125 leave:-125 ");
    return 0;
}

TEST(a_body_cancelled_inside_the_block_cancels_its_children)
{
    run_thoroughly(cancel_body_main);
}

static int fail_when_cancelled(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1000));
    return rc < 0 ? *(int *)arg : 0;
}

static int owner_of_failing(void *arg)
{
    brio_group g = {.policy = BRIO_FAIL_FAST};
    brio_group_enter(&g);
    brio_spawn(&g, fail_when_cancelled, arg);
    int rc = brio_group_leave(&g);
    say("leave:%d next:%d", rc, brio_yield());
    return rc;
}

static int error_beats_cancel_main(void *arg)
{
    int err = -EIO;
    (void)arg;
    brio_task *task = brio_create_task(owner_of_failing, &err, NULL);
    CHECK_INT(rest(1), 0);
    brio_task_cancel(task);
    brio_log_set_level(BRIO_LOG_OFF);
    CHECK_INT(rest(1), 0);
    CHECK_TRACE("leave:-5 next:-125"); /* the cancellation is not lost */
    return 0;
}

TEST(an_error_in_cleanup_beats_the_cancellation)
{
    run_thoroughly(error_beats_cancel_main);
}

/* ---- Limits ------------------------------------------------------------- */

static int in_flight, peak;

static int count_in_flight(void *arg)
{
    (void)arg;
    if (++in_flight > peak)
        peak = in_flight;
    int rc = rest(1);
    in_flight--;
    return rc;
}

static int max_in_flight_main(void *arg)
{
    (void)arg;
    in_flight = peak = 0;
    BRIO_GROUP(g, .max_in_flight = 3)
    for (int i = 0; i < 20; i++)
        CHECK(brio_spawn(&g, count_in_flight, NULL));
    CHECK_INT(g.done, 20);
    CHECK_INT(peak, 3);
    return g.err;
}

TEST(max_in_flight_holds_the_spawner)
{
    run_thoroughly(max_in_flight_main);
}

static int spawner(void *arg)
{
    brio_group *g = arg;
    const brio_task *task = brio_spawn(g, count_in_flight, NULL);
    say("%s ", task ? "spawned" : "refused");
    say("%d ", brio_cancel_point());
    return 0;
}

static int cancel_spawner_main(void *arg)
{
    (void)arg;
    in_flight = peak = 0;
    BRIO_GROUP(g, .max_in_flight = 1)
    {
        brio_spawn(&g, count_in_flight, NULL);
        brio_task *task = brio_create_task(spawner, &g, NULL);
        CHECK_INT(brio_yield(), 0);
        brio_task_cancel(task);
        CHECK_INT(brio_yield(), 0);
        CHECK_TRACE("refused -125 "); /* and its next suspending call is told */
        CHECK(brio_spawn(&g, count_in_flight, NULL));
    }
    CHECK_INT(g.done, 2);
    CHECK_INT(g.err, 0);
    return 0;
}

TEST(a_waiting_spawner_can_be_cancelled)
{
    run_everywhere(cancel_spawner_main);
}

/* From outside the group: the owner has nothing left to do but wait, and waits
 * for those who still want to spawn, too. */
static int spawn_late_main(void *arg)
{
    brio_task *spawners[2];
    (void)arg;
    in_flight = peak = 0;
    for (int cancel = 0; cancel < 2; cancel++) {
        BRIO_GROUP(g, .max_in_flight = 1)
        {
            brio_spawn(&g, count_in_flight, NULL);
            for (int i = 0; i < 2; i++)
                spawners[i] = brio_create_task(spawner, &g, &(brio_task_options){.acquired = true});
            CHECK_INT(brio_yield(), 0);
            CHECK_INT(brio_yield(), 0);
            if (cancel)
                brio_group_cancel(&g);
        }
        CHECK_INT(g.done, cancel ? 1 : 3);
        CHECK_INT(g.err, cancel ? -ECANCELED : 0); /* a spawn was refused */
        for (int i = 0; i < 2; i++) {
            CHECK_INT(brio_join(spawners[i], NULL), 0);
            brio_task_release(spawners[i]);
        }
    }
    CHECK_INT(peak, 1);
    CHECK_TRACE("spawned 0 spawned 0 refused 0 refused 0 ");
    return brio_yield();
}

TEST(who_waits_to_spawn_keeps_the_group)
{
    run_thoroughly(spawn_late_main);
}

static brio_group *shared;

static void spawn_too_many(brio_callback *cb)
{
    (void)cb;
    say("%d", brio_spawn(shared, count_in_flight, NULL) != NULL);
    say("%d ", brio_spawn(shared, count_in_flight, NULL) != NULL);
}

static int callback_spawner_main(void *arg)
{
    brio_callback cb = {.fn = spawn_too_many};
    (void)arg;
    BRIO_GROUP(g, .max_in_flight = 1, .policy = BRIO_SUPERVISE)
    {
        shared = &g;
        brio_loop_call_soon(brio_loop_current(), &cb);
        CHECK_INT(brio_yield(), 0);
    }
    CHECK_TRACE("10 "); /* a callback cannot wait */
    CHECK_INT(g.err, BRIO_EOVERLOAD);
    return 0;
}

TEST(a_callback_is_refused_instead_of_held)
{
    run_everywhere(callback_spawner_main);
}

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int discard_main(void *arg)
{
    const brio_task *first = NULL;
    (void)arg;
    BRIO_GROUP(g, .discard = true)
    for (int i = 0; i < 1000; i++) {
        const brio_task *task = brio_spawn(&g, nothing, NULL);
        first = first ? first : task;
        CHECK_INT(brio_yield(), 0);
        CHECK(task == first); /* the struct is used again: the group does not grow */
        CHECK(brio_link_alone(&g.tasks));
    }
    CHECK_INT(g.done, 1000);
    return g.err;
}

TEST(a_discarding_group_forgets_finished_tasks)
{
    run_everywhere(discard_main);
}

/* ---- Error detail ------------------------------------------------------- */

static int fail_with_words(void *arg)
{
    return brio_error(-EIO, "no %s", (const char *)arg);
}

static int detail_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_spawn(&g, fail_with_words, a);
        brio_spawn(&g, fail_with_words, b);
        CHECK_INT(brio_yield(), 0);
        CHECK_STR(brio_error_detail(), "");
    }
    CHECK_INT(g.err, -EIO);
    CHECK_STR(brio_error_detail(), "no a");
    return 0;
}

TEST(the_first_failures_words_become_the_callers)
{
    run_everywhere(detail_main);
}
