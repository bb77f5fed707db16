/* SPDX-License-Identifier: MIT
 *
 * The epoll back end: waiting, acceptors and watches (sockets: epoll_sock.c).
 *
 * Sockets are registered once, edge-triggered, for life. Acceptors and watches
 * are level-triggered: an acceptor may then leave connections for the next
 * turn, and a watch's owner reads as much as it likes. The wake's edge is all
 * that is wanted of it, so its eventfd is never read. Events carry a tagged
 * pointer; on_closed is always deferred, so a socket or acceptor closed in the
 * middle of a batch is still there to be skipped. A watch may be gone the
 * moment it is stopped, so its remaining events are struck out. */
#include "loop/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_POLL = 256, KIND_MASK = 3 };

struct brio_epoll {
    int fd;
    bool no_pwait2; /* a kernel or sandbox without nanosecond waits */
    int at, n;      /* the event being dispatched, and how many there are */
    struct epoll_event events[EVENTS_PER_POLL];
};

static brio_epoll *epoll_of(const brio_loop *loop)
{
    return loop->backend;
}

static void *tagged(void *what, enum brio_epoll_kind kind)
{
    return (void *)((uintptr_t)what |
                    (uintptr_t)kind); /* NULL is tagged too: no arithmetic on it */
}

/* ---- Registration ------------------------------------------------------- */

static int control(brio_epoll *ep, int op, int fd, uint32_t events, void *tag)
{
    struct epoll_event ev = {.events = events, .data.ptr = tag};
    return epoll_ctl(ep->fd, op, fd, &ev) < 0 ? -errno : 0;
}

int brio_epoll_add(brio_loop *loop, int fd, uint32_t events, void *what, enum brio_epoll_kind kind)
{
    return control(epoll_of(loop), EPOLL_CTL_ADD, fd, events, tagged(what, kind));
}

/* Explicit, not left to close(2): a forked child may hold the descriptor open. */
void brio_epoll_remove(brio_loop *loop, int fd)
{
    (void)control(epoll_of(loop), EPOLL_CTL_DEL, fd, 0, NULL);
}

brio_epoll *brio_epoll_new(int wake_fd)
{
    brio_epoll *ep = brio_zalloc(1, sizeof *ep);
    if (!ep)
        return NULL;
    ep->fd = epoll_create1(EPOLL_CLOEXEC);
    if (ep->fd >= 0 &&
        control(ep, EPOLL_CTL_ADD, wake_fd, EPOLLIN | EPOLLET, tagged(NULL, BRIO_EPOLL_WAKE)) == 0)
        return ep;
    int err = errno;
    brio_epoll_free(ep);
    errno = err;
    return NULL;
}

void brio_epoll_free(brio_epoll *ep)
{
    if (ep->fd >= 0)
        close(ep->fd);
    free(ep);
}

static int epoll_init(brio_loop *loop, const brio_loop_options *options)
{
    (void)options;
    loop->backend = brio_epoll_new(loop->wake_fd);
    return loop->backend ? 0 : -errno;
}

static void epoll_fini(brio_loop *loop)
{
    brio_epoll_free(loop->backend);
}

int brio_epoll_fd(const brio_epoll *ep)
{
    return ep->fd;
}

static int epoll_fd(const brio_loop *loop)
{
    return epoll_of(loop)->fd;
}

/* ---- Waiting ------------------------------------------------------------ */

static int wait_ms(brio_epoll *ep, brio_time span)
{
    brio_time ms = span / 1000000 + (span % 1000000 != 0); /* up: never early */
    return epoll_wait(ep->fd, ep->events, EVENTS_PER_POLL, ms > INT32_MAX ? INT32_MAX : (int)ms);
}

static int wait_span(brio_epoll *ep, brio_time span)
{
    if (span == 0 || span == BRIO_NEVER)
        return epoll_wait(ep->fd, ep->events, EVENTS_PER_POLL, span ? -1 : 0);
    if (ep->no_pwait2)
        return wait_ms(ep, span);
    struct timespec ts = {.tv_sec = span / BRIO_SEC(1), .tv_nsec = span % BRIO_SEC(1)};
    long n = syscall(SYS_epoll_pwait2, ep->fd, ep->events, EVENTS_PER_POLL, &ts, NULL, 0);
    if (n >= 0 || errno == EINTR)
        return (int)n;
    ep->no_pwait2 = true;
    return wait_ms(ep, span);
}

static void accept_some(brio_acceptor *a);

static void dispatch(struct epoll_event *ev)
{
    const void *tag = ev->data.ptr;
    uintptr_t kind = (uintptr_t)tag & KIND_MASK;
    void *what = (void *)((uintptr_t)tag - kind); /* may be NULL: no arithmetic on it */
    if (kind == BRIO_EPOLL_SOCK && what)
        brio_epoll_sock_ready(what, ev->events);
    else if (kind == BRIO_EPOLL_ACCEPTOR)
        accept_some(what);
    else if (kind == BRIO_EPOLL_WATCH)
        ((brio_watch *)what)->fn(what, ev->events);
}

int brio_epoll_wait(brio_epoll *ep, brio_time span)
{
    int n = wait_span(ep, span);
    ep->n = n > 0 ? n : 0;
    return n >= 0 ? n : errno == EINTR ? 0 : -errno;
}

void brio_epoll_dispatch(brio_epoll *ep)
{
    for (ep->at = 0; ep->at < ep->n; ep->at++)
        dispatch(&ep->events[ep->at]);
    ep->n = 0;
}

static int epoll_poll(brio_loop *loop, brio_time until)
{
    brio_epoll *ep = epoll_of(loop);
    brio_time span = until;
    if (until != 0 && until != BRIO_NEVER) {
        brio_time now = brio_clock_monotonic();
        span = until > now ? until - now : 0;
    }
    int n = brio_epoll_wait(ep, span);
    if (n > 0 && span != 0)
        (void)brio_loop_update(loop); /* it may have slept: what comes now comes now */
    if (n > 0)
        brio_loop_busy(loop);
    brio_epoll_dispatch(ep);
    return n;
}

/* ---- Acceptors ---------------------------------------------------------- */

static int acceptor_arm(brio_acceptor *a)
{
    /* Several workers may wait on one descriptor: wake one, not all. */
    return brio_epoll_add(a->loop, a->fd, EPOLLIN | EPOLLEXCLUSIVE, a, BRIO_EPOLL_ACCEPTOR);
}

static void pause_is_over(brio_timer *timer)
{
    brio_acceptor *a = BRIO_CONTAINER(timer, brio_acceptor, backoff);
    if (acceptor_arm(a) < 0) /* out of memory: once more later */
        brio_timer_start(a->loop, timer, a->loop->now + BRIO_SEC(1));
}

static void pause_accepting(brio_acceptor *a, int err)
{
    brio_log(BRIO_LOG_WARNING, "accept: %s; pausing for a second", brio_error_text(-err));
    brio_epoll_remove(a->loop, a->fd);
    a->backoff.fn = pause_is_over;
    brio_timer_start(a->loop, &a->backoff, a->loop->now + BRIO_SEC(1));
}

static void epoll_acceptor_pause(brio_acceptor *a)
{
    brio_epoll_remove(a->loop, a->fd);
}

static void epoll_acceptor_resume(brio_acceptor *a)
{
    int rc = acceptor_arm(a);
    if (rc < 0)
        pause_accepting(a, -rc);
}

/* The kernel wakes the first that waits in the line: to its end with us. */
static void let_others(brio_acceptor *a)
{
    if (!a->shared || a->state & (BRIO_SOCK_CLOSING | BRIO_SOCK_PAUSED))
        return;
    brio_epoll_remove(a->loop, a->fd);
    epoll_acceptor_resume(a);
}

static void accept_some(brio_acceptor *a)
{
    let_others(a);
    for (int i = 0; i < BRIO_LOOP_ACCEPTS_PER_TURN; i++) {
        if (a->state & (BRIO_SOCK_CLOSING | BRIO_SOCK_PAUSED))
            return;
        int fd = accept4(a->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            a->on_accept(a, fd);
        else if (errno == EAGAIN)
            return;
        else if (brio_loop_accept_exhausted(errno)) {
            pause_accepting(a, errno);
            return;
        } /* anything else befell that one connection: on to the next */
    }
}

static int epoll_acceptor_open(brio_acceptor *a, int fd)
{
    (void)fd;
    return acceptor_arm(a);
}

static void epoll_acceptor_close(brio_acceptor *a)
{
    brio_epoll_remove(a->loop, a->fd);
    close(a->fd);
    brio_loop_acceptor_close_soon(a);
}

/* ---- Watches ------------------------------------------------------------ */

int brio_epoll_watch_control(brio_epoll *ep, int op, brio_watch *watch)
{
    return control(ep, op, watch->fd, watch->events, tagged(watch, BRIO_EPOLL_WATCH));
}

void brio_epoll_watch_strike(brio_epoll *ep, brio_watch *watch)
{
    for (int i = ep->at; i < ep->n; i++)
        if (ep->events[i].data.ptr == tagged(watch, BRIO_EPOLL_WATCH))
            ep->events[i].data.ptr = NULL;
}

static int epoll_watch_start(brio_loop *loop, brio_watch *watch)
{
    return brio_epoll_watch_control(epoll_of(loop), EPOLL_CTL_ADD, watch);
}

static int epoll_watch_change(brio_loop *loop, brio_watch *watch)
{
    return brio_epoll_watch_control(epoll_of(loop), EPOLL_CTL_MOD, watch);
}

static void epoll_watch_stop(brio_loop *loop, brio_watch *watch)
{
    brio_epoll_remove(loop, watch->fd);
    brio_epoll_watch_strike(epoll_of(loop), watch);
}

const brio_backend_ops brio_loop_epoll_ops = {
    .name = "epoll",
    .init = epoll_init,
    .fini = epoll_fini,
    .poll = epoll_poll,
    .fd = epoll_fd,
    .sock_open = brio_epoll_sock_open,
    .sock_connect = brio_epoll_sock_connect,
    .sock_read = brio_epoll_sock_read,
    .sock_write = brio_epoll_sock_write,
    .sock_shutdown = brio_loop_fd_shutdown,
    .sock_close = brio_epoll_sock_close,
    .sock_peer = brio_loop_fd_peer,
    .fd_close = brio_loop_fd_close,
    .acceptor_open = epoll_acceptor_open,
    .acceptor_close = epoll_acceptor_close,
    .acceptor_pause = epoll_acceptor_pause,
    .acceptor_resume = epoll_acceptor_resume,
    .watch_start = epoll_watch_start,
    .watch_change = epoll_watch_change,
    .watch_stop = epoll_watch_stop,
};
