/* SPDX-License-Identifier: MIT
 *
 * The blocking detector: a thread that looks, four times per limit, whether a
 * loop is still in the turn it was in, and since when.
 *
 * It writes only what is the detector's own in a loop's record, and holds the
 * table's lock while it looks and while it asks for a stack, so the loop stays;
 * it reports after it let go, for a report may take long. In one round it tells
 * of one loop at most; others are due in the next, a quarter of a limit later. */
#include "trace/trace_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WINDOW BRIO_SEC(10) /* of lag_recent */

enum { DEFAULT_LIMIT_MS = 100 };

typedef struct detector {
    brio_detector_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    /* Of the round under way: */
    bool caught;
    brio_blocked blocked;
    brio_trace_snapshot snapshot;
} detector;

static pthread_mutex_t lifecycle = PTHREAD_MUTEX_INITIALIZER;
static detector *active;

/* ---- One look at one loop ------------------------------------------------ */

/* The gauge looks at two windows, the one under way and the one before. */
static void note_lag(brio_trace_loop *loop, brio_time now, brio_time took)
{
    brio_time past = now - loop->lag_window_since;
    if (past >= WINDOW) {
        __atomic_store_n(&loop->lag_recent, past < 2 * WINDOW ? loop->lag_window : 0,
                         __ATOMIC_RELAXED);
        loop->lag_window = 0;
        loop->lag_window_since = now;
    }
    if (took > loop->lag_window)
        loop->lag_window = took;
    if (took > loop->lag_recent)
        __atomic_store_n(&loop->lag_recent, took, __ATOMIC_RELAXED);
}

/* How long it must have been for the next report of this turn. */
static brio_time due_after(const detector *d, const brio_trace_loop *loop)
{
    if (!loop->reports)
        return d->options.limit;
    if (d->options.once || loop->reports > 30)
        return BRIO_NEVER;
    return d->options.limit > INT64_MAX >> loop->reports ? BRIO_NEVER
                                                         : d->options.limit << loop->reports;
}

/* A thread that does not answer is in the turn still, as far as one can see
 * from here; its task's record stays readable, its name perhaps not. */
static void catch_it(detector *d, brio_trace_loop *loop, brio_time since, brio_time took)
{
    brio_trace_snapshot_take(&d->snapshot, loop, since);
    const brio_trace_task *task = __atomic_load_n(&loop->running, __ATOMIC_RELAXED);
    if (__atomic_load_n(&loop->running_since, __ATOMIC_ACQUIRE) != since && !d->snapshot.whole)
        return;
    loop->reports++;
    d->caught = true;
    d->blocked = (brio_blocked){.task = task ? "a task" : "a callback", .for_ns = took};
    d->blocked.id = task ? task->id : 0;
    if (d->snapshot.whole) {
        d->blocked.task = d->snapshot.name;
        d->blocked.id = d->snapshot.id;
    }
}

static void look_at(brio_trace_loop *loop, void *arg)
{
    detector *d = arg;
    brio_time since = __atomic_load_n(&loop->running_since, __ATOMIC_ACQUIRE);
    brio_time now = brio_clock_monotonic(), took = since && now > since ? now - since : 0;
    note_lag(loop, now, took);
    if (took < d->options.limit)
        return;
    if (since != loop->slow_since) {
        loop->slow_since = since;
        loop->reports = 0;
        __atomic_store_n(&loop->slow_turns, loop->slow_turns + 1, __ATOMIC_RELAXED);
    }
    if (!d->caught && took >= due_after(d, loop))
        catch_it(d, loop, since, took);
}

/* ---- The watchdog ------------------------------------------------------- */

/* Sleeps a quarter of the limit; false: stop. */
static bool sleep_a_round(detector *d)
{
    brio_time until = brio_clock_monotonic() + d->options.limit / 4 + 1;
    struct timespec at = {.tv_sec = (time_t)(until / BRIO_SEC(1)),
                          .tv_nsec = (long)(until % BRIO_SEC(1))};
    pthread_mutex_lock(&d->lock);
    while (!d->stopping && pthread_cond_timedwait(&d->changed, &d->lock, &at) == 0)
        ;
    bool go_on = !d->stopping;
    pthread_mutex_unlock(&d->lock);
    return go_on;
}

static void *watch(void *arg)
{
    detector *d = arg;
    while (sleep_a_round(d)) {
        d->caught = false;
        brio_trace_loops_each(look_at, d);
        if (d->caught)
            brio_trace_report(&d->options, &d->blocked, d->snapshot.whole ? &d->snapshot : NULL);
    }
    return NULL;
}

/* ---- Start and stop ----------------------------------------------------- */

static void detector_init(detector *d, const brio_detector_options *options)
{
    pthread_condattr_t clock;
    if (options)
        d->options = *options;
    if (d->options.limit <= 0)
        d->options.limit = BRIO_MS(DEFAULT_LIMIT_MS);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&d->changed, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&d->lock, NULL);
}

static void detector_free(detector *d)
{
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* The thread takes no signals: they are for the program's. */
static int start_thread(detector *d)
{
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    int rc = pthread_create(&d->thread, NULL, watch, d);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return -rc;
}

static void before_fork(void)
{
    pthread_mutex_lock(&lifecycle);
}

static void after_fork_parent(void)
{
    pthread_mutex_unlock(&lifecycle);
}

/* Only the memory came along; the thread's own locks may be held: not ours. */
static void after_fork_child(void)
{
    if (active) {
        brio_trace_snapshot_close();
        brio_trace_want(BRIO_TRACE_DETECTOR, false);
        free(active);
        active = NULL;
    }
    pthread_mutex_unlock(&lifecycle);
}

static void once_per_process(void)
{
    brio_trace_watch_forks();
    int rc = pthread_atfork(before_fork, after_fork_parent, after_fork_child);
    BRIO_ASSERT(rc == 0);
}

static int start(detector *d)
{
    int rc = brio_trace_snapshot_open();
    if (rc < 0)
        return rc;
    rc = start_thread(d);
    if (rc < 0) {
        brio_trace_snapshot_close();
        return rc;
    }
    active = d;
    brio_trace_want(BRIO_TRACE_DETECTOR, true);
    return 0;
}

int brio_detector_start(const brio_detector_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, once_per_process);
    detector *d = brio_zalloc(1, sizeof(*d));
    if (!d)
        return -ENOMEM;
    detector_init(d, options);
    pthread_mutex_lock(&lifecycle);
    int rc = active ? -EALREADY : start(d);
    pthread_mutex_unlock(&lifecycle);
    if (rc < 0)
        detector_free(d);
    return rc;
}

void brio_detector_stop(void)
{
    pthread_mutex_lock(&lifecycle);
    detector *d = active;
    active = NULL;
    if (d) {
        pthread_mutex_lock(&d->lock);
        d->stopping = true;
        pthread_cond_signal(&d->changed);
        pthread_mutex_unlock(&d->lock);
        pthread_join(d->thread, NULL);
        brio_trace_want(BRIO_TRACE_DETECTOR, false);
        brio_trace_snapshot_close();
        detector_free(d);
        brio_trace_self_close();
    }
    pthread_mutex_unlock(&lifecycle);
}

/* ---- What the shim saw --------------------------------------------------- */

enum { SITES = 1024 }; /* a power of two */

/* True the first time for this pc; true always once the table is full. */
static bool is_new_site(const void *pc)
{
    static const void *sites[SITES];
    size_t at = ((uintptr_t)pc * UINT64_C(0x9E3779B97F4A7C15)) >> 54;
    for (size_t i = 0; i < SITES; i++, at = (at + 1) % SITES) {
        const void *none = NULL;
        if (__atomic_compare_exchange_n(&sites[at], &none, pc, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return true;
        if (none == pc)
            return false;
    }
    return true;
}

typedef struct sighting {
    brio_detector_options options;
    brio_blocked blocked;
    const void *pc;
} sighting;

static void *tell_sighting(void *arg)
{
    sighting *s = arg;
    brio_trace_report_site(&s->options, &s->blocked, s->pc);
    return NULL;
}

/* Reading debug info takes more stack than a task has: on another thread. */
static bool tell_apart(sighting *s)
{
    pthread_mutex_lock(&lifecycle);
    if (active)
        s->options = active->options;
    pthread_mutex_unlock(&lifecycle);
    pthread_t thread;
    if (pthread_create(&thread, NULL, tell_sighting, s) != 0)
        return false;
    pthread_join(thread, NULL);
    return true;
}

static bool report_call(const brio_trace_task *task, const char *call, const char *advice,
                        const void *pc, bool held)
{
    if (!task || !is_new_site(pc))
        return false;
    sighting s = {.pc = pc};
    s.blocked = (brio_blocked){.task = task->name ? task->name : "task",
                               .id = task->id,
                               .call = brio_str_from(call),
                               .advice = advice,
                               .held = held};
    return tell_apart(&s);
}

bool brio_trace_blocking(const char *call, const char *advice, const void *pc)
{
    return report_call(brio_trace_running(), call, advice, pc, false);
}

bool brio_trace_held(const brio_trace_task *task, const char *call, const char *advice,
                     const void *pc)
{
    return report_call(task, call, advice, pc, true);
}
