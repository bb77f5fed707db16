/* SPDX-License-Identifier: MIT
 *
 * A task's turns: given a stack at the first, resumed by its loop callback,
 * ended when its body returns, and retired by whoever resumed it last.
 *
 * Whoever resumes a task is on another stack (the loop's, or a task's that
 * starts it eagerly), so that is where the task's own stack is given back. A
 * task cancelled before its first turn never gets a stack and never runs. */
#include "task/done.h"
#include "task/task_internal.h"

#include <stdlib.h>

#ifdef BRIO_TASK_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef BRIO_TASK_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Code between two stacks must not be instrumented: what a sanitizer notes on
 * entry it would look for on the other stack on exit. Otherwise it is inlined:
 * a call that never returns on this stack is a misprediction on the other. */
#if defined(BRIO_TASK_ASAN) || defined(BRIO_TASK_TSAN)
#if defined(__clang__)
#define UNINSTRUMENTED                                                                             \
    __attribute__((noinline, no_sanitize("address"), disable_sanitizer_instrumentation))
#elif defined(BRIO_TASK_TSAN)
#define UNINSTRUMENTED __attribute__((noinline, no_sanitize_thread))
#else
#define UNINSTRUMENTED __attribute__((noinline, no_sanitize_address))
#endif
#define UNINSTRUMENTED_ENTRY UNINSTRUMENTED
#define INLINED              __attribute__((noinline))
#else
#define UNINSTRUMENTED_ENTRY
#define UNINSTRUMENTED inline __attribute__((always_inline))
#define INLINED        inline __attribute__((always_inline))
#endif

/* ---- Who am I ----------------------------------------------------------- */

_Thread_local brio_task_thread brio_task_here_now;

brio_task *brio_task_swap_self(brio_task *task)
{
    brio_task *former = brio_task_here_now.current;
    brio_task_here_now.current = task;
    return former;
}

/* ---- Switching ---------------------------------------------------------- */

#ifdef BRIO_TASK_ASAN
/* The resumer learns where its stack is from the first task that comes from
 * there; those that one hands over to come from a task's. */
static UNINSTRUMENTED void arrived(brio_task *self)
{
    const void *low;
    size_t size;
    __sanitizer_finish_switch_fiber(self->shadow.fake_stack, &low, &size);
    if (self->back->shadow.stack_low)
        return;
    self->back->shadow.stack_low = low;
    self->back->shadow.stack_size = size;
}
#endif

#if defined(BRIO_TASK_ASAN) || defined(BRIO_TASK_TSAN)
/* Goes to `task`; returns when one that was resumed from here suspends or ends. */
static UNINSTRUMENTED void go_in(brio_task *task, brio_task_resumer *here)
{
#ifdef BRIO_TASK_ASAN
    __sanitizer_start_switch_fiber(&here->shadow.fake_stack, task->shadow.stack_low,
                                   task->shadow.stack_size);
#endif
#ifdef BRIO_TASK_TSAN
    here->shadow.fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(task->shadow.fiber, 0);
#endif
    brio_task_jump(&here->ctx, &task->ctx);
#ifdef BRIO_TASK_ASAN
    __sanitizer_finish_switch_fiber(here->shadow.fake_stack, NULL, NULL);
#endif
}

/* Goes to where way_out said; returns when `self` is resumed again. */
UNINSTRUMENTED void brio_task_go(brio_task *self, brio_task_ctx *to)
{
    bool back = to == &self->back->ctx;
    brio_task_shadow *there =
        back ? &self->back->shadow : &BRIO_CONTAINER(to, brio_task, ctx)->shadow;
#ifdef BRIO_TASK_ASAN
    __sanitizer_start_switch_fiber(&self->shadow.fake_stack, there->stack_low, there->stack_size);
#endif
#ifdef BRIO_TASK_TSAN
    __tsan_switch_to_fiber(there->fiber, 0);
#endif
    brio_task_jump(&self->ctx, to);
#ifdef BRIO_TASK_ASAN
    arrived(self);
#endif
}
#else
#define go_in(task, here) brio_task_jump(&(here)->ctx, &(task)->ctx)
#endif

/* The same for good: the sanitizer forgets this stack's frames. */
static UNINSTRUMENTED __attribute__((noreturn)) void go_out_finally(brio_task *task)
{
#ifdef BRIO_TASK_ASAN
    __sanitizer_start_switch_fiber(NULL, task->back->shadow.stack_low,
                                   task->back->shadow.stack_size);
#endif
#ifdef BRIO_TASK_TSAN
    __tsan_switch_to_fiber(task->back->shadow.fiber, 0);
#endif
    brio_task_jump(&task->ctx, &task->back->ctx);
    __builtin_unreachable();
}

static void ctx_init(brio_task *task)
{
    task->canary = task->stack->canary;
    brio_task_stack *stack = task->stack;
    BRIO_ASSERT((uintptr_t)stack % 16 == 0);
    union {
        void (*fn)(void);
        void *address;
    } entry = {.fn = brio_task_entry};
    task->ctx = (brio_task_ctx){.sp = (char *)stack - task->stack_arena, .pc = entry.address};
    task->rec.stack_low = stack->low;
    task->rec.stack_high = stack;
#ifdef BRIO_TASK_ASAN
    task->shadow.fake_stack = NULL;
    task->shadow.stack_low = stack->low;
    task->shadow.stack_size = (size_t)((char *)stack - stack->low);
#endif
#ifdef BRIO_TASK_TSAN
    task->shadow.fiber = __tsan_create_fiber(0);
    __tsan_set_fiber_name(task->shadow.fiber, task->rec.name);
#endif
}

/* ---- Ending ------------------------------------------------------------- */

static void give_back(brio_task *task)
{
    brio_runtime *rt = task->rt;
#ifdef BRIO_TASK_TSAN
    if (task->stack)
        __tsan_destroy_fiber(task->shadow.fiber);
#endif
    task->rec.stack_low = task->rec.stack_high = NULL;
    if (task->stack)
        brio_task_stack_release(&rt->stacks, task->stack);
    task->stack = NULL;
    if (BRIO_LIKELY(!task->locals))
        return;
    if (task == rt->main)
        rt->main_locals = task->locals; /* the runner's next main task begins with them */
    else
        brio_locals_release(task->locals);
}

/* Told to all who wait for it. The last call may free it. */
static void tell_its_end(brio_task *task)
{
    if (task->result_to) {
        *task->result_to = task->result;
        task->seen = true;
    }
    if (BRIO_UNLIKELY(task->starter))
        brio_task_never_started(task);
    if (!brio_link_alone(&task->hooks) && brio_done_tell(&task->hooks, task->result, NULL))
        task->seen = true;
    if (task->group)
        brio_task_group_ended(task->group, task);
    else
        brio_task_let_go(task);
}

/* On the resumer's stack: the task's own is free to be reused. */
static __attribute__((noinline)) void retire(brio_task *task)
{
    brio_runtime *rt = task->rt;
    BRIO_ASSERT(task->rec.state == BRIO_TRACE_ENDED);
    give_back(task);
    brio_link_remove(&task->all);
    rt->table.live--;
    if (task == rt->main) {
        rt->main = NULL;
        rt->main_requests = task->requests;
    }
    if (task->stops_loop || (rt->closing && rt->table.live == 0))
        brio_loop_stop(rt->loop);
    tell_its_end(task);
}

static void end_unstarted(brio_task *task, int result)
{
    task->result = result;
    brio_task_set_state(task, BRIO_TRACE_ENDED);
    if (task->arena != &task->own)
        task->arena->exhausted = task->exhausted;
    retire(task);
}

static bool arena_touched(const brio_arena *arena)
{
    return arena->blocks || arena->large || arena->defers;
}

/* On the task's stack, and a task still: its defers may suspend. */
static INLINED __attribute__((noreturn)) void finish(brio_task *task, int result)
{
    BRIO_ASSERT(task->scope == task->base); /* a scope or group was left open */
    task->result = result;
    if (task->arena != &task->own)
        task->arena->exhausted = task->exhausted;
    if (BRIO_UNLIKELY(task->failures))
        brio_task_failures_drop(task);
    if (arena_touched(&task->own))
        brio_arena_reset(&task->own);
    if (BRIO_UNLIKELY(task->canary))
        brio_task_stack_check(task->stack, task->rec.name);
    brio_task_set_state(task, BRIO_TRACE_ENDED);
    go_out_finally(task);
}

static INLINED __attribute__((noreturn)) void body(brio_task *task)
{
    finish(task, task->fn(task->arg));
}

UNINSTRUMENTED_ENTRY void brio_task_main(brio_task_ctx *ctx)
{
    brio_task *task = BRIO_CONTAINER(ctx, brio_task, ctx);
#ifdef BRIO_TASK_ASAN
    arrived(task);
#endif
    body(task);
}

void brio_task_abandon(int err)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    for (brio_scope *s = self->scope; s != self->base; s = s->parent)
        if (s->group)
            brio_scope_cancel(s);
    while (self->scope != self->base) {
        if (self->scope->group)
            brio_task_group_close(self, self->scope->group);
        else
            brio_scope_leave(self->scope);
    }
    brio_held_end_all(self);
    brio_defer_unwind(self->arena, self->arena == &self->own ? NULL : self->mark);
    finish(self, err);
}

/* ---- Turns -------------------------------------------------------------- */

/* Comes back when nobody is left to hand over to: then the current task is
 * the one that came back. The caller sees to brio_task_here_now. */
static INLINED void resume(brio_task *task, brio_task_resumer *here)
{
    brio_task_here_now.rt = task->rt;
#ifdef BRIO_TASK_ASAN
    here->shadow.stack_low = NULL;
#endif
    brio_task_begin_turn(task, here);
    go_in(task, here);
}

/* A task that ended is retired as who resumed it, not as itself. */
static INLINED void resume_from(const brio_task_thread *outer, brio_task *task,
                                brio_task_resumer *here)
{
    resume(task, here);
    task = brio_task_here_now.current;
    brio_task_here_now = *outer;
    if (BRIO_LIKELY(task->rec.state == BRIO_TRACE_ENDED))
        retire(task);
}

/* The top of its stack is where its arena begins. */
static __attribute__((noinline, cold)) void lend_top(brio_task *task)
{
    brio_arena_fini(&task->own); /* a warm block would stand beside it for nothing */
    brio_arena_lend(&task->own, (char *)task->stack - task->stack_arena, task->stack_arena);
}

/* False if it ended without having begun. */
static INLINED bool begin(brio_task *task)
{
    BRIO_ASSERT(task->rec.state == BRIO_TRACE_NEW);
    if (BRIO_UNLIKELY(task->must_cancel | task->base->reached)) {
        end_unstarted(task, -ECANCELED);
        return false;
    }
    task->stack = brio_task_stack_acquire(&task->rt->stacks, task->stack_class);
    if (BRIO_UNLIKELY(!task->stack)) {
        end_unstarted(task, -ENOMEM);
        return false;
    }
    ctx_init(task);
    if (BRIO_UNLIKELY(task->stack_arena))
        lend_top(task);
    task->turn.fn = brio_task_next_turn;
    return true;
}

/* Suspending tasks hand over to ready ones themselves; what is left for here is
 * to go on after one that ended, and to begin new ones: as long as the loop
 * would call a task next, without the way back through it. */
static INLINED void turns(brio_callback *turn, bool fresh)
{
    brio_runtime *rt = BRIO_CONTAINER(turn, brio_task, turn)->rt;
    brio_task_thread outer = brio_task_here_now;
    brio_task_resumer here;
    rt->turn = &here;
    do {
        brio_task *task = BRIO_CONTAINER(turn, brio_task, turn);
        if (!fresh || begin(task))
            resume_from(&outer, task, &here);
        turn = brio_ready_take(rt->ready, brio_task_first_turn);
        fresh = turn != NULL;
        if (!turn)
            turn = brio_ready_take(rt->ready, brio_task_next_turn);
    } while (turn);
    rt->turn = NULL;
}

void brio_task_next_turn(brio_callback *turn)
{
    turns(turn, false);
}

void brio_task_first_turn(brio_callback *turn)
{
    turns(turn, true);
}

void brio_task_start_now(brio_task *task)
{
    brio_task_thread outer = brio_task_here_now;
    brio_task_resumer here;
    if (begin(task))
        resume_from(&outer, task, &here);
}
