/* SPDX-License-Identifier: MIT
 *
 * brio/flow.h: how often and how long: retry, rate limit, measure. Part of
 * <brio/task.h>.
 *
 *     brio_retry policy = {.attempts = 5, .delay = BRIO_MS(100)};
 *     rc = brio_retry_call(&policy, fetch, &page);     // Suspends */
#ifndef BRIO_FLOW_H
#define BRIO_FLOW_H

#include <brio/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Retry -------------------------------------------------------------- */

/* A value: keep it const and share it. */
typedef struct brio_retry {
    unsigned attempts;   /* in all; 0 means 3 */
    brio_time delay;     /* before the second, ns; 0 means 100 ms, < 0 none */
    brio_time max_delay; /* ns; 0 means 30 s */
    double factor;       /* of each further delay; 0 means 2, 1 keeps it */
    double jitter;       /* share of the delay drawn at random, 0 ... 1: 0.5 waits between half and all of it */
    /* Is the error of attempt 1, 2, ... worth another? NULL means all but
     * -EINVAL are. Where not, it is returned at once. A -ECANCELED never is. */
    bool (*again)(int err, unsigned attempt, void *arg);
    void *arg;           /* borrowed, for `again` */
} brio_retry;

/* Calls fn(arg) until it returns >= 0, attempts are used up or an error is not
 * worth another; sleeps in between. Returns its last result, or -ECANCELED.
 * Suspends. `policy` NULL means the defaults. A deadline for it all is a scope
 * around it; for one attempt, brio_wait_for in `fn`. */
BRIO_API int brio_retry_call(const brio_retry *policy, brio_task_fn *fn, void *arg) BRIO_CHECKED;
/* The pause before attempt `attempt` (2, 3, ...), ns; jitter drawn from the
 * loop's random numbers, none outside a loop. */
BRIO_API brio_time brio_retry_delay(const brio_retry *policy, unsigned attempt);

/* ---- Rate limiter ------------------------------------------------------- */

typedef struct brio_rate_options {
    size_t concurrent; /* at most so many at once; 0 means no limit */
    double per_second; /* and at most so many begin per second; 0 means no limit */
    size_t burst;      /* so many may begin at once after a pause (concurrent permitting); 0 means 1 */
} brio_rate_options;

/* N at once, and at most R per second; FIFO (GCRA, so no timer while idle). */
typedef struct brio_rate {
    brio_rate_options o; /* the room's own from here */
    brio_semaphore slots;
    brio_lock turn;
    size_t waiting;
    brio_time interval, tolerance, next;
} brio_rate;

/* `options` are copied; NULL means no limit. Nothing to give back. */
BRIO_API void brio_rate_init(brio_rate *rate, const brio_rate_options *options);
/* Suspends until it is the caller's turn. 0, or -ECANCELED (it did not count). */
BRIO_API int brio_rate_acquire(brio_rate *rate) BRIO_CHECKED;
/* Ends what acquire began (once: asserted). Any code of the loop. */
BRIO_API void brio_rate_release(brio_rate *rate);
/* How long a caller would have to wait now for the rate alone, behind those who
 * wait already, ns. */
BRIO_API brio_time brio_rate_wait_ns(const brio_rate *rate);

/* The macro's: as brio_lock_enter. */
BRIO_API brio_held *brio_rate_enter(brio_held *held, brio_rate *rate);

/* Runs the block in its turn; skipped if the wait is cancelled. */
#define BRIO_WITH_RATE(rate) BRIO_WITH_OF(brio_rate_enter, rate, __COUNTER__)

/* ---- Measure ------------------------------------------------------------ */

/* What a block took. */
typedef struct brio_measured {
    brio_time wall; /* ns; by the virtual clock in sim */
    brio_time cpu;  /* ns on the processor; other tasks that ran meanwhile are not counted */
    brio_time wall_began, cpu_began; /* the room's own from here */
    brio_held held;
} brio_measured;

/* For blocks with no end in sight: end, in the same task, after begin. Outside
 * tasks `cpu` is the thread's. While anything is measured each turn of a task
 * costs two more readings of the processor clock. */
BRIO_API void brio_measure_begin(brio_measured *measured);
BRIO_API void brio_measure_end(brio_measured *measured);

/* Declares `name` (it stands where a declaration may) and measures the block:
 *
 *     BRIO_MEASURE(spent)
 *         rc = report();
 *     brio_log(BRIO_LOG_INFO, "%lld ms", (long long)(spent.wall / BRIO_MS(1))); */
#define BRIO_MEASURE(name)                                                                 \
    brio_measured name;                                                                    \
    for (brio_measured *name##_in __attribute__((cleanup(brio_measure_cleanup))) =         \
             brio_measure_enter(&name),                                                    \
             *name##_once = name##_in;                                                     \
         name##_once; name##_once = NULL)
/* The macro's. */
BRIO_API brio_measured *brio_measure_enter(brio_measured *measured);
static inline void brio_measure_cleanup(brio_measured **measured)
{
    brio_held_end(&(*measured)->held);
}

#ifdef __cplusplus
}
#endif
#endif
