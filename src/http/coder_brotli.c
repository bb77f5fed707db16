/* SPDX-License-Identifier: MIT
 *
 * Brotli through libbrotli. The window is 256 KiB (the library's default is 4
 * MiB for each answer under way); decoders take what the format allows. */
#include "http/coder.h"

#ifndef BRIO_WITH_BROTLI

const brio_coder_kind *const brio_coder_brotli = NULL;

#else

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <errno.h>
#include <stdlib.h>

enum { WINDOW_BITS = 18 };

static void *allocate(void *opaque, size_t size)
{
    (void)opaque;
    return brio_malloc(size);
}

static void give_back(void *opaque, void *ptr)
{
    (void)opaque;
    free(ptr);
}

static void *open_encoder(int level)
{
    BrotliEncoderState *state = BrotliEncoderCreateInstance(allocate, give_back, NULL);
    if (!state)
        return NULL;
    (void)BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, WINDOW_BITS);
    (void)BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY,
                                    (uint32_t)brio_coder_level(level, 4, 1, 11));
    return state;
}

static int encode(void *state, brio_buf *out, brio_str data, brio_coder_flush flush)
{
    static const BrotliEncoderOperation modes[] = {BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH,
                                                   BROTLI_OPERATION_FINISH};
    size_t left = data.len;
    const uint8_t *from = (const uint8_t *)data.ptr;
    do {
        if (!brio_coder_room(out))
            return brio_coder_full(out);
        size_t room = out->cap - out->len;
        uint8_t *into = (uint8_t *)out->ptr + out->len;
        if (!BrotliEncoderCompressStream(state, modes[flush], &left, &from, &room, &into, NULL))
            return -ENOMEM;
        out->len = (size_t)(into - (uint8_t *)out->ptr);
    } while (left || BrotliEncoderHasMoreOutput(state));
    return 0;
}

static void close_encoder(void *state)
{
    BrotliEncoderDestroyInstance(state);
}

static void *open_decoder(void)
{
    return BrotliDecoderCreateInstance(allocate, give_back, NULL);
}

static int decode(void *state, brio_buf *out, brio_str data)
{
    size_t left = data.len;
    const uint8_t *from = (const uint8_t *)data.ptr;
    for (;;) {
        if (!brio_coder_room(out))
            return brio_coder_full(out);
        size_t room = out->cap - out->len;
        uint8_t *into = (uint8_t *)out->ptr + out->len;
        BrotliDecoderResult rc =
            BrotliDecoderDecompressStream(state, &left, &from, &room, &into, NULL);
        out->len = (size_t)(into - (uint8_t *)out->ptr);
        if (rc == BROTLI_DECODER_RESULT_ERROR)
            return BRIO_ESYNTAX;
        if (rc == BROTLI_DECODER_RESULT_SUCCESS)
            return left ? BRIO_ESYNTAX : 1;
        if (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
            return 0;
    }
}

static void close_decoder(void *state)
{
    BrotliDecoderDestroyInstance(state);
}

static const brio_coder_kind kind = {open_encoder, encode, close_encoder,
                                     open_decoder, decode, close_decoder};
const brio_coder_kind *const brio_coder_brotli = &kind;

#endif
