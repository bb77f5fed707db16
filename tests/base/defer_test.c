/* SPDX-License-Identifier: MIT
 *
 * The defer stack: order, taking back, unwinding to a mark, and defers that
 * use the arena or the stack while they run. */
#include "harness/dies.h"
#include "harness/test.h"

static brio_arena arena;
static char trace[64];
static size_t traced;

static void note(void *arg)
{
    trace[traced++] = *(const char *)arg;
}
static void other(void *arg)
{
    note(arg);
}

static void push(const char *name)
{
    union {
        const char *in;
        void *out;
    } arg = {name};
    brio_defer_push(&arena, note, arg.out);
}

static brio_str ran(void)
{
    return (brio_str){trace, traced};
}

TEST(reset_runs_newest_first)
{
    brio_arena_init(&arena, 0);
    push("a"), push("b"), push("c");
    brio_arena_reset(&arena);
    CHECK_STR(ran(), "cba");
    brio_arena_reset(&arena);
    CHECK_STR(ran(), "cba"); /* once */
    push("d");
    brio_arena_fini(&arena);
    CHECK_STR(ran(), "cbad");
    CHECK(arena.defers == NULL);
}

TEST(pop_takes_the_newest_match)
{
    static char a[] = "a", b[] = "b";
    brio_arena_init(&arena, 0);
    brio_defer_push(&arena, note, a);
    brio_defer_push(&arena, note, b);
    brio_defer_push(&arena, other, a);
    CHECK(brio_defer_pop(&arena, note, a, false)); /* from below, silently */
    CHECK(!brio_defer_pop(&arena, note, a, true));
    CHECK(!brio_defer_pop(&arena, other, b, true));
    CHECK_STR(ran(), "");
    CHECK(brio_defer_pop(&arena, other, a, true));
    CHECK_STR(ran(), "a");
    brio_arena_fini(&arena);
    CHECK_STR(ran(), "ab");
}

TEST(records_are_used_again)
{
    static char a[] = "a";
    brio_arena_init(&arena, 0);
    brio_defer_push(&arena, note, a);
    size_t reserved = arena.reserved;
    const char *at = arena.at;
    for (int i = 0; i < 100000; i++) {
        brio_defer_push(&arena, other, a);
        CHECK(brio_defer_pop(&arena, other, a, false));
    }
    CHECK(arena.reserved == reserved && arena.at <= at + 64);
    brio_arena_fini(&arena);
    CHECK_STR(ran(), "a");
}

TEST(unwind_stops_at_its_mark)
{
    brio_arena_init(&arena, 0);
    push("a");
    brio_defer *mark = arena.defers;
    push("b"), push("c");
    brio_defer_unwind(&arena, mark);
    CHECK_STR(ran(), "cb");
    brio_defer_unwind(&arena, mark); /* nothing is newer */
    CHECK_STR(ran(), "cb");
    brio_defer_unwind(&arena, NULL);
    CHECK_STR(ran(), "cba");
    brio_arena_fini(&arena);
}

static void unwind_to_a_stranger(void)
{
    brio_defer stranger = {NULL, note, trace};
    push("a");
    brio_defer_unwind(&arena, &stranger);
}

static void push_nothing(void)
{
    brio_defer_push(&arena, NULL, NULL);
}

TEST(misuse_aborts)
{
    brio_arena_init(&arena, 0);
    CHECK(aborts(unwind_to_a_stranger));
    CHECK(aborts(push_nothing));
    brio_arena_fini(&arena);
}

/* Reads what was allocated before it, allocates, and pushes another. */
static void busy_defer(void *arg)
{
    brio_str text = brio_printf(&arena, "<%s>", (const char *)arg);
    for (size_t i = 0; i < text.len; i++)
        trace[traced++] = text.ptr[i];
    push("z");
}

TEST(defers_may_use_the_arena)
{
    brio_arena_init(&arena, 0);
    push("a");
    brio_defer_push(&arena, busy_defer, brio_cstr(&arena, BRIO_S("text")));
    brio_arena_reset(&arena);
    CHECK_STR(ran(), "<text>za");
    brio_arena_fini(&arena);
}

static void nested_unwind(void *arg)
{
    note(arg);
    brio_defer_unwind(&arena, NULL);
}

TEST(unwinding_inside_a_defer_runs_each_once)
{
    static char n[] = "n";
    brio_arena_init(&arena, 0);
    push("a"), push("b");
    brio_defer_push(&arena, nested_unwind, n);
    brio_arena_reset(&arena);
    CHECK_STR(ran(), "nba");
    brio_arena_fini(&arena);
}
