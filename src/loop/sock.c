/* SPDX-License-Identifier: MIT
 *
 * The public calls on sockets, acceptors and watches: what is the same on
 * every back end.
 *
 * Here are the checks of the contract and the bookkeeping around the owner's
 * callbacks (which are tail calls: the owner may close the socket inside).
 * A socket is the owner's again only after on_closed, which always comes from
 * the queue; so a back end may hold a pointer to it through a whole turn. */
#include "loop/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

bool brio_loop_is_sim(const brio_loop *loop)
{
    return loop->ops == &brio_loop_sim_ops;
}

/* ---- For the back ends -------------------------------------------------- */

void brio_loop_sock_again(brio_sock *sock)
{
    if (!brio_callback_queued(&sock->again))
        brio_loop_call_soon(sock->loop, &sock->again);
}

void brio_loop_sock_sent(brio_sock *sock, size_t n)
{
    size_t whole = 0;
    while (whole < sock->pending_n && n >= sock->pending[whole].len)
        n -= sock->pending[whole++].len;
    BRIO_ASSERT(n == 0 || whole < sock->pending_n);
    sock->pending_n = (uint16_t)(sock->pending_n - whole);
    if (whole)
        memmove(sock->pending, sock->pending + whole, sock->pending_n * sizeof *sock->pending);
    if (n) {
        sock->pending[0].ptr += n;
        sock->pending[0].len -= n;
    }
}

int brio_loop_sock_keep(brio_sock *sock)
{
    size_t bytes = sock->pending_n * sizeof *sock->pending;
    brio_loop_write *kept = brio_malloc(sizeof *kept + bytes);
    if (!kept)
        return -ENOMEM;
    memcpy(kept->parts, sock->pending, bytes);
    sock->pending = kept->parts;
    brio_link_insert_before(&sock->loop->writes, &kept->link);
    return 0;
}

static void free_write(brio_loop_write *write)
{
    brio_link_remove(&write->link);
    free(write);
}

static void forget_pending(brio_sock *sock)
{
    if (sock->pending)
        free_write(BRIO_CONTAINER(sock->pending, brio_loop_write, parts));
    sock->pending = NULL;
    sock->pending_n = 0;
}

void brio_loop_writes_init(brio_loop *loop)
{
    brio_link_init(&loop->writes);
}

void brio_loop_writes_fini(brio_loop *loop)
{
    while (!brio_link_alone(&loop->writes))
        free_write(BRIO_CONTAINER(loop->writes.next, brio_loop_write, link));
}

void brio_loop_sock_end(brio_sock *sock, int err)
{
    if (err == 0 && (sock->state & BRIO_SOCK_BROKEN))
        err = -ECONNRESET; /* a failed write took the error from the kernel */
    sock->state |= BRIO_SOCK_ENDED | (err < 0 ? BRIO_SOCK_BROKEN : 0);
    sock->state &= ~(uint32_t)(BRIO_SOCK_READABLE | BRIO_SOCK_READING);
    sock->events->on_end(sock, err);
}

void brio_loop_sock_written(brio_sock *sock, int err)
{
    sock->state &= ~(uint32_t)BRIO_SOCK_WRITING;
    forget_pending(sock);
    if (err < 0)
        sock->state |= BRIO_SOCK_BROKEN;
    else if (sock->state & BRIO_SOCK_SHUT)
        sock->loop->ops->sock_shutdown(sock);
    sock->events->on_written(sock, err);
}

void brio_loop_sock_connected(brio_sock *sock, int err)
{
    sock->state &= ~(uint32_t)(BRIO_SOCK_CONNECTING | BRIO_SOCK_SETTLED);
    if (err < 0)
        sock->state |= BRIO_SOCK_BROKEN | BRIO_SOCK_ENDED;
    else if (sock->state & BRIO_SOCK_SHUT)
        sock->loop->ops->sock_shutdown(sock);
    sock->events->on_connected(sock, err);
}

void brio_loop_sock_closed(brio_sock *sock)
{
    sock->fd = -1;
    sock->loop->open--;
    forget_pending(sock);
    sock->events->on_closed(sock);
}

/* ---- Sockets ------------------------------------------------------------ */

static void sock_init(brio_loop *loop, brio_sock *sock, const brio_sock_events *events)
{
    memset(sock, 0, sizeof *sock);
    sock->events = events;
    sock->loop = loop;
    sock->fd = -1;
}

int brio_sock_open(brio_loop *loop, brio_sock *sock, int fd, const brio_sock_events *events)
{
    sock_init(loop, sock, events);
    int rc = loop->ops->sock_open(sock, fd);
    if (rc < 0) {
        loop->ops->fd_close(loop, fd);
        return rc;
    }
    loop->open++;
    return 0;
}

/* A socket bound to the address it shall connect from. */
static int bound_socket(const brio_loop *loop, const struct sockaddr *addr,
                        const struct sockaddr *local, unsigned local_len)
{
    int fd = brio_loop_socket_for(addr, loop->ops == &brio_loop_epoll_ops ? SOCK_NONBLOCK : 0);
    if (fd < 0)
        return fd;
    if (local->sa_family != AF_UNIX) { /* the port is chosen at connect, per peer */
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    }
    if (bind(fd, local, local_len) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

int brio_sock_connect_from(brio_loop *loop, brio_sock *sock, const struct sockaddr *addr,
                           unsigned addr_len, const struct sockaddr *local, unsigned local_len,
                           const brio_sock_events *events)
{
    sock_init(loop, sock, events);
    if (addr_len > sizeof(struct sockaddr_storage))
        return -EINVAL;
    if (local && !brio_loop_is_sim(loop)) {
        sock->fd = bound_socket(loop, addr, local, local_len);
        if (sock->fd < 0)
            return sock->fd;
    }
    sock->state = BRIO_SOCK_CONNECTING;
    int rc = loop->ops->sock_connect(sock, addr, addr_len);
    if (rc == 0)
        loop->open++;
    return rc;
}

int brio_sock_connect(brio_loop *loop, brio_sock *sock, const struct sockaddr *addr,
                      unsigned addr_len, const brio_sock_events *events)
{
    return brio_sock_connect_from(loop, sock, addr, addr_len, NULL, 0, events);
}

void brio_sock_read_large(brio_sock *sock)
{
    sock->state |= BRIO_SOCK_LARGE;
}

void brio_sock_read_start(brio_sock *sock)
{
    if (sock->state & (BRIO_SOCK_READING | BRIO_SOCK_ENDED | BRIO_SOCK_CLOSING))
        return;
    sock->state |= BRIO_SOCK_READING;
    sock->loop->ops->sock_read(sock);
}

void brio_sock_read_stop(brio_sock *sock)
{
    sock->state &= ~(uint32_t)BRIO_SOCK_READING;
}

static int write_refusal(const brio_sock *sock)
{
    if (sock->state & BRIO_SOCK_BROKEN)
        return -ECONNRESET;
    if (sock->state & (BRIO_SOCK_SHUT | BRIO_SOCK_CLOSING))
        return -EPIPE;
    if (sock->state & BRIO_SOCK_CONNECTING)
        return -ENOTCONN;
    return sock->state & BRIO_SOCK_WRITING ? -EBUSY : 0;
}

int brio_sock_write(brio_sock *sock, const brio_str *parts, size_t n)
{
    brio_str *scratch = sock->loop->parts;
    BRIO_ASSERT(n <= BRIO_SOCK_PARTS);
    int rc = write_refusal(sock);
    if (rc < 0)
        return rc;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (parts[i].len > 0)
            scratch[kept++] = parts[i];
    if (kept == 0)
        return 1;
    sock->pending = scratch;
    sock->pending_n = (uint16_t)kept;
    rc = sock->loop->ops->sock_write(sock);
    if (rc == 0) {
        BRIO_ASSERT(sock->pending != scratch);
        sock->state |= BRIO_SOCK_WRITING;
        return 0;
    }
    sock->pending = NULL;
    sock->pending_n = 0;
    if (rc < 0)
        sock->state |= BRIO_SOCK_BROKEN;
    return rc;
}

size_t brio_sock_unsent(const brio_sock *sock)
{
    size_t n = 0;
    for (size_t i = 0; i < sock->pending_n; i++)
        n += sock->pending[i].len;
    return n;
}

void brio_sock_shutdown(brio_sock *sock)
{
    uint32_t before = sock->state;
    sock->state |= BRIO_SOCK_SHUT;
    if (!(before & (BRIO_SOCK_SHUT | BRIO_SOCK_WRITING | BRIO_SOCK_CONNECTING | BRIO_SOCK_CLOSING)))
        sock->loop->ops->sock_shutdown(sock);
}

void brio_sock_close(brio_sock *sock)
{
    if (sock->state & BRIO_SOCK_CLOSING)
        return;
    sock->state &= ~(uint32_t)(BRIO_SOCK_READING | BRIO_SOCK_WRITING);
    sock->state |= BRIO_SOCK_CLOSING;
    sock->loop->ops->sock_close(sock);
}

int brio_sock_peer(const brio_sock *sock, char host[64], uint16_t *ret_port)
{
    if (sock->fd < 0)
        return -ENOTCONN;
    return sock->loop->ops->sock_peer(sock, host, ret_port);
}

int brio_sock_local(const brio_sock *sock, char host[64], uint16_t *ret_port)
{
    if (sock->fd < 0)
        return -ENOTCONN;
    if (brio_loop_is_sim(sock->loop))
        return brio_sim_sock_local(sock, host, ret_port);
    return brio_loop_address_text(sock->fd, false, host, ret_port);
}

ptrdiff_t brio_sock_sendfile(brio_sock *sock, int fd, int64_t *offset, size_t count)
{
    int rc = brio_loop_is_sim(sock->loop) ? -ENOTSUP : write_refusal(sock);
    if (rc < 0)
        return rc;
    if (sock->loop->ops == &brio_loop_uring_ops) /* its sockets may be blocking ones */
        (void)fcntl(sock->fd, F_SETFL, O_RDWR | O_NONBLOCK);
    ptrdiff_t n = brio_fd_sendfile(sock->fd, fd, offset, count);
    if (n == -EPIPE || n == -ECONNRESET)
        sock->state |= BRIO_SOCK_BROKEN;
    if (n == -EAGAIN) {
        sock->state |= BRIO_SOCK_WRITING;
        if (sock->loop->ops == &brio_loop_uring_ops)
            brio_uring_sock_await(sock);
    }
    return n;
}

void brio_fd_discard(brio_loop *loop, int fd)
{
    loop->ops->fd_close(loop, fd);
}

/* ---- Acceptors ---------------------------------------------------------- */

static void acceptor_init(brio_loop *loop, brio_acceptor *a)
{
    a->loop = loop;
    a->fd = -1;
    a->state = 0;
    a->backend = NULL;
    memset(&a->backoff, 0, sizeof a->backoff);
}

int brio_acceptor_open(brio_loop *loop, brio_acceptor *a, int fd)
{
    acceptor_init(loop, a);
    a->fd = fd;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    int rc = loop->ops->acceptor_open(a, fd);
    if (rc < 0) {
        a->fd = -1;
        close(fd);
        return rc;
    }
    loop->open++;
    return 0;
}

int brio_acceptor_open_sim(brio_loop *loop, brio_acceptor *a, uint16_t port)
{
    if (loop->ops != &brio_loop_sim_ops)
        return -ENOTSUP;
    acceptor_init(loop, a);
    int rc = brio_sim_listen(a, port);
    if (rc == 0)
        loop->open++;
    return rc;
}

int brio_acceptor_port(const brio_acceptor *a)
{
    if (a->loop->ops == &brio_loop_sim_ops)
        return brio_sim_port(a);
    return brio_socket_port(a->fd);
}

void brio_acceptor_close(brio_acceptor *a)
{
    if (a->state & BRIO_SOCK_CLOSING)
        return;
    a->state |= BRIO_SOCK_CLOSING;
    brio_timer_stop(a->loop, &a->backoff);
    a->loop->ops->acceptor_close(a);
}

void brio_acceptor_pause(brio_acceptor *a)
{
    if (a->state & (BRIO_SOCK_PAUSED | BRIO_SOCK_CLOSING))
        return;
    a->state |= BRIO_SOCK_PAUSED;
    if (brio_timer_active(&a->backoff))
        brio_timer_stop(a->loop, &a->backoff); /* backing off: nothing is armed */
    else
        a->loop->ops->acceptor_pause(a);
}

void brio_acceptor_resume(brio_acceptor *a)
{
    if (!(a->state & BRIO_SOCK_PAUSED) || a->state & BRIO_SOCK_CLOSING)
        return;
    a->state &= ~(uint32_t)BRIO_SOCK_PAUSED;
    a->loop->ops->acceptor_resume(a);
}

void brio_loop_acceptor_closed(brio_acceptor *a)
{
    a->fd = -1;
    a->loop->open--;
    a->on_closed(a);
}

static void close_is_due(brio_timer *timer)
{
    brio_loop_acceptor_closed(BRIO_CONTAINER(timer, brio_acceptor, backoff));
}

void brio_loop_acceptor_close_soon(brio_acceptor *a)
{
    a->backoff.fn = close_is_due;
    brio_timer_start(a->loop, &a->backoff, a->loop->now);
}

bool brio_loop_accept_exhausted(int err)
{
    return err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM;
}

/* ---- Watches ------------------------------------------------------------ */

int brio_watch_start(brio_loop *loop, brio_watch *watch, int fd, uint32_t events)
{
    watch->fd = fd;
    watch->events = events;
    watch->backend = NULL;
    int rc = loop->ops->watch_start(loop, watch);
    if (rc == 0)
        loop->open++;
    return rc;
}

int brio_watch_change(brio_loop *loop, brio_watch *watch, uint32_t events)
{
    watch->events = events;
    return loop->ops->watch_change(loop, watch);
}

void brio_watch_stop(brio_loop *loop, brio_watch *watch)
{
    if (watch->fd < 0)
        return;
    loop->ops->watch_stop(loop, watch);
    loop->open--;
    watch->fd = -1;
}
