/* SPDX-License-Identifier: MIT
 *
 * Compressing messages (RFC 7692, section 7.2.1) with zlib: everything is flushed
 * to a byte's end with an empty block, whose last four bytes (00 00 FF FF) the
 * receiver knows and are not sent. */
#include "ws/ws_internal.h"

#ifndef BRIO_WITH_ZLIB

brio_ws_deflater *brio_ws_deflater_acquire(brio_ws_pool *pool, uint8_t bits)
{
    (void)pool, (void)bits;
    return NULL;
}

void brio_ws_deflater_release(brio_ws_pool *pool, brio_ws_deflater *deflater)
{
    (void)pool, (void)deflater;
}

void brio_ws_deflater_free_all(brio_ws_pool *pool)
{
    (void)pool;
}

void brio_ws_deflater_reset(brio_ws_deflater *deflater)
{
    (void)deflater;
}

bool brio_ws_deflater_pack(brio_ws_deflater *deflater, brio_buf *out, brio_str data, bool last)
{
    (void)deflater, (void)out, (void)data, (void)last;
    return false;
}

#else

#include "ws/zlib.h"

struct brio_ws_deflater {
    brio_ws_deflater *next; /* spare */
    uint8_t bits;
    z_stream z;
};

enum { PIECE_MAX = 1 << 30, TAIL = 4 };

/* zlib's smallest window is of 9 bits. Who must do with 8 gets runs only, which
 * refer to the byte before and so fit into any window. */
static int init(z_stream *z, int bits)
{
    enum { LEAST = 9, MEMORY = 8 };
    int strategy = bits < LEAST ? Z_RLE : Z_DEFAULT_STRATEGY;
    return deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -(bits < LEAST ? LEAST : bits),
                        MEMORY, strategy);
}

brio_ws_deflater *brio_ws_deflater_acquire(brio_ws_pool *pool, uint8_t bits)
{
    BRIO_ASSERT(bits >= 8 && bits <= 15);
    brio_ws_deflater *def = pool ? pool->deflaters[bits] : NULL;
    if (def) {
        pool->deflaters[bits] = NULL;
        return def;
    }
    def = brio_zalloc(1, sizeof *def);
    if (!def)
        return NULL;
    brio_ws_zlib_heap(&def->z);
    def->bits = bits;
    if (init(&def->z, bits) != Z_OK) {
        free(def);
        return NULL;
    }
    return def;
}

static void destroy(brio_ws_deflater *def)
{
    (void)deflateEnd(&def->z);
    free(def);
}

/* One spare of each size: they are lent for a message that is whole, or while one
 * goes out in pieces. */
void brio_ws_deflater_release(brio_ws_pool *pool, brio_ws_deflater *def)
{
    if (!def)
        return;
    if (!pool || pool->deflaters[def->bits]) {
        destroy(def);
        return;
    }
    brio_ws_deflater_reset(def);
    pool->deflaters[def->bits] = def;
}

void brio_ws_deflater_free_all(brio_ws_pool *pool)
{
    for (size_t i = 0; i < sizeof pool->deflaters / sizeof *pool->deflaters; i++) {
        if (pool->deflaters[i])
            destroy(pool->deflaters[i]);
        pool->deflaters[i] = NULL;
    }
}

void brio_ws_deflater_reset(brio_ws_deflater *def)
{
    (void)deflateReset(&def->z);
}

/* One call of the library into the buffer's room; false when that is full. */
static bool step(z_stream *z, brio_buf *out, int mode)
{
    enum { LEAST = 256 };
    if (out->cap - out->len < LEAST && !brio_buf_reserve(out, LEAST + z->avail_in / 2))
        return false;
    size_t room = out->cap - out->len;
    unsigned cap = (unsigned)(room < PIECE_MAX ? room : PIECE_MAX);
    z->next_out = (unsigned char *)out->ptr + out->len;
    z->avail_out = cap;
    (void)deflate(z, mode); /* Z_BUF_ERROR: there was nothing to do */
    out->len += cap - z->avail_out;
    return true;
}

static bool flush(z_stream *z, brio_buf *out, brio_str data)
{
    do {
        size_t n = data.len < PIECE_MAX ? data.len : PIECE_MAX;
        z->next_in = (const unsigned char *)data.ptr;
        z->avail_in = (unsigned)n;
        data = brio_str_slice(data, n, SIZE_MAX);
        do {
            if (!step(z, out, data.len ? Z_NO_FLUSH : Z_SYNC_FLUSH))
                return false;
        } while (z->avail_out == 0);
    } while (data.len);
    return true;
}

bool brio_ws_deflater_pack(brio_ws_deflater *def, brio_buf *out, brio_str data, bool last)
{
    size_t before = out->len;
    if (!flush(&def->z, out, data))
        return false;
    if (!last)
        return true;
    if (out->len - before > TAIL)
        out->len -= TAIL;
    else
        brio_buf_char(out, 0); /* nothing since the last flush: an empty block (section 7.2.3.6) */
    return !out->failed;
}

#endif
