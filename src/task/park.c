/* SPDX-License-Identifier: MIT
 *
 * How a task waits: park, what wakes it, and the waits made of nothing else.
 *
 * A waiter is on the waiting task's stack. It is woken once: by unpark, or by
 * a cancellation that the operation agreed to. What was handed over (>= 0)
 * wins over a cancellation of the same turn, which then is delivered by the
 * task's next suspending call. */
#include "task/task_internal.h"

int brio_park(brio_waiter *waiter)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (!waiter->woken && waiter->on_cancel && brio_task_cancel_due(self)) {
        waiter->asked = true;
        if (waiter->on_cancel(waiter))
            return brio_task_cancel_deliver(self);
    }
    if (!waiter->woken)
        return brio_waiter_wait(waiter, self);
    if (waiter->result < 0 && waiter->on_cancel && brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    return waiter->result;
}

void brio_unpark(brio_waiter *waiter, int result)
{
    BRIO_ASSERT(!waiter->woken);
    waiter->woken = true;
    waiter->result = result;
    brio_task *task = waiter->task;
    if (!task)
        return; /* it has not parked yet, and will not */
    BRIO_ASSERT(task->waiter == waiter);
    task->waiter = NULL;
    brio_task_ready(task);
}

int brio_yield(void)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    brio_task_set_state(self, BRIO_TRACE_READY);
    brio_ready_append(brio_task_here_now.rt->ready, &self->turn);
    brio_task_suspend(self);
    return brio_task_cancel_due(self) ? brio_task_cancel_deliver(self) : 0;
}

int brio_cancel_point(void)
{
    brio_task *self = brio_task_self();
    return self && brio_task_cancel_due(self) ? brio_task_cancel_deliver(self) : 0;
}

enum {
    CHECKPOINT_CLOCK_EVERY = 16,  /* calls; reading the clock is dearer than the rest */
    CHECKPOINT_SIM_EVERY = 64,    /* calls; real time must not decide in sim */
    CHECKPOINT_SLICE_NS = 1000000 /* a turn's share of the loop */
};

static bool ran_long(brio_task *self)
{
    uint32_t n = self->checkpoints++;
    if (self->rt->simulated)
        return n >= CHECKPOINT_SIM_EVERY;
    if (n % CHECKPOINT_CLOCK_EVERY)
        return false;
    brio_time now = brio_clock_monotonic();
    if (n == 0)
        self->resumed = now;
    return now - self->resumed > CHECKPOINT_SLICE_NS;
}

int brio_checkpoint(void)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    return ran_long(self) ? brio_yield() : 0;
}

/* ---- Sleeping ----------------------------------------------------------- */

typedef struct sleeper {
    brio_waiter waiter;
    brio_timer timer;
    brio_loop *loop;
} sleeper;

static void sleep_over(brio_timer *timer)
{
    brio_unpark(&BRIO_CONTAINER(timer, sleeper, timer)->waiter, 0);
}

static bool sleep_cancel(brio_waiter *waiter)
{
    sleeper *s = BRIO_CONTAINER(waiter, sleeper, waiter);
    brio_timer_stop(s->loop, &s->timer);
    return true;
}

int brio_sleep_until(brio_time when)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    sleeper s = {.waiter = {.on_cancel = sleep_cancel, .kind = BRIO_WAIT_SLEEP},
                 .timer.fn = sleep_over,
                 .loop = self->rt->loop};
    if (when <= brio_loop_now(s.loop))
        return brio_yield();
    if (when != BRIO_NEVER)
        brio_timer_start(s.loop, &s.timer, when);
    return brio_park(&s.waiter);
}

int brio_sleep(brio_time duration)
{
    brio_time when;
    if (duration <= 0)
        return brio_yield();
    if (__builtin_add_overflow(brio_now(), duration, &when))
        when = BRIO_NEVER;
    return brio_sleep_until(when);
}

brio_time brio_now(void)
{
    const brio_runtime *rt = brio_task_here();
    brio_loop *loop = rt ? rt->loop : brio_loop_current();
    return loop ? brio_loop_update(loop) : brio_clock_monotonic();
}
