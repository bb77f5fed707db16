/* SPDX-License-Identifier: MIT
 *
 * The heap's counter: which request is refused, and which cannot be. */
#include "harness/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

TEST(only_the_nth_request_is_refused)
{
    (void)brio_heap_fault(2);
    void *a = brio_malloc(8), *b = brio_malloc(8), *c = brio_malloc(8);
    CHECK(a && !b && c);
    CHECK_INT(brio_heap_fault(0), 3);
    free(a);
    free(c);
}

TEST(zero_refuses_nothing)
{
    (void)brio_heap_fault(0);
    for (int i = 0; i < 100; i++) {
        void *p = brio_malloc(1);
        CHECK(p);
        free(p);
    }
    CHECK_INT(brio_heap_fault(0), 100);
}

TEST(every_kind_of_request_counts)
{
    for (uint64_t nth = 1; nth <= 5; nth++) {
        (void)brio_heap_fault(nth);
        void *p[5] = {brio_malloc(8), brio_zalloc(2, 4), brio_realloc(NULL, 8),
                      brio_aligned_alloc(64, 64), brio_strdup(BRIO_S("text"))};
        for (uint64_t i = 0; i < 5; i++)
            CHECK((p[i] == NULL) == (i + 1 == nth));
        CHECK_INT(brio_heap_fault(0), 5);
        for (uint64_t i = 0; i < 5; i++)
            free(p[i]);
    }
}

TEST(a_refusal_sets_errno_and_leaves_the_old_block)
{
    char *p = brio_strdup(BRIO_S("kept"));
    errno = 0;
    (void)brio_heap_fault(1);
    CHECK(!brio_realloc(p, 1000));
    CHECK_INT(errno, ENOMEM);
    CHECK_STR(brio_str_from(p), "kept");
    free(p);
}

TEST(what_must_be_is_not_counted)
{
    (void)brio_heap_fault(1);
    void *p = brio_must_malloc(8);
    p = brio_must_realloc(p, 80);
    CHECK(p);
    CHECK_INT(brio_heap_fault(0), 0);
    free(p);
}

TEST(zeroed_memory_is_zero)
{
    char *p = brio_zalloc(3, 5);
    for (int i = 0; i < 15; i++)
        CHECK_INT(p[i], 0);
    free(p);
}

TEST(aligned_memory_is_aligned)
{
    void *p = brio_aligned_alloc(64, 128);
    CHECK_INT((uintptr_t)p % 64, 0);
    free(p);
}

TEST(a_copy_of_nothing_is_an_empty_string)
{
    char *p = brio_strdup((brio_str){0});
    CHECK_STR(brio_str_from(p), "");
    free(p);
}

static void *ask_elsewhere(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++)
        free(brio_malloc(1));
    return NULL;
}

TEST(each_thread_counts_for_itself)
{
    (void)brio_heap_fault(1);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, ask_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    void *p = brio_malloc(1);
    CHECK(!p);
    free(p);
    CHECK_INT(brio_heap_fault(0), 1);
}

static void gives_up(brio_arena *arena) __attribute__((noreturn));

static void gives_up(brio_arena *arena)
{
    (void)arena;
    exit(0); /* a clean end: the test has passed */
}

TEST(an_arena_that_survives_a_refusal_gets_it)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    arena.exhausted = gives_up;
    (void)brio_heap_fault(1);
    (void)brio_alloc(&arena, 10);
    test_fail(__FILE__, __LINE__, "the arena went on");
}

TEST(an_arena_that_would_abort_is_spared)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    (void)brio_heap_fault(1);
    (void)brio_alloc(&arena, 10);
    CHECK_INT(brio_heap_fault(0), 0);
    brio_arena_fini(&arena);
}

TEST(a_buffer_that_is_refused_has_failed_and_keeps_what_it_has)
{
    brio_buf buf = {0};
    brio_buf_add(&buf, BRIO_S("ab"));
    (void)brio_heap_fault(1);
    CHECK(!brio_buf_reserve(&buf, 1000));
    CHECK(buf.failed);
    CHECK_STR(brio_buf_str(&buf), "ab");
    brio_buf_fini(&buf);
}
