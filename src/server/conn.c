/* SPDX-License-Identifier: MIT
 *
 * One connection: what its socket tells, and what it does next.
 *
 * Every event ends in `advance`, one loop: finish the request that is over,
 * parse the next, run it; until bytes, a handler or the socket is waited for.
 * Then all output goes out in one write and `settle` decides what to wait
 * for. Answers keep the order of the requests because nothing is parsed while
 * a handler runs or a write is under way, which is also what bounds a
 * pipelining client: its bytes are read ahead a little, then reading stops.
 * The connection owns its socket; the struct is freed in on_closed. */
#include "server/server_internal.h"

#include <stdlib.h>
#include <sys/socket.h>

/* ---- The end ------------------------------------------------------------ */

static void close_now(brio_server_conn *conn)
{
    if (conn->closing)
        return;
    conn->closing = true;
    brio_server_deadline_remove(conn);
    if (conn->x)
        brio_server_input_trim(conn->x);
    brio_sock_close(&conn->sock);
}

void brio_server_conn_drop(brio_server_conn *conn)
{
    if (conn->closing)
        return;
    close_now(conn);
    if (conn->x)
        brio_server_exchange_cancel(conn->x);
}

static void on_closed(brio_sock *sock)
{
    brio_server_conn *conn = BRIO_CONTAINER(sock, brio_server_conn, sock);
    brio_server_worker *w = conn->worker;
    if (conn->x)
        brio_server_exchange_leave(conn->x);
    brio_link_remove(&conn->link);
    w->n_conns--;
    free(conn);
    brio_server_worker_changed(w);
}

/* The last answer is with the kernel. A client that may still be sending gets
 * a half-close and a moment: closing with unread bytes would reset the
 * connection and could destroy the answer on its way. */
static void finish(brio_server_conn *conn)
{
    if (!conn->linger || conn->eof) {
        close_now(conn);
        return;
    }
    if (conn->phase == BRIO_SERVER_LINGERING)
        return;
    brio_server_input_drop(conn->x);
    brio_sock_shutdown(&conn->sock);
    brio_sock_read_start(&conn->sock);
    brio_server_deadline(conn, BRIO_SERVER_LINGERING, BRIO_SEC(2));
}

/* ---- Parsing ------------------------------------------------------------ */

static void refuse(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    brio_server_refusal_log(conn, &x->http);
    brio_server_output_refusal(x);
    conn->last = conn->linger = true;
}

static bool overloaded(const brio_server_worker *w)
{
    size_t limit = w->options->limit_concurrency;
    return limit && (w->n_conns > limit || w->n_running >= limit);
}

static void begin_request(brio_server_conn *conn)
{
    brio_server_worker *w = conn->worker;
    conn->phase = BRIO_SERVER_BUSY; /* the next head gets a deadline of its own */
    conn->used = true;
    brio_server_worker_count(w);
    if (BRIO_LIKELY(!overloaded(w))) {
        brio_server_exchange_start(conn->x);
        return;
    }
    brio_log(BRIO_LOG_WARNING, "Exceeded concurrency limit.");
    brio_server_output_plain(conn->x, 503);
    brio_server_access_log(conn, conn->x->http.request, 503);
    brio_server_exchange_done(conn->x);
    conn->linger = true;
}

static void parse(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    brio_server_input_trim(x);
    size_t before = x->rest.len;
    brio_http_event event = brio_http_conn_next(&x->http, &x->rest);
    x->queued -= before - x->rest.len;
    if (event == BRIO_HTTP_REQUEST)
        begin_request(conn);
    else if (event == BRIO_HTTP_CONTINUE)
        brio_buf_add(&x->out, brio_http_continue());
    else if (event == BRIO_HTTP_REFUSED)
        refuse(conn);
}

/* ---- Going on ----------------------------------------------------------- */

/* The answer is complete but background tasks hold the exchange: it goes its
 * own way, and the connection takes another. */
static bool part(brio_server_conn *conn)
{
    brio_server_exchange *old = conn->x;
    brio_server_exchange *fresh = brio_server_exchange_acquire(conn);
    if (!fresh)
        return false; /* no memory: then the next request waits for this one */
    brio_buf out = fresh->out, flying = fresh->flying;
    fresh->out = old->out;
    fresh->flying = old->flying;
    old->out = out;
    old->flying = flying;
    fresh->in_flight = old->in_flight;
    fresh->acked = old->acked;
    old->in_flight = false;
    brio_server_input_move(old, fresh);
    brio_server_exchange_leave(old);
    conn->x = fresh;
    return true;
}

/* True if the connection is free for its next request. */
static bool conclude(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    if (!x->responded && !x->running)
        return true;
    if (!x->complete || x->waiter)
        return false;
    if (x->large.len > 0 && brio_server_output_flush(conn) != 1)
        return false; /* its bytes are the app's */
    if (x->running)
        return part(conn);
    brio_server_exchange_done(x);
    return true;
}

static bool step(brio_server_conn *conn)
{
    if (!conclude(conn))
        return false;
    brio_server_exchange *x = conn->x;
    if (conn->last || conn->closing || x->in_flight || !brio_server_input_any(x))
        return false;
    if (x->out.len >= BRIO_SERVER_FLUSH_AT && brio_server_output_flush(conn) != 1)
        return false;
    parse(conn);
    return true;
}

static bool resting(const brio_server_exchange *x)
{
    return !x->running && !x->responded && !x->in_flight && !brio_server_input_any(x);
}

static void wait_for_bytes(brio_server_conn *conn)
{
    const brio_http_limits *limits = &conn->worker->options->http;
    brio_server_exchange *x = conn->x;
    brio_server_input_trim(x);
    if (brio_http_conn_idle(&x->http)) {
        conn->x = NULL;
        brio_server_exchange_release(x);
        if (conn->eof || conn->worker->mode >= BRIO_SERVER_STOPPING)
            close_now(conn);
        else
            brio_server_deadline(conn, BRIO_SERVER_IDLE, limits->keep_alive);
    } else if (conn->eof) {
        close_now(conn);
    } else if (!brio_http_conn_in_head(&x->http)) {
        brio_server_deadline(conn, BRIO_SERVER_BODY, limits->body_timeout);
    } else if (conn->phase != BRIO_SERVER_HEAD) {
        brio_server_deadline(conn, BRIO_SERVER_HEAD, limits->header_timeout);
    }
}

static void wait_for_reader(brio_server_conn *conn)
{
    (void)brio_server_output_moved(conn); /* from here on */
    brio_server_deadline(conn, BRIO_SERVER_WRITING, conn->worker->options->http.write_timeout);
}

static void settle(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    if (x->in_flight) {
        if (conn->phase != BRIO_SERVER_WRITING)
            wait_for_reader(conn);
    } else if (x->running || x->responded) {
        brio_server_deadline(conn, BRIO_SERVER_BUSY, BRIO_NEVER);
    } else if (conn->last) {
        finish(conn);
    } else if (resting(x)) {
        wait_for_bytes(conn);
    }
}

static void regulate(brio_server_conn *conn)
{
    size_t queued = conn->x ? conn->x->queued : 0;
    bool full = queued >= BRIO_SERVER_READ_AHEAD;
    if (BRIO_LIKELY(full == conn->paused))
        return;
    conn->paused = full;
    if (full)
        brio_sock_read_stop(&conn->sock);
    else
        brio_sock_read_start(&conn->sock);
}

void brio_server_conn_advance(brio_server_conn *conn)
{
    while (step(conn))
        ;
    int rc = brio_server_output_flush(conn);
    if (rc < 0) {
        brio_server_conn_drop(conn);
        return;
    }
    if (rc > 0)
        brio_server_exchange_wake(conn->x, 0);
    if (!conn->closing)
        settle(conn);
    if (!conn->closing)
        regulate(conn);
}

/* ---- What the socket tells ---------------------------------------------- */

static bool take_exchange(brio_server_conn *conn)
{
    if (!conn->x)
        conn->x = brio_server_exchange_acquire(conn);
    return conn->x != NULL;
}

static void on_data(brio_sock *sock, brio_chunk *chunk)
{
    brio_server_conn *conn = BRIO_CONTAINER(sock, brio_server_conn, sock);
    if (BRIO_UNLIKELY(conn->last || conn->closing || !take_exchange(conn))) {
        brio_chunk_release(sock->loop, chunk);
        if (!conn->last)
            brio_server_conn_drop(conn); /* no memory */
        return;
    }
    brio_server_input_push(conn->x, chunk);
    brio_server_conn_advance(conn);
}

/* uvicorn's rule: a client that ends its side while a handler works is gone.
 * Answers that are complete still go out, so `printf ... | nc` works. */
static bool gave_up(const brio_server_conn *conn)
{
    const brio_server_exchange *x = conn->x;
    return x && x->running && !x->complete && !conn->worker->options->allow_half_close;
}

static void on_end(brio_sock *sock, int err)
{
    brio_server_conn *conn = BRIO_CONTAINER(sock, brio_server_conn, sock);
    conn->eof = true;
    if (err < 0 || gave_up(conn))
        brio_server_conn_drop(conn);
    else if (!conn->x || conn->phase == BRIO_SERVER_LINGERING)
        close_now(conn);
    else
        brio_server_conn_advance(conn);
}

static void on_written(brio_sock *sock, int err)
{
    brio_server_conn *conn = BRIO_CONTAINER(sock, brio_server_conn, sock);
    BRIO_ASSERT(conn->x);
    brio_server_output_landed(conn->x);
    conn->phase = BRIO_SERVER_BUSY;
    if (err < 0) {
        brio_server_conn_drop(conn);
        return;
    }
    brio_server_conn_advance(conn);
}

void brio_server_conn_know(brio_server_conn *conn)
{
    char host[64] = "";
    if (BRIO_LIKELY(conn->known))
        return;
    if (brio_sock_peer(&conn->sock, host, &conn->port) < 0)
        conn->port = 0;
    size_t len = strnlen(host, sizeof conn->host);
    memcpy(conn->host, host, len);
    conn->host_len = (uint8_t)len;
    conn->known = true;
}

static const brio_sock_events events = {
    .on_data = on_data, .on_end = on_end, .on_written = on_written, .on_closed = on_closed};

/* ---- Deadlines ---------------------------------------------------------- */

static void too_late(brio_server_conn *conn)
{
    bool head = conn->phase == BRIO_SERVER_HEAD;
    brio_http_conn_refuse(&conn->x->http, 408,
                          head ? "the header block took too long" : "the body took too long");
    refuse(conn);
    brio_server_conn_advance(conn);
}

/* A client that does not read: with a reset, so that the kernel does not keep
 * the unsent bytes for it. */
static void cut_off(brio_server_conn *conn)
{
    const struct linger reset = {.l_onoff = 1};
    brio_server_slow_log(conn);
    (void)setsockopt(conn->sock.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    brio_server_conn_drop(conn);
}

void brio_server_conn_expired(brio_server_conn *conn)
{
    brio_server_phase phase = (brio_server_phase)conn->phase;
    if (phase == BRIO_SERVER_HEAD || phase == BRIO_SERVER_BODY)
        too_late(conn);
    else if (phase == BRIO_SERVER_WRITING && brio_server_output_moved(conn))
        brio_server_deadline(conn, phase, conn->worker->options->http.write_timeout);
    else if (phase == BRIO_SERVER_WRITING)
        cut_off(conn);
    else
        brio_server_conn_drop(conn);
}

void brio_server_conn_close_idle(brio_server_conn *conn)
{
    if (conn->x || conn->closing)
        return;
    if (conn->used)
        close_now(conn);
    else /* its first request may be on the way */
        brio_server_deadline(conn, BRIO_SERVER_IDLE, BRIO_SEC(1));
}

/* ---- The beginning ------------------------------------------------------ */

/* Above the limit a connection is told so, without waiting for its request. */
static void turn_away(brio_server_conn *conn)
{
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
                               "content-type: text/plain; charset=utf-8\r\n"
                               "content-length: 19\r\nconnection: close\r\n\r\n"
                               "Service Unavailable";
    brio_log(BRIO_LOG_WARNING, "Exceeded connection limit.");
    if (!take_exchange(conn)) {
        close_now(conn);
        return;
    }
    brio_buf_add(&conn->x->out, (brio_str){text, sizeof text - 1});
    conn->last = conn->linger = true;
    brio_server_conn_advance(conn);
}

static brio_server_conn *new_conn(brio_server_worker *w, int fd)
{
    brio_server_conn *conn = calloc(1, sizeof *conn);
    if (!conn) {
        brio_fd_discard(w->loop, fd);
        return NULL;
    }
    int rc = brio_sock_open(w->loop, &conn->sock, fd, &events);
    if (rc < 0) {
        brio_log(BRIO_LOG_WARNING, "a connection could not be opened: %s", brio_error_text(rc));
        free(conn);
        return NULL;
    }
    conn->worker = w;
    conn->deadline = BRIO_SERVER_NO_TICK;
    brio_link_init(&conn->wheel);
    brio_link_insert_before(&w->conns, &conn->link);
    w->n_conns++;
    return conn;
}

void brio_server_conn_open(brio_server_worker *w, int fd)
{
    enum { TURNED_AWAY_MAX = 64 }; /* beyond it they are closed without a word */
    size_t limit = w->options->limit_connections;
    if (w->n_conns >= limit + TURNED_AWAY_MAX) {
        brio_fd_discard(w->loop, fd);
        return;
    }
    brio_server_conn *conn = new_conn(w, fd);
    if (!conn)
        return;
    if (w->n_conns > limit) {
        turn_away(conn);
        return;
    }
    brio_server_deadline(conn, BRIO_SERVER_IDLE, w->options->http.header_timeout);
    if (w->mode >= BRIO_SERVER_STOPPING)
        brio_server_conn_close_idle(conn);
    brio_sock_read_start(&conn->sock);
}
