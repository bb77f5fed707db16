/* SPDX-License-Identifier: MIT
 *
 * The loop's clocks, and who is told since when callbacks run. */
#include "harness/dies.h"
#include "loop/bed.h"

#include <brio/trace.h>

/* A moment that is surely later than the one before, by the real clock. */
static void let_time_pass(void)
{
    brio_time before = brio_clock_monotonic();
    while (brio_clock_monotonic() == before)
        ;
}

typedef struct looker {
    brio_callback cb;
    brio_loop *loop;
    const brio_time *busy;
    brio_time first, second, updated, busy_inside;
} looker;

static void look(brio_callback *cb)
{
    looker *l = BRIO_CONTAINER(cb, looker, cb);
    l->first = brio_loop_now(l->loop);
    let_time_pass();
    l->second = brio_loop_now(l->loop);
    l->updated = brio_loop_update(l->loop);
    CHECK_INT(brio_loop_now(l->loop), l->updated);
    CHECK_INT(*brio_loop_clock(l->loop), l->updated);
    if (l->busy)
        l->busy_inside = __atomic_load_n(l->busy, __ATOMIC_ACQUIRE);
}

static void look_once(looker *l)
{
    l->cb = (brio_callback){.fn = look};
    brio_loop_call_soon(l->loop, &l->cb);
    CHECK_INT(brio_loop_run_once(l->loop, 0), 1);
}

TEST_REAL(the_clock_stands_still_in_a_turn_until_it_is_read_again)
{
    looker l = {.loop = bed_loop(backend)};
    look_once(&l);
    CHECK_INT(l.second, l.first);
    CHECK(l.updated > l.second);
    CHECK(l.updated <= brio_clock_monotonic());
    brio_loop_free(l.loop);
}

TEST(the_virtual_clock_begins_at_a_second_and_is_not_moved_by_reading)
{
    looker l = {.loop = bed_loop(BRIO_BACKEND_SIM)};
    CHECK(brio_loop_is_sim(l.loop));
    CHECK_INT(brio_loop_now(l.loop), BRIO_SEC(1));
    CHECK_INT(brio_loop_wall(l.loop), BRIO_SEC(946684800) + BRIO_SEC(1));
    look_once(&l);
    CHECK_INT(l.updated, BRIO_SEC(1));
    CHECK_INT(brio_loop_wall(l.loop), BRIO_SEC(946684800) + BRIO_SEC(1));
    brio_loop_free(l.loop);
}

/* ---- Since when it is busy ---------------------------------------------- */

TEST_EACH(whoever_asks_is_told_since_when_callbacks_run)
{
    brio_time since = 0;
    looker l = {.loop = bed_loop(backend), .busy = &since};
    brio_loop_tell_busy(l.loop, &since);
    look_once(&l);
    CHECK_INT(l.busy_inside, 0); /* no detector is on */
    brio_trace_want(BRIO_TRACE_DETECTOR, true);
    brio_time before = brio_clock_monotonic();
    look_once(&l);
    CHECK(l.busy_inside >= before);
    CHECK(l.busy_inside <= brio_clock_monotonic());
    CHECK_INT(since, 0); /* it waits again */
    brio_loop_tell_busy(l.loop, NULL);
    look_once(&l);
    CHECK_INT(l.busy_inside, 0);
    brio_trace_want(BRIO_TRACE_DETECTOR, false);
    brio_loop_free(l.loop);
}

/* ---- A child that goes its own way -------------------------------------- */

typedef struct parent {
    brio_callback cb;
    int status;
} parent;

static void fork_inside(brio_callback *cb)
{
    parent *p = BRIO_CONTAINER(cb, parent, cb);
    pid_t pid = fork();
    if (pid == 0) {
        bool had = brio_loop_current() != NULL;
        brio_loop_forked();
        bool has = brio_loop_current() != NULL;
        brio_loop *own;
        bool works = brio_loop_new(&own, NULL) == 0 && brio_loop_run_once(own, 0) == 0;
        _exit(had && !has && works ? 7 : 1);
    }
    CHECK(waitpid(pid, &p->status, 0) == pid);
}

TEST_EACH(a_forked_child_runs_no_loop_and_can_have_its_own)
{
    brio_loop *loop = bed_loop(backend);
    parent p = {.cb = {.fn = fork_inside}};
    if (UNDER_TSAN)
        test_skip("threads after a fork");
    brio_loop_call_soon(loop, &p.cb);
    CHECK_INT(brio_loop_run_once(loop, 0), 1);
    CHECK(WIFEXITED(p.status));
    CHECK_INT(WEXITSTATUS(p.status), 7);
    CHECK_INT(brio_loop_run_once(loop, 0), 0); /* the parent's goes on */
    brio_loop_free(loop);
}
