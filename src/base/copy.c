/* SPDX-License-Identifier: MIT
 *
 * Strings that live in an arena. Each copy has a NUL behind it, which is not
 * counted in its length: the edge to the system needs one, and one byte is
 * cheaper than a second copy there. */
#include <brio/base.h>

#include <stdio.h>

enum { PRINTF_LOCAL = 256 };

char *brio_cstr(brio_arena *arena, brio_str s)
{
    BRIO_ASSERT(s.len < SIZE_MAX);
    char *copy = brio_alloc_aligned(arena, s.len + 1, 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

brio_str brio_str_copy(brio_arena *arena, brio_str s)
{
    return (brio_str){brio_cstr(arena, s), s.len};
}

/* Most results are short: they are formatted once, on the stack. */
brio_str brio_vprintf(brio_arena *arena, const char *fmt, va_list args)
{
    char local[PRINTF_LOCAL];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(local, sizeof(local), fmt, args);
    BRIO_ASSERT(n >= 0);
    size_t len = (size_t)n;
    char *text = brio_alloc_aligned(arena, len + 1, 1);
    if (len < sizeof(local))
        memcpy(text, local, len + 1);
    else
        vsnprintf(text, len + 1, fmt, again);
    va_end(again);
    return (brio_str){text, len};
}

brio_str brio_printf(brio_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    brio_str text = brio_vprintf(arena, fmt, args);
    va_end(args);
    return text;
}
