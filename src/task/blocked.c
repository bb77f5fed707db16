/* SPDX-License-Identifier: MIT
 *
 * trio's wait_all_tasks_blocked: tests wait until everybody waits.
 *
 * A timer that is due at once fires once a turn, after the kernel was asked.
 * When no task ran between two of its firings, nothing is queued and nothing
 * else is due, then only time or the outside can wake anybody. One timer
 * serves all who wait here, so they do not wait for each other. */
#include "task/task_internal.h"

typedef struct idle_watch {
    brio_runtime *rt;
    brio_timer timer;
    brio_link waiters; // brio_waiter::link
    uint64_t turns;    /* of the runtime's tasks, when it last fired */
} idle_watch;

static void look(brio_timer *timer)
{
    idle_watch *w = BRIO_CONTAINER(timer, idle_watch, timer);
    brio_loop *loop = w->rt->loop;
    uint64_t turns = w->rt->table.turns;
    if (turns == w->turns && brio_loop_next_deadline(loop) > brio_loop_now(loop)) {
        brio_waiters_wake_all(&w->waiters, 0);
        return;
    }
    w->turns = turns;
    brio_timer_start(loop, timer, brio_loop_now(loop));
}

static idle_watch *watch_of(brio_runtime *rt)
{
    static const char key;
    idle_watch **slot = (idle_watch **)brio_tasks_local(rt->loop, &key);
    if (!*slot) {
        idle_watch *w = *slot = BRIO_NEW(&rt->arena, idle_watch);
        w->rt = rt;
        w->timer.fn = look;
        brio_link_init(&w->waiters);
    }
    return *slot;
}

int brio_wait_all_blocked(void)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    brio_runtime *rt = self->rt;
    idle_watch *w = watch_of(rt);
    w->turns = UINT64_MAX;
    brio_timer_start(rt->loop, &w->timer, brio_loop_now(rt->loop));
    int rc = brio_waiters_wait(&w->waiters, BRIO_WAIT_OTHER, NULL);
    if (brio_link_alone(&w->waiters))
        brio_timer_stop(rt->loop, &w->timer);
    return rc;
}
