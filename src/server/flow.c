/* SPDX-License-Identifier: MIT
 *
 * What a connection does next. Every event ends in `advance`, one loop: finish
 * the request that is over, parse the next, run it; until bytes, a handler or
 * the socket is waited for. Then all output goes out in one write and `settle`
 * decides what to wait for.
 *
 * Answers keep the order of the requests because nothing is parsed while a
 * handler runs or a write is under way, which is also what bounds a pipelining
 * client: its bytes are read ahead a little, then reading stops. */
#include "server/server_internal.h"

/* ---- Parsing ------------------------------------------------------------ */

void brio_server_conn_refuse(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    brio_server_refusal_log(conn, x->http.reason, x->http.refusal);
    brio_server_output_refusal(x);
    conn->last = conn->linger = true;
}

bool brio_server_overloaded(const brio_server_worker *w)
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
    brio_server_pace_request(conn->x);
    if (BRIO_LIKELY(!brio_server_overloaded(w))) {
        brio_server_exchange_start(conn->x);
        return;
    }
    brio_log(BRIO_LOG_WARNING, "Exceeded concurrency limit.");
    brio_server_exchange_introduce(conn->x);
    brio_server_output_plain(conn->x, 503);
    brio_server_exchange_told(conn->x, 0);
    brio_server_exchange_done(conn->x);
    conn->linger = true;
}

static brio_http_event next_event(brio_server_exchange *x)
{
    brio_server_input_trim(x);
    size_t before = x->rest.len;
    brio_http_event event = brio_http_conn_next(&x->http, &x->rest);
    x->queued -= before - x->rest.len;
    return event;
}

/* A head without its body: the app says what it wants. The body it wants whole
 * is collected, which begins with a look at whether the client waits. */
static brio_http_event decide(brio_server_exchange *x)
{
    brio_app_body_plan plan = brio_app_plan_body(x->worker->app, x->http.request, &x->arena);
    brio_http_event event = brio_http_conn_body(&x->http, plan.limit, plan.pieces);
    x->ex.pieces = event == BRIO_HTTP_REQUEST;
    return event == BRIO_HTTP_MORE ? next_event(x) : event;
}

static void parse(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    brio_http_event event = next_event(x);
    if (event == BRIO_HTTP_HEAD)
        event = decide(x);
    if (event == BRIO_HTTP_REQUEST)
        begin_request(conn);
    else if (event == BRIO_HTTP_CONTINUE)
        brio_buf_add(&x->out, brio_http_continue());
    else if (event == BRIO_HTTP_REFUSED)
        brio_server_conn_refuse(conn);
}

/* ---- Going on ----------------------------------------------------------- */

/* The answer is complete but background tasks hold the exchange: it goes its
 * own way, and the connection takes another. */
bool brio_server_conn_part(brio_server_conn *conn)
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
        return false; /* also of an upgraded one */
    if (x->large.len > 0 && brio_server_output_flush(conn) != 1)
        return false; /* its bytes are the app's */
    if (BRIO_UNLIKELY(x->ex.pieces) && !brio_server_conn_drain(conn))
        return false;
    if (x->running)
        return brio_server_conn_part(conn);
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

/* The last answer is with the kernel. A client that may still be sending gets
 * a half-close and a moment: closing with unread bytes would reset the
 * connection and could destroy the answer on its way. */
static void finish(brio_server_conn *conn)
{
    if (!conn->linger || conn->eof) {
        brio_server_conn_close(conn);
        return;
    }
    if (conn->phase == BRIO_SERVER_LINGERING)
        return;
    brio_server_input_drop(conn->x);
    brio_server_wire_shutdown(conn);
    brio_server_wire_pause(conn, false);
    brio_server_deadline(conn, BRIO_SERVER_LINGERING, BRIO_SEC(2));
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
            brio_server_conn_close(conn);
        else
            brio_server_deadline(conn, BRIO_SERVER_IDLE, limits->keep_alive);
    } else if (conn->eof) {
        brio_server_conn_close(conn);
    } else if (!brio_http_conn_in_head(&x->http)) {
        brio_server_pace_body(conn);
    } else if (conn->phase != BRIO_SERVER_HEAD) {
        brio_server_deadline(conn, BRIO_SERVER_HEAD, limits->header_timeout);
    }
}

void brio_server_conn_await_reader(brio_server_conn *conn)
{
    (void)brio_server_output_moved(conn); /* from here on */
    brio_server_deadline(conn, BRIO_SERVER_WRITING, conn->worker->options->http.write_timeout);
}

static void wait_for_body(brio_server_conn *conn)
{
    if (conn->phase != BRIO_SERVER_BODY)
        brio_server_pace_body(conn);
}

static void settle(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    if (BRIO_UNLIKELY(conn->upgraded)) {
        brio_server_line_settle(conn);
    } else if (x->in_flight) {
        if (conn->phase != BRIO_SERVER_WRITING)
            brio_server_conn_await_reader(conn);
    } else if (x->reader || x->draining) {
        wait_for_body(conn);
    } else if (x->running || x->responded) {
        brio_server_pace_handler(conn);
    } else if (conn->last) {
        finish(conn);
    } else if (resting(x)) {
        wait_for_bytes(conn);
    }
}

static void regulate(brio_server_conn *conn)
{
    if (BRIO_UNLIKELY(conn->upgraded))
        return;
    size_t queued = conn->x ? conn->x->queued : 0;
    bool full = queued >= BRIO_SERVER_READ_AHEAD;
    if (BRIO_LIKELY(full == conn->paused))
        return;
    conn->paused = full;
    brio_server_wire_pause(conn, full);
}

void brio_server_conn_advance(brio_server_conn *conn)
{
    if (conn->x->reader && (brio_server_input_any(conn->x) || conn->eof))
        brio_server_body_wake(conn->x, 0);
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
