/* SPDX-License-Identifier: MIT
 *
 * Datagrams of the simulated network: what is sent to a port of this loop is
 * in that socket's queue at once, unless the queue is full or the socket
 * listens to somebody else; then it is lost, as datagrams are. */
#include "io/io_internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

enum { QUEUE_MAX = 256, DATAGRAM_MAX = 65507, FIRST_EPHEMERAL = 49152 };

struct brio_io_datagram {
    struct brio_io_datagram *next;
    uint16_t from; /* port */
    size_t len;
    char data[];
};

static uint16_t port_of(const brio_address *a)
{
    char host[64];
    uint16_t port;
    return brio_address_text(a, host, &port) == 0 ? port : 0;
}

static brio_udp *find(const brio_io *io, uint16_t port)
{
    for (brio_link *at = io->udps.next; at != &io->udps; at = at->next) {
        brio_udp *u = BRIO_CONTAINER(at, brio_udp, link);
        if (u->port == port)
            return u;
    }
    return NULL;
}

int brio_io_udp_sim_open(brio_udp *u, const brio_udp_options *o)
{
    brio_address at;
    if (o->host && *o->host && brio_address_of(&at, o->host, 0) < 0)
        return -EINVAL;
    if (o->port && find(u->io, o->port))
        return -EADDRINUSE;
    u->port = o->port;
    for (uint32_t port = FIRST_EPHEMERAL; !u->port && port <= UINT16_MAX; port++)
        if (!find(u->io, (uint16_t)port))
            u->port = (uint16_t)port;
    u->peer = o->peer ? port_of(o->peer) : 0;
    return u->port ? 0 : -EADDRINUSE;
}

int brio_io_udp_sim_send(brio_udp *u, brio_str data, const brio_address *to)
{
    uint16_t port = to ? port_of(to) : u->peer;
    if (!port || data.len > DATAGRAM_MAX)
        return port ? -EMSGSIZE : to ? -EINVAL : -EDESTADDRREQ;
    brio_udp *there = find(u->io, port);
    if (!there || there->queued >= QUEUE_MAX || (there->peer && there->peer != u->port))
        return 0; /* lost */
    brio_io_datagram *d = brio_malloc(sizeof *d + data.len);
    if (!d)
        return -ENOBUFS;
    *d = (brio_io_datagram){.from = u->port, .len = data.len};
    if (data.len)
        memcpy(d->data, data.ptr, data.len);
    if (there->last)
        there->last->next = d;
    else
        there->first = d;
    there->last = d;
    there->queued++;
    brio_io_udp_arrived(there);
    return 0;
}

static void drop_first(brio_udp *u)
{
    brio_io_datagram *d = u->first;
    u->first = d->next;
    if (!u->first)
        u->last = NULL;
    u->queued--;
    free(d);
}

ptrdiff_t brio_io_udp_sim_take(brio_udp *u, void *into, size_t cap, brio_address *from)
{
    const brio_io_datagram *d = u->first;
    if (!d)
        return -EAGAIN;
    size_t n = d->len < cap ? d->len : cap;
    if (n)
        memcpy(into, d->data, n);
    ptrdiff_t len = (ptrdiff_t)d->len;
    int rc = brio_address_of(from, "127.0.0.1", d->from);
    drop_first(u);
    return rc < 0 ? rc : len;
}

void brio_io_udp_sim_drop(brio_udp *u)
{
    while (u->first)
        drop_first(u);
}
