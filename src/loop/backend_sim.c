/* SPDX-License-Identifier: MIT
 *
 * The simulated kernel: virtual time, listeners, and the few real things.
 *
 * When nothing is queued, time jumps straight to the next timer; everything
 * the simulated network does is a timer too, so there is no second queue and
 * equal times keep their order. If there is no timer either, nothing can ever
 * wake the program: that is reported, not slept through. Held loops and
 * watches wait for the real world with the clock standing still. Whatever
 * chance decides is drawn from the loop's own numbers, which the seed began.
 * The network is in sim_net.c and sim_listen.c. */
#include "loop/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
    FIRST_FD = 1 << 20,
    FIRST_EPHEMERAL = 49152,
    DEFAULT_BUFFER = 64 * 1024,
    DEFAULT_BACKLOG = 128,
    MILLION = 1000000,
};

brio_sim_kernel *brio_sim_of(const brio_loop *loop)
{
    return loop->backend;
}

/* ---- Life and time ------------------------------------------------------ */

static brio_sim_options resolve(brio_sim_options o)
{
    o.socket_buffer = o.socket_buffer ? o.socket_buffer : DEFAULT_BUFFER;
    o.connect_timeout = o.connect_timeout ? o.connect_timeout : BRIO_SEC(127);
    o.backlog = o.backlog ? o.backlog : DEFAULT_BACKLOG;
    return o;
}

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
    sim->options = resolve(options->sim);
    loop->backend = sim;
    loop->now = BRIO_SEC(1);
    loop->rng = sim->options.seed ? sim->options.seed : 1;
    loop->random_order = sim->options.random_order;
    return 0;
}

static void sim_fini(brio_loop *loop)
{
    brio_sim_kernel *sim = brio_sim_of(loop);
    brio_sim_conns_free(loop);
    BRIO_ASSERT(brio_link_alone(&sim->listeners));
    brio_epoll_free(sim->ep);
    free(sim);
}

static int sim_poll(brio_loop *loop, brio_time until)
{
    brio_sim_kernel *sim = brio_sim_of(loop);
    bool due = until <= loop->now;
    bool held = loop->holds > 0 || sim->watches > 0;
    int events = brio_epoll_wait(sim->ep, held && !due ? BRIO_NEVER : 0);
    brio_epoll_dispatch(sim->ep);
    if (events != 0 || held || due)
        return events;
    if (until == BRIO_NEVER)
        return BRIO_EDEADLOCK;
    loop->now = until;
    return 0;
}

static int sim_fd(const brio_loop *loop)
{
    return brio_epoll_fd(brio_sim_of(loop)->ep);
}

/* ---- Watches: real descriptors ------------------------------------------ */

static int sim_watch_start(brio_loop *loop, brio_watch *watch)
{
    int rc = brio_epoll_watch_control(brio_sim_of(loop)->ep, EPOLL_CTL_ADD, watch);
    if (rc == 0)
        brio_sim_of(loop)->watches++;
    return rc;
}

static int sim_watch_change(brio_loop *loop, brio_watch *watch)
{
    return brio_epoll_watch_control(brio_sim_of(loop)->ep, EPOLL_CTL_MOD, watch);
}

static void sim_watch_stop(brio_loop *loop, brio_watch *watch)
{
    (void)brio_epoll_watch_control(brio_sim_of(loop)->ep, EPOLL_CTL_DEL, watch);
    brio_epoll_watch_strike(brio_sim_of(loop)->ep, watch);
    brio_sim_of(loop)->watches--;
}

/* ---- Chance and faults -------------------------------------------------- */

brio_time brio_sim_one_way(brio_loop *loop)
{
    const brio_sim_options *o = &brio_sim_of(loop)->options;
    brio_time jitter = 0;
    if (o->jitter > 0)
        jitter = (brio_time)(brio_loop_random(loop) % ((uint64_t)o->jitter + 1));
    return o->latency + jitter;
}

bool brio_sim_draw(brio_loop *loop, uint32_t per_million)
{
    return per_million && brio_loop_random(loop) % MILLION < per_million;
}

uint16_t brio_sim_ephemeral(brio_sim_kernel *sim)
{
    uint16_t port = sim->next_port++;
    if (sim->next_port == 0)
        sim->next_port = FIRST_EPHEMERAL;
    return port;
}

int brio_sim_call(brio_sim_kernel *sim)
{
    return ++sim->calls == sim->fail_at ? sim->fail_err : 0;
}

uint64_t brio_loop_sim_fault(brio_loop *loop, uint64_t nth, int err)
{
    if (!brio_loop_is_sim(loop))
        return 0;
    BRIO_ASSERT(err < 0 || nth == 0);
    brio_sim_kernel *sim = brio_sim_of(loop);
    uint64_t calls = sim->calls;
    sim->calls = 0;
    sim->fail_at = nth;
    sim->fail_err = err;
    return calls;
}

size_t brio_loop_sim_forget(brio_loop *loop)
{
    if (!brio_loop_is_sim(loop))
        return 0;
    brio_sim_kernel *sim = brio_sim_of(loop);
    size_t left = loop->open + loop->chunk_out + brio_sim_conns_unopened(sim);
    brio_sim_listeners_forget(sim); /* counted in `open` */
    brio_link_init(&loop->signals);
    loop->open = loop->chunk_out = 0;
    return left;
}

int brio_loop_sim_partition(brio_loop *loop, uint16_t port)
{
    if (!brio_loop_is_sim(loop))
        return -ENOTSUP;
    int rc = brio_loop_sim_heal(loop);
    brio_sim_kernel *sim = brio_sim_of(loop);
    sim->cut = true;
    sim->cut_port = port;
    sim->cut_at = loop->now;
    return rc;
}

int brio_loop_sim_heal(brio_loop *loop)
{
    if (!brio_loop_is_sim(loop))
        return -ENOTSUP;
    brio_sim_kernel *sim = brio_sim_of(loop);
    if (!sim->cut)
        return 0;
    for (brio_link *l = sim->conns.next; l != &sim->conns; l = l->next) {
        brio_sim_conn *conn = BRIO_CONTAINER(l, brio_sim_conn, link);
        if (!brio_sim_apart(conn))
            continue;
        brio_sim_end_go_on(&conn->ends[0]);
        brio_sim_end_go_on(&conn->ends[1]);
    }
    sim->cut = false;
    return 0;
}

/* ---- The table ---------------------------------------------------------- */

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
    .acceptor_pause = brio_sim_acceptor_pause,
    .acceptor_resume = brio_sim_acceptor_resume,
    .watch_start = sim_watch_start,
    .watch_change = sim_watch_change,
    .watch_stop = sim_watch_stop,
};
