/* SPDX-License-Identifier: MIT
 *
 * Decompressing messages (RFC 7692, section 7.2.2) with zlib. A message is a piece
 * of a DEFLATE stream that normally never ends; a sender may end it all the same
 * (section 7.2.3.4), and what follows then is a new stream that refers to the same
 * window. */
#include "ws/ws_internal.h"

#include <errno.h>

#ifndef BRIO_WITH_ZLIB

bool brio_ws_deflate_available(void)
{
    return false;
}

brio_ws_inflater *brio_ws_inflater_acquire(brio_ws_pool *pool)
{
    (void)pool;
    return NULL;
}

void brio_ws_inflater_release(brio_ws_pool *pool, brio_ws_inflater *inflater)
{
    (void)pool, (void)inflater;
}

void brio_ws_inflater_free_all(brio_ws_pool *pool)
{
    (void)pool;
}

int brio_ws_inflate(brio_ws_inflater *inflater, brio_str *packed, brio_buf *out, size_t most)
{
    (void)inflater, (void)packed, (void)out, (void)most;
    return BRIO_ESYNTAX;
}

bool brio_ws_inflater_end(brio_ws_inflater *inflater)
{
    (void)inflater;
    return false;
}

#else

#include "ws/zlib.h"

#include <stdlib.h>

struct brio_ws_inflater {
    brio_ws_inflater *next; /* spare */
    size_t bytes;           /* of the message so far */
    size_t streams;         /* that have ended in it */
    z_stream z;
};

enum {
    SPARE = 4,
    ANY_WINDOW = -15, /* raw, and the largest: it reads what any smaller one wrote */
    WINDOW_BYTES = 32 * 1024,
    /* Ends of a stream that a message may have, and one more for so many bytes: each
     * copies the window, which must not be had for two bytes. */
    STREAMS = 4,
    STREAM_BYTES = 256,
};

bool brio_ws_deflate_available(void)
{
    return true;
}

brio_ws_inflater *brio_ws_inflater_acquire(brio_ws_pool *pool)
{
    brio_ws_inflater *inf = pool ? pool->inflaters : NULL;
    if (inf) {
        pool->inflaters = inf->next;
        pool->n_inflaters--;
        return inf;
    }
    inf = brio_zalloc(1, sizeof *inf);
    if (!inf)
        return NULL;
    brio_ws_zlib_heap(&inf->z);
    if (inflateInit2(&inf->z, ANY_WINDOW) != Z_OK) {
        free(inf);
        return NULL;
    }
    return inf;
}

static void destroy(brio_ws_inflater *inf)
{
    (void)inflateEnd(&inf->z);
    free(inf);
}

void brio_ws_inflater_release(brio_ws_pool *pool, brio_ws_inflater *inf)
{
    if (!inf)
        return;
    if (!pool || pool->n_inflaters == SPARE || inflateReset(&inf->z) != Z_OK) {
        destroy(inf);
        return;
    }
    inf->bytes = inf->streams = 0; /* of a message that was given up */
    inf->next = pool->inflaters;
    pool->inflaters = inf;
    pool->n_inflaters++;
}

void brio_ws_inflater_free_all(brio_ws_pool *pool)
{
    while (pool->inflaters) {
        brio_ws_inflater *inf = pool->inflaters;
        pool->inflaters = inf->next;
        destroy(inf);
    }
    pool->n_inflaters = 0;
}

/* The stream has ended and more may follow: another, over the same window. */
static int begin_again(brio_ws_inflater *inf, size_t bytes)
{
    z_stream *z = &inf->z;
    unsigned n = 0;
    if (inf->streams++ >= STREAMS + bytes / STREAM_BYTES)
        return BRIO_ESYNTAX;
    unsigned char *window = brio_malloc(WINDOW_BYTES);
    if (!window)
        return -ENOMEM;
    int rc = inflateGetDictionary(z, window, &n);
    if (rc == Z_OK)
        rc = inflateReset(z);
    if (rc == Z_OK && n)
        rc = inflateSetDictionary(z, window, n);
    free(window);
    return rc == Z_OK ? 0 : BRIO_ESYNTAX;
}

/* Room to write to: as much as the rest may become, within reason. */
static size_t room_for(brio_buf *out, size_t packed, size_t most)
{
    enum { LEAST = 1024 };
    size_t guess = packed < (size_t)BRIO_WS_PIECE_MAX / 4 ? packed * 4 + LEAST : BRIO_WS_PIECE_MAX;
    if (out->cap - out->len < LEAST && !brio_buf_reserve(out, guess))
        return 0;
    size_t room = out->cap - out->len;
    return room < most ? room : most;
}

static int step(z_stream *z, brio_buf *out, size_t *most)
{
    size_t room = room_for(out, z->avail_in, *most);
    if (!room)
        return Z_MEM_ERROR;
    z->next_out = (unsigned char *)out->ptr + out->len;
    z->avail_out = (unsigned)room;
    int rc = inflate(z, Z_SYNC_FLUSH);
    out->len += room - z->avail_out;
    *most -= room - z->avail_out;
    return rc;
}

/* zlib says in the type of the data whether it stands behind a block's end; only
 * until it is called again. */
static bool at_block_end(const z_stream *z)
{
    enum { BLOCK_END = 128 };
    return z->data_type & BLOCK_END;
}

/* All input is read, and nothing of it is to be written any more. */
static bool is_done(const z_stream *z)
{
    return !z->avail_in && (z->avail_out || at_block_end(z));
}

int brio_ws_inflate(brio_ws_inflater *inf, brio_str *packed, brio_buf *out, size_t most)
{
    z_stream *z = &inf->z;
    BRIO_ASSERT(packed->len <= UINT32_MAX && most <= UINT32_MAX);
    z->next_in = (const unsigned char *)packed->ptr;
    z->avail_in = (unsigned)packed->len;
    int rc, again = 0;
    do {
        rc = step(z, out, &most);
        size_t bytes = inf->bytes + packed->len - z->avail_in;
        if (rc == Z_STREAM_END && (again = begin_again(inf, bytes)) < 0)
            return again;
        if (rc == Z_MEM_ERROR)
            return -ENOMEM;
        if (rc != Z_OK && rc != Z_BUF_ERROR && rc != Z_STREAM_END)
            return BRIO_ESYNTAX;
    } while (most && !is_done(z));
    inf->bytes += packed->len - z->avail_in;
    *packed = brio_str_slice(*packed, packed->len - z->avail_in, SIZE_MAX);
    return !is_done(z);
}

bool brio_ws_inflater_end(brio_ws_inflater *inf)
{
    enum { BITS = 63 }; /* that are left of the last byte */
    inf->bytes = inf->streams = 0;
    return at_block_end(&inf->z) && !(inf->z.data_type & BITS);
}

#endif
