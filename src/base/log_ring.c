/* SPDX-License-Identifier: MIT
 *
 * A ring of records between many producers and one consumer, without a lock:
 * a producer reserves a span by moving `head`, fills it, and commits by storing
 * the span's size in its first word. The consumer zeroes what it has read, so
 * a zero first word always means "not committed yet".
 *
 *     tail -> [size|len|bytes..][size|len|bytes......]  head -> [0 ...]
 *
 * A span never wraps: where it would, the rest of the ring becomes a pad. A
 * producer that is preempted between the two steps delays the consumer, never
 * another producer. The ring owns its bytes. */
#include "base/base_internal.h"

#include <errno.h>
#include <stdlib.h>

typedef struct span {
    _Atomic uint32_t size; /* bytes of the whole span; 0 until committed */
    uint32_t len;          /* bytes of the record, or PAD */
} span;

enum { SPAN_ALIGN = 8 };
static const uint32_t PAD = UINT32_MAX;

_Static_assert(sizeof(span) == SPAN_ALIGN, "a pad must have room for its header");

static span *span_at(const brio_base_ring *ring, uint64_t position)
{
    return (span *)(void *)(ring->bytes + (position & (ring->size - 1)));
}

int brio_base_ring_init(brio_base_ring *ring, size_t size)
{
    BRIO_ASSERT(size >= SPAN_ALIGN && (size & (size - 1)) == 0);
    BRIO_ASSERT(size <= UINT32_MAX / 2);
    ring->bytes = brio_zalloc(1, size);
    ring->size = size;
    atomic_store(&ring->head, 0);
    atomic_store(&ring->tail, 0);
    return ring->bytes ? 0 : -ENOMEM;
}

void brio_base_ring_fini(brio_base_ring *ring)
{
    free(ring->bytes);
    ring->bytes = NULL;
}

/* Bytes to skip so that `need` bytes from `head` do not wrap. */
static uint64_t pad_before(const brio_base_ring *ring, uint64_t head, uint64_t need)
{
    uint64_t rest = ring->size - (head & (ring->size - 1));
    return need > rest ? rest : 0;
}

static void commit(span *at, uint64_t size, uint32_t len)
{
    at->len = len;
    /* Sequentially consistent: pairs with the writer going to sleep. */
    atomic_store(&at->size, (uint32_t)size);
}

bool brio_base_ring_push(brio_base_ring *ring, brio_str record)
{
    uint64_t need = (sizeof(span) + record.len + SPAN_ALIGN - 1) & ~(uint64_t)(SPAN_ALIGN - 1);
    uint64_t head, pad;
    BRIO_ASSERT(need <= ring->size / 2);
    do {
        /* Tail before head: a stale pair then looks fuller, never emptier. */
        uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
        head = atomic_load_explicit(&ring->head, memory_order_acquire);
        pad = pad_before(ring, head, need);
        if (head + pad + need - tail > ring->size)
            return false;
    } while (!atomic_compare_exchange_weak(&ring->head, &head, head + pad + need));
    if (pad)
        commit(span_at(ring, head), pad, PAD);
    span *at = span_at(ring, head + pad);
    memcpy(at + 1, record.ptr, record.len);
    commit(at, need, (uint32_t)record.len);
    return true;
}

static void pop_size(brio_base_ring *ring, uint32_t size)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    memset((void *)span_at(ring, tail), 0, size);
    atomic_store_explicit(&ring->tail, tail + size, memory_order_release);
}

brio_str brio_base_ring_peek(brio_base_ring *ring)
{
    for (;;) {
        span *at = span_at(ring, atomic_load_explicit(&ring->tail, memory_order_relaxed));
        uint32_t size = atomic_load(&at->size);
        if (size == 0)
            return (brio_str){NULL, 0};
        if (at->len != PAD)
            return (brio_str){(const char *)(at + 1), at->len};
        pop_size(ring, size);
    }
}

void brio_base_ring_pop(brio_base_ring *ring)
{
    span *at = span_at(ring, atomic_load_explicit(&ring->tail, memory_order_relaxed));
    uint32_t size = atomic_load(&at->size);
    BRIO_ASSERT(size != 0 && at->len != PAD);
    pop_size(ring, size);
}
