/* SPDX-License-Identifier: MIT
 *
 * Read chunks: equal blocks, reused last in first out so that the hot one is
 * still in the cache. The pool keeps a bounded number of free chunks and gives
 * the rest back; how many are out is the holders' business (each has a limit
 * of its own), so there is no cap here. */
#include "loop/internal.h"

#include <stdlib.h>

enum { POOL_BYTES = 1 << 20 }; /* of free chunks kept */

brio_chunk *brio_chunk_acquire(brio_loop *loop)
{
    brio_chunk *chunk = loop->chunks;
    if (BRIO_LIKELY(chunk != NULL)) {
        loop->chunks = chunk->next;
        loop->chunk_n--;
    } else {
        chunk = brio_must_malloc(sizeof *chunk + loop->chunk_size);
        chunk->cap = (uint32_t)loop->chunk_size;
        chunk->backend = 0;
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
    if (loop->chunk_n * loop->chunk_size >= POOL_BYTES) {
        free(chunk);
        return;
    }
    chunk->next = loop->chunks;
    loop->chunks = chunk;
    loop->chunk_n++;
}

void brio_loop_chunks_fini(brio_loop *loop)
{
    BRIO_ASSERT(loop->chunk_out == 0);
    while (loop->chunks) {
        brio_chunk *next = loop->chunks->next;
        free(loop->chunks);
        loop->chunks = next;
    }
}
