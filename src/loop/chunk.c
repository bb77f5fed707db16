/* SPDX-License-Identifier: MIT
 *
 * Read chunks: equal blocks, reused last in first out so that the hot one is
 * still in the cache. The pool keeps a bounded number of free chunks and gives
 * the rest back; how many are out is the holders' business (each has a limit
 * of its own), so there is no cap here. Large ones are for sockets on which much
 * comes at once, one after the other: there are few, whoever holds them. */
#include "loop/internal.h"

#include <stdlib.h>

enum { POOL_BYTES = 1 << 20, LARGE_MAX = 32 }; /* of free chunks kept; large ones */

static brio_chunk *make(size_t size)
{
    brio_chunk *chunk = brio_must_malloc(sizeof *chunk + size);
    chunk->cap = (uint32_t)size;
    chunk->backend = 0;
    return chunk;
}

brio_chunk *brio_chunk_acquire(brio_loop *loop)
{
    brio_chunk *chunk = loop->chunks;
    if (BRIO_LIKELY(chunk != NULL)) {
        loop->chunks = chunk->next;
        loop->chunk_n--;
    } else {
        chunk = make(loop->chunk_size);
    }
    chunk->next = NULL;
    chunk->len = 0;
    loop->chunk_out++;
    return chunk;
}

brio_chunk *brio_loop_chunk_large(brio_loop *loop)
{
    brio_chunk *chunk = loop->large;
    if (chunk) {
        loop->large = chunk->next;
    } else {
        if (loop->large_n == LARGE_MAX)
            return brio_chunk_acquire(loop);
        chunk = make(BRIO_LOOP_LARGE);
        loop->large_n++;
    }
    chunk->next = NULL;
    chunk->len = 0;
    loop->chunk_out++;
    return chunk;
}

void brio_chunk_release(brio_loop *loop, brio_chunk *chunk)
{
    BRIO_ASSERT(loop->chunk_out > 0);
    loop->chunk_out--;
    if (BRIO_UNLIKELY(chunk->cap != loop->chunk_size)) {
        chunk->next = loop->large;
        loop->large = chunk;
        return;
    }
    if (loop->chunk_n * loop->chunk_size >= POOL_BYTES) {
        free(chunk);
        return;
    }
    chunk->next = loop->chunks;
    loop->chunks = chunk;
    loop->chunk_n++;
}

static void free_all(brio_chunk *chunk)
{
    for (brio_chunk *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
}

void brio_loop_chunks_fini(brio_loop *loop)
{
    BRIO_ASSERT(loop->chunk_out == 0);
    free_all(loop->chunks);
    free_all(loop->large);
}
