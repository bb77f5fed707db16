/* SPDX-License-Identifier: MIT
 *
 * The defer stack: what must be undone that is not memory. Records live in the
 * arena they belong to; a record taken back goes to a spare list, so a task
 * that locks and unlocks for days does not grow its arena. A record leaves the
 * stack before its function runs: a defer that fails, pushes or unwinds again
 * sees a consistent stack and never runs twice. */
#include <brio/base.h>

static brio_defer *record_new(brio_arena *arena)
{
    brio_defer *record = arena->spare_defers;
    if (!record)
        return brio_alloc_aligned(arena, sizeof(*record), _Alignof(brio_defer));
    arena->spare_defers = record->next;
    return record;
}

/* Unlinks *at; returns a copy, since the record is free to be reused. */
static brio_defer record_take(brio_arena *arena, brio_defer **at)
{
    brio_defer *record = *at;
    brio_defer copy = *record;
    *at = record->next;
    record->next = arena->spare_defers;
    arena->spare_defers = record;
    return copy;
}

void brio_defer_push(brio_arena *arena, brio_defer_fn *fn, void *arg)
{
    BRIO_ASSERT(fn);
    brio_defer *record = record_new(arena);
    *record = (brio_defer){arena->defers, fn, arg};
    arena->defers = record;
}

bool brio_defer_pop(brio_arena *arena, brio_defer_fn *fn, void *arg, bool run)
{
    brio_defer **at = &arena->defers;
    while (*at && ((*at)->fn != fn || (*at)->arg != arg))
        at = &(*at)->next;
    if (!*at)
        return false;
    record_take(arena, at);
    if (run)
        fn(arg);
    return true;
}

static bool mark_is_live(const brio_arena *arena, const brio_defer *mark)
{
    const brio_defer *at = arena->defers;
    while (at && at != mark)
        at = at->next;
    return at == mark;
}

void brio_defer_unwind(brio_arena *arena, brio_defer *mark)
{
    BRIO_ASSERT(mark_is_live(arena, mark)); /* else everything would be undone */
    while (arena->defers != mark) {
        brio_defer newest = record_take(arena, &arena->defers);
        newest.fn(newest.arg);
    }
}
