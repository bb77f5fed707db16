/* SPDX-License-Identifier: MIT
 *
 * The queue of bytes to be sent: what brio_stream_send copied, and everything
 * TLS says.
 *
 *     out_first -> [flying: with the transport] -> [queued ...] <- out_last
 *
 * It is a list of pooled chunks, so a stream with nothing to send holds no
 * memory. While chunks fly nothing is added to them, since the transport has
 * been told their length. Whatever waits for the queue to become short or
 * empty is told here: drainers, the writer, half-close and close. */
#include "io/io_internal.h"

#include <errno.h>

/* ---- Telling ------------------------------------------------------------ */

static void wake_drainers(brio_stream *s, int result)
{
    while (!brio_link_alone(&s->drainers)) {
        brio_link *first = s->drainers.next;
        brio_link_remove(first);
        brio_unpark(BRIO_CONTAINER(first, brio_waiter, link), result);
    }
}

static void empty_now(brio_stream *s)
{
    if (s->closing)
        brio_io_stream_stop(s, false);
    else if (s->fin && !s->write_err)
        s->raw->shutdown(s);
    brio_io_wake(&s->flusher, s->write_err);
}

static void shorter_now(brio_stream *s)
{
    if (s->write_err)
        wake_drainers(s, s->write_err);
    else if (s->out_bytes <= s->limits.low_water)
        wake_drainers(s, 0);
    if (s->out_bytes == 0)
        empty_now(s);
}

/* ---- The queue ---------------------------------------------------------- */

static void release_first(brio_stream *s)
{
    brio_chunk *chunk = s->out_first;
    s->out_first = chunk->next;
    if (!s->out_first)
        s->out_last = NULL;
    s->out_bytes -= chunk->len;
    s->out_chunks--;
    brio_chunk_release(s->io->loop, chunk);
}

static brio_chunk *chunk_with_room(brio_stream *s)
{
    brio_chunk *last = s->out_last;
    if (last && s->out_chunks > s->flying && last->len < last->cap)
        return last;
    brio_chunk *chunk = brio_chunk_acquire(s->io->loop);
    if (last)
        last->next = chunk;
    else
        s->out_first = chunk;
    s->out_last = chunk;
    s->out_chunks++;
    return chunk;
}

void brio_io_output_add(brio_stream *s, brio_str data)
{
    s->out_bytes += data.len;
    while (data.len > 0) {
        brio_chunk *chunk = chunk_with_room(s);
        size_t room = chunk->cap - chunk->len;
        size_t n = data.len < room ? data.len : room;
        memcpy(chunk->data + chunk->len, data.ptr, n);
        chunk->len += (uint32_t)n;
        data = brio_str_slice(data, n, data.len);
    }
}

void brio_io_output_drop(brio_stream *s, int err)
{
    if (!s->write_err)
        s->write_err = err;
    brio_loop_call_cancel(s->io->loop, &s->flush_soon);
    size_t kept = s->flying;
    brio_chunk *last = NULL, *rest = s->out_first;
    for (; kept > 0; kept--) {
        last = rest;
        rest = rest->next;
    }
    brio_chunk *flying = s->out_first;
    s->out_first = rest;
    while (s->out_first)
        release_first(s);
    s->out_first = last ? flying : NULL;
    s->out_last = last;
    if (last)
        last->next = NULL;
    shorter_now(s);
}

void brio_io_output_fini(brio_stream *s)
{
    s->flying = 0;
    brio_timer_stop(s->io->loop, &s->linger);
    brio_io_output_drop(s, -EPIPE);
}

/* ---- Sending ------------------------------------------------------------ */

static void flown(brio_stream *s, int err)
{
    for (; s->flying > 0; s->flying--)
        release_first(s);
    if (err < 0)
        brio_io_output_drop(s, err);
    else
        shorter_now(s);
}

/* True if the transport took all of it at once. */
static bool send_some(brio_stream *s)
{
    brio_str parts[BRIO_IO_PARTS];
    for (brio_chunk *c = s->out_first; c && s->flying < BRIO_IO_PARTS; c = c->next)
        parts[s->flying++] = (brio_str){c->data, c->len};
    int rc = s->raw->write(s, parts, s->flying);
    if (rc != 0)
        flown(s, rc < 0 ? rc : 0);
    return rc > 0;
}

void brio_io_output_flush(brio_stream *s)
{
    brio_loop_call_cancel(s->io->loop, &s->flush_soon);
    if (!s->in_loop || s->raw_closed)
        return;
    while (s->out_first && !s->flying && send_some(s))
        continue;
}

void brio_io_output_written(brio_stream *s, int err)
{
    flown(s, err);
    if (err >= 0)
        brio_io_output_flush(s);
}

static void on_flush_soon(brio_callback *cb)
{
    brio_io_output_flush(BRIO_CONTAINER(cb, brio_stream, flush_soon));
}

void brio_io_output_flush_soon(brio_stream *s)
{
    if (!brio_callback_queued(&s->flush_soon) && !s->flying)
        brio_loop_call_soon(s->io->loop, &s->flush_soon);
}

void brio_io_output_init(brio_stream *s)
{
    brio_link_init(&s->drainers);
    s->flush_soon.fn = on_flush_soon;
}
