/* SPDX-License-Identifier: MIT
 *
 * What io keeps per loop: the open streams and listeners.
 *
 * Closing a stream is not a suspension point, so the loop may still hold
 * sockets when the last task has ended. The task runtime calls us then: what
 * nobody closed is closed (and named in the log), and the loop turns until it
 * has given everything back. */
#include "io/io_internal.h"

#include <stdlib.h>

static const char key;

static bool empty(const brio_io *io)
{
    return brio_link_alone(&io->streams) && brio_link_alone(&io->listeners) &&
           brio_link_alone(&io->udps);
}

static void tell(const brio_io *io, size_t left, const char *what)
{
    if (left && !brio_sim_left(io->loop, left))
        brio_log(BRIO_LOG_WARNING, "io: %zu %s were never closed", left, what);
}

static void close_leftovers(brio_io *io)
{
    size_t left = 0;
    tell(io, brio_io_listeners_close(io), "listeners");
    tell(io, brio_io_udps_close(io), "UDP sockets");
    for (brio_link *l = io->streams.next, *next; l != &io->streams; l = next) {
        next = l->next;
        brio_stream *stream = BRIO_CONTAINER(l, brio_stream, link);
        stream->users = 0; /* an abandoned task did not come back to say so */
        left += !stream->released;
        if (stream->released)
            brio_io_stream_settle(stream);
        else
            brio_stream_close(stream);
    }
    tell(io, left, "streams");
}

static void close_room(void *arg)
{
    brio_io *io = arg;
    close_leftovers(io);
    while (!empty(io) && brio_loop_run_once(io->loop, BRIO_NEVER) >= 0)
        continue;
    *brio_tasks_local(io->loop, &key) = NULL;
    brio_io_hosts_free(io);
    BRIO_ASSERT(empty(io));
    free(io);
}

brio_io *brio_io_here(void)
{
    brio_loop *loop = brio_loop_current();
    BRIO_ASSERT(loop);
    void **slot = brio_tasks_local(loop, &key);
    if (*slot)
        return *slot;
    brio_io *io = brio_zalloc(1, sizeof *io);
    if (!io)
        return NULL;
    io->loop = loop;
    brio_link_init(&io->streams);
    brio_link_init(&io->listeners);
    brio_link_init(&io->hosts);
    brio_link_init(&io->udps);
    brio_tasks_at_close(loop, close_room, io);
    *slot = io;
    return io;
}
