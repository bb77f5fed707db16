/* SPDX-License-Identifier: MIT
 *
 * The simulated kernel: virtual time, listeners, and the few real things.
 *
 * When nothing is queued, time jumps straight to the next timer; everything
 * the simulated network does is a timer too, so there is no second queue and
 * equal times keep their order. If there is no timer either, nothing can ever
 * wake the program: that is reported, not slept through. Held loops and
 * watches wait for the real world with the clock standing still. The network
 * is in sim_net.c. */
#include "loop/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum { FIRST_FD = 1 << 20, FIRST_EPHEMERAL = 49152, DEFAULT_BUFFER = 64 * 1024 };

static brio_sim_kernel *sim_of(const brio_loop *loop)
{
    return loop->backend;
}

/* ---- Life and time ------------------------------------------------------ */

static int sim_init(brio_loop *loop, const brio_loop_options *options)
{
    brio_sim_kernel *sim = brio_zalloc(1, sizeof *sim);
    if (!sim)
        return -ENOMEM;
    sim->ep = brio_epoll_new(loop->wake_fd);
    if (!sim->ep) {
        free(sim);
        return -errno;
    }
    brio_link_init(&sim->listeners);
    brio_link_init(&sim->conns);
    sim->next_fd = FIRST_FD;
    sim->next_port = FIRST_EPHEMERAL;
    sim->options = options->sim;
    if (!sim->options.socket_buffer)
        sim->options.socket_buffer = DEFAULT_BUFFER;
    loop->backend = sim;
    loop->now = BRIO_SEC(1);
    loop->rng = sim->options.seed ? sim->options.seed : 1;
    loop->random_order = sim->options.random_order;
    return 0;
}

static void sim_fini(brio_loop *loop)
{
    brio_sim_kernel *sim = sim_of(loop);
    brio_sim_conns_free(loop);
    BRIO_ASSERT(brio_link_alone(&sim->listeners));
    brio_epoll_free(sim->ep);
    free(sim);
}

static int sim_poll(brio_loop *loop, brio_time until)
{
    brio_sim_kernel *sim = sim_of(loop);
    bool due = until <= loop->now;
    bool held = loop->holds > 0 || sim->watches > 0;
    int events = brio_epoll_poll(sim->ep, held && !due ? BRIO_NEVER : 0);
    if (events != 0 || held || due)
        return events;
    if (until == BRIO_NEVER)
        return BRIO_EDEADLOCK;
    loop->now = until;
    return 0;
}

static int sim_fd(const brio_loop *loop)
{
    return brio_epoll_fd(sim_of(loop)->ep);
}

/* ---- Watches: real descriptors ------------------------------------------ */

static int sim_watch_start(brio_loop *loop, brio_watch *watch)
{
    int rc = brio_epoll_watch_control(sim_of(loop)->ep, EPOLL_CTL_ADD, watch);
    if (rc == 0)
        sim_of(loop)->watches++;
    return rc;
}

static int sim_watch_change(brio_loop *loop, brio_watch *watch)
{
    return brio_epoll_watch_control(sim_of(loop)->ep, EPOLL_CTL_MOD, watch);
}

static void sim_watch_stop(brio_loop *loop, brio_watch *watch)
{
    (void)brio_epoll_watch_control(sim_of(loop)->ep, EPOLL_CTL_DEL, watch);
    brio_epoll_watch_strike(sim_of(loop)->ep, watch);
    sim_of(loop)->watches--;
}

/* ---- Listeners ---------------------------------------------------------- */

typedef struct sim_listener {
    brio_link link;
    brio_acceptor *acceptor;
    uint16_t port;
} sim_listener;

uint16_t brio_sim_ephemeral(brio_sim_kernel *sim)
{
    uint16_t port = sim->next_port++;
    if (sim->next_port == 0)
        sim->next_port = FIRST_EPHEMERAL;
    return port;
}

brio_acceptor *brio_sim_find(const brio_sim_kernel *sim, uint16_t port)
{
    for (brio_link *l = sim->listeners.next; l != &sim->listeners; l = l->next) {
        sim_listener *listener = BRIO_CONTAINER(l, sim_listener, link);
        if (listener->port == port)
            return listener->acceptor;
    }
    return NULL;
}

int brio_sim_listen(brio_acceptor *a, uint16_t port)
{
    brio_sim_kernel *sim = sim_of(a->loop);
    for (bool any = port == 0; any && (port == 0 || brio_sim_find(sim, port));)
        port = brio_sim_ephemeral(sim);
    if (brio_sim_find(sim, port))
        return -EADDRINUSE;
    sim_listener *listener = brio_malloc(sizeof *listener);
    if (!listener)
        return -ENOMEM;
    listener->acceptor = a;
    listener->port = port;
    brio_link_insert_before(&sim->listeners, &listener->link);
    a->backend = listener;
    a->fd = sim->next_fd++;
    return 0;
}

int brio_sim_port(const brio_acceptor *a)
{
    const sim_listener *listener = a->backend;
    return listener ? listener->port : -EBADF;
}

void brio_sim_acceptor_close(brio_acceptor *a)
{
    sim_listener *listener = a->backend;
    brio_link_remove(&listener->link);
    free(listener);
    a->backend = NULL;
    brio_loop_acceptor_close_soon(a);
}

static int sim_acceptor_open(brio_acceptor *a, int fd)
{
    (void)a;
    (void)fd;
    return -ENOTSUP; /* a real listening descriptor has no place here */
}

const brio_backend_ops brio_loop_sim_ops = {
    .name = "sim",
    .virtual_clock = true,
    .init = sim_init,
    .fini = sim_fini,
    .poll = sim_poll,
    .fd = sim_fd,
    .sock_open = brio_sim_sock_open,
    .sock_connect = brio_sim_sock_connect,
    .sock_read = brio_sim_sock_read,
    .sock_write = brio_sim_sock_write,
    .sock_shutdown = brio_sim_sock_shutdown,
    .sock_close = brio_sim_sock_close,
    .sock_peer = brio_sim_sock_peer,
    .fd_close = brio_sim_fd_close,
    .acceptor_open = sim_acceptor_open,
    .acceptor_close = brio_sim_acceptor_close,
    .watch_start = sim_watch_start,
    .watch_change = sim_watch_change,
    .watch_stop = sim_watch_stop,
};
