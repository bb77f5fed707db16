/* SPDX-License-Identifier: MIT
 *
 * TLS under a connection: what the wire does when bytes in clear travel encrypted.
 *
 *     socket -> session -> brio_server_conn_received
 *     socket <- `out` of the worker, or `flying` <- session <- parts that are written
 *
 * Encrypted output is composed in one buffer of the worker. What the kernel takes at
 * once, nearly always all, never becomes the connection's; only the rest does. Large
 * parts are encrypted piece by piece as the kernel takes them, so that a slow reader
 * costs one piece. Between requests a connection has its session and no buffer. */
#include "server/server_internal.h"

#include <errno.h>
#include <stdlib.h>

struct brio_server_tls {
    brio_tls_session *session;
    brio_server_conn *conn;
    brio_link link;          // brio_server_secure::shaking, until the handshake is over
    brio_buf flying;         /* encrypted, the kernel still reads it; if `in_flight` */
    brio_tls_out later;      /* encrypted meanwhile */
    brio_str parts[2];       /* in clear, still to be encrypted: borrowed from the writer */
    brio_buf joined;         /* what parts[0] is of, if there were more than two */
    bool in_flight, owing;   /* owing: the writer waits for brio_server_conn_wrote */
    bool begun;              /* the first byte came */
    bool established, ended; /* ended: the owner was told of the end */
    bool shutting;           /* the sending side is to be closed behind what flies */
};

/* ---- Output --------------------------------------------------------------- */

static brio_tls_out *out_of(brio_server_tls *t)
{
    t->later.busy = t->in_flight;
    return t->in_flight ? &t->later : &t->conn->worker->secure.out;
}

/* What is encrypted goes out, before anything else may run: the worker's buffer is
 * everybody's. 1, 0 (some of it flies) or < 0. */
static int push_out(brio_server_tls *t)
{
    brio_buf *bytes = &t->conn->worker->secure.out.bytes;
    if (t->in_flight)
        return 0;
    if (bytes->len == 0)
        return 1;
    const brio_str all = brio_buf_str(bytes);
    int rc = bytes->failed ? -ENOMEM : brio_sock_write(&t->conn->sock, &all, 1);
    if (BRIO_LIKELY(rc > 0)) {
        brio_buf_clear(bytes);
        return rc;
    }
    if (rc < 0) {
        brio_buf_fini(bytes);
        return rc;
    }
    t->flying = *bytes;
    *bytes = (brio_buf){0};
    t->in_flight = true;
    return 0;
}

/* One piece of what is to be written. 0, or < 0. */
static int encrypt(brio_server_tls *t)
{
    brio_str *part = t->parts[0].len ? &t->parts[0] : &t->parts[1];
    ptrdiff_t n = brio_tls_session_write(t->session, out_of(t), *part);
    if (n < 0)
        return (int)n;
    *part = brio_str_slice(*part, (size_t)n, part->len);
    return 0;
}

static bool any_part(const brio_server_tls *t)
{
    return t->parts[0].len > 0 || t->parts[1].len > 0;
}

/* Until all is with the kernel (1) or the kernel has enough (0). */
static int write_on(brio_server_tls *t)
{
    enum { AT_ONCE = 64 * 1024 };
    int rc = 1;
    while (rc > 0 && any_part(t)) {
        const brio_buf *bytes = &t->conn->worker->secure.out.bytes;
        while (rc > 0 && any_part(t) && bytes->len < AT_ONCE)
            rc = encrypt(t) < 0 ? BRIO_ETLS : 1;
        int sent = push_out(t); /* also before an error: nothing stays */
        rc = rc < 0 ? rc : sent;
    }
    if (!any_part(t))
        brio_buf_fini(&t->joined);
    return rc;
}

static void forget_parts(brio_server_tls *t)
{
    t->parts[0] = t->parts[1] = (brio_str){NULL, 0};
    brio_buf_fini(&t->joined);
}

/* Many small parts, which are the frames of a WebSocket, would be as many records. */
static int take_parts(brio_server_tls *t, const brio_str *parts, size_t n)
{
    if (n <= 2) {
        for (size_t i = 0; i < n; i++)
            t->parts[i] = parts[i];
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        brio_buf_add(&t->joined, parts[i]);
    t->parts[0] = brio_buf_str(&t->joined);
    return t->joined.failed ? -ENOMEM : 0;
}

int brio_server_tls_write(brio_server_conn *conn, const brio_str *parts, size_t n)
{
    brio_server_tls *t = conn->tls;
    BRIO_ASSERT(!t->owing);
    if (brio_tls_session_in_kernel(t->session)) {
        int rc = brio_sock_write(&conn->sock, parts, n);
        t->owing = rc == 0;
        return rc;
    }
    int rc = take_parts(t, parts, n);
    if (rc == 0)
        rc = t->in_flight ? 0 : write_on(t);
    t->owing = rc == 0;
    if (rc < 0)
        forget_parts(t);
    return rc;
}

bool brio_server_tls_in_kernel(const brio_server_conn *conn)
{
    return brio_tls_session_in_kernel(conn->tls->session);
}

void brio_server_tls_owe(brio_server_conn *conn)
{
    conn->tls->owing = true;
}

/* Frees it, unless the worker has no buffer at the moment. */
static void give_back(brio_server_tls *t, brio_buf *buf)
{
    brio_buf *shared = &t->conn->worker->secure.out.bytes;
    if (shared->cap == 0) {
        brio_buf_clear(buf);
        *shared = *buf;
        *buf = (brio_buf){0};
    } else {
        brio_buf_fini(buf);
    }
}

static int land(brio_server_tls *t, int err)
{
    if (t->in_flight) {
        t->in_flight = false;
        give_back(t, &t->flying);
        brio_buf_add(&t->conn->worker->secure.out.bytes, brio_buf_str(&t->later.bytes));
        err = t->later.bytes.failed ? -ENOMEM : err;
        brio_buf_fini(&t->later.bytes);
    }
    int rc = err < 0 ? err : push_out(t);
    return rc > 0 ? write_on(t) : rc;
}

void brio_server_tls_written(brio_server_conn *conn, int err)
{
    brio_server_tls *t = conn->tls;
    int rc = land(t, err);
    if (rc == 0)
        return;
    forget_parts(t);
    if (rc < 0)
        brio_buf_fini(&conn->worker->secure.out.bytes);
    else if (t->shutting)
        brio_sock_shutdown(&conn->sock);
    if (t->owing) {
        t->owing = false;
        brio_server_conn_wrote(conn, rc < 0 ? rc : 0);
    } else if (rc < 0) {
        brio_server_conn_drop(conn);
    }
}

void brio_server_tls_shutdown(brio_server_conn *conn)
{
    brio_server_tls *t = conn->tls;
    brio_tls_session_finish(t->session, out_of(t));
    t->shutting = true;
    if (push_out(t) != 0)
        brio_sock_shutdown(&conn->sock);
}

/* Not behind half an answer: without close_notify the client knows that it is one. */
void brio_server_tls_goodbye(brio_server_conn *conn)
{
    brio_server_tls *t = conn->tls;
    if (!t->established || t->in_flight || t->owing)
        return;
    brio_tls_session_finish(t->session, out_of(t));
    (void)push_out(t); /* what does not fit is dropped with the socket */
}

/* ---- Input ---------------------------------------------------------------- */

static void settle_down(brio_server_tls *t)
{
    if (!brio_link_alone(&t->link)) {
        brio_link_remove(&t->link);
        brio_link_init(&t->link);
        t->conn->worker->secure.n_shaking--;
    }
}

static void log_failure(brio_server_conn *conn, const char *why)
{
    brio_server_conn_know(conn);
    brio_log(BRIO_LOG_INFO, "%.*s:%d - TLS handshake failed: %s", (int)conn->host_len, conn->host,
             conn->port, why ? why : "no memory");
}

static void failed(brio_server_tls *t)
{
    brio_server_conn *conn = t->conn;
    (void)push_out(t); /* the alert that says why */
    if (!t->established) {
        brio_server_metrics_handshake(conn->worker, BRIO_SERVER_SHAKE_FAILED);
        log_failure(conn, brio_tls_session_problem(t->session));
    }
    brio_server_conn_drop(conn);
}

static void established(brio_server_tls *t)
{
    brio_tls_info info;
    t->established = true;
    settle_down(t);
    int rc = brio_tls_session_info(t->session, &info);
    brio_server_metrics_handshake(t->conn->worker, info.resumed ? BRIO_SERVER_SHAKE_RESUMED
                                                                : BRIO_SERVER_SHAKE_FULL);
    if (rc < 0 || push_out(t) < 0)
        brio_server_conn_drop(t->conn);
    else if (t->conn->excess)
        brio_server_conn_turn_away(t->conn, info.alpn);
    else
        brio_server_conn_begin(t->conn, info.alpn);
}

/* Clear bytes to the connection, as long as there are any. */
static void read_on(brio_server_tls *t)
{
    brio_server_conn *conn = t->conn;
    brio_loop *loop = conn->worker->loop;
    int rc = 1;
    while (rc > 0 && !conn->closing && brio_tls_session_pending(t->session)) {
        brio_chunk *chunk = brio_chunk_acquire(loop);
        rc = brio_tls_session_read(t->session, out_of(t), chunk);
        rc = push_out(t) < 0 ? BRIO_ETLS : rc;
        if (rc > 0)
            brio_server_conn_received(conn, chunk);
        else
            brio_chunk_release(loop, chunk);
    }
    if (conn->closing)
        return;
    if (rc == BRIO_ETLS) {
        failed(t);
    } else if (rc < 0 && !t->ended) {
        t->ended = true;
        brio_server_conn_ended(conn, rc == -ESHUTDOWN ? 0 : rc);
    }
}

static void turn(brio_server_tls *t)
{
    int rc = t->established ? 1 : brio_tls_session_handshake(t->session, out_of(t));
    if (rc > 0 && !t->established)
        established(t);
    if (t->conn->closing)
        return;
    if (rc > 0)
        read_on(t);
    else if (rc < 0 || push_out(t) < 0)
        failed(t);
}

/* TLS begins with the byte 22; what looks like a method of HTTP is told so. */
static bool in_clear(const brio_server_tls *t, const brio_chunk *chunk)
{
    return !t->begun && chunk->data[0] >= 'A' && chunk->data[0] <= 'Z';
}

void brio_server_tls_received(brio_server_conn *conn, brio_chunk *chunk)
{
    brio_server_tls *t = conn->tls;
    if (BRIO_UNLIKELY(in_clear(t, chunk))) {
        brio_chunk_release(conn->worker->loop, chunk);
        brio_server_tls_free(conn);
        brio_server_conn_refuse_now(conn, 400, "plain HTTP on a port of HTTPS");
        return;
    }
    t->begun = true;
    brio_tls_session_push(t->session, chunk);
    turn(t);
}

void brio_server_tls_ended(brio_server_conn *conn, int err)
{
    brio_server_tls *t = conn->tls;
    if (err < 0 || !t->begun) {
        if (!t->ended)
            brio_server_conn_ended(conn, err);
        t->ended = true;
        return;
    }
    brio_tls_session_end(t->session);
    turn(t);
}

/* ---- Life ----------------------------------------------------------------- */

/* Who floods us with halves of handshakes has the oldest of them. */
static void make_room(brio_server_worker *w)
{
    if (w->secure.n_shaking < w->options->ssl.limit_handshakes)
        return;
    brio_server_tls *oldest = BRIO_CONTAINER(w->secure.shaking.next, brio_server_tls, link);
    settle_down(oldest);
    brio_server_conn_drop(oldest->conn);
}

static brio_server_tls *create(brio_server_conn *conn)
{
    brio_server_worker *w = conn->worker;
    brio_server_tls *t = brio_zalloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->conn = conn;
    int fd = w->options->ssl.no_ktls ? -1 : conn->sock.fd;
    if (brio_tls_session_new(&t->session, w->secure.context, w->loop, fd) < 0) {
        free(t);
        return NULL;
    }
    return t;
}

void brio_server_tls_start(brio_server_conn *conn)
{
    brio_server_worker *w = conn->worker;
    make_room(w);
    conn->tls = create(conn);
    if (!conn->tls) {
        brio_server_conn_drop(conn);
        return;
    }
    brio_link_insert_before(&w->secure.shaking, &conn->tls->link);
    w->secure.n_shaking++;
    brio_server_conn_know(conn); /* a failure names the peer, who may be gone then */
    brio_server_deadline(conn, BRIO_SERVER_HANDSHAKE, w->options->ssl.handshake_timeout);
}

void brio_server_tls_free(brio_server_conn *conn)
{
    brio_server_tls *t = conn->tls;
    if (!t)
        return;
    settle_down(t);
    brio_tls_session_free(t->session);
    brio_buf_fini(&t->flying);
    brio_buf_fini(&t->later.bytes);
    brio_buf_fini(&t->joined);
    free(t);
    conn->tls = NULL;
}

int brio_server_tls_info(const brio_server_conn *conn, brio_tls_info *ret)
{
    *ret = (brio_tls_info){0};
    return conn && conn->tls ? brio_tls_session_info(conn->tls->session, ret) : -ENOTCONN;
}

int brio_server_tls_peer(const brio_server_conn *conn, brio_arena *arena, brio_tls_certificate *ret)
{
    *ret = (brio_tls_certificate){0};
    return conn && conn->tls ? brio_tls_session_peer(conn->tls->session, arena, ret) : -ENOTCONN;
}
