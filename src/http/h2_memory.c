/* SPDX-License-Identifier: MIT
 *
 * The memory that nghttp2 takes for a session: counted as the heap rounds it, and
 * limited, so that no client can make one connection grow without end, by
 * whatever of nghttp2's structures. What is beyond the limit looks to nghttp2 like a
 * heap that is full; the connection ends then. */
#include "http/h2_internal.h"

#include <malloc.h>
#include <stdlib.h>

/* False: that would be too much. */
static bool fits(brio_h2 *h2, size_t more)
{
    bool room = more <= h2->memory_max && h2->memory <= h2->memory_max - more;
    h2->starved = h2->starved || !room;
    return room;
}

static void *counted(brio_h2 *h2, void *ptr)
{
    h2->memory += malloc_usable_size(ptr); /* of NULL: 0 */
    return ptr;
}

static void *mem_malloc(size_t size, void *arg)
{
    return fits(arg, size) ? counted(arg, brio_malloc(size)) : NULL;
}

static void *mem_calloc(size_t n, size_t size, void *arg)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return fits(arg, n * size) ? counted(arg, brio_zalloc(n, size)) : NULL;
}

static void *mem_realloc(void *ptr, size_t size, void *arg)
{
    brio_h2 *h2 = arg;
    size_t before = malloc_usable_size(ptr);
    if (size > before && !fits(h2, size - before))
        return NULL;
    void *fresh = brio_realloc(ptr, size);
    if (!fresh)
        return NULL;
    h2->memory -= before;
    return counted(h2, fresh);
}

static void mem_free(void *ptr, void *arg)
{
    brio_h2 *h2 = arg;
    h2->memory -= malloc_usable_size(ptr);
    free(ptr);
}

nghttp2_mem brio_h2_memory_of(brio_h2 *h2)
{
    h2->memory_max = h2->limits.memory;
    return (nghttp2_mem){h2, mem_malloc, mem_free, mem_calloc, mem_realloc};
}

size_t brio_h2_memory(const brio_h2 *h2)
{
    return h2->memory;
}
