/* SPDX-License-Identifier: MIT
 *
 * What the parts of the task room share: the task, the runtime of a loop, the
 * stacks, and the switch between two contexts.
 *
 * A task is resumed by a loop callback embedded in it, runs on its own stack,
 * and goes back to whoever resumed it; so an eager task may be resumed from
 * another task. The struct comes from the runtime's slab, the stack from its
 * pool and only when the body starts: tasks that never suspend share one.
 *
 *     create -> NEW -> (turn) RUNNING <-> PARKED/READY -> ENDED -> retire
 *
 * The runtime owns tasks, stacks and details. Everything here is for the
 * loop's thread alone. */
#ifndef BRIO_TASK_INTERNAL_H
#define BRIO_TASK_INTERNAL_H

#include "task/context.h"

#include <brio/loop.h>
#include <brio/task.h>
#include <brio/trace.h>

#include <errno.h>
#include <stdatomic.h>

/* ---- Stacks ------------------------------------------------------------- */

enum {
    BRIO_TASK_SIZES = 4,                 /* classes that differ in size */
    BRIO_TASK_WAITING = BRIO_TASK_SIZES, /* tasks with a stack_arena */
    BRIO_TASK_CLASSES = BRIO_TASK_SIZES + 1,
    BRIO_TASK_STACK_ARENA_MAX = 2560
};

/* Lives at the top of the stack it describes, above the first frame. */
typedef struct brio_task_stack {
    struct brio_task_stack *next; /* in the free list */
    char *low;                    /* first usable byte; the guard is below */
    uint32_t size_class;
    bool canary;  /* no guard page: the word at `low` is checked instead */
    bool trimmed; /* given back to the kernel but for its top, since last used */
    unsigned valgrind;
} brio_task_stack;

typedef struct brio_task_stack_class {
    brio_task_stack *free; /* newest first */
    size_t free_n;
    size_t low_water;  /* least free_n since the last trim: so many were not needed */
    size_t until_trim; /* releases */
    char *at, *end;    /* not yet carved part of the newest slab */
    size_t carved;
} brio_task_stack_class;

typedef struct brio_task_slab {
    struct brio_task_slab *next;
    char *base;
    size_t bytes;
} brio_task_slab;

typedef struct brio_task_stacks {
    brio_task_stack_class classes[BRIO_TASK_CLASSES];
    brio_task_slab *slabs;
    size_t page;       /* bytes */
    size_t guards;     /* made by mprotect */
    bool no_madvise;   /* the kernel lacks MADV_GUARD_INSTALL */
    bool use_mprotect; /* for tests: as if it did */
} brio_task_stacks;

void brio_task_stacks_init(brio_task_stacks *stacks);
void brio_task_stacks_fini(brio_task_stacks *stacks);
uint32_t brio_task_stack_class_of(size_t bytes);
size_t brio_task_stack_bytes(uint32_t size_class); /* usable, the first frame's padding included */
/* NULL without memory. */
brio_task_stack *brio_task_stack_acquire(brio_task_stacks *stacks, uint32_t size_class);
void brio_task_stack_release(brio_task_stacks *stacks, brio_task_stack *stack);
/* Aborts if the canary is dead. */
void brio_task_stack_check(const brio_task_stack *stack, const char *task_name);

/* ---- Tasks -------------------------------------------------------------- */

typedef struct brio_task_detail {
    struct brio_task_detail *next; /* in the free list */
    const char *file;              /* where it was said; NULL: unknown */
    int line;
    size_t len;
    char text[512];
} brio_task_detail;

typedef struct brio_runtime brio_runtime;
typedef struct brio_sim_round brio_sim_round;
typedef struct brio_task_starter brio_task_starter;

struct brio_task {
    union {
        brio_trace_task rec; /* what readers outside see; id, name and state live here only */
        struct {             /* what the record keeps without its type. ORDER TRACE_TASK */
            char to_fn[offsetof(brio_trace_task, fn)];
            brio_task_fn *fn;
            char to_group[offsetof(brio_trace_task, group) - offsetof(brio_trace_task, created_at)];
            brio_group *group;
            char to_ctx[offsetof(brio_trace_task, sp) - offsetof(brio_trace_task, since)];
            brio_task_ctx ctx;
        };
    };
    brio_callback turn;
    brio_task_resumer *back; /* whoever resumed it */
    brio_runtime *rt;
    brio_scope *scope; /* innermost */
    brio_held *held;   /* by the innermost block it is in */
    brio_task_stack *stack;
    void *arg;
    brio_scope *base;  /* the group's scope, or the runtime's */
    brio_arena *arena; /* `own` or borrowed */
    void *context;
    brio_locals *locals; /* NULL when there is none; see local.c */
    uint32_t holds;      /* the runtime's or its group's, and one per acquire */
    int result;
    uint8_t stack_class;
    bool canary;          /* its stack has no guard page */
    uint16_t stack_arena; /* bytes of its stack that are lent to `own` */

    /* From here to `told` a new task has zeroes: BRIO_TASK_ZEROED. */
    union {
        struct {
            bool must_cancel; /* a cancellation is requested and not delivered */
            bool overdue;     /* a scope was entered after its deadline */
        };
        uint16_t due; /* nonzero: either */
    };
    bool stops_loop;         /* the main task */
    bool seen;               /* somebody looked at how it ended */
    brio_waiter *waiter;     /* while parked */
    int *result_to;          /* gets the result too; NULL if nobody asked */
    uint32_t checkpoints;    /* since it was resumed */
    int requests;            /* cancellations requested and not taken back */
    int edges;               /* requests that a suspending call was told of */
    int ignored;             /* cancellations in a row that did not make it leave the scope */
    brio_cancel_reason told; /* of the last -ECANCELED */

    brio_cancel_reason asked; /* the last request's */
    brio_link group_link;
    brio_link hooks;            // brio_done_hook::link; told when it ends
    brio_link all;              // brio_runtime::tasks
    brio_task *next_free;       /* while it is in the free list */
    brio_task_starter *starter; /* who waits for brio_task_started, or NULL */
    brio_task_detail *detail;
    struct brio_task_failures *failures;  /* of groups it left, newest first */
    brio_defer *mark;                     /* of a borrowed arena, when the task began */
    void (*exhausted)(brio_arena *arena); /* what a borrowed arena did before */
    brio_time resumed;                    /* at the first of `checkpoints`; 0 before */
    brio_arena own;
#if defined(BRIO_TASK_ASAN) || defined(BRIO_TASK_TSAN)
    brio_task_shadow shadow;
#endif
};

_Static_assert(offsetof(brio_task, fn) == offsetof(brio_trace_task, fn), "ORDER TRACE_TASK");
_Static_assert(offsetof(brio_task, group) == offsetof(brio_trace_task, group), "ORDER TRACE_TASK");
_Static_assert(offsetof(brio_task, ctx.sp) == offsetof(brio_trace_task, sp), "ORDER TRACE_TASK");
_Static_assert(offsetof(brio_task, ctx.pc) == offsetof(brio_trace_task, pc), "ORDER TRACE_TASK");
_Static_assert(offsetof(brio_task, ctx.fp) == offsetof(brio_trace_task, fp), "ORDER TRACE_TASK");

enum { BRIO_TASK_ZEROED = offsetof(brio_task, due), BRIO_TASK_KEPT = offsetof(brio_task, asked) };
enum { BRIO_TASK_CHUNK = 32 };

typedef struct brio_task_chunk {
    brio_trace_chunk table; /* linked for readers outside; never given back before the end */
    struct brio_task_chunk *next;
    brio_task tasks[BRIO_TASK_CHUNK];
} brio_task_chunk;

typedef struct brio_task_local {
    struct brio_task_local *next;
    const void *key;
    void *value;
} brio_task_local;

/* A task's time on the processor since it was resumed; see trace.c. */
typedef struct brio_task_slice {
    const brio_task *task;
    uint64_t resumes; /* of the task: tells an old slice of it */
    brio_time began;  /* CLOCK_MONOTONIC */
    brio_time cpu;    /* CLOCK_THREAD_CPUTIME_ID if `measured`, else as `began` */
    bool measured;
} brio_task_slice;

/* One per loop, in brio_loop_user(). */
struct brio_runtime {
    brio_trace_loop table; /* `live` tasks are counted here only */
    brio_loop *loop;
    brio_task_resumer *turn; /* the loop's callback that resumes tasks now; NULL outside one */
    brio_ready *ready;       /* the loop's */
    int *error;              /* errno of its thread */
    brio_task_slice slice;
    brio_link tasks; // brio_task::all
    size_t max_tasks;
    size_t arena_limit;
    uint64_t last_id;
    uint32_t stack_class;
    bool simulated, debug;
    brio_task *main;             /* a runner's, until it ends */
    int main_requests;           /* its cancellations outstanding when it ended */
    brio_locals *main_locals;    /* its task-locals then, for the runner's next one */
    brio_time grace_time;        /* of closing, before it insists */
    brio_sim_round *sim;         /* of brio_sim_run, or NULL */
    brio_failure_fn *on_failure; /* NULL logs */
    void *failure_arg;
    atomic_size_t remote; /* what other threads posted and has not run; see threadsafe.c */
    bool closing;         /* brio_tasks_close has begun */
    bool insisting;       /* and cancels everything, again and again */
    brio_scope root;      /* of tasks without a group */
    brio_task *free;
    size_t free_n;
    brio_task_chunk *chunks;
    brio_task_detail *details; /* free */
    brio_timer grace;
    brio_arena arena; /* of the at-close functions and locals */
    brio_task_local *locals;
    brio_task_stacks stacks;
};

/* ---- turn.c ---- */
/* The task that runs on this thread, and its runtime: both NULL outside tasks.
 * A task never changes threads, so the compiler may keep the address. */
typedef struct brio_task_thread {
    brio_task *current;
    brio_runtime *rt;
} brio_task_thread;

extern _Thread_local brio_task_thread brio_task_here_now
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

static inline brio_task *brio_task_self(void)
{
    return brio_task_here_now.current;
}

brio_task *brio_task_swap_self(brio_task *task); /* returns the former */
void brio_task_first_turn(brio_callback *turn);
void brio_task_next_turn(brio_callback *turn);
void brio_task_start_now(brio_task *task); /* eagerly */

/* ---- trace.c ---- */
/* Tells the timeline and the detector what task->rec says now. */
void brio_task_traced(brio_task *task);
/* `outer` stands still while an eager task runs on its time, and goes on. */
void brio_task_traced_nested(brio_task *outer, bool begin);
brio_time brio_task_cpu(void); /* ns the current task ran so far; BRIO_TRACE_MEASURE must be on */

/* The only door to rec.state. */
static inline __attribute__((always_inline)) void brio_task_set_state(brio_task *task,
                                                                      brio_trace_state state)
{
    task->rec.state = (uint8_t)state;
    task->rec.since = *task->rt->table.now;
    if (brio_trace_wants(~0U))
        brio_task_traced(task);
}

/* At the end of the loop's queue. */
static inline void brio_task_enqueue(brio_task *task)
{
    brio_runtime *rt = task->rt;
    if (BRIO_UNLIKELY(rt->debug))
        brio_loop_call_soon(rt->loop, &task->turn); /* names a wrong thread */
    else
        brio_ready_append(rt->ready, &task->turn);
}

static inline void brio_task_ready(brio_task *task)
{
    brio_task_set_state(task, BRIO_TRACE_READY);
    brio_task_enqueue(task);
}

/* ---- run.c ---- */
/* Of a task that ended so and that nobody looked at; `failure` is borrowed. */
void brio_task_report_failure(brio_runtime *rt, const brio_failure *failure);

/* ---- sim.c ---- */
/* Counts the step that task->rec shows, and cancels it there if asked to. */
void brio_task_sim_seen(brio_task *task);
bool brio_task_sim_quiet(const brio_sim_round *round);

/* ---- deadlock.c ---- */
/* Logs who waits for what, and the rings among them. */
void brio_task_log_deadlock(const brio_runtime *rt);

/* ---- interrupt.c ---- */
/* SIGINT for a runner, as asyncio.run has it. One at a time in a process. */
typedef struct brio_task_sigint {
    brio_callback told; /* posted by the handler */
    brio_loop *loop;
    brio_task *main; /* to cancel; NULL once it has ended */
    bool on;         /* the handler is installed */
    bool cancelled;  /* the first one cancelled `main` */
} brio_task_sigint;
/* Does nothing if SIGINT is handled or ignored by somebody already. */
void brio_task_sigint_start(brio_task_sigint *sigint);
void brio_task_sigint_stop(brio_task_sigint *sigint);

/* ---- task.c ---- */
brio_runtime *brio_task_runtime(brio_loop *loop);
brio_runtime *brio_task_here(void); /* of the current task or loop; NULL outside */
/* `created_at`: the return address of the public function that makes it. */
brio_task *brio_task_new(brio_runtime *rt, brio_task_fn *fn, void *arg,
                         const brio_task_options *options, brio_group *group,
                         const void *created_at);
void brio_task_start_eager(brio_task *task); /* at once, if this is its loop's thread */
/* Its first turn is the loop's to give, or comes now. */
static inline void brio_task_start(brio_task *task, bool eager)
{
    if (BRIO_UNLIKELY(eager)) {
        brio_task_start_eager(task);
        return;
    }
    if (brio_trace_wants(BRIO_TRACE_SIM))
        brio_task_sim_seen(task); /* an eager one begins before anybody can cancel it */
    brio_task_enqueue(task);
}
void brio_task_free(brio_task *task);
void brio_task_tasks_fini(brio_runtime *rt);

/* ---- turn.c: suspending ---- */
#if defined(BRIO_TASK_ASAN) || defined(BRIO_TASK_TSAN)
void brio_task_go(brio_task *self, brio_task_ctx *to);
#else
static inline __attribute__((always_inline)) void brio_task_go(brio_task *self, brio_task_ctx *to)
{
    brio_task_jump(&self->ctx, to);
}
#endif

/* Its turn begins. */
static inline void brio_task_begin_turn(brio_task *task, brio_task_resumer *back)
{
    brio_task_here_now.current = task;
    task->back = back;
    task->rec.resumes++;
    brio_task_here_now.rt->table.turns++;
    task->rec.state = BRIO_TRACE_RUNNING;
    if (brio_trace_wants(~0U))
        brio_task_traced(task);
}

/* Where to go from `self`: to the next task if the loop would run one next,
 * which saves both the way through the loop; else back to who resumed it. Only
 * what the loop resumed hands over: an eager task owes its starter. */
static inline brio_task_ctx *brio_task_way_out(brio_task *self)
{
    brio_runtime *rt = brio_task_here_now.rt;
    brio_task_resumer *back = self->back;
    if (BRIO_UNLIKELY(back != rt->turn))
        return &back->ctx;
    brio_callback *cb = brio_ready_take(rt->ready, brio_task_next_turn);
    if (!cb)
        return &back->ctx;
    brio_task *next = BRIO_CONTAINER(cb, brio_task, turn);
    brio_task_begin_turn(next, back);
    return &next->ctx;
}

/* Gives the processor away; the caller has seen to being woken. Inlined into
 * its few callers: each return after a switch is a misprediction. */
static inline __attribute__((always_inline)) void brio_task_suspend(brio_task *self)
{
    int *error = brio_task_here_now.rt->error, saved = *error;
    if (BRIO_UNLIKELY(self->canary))
        brio_task_stack_check(self->stack, self->rec.name);
    brio_task_ctx *to = brio_task_way_out(self);
    if (to != &self->ctx)
        brio_task_go(self, to);
    self->checkpoints = 0;
    *error = saved;
}

/* ---- cancel.c ---- */
/* True if a suspending call must fail now. */
bool brio_task_cancel_due_slow(brio_task *self);
/* What a cancellation that is due would be told as. */
brio_cancel_reason brio_task_cancel_cause(const brio_task *self);
/* brio_task_cancel on somebody's behalf. `reason` is copied. */
bool brio_task_cancel_for(brio_task *task, const brio_cancel_reason *reason);
static inline bool brio_task_cancel_due(brio_task *self)
{
    return BRIO_UNLIKELY(self->due | self->scope->reached) && brio_task_cancel_due_slow(self);
}
/* Takes note that the task was told; returns -ECANCELED. */
int brio_task_cancel_deliver(brio_task *self);
/* Asks what the task waits for to give up. */
void brio_task_interrupt(brio_task *task);

/* ---- scope.c ---- */
void brio_task_scope_expire_overdue(brio_task *self);
/* brio_scope_cancel with its reason. */
void brio_task_scope_cancel(brio_scope *scope, brio_cancel_kind kind, uint64_t by);
static inline uint64_t brio_task_self_id(void)
{
    const brio_task *self = brio_task_self();
    return self ? self->rec.id : 0;
}

/* ---- result.c ---- */
/* After the last hold: reports a failure nobody saw, and frees. */
void brio_task_forget(brio_task *task);
static inline void brio_task_let_go(brio_task *task)
{
    BRIO_ASSERT(task->holds > 0);
    if (--task->holds == 0)
        brio_task_forget(task);
}
/* For tasks still held when the runtime ends. */
void brio_task_lost(brio_task *task);

/* ---- threadsafe.c ---- */
/* Serves what other threads posted, and takes nothing more from them. */
void brio_task_remote_close(brio_runtime *rt);

/* ---- group.c ---- */
brio_task *brio_task_spawn(brio_group *group, brio_task_fn *fn, void *arg,
                           const brio_task_options *options, const void *created_at);
void brio_task_group_ended(brio_group *group, brio_task *task);
void brio_task_group_join(brio_task *self, brio_group *group);
void brio_task_group_close(brio_task *self, brio_group *group);

/* ---- error_detail.c ---- */
void brio_task_detail_free(brio_runtime *rt, brio_task_detail *detail);
void brio_task_details_fini(brio_runtime *rt);
void brio_task_detail_copy(brio_task *to, const brio_task_detail *from);
/* A copy of its own; NULL without memory, or for NULL. */
brio_task_detail *brio_task_detail_dup(brio_runtime *rt, const brio_task_detail *from);

/* ---- failures.c ---- */
void brio_task_failures_list(brio_task *self, brio_group *group);
void brio_task_failures_drop(brio_task *self); /* at its end, before its arena goes */

/* ---- overflow.c ---- */
void brio_task_overflow_thread(void); /* an alternate stack, if reports are on */

#include "task/waiters.h"

/* What a program sees that waits where it cannot: the sentence is part of the message. */
#define BRIO_IN_TASK(self)                                                                         \
    BRIO_ASSERT((self) && "only a task can do this; this is a thread, or a handler that blocks")

#endif
