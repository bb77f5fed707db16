/* SPDX-License-Identifier: MIT
 *
 * The log's ring on its own: order, wrapping with pads, fullness, and four
 * producers against one consumer on a ring that is always too small. */
#include "base/base_internal.h"
#include "harness/test.h"

#include <pthread.h>
#include <sched.h>

static brio_base_ring ring;

static void ring_open(size_t size)
{
    CHECK_OK(brio_base_ring_init(&ring, size));
}

TEST(ring_empty_gives_nothing)
{
    ring_open(256);
    CHECK(brio_base_ring_peek(&ring).ptr == NULL);
    brio_base_ring_fini(&ring);
    brio_base_ring_fini(&ring);
}

TEST(ring_keeps_order_across_laps)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    ring_open(256);
    for (size_t i = 0; i < 5000; i++) { /* every length at every offset */
        brio_str record = {letters, i % 27};
        CHECK(brio_base_ring_push(&ring, record));
        CHECK(brio_base_ring_push(&ring, BRIO_S("second")));
        CHECK(brio_str_eq(brio_base_ring_peek(&ring), record));
        brio_base_ring_pop(&ring);
        CHECK_STR(brio_base_ring_peek(&ring), "second");
        brio_base_ring_pop(&ring);
        CHECK(brio_base_ring_peek(&ring).ptr == NULL);
    }
    brio_base_ring_fini(&ring);
}

TEST(ring_full_refuses_until_popped)
{
    ring_open(256);
    int n = 0;
    while (brio_base_ring_push(&ring, BRIO_S("eight by")))
        n++;
    CHECK_INT(n, 16); /* 8 bytes of header each */
    brio_base_ring_pop(&ring);
    CHECK(brio_base_ring_push(&ring, BRIO_S("eight by")));
    CHECK(!brio_base_ring_push(&ring, BRIO_S("")));
    brio_base_ring_fini(&ring);
}

TEST(ring_pad_counts_as_used)
{
    static const char big[120] = "x";
    ring_open(256);
    CHECK(brio_base_ring_push(&ring, (brio_str){big, 120}));
    CHECK(brio_base_ring_push(&ring, (brio_str){big, 56}));
    brio_base_ring_pop(&ring); /* 128 free in front, 64 at the end */
    CHECK(brio_base_ring_push(&ring, (brio_str){big, 100}));
    CHECK(!brio_base_ring_push(&ring, (brio_str){big, 56}));
    brio_base_ring_pop(&ring);
    CHECK_INT(brio_base_ring_peek(&ring).len, 100); /* the pad is skipped */
    brio_base_ring_pop(&ring);
    CHECK(brio_base_ring_peek(&ring).ptr == NULL);
    brio_base_ring_fini(&ring);
}

/* ---- Threads ------------------------------------------------------------ */

enum { PRODUCERS = 4, RECORDS = 5000, RECORD_LEN = 80 };

typedef struct record {
    int producer, number;
    unsigned char fill[RECORD_LEN];
} record;

static void *produce(void *arg)
{
    record r = {.producer = *(int *)arg};
    for (; r.number < RECORDS; r.number++) {
        size_t len = sizeof(r) - (size_t)(r.number % RECORD_LEN);
        memset(r.fill, r.number & 0xFF, sizeof(r.fill));
        while (!brio_base_ring_push(&ring, (brio_str){(const char *)&r, len}))
            sched_yield();
    }
    return NULL;
}

static void check_record(brio_str got, int *next)
{
    record r;
    memcpy(&r, got.ptr, got.len);
    CHECK(r.producer >= 0 && r.producer < PRODUCERS);
    CHECK_INT(r.number, next[r.producer]++);
    for (size_t i = 0; i < got.len - offsetof(record, fill); i++)
        CHECK_INT(r.fill[i], r.number & 0xFF);
}

TEST(ring_many_producers_one_consumer)
{
    pthread_t threads[PRODUCERS];
    int ids[PRODUCERS], next[PRODUCERS] = {0};
    ring_open(1024);
    for (int i = 0; i < PRODUCERS; i++) {
        ids[i] = i;
        CHECK_INT(pthread_create(&threads[i], NULL, produce, &ids[i]), 0);
    }
    for (int taken = 0; taken < PRODUCERS * RECORDS;) {
        brio_str got = brio_base_ring_peek(&ring);
        if (!got.ptr) {
            sched_yield();
            continue;
        }
        check_record(got, next);
        brio_base_ring_pop(&ring);
        taken++;
    }
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(threads[i], NULL);
    CHECK(brio_base_ring_peek(&ring).ptr == NULL);
    brio_base_ring_fini(&ring);
}
