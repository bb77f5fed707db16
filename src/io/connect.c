/* SPDX-License-Identifier: MIT
 *
 * One attempt to connect, and which attempts a brio_connect makes (a race of
 * several is in race.c). A cancelled or failed attempt closes the half-made
 * stream; the loop gives it back later, so nothing leaks and nobody waits. */
#include "io/io_internal.h"

#include <errno.h>
#include <sys/socket.h>

static bool give_up(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, brio_io_wait, waiter)->stream->connecter = NULL;
    return true;
}

static int attempt(brio_stream *s, const brio_address *to, const brio_address *local)
{
    const struct sockaddr *from = local ? (const struct sockaddr *)(const void *)&local->as : NULL;
    int rc = brio_sock_connect_from(s->io->loop, &s->on.sock,
                                    (const struct sockaddr *)(const void *)&to->as, to->len, from,
                                    local ? local->len : 0, &brio_io_sock_events);
    s->in_loop = rc == 0;
    return rc < 0 ? rc : brio_io_wait_on(s, &s->connecter, BRIO_WAIT_CONNECT, give_up);
}

int brio_io_connect_one(brio_stream **ret, const brio_address *to, const brio_address *local)
{
    brio_io *io = brio_io_here();
    brio_stream *s = io ? brio_io_stream_new(io, &brio_io_sock) : NULL;
    if (!s)
        return -ENOMEM;
    brio_io_enter(s);
    int rc = (int)brio_io_leave(s, attempt(s, to, local));
    if (rc < 0) {
        brio_stream_close(s);
        return rc;
    }
    s->raw->read_start(s);
    *ret = s;
    return 0;
}

int brio_connect(brio_stream **ret, const brio_connect_to *to)
{
    brio_address address, local;
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    if (to->path) {
        rc = brio_address_of_path(&address, to->path);
        return rc < 0 ? rc : brio_io_connect_one(ret, &address, NULL);
    }
    bool bound = to->local_host || to->local_port;
    if (bound)
        rc = brio_address_of(&local, to->local_host ? to->local_host : "0.0.0.0", to->local_port);
    return rc < 0 ? rc : brio_io_connect_race(ret, to, bound ? &local : NULL);
}
