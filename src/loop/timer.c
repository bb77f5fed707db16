/* SPDX-License-Identifier: MIT
 *
 * Timers: a 4-ary heap ordered by (when, order of start).
 *
 *     [1 ........ timer_heaped][........ timer_n]
 *      the heap                 started since, in no order
 *
 * A new timer stands behind the heap until the loop looks for the earliest: a
 * deadline around what did not have to wait comes and goes without a sift. A
 * timer knows its slot, so stopping needs no search. The key lies in the heap
 * itself, so that sifting touches a timer only to break a tie. Deadlines in the past are
 * raised to "now": a timer that restarts itself then queues behind the others
 * that are due and cannot starve them. The heap belongs to the loop, the
 * timers to their owners. */
#include "loop/internal.h"

#include <stdlib.h>

static bool earlier(brio_timer_entry a, brio_timer_entry b)
{
    return a.when != b.when ? a.when < b.when : a.timer->order < b.timer->order;
}

static size_t parent(size_t slot)
{
    return (slot - 2) / 4 + 1;
}

static size_t first_child(size_t slot)
{
    return 4 * (slot - 1) + 2;
}

static void put(brio_loop *loop, size_t slot, brio_timer_entry entry)
{
    loop->timers[slot] = entry;
    entry.timer->slot = slot;
}

static void sift_up(brio_loop *loop, size_t slot, brio_timer_entry entry)
{
    while (slot > 1 && earlier(entry, loop->timers[parent(slot)])) {
        put(loop, slot, loop->timers[parent(slot)]);
        slot = parent(slot);
    }
    put(loop, slot, entry);
}

/* The earliest child of `slot`, or 0 at the bottom. */
static size_t best_child(const brio_loop *loop, size_t slot)
{
    size_t first = first_child(slot);
    if (first > loop->timer_heaped)
        return 0;
    size_t best = first;
    for (size_t c = first + 1; c <= loop->timer_heaped && c < first + 4; c++)
        if (earlier(loop->timers[c], loop->timers[best]))
            best = c;
    return best;
}

static void sift_down(brio_loop *loop, size_t slot, brio_timer_entry entry)
{
    for (size_t c; (c = best_child(loop, slot)) && earlier(loop->timers[c], entry); slot = c)
        put(loop, slot, loop->timers[c]);
    put(loop, slot, entry);
}

static void settle(brio_loop *loop, size_t slot, brio_timer_entry entry)
{
    if (slot > 1 && earlier(entry, loop->timers[parent(slot)]))
        sift_up(loop, slot, entry);
    else
        sift_down(loop, slot, entry);
}

static void reserve(brio_loop *loop)
{
    if (BRIO_LIKELY(loop->timer_n + 1 < loop->timer_cap))
        return;
    loop->timer_cap = loop->timer_cap ? 2 * loop->timer_cap : 64;
    loop->timers = brio_must_realloc(loop->timers, loop->timer_cap * sizeof *loop->timers);
}

void brio_timer_start(brio_loop *loop, brio_timer *timer, brio_time when)
{
    BRIO_LOOP_CHECK_THREAD(loop);
    timer->when = when > loop->now ? when : loop->now;
    timer->order = ++loop->timer_order;
    brio_timer_entry entry = {timer->when, timer};
    if (!timer->slot) {
        reserve(loop);
        put(loop, ++loop->timer_n, entry);
        return;
    }
    BRIO_ASSERT(loop->timers[timer->slot].timer == timer);
    if (timer->slot > loop->timer_heaped)
        put(loop, timer->slot, entry);
    else
        settle(loop, timer->slot, entry);
}

/* The heap's last one leaves its slot to `slot`; returns that last slot. */
static size_t take_out(brio_loop *loop, size_t slot)
{
    size_t end = loop->timer_heaped--;
    if (slot != end)
        settle(loop, slot, loop->timers[end]);
    return end;
}

void brio_timer_stop(brio_loop *loop, brio_timer *timer)
{
    BRIO_LOOP_CHECK_THREAD(loop);
    size_t slot = timer->slot;
    if (!slot)
        return;
    BRIO_ASSERT(slot <= loop->timer_n);
    BRIO_ASSERT(loop->timers[slot].timer == timer);
    timer->slot = 0;
    if (slot <= loop->timer_heaped)
        slot = take_out(loop, slot);
    brio_timer_entry last = loop->timers[loop->timer_n--];
    if (slot <= loop->timer_n)
        put(loop, slot, last);
}

brio_time brio_loop_timers_next(brio_loop *loop)
{
    while (loop->timer_heaped < loop->timer_n) {
        size_t slot = ++loop->timer_heaped;
        sift_up(loop, slot, loop->timers[slot]);
    }
    return loop->timer_n ? loop->timers[1].when : BRIO_NEVER;
}

int brio_loop_timers_fire(brio_loop *loop)
{
    uint64_t newest = loop->timer_order; /* those started from now on wait for the next turn */
    int fired = 0;
    while (brio_loop_timers_next(loop) <= loop->now) {
        brio_timer *first = loop->timers[1].timer;
        if (first->order > newest)
            break;
        brio_timer_stop(loop, first);
        first->fn(first);
        fired++;
    }
    return fired;
}

void brio_loop_timers_fini(brio_loop *loop)
{
    free(loop->timers);
}
