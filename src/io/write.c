/* SPDX-License-Identifier: MIT
 *
 * Writing. In brio_stream_write the bytes stay the caller's, so the call
 * returns only when the kernel does not need them any more; brio_stream_send
 * copies. With TLS the bytes are encrypted piece by piece into the queue.
 *
 * A cancelled write closes the transport and waits until the loop has given it
 * back: io_uring may be reading the caller's bytes until then. What the peer
 * got is unknown; the stream is only good for closing, and TLS does not say
 * that it ended well. Waiting for one's turn can be cancelled without harm. */
#include "io/io_internal.h"

#include <errno.h>

/* ---- A writer's turn ---------------------------------------------------- */

static int refusal(const brio_stream *s)
{
    if (s->writing)
        return -EBUSY;
    if (s->write_ended)
        return -EPIPE;
    return s->write_err;
}

static bool forget_flusher(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream->flusher = NULL;
    return true;
}

static int await_empty(brio_stream *s, bool (*on_cancel)(brio_waiter *))
{
    int rc = 0;
    brio_io_output_flush(s);
    while (rc == 0 && s->out_bytes > 0)
        rc = brio_io_wait_on(s, &s->flusher, BRIO_WAIT_WRITE, on_cancel);
    return rc < 0 ? rc : s->write_err;
}

static void shut_now(brio_stream *s)
{
    if (s->stopped || !s->in_loop)
        return;
    if (s->filter)
        s->filter->finish(s);
    s->fin = true;
    brio_io_output_flush(s);
    if (s->out_bytes == 0)
        s->raw->shutdown(s);
}

int brio_io_write_begin(brio_stream *s)
{
    int rc = brio_checkpoint(); /* a peer that takes all must not keep us from the others */
    if (rc == 0)
        rc = s->released ? BRIO_ECLOSED : refusal(s);
    if (rc < 0)
        return rc;
    s->writing = true;
    if (s->out_bytes > 0)
        rc = await_empty(s, forget_flusher);
    if (rc < 0)
        brio_io_write_end(s);
    return rc;
}

void brio_io_write_end(brio_stream *s)
{
    s->writing = false;
    if (s->shut && !s->fin)
        shut_now(s);
}

/* ---- Until the kernel has it -------------------------------------------- */

static bool abort_write(brio_waiter *waiter)
{
    brio_stream *s = BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream;
    s->write_ended = true;
    brio_io_close_raw(s);
    return false; /* brio_io_closed wakes the writer */
}

/* Here the bytes are our own copies, which nobody waits for. */
static bool abort_flush(brio_waiter *waiter)
{
    brio_stream *s = BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream;
    s->write_ended = true;
    s->flusher = NULL;
    brio_io_close_raw(s);
    return true;
}

int brio_io_write_wait(brio_stream *s)
{
    return brio_io_wait_on(s, &s->writer, BRIO_WAIT_WRITE, abort_write);
}

static int write_raw(brio_stream *s, const brio_str *parts, size_t n)
{
    for (size_t at = 0; at < n; at += BRIO_IO_PARTS) {
        size_t some = n - at < BRIO_IO_PARTS ? n - at : BRIO_IO_PARTS;
        int rc = s->raw_closed ? -EPIPE : s->raw->write(s, parts + at, some);
        if (rc == 0)
            rc = brio_io_write_wait(s);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int write_protected(brio_stream *s, brio_str data)
{
    while (data.len > 0) {
        ptrdiff_t n = s->filter->protect(s, data);
        int rc = n < 0 ? (int)n : await_empty(s, abort_flush);
        if (rc < 0)
            return rc;
        data = brio_str_slice(data, (size_t)n, data.len);
    }
    return 0;
}

int brio_io_write_all(brio_stream *s, brio_str data)
{
    return s->filter ? write_protected(s, data) : write_raw(s, &data, 1);
}

static int write_parts(brio_stream *s, const brio_str *parts, size_t n)
{
    int rc = brio_io_write_begin(s);
    if (rc < 0)
        return rc;
    if (!s->filter)
        rc = write_raw(s, parts, n);
    for (size_t i = 0; s->filter && rc == 0 && i < n; i++)
        rc = write_protected(s, parts[i]);
    brio_io_write_end(s);
    return rc;
}

int brio_stream_write_parts(brio_stream *s, const brio_str *parts, size_t n)
{
    brio_io_enter(s);
    return (int)brio_io_leave(s, write_parts(s, parts, n));
}

int brio_stream_write(brio_stream *s, brio_str data)
{
    return brio_stream_write_parts(s, &data, 1);
}

/* ---- Queued ------------------------------------------------------------- */

int brio_stream_send(brio_stream *s, brio_str data)
{
    int rc = refusal(s);
    if (rc < 0)
        return rc;
    if (!s->filter)
        brio_io_output_add(s, data);
    while (s->filter && data.len > 0) {
        ptrdiff_t n = s->filter->protect(s, data);
        if (n < 0)
            return (int)n;
        data = brio_str_slice(data, (size_t)n, data.len);
    }
    brio_io_output_flush_soon(s);
    return 0;
}

size_t brio_stream_queued(const brio_stream *s)
{
    return s->out_bytes;
}

static bool forget_drainer(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

static int drain(brio_stream *s)
{
    int rc = brio_cancel_point();
    if (rc < 0 || s->write_err)
        return rc < 0 ? rc : s->write_err;
    if (s->out_bytes > s->limits.high_water)
        brio_io_output_flush(s);
    if (s->write_err || s->out_bytes <= s->limits.high_water)
        return s->write_err;
    brio_waiter waiter = {.on_cancel = forget_drainer, .kind = BRIO_WAIT_WRITE, .on = s};
    brio_link_insert_before(&s->drainers, &waiter.link);
    return brio_park(&waiter);
}

int brio_stream_drain(brio_stream *s)
{
    brio_io_enter(s);
    return (int)brio_io_leave(s, drain(s));
}

void brio_stream_shutdown(brio_stream *s)
{
    if (s->shut)
        return;
    s->shut = s->write_ended = true;
    if (!s->writing)
        shut_now(s);
}
