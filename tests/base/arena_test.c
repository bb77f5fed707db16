/* SPDX-License-Identifier: MIT
 *
 * Arena and copies: alignment, growth, the limit, what a reset keeps, and that
 * memory is unreadable afterwards where the sanitizer can tell. */
#include "harness/dies.h"
#include "harness/test.h"

#include <setjmp.h>
#include <stdlib.h>

static brio_arena arena;

TEST(zeroed_struct_can_end)
{
    brio_arena zero = {0};
    brio_arena_fini(&zero);
    brio_arena_fini(&zero);
    CHECK(zero.blocks == NULL && zero.reserved == 0);
}

TEST(fresh_arena_owns_nothing)
{
    brio_arena_init(&arena, 0);
    CHECK_INT(arena.reserved, 0);
    CHECK_INT(arena.limit, 8 << 20);
    CHECK(brio_alloc(&arena, 0) != NULL); /* zero bytes cost nothing and are not NULL */
    CHECK_INT(arena.reserved, 0);
    brio_arena_fini(&arena);
}

TEST(allocations_are_aligned_and_apart)
{
    brio_arena_init(&arena, 0);
    char *last = NULL;
    for (size_t align = 1; align <= 64; align *= 2)
        for (size_t size = 1; size < 100; size += 7) {
            char *p = brio_alloc_aligned(&arena, size, align);
            CHECK((uintptr_t)p % align == 0);
            CHECK(p != last);
            memset(p, 0xA5, size);
            last = p;
        }
    CHECK((uintptr_t)brio_alloc(&arena, 3) % 16 == 0);
    brio_arena_fini(&arena);
}

TEST(contents_survive_growth)
{
    enum { N = 5000 };
    static uint32_t *all[N];
    brio_arena_init(&arena, 0);
    for (uint32_t i = 0; i < N; i++) {
        all[i] = BRIO_NEW(&arena, uint32_t);
        CHECK_INT(*all[i], 0);
        *all[i] = i;
    }
    for (uint32_t i = 0; i < N; i++)
        CHECK_INT(*all[i], i);
    brio_arena_fini(&arena);
}

TEST(ordinary_blocks_double_to_64k)
{
    brio_arena_init(&arena, 0);
    static const size_t want_kib[] = {4, 12, 28, 60, 124, 188};
    for (size_t i = 0; i < sizeof(want_kib) / sizeof(want_kib[0]);) {
        brio_alloc(&arena, 1000);
        while (arena.reserved > want_kib[i] * 1024)
            CHECK(++i < 7);
        CHECK_INT(arena.reserved, want_kib[i] * 1024);
        if (want_kib[i] == 188)
            break;
    }
    brio_arena_fini(&arena);
}

TEST(large_allocations_get_their_own_block)
{
    brio_arena_init(&arena, 0);
    char *small = brio_alloc(&arena, 16);
    char *at = arena.at;
    char *large = brio_alloc_aligned(&arena, 100000, 64);
    CHECK((uintptr_t)large % 64 == 0);
    memset(large, 1, 100000);
    CHECK(arena.at == at); /* the ordinary block goes on where it was */
    CHECK(arena.large != NULL && arena.reserved < 4096 + 100000 + 128);
    CHECK(brio_alloc(&arena, 16) == (void *)(at + (-(uintptr_t)at & 15)));
    memset(small, 1, 16);
    brio_arena_fini(&arena);
}

TEST(reset_keeps_one_ordinary_block)
{
    brio_arena_init(&arena, 0);
    for (int i = 0; i < 500; i++)
        brio_alloc(&arena, 1000);
    brio_alloc(&arena, 200000);
    brio_arena_reset(&arena);
    CHECK_INT(arena.reserved, 64 * 1024);
    CHECK(arena.large == NULL);
    brio_arena_block *kept = arena.blocks;
    for (int i = 0; i < 30; i++)
        brio_alloc(&arena, 1000);
    CHECK(arena.blocks == kept && arena.reserved == 64 * 1024); /* no malloc */
    brio_arena_fini(&arena);
    CHECK_INT(arena.reserved, 0);
}

TEST(arena_is_usable_after_fini)
{
    brio_arena_init(&arena, 0);
    brio_alloc(&arena, 10);
    brio_arena_fini(&arena);
    memset(brio_alloc(&arena, 10), 1, 10);
    brio_arena_fini(&arena);
}

/* ---- Limits ------------------------------------------------------------- */

static jmp_buf abandoned;

static void abandon(brio_arena *a)
{
    CHECK(a == &arena);
    longjmp(abandoned, 1);
}

static void small_arena(void)
{
    brio_arena_init(&arena, 20 * 1024);
    arena.exhausted = abandon;
}

TEST(limit_calls_exhausted)
{
    volatile size_t served = 0;
    small_arena();
    if (setjmp(abandoned) == 0)
        for (;; served += 512)
            memset(brio_alloc(&arena, 512), 1, 512);
    CHECK(arena.reserved <= 20 * 1024);
    CHECK(served > 18 * 1024 && served < 20 * 1024); /* the last block is clipped, not refused */
    brio_arena_fini(&arena);
}

TEST(limit_counts_large_blocks)
{
    volatile int calls = 0;
    small_arena();
    if (setjmp(abandoned) == 0) {
        for (; calls < 5; calls++)
            brio_alloc(&arena, 18 * 1024);
    }
    CHECK_INT(calls, 1);
    brio_arena_reset(&arena); /* and the room comes back */
    if (setjmp(abandoned) == 0)
        brio_alloc(&arena, 18 * 1024);
    else
        test_fail(__FILE__, __LINE__, "a reset arena is still full");
    brio_arena_fini(&arena);
}

TEST(failed_malloc_calls_exhausted)
{
    volatile bool called = true;
    if (UNDER_ASAN || UNDER_TSAN)
        test_skip("the sanitizer's malloc aborts");
    brio_arena_init(&arena, SIZE_MAX);
    arena.exhausted = abandon;
    if (setjmp(abandoned) == 0) {
        brio_alloc(&arena, PTRDIFF_MAX / 2);
        called = false;
    }
    CHECK(called && arena.reserved == 0);
    brio_arena_fini(&arena);
}

static void overflow_size(void)
{
    brio_alloc(&arena, SIZE_MAX);
}
static void overflow_product(void)
{
    brio_calloc(&arena, SIZE_MAX / 2, 3);
}
static void strange_align(void)
{
    brio_arena_grow(&arena, 1, 48);
}
static void returning(brio_arena *a)
{
    (void)a;
}

static void exhausted_returns(void)
{
    arena.exhausted = returning;
    brio_alloc(&arena, 9 << 20);
}

TEST(broken_promises_abort)
{
    brio_arena_init(&arena, 0);
    CHECK(aborts(overflow_size)); /* the default: abort with a message */
    CHECK(aborts(overflow_product));
    CHECK(aborts(strange_align));
    CHECK(aborts(exhausted_returns));
    brio_arena_fini(&arena);
}

#if UNDER_ASAN
#include <sanitizer/asan_interface.h>

TEST(freed_memory_is_poisoned)
{
    brio_arena_init(&arena, 0);
    char *p = brio_alloc(&arena, 24);
    char *large = brio_alloc(&arena, 100000);
    CHECK(!__asan_address_is_poisoned(p + 23) && __asan_address_is_poisoned(p + 24));
    CHECK(!__asan_address_is_poisoned(large + 99999) && __asan_address_is_poisoned(large + 100000));
    brio_arena_reset(&arena);
    CHECK(__asan_address_is_poisoned(p) && __asan_address_is_poisoned(large));
    brio_alloc(&arena, 8);
    CHECK(__asan_address_is_poisoned(p + 8)); /* only what is allocated anew is readable */
    brio_arena_fini(&arena);
}
#endif

/* ---- Copies ------------------------------------------------------------- */

TEST(copies_end_in_nul)
{
    brio_arena_init(&arena, 0);
    brio_str source = brio_str_slice(BRIO_S("hello world"), 0, 5);
    brio_str copy = brio_str_copy(&arena, source);
    CHECK_STR(copy, "hello");
    CHECK(copy.ptr != source.ptr && copy.ptr[5] == '\0');
    CHECK(!strcmp(brio_cstr(&arena, source), "hello"));
    brio_str empty = brio_str_copy(&arena, (brio_str){NULL, 0});
    CHECK(empty.len == 0 && empty.ptr && *empty.ptr == '\0');
    brio_arena_fini(&arena);
}

TEST(printf_of_any_length)
{
    brio_arena_init(&arena, 0);
    CHECK_STR(brio_printf(&arena, "%s", ""), "");
    CHECK_STR(brio_printf(&arena, "hello %s %d", "world", 7), "hello world 7");
    for (int len = 250; len < 262; len++) { /* around the local buffer */
        brio_str text = brio_printf(&arena, "%*d", len, 1);
        CHECK_INT(text.len, len);
        CHECK(text.ptr[len - 1] == '1' && text.ptr[len] == '\0');
    }
    CHECK_INT(brio_printf(&arena, "%*d", 100000, 1).len, 100000);
    brio_arena_fini(&arena);
}

/* ---- Lent blocks ---------------------------------------------------------- */

TEST(a_lent_block_is_used_first_and_forgotten)
{
    static _Alignas(16) char mine[512];
    brio_arena_init(&arena, 0);
    brio_arena_lend(&arena, mine, sizeof mine);
    char *first = brio_alloc(&arena, 100);
    CHECK(first >= mine && first + 100 <= mine + sizeof mine);
    char *second = brio_alloc(&arena, 480); /* there is no room for it */
    CHECK(second + 480 <= mine || second >= mine + sizeof mine);
    CHECK(arena.reserved <= sizeof mine + 1024);
    memset(first, 1, 100);
    memset(second, 2, 480);
    brio_arena_reset(&arena);
    CHECK(arena.reserved <= 1024);
    for (int i = 0; i < 20; i++) {
        char *later = brio_alloc(&arena, 100);
        CHECK(later + 100 <= mine || later >= mine + sizeof mine);
    }
    brio_arena_fini(&arena);
    memset(mine, 3, sizeof mine);
}

TEST(a_lent_block_alone_is_forgotten_too)
{
    static _Alignas(16) char mine[64];
    brio_arena_init(&arena, 0);
    brio_arena_lend(&arena, mine, sizeof mine);
    CHECK(brio_alloc(&arena, 16));
    brio_arena_reset(&arena);
    CHECK(!arena.blocks && arena.reserved == 0);
    CHECK(brio_alloc(&arena, 16));
    brio_arena_fini(&arena);
    CHECK_INT(arena.reserved, 0);
}
