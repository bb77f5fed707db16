/* SPDX-License-Identifier: MIT
 *
 * The wire: a connection's bytes in clear, whatever they travel in.
 *
 *     socket -> [PROXY header] -> [TLS] -> brio_server_conn_received, _ended, _wrote
 *     socket <- [TLS] <- brio_server_wire_write, _shutdown, _close
 *
 * Protocols (HTTP/1.1, HTTP/2, WebSocket) talk to the wire and are talked to by
 * it; none of them sees the socket's events. */
#include "server/server_internal.h"

#include <errno.h>

/* ---- What the socket tells ---------------------------------------------- */

static brio_server_conn *of(brio_sock *sock)
{
    return BRIO_CONTAINER(sock, brio_server_conn, sock);
}

bool brio_server_wire_secure(const brio_server_conn *conn)
{
    return !conn->worker->inlets[conn->inlet].listener->plain;
}

static void begin(brio_server_conn *conn)
{
    conn->excess = conn->excess || !brio_server_conn_enter(conn);
    if (brio_server_wire_secure(conn))
        brio_server_tls_start(conn);
    else if (BRIO_UNLIKELY(conn->excess))
        brio_server_conn_turn_away(conn, BRIO_S(""));
    else
        brio_server_conn_begin(conn, (brio_str){NULL, 0});
}

static void on_data(brio_sock *sock, brio_chunk *chunk)
{
    brio_server_conn *conn = of(sock);
    if (BRIO_UNLIKELY(conn->proxied)) {
        chunk = brio_server_proxied_data(conn, chunk);
        if (!conn->proxied && !conn->closing)
            begin(conn);
        if (!chunk)
            return;
    }
    if (conn->tls)
        brio_server_tls_received(conn, chunk);
    else
        brio_server_conn_received(conn, chunk);
}

static void on_end(brio_sock *sock, int err)
{
    brio_server_conn *conn = of(sock);
    if (conn->tls)
        brio_server_tls_ended(conn, err);
    else
        brio_server_conn_ended(conn, err);
}

static void on_written(brio_sock *sock, int err)
{
    brio_server_conn *conn = of(sock);
    if (conn->tls)
        brio_server_tls_written(conn, err);
    else
        brio_server_conn_wrote(conn, err);
}

static void on_closed(brio_sock *sock)
{
    brio_server_tls_free(of(sock));
    brio_server_conn_closed(of(sock));
}

static const brio_sock_events events = {
    .on_data = on_data, .on_end = on_end, .on_written = on_written, .on_closed = on_closed};

/* ---- What the protocols ask for ------------------------------------------ */

int brio_server_wire_open(brio_server_conn *conn, int fd)
{
    return brio_sock_open(conn->worker->loop, &conn->sock, fd, &events);
}

void brio_server_wire_start(brio_server_conn *conn)
{
    if (conn->proxied)
        brio_server_deadline(conn, BRIO_SERVER_IDLE, conn->worker->options->http.header_timeout);
    else
        begin(conn);
    if (!conn->closing)
        brio_sock_read_start(&conn->sock);
}

int brio_server_wire_write(brio_server_conn *conn, const brio_str *parts, size_t n)
{
    return conn->tls ? brio_server_tls_write(conn, parts, n)
                     : brio_sock_write(&conn->sock, parts, n);
}

bool brio_server_wire_bare(const brio_server_conn *conn)
{
    return !conn->tls || brio_server_tls_in_kernel(conn);
}

ptrdiff_t brio_server_wire_sendfile(brio_server_conn *conn, int fd, int64_t *offset, size_t count)
{
    ptrdiff_t n = brio_sock_sendfile(&conn->sock, fd, offset, count);
    if (n == -EAGAIN && conn->tls)
        brio_server_tls_owe(conn);
    return n;
}

void brio_server_wire_pause(brio_server_conn *conn, bool on)
{
    if (on)
        brio_sock_read_stop(&conn->sock);
    else
        brio_sock_read_start(&conn->sock);
}

void brio_server_wire_shutdown(brio_server_conn *conn)
{
    if (conn->tls)
        brio_server_tls_shutdown(conn);
    else
        brio_sock_shutdown(&conn->sock);
}

void brio_server_wire_close(brio_server_conn *conn, bool whole)
{
    if (conn->tls && whole)
        brio_server_tls_goodbye(conn);
    brio_sock_close(&conn->sock);
}
