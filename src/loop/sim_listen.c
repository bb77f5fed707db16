/* SPDX-License-Identifier: MIT
 *
 * The simulated network's meeting points: listeners, their backlog, connects.
 *
 *     connect --one way--> listener: accept, backlog or refuse --one way--> told
 *
 * A connect that nobody answers (the cut is in between, the backlog is full,
 * chance lost it) is tried again each second until its timeout. As in a real
 * kernel the caller is connected as soon as the backlog has it; who accepts it
 * when is the acceptor's business. The acceptor owns its sim_listener. */
#include "loop/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#define AGAIN_AFTER BRIO_SEC(1)

typedef struct sim_listener {
    brio_link link;
    brio_acceptor *acceptor;
    uint16_t port;
    uint32_t waiting; /* connections in its backlog */
} sim_listener;

static sim_listener *find(const brio_sim_kernel *sim, uint16_t port)
{
    for (brio_link *l = sim->listeners.next; l != &sim->listeners; l = l->next) {
        sim_listener *listener = BRIO_CONTAINER(l, sim_listener, link);
        if (listener->port == port)
            return listener;
    }
    return NULL;
}

bool brio_sim_apart(const brio_sim_conn *conn)
{
    const brio_sim_kernel *sim = brio_sim_of(conn->ends[0].loop);
    bool below = conn->ends[0].port < sim->cut_port;
    return sim->cut && below != (conn->ends[1].port < sim->cut_port);
}

/* ---- Accepting ---------------------------------------------------------- */

static bool accepts(const brio_acceptor *a)
{
    return !(a->state & (BRIO_SOCK_PAUSED | BRIO_SOCK_CLOSING)) && !brio_timer_active(&a->backoff);
}

static void drain(brio_acceptor *a);

static void pause_is_over(brio_timer *timer)
{
    drain(BRIO_CONTAINER(timer, brio_acceptor, backoff));
}

static void accept_one(brio_acceptor *a, brio_sim_conn *conn)
{
    brio_sim_kernel *sim = brio_sim_of(a->loop);
    int err = brio_sim_call(sim);
    if (err < 0 && brio_loop_accept_exhausted(-err)) {
        a->backoff.fn = pause_is_over;
        brio_timer_start(a->loop, &a->backoff, a->loop->now + BRIO_SEC(1));
        return;
    }
    sim_listener *listener = a->backend;
    conn->waiting = false;
    listener->waiting--;
    if (err < 0) {
        brio_sim_end_reset(&conn->ends[1]);
        return;
    }
    conn->ends[1].fd = sim->next_fd++;
    a->on_accept(a, conn->ends[1].fd);
}

static brio_sim_conn *oldest_waiting(const brio_sim_kernel *sim, uint16_t port)
{
    for (brio_link *l = sim->conns.next; l != &sim->conns; l = l->next) {
        brio_sim_conn *conn = BRIO_CONTAINER(l, brio_sim_conn, link);
        if (conn->waiting && conn->ends[1].port == port)
            return conn;
    }
    return NULL;
}

static void drain(brio_acceptor *a)
{
    while (accepts(a)) {
        const sim_listener *listener = a->backend;
        if (!listener->waiting)
            return;
        accept_one(a, oldest_waiting(brio_sim_of(a->loop), listener->port));
    }
}

/* ---- Connecting --------------------------------------------------------- */

static void refuse(brio_sim_conn *conn, int err)
{
    conn->refused = err;
    conn->reached = true;
    conn->ends[1].closed = true;
}

static bool too_late(const brio_sim_conn *conn)
{
    return conn->ends[0].loop->now >= conn->give_up;
}

/* Nobody answered: later again, until it is too late. */
static void try_again(brio_sim_conn *conn)
{
    brio_loop *loop = conn->ends[0].loop;
    brio_time at = loop->now + AGAIN_AFTER;
    if (too_late(conn))
        refuse(conn, -ETIMEDOUT);
    brio_timer_start(loop, &conn->handshake, at < conn->give_up ? at : conn->give_up);
}

/* The caller learns what became of it, unless it has gone. */
static void answer(brio_sim_conn *conn)
{
    brio_sim_end *client = &conn->ends[0];
    if (brio_sim_apart(conn) && !too_late(conn)) {
        try_again(conn);
        return;
    }
    if (brio_sim_apart(conn))
        conn->refused = -ETIMEDOUT;
    if (client->sock)
        brio_loop_sock_connected(client->sock, conn->refused);
    else if (conn->ends[1].closed)
        brio_sim_conn_free(conn);
}

/* At the listener's side. */
static void arrive(brio_sim_conn *conn)
{
    brio_sim_end *client = &conn->ends[0], *server = &conn->ends[1];
    brio_sim_kernel *sim = brio_sim_of(client->loop);
    sim_listener *listener = find(sim, server->port);
    if (listener && listener->waiting >= sim->options.backlog) {
        try_again(conn);
        return;
    }
    brio_timer_start(client->loop, &conn->handshake,
                     client->loop->now + brio_sim_one_way(client->loop));
    if (!listener || conn->refused) {
        refuse(conn, conn->refused ? conn->refused : -ECONNREFUSED);
        return;
    }
    conn->reached = conn->waiting = true;
    listener->waiting++;
    if (accepts(listener->acceptor))
        drain(listener->acceptor);
}

static void on_handshake(brio_timer *timer)
{
    brio_sim_conn *conn = BRIO_CONTAINER(timer, brio_sim_conn, handshake);
    if (conn->reached)
        answer(conn);
    else if (conn->lost || brio_sim_apart(conn))
        try_again(conn);
    else
        arrive(conn);
}

static int port_of(const struct sockaddr *addr, unsigned len)
{
    if (addr->sa_family == AF_INET && len >= sizeof(struct sockaddr_in))
        return ntohs(((const struct sockaddr_in *)(const void *)addr)->sin_port);
    if (addr->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6))
        return ntohs(((const struct sockaddr_in6 *)(const void *)addr)->sin6_port);
    return -EAFNOSUPPORT;
}

/* What chance and the planned fault hold ready for it. */
static void draw_fate(brio_sim_conn *conn, int err)
{
    brio_loop *loop = conn->ends[0].loop;
    const brio_sim_options *o = &brio_sim_of(loop)->options;
    conn->give_up = loop->now + o->connect_timeout;
    conn->lost = brio_sim_draw(loop, o->lose_per_million);
    conn->refused = brio_sim_draw(loop, o->refuse_per_million) ? -ECONNREFUSED : err;
}

int brio_sim_sock_connect(brio_sock *sock, const struct sockaddr *addr, unsigned addr_len)
{
    brio_loop *loop = sock->loop;
    brio_sim_kernel *sim = brio_sim_of(loop);
    int port = port_of(addr, addr_len);
    if (port < 0)
        return port;
    int err = brio_sim_call(sim);
    brio_sim_conn *conn = brio_zalloc(1, sizeof *conn);
    if (!conn)
        return -ENOMEM;
    brio_sim_end_init(conn, 0, loop, brio_sim_ephemeral(sim));
    brio_sim_end_init(conn, 1, loop, (uint16_t)port);
    conn->ends[0].fd = sim->next_fd++;
    brio_sim_end_attach(&conn->ends[0], sock);
    draw_fate(conn, err);
    conn->handshake.fn = on_handshake;
    brio_link_insert_before(&sim->conns, &conn->link);
    brio_timer_start(loop, &conn->handshake, loop->now + brio_sim_one_way(loop));
    return 0;
}

/* ---- Listening ---------------------------------------------------------- */

int brio_sim_listen(brio_acceptor *a, uint16_t port)
{
    brio_sim_kernel *sim = brio_sim_of(a->loop);
    for (bool any = port == 0; any && (port == 0 || find(sim, port));)
        port = brio_sim_ephemeral(sim);
    if (find(sim, port))
        return -EADDRINUSE;
    int err = brio_sim_call(sim);
    if (err < 0)
        return err;
    sim_listener *listener = brio_zalloc(1, sizeof *listener);
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

/* Connections nobody accepted are reset, as a kernel does. */
void brio_sim_acceptor_close(brio_acceptor *a)
{
    sim_listener *listener = a->backend;
    for (; listener->waiting; listener->waiting--) {
        brio_sim_conn *conn = oldest_waiting(brio_sim_of(a->loop), listener->port);
        conn->waiting = false;
        brio_sim_end_reset(&conn->ends[1]);
    }
    brio_link_remove(&listener->link);
    free(listener);
    a->backend = NULL;
    brio_loop_acceptor_close_soon(a);
}

void brio_sim_listeners_forget(brio_sim_kernel *sim)
{
    while (!brio_link_alone(&sim->listeners)) {
        sim_listener *listener = BRIO_CONTAINER(sim->listeners.next, sim_listener, link);
        brio_link_remove(&listener->link);
        free(listener);
    }
}

void brio_sim_acceptor_pause(brio_acceptor *a)
{
    (void)a; /* the state says it all */
}

static void resume_is_due(brio_timer *timer)
{
    drain(BRIO_CONTAINER(timer, brio_acceptor, backoff));
}

/* Not inside the call that resumes. */
void brio_sim_acceptor_resume(brio_acceptor *a)
{
    a->backoff.fn = resume_is_due;
    brio_timer_start(a->loop, &a->backoff, a->loop->now);
}
