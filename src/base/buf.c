/* SPDX-License-Identifier: MIT
 *
 * The cold half of the writing buffer: growth and formatting. Growth doubles,
 * so n bytes cost O(n) copies. When it fails, `cap` is lowered to `len`: the
 * inline fast path then finds no room and every later write ends here and is
 * dropped, without a second test on the hot path. The storage is malloc's,
 * owned by the buffer, or the caller's when `fixed`. */
#include <brio/base.h>

#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 256, PRINTF_LOCAL = 512 };

static bool buf_fail(brio_buf *buf)
{
    buf->failed = true;
    buf->cap = buf->len;
    return false;
}

static size_t next_capacity(const brio_buf *buf, size_t need)
{
    size_t doubled = buf->cap > SIZE_MAX / 2 ? SIZE_MAX : buf->cap * 2;
    size_t cap = doubled < BUF_FIRST ? BUF_FIRST : doubled;
    if (cap < need)
        cap = need;
    return buf->limit && cap > buf->limit ? buf->limit : cap;
}

bool brio_buf_grow(brio_buf *buf, size_t more)
{
    size_t need;
    BRIO_ASSERT(buf->len <= buf->cap);
    if (buf->failed || buf->fixed || __builtin_add_overflow(buf->len, more, &need))
        return buf_fail(buf);
    if (need <= buf->cap)
        return true;
    if (buf->limit && need > buf->limit)
        return buf_fail(buf);
    size_t cap = next_capacity(buf, need);
    char *ptr = cap > PTRDIFF_MAX ? NULL : brio_realloc(buf->ptr, cap);
    if (!ptr)
        return buf_fail(buf);
    buf->ptr = ptr;
    buf->cap = cap;
    return true;
}

void brio_buf_fini(brio_buf *buf)
{
    if (!buf->fixed)
        free(buf->ptr);
    *buf = (brio_buf){0};
}

static void fini(void *buf)
{
    brio_buf_fini(buf);
}

brio_buf *brio_buf_acquire(brio_arena *arena)
{
    brio_buf *buf = BRIO_NEW(arena, brio_buf);
    brio_defer_push(arena, fini, buf);
    return buf;
}

void brio_buf_release(brio_arena *arena, brio_buf *buf)
{
    bool there = brio_defer_pop(arena, fini, buf, true);
    BRIO_ASSERT(there);
}

/* vsnprintf insists on room for a NUL, which a buffer filled to its last byte
 * lacks; short results therefore go through a local copy. */
void brio_buf_vprintf(brio_buf *buf, const char *fmt, va_list args)
{
    char local[PRINTF_LOCAL];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(local, sizeof(local), fmt, args);
    BRIO_ASSERT(n >= 0);
    size_t len = (size_t)n;
    if (len < sizeof(local)) {
        brio_buf_add(buf, (brio_str){local, len});
    } else if (brio_buf_reserve(buf, len + 1)) {
        vsnprintf(buf->ptr + buf->len, len + 1, fmt, again);
        buf->len += len;
    }
    va_end(again);
}

void brio_buf_printf(brio_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    brio_buf_vprintf(buf, fmt, args);
    va_end(args);
}

/* Two digits per division: half the divisions of the obvious loop. */
void brio_buf_u64(brio_buf *buf, uint64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    char text[20]; /* UINT64_MAX has 20 digits */
    size_t at = sizeof(text);
    for (; value >= 100; value /= 100) {
        at -= 2;
        memcpy(text + at, pairs + value % 100 * 2, 2);
    }
    at -= value >= 10 ? 2 : 1;
    if (value >= 10)
        memcpy(text + at, pairs + value * 2, 2);
    else
        text[at] = (char)('0' + value);
    brio_buf_add(buf, (brio_str){text + at, sizeof(text) - at});
}

void brio_buf_i64(brio_buf *buf, int64_t value)
{
    if (value < 0 && brio_buf_reserve(buf, 1))
        buf->ptr[buf->len++] = '-';
    brio_buf_u64(buf, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}
