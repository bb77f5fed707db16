/* SPDX-License-Identifier: MIT
 *
 * Stream sockets on epoll: edge-triggered for life.
 *
 * An edge sets READABLE; bytes are fetched only while the owner reads. A read
 * that fills less than the chunk has emptied the socket: what comes later
 * makes a new edge, so there is no second read to see EAGAIN (unless the
 * peer's end is already announced, which makes no further edge). Writes are
 * tried at once; only what the kernel refuses waits for the next edge. One
 * request on a live connection so costs epoll_wait, recv and send. */
#include "loop/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Plain descriptors, for epoll and uring ------------------------------ */

void brio_loop_fd_shutdown(brio_sock *sock)
{
    (void)shutdown(sock->fd, SHUT_WR); /* fails only if the connection is gone */
}

int brio_loop_fd_peer(const brio_sock *sock, char host[64], uint16_t *ret_port)
{
    return brio_loop_address_text(sock->fd, true, host, ret_port);
}

void brio_loop_fd_close(brio_loop *loop, int fd)
{
    (void)loop;
    if (fd >= 0)
        close(fd);
}

static ssize_t send_pending(brio_sock *sock)
{
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT; /* uring's descriptors may be blocking */
    if (sock->pending_n == 1)
        return send(sock->fd, sock->pending[0].ptr, sock->pending[0].len, flags);
    struct msghdr msg = {.msg_iov = (void *)sock->pending, .msg_iovlen = sock->pending_n};
    return sendmsg(sock->fd, &msg, flags);
}

int brio_loop_fd_send(brio_sock *sock)
{
    while (sock->pending_n > 0) {
        ssize_t n = send_pending(sock);
        if (n >= 0)
            brio_loop_sock_sent(sock, (size_t)n);
        else if (errno == EAGAIN)
            return 0;
        else if (errno != EINTR)
            return -errno;
    }
    return 1;
}

/* ---- Reading ------------------------------------------------------------ */

static void after_short_read(brio_sock *sock)
{
    if (!(sock->state & BRIO_SOCK_HUP))
        sock->state &= ~(uint32_t)BRIO_SOCK_READABLE;
}

static brio_chunk *acquire(const brio_sock *sock)
{
    const uint32_t both = BRIO_SOCK_LARGE | BRIO_SOCK_FILLED;
    bool large = (sock->state & both) == both && sock->loop->chunk_size < BRIO_LOOP_LARGE;
    return large ? brio_loop_chunk_large(sock->loop) : brio_chunk_acquire(sock->loop);
}

/* So much came that a large chunk is of use, or no more. */
static void note_filled(brio_sock *sock, const brio_chunk *chunk)
{
    if (chunk->len >= sock->loop->chunk_size)
        sock->state |= BRIO_SOCK_FILLED;
    else
        sock->state &= ~(uint32_t)BRIO_SOCK_FILLED;
}

/* One chunk to the owner, or what there is instead. */
static void read_chunk(brio_sock *sock)
{
    brio_chunk *chunk = acquire(sock);
    ssize_t n;
    do
        n = recv(sock->fd, chunk->data, chunk->cap, 0);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        chunk->len = (uint32_t)n;
        if (chunk->len < chunk->cap)
            after_short_read(sock);
        if (sock->state & BRIO_SOCK_LARGE)
            note_filled(sock, chunk);
        sock->events->on_data(sock, chunk);
        return;
    }
    int err = n < 0 ? errno : 0;
    brio_chunk_release(sock->loop, chunk);
    if (err == EAGAIN)
        sock->state &= ~(uint32_t)BRIO_SOCK_READABLE;
    else
        brio_loop_sock_end(sock, -err);
}

static bool can_read(const brio_sock *sock)
{
    const uint32_t both = BRIO_SOCK_READING | BRIO_SOCK_READABLE;
    return (sock->state & (both | BRIO_SOCK_CONNECTING)) == both;
}

static void drain(brio_sock *sock)
{
    for (int i = 0; i < BRIO_LOOP_CHUNKS_PER_TURN && can_read(sock); i++)
        read_chunk(sock);
    if (can_read(sock))
        brio_loop_sock_again(sock);
}

/* ---- Writing ------------------------------------------------------------ */

int brio_epoll_sock_write(brio_sock *sock)
{
    int rc = brio_loop_fd_send(sock);
    return rc == 0 ? brio_loop_sock_keep(sock) : rc;
}

static void writable(brio_sock *sock)
{
    int rc = brio_loop_fd_send(sock);
    if (rc != 0)
        brio_loop_sock_written(sock, rc < 0 ? rc : 0);
}

/* ---- Events ------------------------------------------------------------- */

static void connect_settled(brio_sock *sock)
{
    int err = 0;
    socklen_t len = sizeof err;
    if (getsockopt(sock->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
        err = errno;
    brio_loop_sock_connected(sock, -err);
}

void brio_epoll_sock_ready(brio_sock *sock, uint32_t events)
{
    const uint32_t gone = EPOLLERR | EPOLLHUP;
    if (events & (EPOLLIN | EPOLLRDHUP | gone))
        sock->state |= BRIO_SOCK_READABLE;
    if (events & (EPOLLRDHUP | gone))
        sock->state |= BRIO_SOCK_HUP;
    if (sock->state & (BRIO_SOCK_CLOSING | BRIO_SOCK_SETTLED))
        return;
    if (sock->state & BRIO_SOCK_CONNECTING && events & (EPOLLOUT | gone))
        connect_settled(sock);
    else if (sock->state & BRIO_SOCK_WRITING && events & (EPOLLOUT | gone))
        writable(sock);
    drain(sock);
}

static void on_again(brio_callback *cb)
{
    brio_sock *sock = BRIO_CONTAINER(cb, brio_sock, again);
    if (sock->state & BRIO_SOCK_CLOSING) {
        brio_loop_sock_closed(sock);
        return;
    }
    if (sock->state & BRIO_SOCK_SETTLED)
        brio_loop_sock_connected(sock, sock->err);
    drain(sock);
}

void brio_epoll_sock_read(brio_sock *sock)
{
    if (sock->state & BRIO_SOCK_READABLE)
        brio_loop_sock_again(sock);
}

/* ---- Life --------------------------------------------------------------- */

static int register_for_life(brio_sock *sock, int fd)
{
    sock->again.fn = on_again;
    int rc = brio_epoll_add(sock->loop, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, sock,
                            BRIO_EPOLL_SOCK);
    if (rc == 0)
        sock->fd = fd;
    return rc;
}

int brio_epoll_sock_open(brio_sock *sock, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
        return -errno;
    return register_for_life(sock, fd);
}

int brio_epoll_sock_connect(brio_sock *sock, const struct sockaddr *addr, unsigned addr_len)
{
    int fd = sock->fd >= 0 ? sock->fd : brio_loop_socket_for(addr, SOCK_NONBLOCK);
    if (fd < 0)
        return fd;
    int err = connect(fd, addr, addr_len) < 0 ? errno : 0;
    int rc = register_for_life(sock, fd);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    if (err != EINPROGRESS) { /* known already, but told as always: later */
        sock->err = -err;
        sock->state |= BRIO_SOCK_SETTLED;
        brio_loop_sock_again(sock);
    }
    return 0;
}

void brio_epoll_sock_close(brio_sock *sock)
{
    brio_epoll_remove(sock->loop, sock->fd);
    close(sock->fd);
    brio_loop_sock_again(sock);
}
