/* SPDX-License-Identifier: MIT
 *
 * Connecting. A cancelled or failed attempt closes the half-made stream; the
 * loop gives it back later, so nothing leaks and nobody waits. */
#include "io/io_internal.h"

#include <errno.h>
#include <sys/socket.h>

static bool give_up(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream->connecter = NULL;
    return true;
}

static int start(brio_stream *s, const brio_connect_to *to)
{
    struct sockaddr_storage addr;
    unsigned len;
    int rc = to->path ? brio_address_unix(&addr, &len, to->path)
                      : brio_address_parse(&addr, &len, to->host, to->port);
    if (rc < 0)
        return rc;
    rc = brio_sock_connect(s->io->loop, &s->sock, (struct sockaddr *)&addr, len, &brio_io_events);
    s->in_loop = rc == 0;
    return rc;
}

int brio_connect(brio_stream **ret, const brio_connect_to *to)
{
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    brio_io *io = brio_io_here();
    brio_stream *s = io ? brio_io_stream_new(io) : NULL;
    if (!s)
        return -ENOMEM;
    rc = start(s, to);
    if (rc == 0)
        rc = brio_io_wait_on(s, &s->connecter, give_up);
    if (rc < 0) {
        brio_stream_close(s);
        return rc;
    }
    brio_sock_read_start(&s->sock);
    *ret = s;
    return 0;
}
