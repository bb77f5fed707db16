/* SPDX-License-Identifier: MIT
 *
 * A stream's life and what the loop tells it.
 *
 * Received chunks are kept as they come, in a list, and copied once: by the
 * read that wants them. Small ones are added to the last chunk, or a peer that
 * sends single bytes could make us hold a whole chunk for each. Above twice
 * the limit reading stops, unless the reader waits for more than that. */
#include "io/io_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Waiting ------------------------------------------------------------ */

/* The end of a suspension inside a call on `s`. */
static int leave(brio_stream *s, int rc)
{
    s->users--;
    if (!s->released)
        return rc;
    brio_io_stream_settle(s);
    return rc < 0 ? rc : BRIO_ECLOSED;
}

int brio_io_wait_on(brio_stream *s, brio_io_wait **slot, bool (*on_cancel)(brio_waiter *))
{
    brio_io_wait wait = {.waiter.on_cancel = on_cancel, .stream = s};
    BRIO_ASSERT(!*slot);
    *slot = &wait;
    s->users++;
    return leave(s, brio_park(&wait.waiter));
}

int brio_io_checkpoint(brio_stream *s)
{
    s->users++;
    return leave(s, brio_checkpoint());
}

void brio_io_wake(brio_io_wait **slot, int result)
{
    brio_io_wait *wait = *slot;
    if (!wait)
        return;
    *slot = NULL;
    brio_unpark(&wait->waiter, result);
}

/* ---- Events ------------------------------------------------------------- */

static brio_stream *stream_of(brio_sock *sock)
{
    return BRIO_CONTAINER(sock, brio_stream, sock);
}

static void keep(brio_stream *s, brio_chunk *chunk)
{
    brio_chunk *last = s->last;
    s->bytes += chunk->len;
    if (last && chunk->len <= chunk->cap / 4 && chunk->len <= last->cap - last->len) {
        memcpy(last->data + last->len, chunk->data, chunk->len);
        last->len += chunk->len;
        brio_chunk_release(s->io->loop, chunk);
        return;
    }
    chunk->next = NULL;
    if (last)
        last->next = chunk;
    else
        s->first = chunk;
    s->last = chunk;
}

static void on_data(brio_sock *sock, brio_chunk *chunk)
{
    brio_stream *s = stream_of(sock);
    keep(s, chunk);
    size_t limit = 2 * (size_t)BRIO_IO_LIMIT;
    if (s->reader && s->wanted > limit)
        limit = s->wanted;
    if (s->bytes > limit) {
        s->paused = true;
        brio_sock_read_stop(sock);
    }
    if (s->bytes >= s->wanted)
        brio_io_wake(&s->reader, 0);
}

static void end_reading(brio_stream *s, int err)
{
    if (!s->ended) {
        s->ended = true;
        s->end_err = err;
    }
    brio_io_wake(&s->reader, 0);
}

static void on_end(brio_sock *sock, int err)
{
    end_reading(stream_of(sock), err);
}

static void on_written(brio_sock *sock, int err)
{
    brio_io_wake(&stream_of(sock)->writer, err);
}

static void on_connected(brio_sock *sock, int err)
{
    brio_io_wake(&stream_of(sock)->connecter, err);
}

static void on_closed(brio_sock *sock)
{
    brio_stream *s = stream_of(sock);
    s->in_loop = false;
    brio_io_wake(&s->writer, BRIO_ECLOSED); /* its bytes are nobody's any more */
    end_reading(s, BRIO_ECLOSED);
    brio_io_stream_settle(s);
}

const brio_sock_events brio_io_events = {.on_data = on_data,
                                         .on_end = on_end,
                                         .on_written = on_written,
                                         .on_connected = on_connected,
                                         .on_closed = on_closed};

/* ---- Life --------------------------------------------------------------- */

brio_stream *brio_io_stream_new(brio_io *io)
{
    brio_stream *s = brio_zalloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->io = io;
    brio_link_insert_before(&io->streams, &s->link);
    return s;
}

void brio_io_stream_settle(brio_stream *s)
{
    if (!s->released || s->in_loop || s->users > 0)
        return;
    brio_link_remove(&s->link);
    free(s);
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

void brio_stream_close(brio_stream *s)
{
    if (!s)
        return;
    BRIO_ASSERT(!s->released);
    s->released = true;
    drop_unread(s);
    brio_buf_fini(&s->line);
    brio_io_wake(&s->reader, BRIO_ECLOSED);
    if (s->in_loop)
        brio_sock_close(&s->sock);
    brio_io_stream_settle(s);
}

int brio_stream_peer(const brio_stream *s, char host[64], uint16_t *ret_port)
{
    return s->in_loop ? brio_sock_peer(&s->sock, host, ret_port) : -ENOTCONN;
}
