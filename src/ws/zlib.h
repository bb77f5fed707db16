/* SPDX-License-Identifier: MIT
 *
 * zlib as both directions use it: on brio's heap, so that a test can refuse. */
#ifndef BRIO_WS_ZLIB_H
#define BRIO_WS_ZLIB_H

#define ZLIB_CONST
#include <brio/base.h>

#include <stdlib.h>
#include <zlib.h>

static inline void *brio_ws_zlib_alloc(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return brio_zalloc(n, size);
}

static inline void brio_ws_zlib_free(void *opaque, void *ptr)
{
    (void)opaque;
    free(ptr);
}

static inline void brio_ws_zlib_heap(z_stream *z)
{
    z->zalloc = brio_ws_zlib_alloc;
    z->zfree = brio_ws_zlib_free;
}

#endif
