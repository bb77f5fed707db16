/* SPDX-License-Identifier: MIT
 *
 * The ways into a worker: an acceptor on each listening socket, from the
 * announcement to the end.
 *
 * The loop's acceptor closes its descriptor, so it gets a copy: what waits in
 * the queue at the end is swept out through the other one. */
#include "server/server_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Also after brio_acceptor_close: what the kernel had accepted is served. */
static void on_accept(brio_acceptor *a, int fd)
{
    brio_server_conn_open(BRIO_CONTAINER(a, brio_server_inlet, acceptor), fd);
}

/* What waits in the queue now came before the end, and nobody else may know:
 * with several acceptors on a socket the kernel wakes one, and that may have
 * been ours while it was being closed. */
static void sweep(brio_server_inlet *inlet)
{
    for (int fd; (fd = accept4(*inlet->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        brio_server_conn_open(inlet, fd);
    close(*inlet->fd);
    *inlet->fd = -1;
}

static void on_closed(brio_acceptor *a)
{
    brio_server_inlet *inlet = BRIO_CONTAINER(a, brio_server_inlet, acceptor);
    sweep(inlet);
    inlet->open = false;
    inlet->worker->accepting--;
    brio_server_worker_changed(inlet->worker);
}

static int start(brio_server_inlet *inlet)
{
    inlet->acceptor.on_accept = on_accept;
    inlet->acceptor.on_closed = on_closed;
    inlet->acceptor.shared = inlet->listener->shared;
    int fd = fcntl(*inlet->fd, F_DUPFD_CLOEXEC, 0);
    int rc = fd < 0 ? -errno : brio_acceptor_open(inlet->worker->loop, &inlet->acceptor, fd);
    inlet->open = rc == 0;
    inlet->worker->accepting += inlet->open;
    return rc;
}

int brio_server_accept_start(brio_server_worker *w)
{
    int rc = 0;
    w->inlets = brio_zalloc(w->sockets->n, sizeof *w->inlets);
    if (!w->inlets)
        return -ENOMEM;
    for (size_t i = 0; i < w->sockets->n && rc == 0; i++) {
        brio_server_listener *l = &w->sockets->list[i];
        w->inlets[i] =
            (brio_server_inlet){.worker = w, .listener = l, .fd = &l->fds[l->shared ? 0 : w->slot]};
        rc = start(&w->inlets[w->n_inlets++]);
    }
    return rc;
}

void brio_server_accept_stop(brio_server_worker *w)
{
    for (size_t i = 0; i < w->n_inlets; i++)
        if (w->inlets[i].open)
            brio_acceptor_close(&w->inlets[i].acceptor);
}
