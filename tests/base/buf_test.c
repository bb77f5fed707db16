/* SPDX-License-Identifier: MIT
 *
 * The writing buffer: growth, limits, fixed storage, the failure that drops
 * everything behind it, numbers and formatting. Also the intrusive list. */
#include "harness/dies.h"
#include "harness/test.h"

#include <inttypes.h>
#include <stdio.h>

TEST(buffer_grows)
{
    brio_buf b = {0};
    for (int i = 0; i < 100000; i++)
        brio_buf_char(&b, (char)('a' + i % 26));
    CHECK_INT(b.len, 100000);
    CHECK(!b.failed && b.cap >= b.len && b.cap < 4 * b.len);
    for (int i = 0; i < 100000; i++)
        CHECK_INT(b.ptr[i], 'a' + i % 26);
    brio_buf_fini(&b);
    CHECK(b.ptr == NULL && b.len == 0 && b.cap == 0);
    brio_buf_fini(&b);
}

TEST(limit_drops_all_later_writes)
{
    brio_buf b = {.limit = 10};
    brio_buf_add(&b, BRIO_S("12345678"));
    CHECK(!b.failed);
    brio_buf_add(&b, BRIO_S("abc"));
    CHECK(b.failed);
    brio_buf_char(&b, 'x'); /* would fit, but a gap in the text would be worse */
    brio_buf_add(&b, BRIO_S("y"));
    brio_buf_printf(&b, "%d", 1);
    brio_buf_i64(&b, -5);
    CHECK_STR(brio_buf_str(&b), "12345678");
    brio_buf_clear(&b);
    brio_buf_add(&b, BRIO_S("1234567890"));
    CHECK(!b.failed);
    CHECK_STR(brio_buf_str(&b), "1234567890");
    brio_buf_fini(&b);
}

static void release_twice(void)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_buf *buf = brio_buf_acquire(&arena);
    brio_buf_release(&arena, buf);
    brio_buf_release(&arena, buf);
}

TEST(a_buffer_of_an_arena_goes_with_it)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_buf *kept = brio_buf_acquire(&arena), *released = brio_buf_acquire(&arena);
    CHECK(!kept->ptr && !kept->len && !kept->failed);
    brio_buf_add(kept, BRIO_S("goes with the arena")); /* else the sanitizer tells */
    brio_buf_add(released, BRIO_S("goes now"));
    brio_str copy = brio_str_copy(&arena, brio_buf_str(released));
    brio_buf_release(&arena, released);
    CHECK(released->ptr == NULL);
    CHECK_STR(copy, "goes now");
    brio_arena_fini(&arena);
    CHECK(aborts(release_twice));
}

TEST(fixed_storage_never_grows)
{
    char storage[8];
    brio_buf b = brio_buf_over(storage, sizeof(storage));
    brio_buf_add(&b, BRIO_S("12345678"));
    CHECK(!b.failed && b.ptr == storage);
    brio_buf_char(&b, '9');
    CHECK(b.failed);
    CHECK_STR(brio_buf_str(&b), "12345678");
    brio_buf_clear(&b);
    brio_buf_printf(&b, "%s", "abcdefgh"); /* exact fit, without room for a NUL */
    CHECK(!b.failed);
    CHECK_STR(brio_buf_str(&b), "abcdefgh");
    brio_buf_fini(&b);
}

TEST(fixed_storage_of_nothing)
{
    brio_buf b = brio_buf_over(NULL, 0);
    brio_buf_add(&b, (brio_str){NULL, 0});
    CHECK(!b.failed);
    brio_buf_char(&b, 'x');
    CHECK(b.failed && b.len == 0);
}

TEST(impossible_sizes_fail)
{
    brio_buf b = {0};
    CHECK(brio_buf_reserve(&b, 3));
    b.len = 3;
    CHECK(!brio_buf_reserve(&b, SIZE_MAX)); /* len + more overflows */
    CHECK(b.failed);
    brio_buf_clear(&b);
    CHECK(!brio_buf_grow(&b, (size_t)PTRDIFF_MAX + 1)); /* more than any object */
    CHECK(b.failed);
    brio_buf_fini(&b);
}

TEST(failed_malloc_keeps_what_is_written)
{
    if (UNDER_ASAN || UNDER_TSAN)
        test_skip("the sanitizer's malloc aborts");
    brio_buf b = {0};
    brio_buf_add(&b, BRIO_S("keep"));
    CHECK(!brio_buf_reserve(&b, PTRDIFF_MAX - 4096));
    CHECK(b.failed);
    CHECK_STR(brio_buf_str(&b), "keep");
    brio_buf_fini(&b);
}

TEST(reserve_keeps_what_is_written)
{
    brio_buf b = {0};
    brio_buf_add(&b, BRIO_S("keep"));
    CHECK(brio_buf_reserve(&b, 5000));
    CHECK(b.cap - b.len >= 5000);
    CHECK_STR(brio_buf_str(&b), "keep");
    CHECK(brio_buf_grow(&b, 1)); /* already there */
    brio_buf_fini(&b);
}

TEST(numbers_in_base_10)
{
    static const uint64_t samples[] = {0,   1,   9,    10,         11,        99,        100,
                                       101, 999, 1000, UINT32_MAX, INT64_MAX, UINT64_MAX};
    brio_buf b = {0};
    char want[32];
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        brio_buf_clear(&b);
        brio_buf_u64(&b, samples[i]);
        snprintf(want, sizeof(want), "%" PRIu64, samples[i]);
        CHECK_STR(brio_buf_str(&b), want);
        brio_buf_clear(&b);
        brio_buf_i64(&b, (int64_t)samples[i]);
        snprintf(want, sizeof(want), "%" PRId64, (int64_t)samples[i]);
        CHECK_STR(brio_buf_str(&b), want);
    }
    brio_buf_clear(&b);
    brio_buf_i64(&b, INT64_MIN);
    CHECK_STR(brio_buf_str(&b), "-9223372036854775808");
    brio_buf_fini(&b);
}

TEST(printf_around_the_local_copy)
{
    for (int len = 508; len < 516; len++) {
        brio_buf b = {0};
        brio_buf_printf(&b, "%*d|", len, 7);
        CHECK_INT(b.len, len + 1);
        CHECK(b.ptr[len - 1] == '7' && b.ptr[len] == '|');
        brio_buf_fini(&b);
    }
    char storage[600];
    brio_buf fixed = brio_buf_over(storage, sizeof(storage));
    brio_buf_printf(&fixed, "%*d", 700, 7);
    CHECK(fixed.failed && fixed.len == 0);
    brio_buf_clear(&fixed);
    brio_buf_printf(&fixed, "%*d", 599, 7);
    CHECK(!fixed.failed && fixed.len == 599);
}

/* ---- Intrusive list ----------------------------------------------------- */

typedef struct item {
    int number;
    brio_link link;
} item;

TEST(list_keeps_order)
{
    brio_link head;
    item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    brio_link_init(&head);
    CHECK(brio_link_alone(&head));
    for (int i = 0; i < 3; i++)
        brio_link_insert_before(&head, &items[i].link);
    int want = 1;
    for (brio_link *l = head.next; l != &head; l = l->next)
        CHECK_INT(BRIO_CONTAINER(l, item, link)->number, want++);
    CHECK_INT(want, 4);
    brio_link_remove(&items[1].link);
    CHECK(brio_link_alone(&items[1].link));
    brio_link_remove(&items[1].link); /* removing twice is harmless */
    CHECK(items[0].link.next == &items[2].link && items[2].link.prev == &items[0].link);
    brio_link_remove(&items[0].link);
    brio_link_remove(&items[2].link);
    CHECK(brio_link_alone(&head));
}
