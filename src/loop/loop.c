/* SPDX-License-Identifier: MIT
 *
 * The loop: a turn is poll, posted callbacks, due timers, then queued
 * callbacks.
 *
 * Queued callbacks run in snapshots: what they queue runs after all that was
 * queued before. Small snapshots run one after the other without asking the
 * kernel in between (a system call is dearer than a callback); after
 * BRIO_LOOP_BUDGET callbacks the loop polls even in the middle of a snapshot,
 * so neither a busy ring of tasks nor a huge batch starves I/O. The loop owns
 * its back end; callbacks belong to their owners. */
#include "loop/internal.h"

#include <brio/trace.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { CHUNK_DEFAULT = 16 * 1024 };

static _Thread_local brio_loop *current __attribute__((tls_model("initial-exec")));

/* ---- The queue ---------------------------------------------------------- */

static void ring_init(brio_callback *head)
{
    head->prev = head->next = head;
}

static bool ring_empty(const brio_callback *head)
{
    return head->next == head;
}

brio_ready *brio_loop_ready(brio_loop *loop)
{
    return &loop->ready;
}

/* asyncio's "non-thread-safe operation": names the caller, then stops, since
 * going on would spoil the queue under the loop's feet. */
__attribute__((cold, noinline)) void brio_loop_wrong_thread(const brio_loop *loop,
                                                            const void *caller)
{
    char where[256];
    if (pthread_equal(loop->thread, pthread_self()))
        return;
    (void)brio_trace_symbol(caller, where, sizeof where);
    fprintf(stderr,
            "brio: the loop was used from another thread (only brio_loop_post, "
            "brio_loop_call_threadsafe and brio_loop_stop may be), by %s\n",
            where);
    abort();
}

void brio_loop_set_debug(brio_loop *loop, bool on)
{
    loop->debug = on;
}

void brio_loop_call_soon(brio_loop *loop, brio_callback *cb)
{
    BRIO_LOOP_CHECK_THREAD(loop);
    BRIO_ASSERT(!brio_callback_queued(cb));
    brio_ready_append(&loop->ready, cb);
}

void brio_loop_call_cancel(brio_loop *loop, brio_callback *cb)
{
    BRIO_LOOP_CHECK_THREAD(loop);
    brio_ready *ready = &loop->ready;
    if (!brio_callback_queued(cb))
        return;
    if (cb == ready->last)
        ready->last = cb->prev == &ready->head ? NULL : cb->prev;
    cb->prev->next = cb->next;
    cb->next->prev = cb->prev;
    cb->prev = NULL;
}

bool brio_loop_idle(const brio_loop *loop)
{
    return ring_empty(&loop->ready.head) &&
           !atomic_load_explicit(&loop->posted, memory_order_relaxed);
}

static size_t ring_to_array(brio_loop *loop)
{
    size_t n = 0;
    for (brio_callback *cb = loop->ready.head.next; cb != &loop->ready.head; cb = cb->next) {
        if (n == loop->shuffle_cap) {
            loop->shuffle_cap = n ? 2 * n : 64;
            loop->shuffle =
                brio_must_realloc(loop->shuffle, loop->shuffle_cap * sizeof(*loop->shuffle));
        }
        loop->shuffle[n++] = cb;
    }
    return n;
}

/* Fisher and Yates, by the loop's own numbers: the seed replays the order. */
static void ring_shuffle(brio_loop *loop)
{
    size_t n = ring_to_array(loop);
    ring_init(&loop->ready.head);
    for (; n > 0; n--) {
        size_t pick = (size_t)(brio_loop_random(loop) % n);
        brio_ready_append(&loop->ready, loop->shuffle[pick]);
        loop->shuffle[pick] = loop->shuffle[n - 1];
    }
}

/* All that is queued now; what comes later stands behind `last`. */
static void snapshot(brio_loop *loop)
{
    BRIO_ASSERT(!loop->ready.last);
    if (loop->random_order)
        ring_shuffle(loop);
    loop->ready.last = loop->ready.head.prev;
}

static void run_first(brio_loop *loop)
{
    brio_ready *ready = &loop->ready;
    brio_callback *cb = ready->head.next;
    if (cb == ready->last)
        ready->last = NULL;
    ready->left--;
    ready->head.next = cb->next;
    cb->next->prev = &ready->head;
    cb->prev = NULL;
    cb->fn(cb);
}

static int run_queued(brio_loop *loop)
{
    brio_ready *ready = &loop->ready;
    ready->left = BRIO_LOOP_BUDGET;
    while (ready->left > 0) {
        if (!ready->last) {
            bool ran = ready->left < BRIO_LOOP_BUDGET;
            if (ring_empty(&ready->head) || (ran && atomic_load(&loop->stopping)))
                break;
            snapshot(loop);
        }
        run_first(loop);
    }
    return BRIO_LOOP_BUDGET - ready->left;
}

/* ---- Turning ------------------------------------------------------------ */

brio_time brio_loop_next_deadline(const brio_loop *loop)
{
    if (!brio_loop_idle(loop))
        return loop->now;
    return brio_loop_timers_next((brio_loop *)(uintptr_t)loop); /* sorting is no change of it */
}

static brio_time wait_until(brio_loop *loop, brio_time deadline)
{
    if (deadline <= 0 || !brio_loop_idle(loop) || !brio_loop_post_sleep(loop))
        return 0;
    brio_time next = brio_loop_next_deadline(loop);
    return next < deadline ? next : deadline;
}

void brio_loop_busy(brio_loop *loop)
{
    if (BRIO_UNLIKELY(brio_trace_wants(BRIO_TRACE_DETECTOR)))
        __atomic_store_n(loop->busy_since, brio_clock_monotonic(), __ATOMIC_RELEASE);
}

void brio_loop_tell_busy(brio_loop *loop, brio_time *since)
{
    loop->busy_since = since ? since : &loop->unwatched;
}

static int run_callbacks(brio_loop *loop)
{
    loop->turn++;
    brio_loop_update(loop);
    brio_loop_busy(loop);
    brio_loop_post_drain(loop);
    int fired = brio_loop_timers_fire(loop);
    return fired + run_queued(loop);
}

static int turn(brio_loop *loop, brio_time deadline)
{
    int events = loop->ops->poll(loop, wait_until(loop, deadline));
    atomic_store_explicit(&loop->asleep, false, memory_order_relaxed);
    int ran = events < 0 ? 0 : run_callbacks(loop);
    if (BRIO_UNLIKELY(*loop->busy_since)) /* whether or not a detector is on still */
        __atomic_store_n(loop->busy_since, 0, __ATOMIC_RELEASE);
    return events < 0 ? events : events + ran;
}

static brio_loop *begin(brio_loop *loop)
{
    BRIO_ASSERT(!loop->running);
    loop->running = true;
    brio_loop *outer = current;
    current = loop;
    atomic_store(&loop->asleep, false);
    return outer;
}

/* From here on a post must show on brio_loop_fd(). */
static void end(brio_loop *loop, brio_loop *outer)
{
    if (!brio_loop_post_sleep(loop))
        brio_loop_wake(loop);
    loop->running = false;
    current = outer;
}

int brio_loop_run_once(brio_loop *loop, brio_time deadline)
{
    brio_loop *outer = begin(loop);
    int rc = turn(loop, deadline);
    if (rc >= 0 && loop->ops->rest && loop->ops->rest(loop) < 0)
        brio_log(BRIO_LOG_ERROR, "the loop could not submit its work");
    end(loop, outer);
    return rc;
}

int brio_loop_run(brio_loop *loop)
{
    brio_loop *outer = begin(loop);
    int rc;
    do
        rc = turn(loop, BRIO_NEVER);
    while (rc >= 0 && !atomic_load(&loop->stopping));
    for (; rc >= 0 && loop->ready.last; run_first(loop))
        loop->ready.left = 1;
    atomic_store(&loop->stopping, false);
    loop->ready.careful = loop->random_order;
    end(loop, outer);
    return rc < 0 ? rc : 0;
}

void brio_loop_stop(brio_loop *loop)
{
    atomic_store(&loop->stopping, true);
    if (current == loop)
        loop->ready.careful = true; /* from elsewhere it is noticed at the next poll */
    brio_loop_wake(loop);
}

/* ---- Life --------------------------------------------------------------- */

int brio_backend_parse(brio_str name, brio_backend *ret)
{
    static const char *const names[] = {"auto", "epoll", "uring", "sim"}; /* ORDER BACKEND */
    _Static_assert(sizeof names / sizeof *names == BRIO_BACKEND_SIM + 1, "ORDER BACKEND");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (brio_str_eq(name, brio_str_from(names[i]))) {
            *ret = (brio_backend)i;
            return 0;
        }
    return -EINVAL;
}

static int open_backend(brio_loop *loop, brio_backend which, const brio_loop_options *options)
{
    static const brio_backend_ops *const table[] = {
        NULL, &brio_loop_epoll_ops, &brio_loop_uring_ops, &brio_loop_sim_ops}; /* ORDER BACKEND */
    loop->ops = table[which];
    return loop->ops->init(loop, options);
}

static int choose_backend(brio_loop *loop, const brio_loop_options *options)
{
    brio_backend which = options->backend;
    const char *env = which == BRIO_BACKEND_AUTO ? getenv("BRIO_BACKEND") : NULL;
    if (env && *env) {
        int rc = brio_backend_parse(brio_str_from(env), &which);
        if (rc < 0)
            return rc;
    }
    if ((unsigned)which > BRIO_BACKEND_SIM)
        return -EINVAL;
    if (which != BRIO_BACKEND_AUTO)
        return open_backend(loop, which, options);
    int rc = open_backend(loop, BRIO_BACKEND_URING, options);
    if (rc >= 0)
        return 0;
    brio_log(BRIO_LOG_DEBUG, "no io_uring (%s): epoll", brio_error_text(rc));
    return open_backend(loop, BRIO_BACKEND_EPOLL, options);
}

static int loop_init(brio_loop *loop, const brio_loop_options *options)
{
    ring_init(&loop->ready.head);
    brio_loop_signals_init(loop);
    brio_loop_writes_init(loop);
    loop->chunk_size = options->chunk_size ? options->chunk_size : CHUNK_DEFAULT;
    loop->turn = 1;
    loop->now = brio_clock_monotonic();
    if (getrandom(&loop->rng, sizeof loop->rng, GRND_NONBLOCK) < 0)
        loop->rng = (uint64_t)loop->now;
    int rc = loop->chunk_size > UINT32_MAX ? -EINVAL : brio_loop_post_init(loop);
    rc = rc < 0 ? rc : choose_backend(loop, options);
    loop->ready.careful = loop->random_order;
    return rc;
}

int brio_loop_new(brio_loop **ret, const brio_loop_options *options)
{
    static const brio_loop_options defaults;
    brio_loop *loop = brio_aligned_alloc(_Alignof(brio_loop), sizeof *loop);
    if (!loop)
        return -ENOMEM;
    memset(loop, 0, sizeof *loop);
    loop->wake_fd = -1;
    loop->busy_since = &loop->unwatched;
    loop->thread = pthread_self();
    int rc = loop_init(loop, options ? options : &defaults);
    if (rc < 0) {
        brio_loop_post_fini(loop);
        brio_loop_chunks_fini(loop);
        free(loop);
        return rc;
    }
    *ret = loop;
    return 0;
}

void brio_loop_free(brio_loop *loop)
{
    if (!loop)
        return;
    BRIO_ASSERT(!loop->running);
    BRIO_ASSERT(loop->open == 0);
    brio_loop_signals_fini(loop);
    loop->ops->fini(loop);
    brio_loop_post_fini(loop);
    brio_loop_timers_fini(loop);
    brio_loop_writes_fini(loop);
    brio_loop_chunks_fini(loop);
    free(loop->shuffle);
    free(loop);
}

/* ---- Small answers ------------------------------------------------------ */

const char *brio_loop_backend(const brio_loop *loop)
{
    return loop->ops->name;
}

brio_loop *brio_loop_current(void)
{
    return current;
}

void brio_loop_forked(void)
{
    current = NULL;
}

void **brio_loop_user(brio_loop *loop)
{
    return &loop->user;
}

int brio_loop_fd(const brio_loop *loop)
{
    return loop->ops->fd(loop);
}

brio_time brio_loop_now(const brio_loop *loop)
{
    return loop->now;
}

brio_time brio_loop_update(brio_loop *loop)
{
    if (!loop->ops->virtual_clock)
        loop->now = brio_clock_monotonic();
    return loop->now;
}

const brio_time *brio_loop_clock(const brio_loop *loop)
{
    return &loop->now;
}

brio_time brio_loop_wall(const brio_loop *loop)
{
    /* 2000-01-01T00:00:00Z, in the simulator's world the moment virtual time was 0. */
    if (loop->ops->virtual_clock)
        return BRIO_SEC(946684800) + loop->now;
    if (loop->wall_turn != loop->turn) {
        brio_loop *cache = (brio_loop *)(uintptr_t)loop; /* a cache is no change of the loop */
        cache->wall = brio_clock_realtime();
        cache->wall_turn = loop->turn;
    }
    return loop->wall;
}

/* splitmix64 */
uint64_t brio_loop_random(brio_loop *loop)
{
    uint64_t z = loop->rng += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void brio_loop_hold(brio_loop *loop)
{
    loop->holds++;
}

void brio_loop_unhold(brio_loop *loop)
{
    BRIO_ASSERT(loop->holds > 0);
    loop->holds--;
}
