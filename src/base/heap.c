/* SPDX-License-Identifier: MIT
 *
 * The heap, as brio's rooms ask for it: malloc with a counter in front, so
 * that a test can make the n-th request fail and see what becomes of it.
 *
 * The counter is the thread's own: a run on the simulator is one thread, and
 * what the pool's threads allocate meanwhile must not shift its numbers. What
 * cannot be refused (a timer that must be started, bytes that must be read)
 * is asked for by brio_must_...: it is not counted, and ends the process when
 * there is really nothing left. All of it is given back with free(). */
#include <brio/base.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local struct {
    uint64_t asked, refuse_at;
} requests __attribute__((tls_model("initial-exec")));

static bool refused(void)
{
    if (BRIO_LIKELY(++requests.asked != requests.refuse_at))
        return false;
    errno = ENOMEM;
    return true;
}

uint64_t brio_heap_fault(uint64_t nth)
{
    uint64_t asked = requests.asked;
    requests.asked = 0;
    requests.refuse_at = nth;
    return asked;
}

void *brio_malloc(size_t size)
{
    return refused() ? NULL : malloc(size);
}

void *brio_zalloc(size_t n, size_t size)
{
    return refused() ? NULL : calloc(n, size);
}

void *brio_realloc(void *ptr, size_t size)
{
    return refused() ? NULL : realloc(ptr, size);
}

void *brio_aligned_alloc(size_t align, size_t size)
{
    return refused() ? NULL : aligned_alloc(align, size);
}

char *brio_strdup(brio_str s)
{
    char *copy = brio_malloc(s.len + 1);
    if (!copy)
        return NULL;
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

/* ---- What cannot be refused --------------------------------------------- */

static void *must(void *ptr, size_t size)
{
    if (BRIO_LIKELY(ptr || !size))
        return ptr;
    fprintf(stderr, "brio: out of memory: %zu bytes\n", size);
    abort();
}

void *brio_must_malloc(size_t size)
{
    return must(malloc(size), size);
}

void *brio_must_realloc(void *ptr, size_t size)
{
    return must(realloc(ptr, size), size);
}
