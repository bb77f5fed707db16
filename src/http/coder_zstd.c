/* SPDX-License-Identifier: MIT
 *
 * Zstandard through libzstd. Windows are at most 8 MiB in both directions, what
 * RFC 9659 allows for a content coding. The library allocates for itself: its
 * hooks are no part of its stable interface. */
#include "http/coder.h"

#ifndef BRIO_WITH_ZSTD

const brio_coder_kind *const brio_coder_zstd = NULL;

#else

#include <errno.h>
#include <zstd.h>

enum { WINDOW_LOG_MAX = 23 };

static void *open_encoder(int level)
{
    ZSTD_CCtx *state = ZSTD_createCCtx();
    if (state)
        (void)ZSTD_CCtx_setParameter(state, ZSTD_c_compressionLevel,
                                     brio_coder_level(level, 3, 1, 15));
    return state;
}

static int encode(void *state, brio_buf *out, brio_str data, brio_coder_flush flush)
{
    static const ZSTD_EndDirective modes[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
    ZSTD_inBuffer in = {data.ptr, data.len, 0};
    for (;;) {
        if (!brio_coder_room(out))
            return brio_coder_full(out);
        ZSTD_outBuffer room = {out->ptr + out->len, out->cap - out->len, 0};
        size_t left = ZSTD_compressStream2(state, &room, &in, modes[flush]);
        out->len += room.pos;
        if (ZSTD_isError(left))
            return -ENOMEM;
        if (in.pos == in.size && (flush == BRIO_CODER_MORE || left == 0))
            return 0;
    }
}

static void close_encoder(void *state)
{
    (void)ZSTD_freeCCtx(state);
}

static void *open_decoder(void)
{
    ZSTD_DCtx *state = ZSTD_createDCtx();
    if (state)
        (void)ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return state;
}

static int decode(void *state, brio_buf *out, brio_str data)
{
    ZSTD_inBuffer in = {data.ptr, data.len, 0};
    for (;;) {
        if (!brio_coder_room(out))
            return brio_coder_full(out);
        ZSTD_outBuffer room = {out->ptr + out->len, out->cap - out->len, 0};
        size_t hint = ZSTD_decompressStream(state, &room, &in);
        out->len += room.pos;
        if (ZSTD_isError(hint))
            return BRIO_ESYNTAX;
        if (hint == 0)
            return in.pos < in.size ? BRIO_ESYNTAX : 1;
        if (in.pos == in.size && room.pos < room.size)
            return 0;
    }
}

static void close_decoder(void *state)
{
    (void)ZSTD_freeDCtx(state);
}

static const brio_coder_kind kind = {open_encoder, encode, close_encoder,
                                     open_decoder, decode, close_decoder};
const brio_coder_kind *const brio_coder_zstd = &kind;

#endif
