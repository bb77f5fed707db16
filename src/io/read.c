/* SPDX-License-Identifier: MIT
 *
 * Reading: bytes, exact numbers of bytes, lines.
 *
 * Every call first consumes the line lent by the one before, then waits for
 * as many bytes as it needs, and takes them only when it can succeed. A line
 * within one chunk is lent where it lies; only one that crosses chunks is
 * copied together. A separator of several bytes is found across chunks, too. */
#include "io/io_internal.h"

#include <errno.h>

/* ---- The unread bytes ---------------------------------------------------- */

static size_t in_chunk(const brio_stream *s, const brio_chunk *chunk)
{
    return chunk->len - (chunk == s->first ? s->at : 0);
}

static const char *data_of(const brio_stream *s, const brio_chunk *chunk)
{
    return chunk->data + (chunk == s->first ? s->at : 0);
}

static void drop_first(brio_stream *s)
{
    brio_chunk *chunk = s->first;
    s->first = chunk->next;
    s->at = 0;
    if (!s->first)
        s->last = NULL;
    brio_chunk_release(s->io->loop, chunk);
}

static void resume_reading(brio_stream *s)
{
    if (!s->paused || s->bytes > s->limits.read_limit)
        return;
    s->paused = false;
    if (s->in_loop && !s->raw_closed)
        s->raw->read_start(s);
}

/* Takes `n` bytes out; copies them if `into` is not NULL. */
static void consume(brio_stream *s, char *into, size_t n)
{
    s->bytes -= n;
    while (n > 0) {
        size_t part = in_chunk(s, s->first);
        part = part < n ? part : n;
        if (into) {
            memcpy(into, data_of(s, s->first), part);
            into += part;
        }
        s->at += part;
        n -= part;
        if (s->at == s->first->len)
            drop_first(s);
    }
    resume_reading(s);
}

void brio_io_forget_lent(brio_stream *s)
{
    consume(s, NULL, s->lent);
    s->lent = 0;
    s->line.len = 0;
}

/* ---- Waiting ------------------------------------------------------------ */

static bool stop_waiting(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream->reader = NULL;
    return true;
}

/* Common to all reads: a cancellation point, one reader, the old line gone. */
static int begin(brio_stream *s)
{
    if (s->reader)
        return -EBUSY;
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    brio_io_forget_lent(s);
    return 0;
}

/* Until `n` bytes are there or the stream has ended. < 0: do not touch it. */
static int await_bytes(brio_stream *s, size_t n)
{
    while (s->bytes < n && !s->ended) {
        s->wanted = n;
        if (s->paused && s->in_loop && !s->raw_closed) { /* more is wanted than the pause allows */
            s->paused = false;
            s->raw->read_start(s);
        }
        int rc = brio_io_wait_on(s, &s->reader, BRIO_WAIT_READ, stop_waiting);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The error reading ended with, said in words where it has any; 0 for a plain end. */
static int end_error(const brio_stream *s)
{
    const char *problem = s->filter ? s->filter->problem(s) : NULL;
    return s->end_err < 0 && problem ? brio_error(s->end_err, "%s", problem) : s->end_err;
}

static int ended_with(const brio_stream *s)
{
    int err = end_error(s);
    return err < 0 ? err : BRIO_ECLOSED;
}

/* ---- Bytes -------------------------------------------------------------- */

static ptrdiff_t read_some(brio_stream *s, void *into, size_t cap)
{
    int rc = begin(s);
    if (rc == 0 && cap > 0)
        rc = await_bytes(s, 1);
    if (rc < 0)
        return rc;
    if (s->bytes == 0 && cap > 0)
        return end_error(s);
    size_t n = s->bytes < cap ? s->bytes : cap;
    consume(s, into, n);
    return (ptrdiff_t)n;
}

ptrdiff_t brio_stream_read(brio_stream *s, void *into, size_t cap)
{
    brio_io_enter(s);
    return brio_io_leave(s, read_some(s, into, cap));
}

static int read_exactly(brio_stream *s, void *into, size_t n)
{
    int rc = begin(s);
    if (rc == 0)
        rc = await_bytes(s, n);
    if (rc < 0)
        return rc;
    if (s->bytes < n)
        return ended_with(s);
    consume(s, into, n);
    return 0;
}

int brio_stream_read_exactly(brio_stream *s, void *into, size_t n)
{
    brio_io_enter(s);
    return (int)brio_io_leave(s, read_exactly(s, into, n));
}

static int await_all(brio_stream *s, size_t limit)
{
    int rc = begin(s);
    while (rc == 0 && !s->ended && s->bytes <= limit)
        rc = await_bytes(s, s->bytes + 1);
    if (rc == 0 && s->bytes > limit)
        return BRIO_ELIMIT;
    return rc == 0 ? end_error(s) : rc;
}

int brio_stream_read_all(brio_stream *s, brio_arena *arena, size_t limit, brio_str *ret)
{
    enum { DEFAULT_LIMIT = 1 << 20 };
    *ret = (brio_str){0};
    brio_io_enter(s);
    int rc = (int)brio_io_leave(s, await_all(s, limit ? limit : DEFAULT_LIMIT));
    if (rc < 0)
        return rc;
    size_t n = s->bytes;
    char *into = brio_alloc(arena ? arena : brio_task_arena(), n + 1);
    consume(s, into, n);
    into[n] = '\0';
    *ret = (brio_str){into, n};
    return 0;
}

bool brio_stream_at_end(const brio_stream *s)
{
    return s->ended && s->bytes == s->lent;
}

/* ---- Separators --------------------------------------------------------- */

/* True if the bytes from `at` of `chunk` on are `want`, over as many chunks as it takes. */
static bool matches(const brio_stream *s, const brio_chunk *chunk, size_t at, brio_str want)
{
    for (; chunk; chunk = chunk->next, at = 0) {
        brio_str here =
            brio_str_slice((brio_str){data_of(s, chunk), in_chunk(s, chunk)}, at, want.len);
        if (memcmp(here.ptr, want.ptr, here.len) != 0)
            return false;
        want = brio_str_slice(want, here.len, want.len);
        if (want.len == 0)
            return true;
    }
    return false;
}

/* Where `separator` begins in this chunk, at or behind `from`; SIZE_MAX if not. */
static size_t find_in_chunk(const brio_stream *s, const brio_chunk *chunk, size_t from,
                            brio_str separator)
{
    const char *data = data_of(s, chunk);
    size_t len = in_chunk(s, chunk);
    while (from < len) {
        const char *at = memchr(data + from, separator.ptr[0], len - from);
        if (!at)
            break;
        from = (size_t)(at - data);
        if (matches(s, chunk, from, separator))
            return from;
        from++;
    }
    return SIZE_MAX;
}

/* The length of what is there up to and with its separator, which begins at
 * `from` or later; 0 if there is none. */
static size_t find(const brio_stream *s, brio_str separator, size_t from)
{
    size_t before = 0;
    for (const brio_chunk *c = s->first; c; c = c->next) {
        size_t skip = from > before ? from - before : 0;
        size_t at = find_in_chunk(s, c, skip, separator);
        if (at != SIZE_MAX)
            return before + at + separator.len;
        before += in_chunk(s, c);
    }
    return 0;
}

/* Lends the first `n` bytes, in place if they lie in one chunk. */
static int lend(brio_stream *s, size_t n, brio_str *ret)
{
    if (n == 0)
        return 0;
    if (n <= in_chunk(s, s->first)) {
        *ret = (brio_str){data_of(s, s->first), n};
        s->lent = n;
        return 0;
    }
    if (!brio_buf_reserve(&s->line, n)) {
        s->line.failed = false;
        return -ENOMEM;
    }
    consume(s, s->line.ptr, n);
    s->line.len = n;
    *ret = brio_buf_str(&s->line);
    return 0;
}

static int lend_rest(brio_stream *s, brio_str *ret)
{
    int rc = lend(s, s->bytes, ret);
    return rc < 0 ? rc : ended_with(s);
}

static int read_until(brio_stream *s, brio_str separator, size_t limit, brio_str *ret)
{
    limit = limit ? limit : s->limits.read_limit;
    int rc = begin(s);
    for (size_t seen = 0; rc == 0; rc = await_bytes(s, s->bytes + 1)) {
        size_t n = find(s, separator, seen);
        if (n > limit || (n == 0 && s->bytes >= limit))
            return BRIO_ELIMIT;
        if (n > 0)
            return lend(s, n, ret);
        if (s->ended)
            return lend_rest(s, ret);
        seen = s->bytes < separator.len ? 0 : s->bytes - separator.len + 1;
    }
    return rc;
}

int brio_stream_read_until(brio_stream *s, brio_str separator, size_t limit, brio_str *ret)
{
    *ret = (brio_str){0};
    if (separator.len == 0)
        return -EINVAL;
    brio_io_enter(s);
    return (int)brio_io_leave(s, read_until(s, separator, limit, ret));
}

int brio_stream_read_line(brio_stream *s, size_t limit, brio_str *ret)
{
    int rc = brio_stream_read_until(s, BRIO_S("\n"), limit, ret);
    if (rc == BRIO_ECLOSED && s->end_err == 0)
        return ret->len > 0;
    if (rc < 0)
        return rc;
    ret->len--;
    if (ret->len > 0 && ret->ptr[ret->len - 1] == '\r')
        ret->len--;
    return 1;
}
