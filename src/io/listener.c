/* SPDX-License-Identifier: MIT
 *
 * Listening and accepting.
 *
 * A connection goes to the task that has waited longest, else it queues, not
 * yet reading. With as many in the queue as the backlog says, accepting pauses
 * and further ones wait in the kernel's, until one is taken. A ring may have
 * accepted some ahead of the pause: they queue too, up to twice the backlog;
 * what comes beyond that is closed. A stream handed to a task that is cancelled
 * in the same turn is returned all the same, so none can be lost. */
#include "io/io_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { DEFAULT_BACKLOG = 2048 };

struct brio_listener {
    brio_acceptor acceptor;
    brio_io *io;
    brio_link link;    // brio_io::listeners
    brio_link waiters; // brio_waiter::link
    brio_link queue;   // brio_stream::link
    size_t queued, backlog;
    uint16_t port;
    bool released;
};

/* ---- Connections -------------------------------------------------------- */

static void hand_over(brio_listener *l, brio_stream *s)
{
    brio_link *first = l->waiters.next;
    brio_link_remove(first);
    brio_io_wait *wait = BRIO_CONTAINER(first, brio_io_wait, waiter.link);
    wait->stream = s;
    brio_unpark(&wait->waiter, 0);
}

static void enqueue(brio_listener *l, brio_stream *s)
{
    brio_link_remove(&s->link);
    brio_link_insert_before(&l->queue, &s->link);
    if (++l->queued >= l->backlog)
        brio_acceptor_pause(&l->acceptor);
}

static void on_accept(brio_acceptor *a, int fd)
{
    brio_listener *l = BRIO_CONTAINER(a, brio_listener, acceptor);
    bool wanted = !brio_link_alone(&l->waiters);
    if (l->released || (!wanted && l->queued >= 2 * l->backlog)) {
        brio_fd_discard(a->loop, fd);
        return;
    }
    brio_stream *s = brio_io_stream_new(l->io, &brio_io_sock);
    if (!s) {
        brio_fd_discard(a->loop, fd);
        return;
    }
    if (brio_sock_open(a->loop, &s->on.sock, fd, &brio_io_sock_events) < 0) {
        brio_stream_close(s);
        return;
    }
    s->in_loop = true;
    if (wanted) {
        hand_over(l, s);
        return;
    }
    enqueue(l, s);
}

static brio_stream *dequeue(brio_listener *l)
{
    if (brio_link_alone(&l->queue))
        return NULL;
    brio_stream *s = BRIO_CONTAINER(l->queue.next, brio_stream, link);
    brio_link_remove(&s->link);
    brio_link_insert_before(&l->io->streams, &s->link);
    if (--l->queued < l->backlog && !l->released)
        brio_acceptor_resume(&l->acceptor);
    return s;
}

static bool stop_waiting(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

int brio_accept(brio_listener *l, brio_stream **ret)
{
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    brio_stream *s = dequeue(l);
    if (!s) {
        brio_io_wait wait = {
            .waiter = {.on_cancel = stop_waiting, .kind = BRIO_WAIT_ACCEPT, .on = l}};
        brio_link_insert_before(&l->waiters, &wait.waiter.link);
        rc = brio_park(&wait.waiter);
        if (rc < 0)
            return rc;
        s = wait.stream;
    }
    s->raw->read_start(s);
    *ret = s;
    return 0;
}

/* ---- Life --------------------------------------------------------------- */

static void listener_free(brio_listener *l)
{
    brio_link_remove(&l->link);
    free(l);
}

static void on_closed(brio_acceptor *a)
{
    listener_free(BRIO_CONTAINER(a, brio_listener, acceptor));
}

static int open_acceptor(brio_listener *l, const brio_listen_to *to)
{
    brio_loop *loop = l->io->loop;
    if (brio_loop_is_sim(loop))
        return to->path ? -EAFNOSUPPORT : brio_acceptor_open_sim(loop, &l->acceptor, to->port);
    int fd = brio_socket_listen(&(brio_listen_options){.host = to->host,
                                                       .path = to->path,
                                                       .port = to->port,
                                                       .backlog = to->backlog,
                                                       .reuse_port = to->reuse_port});
    return fd < 0 ? fd : brio_acceptor_open(loop, &l->acceptor, fd);
}

int brio_listen(brio_listener **ret, const brio_listen_to *to)
{
    brio_io *io = brio_io_here();
    brio_listener *l = io ? brio_zalloc(1, sizeof *l) : NULL;
    if (!l)
        return -ENOMEM;
    l->io = io;
    l->acceptor.on_accept = on_accept;
    l->acceptor.on_closed = on_closed;
    l->backlog = to->backlog > 0 ? (size_t)to->backlog : DEFAULT_BACKLOG;
    brio_link_init(&l->waiters);
    brio_link_init(&l->queue);
    brio_link_insert_before(&io->listeners, &l->link);
    int rc = open_acceptor(l, to);
    if (rc < 0) {
        listener_free(l);
        return rc;
    }
    rc = brio_acceptor_port(&l->acceptor);
    l->port = rc > 0 ? (uint16_t)rc : 0; /* a Unix socket has none */
    *ret = l;
    return 0;
}

uint16_t brio_listener_port(const brio_listener *l)
{
    return l->port;
}

void brio_listener_close(brio_listener *l)
{
    if (!l)
        return;
    BRIO_ASSERT(!l->released);
    l->released = true;
    for (brio_stream *s; (s = dequeue(l));)
        brio_stream_close(s);
    while (!brio_link_alone(&l->waiters)) {
        brio_link *first = l->waiters.next;
        brio_link_remove(first);
        brio_unpark(BRIO_CONTAINER(first, brio_waiter, link), BRIO_ECLOSED);
    }
    if (!brio_loop_is_sim(l->io->loop))
        shutdown(l->acceptor.fd, SHUT_RD); /* nobody connects while a ring still holds it */
    brio_acceptor_close(&l->acceptor);
}

size_t brio_io_listeners_close(brio_io *io)
{
    size_t left = 0;
    for (brio_link *at = io->listeners.next, *next; at != &io->listeners; at = next) {
        next = at->next;
        brio_listener *l = BRIO_CONTAINER(at, brio_listener, link);
        left += !l->released;
        if (!l->released)
            brio_listener_close(l);
    }
    return left;
}
