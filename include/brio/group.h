/* SPDX-License-Identifier: MIT
 *
 * brio/group.h: tasks that begin and end together: groups, and gather on top.
 * Part of <brio/task.h>.
 *
 *     Fetch a = {...}, b = {...};    // before the block: they must outlive it
 *     BRIO_GROUP(g, .scope.timeout = BRIO_SEC(5)) {
 *         brio_spawn(&g, fetch, &a);
 *         brio_spawn(&g, fetch, &b);
 *     }                              // joined here, on every way out
 *     if (g.err < 0) ...
 *
 * A group ends when its last task has ended, so nobody is left behind. */
#ifndef BRIO_GROUP_H
#define BRIO_GROUP_H

#include <brio/sync.h>
#include <brio/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Groups: structured concurrency ------------------------------------- */

typedef enum brio_policy { /* ORDER POLICY */
    BRIO_FAIL_FAST = 0,    /* the first failure cancels the siblings (TaskGroup) */
    BRIO_SUPERVISE,        /* siblings go on; the group fails with the first error */
    BRIO_RACE,             /* the first success cancels the others */
    BRIO_COLLECT           /* siblings go on, and failures are data: the group succeeds */
} brio_policy;

enum { BRIO_FAILURES_MAX = 16 }; /* kept of one group */

struct brio_group {
    brio_policy policy;   /* option */
    size_t max_in_flight; /* option: spawning beyond suspends; 0 means no limit */
    bool discard;         /* option: forget a task when it ends, for groups that spawn
                             for ever; its pointer is then valid only until it ends */
    int err;              /* outcome: the first failure, or 0; a race's is 0 if one succeeded */
    size_t failed, done;  /* outcome: counts; a cancelled task is done, not failed */
    const brio_failure *failures; /* outcome: the first of the `failed`, in order of time, at most
                             BRIO_FAILURES_MAX (NULL if none, or without memory). Valid until the
                             task that opened the group ends, or opens another at the same place,
                             as a loop does */
    brio_scope scope;     /* its timeout, deadline and shield are options, too */
    bool entered;         /* the runtime's own from here */
    bool won;
    bool strict;          /* a cancelled task is a failure (gather) */
    int requests, told;
    size_t live;
    size_t spawning; /* tasks that wait for a slot */
    brio_link tasks; // brio_task::group_link
    brio_semaphore slots;
    brio_waiter *joiner;
    brio_task *culprit;  /* whose failure `err` is */
    brio_link culprits;  // brio_task::group_link, of `failures`; once `failed` > 0
};

typedef struct brio_group_options {
    brio_policy policy;
    size_t max_in_flight;
    bool discard;
    brio_scope_options scope;
    bool none; /* means nothing */
} brio_group_options;

/* Sets options and forgets outcomes. Returns `group`. */
static inline brio_group *brio_group_set(brio_group *group, brio_group_options options)
{
    group->policy = options.policy;
    group->max_in_flight = options.max_in_flight;
    group->discard = options.discard;
    group->strict = group->entered = false;
    brio_scope_set(&group->scope, options.scope);
    return group;
}

/* Opens `group` for the current task and returns it. Its scope covers the
 * caller's block, too: a failing child fails the caller's suspending calls. */
BRIO_API brio_group *brio_group_enter(brio_group *group);
/* Suspends until every task of the group ended. Returns err (and the error
 * detail of that failure is the caller's then); else -ECANCELED if the caller
 * itself was cancelled since it entered (the children are cancelled then, and
 * awaited still). With both, err is returned and the caller's next suspending
 * call is told of the cancellation. Left as a block, the result is in group.err. */
BRIO_API int brio_group_leave(brio_group *group);
/* Cancels all tasks of the group, those still to come included. */
BRIO_API void brio_group_cancel(brio_group *group);

/* The macro's: leaves at the end of the block. */
static inline void brio_group_cleanup(brio_group **group)
{
    if (*group)
        (void)brio_group_leave(*group);
}

/* Declares a group and runs the block inside it, joined however the block is
 * left (it stands where a declaration may). What follows the name are options:
 * members of brio_group_options. What is declared inside the block is gone when
 * its tasks are joined: their arguments belong before it, or into
 * brio_task_arena(). */
#define BRIO_GROUP(...) BRIO_GROUP_WITH(__VA_ARGS__, .none = false)
#define BRIO_GROUP_WITH(name, ...)                                                           \
    brio_group name;                                                                         \
    for (brio_group *name##_in __attribute__((cleanup(brio_group_cleanup))) =                \
             brio_group_enter(brio_group_set(&name, (brio_group_options){__VA_ARGS__})),     \
             *name##_once = name##_in;                                                       \
         name##_once; name##_once = NULL)

/* Starts fn(arg) in the group, on the next turn of the loop. `arg` is borrowed
 * until the group ends. From the owner, any other task or a loop callback, as
 * long as the owner has not left; who waits for max_in_flight keeps the group
 * from ending.
 * Returns NULL when the group is cancelled or max_tasks is reached (group.err
 * tells: -ECANCELED or BRIO_EOVERLOAD; 0 when a race is won), or the caller is cancelled while it
 * waits (its next suspending call tells). Suspends only for max_in_flight; a
 * loop callback gets BRIO_EOVERLOAD instead. */
BRIO_API brio_task *brio_spawn(brio_group *group, brio_task_fn *fn, void *arg);
BRIO_API brio_task *brio_spawn_with(brio_group *group, brio_task_fn *fn, void *arg,
                                    const brio_task_options *options);
/* trio's nursery.start: spawns, and suspends until the child called
 * brio_task_started(value), which *ret_value receives (NULL: not wanted).
 * Returns 0; the child's error, or BRIO_ECLOSED, if it ended before that (the
 * group is told of its failure as usual); -ECANCELED (the child is cancelled
 * and awaited, unless it had started); BRIO_EOVERLOAD. */
BRIO_API int brio_spawn_started(brio_group *group, brio_task_fn *fn, void *arg,
                                int *ret_value) BRIO_CHECKED;
/* In the child: "I serve now". Harmless if nobody waits for it. */
BRIO_API void brio_task_started(int value);

/* ---- gather ------------------------------------------------------------- */

typedef struct brio_call {
    brio_task_fn *fn;
    void *arg;
    int result; /* out */
} brio_call;

/* asyncio.gather: runs all calls concurrently, results in place. Suspends
 * until all have ended. Returns 0, or the failure that came first in time; a
 * failure does not cancel the others. Unlike asyncio it never returns while a
 * call still runs, since arguments usually live on the caller's stack.
 * Cancelling the caller cancels all, awaits them and returns -ECANCELED. */
BRIO_API int brio_gather_n(brio_call *calls, size_t n) BRIO_CHECKED;
/* gather(return_exceptions=True): the same, but errors are only data: returns
 * 0 when all have ended, or -ECANCELED if the caller was cancelled. */
BRIO_API int brio_gather_results(brio_call *calls, size_t n) BRIO_CHECKED;
/* A fixed list whose results, beyond the first failure, are not wanted:
 * brio_gather({fetch, &a}, {fetch, &b}). */
typedef struct brio_start {
    brio_task_fn *fn;
    void *arg;
} brio_start;
BRIO_API int brio_gather_list(const brio_start *calls, size_t n) BRIO_CHECKED;
#define brio_gather(...)                                          \
    brio_gather_list((const brio_start[]){__VA_ARGS__},           \
                     sizeof((const brio_start[]){__VA_ARGS__}) / sizeof(brio_start))
/* An element of such a list, or of an array of brio_call. */
#define BRIO_CALL(f, a) {.fn = (f), .arg = (a)}
/* The same function over an array of `n` arguments, each `size` bytes. */
BRIO_API int brio_gather_map(brio_task_fn *fn, void *args, size_t n, size_t size) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
