/* SPDX-License-Identifier: MIT
 *
 * One connection: how it begins, what its wire and its deadline tell, how it
 * ends. What it does in between is in flow.c.
 *
 * The connection owns its socket. It is freed when that is closed and nowhere else,
 * so that between brio_server_wire_close and that moment whoever still holds a pointer
 * sees `closing`. */
#include "server/server_internal.h"

#include <arpa/inet.h>
#include <sys/socket.h>

/* ---- The end ------------------------------------------------------------ */

static void end(brio_server_conn *conn, bool whole)
{
    conn->closing = true;
    brio_server_deadline_remove(conn);
    brio_server_wire_close(conn, whole);
}

void brio_server_conn_close(brio_server_conn *conn)
{
    if (!conn->closing)
        end(conn, true);
}

void brio_server_conn_drop(brio_server_conn *conn)
{
    if (conn->closing)
        return;
    end(conn, false);
    if (conn->x)
        brio_server_exchange_cancel(conn->x);
    if (BRIO_UNLIKELY(conn->upgraded))
        brio_server_line_lost(conn);
    if (conn->http2)
        brio_server_h2_lost(conn);
}

void brio_server_conn_closed(brio_server_conn *conn)
{
    if (conn->x)
        brio_server_exchange_leave(conn->x);
    if (conn->http2)
        brio_server_h2_free(conn);
    brio_server_proxied_close(conn);
    conn->x = NULL;
    brio_server_guest_alone(conn);
    conn->shell = conn->upgraded && !brio_server_line_gone(conn);
    if (BRIO_LIKELY(!conn->shell)) {
        brio_server_conn_free(conn);
        return;
    }
    conn->worker->n_shells++;
    brio_server_worker_changed(conn->worker);
}

void brio_server_conn_free(brio_server_conn *conn)
{
    brio_server_worker *w = conn->worker;
    char host[BRIO_SERVER_HOST_BYTES];
    if (conn->counted)
        brio_server_addresses_leave(&w->addresses, brio_server_conn_host(conn, host));
    w->n_conns--;
    w->n_shells -= conn->shell;
    brio_server_metrics_closed(w);
    brio_server_conns_give(conn);
    brio_server_worker_changed(w);
}

/* ---- What the wire tells ---------------------------------------------- */

static bool take_exchange(brio_server_conn *conn)
{
    if (!conn->x)
        conn->x = brio_server_exchange_acquire(conn);
    return conn->x != NULL;
}

/* One line a second, however many come. */
static void log_turned_away(brio_server_worker *w)
{
    brio_time now = brio_loop_now(w->loop);
    w->turned_away++;
    if (now < w->log_after)
        return;
    brio_log(BRIO_LOG_WARNING, "Exceeded connection limit (%llu times).",
             (unsigned long long)w->turned_away);
    w->turned_away = 0;
    w->log_after = now + BRIO_SEC(1);
}

static void say_full(brio_server_conn *conn, bool http2)
{
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
                               "content-type: text/plain; charset=utf-8\r\n"
                               "content-length: 19\r\nconnection: close\r\n";
    const char *seconds = conn->worker->retry_after;
    log_turned_away(conn->worker);
    if (!take_exchange(conn)) {
        brio_server_conn_close(conn);
        return;
    }
    if (http2)
        brio_buf_add(&conn->x->out, brio_h2_turned_away());
    else
        brio_buf_printf(&conn->x->out, "%s%s%s%s\r\nService Unavailable", text,
                        *seconds ? "retry-after: " : "", seconds, *seconds ? "\r\n" : "");
    conn->last = conn->linger = true;
    brio_server_conn_advance(conn);
}

/* The first bytes of one of those. "PRI" begins no request of HTTP/1.1. */
static void turn_away_now(brio_server_conn *conn, brio_chunk *chunk)
{
    bool http2 = brio_str_starts((brio_str){chunk->data, chunk->len}, BRIO_S("PRI"));
    brio_chunk_release(conn->worker->loop, chunk);
    say_full(conn, http2);
}

void brio_server_conn_begin(brio_server_conn *conn, brio_str protocol)
{
    bool agreed = brio_str_eq(protocol, BRIO_S("h2"));
    bool only = conn->worker->options->versions == BRIO_SERVER_HTTP_2;
    if ((agreed || only) && brio_server_h2_begin(conn) < 0) {
        brio_server_conn_drop(conn);
        return;
    }
    brio_server_deadline(conn, BRIO_SERVER_IDLE, conn->worker->options->http.header_timeout);
    if (conn->worker->mode >= BRIO_SERVER_STOPPING)
        brio_server_conn_close_idle(conn);
}

void brio_server_conn_received(brio_server_conn *conn, brio_chunk *chunk)
{
    if (BRIO_UNLIKELY(conn->upgraded)) {
        brio_server_line_received(conn, chunk);
        return;
    }
    if (BRIO_UNLIKELY(conn->http2)) {
        brio_server_h2_received(conn, chunk);
        return;
    }
    if (BRIO_UNLIKELY(conn->excess && !conn->last)) {
        turn_away_now(conn, chunk);
        return;
    }
    if (BRIO_UNLIKELY(conn->last || conn->closing || !take_exchange(conn))) {
        brio_chunk_release(conn->worker->loop, chunk);
        if (!conn->last)
            brio_server_conn_drop(conn); /* no memory */
        return;
    }
    bool first = !conn->used && brio_http_conn_idle(&conn->x->http);
    brio_server_pace_came(conn, chunk->len);
    brio_server_input_push(conn->x, chunk);
    if (BRIO_LIKELY(!first) || !brio_server_h2_sniff(conn))
        brio_server_conn_advance(conn);
}

/* uvicorn's rule: a client that ends its side while a handler works is gone.
 * Answers that are complete still go out, so `printf ... | nc` works. */
static bool gave_up(const brio_server_conn *conn)
{
    const brio_server_exchange *x = conn->x;
    return x && x->running && !x->complete && !conn->worker->options->allow_half_close;
}

void brio_server_conn_ended(brio_server_conn *conn, int err)
{
    conn->eof = true;
    if (BRIO_UNLIKELY(conn->upgraded))
        brio_server_line_ended(conn, err);
    else if (conn->http2)
        brio_server_h2_ended(conn, err);
    else if (err < 0 || gave_up(conn))
        brio_server_conn_drop(conn);
    else if (!conn->x || conn->phase == BRIO_SERVER_LINGERING)
        brio_server_conn_close(conn);
    else
        brio_server_conn_advance(conn);
}

void brio_server_conn_wrote(brio_server_conn *conn, int err)
{
    if (BRIO_UNLIKELY(conn->upgraded)) {
        brio_server_line_written(conn, err);
        return;
    }
    if (BRIO_UNLIKELY(conn->http2)) {
        brio_server_h2_wrote(conn, err);
        return;
    }
    BRIO_ASSERT(conn->x);
    brio_server_output_landed(conn->x);
    conn->phase = BRIO_SERVER_BUSY;
    if (err < 0) {
        brio_server_conn_drop(conn);
        return;
    }
    brio_server_conn_advance(conn);
}

void brio_server_conn_name(brio_server_conn *conn, brio_str host, uint16_t port, bool local)
{
    const brio_server_options *o = conn->worker->options;
    host = brio_str_slice(host, 0, sizeof conn->host);
    if (host.len)
        memcpy(conn->host, host.ptr, host.len);
    conn->host_len = (uint8_t)host.len;
    conn->port = port;
    conn->trusted = brio_server_listed(o->forwarded_allow_ips, host, local);
    conn->known = true;
}

void brio_server_conn_know(brio_server_conn *conn)
{
    char host[64] = "";
    uint16_t port = 0;
    if (BRIO_LIKELY(conn->known))
        return;
    if (brio_sock_peer(&conn->sock, host, &port) < 0)
        port = 0;
    brio_server_conn_name(conn, brio_str_from(host), port,
                          conn->worker->inlets[conn->inlet].listener->local);
}

brio_str brio_server_conn_host(const brio_server_conn *conn, char buf[BRIO_SERVER_HOST_BYTES])
{
    if (!conn->upgraded)
        return (brio_str){conn->host, conn->host_len};
    int family = conn->host_len == 4 ? AF_INET : AF_INET6;
    if (!conn->host_len || !inet_ntop(family, conn->address, buf, BRIO_SERVER_HOST_BYTES))
        return (brio_str){0};
    return brio_str_from(buf);
}

void brio_server_conn_fold(brio_server_conn *conn)
{
    char text[BRIO_SERVER_HOST_BYTES + 1] = "";
    memcpy(text, conn->host, conn->host_len);
    if (inet_pton(AF_INET, text, conn->address) == 1)
        conn->host_len = 4;
    else
        conn->host_len = inet_pton(AF_INET6, text, conn->address) == 1 ? 16 : 0;
    conn->held = NULL;
    conn->guest = NULL;
}

/* ---- Deadlines ---------------------------------------------------------- */

static void too_late(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    bool head = conn->phase == BRIO_SERVER_HEAD;
    conn->phase = BRIO_SERVER_BUSY;
    brio_http_conn_refuse(&x->http, 408,
                          head ? "the header block took too long" : "the body took too long");
    if (x->reader)
        brio_server_body_wake(x, 0); /* its handler hears of it, and answers */
    else if (!x->draining)
        brio_server_conn_refuse(conn);
    brio_server_conn_advance(conn);
}

void brio_server_conn_refuse_now(brio_server_conn *conn, int status, const char *reason)
{
    if (!take_exchange(conn)) {
        brio_server_conn_drop(conn);
        return;
    }
    conn->phase = BRIO_SERVER_BUSY;
    brio_http_conn_refuse(&conn->x->http, status, reason);
    brio_server_conn_refuse(conn);
    brio_server_conn_advance(conn);
}

/* A client that does not read: with a reset, so that the kernel does not keep
 * the unsent bytes for it. */
void brio_server_conn_cut_off(brio_server_conn *conn)
{
    const struct linger reset = {.l_onoff = 1};
    brio_server_slow_log(conn);
    (void)setsockopt(conn->sock.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    brio_server_conn_drop(conn);
}

void brio_server_conn_expired(brio_server_conn *conn)
{
    brio_server_phase phase = (brio_server_phase)conn->phase;
    if (conn->http2)
        brio_server_h2_expired(conn);
    else if (conn->excess && !conn->last)
        say_full(conn, false); /* it says nothing */
    else if (phase == BRIO_SERVER_HEAD || phase == BRIO_SERVER_BODY)
        too_late(conn);
    else if (phase == BRIO_SERVER_WRITING && brio_server_output_moved(conn))
        brio_server_deadline(conn, phase, conn->worker->options->http.write_timeout);
    else if (phase == BRIO_SERVER_WRITING)
        brio_server_conn_cut_off(conn);
    else if (phase == BRIO_SERVER_BUSY)
        brio_server_pace_overdue(conn);
    else
        brio_server_conn_drop(conn);
}

void brio_server_conn_close_idle(brio_server_conn *conn)
{
    if (conn->x || conn->closing || conn->upgraded)
        return;
    if (conn->http2 && conn->used)
        brio_server_h2_goodbye(conn, true);
    else if (conn->used)
        brio_server_conn_close(conn);
    else /* its first request may be on the way */
        brio_server_deadline(conn, BRIO_SERVER_IDLE, BRIO_SEC(1));
}

/* ---- The beginning ------------------------------------------------------ */

void brio_server_conn_turn_away(brio_server_conn *conn, brio_str protocol)
{
    brio_server_http versions = conn->worker->options->versions;
    bool agreed = brio_str_eq(protocol, BRIO_S("h2")), both = versions == BRIO_SERVER_HTTP_ANY;
    if (!agreed && both && brio_h2_preface().len && !conn->tls)
        brio_server_deadline(conn, BRIO_SERVER_HEAD, BRIO_SEC(1));
    else
        say_full(conn, agreed || versions == BRIO_SERVER_HTTP_2);
}

bool brio_server_conn_enter(brio_server_conn *conn)
{
    brio_server_worker *w = conn->worker;
    uint32_t limit = w->options->limit_connections_per_address;
    if (BRIO_LIKELY(!limit))
        return true;
    brio_server_conn_know(conn);
    brio_str host = {conn->host, conn->host_len};
    conn->counted = brio_server_addresses_enter(&w->addresses, host, limit);
    return conn->counted;
}

static brio_server_conn *new_conn(const brio_server_inlet *inlet, int fd)
{
    brio_server_worker *w = inlet->worker;
    brio_server_conn *conn = brio_server_conns_take(w);
    if (!conn) {
        brio_fd_discard(w->loop, fd);
        return NULL;
    }
    int rc = brio_server_wire_open(conn, fd);
    if (rc < 0) {
        brio_log(BRIO_LOG_WARNING, "a connection could not be opened: %s", brio_error_text(rc));
        brio_server_conns_give(conn);
        return NULL;
    }
    conn->inlet = (uint8_t)(inlet - w->inlets);
    conn->deadline = BRIO_SERVER_NO_TICK;
    brio_link_init(&conn->wheel);
    w->n_conns++;
    brio_server_metrics_opened(w);
    return conn;
}

void brio_server_conn_open(brio_server_inlet *inlet, int fd)
{
    enum { TURNED_AWAY_MAX = 64 }; /* beyond it they are closed without a word */
    brio_server_worker *w = inlet->worker;
    size_t limit = w->options->limit_connections;
    if (w->n_conns >= limit + TURNED_AWAY_MAX) {
        brio_fd_discard(w->loop, fd);
        return;
    }
    brio_server_conn *conn = new_conn(inlet, fd);
    if (!conn)
        return;
    conn->excess = w->n_conns > limit;
    bool told = conn->excess && !brio_server_wire_secure(conn); /* whoever it speaks for */
    if (!told && !brio_server_proxied_open(conn)) {
        brio_server_conn_close(conn);
        return;
    }
    brio_server_wire_start(conn);
}
