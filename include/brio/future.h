/* SPDX-License-Identifier: MIT
 *
 * brio/future.h: results that come later: of tasks, futures, done callbacks;
 * waiting for several tasks; task-locals; coroutines started from other
 * threads. Part of <brio/task.h>.
 *
 *     brio_task *a = brio_create_task(fetch, &x, &(brio_task_options){.acquired = true});
 *     ...
 *     int rc = brio_await(a);                  // Suspends
 *     brio_task_release(a); */
#ifndef BRIO_FUTURE_H
#define BRIO_FUTURE_H

#include <brio/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Results of tasks --------------------------------------------------- */

/* Keeps the task's result, and its pointer valid, until the matching release
 * (or the loop's tasks are closed); what asyncio does with a reference. Both
 * accept NULL; acquire returns `task`. On the loop's thread. A task whose error
 * nobody looked at is reported once, when it is not held any more: looking is
 * reading the result, joining or awaiting it, having a done callback on it, or
 * being its group. */
BRIO_API brio_task *brio_task_acquire(brio_task *task);
BRIO_API void brio_task_release(brio_task *task);

/* True once it has ended, in whatever way. */
BRIO_API bool brio_task_done(const brio_task *task);
/* Its result, which counts as looking at it; -EINPROGRESS while it is not done. */
BRIO_API int brio_task_result(brio_task *task);
/* The words for it that brio_error kept, or empty. Borrowed as the task is. */
BRIO_API brio_str brio_task_error_detail(const brio_task *task);
/* True if it is done and a cancellation ended it. */
BRIO_API bool brio_task_cancelled(const brio_task *task);

/* ---- Done callbacks ----------------------------------------------------- */

/* The room's own: whoever is told of an end, at the end. */
typedef struct brio_done_hook {
    brio_link link;
    bool (*fn)(struct brio_done_hook *hook, int result, void *value);
} brio_done_hook;

/* Embedded by its owner; must stay in place until it ran or was removed. */
typedef struct brio_done_callback {
    void (*fn)(struct brio_done_callback *done); /* on the loop, outside tasks; must not suspend */
    brio_done_hook hook;                         /* the room's own from here */
    struct brio_loop *loop;
    brio_link *queue;                            /* where a future keeps those that are queued */
    struct __attribute__((may_alias)) brio_done_call { /* as brio_callback */
        void *prev, *next;
        void (*fn)(void *);
    } call;
} brio_done_callback;

/* ---- Future ------------------------------------------------------------- */

/* asyncio.Future: set once, looked at by many. In your memory. */
typedef struct brio_future {
    int result;        /* once done */
    uint8_t state;     /* the room's own from here */
    bool seen;
    void *value;
    brio_link hooks;   // brio_done_hook::link, while pending
    brio_link queued;  // brio_done_hook::link, of callbacks about to run
    struct brio_loop *loop;
} brio_future;

/* A pending future of the current loop. */
BRIO_API void brio_future_init(brio_future *future);
/* Takes done callbacks off that have not begun; waiters get BRIO_ECLOSED. An
 * error nobody looked at is reported as a task's would be. Before its loop is
 * freed. */
BRIO_API void brio_future_fini(brio_future *future);
/* Sets the result (>= 0, or an error) and a pointer of your own (borrowed; may
 * be NULL); wakes all. 0, or -EALREADY if it is done (asyncio's InvalidState). */
BRIO_API int brio_future_set(brio_future *future, int result, void *value);
/* Ends it as cancelled: waiters get -ECANCELED. False if it was done. */
BRIO_API bool brio_future_cancel(brio_future *future);
BRIO_API bool brio_future_done(const brio_future *future);
BRIO_API bool brio_future_cancelled(const brio_future *future);
/* Its result, which counts as looking at it; -EINPROGRESS while pending. The
 * pointer goes to *ret_value (may be NULL). */
BRIO_API int brio_future_result(brio_future *future, void **ret_value);
/* Suspends until done; returns as brio_future_result. Cancelling the waiter
 * cancels the future, as asyncio's await does: -ECANCELED. Shielded by
 * brio_future_wait, which leaves it pending then. */
BRIO_API int brio_future_await(brio_future *future, void **ret_value) BRIO_CHECKED;
BRIO_API int brio_future_wait(brio_future *future, void **ret_value) BRIO_CHECKED;

/* Calls done->fn after the future (the task) is done: never inside the call
 * that ended it, in the order added; at once queued if it is done already. */
BRIO_API void brio_future_on_done(brio_future *future, brio_done_callback *done);
BRIO_API void brio_task_on_done(brio_task *task, brio_done_callback *done);
/* Takes it off, also between ending and running. True if it will not run. */
BRIO_API bool brio_done_callback_remove(brio_done_callback *done);

/* ---- Waiting for several ------------------------------------------------ */

typedef enum brio_wait_mode { /* ORDER WAIT_MODE */
    BRIO_ALL_COMPLETED = 0,
    BRIO_FIRST_COMPLETED,
    BRIO_FIRST_EXCEPTION      /* the first error that is no cancellation; else all */
} brio_wait_mode;

/* asyncio.wait: suspends until as many of `n` tasks (acquired, or of an open
 * group) are done as `mode` says, or does not if they are; never cancels them.
 * ret_done[i] tells which are (may be NULL; filled on every return but the
 * first error). Returns their number; -EINVAL if n is 0; -ECANCELED, in a scope
 * whose deadline passed too; -ENOMEM. */
BRIO_API int brio_wait(brio_task *const *tasks, size_t n, brio_wait_mode mode,
                       bool *ret_done) BRIO_CHECKED;

/* asyncio.as_completed:
 *
 *     brio_completed c;
 *     brio_completed_init(&c, tasks, n);
 *     while (brio_completed_next(&c, &task) == 0)      // Suspends
 *         use(brio_task_result(task));
 *     brio_completed_fini(&c); */
typedef struct brio_completed {
    size_t left;       /* not given out yet */
    size_t n;          /* the room's own from here */
    struct brio_completed_task *tasks;
    brio_link ready;
    brio_waiter *waiter;
} brio_completed;

/* `tasks` as for brio_wait; the array is not kept. Memory comes from the
 * current task's arena. */
BRIO_API void brio_completed_init(brio_completed *completed, brio_task *const *tasks, size_t n);
/* Suspends until another one is done and gives it out, in order of completion.
 * 0; BRIO_ECLOSED after the last; -ECANCELED. */
BRIO_API int brio_completed_next(brio_completed *completed, brio_task **ret) BRIO_CHECKED;
BRIO_API void brio_completed_fini(brio_completed *completed);

/* ---- Task-locals -------------------------------------------------------- */

/* contextvars.ContextVar: a value per task. A new task begins with a copy of
 * its creator's; what it sets is seen by itself and its later children only.
 * Its address is the key: static const brio_local user = {"user", NULL}; */
typedef struct brio_local {
    const char *name; /* for people */
    void *initial;    /* where nothing was set */
} brio_local;

/* The current task's value; outside tasks that of the set in use on this
 * thread, else the initial one. */
BRIO_API void *brio_local_get(const brio_local *local);
/* Borrowed: must outlive the task and those it creates from now on. Aborts
 * outside a task or without memory. */
BRIO_API void brio_local_set(const brio_local *local, void *value);

/* A set of values as it is now: what carries them to a thread that works for a
 * task. Immutable: what the task sets later is not seen in it. */
typedef struct brio_locals brio_locals;
/* The current task's; outside tasks the one in use on this thread. NULL when
 * there is nothing in it; all three functions accept that. Any thread. */
BRIO_API brio_locals *brio_locals_acquire(void);
/* Makes brio_local_get read from `locals` (borrowed, until another is used) on
 * this thread, outside tasks. Returns the former: put it back afterwards. */
BRIO_API brio_locals *brio_locals_use(brio_locals *locals);
/* Any thread. */
BRIO_API void brio_locals_release(brio_locals *locals);

/* ---- From other threads ------------------------------------------------- */

/* concurrent.futures.Future of a task on a loop of another thread. */
typedef struct brio_thread_future brio_thread_future;

/* asyncio.run_coroutine_threadsafe: fn(arg) becomes a task of `loop`, with the
 * caller's task-locals. `arg` is borrowed until the task ended. The caller must
 * know that the loop lives until this returns. 0, -ENOMEM; an error in starting
 * it is the future's result: BRIO_EOVERLOAD, BRIO_ECLOSED when the loop's tasks
 * are being closed. In sim, hold the clock meanwhile (brio_loop_hold). */
BRIO_API int brio_run_coroutine_threadsafe(struct brio_loop *loop, brio_task_fn *fn, void *arg,
                                           brio_thread_future **ret) BRIO_CHECKED;
/* Blocks this thread (not a suspension: never on the loop's own, asserted)
 * until the task ended, or `timeout` ns passed (BRIO_NEVER waits): -ETIMEDOUT.
 * Else 0 and the task's result in *ret_result (may be NULL), with its error
 * detail for this thread; a loop that is closed answers, too. */
BRIO_API int brio_thread_future_wait(brio_thread_future *future, brio_time timeout,
                                     int *ret_result) BRIO_CHECKED;
/* Cancels the task (once, however often it is called); one that has not begun
 * never runs. Any thread; also when it has ended. */
BRIO_API void brio_thread_future_cancel(brio_thread_future *future);
/* Lets go of it; the task goes on. NULL is fine. */
BRIO_API void brio_thread_future_free(brio_thread_future *future);

#ifdef __cplusplus
}
#endif
#endif
