/* SPDX-License-Identifier: MIT
 *
 * Simulated connections: two ends that send each other blocks.
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
 * closed; it owns the blocks. How they meet is in sim_listen.c. */
#include "loop/internal.h"

#include <errno.h>
#include <stdlib.h>

struct brio_sim_block {
    brio_sim_block *next;
    brio_time when; /* of arrival */
    bool end;       /* the end of the stream, with `err` */
    int err;
    size_t at, len; /* data[at..len) is still to be delivered */
    char data[];
};

/* ---- Blocks ------------------------------------------------------------- */

/* When `len` bytes sent now are all there: the line, the way, and the order. */
static brio_time arrival_of(brio_sim_end *to, size_t len)
{
    uint64_t bandwidth = brio_sim_of(to->loop)->options.bandwidth;
    brio_time at = to->loop->now;
    if (bandwidth) {
        at = to->line_free > at ? to->line_free : at;
        at += (brio_time)((double)len * 1e9 / (double)bandwidth);
        to->line_free = at;
    }
    at += brio_sim_one_way(to->loop);
    to->newest = at > to->newest ? at : to->newest;
    return to->newest;
}

static brio_sim_block *block_append(brio_sim_end *to, size_t len)
{
    brio_sim_block *b = brio_must_malloc(sizeof *b + len);
    *b = (brio_sim_block){.when = arrival_of(to, len), .len = len};
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

static void block_drop(brio_sim_end *e)
{
    brio_sim_block *b = e->first;
    e->first = b->next;
    if (!e->first)
        e->last = NULL;
    e->bytes -= b->len - b->at;
    free(b);
}

static void send_end(brio_sim_end *to, int err)
{
    brio_time when = to->newest;
    if (!to->ended && !to->closed) {
        to->ended = true;
        brio_sim_block *b = block_append(to, 0);
        b->end = true;
        b->err = err;
        when = b->when;
    }
    if (err < 0)
        brio_timer_start(to->loop, &to->broken, when);
}

/* ---- Life --------------------------------------------------------------- */

void brio_sim_conn_free(brio_sim_conn *c)
{
    brio_timer_stop(c->ends[0].loop, &c->handshake);
    for (int i = 0; i < 2; i++) {
        brio_sim_end *e = &c->ends[i];
        brio_timer_stop(e->loop, &e->arrival);
        brio_timer_stop(e->loop, &e->broken);
        while (e->first)
            block_drop(e);
    }
    brio_link_remove(&c->link);
    free(c);
}

static bool unread(const brio_sim_end *e)
{
    return e->first && !e->first->end && e->first->when <= e->loop->now;
}

/* As a kernel does: unread bytes turn the close into a reset. */
static void end_close(brio_sim_end *e)
{
    send_end(e->peer, unread(e) ? -ECONNRESET : 0);
    while (unread(e))
        block_drop(e);
    e->closed = true;
    e->sock = NULL;
    if (e->peer->closed)
        brio_sim_conn_free(e->conn);
}

void brio_sim_end_reset(brio_sim_end *e)
{
    send_end(e->peer, -ECONNRESET);
    end_close(e);
}

void brio_sim_conns_free(brio_loop *loop)
{
    brio_sim_kernel *sim = loop->backend;
    while (!brio_link_alone(&sim->conns))
        brio_sim_conn_free(BRIO_CONTAINER(sim->conns.next, brio_sim_conn, link));
}

size_t brio_sim_conns_unopened(const brio_sim_kernel *sim)
{
    size_t n = 0;
    for (brio_link *l = sim->conns.next; l != &sim->conns; l = l->next) {
        const brio_sim_end *e = &BRIO_CONTAINER(l, brio_sim_conn, link)->ends[1];
        n += e->fd >= 0 && !e->opened && !e->closed;
    }
    return n;
}

/* ---- Delivery ----------------------------------------------------------- */

static void credit_writer(brio_sim_end *e)
{
    brio_sock *writer = e->peer->sock;
    if (writer && writer->state & BRIO_SOCK_WRITING)
        brio_loop_sock_again(writer);
}

/* Both are told; what was on its way to `e` is lost. */
static void break_conn(brio_sim_end *e, int err)
{
    while (e->first)
        block_drop(e);
    e->ended = false;
    send_end(e, err);
    send_end(e->peer, -ECONNRESET);
}

/* What this segment ends its connection with, if it is one of those that do. */
static int planned_end(brio_sim_end *e)
{
    brio_sim_kernel *sim = brio_sim_of(e->loop);
    const brio_sim_options *o = &sim->options;
    if (o->reset_every && ++sim->segments % o->reset_every == 0)
        return -ECONNRESET;
    if (brio_sim_draw(e->loop, o->reset_per_million))
        return -ECONNRESET;
    return brio_sim_call(sim);
}

/* How much of `n` bytes goes at once: all, or a drawn part. */
static size_t part_of(brio_loop *loop, size_t n, bool some)
{
    return some && n > 1 ? 1 + (size_t)(brio_loop_random(loop) % n) : n;
}

static void deliver_segment(brio_sim_end *e)
{
    const brio_sim_options *o = &brio_sim_of(e->loop)->options;
    int err = planned_end(e);
    if (err < 0) {
        break_conn(e, err);
        return;
    }
    brio_sim_block *b = e->first;
    size_t n = b->len - b->at;
    n = o->max_segment && n > o->max_segment ? o->max_segment : n;
    n = part_of(e->loop, n, o->short_reads);
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
static void refuse_block(brio_sim_end *e)
{
    bool data = !e->first->end;
    block_drop(e);
    if (data)
        send_end(e->peer, -ECONNRESET);
}

static void arrival_again(brio_sim_end *e)
{
    if (e->first && !brio_timer_active(&e->arrival))
        brio_timer_start(e->loop, &e->arrival, e->first->when);
}

/* What had arrived before the cut is here and can be read. */
static bool held_back(const brio_sim_end *e, const brio_sim_block *b)
{
    return brio_sim_apart(e->conn) && b->when > brio_sim_of(e->loop)->cut_at;
}

void brio_sim_end_go_on(brio_sim_end *e)
{
    brio_time soonest = e->loop->now + brio_sim_one_way(e->loop);
    e->newest = soonest > e->newest ? soonest : e->newest;
    for (brio_sim_block *b = e->first; b; b = b->next)
        if (held_back(e, b) && b->when < soonest)
            b->when = soonest;
    if (e->held)
        brio_timer_start(e->loop, &e->broken, e->newest);
    e->held = false;
    arrival_again(e);
}

static void on_arrival(brio_timer *timer)
{
    brio_sim_end *e = BRIO_CONTAINER(timer, brio_sim_end, arrival);
    if (!e->first || held_back(e, e->first))
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
    brio_sim_end *e = BRIO_CONTAINER(timer, brio_sim_end, broken);
    e->held = brio_sim_apart(e->conn);
    if (!e->sock || e->held)
        return;
    bool writing = e->sock->state & BRIO_SOCK_WRITING;
    e->sock->state |= BRIO_SOCK_BROKEN;
    if (writing)
        brio_loop_sock_written(e->sock, -ECONNRESET);
}

void brio_sim_sock_read(brio_sock *sock)
{
    brio_sim_end *e = sock->backend;
    if (e)
        arrival_again(e);
}

/* ---- Writing ------------------------------------------------------------ */

/* How many bytes of `pending` the peer's buffer takes now. */
static size_t room_for(const brio_sock *sock, const brio_sim_end *to)
{
    const brio_sim_options *o = &brio_sim_of(to->loop)->options;
    size_t room = o->socket_buffer > to->bytes ? o->socket_buffer - to->bytes : 0, total = 0;
    for (size_t i = 0; i < sock->pending_n; i++)
        total += sock->pending[i].len;
    return part_of(to->loop, total < room ? total : room, o->short_writes);
}

/* Moves as much of `pending` to the peer as goes. */
static int fill_peer(brio_sock *sock)
{
    brio_sim_end *to = ((brio_sim_end *)sock->backend)->peer;
    size_t room = room_for(sock, to);
    if (room == 0)
        return 0;
    brio_sim_block *b = block_append(to, room);
    for (size_t at = 0; at < room;) {
        brio_str part = brio_str_slice(sock->pending[0], 0, room - at);
        memcpy(b->data + at, part.ptr, part.len);
        brio_loop_sock_sent(sock, part.len);
        at += part.len;
    }
    if (sock->pending_n && to->bytes < brio_sim_of(to->loop)->options.socket_buffer)
        brio_loop_sock_again(sock); /* a short write: there is room for more */
    return sock->pending_n == 0;
}

int brio_sim_sock_write(brio_sock *sock)
{
    brio_sim_end *e = sock->backend;
    int err = brio_sim_call(brio_sim_of(e->loop));
    if (err == 0) {
        int rc = fill_peer(sock);
        return rc == 0 ? brio_loop_sock_keep(sock) : rc;
    }
    break_conn(e, err);
    return err;
}

void brio_sim_sock_shutdown(brio_sock *sock)
{
    send_end(((brio_sim_end *)sock->backend)->peer, 0);
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

void brio_sim_end_attach(brio_sim_end *e, brio_sock *sock)
{
    e->sock = sock;
    e->opened = true;
    sock->backend = e;
    sock->fd = e->fd;
    sock->again.fn = on_again;
}

static brio_sim_end *find_unopened(brio_loop *loop, int fd)
{
    brio_sim_kernel *sim = loop->backend;
    for (brio_link *l = sim->conns.prev; l != &sim->conns; l = l->prev) {
        brio_sim_end *e = &BRIO_CONTAINER(l, brio_sim_conn, link)->ends[1];
        if (e->fd == fd && !e->opened && !e->closed)
            return e;
    }
    return NULL;
}

int brio_sim_sock_open(brio_sock *sock, int fd)
{
    brio_sim_end *e = find_unopened(sock->loop, fd);
    if (!e)
        return -EBADF;
    brio_sim_end_attach(e, sock);
    return 0;
}

void brio_sim_fd_close(brio_loop *loop, int fd)
{
    brio_sim_end *e = find_unopened(loop, fd);
    if (e)
        end_close(e);
}

void brio_sim_end_init(brio_sim_conn *c, int which, brio_loop *loop, uint16_t port)
{
    brio_sim_end *e = &c->ends[which];
    e->conn = c;
    e->peer = &c->ends[1 - which];
    e->loop = loop;
    e->port = port;
    e->fd = -1;
    e->arrival.fn = on_arrival;
    e->broken.fn = on_broken;
}

void brio_sim_sock_close(brio_sock *sock)
{
    brio_sim_end *e = sock->backend;
    sock->backend = NULL;
    end_close(e);
    brio_loop_sock_again(sock);
}

int brio_sim_sock_peer(const brio_sock *sock, char host[64], uint16_t *ret_port)
{
    const brio_sim_end *e = sock->backend;
    memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    *ret_port = e->peer->port;
    return 0;
}

int brio_sim_sock_local(const brio_sock *sock, char host[64], uint16_t *ret_port)
{
    const brio_sim_end *e = sock->backend;
    memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    *ret_port = e->port;
    return 0;
}
