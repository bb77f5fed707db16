/* SPDX-License-Identifier: MIT
 *
 * Reading: bytes, exact numbers of bytes, lines.
 *
 * Every call first consumes the line lent by the one before, then waits for
 * as many bytes as it needs, and takes them only when it can succeed. A line
 * within one chunk is lent where it lies; only one that crosses chunks is
 * copied together. */
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
    if (!s->paused || s->bytes > BRIO_IO_LIMIT)
        return;
    s->paused = false;
    if (s->in_loop)
        brio_sock_read_start(&s->sock);
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
    consume(s, NULL, s->lent);
    s->lent = 0;
    s->line.len = 0;
    return 0;
}

/* Until `n` bytes are there or the stream has ended. < 0: do not touch it. */
static int await_bytes(brio_stream *s, size_t n)
{
    while (s->bytes < n && !s->ended) {
        s->wanted = n;
        if (s->paused && s->in_loop) { /* more is wanted than the pause allows */
            s->paused = false;
            brio_sock_read_start(&s->sock);
        }
        int rc = brio_io_wait_on(s, &s->reader, stop_waiting);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int ended_with(const brio_stream *s)
{
    return s->end_err < 0 ? s->end_err : BRIO_ECLOSED;
}

/* ---- Calls -------------------------------------------------------------- */

ptrdiff_t brio_stream_read(brio_stream *s, void *into, size_t cap)
{
    int rc = begin(s);
    if (rc == 0 && cap > 0)
        rc = await_bytes(s, 1);
    if (rc < 0)
        return rc;
    if (s->bytes == 0 && cap > 0)
        return s->end_err;
    size_t n = s->bytes < cap ? s->bytes : cap;
    consume(s, into, n);
    return (ptrdiff_t)n;
}

int brio_stream_read_exactly(brio_stream *s, void *into, size_t n)
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

/* The length of the line up to its separator, looking at bytes [from, limit);
 * 0 if there is none. */
static size_t find(const brio_stream *s, char separator, size_t from, size_t limit)
{
    size_t before = 0;
    for (const brio_chunk *c = s->first; c && before < limit; c = c->next) {
        size_t len = in_chunk(s, c);
        size_t end = len < limit - before ? len : limit - before;
        size_t skip = from > before ? from - before : 0;
        if (skip < end) {
            const char *at = memchr(data_of(s, c) + skip, separator, end - skip);
            if (at)
                return before + (size_t)(at - data_of(s, c)) + 1;
        }
        before += len;
    }
    return 0;
}

/* Lends the first `n` bytes, in place if they lie in one chunk. */
static int lend(brio_stream *s, size_t n, brio_str *ret)
{
    *ret = (brio_str){0};
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

int brio_stream_read_until(brio_stream *s, char separator, size_t limit, brio_str *ret_line)
{
    *ret_line = (brio_str){0};
    limit = limit ? limit : BRIO_IO_LIMIT;
    int rc = begin(s);
    for (size_t seen = 0; rc == 0; rc = await_bytes(s, seen + 1)) {
        size_t line = find(s, separator, seen, limit);
        if (line)
            return lend(s, line, ret_line);
        if (s->bytes >= limit)
            return BRIO_ELIMIT;
        if (s->ended)
            return lend_rest(s, ret_line);
        seen = s->bytes;
    }
    return rc;
}
