/* SPDX-License-Identifier: MIT
 *
 * The simulated network: connections as two ends that send each other blocks.
 *
 *     end[0] --blocks, each with its time of arrival--> end[1]
 *            <------------------------------------------
 *
 * A block is what one write put in; it is delivered in segments of at most
 * max_segment bytes, one segment per turn and end, so that everybody else's
 * events fall in between. The receiver's unread bytes are bounded by
 * socket_buffer: beyond it the writer keeps the rest pending. The end of the
 * stream (FIN or reset) is the last block; a reset is also told at once to a
 * writer, by the `broken` timer. A connection is freed when both ends are
 * closed; it owns the blocks. */
#include "loop/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

typedef struct sim_block {
    struct sim_block *next;
    brio_time when; /* of arrival */
    bool end;       /* the end of the stream, with `err` */
    int err;
    size_t at, len; /* data[at..len) is still to be delivered */
    char data[];
} sim_block;

typedef struct sim_conn sim_conn;

typedef struct sim_end {
    sim_conn *conn;
    struct sim_end *peer;
    brio_loop *loop;
    brio_sock *sock; /* NULL before it is opened, and when closed */
    int fd;
    uint16_t port;
    bool opened, closed, ended; /* ended: FIN or reset was sent to this end */
    sim_block *first, *last;    /* on the way to this end, or unread */
    size_t bytes;               /* in those blocks */
    brio_timer arrival;         /* of the first block */
    brio_timer broken;          /* of a reset */
} sim_end;

struct sim_conn {
    brio_link link;
    brio_timer handshake;
    bool reached; /* the listener has it; on_connected is on its way back */
    int refused;
    uint16_t port; /* called for */
    sim_end ends[2];
};

static brio_sim_kernel *sim_of(const sim_end *e)
{
    return e->loop->backend;
}

static brio_time one_way(const sim_end *e)
{
    return e->loop->now + sim_of(e)->options.latency;
}

/* ---- Blocks ------------------------------------------------------------- */

static sim_block *block_append(sim_end *to, size_t len)
{
    sim_block *b = brio_must_malloc(sizeof *b + len);
    *b = (sim_block){.when = one_way(to), .len = len};
    if (to->last)
        to->last->next = b;
    else
        to->first = b;
    to->last = b;
    to->bytes += len;
    if (!brio_timer_active(&to->arrival))
        brio_timer_start(to->loop, &to->arrival, b->when);
    return b;
}

static void block_drop(sim_end *e)
{
    sim_block *b = e->first;
    e->first = b->next;
    if (!e->first)
        e->last = NULL;
    e->bytes -= b->len - b->at;
    free(b);
}

static void send_end(sim_end *to, int err)
{
    if (err < 0)
        brio_timer_start(to->loop, &to->broken, one_way(to));
    if (to->ended || to->closed)
        return;
    to->ended = true;
    sim_block *b = block_append(to, 0);
    b->end = true;
    b->err = err;
}

/* ---- Life --------------------------------------------------------------- */

static void conn_free(sim_conn *c)
{
    brio_timer_stop(c->ends[0].loop, &c->handshake);
    for (int i = 0; i < 2; i++) {
        sim_end *e = &c->ends[i];
        brio_timer_stop(e->loop, &e->arrival);
        brio_timer_stop(e->loop, &e->broken);
        while (e->first)
            block_drop(e);
    }
    brio_link_remove(&c->link);
    free(c);
}

static bool unread(const sim_end *e)
{
    return e->first && !e->first->end && e->first->when <= e->loop->now;
}

/* As a kernel does: unread bytes turn the close into a reset. */
static void end_close(sim_end *e)
{
    send_end(e->peer, unread(e) ? -ECONNRESET : 0);
    while (unread(e))
        block_drop(e);
    e->closed = true;
    e->sock = NULL;
    if (e->peer->closed)
        conn_free(e->conn);
}

void brio_sim_conns_free(brio_loop *loop)
{
    brio_sim_kernel *sim = loop->backend;
    while (!brio_link_alone(&sim->conns))
        conn_free(BRIO_CONTAINER(sim->conns.next, sim_conn, link));
}

/* ---- Delivery ----------------------------------------------------------- */

static void credit_writer(sim_end *e)
{
    brio_sock *writer = e->peer->sock;
    if (writer && writer->state & BRIO_SOCK_WRITING)
        brio_loop_sock_again(writer);
}

/* True if this segment is one of those that reset their connection. */
static bool reset_by_plan(sim_end *e)
{
    brio_sim_kernel *sim = sim_of(e);
    if (!sim->options.reset_every || ++sim->segments % sim->options.reset_every)
        return false;
    while (e->first)
        block_drop(e);
    e->ended = false;
    send_end(e, -ECONNRESET);
    send_end(e->peer, -ECONNRESET);
    return true;
}

static void deliver_segment(sim_end *e)
{
    if (reset_by_plan(e))
        return;
    sim_block *b = e->first;
    size_t max = sim_of(e)->options.max_segment;
    size_t n = b->len - b->at;
    n = max && n > max ? max : n;
    brio_chunk *chunk = brio_chunk_acquire(e->loop);
    n = n > chunk->cap ? chunk->cap : n;
    memcpy(chunk->data, b->data + b->at, n);
    chunk->len = (uint32_t)n;
    b->at += n;
    e->bytes -= n;
    if (b->at == b->len)
        block_drop(e);
    credit_writer(e);
    e->sock->events->on_data(e->sock, chunk);
}

/* Bytes for a socket that is gone: the sender learns it. */
static void refuse_block(sim_end *e)
{
    bool data = !e->first->end;
    block_drop(e);
    if (data)
        send_end(e->peer, -ECONNRESET);
}

static void arrival_again(sim_end *e)
{
    if (e->first && !brio_timer_active(&e->arrival))
        brio_timer_start(e->loop, &e->arrival, e->first->when);
}

static void on_arrival(brio_timer *timer)
{
    sim_end *e = BRIO_CONTAINER(timer, sim_end, arrival);
    if (!e->first)
        return;
    if (e->first->when > e->loop->now) {
        arrival_again(e);
        return;
    }
    if (e->closed) {
        refuse_block(e);
        arrival_again(e);
        return;
    }
    brio_sock *sock = e->sock;
    if (!sock || !(sock->state & BRIO_SOCK_READING))
        return;                                     /* read_start comes back to it */
    brio_timer_start(e->loop, timer, e->loop->now); /* the owner may free the connection */
    if (!e->first->end) {
        deliver_segment(e);
        return;
    }
    int err = e->first->err;
    block_drop(e);
    brio_loop_sock_end(sock, err);
}

static void on_broken(brio_timer *timer)
{
    sim_end *e = BRIO_CONTAINER(timer, sim_end, broken);
    if (!e->sock)
        return;
    bool writing = e->sock->state & BRIO_SOCK_WRITING;
    e->sock->state |= BRIO_SOCK_BROKEN;
    if (writing)
        brio_loop_sock_written(e->sock, -ECONNRESET);
}

void brio_sim_sock_read(brio_sock *sock)
{
    sim_end *e = sock->backend;
    if (e)
        arrival_again(e);
}

/* ---- Writing ------------------------------------------------------------ */

/* Moves as much of `pending` to the peer as its buffer takes. */
static int fill_peer(brio_sock *sock)
{
    sim_end *to = ((sim_end *)sock->backend)->peer;
    size_t buffer = sim_of(to)->options.socket_buffer;
    size_t room = buffer > to->bytes ? buffer - to->bytes : 0, total = 0;
    for (size_t i = 0; i < sock->pending_n; i++)
        total += sock->pending[i].len;
    room = total < room ? total : room;
    if (room == 0)
        return 0;
    sim_block *b = block_append(to, room);
    for (size_t at = 0; at < room;) {
        brio_str part = brio_str_slice(sock->pending[0], 0, room - at);
        memcpy(b->data + at, part.ptr, part.len);
        brio_loop_sock_sent(sock, part.len);
        at += part.len;
    }
    return sock->pending_n == 0;
}

int brio_sim_sock_write(brio_sock *sock)
{
    return fill_peer(sock);
}

void brio_sim_sock_shutdown(brio_sock *sock)
{
    send_end(((sim_end *)sock->backend)->peer, 0);
}

static void on_again(brio_callback *cb)
{
    brio_sock *sock = BRIO_CONTAINER(cb, brio_sock, again);
    if (sock->state & BRIO_SOCK_CLOSING)
        brio_loop_sock_closed(sock);
    else if (sock->state & BRIO_SOCK_WRITING && fill_peer(sock) == 1)
        brio_loop_sock_written(sock, 0);
}

/* ---- Opening and closing ------------------------------------------------ */

static void attach(sim_end *e, brio_sock *sock)
{
    e->sock = sock;
    e->opened = true;
    sock->backend = e;
    sock->fd = e->fd;
    sock->again.fn = on_again;
}

static sim_end *find_unopened(brio_loop *loop, int fd)
{
    brio_sim_kernel *sim = loop->backend;
    for (brio_link *l = sim->conns.prev; l != &sim->conns; l = l->prev) {
        sim_end *e = &BRIO_CONTAINER(l, sim_conn, link)->ends[1];
        if (e->fd == fd && !e->opened && !e->closed)
            return e;
    }
    return NULL;
}

int brio_sim_sock_open(brio_sock *sock, int fd)
{
    sim_end *e = find_unopened(sock->loop, fd);
    if (!e)
        return -EBADF;
    attach(e, sock);
    return 0;
}

void brio_sim_fd_close(brio_loop *loop, int fd)
{
    sim_end *e = find_unopened(loop, fd);
    if (e)
        end_close(e);
}

/* First the listener's side of the handshake, then, a way back later, ours. */
static void on_handshake(brio_timer *timer)
{
    sim_conn *c = BRIO_CONTAINER(timer, sim_conn, handshake);
    sim_end *client = &c->ends[0], *server = &c->ends[1];
    if (c->reached) {
        if (client->sock)
            brio_loop_sock_connected(client->sock, c->refused);
        return;
    }
    c->reached = true;
    brio_timer_start(client->loop, timer, one_way(client));
    brio_acceptor *a = brio_sim_find(sim_of(client), c->port);
    if (a) {
        server->fd = sim_of(client)->next_fd++;
        a->on_accept(a, server->fd);
        return;
    }
    c->refused = -ECONNREFUSED;
    server->closed = true;
    if (client->closed)
        conn_free(c);
}

static int port_of(const struct sockaddr *addr, unsigned len)
{
    if (addr->sa_family == AF_INET && len >= sizeof(struct sockaddr_in))
        return ntohs(((const struct sockaddr_in *)(const void *)addr)->sin_port);
    if (addr->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6))
        return ntohs(((const struct sockaddr_in6 *)(const void *)addr)->sin6_port);
    return -EAFNOSUPPORT;
}

static void end_init(sim_conn *c, int which, brio_loop *loop, uint16_t port)
{
    sim_end *e = &c->ends[which];
    e->conn = c;
    e->peer = &c->ends[1 - which];
    e->loop = loop;
    e->port = port;
    e->fd = -1;
    e->arrival.fn = on_arrival;
    e->broken.fn = on_broken;
}

int brio_sim_sock_connect(brio_sock *sock, const struct sockaddr *addr, unsigned addr_len)
{
    int port = port_of(addr, addr_len);
    if (port < 0)
        return port;
    sim_conn *c = brio_zalloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    brio_sim_kernel *sim = sock->loop->backend;
    sim_end *client = &c->ends[0];
    c->port = (uint16_t)port;
    end_init(c, 0, sock->loop, brio_sim_ephemeral(sim));
    end_init(c, 1, sock->loop, c->port);
    client->fd = sim->next_fd++;
    attach(client, sock);
    c->handshake.fn = on_handshake;
    brio_link_insert_before(&sim->conns, &c->link);
    brio_timer_start(sock->loop, &c->handshake, one_way(client));
    return 0;
}

void brio_sim_sock_close(brio_sock *sock)
{
    sim_end *e = sock->backend;
    sock->backend = NULL;
    end_close(e);
    brio_loop_sock_again(sock);
}

int brio_sim_sock_peer(const brio_sock *sock, char host[64], uint16_t *ret_port)
{
    const sim_end *e = sock->backend;
    memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    *ret_port = e->peer->port;
    return 0;
}
