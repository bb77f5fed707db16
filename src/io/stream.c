/* SPDX-License-Identifier: MIT
 *
 * A stream's life and what its transport tells it.
 *
 * Received chunks are kept as they come, in a list, and copied once: by the
 * read that wants them. Small ones are added to the last chunk, or a peer that
 * sends single bytes could make us hold a whole chunk for each. Above twice
 * the limit reading stops, unless the reader waits for more than that.
 *
 * Stopping (close, abort, a server's close_clients) ends every call; the
 * transport is closed when what is queued has been sent, or at once. */
#include "io/io_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { LINGER_MS = 5000 };

/* ---- Waiting ------------------------------------------------------------ */

ptrdiff_t brio_io_leave(brio_stream *s, ptrdiff_t rc)
{
    BRIO_ASSERT(s->users > 0);
    s->users--;
    if (!s->released)
        return rc;
    brio_io_stream_settle(s);
    return rc < 0 ? rc : BRIO_ECLOSED;
}

int brio_io_wait_on(brio_stream *s, brio_io_wait **slot, brio_wait_kind kind,
                    bool (*on_cancel)(brio_waiter *))
{
    brio_io_wait wait = {.waiter = {.on_cancel = on_cancel, .kind = (uint8_t)kind, .on = s},
                         .stream = s};
    BRIO_ASSERT(!*slot && s->users > 0);
    *slot = &wait;
    int rc = brio_park(&wait.waiter);
    return rc >= 0 && s->released ? BRIO_ECLOSED : rc;
}

void brio_io_wake(brio_io_wait **slot, int result)
{
    brio_io_wait *wait = *slot;
    if (!wait)
        return;
    *slot = NULL;
    brio_unpark(&wait->waiter, result);
}

/* ---- Unread bytes ------------------------------------------------------- */

void brio_io_keep(brio_stream *s, brio_chunk *chunk)
{
    brio_chunk *last = s->last;
    s->bytes += chunk->len;
    if (last && chunk->len <= chunk->cap / 4 && chunk->len <= last->cap - last->len) {
        memcpy(last->data + last->len, chunk->data, chunk->len);
        last->len += chunk->len;
        brio_chunk_release(s->io->loop, chunk);
    } else {
        chunk->next = NULL;
        if (last)
            last->next = chunk;
        else
            s->first = chunk;
        s->last = chunk;
    }
    size_t limit = 2 * s->limits.read_limit;
    if (s->reader && s->wanted > limit)
        limit = s->wanted;
    if (s->bytes > limit && !s->paused) {
        s->paused = true;
        s->raw->read_stop(s);
    }
    if (s->bytes >= s->wanted)
        brio_io_wake(&s->reader, 0);
}

void brio_io_end_reading(brio_stream *s, int err)
{
    if (!s->ended) {
        s->ended = true;
        s->end_err = err;
    }
    brio_io_wake(&s->reader, 0);
}

static void drop_unread(brio_stream *s)
{
    while (s->first) {
        brio_chunk *next = s->first->next;
        brio_chunk_release(s->io->loop, s->first);
        s->first = next;
    }
    s->last = NULL;
    s->bytes = s->lent = s->at = 0;
}

/* ---- Events ------------------------------------------------------------- */

void brio_io_received(brio_stream *s, brio_chunk *chunk)
{
    if (s->stopped)
        brio_chunk_release(s->io->loop, chunk);
    else if (s->filter)
        s->filter->received(s, chunk);
    else
        brio_io_keep(s, chunk);
}

void brio_io_ended(brio_stream *s, int err)
{
    if (s->filter)
        s->filter->ended(s, err);
    else
        brio_io_end_reading(s, err);
}

void brio_io_written(brio_stream *s, int err)
{
    if (s->flying > 0)
        brio_io_output_written(s, err);
    else
        brio_io_wake(&s->writer, err);
}

void brio_io_closed(brio_stream *s)
{
    s->in_loop = false;
    brio_io_output_fini(s);
    brio_io_wake(&s->writer, BRIO_ECLOSED); /* its bytes are nobody's any more */
    brio_io_end_reading(s, BRIO_ECLOSED);
    brio_io_wake(&s->connecter, BRIO_ECLOSED);
    brio_io_stream_settle(s);
}

/* ---- Life --------------------------------------------------------------- */

brio_stream *brio_io_stream_new(brio_io *io, const brio_io_transport *raw)
{
    brio_stream *s = brio_zalloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->io = io;
    s->raw = raw;
    brio_stream_set_limits(s, &(brio_stream_limits){0});
    brio_io_output_init(s);
    brio_link_insert_before(&io->streams, &s->link);
    return s;
}

void brio_io_stream_settle(brio_stream *s)
{
    if (!s->released || s->in_loop || s->users > 0)
        return;
    if (s->filter)
        s->filter->free(s);
    brio_io_output_fini(s);
    brio_link_remove(&s->link);
    free(s);
}

void brio_io_close_raw(brio_stream *s)
{
    if (s->raw_closed || !s->in_loop)
        return;
    s->raw_closed = true;
    brio_timer_stop(s->io->loop, &s->linger);
    brio_io_output_drop(s, -EPIPE);
    s->raw->close(s);
}

static void lingered(brio_timer *timer)
{
    brio_io_close_raw(BRIO_CONTAINER(timer, brio_stream, linger));
}

void brio_io_stream_stop(brio_stream *s, bool flush)
{
    bool first = !s->stopped;
    s->stopped = s->write_ended = true;
    drop_unread(s);
    brio_io_end_reading(s, BRIO_ECLOSED);
    brio_io_wake(&s->connecter, BRIO_ECLOSED);
    if (first && flush && !s->writing && s->filter && !s->write_err)
        s->filter->finish(s);
    if (flush && !s->writing && s->out_bytes > 0 && s->in_loop && !s->raw_closed) {
        if (s->closing)
            return;
        s->closing = true;
        s->linger.fn = lingered;
        brio_timer_start(s->io->loop, &s->linger, brio_loop_now(s->io->loop) + BRIO_MS(LINGER_MS));
        brio_io_output_flush(s);
        return;
    }
    brio_io_close_raw(s);
}

void brio_stream_close(brio_stream *s)
{
    if (!s)
        return;
    BRIO_ASSERT(!s->released);
    s->released = true;
    brio_io_stream_stop(s, true);
    brio_buf_fini(&s->line);
    brio_io_stream_settle(s);
}

void brio_stream_abort(brio_stream *s)
{
    int fd = brio_stream_fd(s);
    struct linger reset = {.l_onoff = 1};
    if (fd >= 0) /* refused by what is no socket */
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    brio_io_stream_stop(s, false);
}

bool brio_stream_is_closing(const brio_stream *s)
{
    return s->stopped;
}

/* ---- Facts -------------------------------------------------------------- */

void brio_stream_set_limits(brio_stream *s, const brio_stream_limits *limits)
{
    brio_stream_limits l = *limits;
    l.read_limit = l.read_limit ? l.read_limit : BRIO_IO_LIMIT;
    if (l.read_limit > SIZE_MAX / 4)
        l.read_limit = SIZE_MAX / 4;
    l.high_water = l.high_water ? l.high_water : BRIO_IO_LIMIT;
    l.low_water = l.low_water ? l.low_water : l.high_water / 4;
    l.low_water = l.low_water < l.high_water ? l.low_water : l.high_water;
    s->limits = l;
}

static int address(const brio_stream *s, bool peer, char host[64], uint16_t *ret_port)
{
    return s->in_loop && !s->raw_closed ? s->raw->address(s, peer, host, ret_port) : -ENOTCONN;
}

int brio_stream_peer(const brio_stream *s, char host[64], uint16_t *ret_port)
{
    return address(s, true, host, ret_port);
}

int brio_stream_local(const brio_stream *s, char host[64], uint16_t *ret_port)
{
    return address(s, false, host, ret_port);
}

int brio_stream_fd(const brio_stream *s)
{
    return s->in_loop && !s->raw_closed ? s->raw->fd(s) : -ENOTCONN;
}
