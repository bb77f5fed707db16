/* SPDX-License-Identifier: MIT
 *
 * brio/task.h: coroutines, tasks and structured concurrency; asyncio's toolbox.
 *
 * A task is a function on a small stack of its own. It runs until it calls
 * something that **Suspends**; then others run. Tasks of one loop never run in
 * parallel and never move to another thread, so plain C needs no locks.
 *
 *     static int hello(void *arg)
 *     {
 *         int rc = brio_sleep(BRIO_MS(100));      // Suspends
 *         return rc < 0 ? rc : puts(arg);
 *     }
 *     int main(void) { return brio_run(hello, "hi", NULL); }
 *
 * Cancellation is the return value -ECANCELED of a suspending call, so the
 * only unwinding is ordinary C. Deadlines belong to scopes and are inherited
 * by children; no call takes a timeout parameter. */
#ifndef BRIO_TASK_H
#define BRIO_TASK_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_loop;
struct brio_loop_options;

typedef struct brio_task brio_task;
typedef struct brio_scope brio_scope;
typedef struct brio_group brio_group;
typedef struct brio_waiter brio_waiter;

/* A coroutine's body. Its result is the task's: >= 0 success, < 0 an error. */
typedef int brio_task_fn(void *arg);

/* ---- Running ------------------------------------------------------------ */

/* A task that failed, as groups and the failure handler tell it. */
typedef struct brio_failure {
    const char *name; /* of the task; borrowed */
    uint64_t id;
    int err;          /* < 0 */
    brio_str detail;  /* what brio_error kept, or empty */
} brio_failure;

/* Told of a failure nobody looked at (asyncio's exception handler). On the
 * loop, outside tasks; the failure is borrowed during the call. */
typedef void brio_failure_fn(const brio_failure *failure, void *arg);

typedef struct brio_run_options {
    const struct brio_loop_options *loop; /* borrowed; NULL means the defaults */
    size_t stack_size;  /* of ordinary tasks, bytes; 0 means 64 KiB */
    size_t max_tasks;   /* 0 means 1,000,000; spawning beyond fails with BRIO_EOVERLOAD */
    size_t arena_limit; /* of a task's own arena, bytes; 0 means 8 MiB */
    brio_time grace;    /* at the end tasks may clean up for so long before they are forced; 0 means 5 s */
    /* brio_run takes SIGINT over while a main task runs, as asyncio.run does: the
     * first cancels the main task, and if that is what ended it the result is
     * -EINTR; the second ends the process the default way, also while a task
     * computes. Does nothing where SIGINT is ignored or handled already, or
     * another run of the process has it. */
    bool interrupt;
    bool debug;         /* also BRIO_DEBUG=1 in the environment: detector at 100 ms, wrong-thread calls
                           and tasks that cannot be ended are reported with where they were created */
    brio_failure_fn *on_failure; /* NULL logs a warning */
    void *failure_arg;           /* borrowed */
} brio_run_options;

/* asyncio.run: makes a loop, runs `fn(arg)` as its main task, cancels and
 * awaits every task still alive, frees the loop. Returns fn's result, or
 * -errno when the loop could not be made, BRIO_EDEADLOCK (sim), BRIO_ECLOSED
 * when brio_loop_stop ended the run before fn did. Refuses (-EALREADY) inside a
 * running loop. Installs no signal handler unless `interrupt` asks for it.
 * BRIO_TIMELINE in the environment draws the run (see brio_timeline_start). */
BRIO_API int brio_run(brio_task_fn *fn, void *arg, const brio_run_options *options) BRIO_CHECKED;

/* asyncio.Runner: one loop for several main tasks, one after the other; tasks
 * they leave behind go on during the next run, and end at close. */
typedef struct brio_runner brio_runner;
/* As brio_run. `options` may be NULL; borrowed pointers in it until close. */
BRIO_API int brio_runner_open(brio_runner **ret, const brio_run_options *options) BRIO_CHECKED;
/* Returns fn's result, or as brio_run; -EALREADY inside a running loop. A main
 * task that outlived its run (BRIO_ECLOSED) goes on like others left behind.
 * The task-locals a main task ends with are those the next one begins with. */
BRIO_API int brio_runner_run(brio_runner *runner, brio_task_fn *fn, void *arg) BRIO_CHECKED;
BRIO_API struct brio_loop *brio_runner_loop(brio_runner *runner); /* borrowed */
/* Cancels and awaits what is left, frees the loop. NULL is fine. */
BRIO_API void brio_runner_close(brio_runner *runner);

/* For rooms that drive a loop of their own: attach the task runtime to it,
 * and detach it after brio_tasks_close has ended every task. close runs the
 * loop until they are gone. `options` may be NULL; its `loop` is ignored. 0; -EALREADY
 * if the loop has one, -ENOMEM or -errno. */
BRIO_API int brio_tasks_open(struct brio_loop *loop, const brio_run_options *options) BRIO_CHECKED;
BRIO_API void brio_tasks_close(struct brio_loop *loop);
/* Calls `fn(arg)` in brio_tasks_close, after the last task has ended and
 * before the loop is freed; newest first. For what a room keeps per loop. */
BRIO_API void brio_tasks_at_close(struct brio_loop *loop, void (*fn)(void *arg), void *arg);
/* A pointer of the room's own per loop: NULL at first, one for each `key` (the
 * address of something static), valid until brio_tasks_close is done. */
BRIO_API void **brio_tasks_local(struct brio_loop *loop, const void *key);

/* Installs (or removes) a SIGSEGV handler that names the task whose stack ran
 * into its guard page, and then lets the former handler have the signal.
 * Also gives the calling thread an alternate signal stack; loops opened later
 * on other threads get theirs in brio_tasks_open. For main programs: a
 * library does not call it unasked. Returns 0 or -errno. */
BRIO_API int brio_task_report_overflow(bool on) BRIO_CHECKED;

typedef struct brio_task_options {
    const char *name;      /* borrowed, must outlive the task; NULL means "task" */
    size_t stack_size;     /* bytes; 0 means the run's; rounded up to 16, 64 or 256 KiB, 1 MiB; not more */
    bool eager;            /* run at once up to the first suspension (asyncio's eager_start); only on the running loop */
    bool acquired;         /* the caller holds the task, as after brio_task_acquire */
    brio_arena *arena;     /* borrowed: the task's arena; NULL gives it one of its own. Not reset by the task */
    void *context;         /* borrowed; readable as brio_task_context(); NULL means the creator's */
    size_t stack_arena;    /* bytes of its stack that its own arena begins with, so that a task which
                              waits for long keeps both in one page; 0: none. A multiple of 16, 2560
                              at most; the stack is one of 256 KiB */
    size_t arena_limit;    /* of its own arena, bytes; 0 means the run's */
} brio_task_options;

/* asyncio.create_task: the loop owns the task, and copies the creator's
 * task-locals to it; an error nobody looked at is reported once. From a task
 * or a loop callback. Returns NULL only beyond max_tasks or without memory.
 * The pointer is valid until the task ends (an eager one may have already);
 * with `acquired`, until brio_task_release. */
BRIO_API brio_task *brio_create_task(brio_task_fn *fn, void *arg, const brio_task_options *options);
/* The same on a loop that is not (yet) running. */
BRIO_API brio_task *brio_create_task_on(struct brio_loop *loop, brio_task_fn *fn, void *arg,
                                        const brio_task_options *options);

BRIO_API brio_task *brio_current_task(void); /* NULL outside tasks */
/* The current task is called `name` from now on; borrowed, must outlive it. */
BRIO_API void brio_task_rename(const char *name);
/* As given in the options; borrowed. */
BRIO_API const char *brio_task_name(const brio_task *task);
BRIO_API uint64_t brio_task_id(const brio_task *task); /* 1, 2, ... never reused in a loop */
/* The number of who created it, which may be over by now; 0: a callback did. */
BRIO_API uint64_t brio_task_parent(const brio_task *task);
/* Where in the code that was, for brio_trace_symbol. */
BRIO_API const void *brio_task_created_at(const brio_task *task);
BRIO_API void *brio_task_context(void);                /* of the current task; inherited by its children */
/* For rooms that run a task's work on another thread: what brio_task_context
 * answers there, outside tasks (borrowed). Returns the former. */
BRIO_API void *brio_task_context_use(void *context);
BRIO_API size_t brio_task_count(void);                 /* live tasks of the current loop */
/* asyncio.all_tasks: calls fn for each live task of the current loop, oldest
 * first, until it returns false. fn must not suspend, create or end tasks. */
BRIO_API void brio_task_each(bool (*fn)(brio_task *task, void *arg), void *arg);

/* Requests cancellation (Task.cancel): the task's next or current suspending
 * call returns -ECANCELED, once per request; two before it runs are one. A
 * task that has not started never runs its body; one that waits in brio_await
 * cancels what it waits for first. Returns false if it already ended. */
BRIO_API bool brio_task_cancel(brio_task *task);
/* The same with `why`, for people (asyncio's msg); borrowed, must outlive the task. */
BRIO_API bool brio_task_cancel_with(brio_task *task, const char *why);
/* Takes one request back; returns the number outstanding (Task.uncancel). At 0
 * a cancellation not yet delivered is called off; a wait that it interrupted
 * already returns -ECANCELED all the same. */
BRIO_API int brio_task_uncancel(brio_task *task);
/* The number of requests outstanding (Task.cancelling). */
BRIO_API int brio_task_cancelling(const brio_task *task);

/* Why a suspending call of the current task last returned -ECANCELED. */
typedef enum brio_cancel_kind { /* ORDER CANCEL_KIND */
    BRIO_CANCEL_NONE = 0,  /* it never did */
    BRIO_CANCEL_REQUEST,   /* brio_task_cancel */
    BRIO_CANCEL_SCOPE,     /* brio_scope_cancel, brio_group_cancel */
    BRIO_CANCEL_DEADLINE,  /* a scope's deadline passed */
    BRIO_CANCEL_SIBLING,   /* another task of its group failed */
    BRIO_CANCEL_RACE,      /* another task of its group succeeded */
    BRIO_CANCEL_CLOSING    /* the loop is being closed */
} brio_cancel_kind;

typedef struct brio_cancel_reason {
    brio_cancel_kind kind;
    const char *why; /* as given, or NULL */
    uint64_t by;     /* id of the task that did it; 0: a callback, a timer */
} brio_cancel_reason;

/* The current task's last; kind BRIO_CANCEL_NONE if there was none, and outside
 * tasks. */
BRIO_API brio_cancel_reason brio_task_cancel_reason(void);

/* The current task's arena; freed when it ends. Never NULL inside a task. */
BRIO_API brio_arena *brio_task_arena(void);
/* Ends the current task at once with `err`: open groups are cancelled and
 * joined, what BRIO_WITH_... blocks hold is given back, defers run newest first,
 * the stack is recycled. What memory limits do; also right for "cannot go on". Suspends (for the joins). */
BRIO_API void brio_task_abandon(int err) __attribute__((noreturn));

/* ---- Suspending --------------------------------------------------------- */

/* Suspends for `duration` (<= 0 is a yield). 0 or -ECANCELED. */
BRIO_API int brio_sleep(brio_time duration) BRIO_CHECKED;
BRIO_API int brio_sleep_until(brio_time when) BRIO_CHECKED;
/* Suspends for one turn of the loop, like asyncio.sleep(0). 0 or -ECANCELED,
 * which it, too, returns only after the others have had their turn. */
BRIO_API int brio_yield(void) BRIO_CHECKED;
/* The current task will wait for long: pages that its stack has used and uses no more go
 * back to the system. Costs a system call, and a page fault when they are used again. */
BRIO_API void brio_task_rest(void);
/* The same for the task that `waiter` is parked with; harmless if none is. On its loop. */
BRIO_API void brio_task_rest_of(const brio_waiter *waiter);
/* A cancellation point that suspends only if the task has run long. 0 or
 * -ECANCELED. For loops that compute. */
BRIO_API int brio_checkpoint(void) BRIO_CHECKED;
/* A cancellation point that never suspends: -ECANCELED if a cancellation is
 * due (delivered by this), else 0. Outside tasks 0. For calls that are about
 * to start something they would rather not start. */
BRIO_API int brio_cancel_point(void) BRIO_CHECKED;

/* The current loop's clock, read now (virtual in sim), and `duration` from now. */
BRIO_API brio_time brio_now(void);
static inline brio_time brio_in(brio_time duration) { return brio_now() + duration; }

/* ---- Scopes: cancellation and deadlines --------------------------------- */

/* Everything inside can be cancelled together, now or at a deadline. Open
 * struct: set the options, read the outcome. Cancellation of a scope is
 * level-triggered: every suspending call inside fails until the scope ends. */
struct brio_scope {
    brio_time timeout;  /* option: from entry, ns; 0 means none */
    brio_time deadline; /* option: point on the loop's clock; 0 means none */
    bool shield;        /* option: outer cancellation does not reach inside */
    bool expired;       /* outcome: the deadline cancelled it */
    bool cancelled;     /* outcome: expired, or brio_scope_cancel */
    uint8_t why;        /* outcome: the brio_cancel_kind of its own cancellation */
    uint64_t by;        /* outcome, if cancelled: the task that did it; 0: a callback, a timer */
    bool entered;       /* the runtime's own from here */
    bool reached;       /* cancelled, or inside a cancelled scope */
    brio_scope *parent;
    brio_task *task;
    brio_group *group;  /* the group whose scope this is, or NULL */
    brio_scope *next;   /* while a cancellation spreads */
    brio_link children; // brio_scope::link
    brio_link link;
    struct __attribute__((may_alias)) brio_scope_timer { /* as brio_timer */
        void (*fn)(void *);
        brio_time when;
        uint64_t order;
        size_t slot;
    } timer;
};

/* The options alone, for the macros: a whole brio_scope is a lot to zero. */
typedef struct brio_scope_options {
    brio_time timeout, deadline;
    bool shield;
    bool none; /* means nothing */
} brio_scope_options;

/* Sets options and forgets outcomes. Returns `scope`. */
static inline brio_scope *brio_scope_set(brio_scope *scope, brio_scope_options options)
{
    scope->timeout = options.timeout;
    scope->deadline = options.deadline;
    scope->shield = options.shield;
    scope->expired = scope->cancelled = scope->entered = false;
    scope->why = BRIO_CANCEL_NONE;
    scope->group = NULL;
    return scope;
}

/* Opens `scope` for the current task, inside its innermost one; with both
 * timeout and deadline the earlier counts, and one that has passed already
 * fires at the next suspending call. Returns `scope`. */
BRIO_API brio_scope *brio_scope_enter(brio_scope *scope);
/* Ends it; it must be the current task's innermost (asserted). */
BRIO_API void brio_scope_leave(brio_scope *scope);
/* Cancels everything inside, from any task or callback of the loop. Harmless
 * if already cancelled; before enter it takes effect at enter. */
BRIO_API void brio_scope_cancel(brio_scope *scope);
/* Moves the deadline of an entered scope (asyncio's Timeout.reschedule); 0 or
 * BRIO_NEVER removes it. No effect once the scope is cancelled. */
BRIO_API void brio_scope_reschedule(brio_scope *scope, brio_time deadline);

/* The macro's: leaves at the end of the block. */
static inline void brio_scope_cleanup(brio_scope **scope)
{
    if (*scope)
        brio_scope_leave(*scope);
}

/* Declares `name` and runs the block inside it, however the block is left
 * (it stands where a declaration may):
 *
 *     BRIO_SCOPE(limit, .timeout = BRIO_SEC(5))
 *         rc = slow_operation();
 *     if (limit.expired) ... */
#define BRIO_SCOPE(...) BRIO_SCOPE_WITH(__VA_ARGS__, .none = false)
#define BRIO_SCOPE_WITH(name, ...)                                                           \
    brio_scope name;                                                                         \
    for (brio_scope *name##_in __attribute__((cleanup(brio_scope_cleanup))) =                \
             brio_scope_enter(brio_scope_set(&name, (brio_scope_options){__VA_ARGS__})),     \
             *name##_once = name##_in;                                                       \
         name##_once; name##_once = NULL)

/* asyncio.wait_for: runs fn(arg) in this task under a deadline (<= 0: it
 * fails at its first suspending call). Returns its result, or -ETIMEDOUT when
 * the deadline ended it, -ECANCELED when the caller was cancelled as well.
 * Suspends if fn does. */
BRIO_API int brio_wait_for(brio_task_fn *fn, void *arg, brio_time timeout) BRIO_CHECKED;

/* ---- Waiting for a task ------------------------------------------------ */

/* Suspends until a task has ended; gives its result in *ret_result (may be
 * NULL). For a task of a group still open, one that is acquired, or any other
 * that has not ended. 0, or -ECANCELED (the task goes on), or -EDEADLK for
 * joining oneself. A task may be joined any number of times. */
BRIO_API int brio_join(brio_task *task, int *ret_result) BRIO_CHECKED;
/* asyncio's `await task`: suspends until it has ended and returns its result
 * (with the error detail). Cancelling the awaiter cancels the task, and the
 * wait goes on until it has ended; if it ends otherwise than cancelled, that
 * result is returned and the request is used up, as in asyncio. -EDEADLK for
 * awaiting oneself, or a task that awaits the caller. */
BRIO_API int brio_await(brio_task *task) BRIO_CHECKED;
/* asyncio.shield: as await, but cancelling the caller leaves the task running
 * (-ECANCELED; a later failure is reported unless somebody else looks). */
BRIO_API int brio_shield(brio_task *task) BRIO_CHECKED;

/* ---- Parking: how other rooms suspend a task ----------------------------- */

/* One wait of the current task. Lives on the waiting task's stack. Set
 * on_cancel, leave the rest zero. */
struct brio_waiter {
    /* Asked to give up because of cancellation. Detach from whatever would
     * wake you and return true: park returns -ECANCELED. Return false if the
     * operation can no longer be stopped: its brio_unpark is awaited. */
    bool (*on_cancel)(brio_waiter *waiter);
    brio_link link;  /* for the room that keeps waiters */
    uint8_t kind;    /* brio_wait_kind: what for, as people see it; 0 is fine */
    const void *on;  /* the object waited for, as brio_wait_kind says; may be NULL */
    brio_task *task; /* the runtime's own from here */
    int result;
    bool woken;
    bool asked;      /* on_cancel was called */
};

/* Suspends until brio_unpark(waiter, result) and returns that result; or
 * -ECANCELED. on_cancel NULL means not cancellable. If unpark already
 * happened, returns without suspending. What was handed over wins over a
 * cancellation of the same turn only if the result is >= 0. */
BRIO_API int brio_park(brio_waiter *waiter) BRIO_CHECKED;
/* Wakes the task on the next turn; once per wait (asserted). On the loop's
 * thread only. */
BRIO_API void brio_unpark(brio_waiter *waiter, int result);

/* ---- Error detail ------------------------------------------------------- */

/* Keeps what went wrong in words with the current task (outside tasks: with
 * the thread) and returns `err`, so that `return brio_error(-EIO, "...")`. The
 * text is copied, cut at 511 bytes. */
#define brio_error(err, ...) brio_error_at(__FILE__, __LINE__, (err), __VA_ARGS__)
/* The same from elsewhere: for who brings an error from another thread. `file` is
 * borrowed for good (a literal); NULL: nobody knows. */
BRIO_API int brio_error_at(const char *file, int line, int err, const char *fmt, ...)
    BRIO_PRINTF(4, 5);
/* The last detail, "" if none. Borrowed until the next brio_error. */
BRIO_API brio_str brio_error_detail(void);
/* Where in the source it was said, and the line in *ret_line (may be NULL); NULL
 * if there is none. Static. */
BRIO_API const char *brio_error_file(int *ret_line);

#ifdef __cplusplus
}
#endif

/* The rest of the room: what tasks share, hand over, and are tested with. */
#include <brio/group.h>
#include <brio/future.h>
#include <brio/queue.h>
#include <brio/flow.h>
#include <brio/sim.h>
#endif
