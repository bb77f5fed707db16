/* SPDX-License-Identifier: MIT
 *
 * Connections that begin with a PROXY header: it is taken off the front of
 * what is received, before anything else sees the bytes.
 *
 * Only peers on a list may speak for others. Whoever else reaches such a socket,
 * or says something else first, is cut off: a guess would let anyone choose an
 * address. Until the header is there the connection is one that has not sent
 * its first request in time. */
#include "server/server_internal.h"

#include <errno.h>
#include <stdlib.h>

static const brio_server_listener *listener_of(const brio_server_conn *conn)
{
    return conn->worker->inlets[conn->inlet].listener;
}

static bool may_speak(const brio_server_conn *conn, char host[64])
{
    uint16_t port;
    bool local = listener_of(conn)->local;
    if (brio_sock_peer(&conn->sock, host, &port) < 0)
        return false;
    return brio_server_listed(conn->worker->options->proxy_protocol_from, brio_str_from(host),
                              local);
}

bool brio_server_proxied_open(brio_server_conn *conn)
{
    char host[64] = "";
    if (!listener_of(conn)->proxy)
        return true;
    if (!may_speak(conn, host)) {
        brio_log(BRIO_LOG_WARNING, "%s may not begin a connection with a PROXY header; closed",
                 *host ? host : "a peer without address");
        return false;
    }
    conn->proxy = brio_zalloc(1, sizeof *conn->proxy);
    conn->proxied = conn->proxy != NULL;
    return conn->proxied;
}

void brio_server_proxied_close(brio_server_conn *conn)
{
    if (!conn->proxied)
        return;
    free(conn->proxy);
    memset(conn->host, 0, sizeof conn->host);
    conn->proxied = false;
}

/* The header is there: the connection is the client's from now on. */
static void take_client(brio_server_conn *conn)
{
    brio_server_proxy p = *conn->proxy;
    brio_server_proxied_close(conn);
    if (p.known)
        brio_server_conn_name(conn, brio_str_from(p.host), p.port, false);
}

static void refuse(brio_server_conn *conn)
{
    char host[64] = "";
    uint16_t port = 0;
    (void)!brio_sock_peer(&conn->sock, host, &port);
    brio_log(BRIO_LOG_WARNING, "%s:%d - no PROXY header; connection closed", host, port);
    brio_server_conn_drop(conn);
}

brio_chunk *brio_server_proxied_data(brio_server_conn *conn, brio_chunk *chunk)
{
    brio_str rest = {chunk->data, chunk->len};
    int rc = conn->closing ? -ECANCELED : brio_server_proxy_read(conn->proxy, &rest);
    if (rc == -EBADMSG)
        refuse(conn);
    if (rc == 1)
        take_client(conn);
    if (rc < 0 || rest.len == 0) {
        brio_chunk_release(conn->worker->loop, chunk);
        return NULL;
    }
    memmove(chunk->data, rest.ptr, rest.len);
    chunk->len = (uint32_t)rest.len;
    return chunk;
}
