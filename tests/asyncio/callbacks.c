/* SPDX-License-Identifier: MIT
 *
 * The loop: what a callback schedules runs a turn later; timers by deadline; a
 * handle that cancels. */
#include "pair.h"

typedef struct saying {
    brio_callback call;
    brio_timer timer;
    const char *text;
} saying;

static brio_loop *loop;

static void speak(brio_callback *call)
{
    say("%s", BRIO_CONTAINER(call, saying, call)->text);
}

static void speak_late(brio_timer *timer)
{
    say("%s", BRIO_CONTAINER(timer, saying, timer)->text);
}

static void first(brio_callback *call)
{
    static saying next = {.call.fn = speak, .text = "scheduled by first"};
    say("%s", BRIO_CONTAINER(call, saying, call)->text);
    brio_loop_call_soon(loop, &next.call);
}

static int run(void *arg)
{
    static saying two = {.timer.fn = speak_late, .text = "timer two"};
    static saying one = {.timer.fn = speak_late, .text = "timer one"};
    static saying never = {.timer.fn = speak_late, .call.fn = speak, .text = "never"};
    static saying a = {.call.fn = first, .text = "first"}, b = {.call.fn = speak, .text = "second"};
    (void)arg;
    loop = brio_loop_current();
    brio_timer_start(loop, &two.timer, brio_in(TICKS(2)));
    brio_timer_start(loop, &one.timer, brio_in(TICKS(1)));
    brio_timer_start(loop, &never.timer, brio_in(TICKS(3) / 2));
    brio_timer_stop(loop, &never.timer);
    brio_loop_call_soon(loop, &a.call);
    brio_loop_call_soon(loop, &b.call);
    brio_loop_call_soon(loop, &never.call);
    brio_loop_call_cancel(loop, &never.call);
    say("main goes on");
    return brio_sleep(TICKS(3));
}

PAIR_MAIN(run)
