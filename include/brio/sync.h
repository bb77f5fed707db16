/* SPDX-License-Identifier: MIT
 *
 * brio/sync.h: what tasks of one loop share: lock, event, condition,
 * semaphore, barrier, capacity limiter. Part of <brio/task.h>.
 *
 *     static brio_lock lock = BRIO_LOCK_INIT;
 *     BRIO_WITH_LOCK(&lock) {                  // Suspends
 *         balance = balance - amount;          // skipped if cancelled while waiting
 *     }
 *
 * All are strictly FIFO without barging: what is given back belongs to the
 * first waiter from that moment on. What was handed to a task that is being
 * cancelled in the same turn goes to the next. Open structs in your memory,
 * nothing to give back; they stay in place, and go when nobody waits. For the
 * tasks (and callbacks) of one loop. What suspends is for tasks (asserted), and
 * where it need not wait it does not, but is a cancellation point all the same.
 * The semantics are asyncio's, and trio's for the limiter. */
#ifndef BRIO_SYNC_H
#define BRIO_SYNC_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Blocks that hold something ----------------------------------------- */

/* What a BRIO_WITH_... block holds; on its stack. Given back when the block is
 * left, on every way out, and when the task is abandoned inside it. */
typedef struct brio_held {
    struct brio_held *outer;   /* the room's own */
    void (*leave)(void *what); /* NULL: nothing to give back */
    void *what;
} brio_held;

/* Notes that the current task's innermost block ends with leave(what) (NULL:
 * with nothing). Returns `held`. */
BRIO_API brio_held *brio_held_begin(brio_held *held, void (*leave)(void *what), void *what);
/* Takes the note back, and leaves. One that ends with nothing has no end. */
BRIO_API void brio_held_end(brio_held *held);
/* The macros': at the end of the block. */
static inline void brio_held_cleanup(brio_held *held)
{
    if (held->leave)
        brio_held_end(held);
}

/* `async with` what has an X_enter(held, what); `id` makes names that nest. */
#define BRIO_WITH_OF(enter, arg, id) BRIO_WITH_BLOCK(enter, arg, id)
#define BRIO_WITH_BLOCK(enter, arg, id)                                                \
    for (brio_held brio_with_##id __attribute__((cleanup(brio_held_cleanup))),         \
         *brio_once_##id = enter(&brio_with_##id, arg);                                \
         brio_once_##id; brio_once_##id = NULL)

/* ---- Lock --------------------------------------------------------------- */

/* asyncio.Lock, but it knows its owner: taking it twice is an error, not a
 * deadlock, and `brio tree` shows who waits for whom. */
typedef struct brio_lock {
    uint64_t owner;    /* id of the task that has it; UINT64_MAX: a callback; 0: free */
    brio_link waiters; // brio_waiter::link
} brio_lock;

#define BRIO_LOCK_INIT {0, {0, 0}}
/* The same for one that is not static: free. */
BRIO_API void brio_lock_init(brio_lock *lock);
/* Suspends until the lock is the caller's. 0, -ECANCELED (it is not),
 * -EDEADLK if the caller has it already. */
BRIO_API int brio_lock_acquire(brio_lock *lock) BRIO_CHECKED;
/* True, and it is the caller's, if it was free. Never suspends; any code of the
 * loop. What a callback took, any callback may release, and no task. */
BRIO_API bool brio_lock_try(brio_lock *lock);
/* Passes it to the first waiter. Returns 0, or -EPERM if it is not locked or
 * another task has it. */
BRIO_API int brio_lock_release(brio_lock *lock);
static inline bool brio_lock_locked(const brio_lock *lock) { return lock->owner != 0; }

/* The macro's: NULL if cancelled, and then the next suspending call is told. */
BRIO_API brio_held *brio_lock_enter(brio_held *held, brio_lock *lock);

/* `async with lock:` Runs the block with the lock and releases it on every way
 * out. If the wait is cancelled the block is skipped; the caller's next
 * suspending call is told again. Having the lock already is an error (asserted). */
#define BRIO_WITH_LOCK(lock) BRIO_WITH_OF(brio_lock_enter, lock, __COUNTER__)

/* ---- Event -------------------------------------------------------------- */

/* asyncio.Event. */
typedef struct brio_event {
    bool is_set;
    brio_link waiters; // brio_waiter::link
} brio_event;

#define BRIO_EVENT_INIT {false, {0, 0}}
/* The same for one that is not static: not set. */
BRIO_API void brio_event_init(brio_event *event);
/* Suspends until it is set. Everyone who waits when it is set returns 0, even
 * if it is cleared before they run. 0 or -ECANCELED. */
BRIO_API int brio_event_wait(brio_event *event) BRIO_CHECKED;
/* Wakes all, in the order they came. set and clear: any code of the loop. */
BRIO_API void brio_event_set(brio_event *event);
static inline void brio_event_clear(brio_event *event) { event->is_set = false; }

/* ---- Condition ---------------------------------------------------------- */

/* asyncio.Condition; BRIO_WITH_LOCK(condition.lock) is its `async with`. */
typedef struct brio_condition {
    brio_lock *lock;   /* borrowed */
    brio_link waiters; // brio_waiter::link
} brio_condition;

#define BRIO_CONDITION_INIT(lock) {(lock), {0, 0}}
/* `lock` is borrowed, and may serve several conditions. */
BRIO_API void brio_condition_init(brio_condition *condition, brio_lock *lock);
/* Releases the lock, suspends until notified, and has the lock again on every
 * return. 0; -ECANCELED (the lock is the caller's all the same; a notification
 * it had got goes to the next waiter); -EPERM without the lock. Wake-ups may
 * be spurious: look again. */
BRIO_API int brio_condition_wait(brio_condition *condition) BRIO_CHECKED;
/* Waits until predicate(arg) is true; it is called with the lock held, and must
 * not suspend. Returns as wait does. */
BRIO_API int brio_condition_wait_for(brio_condition *condition, bool (*predicate)(void *arg),
                                     void *arg) BRIO_CHECKED;
/* Wakes the first `n` waiters, or all; each goes on when it has the lock. 0, or
 * -EPERM without the lock. */
BRIO_API int brio_condition_notify(brio_condition *condition, size_t n);
BRIO_API int brio_condition_notify_all(brio_condition *condition);

/* ---- Semaphore ---------------------------------------------------------- */

/* asyncio.Semaphore: strictly FIFO, also when permits are free while tasks
 * queue. `value` is the number of free permits. */
typedef struct brio_semaphore {
    size_t value;
    size_t bound;      /* BoundedSemaphore: never more than that; SIZE_MAX otherwise */
    brio_link waiters; // brio_waiter::link
} brio_semaphore;

#define BRIO_SEMAPHORE_INIT(value) {(value), SIZE_MAX, {0, 0}}
/* `value` permits to begin with. */
BRIO_API void brio_semaphore_init(brio_semaphore *sem, size_t value);
/* asyncio.BoundedSemaphore: releasing more than was acquired is an error. */
BRIO_API void brio_semaphore_init_bounded(brio_semaphore *sem, size_t value);
/* Suspends until a permit is the caller's. 0 or -ECANCELED (no permit taken). */
BRIO_API int brio_semaphore_acquire(brio_semaphore *sem) BRIO_CHECKED;
/* Takes a permit if one is free and nobody waits; never suspends. Any code of
 * the loop. */
BRIO_API bool brio_semaphore_try(brio_semaphore *sem);
/* Gives a permit back; the first waiter has it from now on. Any code of the
 * loop. 0, or -EOVERFLOW beyond the bound (nothing changed). */
BRIO_API int brio_semaphore_release(brio_semaphore *sem);
/* True if acquire would wait. */
static inline bool brio_semaphore_locked(const brio_semaphore *sem) { return sem->value == 0; }

/* The macro's: as brio_lock_enter. */
BRIO_API brio_held *brio_semaphore_enter(brio_held *held, brio_semaphore *sem);

/* `async with semaphore:` as BRIO_WITH_LOCK. */
#define BRIO_WITH_PERMIT(sem) BRIO_WITH_OF(brio_semaphore_enter, sem, __COUNTER__)

/* ---- Barrier ------------------------------------------------------------ */

/* asyncio.Barrier. */
typedef struct brio_barrier {
    size_t parties;
    size_t arrived;    /* of them, tasks that wait for the others (n_waiting) */
    size_t draining;   /* the room's own from here: passed, and have not run yet */
    bool broken;
    brio_link waiters; // brio_waiter::link: for the others
    brio_link outside; // brio_waiter::link: for the former round to be gone
} brio_barrier;

/* 1 ... INT_MAX `parties` (asserted) meet. */
BRIO_API void brio_barrier_init(brio_barrier *barrier, size_t parties);
/* Suspends until `parties` tasks wait, newcomers also while a former round
 * drains; the last to come does not. Returns 0 ... parties-1 in order of
 * arrival, each once a round; -ECANCELED (one fewer waits; the barrier is not
 * broken); -EPIPE when it was reset or is broken (asyncio's BrokenBarrierError).
 * Whoever passed has passed: what is cancelled, reset or aborted after the last
 * one came changes nothing for this round, and the next suspending call tells. */
BRIO_API int brio_barrier_wait(brio_barrier *barrier) BRIO_CHECKED;
/* Waiters get -EPIPE; then it is as new. */
BRIO_API void brio_barrier_reset(brio_barrier *barrier);
/* Waiters, and all who come before the next reset, get -EPIPE. */
BRIO_API void brio_barrier_abort(brio_barrier *barrier);
/* True between abort and reset. reset and abort: any code of the loop. */
BRIO_API bool brio_barrier_broken(const brio_barrier *barrier);

/* ---- Capacity limiter --------------------------------------------------- */

/* trio.CapacityLimiter: a semaphore that knows who borrowed, whose total can
 * be changed, and which refuses to lend twice to one borrower. */
typedef struct brio_limiter {
    size_t total;      /* tokens there are; SIZE_MAX is no limit */
    size_t borrowed;   /* may be more than total for a while */
    brio_link waiters; // brio_waiter::link
} brio_limiter;

#define BRIO_LIMITER_INIT(total) {(total), 0, {0, 0}}
/* The same for one that is not static: `total` tokens, none lent. */
BRIO_API void brio_limiter_init(brio_limiter *limiter, size_t total);
/* Suspends until a token is free. 0; -ECANCELED (none was taken); -EDEADLK if
 * the calling task has one already. A task that ends with a token gives it
 * back, with a warning, so the limiter outlives those who borrow. */
BRIO_API int brio_limiter_acquire(brio_limiter *limiter) BRIO_CHECKED;
/* The same for a task that would rather not wait: -EAGAIN. Never suspends. */
BRIO_API int brio_limiter_try(brio_limiter *limiter) BRIO_CHECKED;
/* 0, or -EPERM if the calling task has none. */
BRIO_API int brio_limiter_release(brio_limiter *limiter);
/* More wakes waiters; fewer takes effect as tokens come back. Any code of the loop. */
BRIO_API void brio_limiter_set_total(brio_limiter *limiter, size_t total);

/* The macro's: as brio_lock_enter. */
BRIO_API brio_held *brio_limiter_enter(brio_held *held, brio_limiter *limiter);

/* `async with limiter:` as BRIO_WITH_LOCK. */
#define BRIO_WITH_TOKEN(limiter) BRIO_WITH_OF(brio_limiter_enter, limiter, __COUNTER__)

/* ---- Any pair of enter and leave ---------------------------------------- */

/* `async with`: runs enter(arg), which may suspend, and if that is >= 0 the
 * block and then leave(arg), on every way out of it; see BRIO_WITH. */
typedef struct brio_manager {
    int (*enter)(void *arg);
    void (*leave)(void *arg);
} brio_manager;

/* The macro's: enter's result goes to *ret_rc; NULL if that is an error. */
BRIO_API brio_held *brio_manager_enter(brio_held *held, const brio_manager *manager, void *arg,
                                       int *ret_rc);

/*     static const brio_manager transaction = {begin, end};
 *     BRIO_WITH(&transaction, &tx, rc) { ... }
 *     if (rc < 0) ...                          // begin's result */
#define BRIO_WITH(manager, arg, rc) BRIO_WITH_MANAGED(manager, arg, rc, __COUNTER__)
#define BRIO_WITH_MANAGED(manager, arg, rc, id) BRIO_WITH_MANAGED_BLOCK(manager, arg, rc, id)
#define BRIO_WITH_MANAGED_BLOCK(manager, arg, rc, id)                                  \
    for (brio_held brio_with_##id __attribute__((cleanup(brio_held_cleanup))),         \
         *brio_once_##id = brio_manager_enter(&brio_with_##id, manager, arg, &(rc));   \
         brio_once_##id; brio_once_##id = NULL)

#ifdef __cplusplus
}
#endif
#endif
