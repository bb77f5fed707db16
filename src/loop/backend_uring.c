/* SPDX-License-Identifier: MIT
 *
 * The io_uring back end: turns, the wake, acceptors and watches (sockets:
 * uring_sock.c; the ring: uring_ring.c).
 *
 * Completions carry a tagged pointer. Sockets and acceptors wait for their
 * last completion before they are given back. A watch may be gone the moment
 * it is stopped, so the kernel gets a pointer to a record of ours instead,
 * which outlives it until the poll has ended. One-shot polls armed again after
 * each report make a level-triggered watch. */
#include "loop/uring_abi.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* ---- The wake ----------------------------------------------------------- */

static void arm_wake(brio_loop *loop)
{
    brio_uring *ring = brio_uring_of(loop);
    uring_sqe *sqe = brio_uring_sqe(ring, NULL, URING_WAKE);
    sqe->opcode = URING_OP_READ;
    sqe->fd = loop->wake_fd;
    sqe->addr = (uintptr_t)&ring->wake_value;
    sqe->len = sizeof ring->wake_value;
}

/* ---- Acceptors ---------------------------------------------------------- */

static void acceptor_arm(brio_acceptor *a)
{
    uring_sqe *sqe = brio_uring_sqe(brio_uring_of(a->loop), a, URING_ACCEPTOR);
    sqe->opcode = URING_OP_ACCEPT;
    /* Who waits again goes to the end of the line; a multishot one stays in its place. */
    sqe->ioprio = a->shared ? 0 : URING_ACCEPT_MULTISHOT;
    sqe->fd = a->fd;
    sqe->op_flags = SOCK_CLOEXEC;
    a->state |= BRIO_SOCK_ARMED;
}

static void pause_is_over(brio_timer *timer)
{
    acceptor_arm(BRIO_CONTAINER(timer, brio_acceptor, backoff));
}

static void pause_accepting(brio_acceptor *a, int err)
{
    brio_log(BRIO_LOG_WARNING, "accept: %s; pausing for a second", brio_error_text(err));
    a->backoff.fn = pause_is_over;
    brio_timer_start(a->loop, &a->backoff, a->loop->now + BRIO_SEC(1));
}

static void acceptor_ended(brio_acceptor *a, int res)
{
    bool one_connection = res >= 0 || res == -ECONNABORTED || res == -EPROTO || res == -EINTR ||
                          res == -EAGAIN || res == -ECANCELED;
    if (a->state & BRIO_SOCK_PAUSED)
        return;
    if (one_connection)
        acceptor_arm(a);
    else
        pause_accepting(a, res);
}

static void accepted(brio_acceptor *a, int res, uint32_t flags)
{
    bool closing = a->state & BRIO_SOCK_CLOSING;
    if (!(flags & URING_CQE_MORE))
        a->state &= ~(uint32_t)BRIO_SOCK_ARMED;
    if (res >= 0)
        a->on_accept(a, res); /* closing or not: the kernel took it off the queue already */
    if (a->state & BRIO_SOCK_ARMED)
        return;
    if (closing) {
        close(a->fd);
        brio_loop_acceptor_closed(a);
    } else if (!(a->state & BRIO_SOCK_CLOSING)) { /* closed in on_accept: done there */
        acceptor_ended(a, res);
    }
}

static int uring_acceptor_open(brio_acceptor *a, int fd)
{
    (void)fd;
    acceptor_arm(a);
    return 0;
}

static void uring_acceptor_close(brio_acceptor *a)
{
    if (a->state & BRIO_SOCK_ARMED) {
        brio_uring_cancel(brio_uring_of(a->loop), a, URING_ACCEPTOR);
        return;
    }
    close(a->fd);
    brio_loop_acceptor_close_soon(a);
}

static void uring_acceptor_pause(brio_acceptor *a)
{
    if (a->state & BRIO_SOCK_ARMED)
        brio_uring_cancel(brio_uring_of(a->loop), a, URING_ACCEPTOR);
}

/* If the cancel is still under way, acceptor_ended arms it again. */
static void uring_acceptor_resume(brio_acceptor *a)
{
    if (!(a->state & BRIO_SOCK_ARMED))
        acceptor_arm(a);
}

/* ---- Watches ------------------------------------------------------------ */

typedef struct uring_watch {
    brio_link link;
    brio_watch *watch; /* NULL when stopped */
    bool armed;
} uring_watch;

static void watch_free(uring_watch *w)
{
    brio_link_remove(&w->link);
    free(w);
}

static void watch_arm(brio_uring *ring, uring_watch *w)
{
    uring_sqe *sqe = brio_uring_sqe(ring, w, URING_WATCH);
    sqe->opcode = URING_OP_POLL_ADD;
    sqe->fd = w->watch->fd;
    sqe->op_flags = w->watch->events;
    w->armed = true;
}

static void watch_ready(brio_uring *ring, uring_watch *w, int res)
{
    w->armed = false;
    brio_watch *watch = w->watch;
    if (watch && res != -ECANCELED)
        watch->fn(watch, res < 0 ? EPOLLERR : (uint32_t)res);
    if (!w->watch)
        watch_free(w);
    else if (!w->armed)
        watch_arm(ring, w);
}

static int uring_watch_start(brio_loop *loop, brio_watch *watch)
{
    brio_uring *ring = brio_uring_of(loop);
    uring_watch *w = brio_zalloc(1, sizeof *w);
    if (!w)
        return -ENOMEM;
    w->watch = watch;
    watch->backend = w;
    brio_link_insert_before(&ring->watches, &w->link);
    watch_arm(ring, w);
    return 0;
}

/* Without an armed poll we are inside its callback: watch_ready frees it. */
static void uring_watch_stop(brio_loop *loop, brio_watch *watch)
{
    uring_watch *w = watch->backend;
    w->watch = NULL;
    if (w->armed)
        brio_uring_cancel(brio_uring_of(loop), w, URING_WATCH);
}

static int uring_watch_change(brio_loop *loop, brio_watch *watch)
{
    uring_watch *w = watch->backend;
    if (!w->armed)
        return 0; /* armed after the callback, with the new events */
    uring_watch_stop(loop, watch);
    return uring_watch_start(loop, watch);
}

/* ---- Turns -------------------------------------------------------------- */

static void dispatch(brio_loop *loop, const uring_cqe *cqe)
{
    void *what = (void *)(uintptr_t)(cqe->user_data & ~(uint64_t)URING_KIND_MASK);
    switch ((enum uring_kind)(cqe->user_data & URING_KIND_MASK)) {
    case URING_SOCK_RECV:
        brio_uring_sock_received(what, cqe->res, cqe->flags);
        break;
    case URING_SOCK_SEND:
        brio_uring_sock_sent(what, cqe->res);
        break;
    case URING_SOCK_CONNECT:
        brio_uring_sock_connected(what, cqe->res);
        break;
    case URING_ACCEPTOR:
        accepted(what, cqe->res, cqe->flags);
        break;
    case URING_WATCH:
        watch_ready(brio_uring_of(loop), what, cqe->res);
        break;
    case URING_WAKE:
        arm_wake(loop);
        break;
    case URING_FILE:
        brio_uring_file_done(loop, what, cqe->res);
        break;
    case URING_NOBODY: /* a cancel that came too late */
        break;
    }
}

static int uring_poll(brio_loop *loop, brio_time until)
{
    brio_uring *ring = brio_uring_of(loop);
    int rc = brio_uring_enter(ring, until);
    if (rc < 0)
        return rc;
    int n = 0;
    uint32_t head = *ring->cq_head;
    uint32_t tail = __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE);
    if (head != tail && until != 0)
        (void)brio_loop_update(loop); /* it may have slept: what comes now comes now */
    if (head != tail)
        brio_loop_busy(loop);
    for (; head != tail; n++) {
        uring_cqe cqe = ring->cqes[head & ring->cq_mask];
        __atomic_store_n(ring->cq_head, ++head, __ATOMIC_RELEASE);
        dispatch(loop, &cqe);
    }
    return n;
}

static int uring_fd(const brio_loop *loop)
{
    return brio_uring_of(loop)->fd;
}

static void uring_fini(brio_loop *loop)
{
    brio_uring *ring = brio_uring_of(loop);
    brio_uring_close(loop, ring);
    for (brio_link *at = ring->watches.next, *next; at != &ring->watches; at = next) {
        next = at->next;
        free(BRIO_CONTAINER(at, uring_watch, link));
    }
    free(ring);
    loop->backend = NULL;
}

static int uring_init(brio_loop *loop, const brio_loop_options *options)
{
    brio_uring *ring = brio_zalloc(1, sizeof *ring);
    if (!ring)
        return -ENOMEM;
    brio_link_init(&ring->watches);
    loop->backend = ring;
    int rc = brio_uring_open(loop, ring, options->ring_entries);
    if (rc < 0)
        uring_fini(loop);
    else
        arm_wake(loop);
    return rc;
}

/* Between turns the kernel must know of everything, or a foreign loop that
 * polls the ring's descriptor would wait for nothing. */
static int uring_rest(brio_loop *loop)
{
    return brio_uring_enter(brio_uring_of(loop), 0);
}

const brio_backend_ops brio_loop_uring_ops = {
    .name = "uring",
    .init = uring_init,
    .fini = uring_fini,
    .poll = uring_poll,
    .rest = uring_rest,
    .fd = uring_fd,
    .sock_open = brio_uring_sock_open,
    .sock_connect = brio_uring_sock_connect,
    .sock_read = brio_uring_sock_read,
    .sock_write = brio_uring_sock_write,
    .sock_shutdown = brio_loop_fd_shutdown,
    .sock_close = brio_uring_sock_close,
    .sock_peer = brio_loop_fd_peer,
    .fd_close = brio_loop_fd_close,
    .acceptor_open = uring_acceptor_open,
    .acceptor_close = uring_acceptor_close,
    .acceptor_pause = uring_acceptor_pause,
    .acceptor_resume = uring_acceptor_resume,
    .watch_start = uring_watch_start,
    .watch_change = uring_watch_change,
    .watch_stop = uring_watch_stop,
    .file_start = brio_uring_file_start,
    .file_cancel = brio_uring_file_cancel,
};
