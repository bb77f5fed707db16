/* SPDX-License-Identifier: MIT
 *
 * The transport over a descriptor that is no socket of the loop: pipes, FIFOs,
 * terminals, devices; in sim real sockets, too.
 *
 * The loop watches it for what is wanted at the moment, and for nothing while
 * nothing is, so an idle one costs no wake-ups. What cannot be watched (files,
 * /dev/null) is always ready: the loop's queue takes turns with it. Reading
 * begins with the first read: what a terminal gets may be meant for a child. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static brio_stream *stream_of(brio_io_pipe *p)
{
    return BRIO_CONTAINER(p, brio_stream, on.pipe);
}

/* ---- What is watched ---------------------------------------------------- */

static void on_ready(brio_watch *watch, uint32_t ready);

static void go_on_soon(brio_io_pipe *p)
{
    if (!brio_callback_queued(&p->again))
        brio_loop_call_soon(stream_of(p)->io->loop, &p->again);
}

static void unwatch(brio_io_pipe *p)
{
    if (p->watching)
        brio_watch_stop(stream_of(p)->io->loop, &p->watch);
    p->watching = false;
}

static void begin_watch(brio_io_pipe *p, uint32_t events)
{
    p->watch.fn = on_ready;
    int rc = brio_watch_start(stream_of(p)->io->loop, &p->watch, p->fd, events);
    p->watching = rc == 0;
    p->unwatchable = rc == -EPERM; /* always ready */
    p->fault = rc == -EPERM ? 0 : rc;
}

static void change_watch(brio_io_pipe *p, uint32_t events)
{
    p->fault = brio_watch_change(stream_of(p)->io->loop, &p->watch, events);
}

static void watch_as_wanted(brio_io_pipe *p)
{
    uint32_t events = (p->reading ? EPOLLIN : 0U) | (p->writing ? EPOLLOUT : 0U);
    if (p->fd < 0 || !events) {
        unwatch(p);
        return;
    }
    if (!p->unwatchable && !p->watching)
        begin_watch(p, events);
    else if (!p->unwatchable && p->watch.events != events)
        change_watch(p, events);
    if (p->unwatchable || p->fault)
        go_on_soon(p);
}

/* ---- Reading ------------------------------------------------------------ */

static void end_input(brio_io_pipe *p, int err)
{
    struct stat st;
    if (err == -EIO && fstat(p->fd, &st) == 0 && S_ISCHR(st.st_mode))
        err = 0; /* a terminal whose other side is gone says it so */
    p->reading = false;
    watch_as_wanted(p);
    brio_io_ended(stream_of(p), err);
}

static void read_chunk(brio_io_pipe *p)
{
    brio_stream *s = stream_of(p);
    brio_chunk *chunk = brio_chunk_acquire(s->io->loop);
    ssize_t n;
    do
        n = read(p->fd, chunk->data, chunk->cap);
    while (n < 0 && errno == EINTR);
    int err = n < 0 ? -errno : 0;
    if (n > 0) {
        chunk->len = (uint32_t)n;
        brio_io_received(s, chunk);
        return;
    }
    brio_chunk_release(s->io->loop, chunk);
    if (err != -EAGAIN)
        end_input(p, err);
}

static void pipe_read_start(brio_stream *s)
{
    brio_io_pipe *p = &s->on.pipe;
    if (s->ended || p->closing)
        return;
    p->reading = true;
    watch_as_wanted(p);
}

/* The watch is left alone until it reports in vain. */
static void pipe_read_stop(brio_stream *s)
{
    s->on.pipe.reading = false;
}

/* ---- Writing ------------------------------------------------------------ */

static void drop_written(brio_io_pipe *p, size_t n)
{
    size_t whole = 0;
    while (whole < p->pending_n && n >= p->pending[whole].len)
        n -= p->pending[whole++].len;
    p->pending_n -= whole;
    memmove(p->pending, p->pending + whole, p->pending_n * sizeof *p->pending);
    if (n > 0)
        p->pending[0] = brio_str_slice(p->pending[0], n, SIZE_MAX);
}

/* 1: all is written, 0: no more now, < 0. */
static int push(brio_io_pipe *p)
{
    while (p->pending_n > 0) {
        ptrdiff_t n = brio_fd_write(p->fd, p->pending, p->pending_n);
        if (n < 0)
            return n == -EAGAIN ? 0 : (int)n;
        drop_written(p, (size_t)n);
    }
    return 1;
}

static int pipe_write(brio_stream *s, const brio_str *parts, size_t n)
{
    brio_io_pipe *p = &s->on.pipe;
    if (p->read_only)
        return -EBADF;
    if (p->shut || p->closing)
        return -EPIPE;
    p->pending_n = 0;
    for (size_t i = 0; i < n; i++)
        if (parts[i].len > 0)
            p->pending[p->pending_n++] = parts[i];
    int rc = push(p);
    if (rc == 0) {
        p->writing = true;
        watch_as_wanted(p);
    }
    return rc;
}

static void write_more(brio_io_pipe *p)
{
    int rc = push(p);
    if (rc == 0)
        return;
    p->writing = false;
    brio_io_written(stream_of(p), rc < 0 ? rc : 0);
}

/* ---- Events ------------------------------------------------------------- */

static void go_on(brio_io_pipe *p, uint32_t ready)
{
    const uint32_t gone = EPOLLERR | EPOLLHUP;
    if (p->reading && ready & (EPOLLIN | gone))
        read_chunk(p);
    if (p->writing && ready & (EPOLLOUT | gone))
        write_more(p);
    if (!p->closing)
        watch_as_wanted(p);
}

static void on_ready(brio_watch *watch, uint32_t ready)
{
    go_on(BRIO_CONTAINER(watch, brio_io_pipe, watch), ready);
}

static void fail(brio_io_pipe *p)
{
    bool writing = p->writing;
    p->writing = false;
    if (p->reading)
        end_input(p, p->fault);
    if (writing)
        brio_io_written(stream_of(p), p->fault);
}

static void on_again(brio_callback *cb)
{
    brio_io_pipe *p = BRIO_CONTAINER(cb, brio_io_pipe, again);
    if (p->closing)
        brio_io_closed(stream_of(p));
    else if (p->fault)
        fail(p);
    else
        go_on(p, EPOLLIN | EPOLLOUT);
}

/* ---- Life --------------------------------------------------------------- */

static void close_fd(brio_io_pipe *p)
{
    unwatch(p);
    if (p->fd < 0)
        return;
    if (p->saved_flags >= 0)
        (void)fcntl(p->fd, F_SETFL, p->saved_flags);
    close(p->fd);
    p->fd = -1;
}

static void pipe_shutdown(brio_stream *s)
{
    brio_io_pipe *p = &s->on.pipe;
    if (p->shut || p->closing)
        return;
    p->shut = true;
    if (p->write_only)
        close_fd(p);
    else
        (void)shutdown(p->fd, SHUT_WR); /* refused by what is no socket */
}

static void pipe_close(brio_stream *s)
{
    brio_io_pipe *p = &s->on.pipe;
    p->closing = true;
    p->reading = p->writing = false;
    close_fd(p);
    go_on_soon(p);
}

static int pipe_address(const brio_stream *s, bool peer, char host[64], uint16_t *ret_port)
{
    (void)s;
    (void)peer;
    host[0] = '\0';
    *ret_port = 0;
    return 0;
}

static int pipe_fd(const brio_stream *s)
{
    return s->on.pipe.fd >= 0 ? s->on.pipe.fd : -ENOTCONN;
}

const brio_io_transport brio_io_pipe_transport = {
    .read_start = pipe_read_start,
    .read_stop = pipe_read_stop,
    .write = pipe_write,
    .shutdown = pipe_shutdown,
    .close = pipe_close,
    .address = pipe_address,
    .fd = pipe_fd,
};

/* ---- Opening ------------------------------------------------------------ */

static int set_nonblocking(brio_io_pipe *p, int flags, bool shared)
{
    p->saved_flags = -1;
    if (flags & O_NONBLOCK)
        return 0;
    if (fcntl(p->fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    if (shared)
        p->saved_flags = flags;
    return 0;
}

int brio_io_pipe_open(brio_stream *s, int fd)
{
    brio_io_pipe *p = &s->on.pipe;
    struct stat st;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode) || flags & O_PATH)
        return -EINVAL;
    p->fd = fd;
    p->again.fn = on_again;
    p->unwatchable = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode);
    p->read_only = (flags & O_ACCMODE) == O_RDONLY;
    p->write_only = (flags & O_ACCMODE) == O_WRONLY;
    int rc = set_nonblocking(p, flags, S_ISCHR(st.st_mode));
    if (rc < 0)
        return rc;
    if (p->write_only)
        brio_io_end_reading(s, -EBADF);
    s->in_loop = s->paused = true;
    return 0;
}

/* 1: a connected stream socket; 0: no socket. */
static int is_stream_socket(int fd)
{
    int type = 0, listens = 0;
    socklen_t len = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
        return errno == ENOTSOCK ? 0 : -errno;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0)
        return -errno;
    return type == SOCK_STREAM && !listens ? 1 : -EINVAL;
}

static int open_in_loop(brio_stream *s, int fd)
{
    int rc = brio_sock_open(s->io->loop, &s->on.sock, fd, &brio_io_sock_events);
    s->in_loop = rc == 0;
    if (rc == 0)
        s->raw->read_start(s);
    return rc;
}

int brio_stream_open_fd(brio_stream **ret, int fd)
{
    brio_io *io = brio_io_here();
    int rc = io ? is_stream_socket(fd) : -ENOMEM;
    bool of_loop = rc == 1 && !brio_loop_is_sim(io->loop);
    brio_stream *s = NULL;
    if (rc >= 0) {
        s = brio_io_stream_new(io, of_loop ? &brio_io_sock : &brio_io_pipe_transport);
        rc = !s ? -ENOMEM : of_loop ? open_in_loop(s, fd) : brio_io_pipe_open(s, fd);
    }
    if (rc >= 0) {
        *ret = s;
        return 0;
    }
    brio_stream_close(s);
    if (!of_loop || !s) /* brio_sock_open has closed it */
        close(fd);
    return rc;
}
