/* SPDX-License-Identifier: MIT
 *
 * Writing: the bytes stay the caller's, so the call returns only when the
 * kernel does not need them any more.
 *
 * That is also why a cancelled write closes the socket underneath and waits
 * until the loop has given it back: io_uring may be reading those bytes until
 * then. What the peer got is unknown; the stream is only good for closing. */
#include "io/io_internal.h"

#include <errno.h>

static bool abort_write(brio_waiter *waiter)
{
    brio_stream *s = BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream;
    s->write_ended = true;
    brio_sock_close(&s->sock);
    return false; /* on_closed wakes the writer */
}

int brio_stream_write(brio_stream *s, brio_str data)
{
    int rc = brio_io_checkpoint(s); /* a peer that takes all must not keep us from the others */
    if (rc < 0)
        return rc;
    if (s->writer)
        return -EBUSY;
    if (s->write_ended || !s->in_loop)
        return -EPIPE;
    rc = brio_sock_write(&s->sock, &data, 1);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return brio_io_wait_on(s, &s->writer, abort_write);
}

void brio_stream_shutdown(brio_stream *s)
{
    if (s->in_loop)
        brio_sock_shutdown(&s->sock);
}
