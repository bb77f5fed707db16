/* SPDX-License-Identifier: MIT
 *
 * What the connections of a thread share: between two messages a connection has
 * no buffer and, unless windows are kept, no (de)compressor. A few spare ones are
 * enough, since one thread reads one message at a time; what a slow message
 * holds beyond them is allocated. */
#include "ws/ws_internal.h"

enum { SPARE = sizeof((brio_ws_pool){0}.buffers) / sizeof(brio_buf) };

void brio_ws_buffer_take(brio_ws_pool *pool, brio_buf *buf)
{
    if (pool && pool->n_buffers)
        *buf = pool->buffers[--pool->n_buffers];
}

void brio_ws_buffer_give(brio_ws_pool *pool, brio_buf *buf)
{
    if (pool && buf->cap && buf->cap <= BRIO_WS_KEEP_BYTES && pool->n_buffers < SPARE) {
        brio_buf_clear(buf);
        pool->buffers[pool->n_buffers++] = *buf;
        *buf = (brio_buf){0};
    } else {
        brio_buf_fini(buf);
    }
}

void brio_ws_pool_fini(brio_ws_pool *pool)
{
    while (pool->n_buffers)
        brio_buf_fini(&pool->buffers[--pool->n_buffers]);
    brio_ws_inflater_free_all(pool);
    brio_ws_deflater_free_all(pool);
}
