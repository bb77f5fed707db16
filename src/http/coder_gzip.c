/* SPDX-License-Identifier: MIT
 *
 * gzip through zlib. The input goes in pieces of at most 1 GiB, because zlib
 * counts in 32 bits. The stream's end is the end of one gzip member: what stands
 * behind it is refused, not skipped. */
#include "http/coder.h"

#ifndef BRIO_WITH_ZLIB

const brio_coder_kind *const brio_coder_gzip = NULL;

#else

#define ZLIB_CONST
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, PIECE_MAX = 1 << 30 };

static void *allocate(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return brio_zalloc(n, size);
}

static void give_back(void *opaque, void *ptr)
{
    (void)opaque;
    free(ptr);
}

static z_stream *stream_new(void)
{
    z_stream *z = brio_zalloc(1, sizeof *z);
    if (z) {
        z->zalloc = allocate;
        z->zfree = give_back;
    }
    return z;
}

static void *open_encoder(int level)
{
    z_stream *z = stream_new();
    if (z && deflateInit2(z, brio_coder_level(level, 9, 1, 9), Z_DEFLATED, GZIP_WINDOW, 8,
                          Z_DEFAULT_STRATEGY) != Z_OK) {
        free(z);
        z = NULL;
    }
    return z;
}

static void close_encoder(void *state)
{
    (void)deflateEnd(state);
    free(state);
}

/* The next piece of `data` to `z`; false when all went. */
static bool feed(z_stream *z, brio_str *data)
{
    size_t n = data->len < PIECE_MAX ? data->len : PIECE_MAX;
    z->next_in = (const unsigned char *)data->ptr;
    z->avail_in = (unsigned)n;
    *data = brio_str_slice(*data, n, SIZE_MAX);
    return data->len > 0;
}

/* One call of the library into the buffer's room. */
static int step(z_stream *z, int (*call)(z_stream *, int), brio_buf *out, int mode)
{
    if (!brio_coder_room(out))
        return Z_MEM_ERROR;
    size_t room = out->cap - out->len;
    unsigned cap = (unsigned)(room < PIECE_MAX ? room : PIECE_MAX);
    z->next_out = (unsigned char *)out->ptr + out->len;
    z->avail_out = cap;
    int rc = call(z, mode);
    out->len += cap - z->avail_out;
    return rc;
}

static int encode(void *state, brio_buf *out, brio_str data, brio_coder_flush flush)
{
    static const int modes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    z_stream *z = state;
    bool more;
    do {
        more = feed(z, &data);
        int rc, mode = more ? Z_NO_FLUSH : modes[flush];
        do {
            rc = step(z, deflate, out, mode);
            if (rc == Z_MEM_ERROR)
                return brio_coder_full(out);
        } while (rc != Z_STREAM_END && rc != Z_BUF_ERROR && (z->avail_out == 0 || z->avail_in));
    } while (more);
    return 0;
}

static void *open_decoder(void)
{
    z_stream *z = stream_new();
    if (z && inflateInit2(z, GZIP_WINDOW) != Z_OK) {
        free(z);
        z = NULL;
    }
    return z;
}

static int decode(void *state, brio_buf *out, brio_str data)
{
    z_stream *z = state;
    bool more;
    do {
        more = feed(z, &data);
        do {
            int rc = step(z, inflate, out, Z_NO_FLUSH);
            if (rc == Z_STREAM_END)
                return z->avail_in || more ? BRIO_ESYNTAX : 1;
            if (rc == Z_MEM_ERROR)
                return brio_coder_full(out);
            if (rc != Z_OK && rc != Z_BUF_ERROR)
                return BRIO_ESYNTAX;
        } while (z->avail_in || z->avail_out == 0);
    } while (more);
    return 0;
}

static void close_decoder(void *state)
{
    (void)inflateEnd(state);
    free(state);
}

static const brio_coder_kind kind = {open_encoder, encode, close_encoder,
                                     open_decoder, decode, close_decoder};
const brio_coder_kind *const brio_coder_gzip = &kind;

#endif
