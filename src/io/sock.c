/* SPDX-License-Identifier: MIT
 *
 * The transport over a socket of the loop, real or simulated. */
#include "io/io_internal.h"

#include <errno.h>

/* ---- Events ------------------------------------------------------------- */

static brio_stream *stream_of(brio_sock *sock)
{
    return BRIO_CONTAINER(sock, brio_stream, on.sock);
}

static void on_data(brio_sock *sock, brio_chunk *chunk)
{
    brio_io_received(stream_of(sock), chunk);
}

static void on_end(brio_sock *sock, int err)
{
    brio_io_ended(stream_of(sock), err);
}

static void on_written(brio_sock *sock, int err)
{
    brio_io_written(stream_of(sock), err);
}

static void on_connected(brio_sock *sock, int err)
{
    brio_io_wake(&stream_of(sock)->connecter, err);
}

static void on_closed(brio_sock *sock)
{
    brio_io_closed(stream_of(sock));
}

const brio_sock_events brio_io_sock_events = {.on_data = on_data,
                                              .on_end = on_end,
                                              .on_written = on_written,
                                              .on_connected = on_connected,
                                              .on_closed = on_closed};

/* ---- Calls -------------------------------------------------------------- */

static void sock_read_start(brio_stream *s)
{
    brio_sock_read_start(&s->on.sock);
}

static void sock_read_stop(brio_stream *s)
{
    brio_sock_read_stop(&s->on.sock);
}

static int sock_write(brio_stream *s, const brio_str *parts, size_t n)
{
    return brio_sock_write(&s->on.sock, parts, n);
}

static void sock_shutdown(brio_stream *s)
{
    brio_sock_shutdown(&s->on.sock);
}

static void sock_close(brio_stream *s)
{
    brio_sock_close(&s->on.sock);
}

static int sock_address(const brio_stream *s, bool peer, char host[64], uint16_t *ret_port)
{
    const brio_sock *sock = &s->on.sock;
    return peer ? brio_sock_peer(sock, host, ret_port) : brio_sock_local(sock, host, ret_port);
}

static int sock_fd(const brio_stream *s)
{
    return brio_loop_is_sim(s->io->loop) ? -ENOTSUP : s->on.sock.fd;
}

static ptrdiff_t sock_sendfile(brio_stream *s, int fd, int64_t *offset, size_t count)
{
    return brio_sock_sendfile(&s->on.sock, fd, offset, count);
}

const brio_io_transport brio_io_sock = {
    .read_start = sock_read_start,
    .read_stop = sock_read_stop,
    .write = sock_write,
    .shutdown = sock_shutdown,
    .close = sock_close,
    .address = sock_address,
    .fd = sock_fd,
    .sendfile = sock_sendfile,
};
