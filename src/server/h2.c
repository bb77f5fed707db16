/* SPDX-License-Identifier: MIT
 *
 * A connection that speaks HTTP/2: because its client begins with the preface
 * (prior knowledge), or because TLS agreed upon it.
 *
 * Bytes are read into the session; what it found is acted upon when all of them
 * are read, stream by stream, and the answers of a turn go out in one write.
 * No more is composed than BRIO_SERVER_H2_OUT ahead of the socket, and a client
 * that takes nothing is not listened to either, so what it makes us say is
 * bounded. An idle connection has no stream, and after the keep-alive time it is
 * told goodbye. */
#include "server/h2_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Output ---------------------------------------------------------------- */

bool brio_server_h2_pump(brio_server_h2 *h2)
{
    if (!h2->session || h2->inside)
        return true;
    h2->inside = true;
    int rc = brio_h2_compose(h2->session, &h2->out, BRIO_SERVER_H2_OUT);
    h2->inside = false;
    if (rc < 0)
        brio_server_conn_drop(h2->conn);
    return rc >= 0;
}

/* 1: all is with the kernel; 0: a write is under way; < 0: the connection is broken. */
static int flush(brio_server_h2 *h2)
{
    if (h2->in_flight)
        return 0;
    if (h2->out.len == 0)
        return 1;
    const brio_str part = brio_buf_str(&h2->out);
    int rc = brio_server_wire_write(h2->conn, &part, 1);
    if (rc > 0) {
        brio_buf_clear(&h2->out);
    } else if (rc == 0) {
        brio_buf empty = h2->flying;
        h2->flying = h2->out;
        h2->out = empty;
        h2->in_flight = true;
        h2->since = brio_loop_now(h2->conn->worker->loop);
        (void)brio_server_output_moved(h2->conn); /* from here on */
    }
    return rc;
}

/* Composes and writes in turns, a few times: others are served here, too. */
static void push(brio_server_h2 *h2)
{
    enum { TURNS = 4 };
    int rc = 1;
    bool full = true;
    for (int i = 0; i < TURNS && full && rc > 0; i++) {
        if (!brio_server_h2_pump(h2))
            return;
        full = h2->out.len >= BRIO_SERVER_H2_OUT;
        rc = flush(h2);
    }
    if (rc < 0)
        brio_server_conn_drop(h2->conn);
    else if (rc > 0 && full)
        brio_server_h2_schedule(h2);
}

void brio_server_h2_schedule(brio_server_h2 *h2)
{
    if (!h2->inside && !brio_callback_queued(&h2->again) && !h2->conn->closing)
        brio_loop_call_soon(h2->conn->worker->loop, &h2->again);
}

static void on_again(brio_callback *cb)
{
    brio_server_h2_advance(BRIO_CONTAINER(cb, brio_server_h2, again));
}

/* ---- Streams with something to do ------------------------------------------- */

static void act(brio_server_h2 *h2)
{
    while (!brio_link_alone(&h2->ready) && !h2->conn->closing) {
        brio_server_stream *s = BRIO_CONTAINER(h2->ready.next, brio_server_stream, ready);
        brio_link_remove(&s->ready);
        brio_server_stream_act(s);
    }
}

/* ---- What is waited for ------------------------------------------------------ */

static void note_reason(brio_server_h2 *h2)
{
    const char *reason = brio_h2_reason(h2->session);
    if (!reason || h2->quiet)
        return;
    h2->quiet = true;
    brio_server_h2_log(h2->conn, reason);
}

/* Nothing more is to be said: as for HTTP/1.1, with a half-close. */
static void finish(brio_server_h2 *h2)
{
    brio_server_conn *conn = h2->conn;
    if (conn->eof) {
        brio_server_conn_close(conn);
        return;
    }
    if (conn->phase == BRIO_SERVER_LINGERING)
        return;
    brio_server_h2_lost(conn);
    conn->last = true;
    brio_server_wire_shutdown(conn);
    brio_server_wire_pause(conn, false);
    brio_server_deadline(conn, BRIO_SERVER_LINGERING, BRIO_SEC(2));
}

/* What large answers needed is not kept for the next. */
static void shrink(brio_buf *buf)
{
    enum { KEPT = 2048 }; /* bytes: a small answer's */
    if (buf->cap > KEPT)
        brio_buf_fini(buf);
}

static void rest(brio_server_h2 *h2)
{
    if (h2->out.len == 0)
        shrink(&h2->out);
    shrink(&h2->flying);
    brio_server_deadline(h2->conn, BRIO_SERVER_IDLE, h2->conn->worker->options->http.keep_alive);
}

static bool waits(const brio_server_h2 *h2)
{
    return h2->in_flight || !brio_link_alone(&h2->streams) || brio_h2_in_head(h2->session);
}

static void settle(brio_server_h2 *h2)
{
    brio_server_conn *conn = h2->conn;
    bool half =
        conn->eof && (brio_link_alone(&h2->streams) || !conn->worker->options->allow_half_close);
    note_reason(h2);
    if (!h2->in_flight && h2->out.len == 0 && (half || brio_h2_over(h2->session)))
        finish(h2);
    else if (waits(h2) && conn->phase != BRIO_SERVER_STREAMS)
        brio_server_deadline(conn, BRIO_SERVER_STREAMS, h2->every);
    else if (!waits(h2) && conn->phase != BRIO_SERVER_IDLE)
        rest(h2);
}

/* A client that takes nothing may not ask for more. */
static void regulate(brio_server_h2 *h2)
{
    brio_server_conn *conn = h2->conn;
    bool full = h2->in_flight && h2->out.len >= BRIO_SERVER_H2_OUT;
    if (full == conn->paused)
        return;
    conn->paused = full;
    brio_server_wire_pause(conn, full);
}

void brio_server_h2_advance(brio_server_h2 *h2)
{
    brio_server_conn *conn = h2->conn;
    act(h2);
    if (!conn->closing && h2->session)
        push(h2);
    if (BRIO_UNLIKELY(!brio_link_alone(&h2->ready))) { /* lines that wrote, and may write on */
        act(h2);
        if (!conn->closing && h2->session)
            push(h2);
        if (!brio_link_alone(&h2->ready))
            brio_server_h2_schedule(h2);
    }
    if (!conn->closing && h2->session)
        settle(h2);
    if (!conn->closing && h2->session)
        regulate(h2);
}

/* ---- What the wire tells -------------------------------------------------------- */

static void receive(brio_server_h2 *h2, brio_chunk *chunk)
{
    brio_loop *loop = h2->conn->worker->loop;
    if (!h2->conn->closing && h2->session) {
        h2->inside = true;
        /* What is wrong is said by the session, and ends it. */
        (void)!brio_h2_receive(h2->session, (brio_str){chunk->data, chunk->len},
                               brio_loop_now(loop));
        h2->inside = false;
        act(h2);
    }
    brio_chunk_release(loop, chunk);
}

void brio_server_h2_received(brio_server_conn *conn, brio_chunk *chunk)
{
    receive(conn->h2, chunk);
    brio_server_h2_advance(conn->h2);
}

/* As for HTTP/1.1: a client that ends its side while handlers work is gone. */
static bool gave_up(const brio_server_h2 *h2)
{
    if (h2->conn->worker->options->allow_half_close)
        return false;
    for (brio_link *l = h2->streams.next; l != &h2->streams; l = l->next) {
        const brio_server_stream *s = BRIO_CONTAINER(l, brio_server_stream, link);
        if (s->running && !s->complete && !s->upgraded)
            return true;
    }
    return false;
}

void brio_server_h2_ended(brio_server_conn *conn, int err)
{
    if (err < 0 || gave_up(conn->h2))
        brio_server_conn_drop(conn);
    else if (conn->phase == BRIO_SERVER_LINGERING)
        brio_server_conn_close(conn);
    else
        brio_server_h2_advance(conn->h2);
}

void brio_server_h2_wrote(brio_server_conn *conn, int err)
{
    brio_server_h2 *h2 = conn->h2;
    BRIO_ASSERT(h2->in_flight);
    h2->in_flight = false;
    brio_buf_clear(&h2->flying);
    if (err < 0)
        brio_server_conn_drop(conn);
    else
        brio_server_h2_advance(h2);
}

/* ---- Deadlines ------------------------------------------------------------------- */

/* True if the connection is to be cut off. */
static bool stuck(brio_server_h2 *h2, brio_time now)
{
    const brio_http_limits *limits = &h2->conn->worker->options->http;
    if (h2->in_flight) {
        if (now - h2->since < limits->write_timeout)
            return false;
        h2->since = now;
        return !brio_server_output_moved(h2->conn);
    }
    if (!brio_h2_in_head(h2->session)) {
        h2->since = now;
        return false;
    }
    return now - h2->since >= limits->header_timeout;
}

static void look(brio_server_h2 *h2)
{
    brio_server_conn *conn = h2->conn;
    brio_time now = brio_loop_now(conn->worker->loop);
    if (stuck(h2, now)) {
        if (h2->in_flight)
            brio_server_conn_cut_off(conn);
        else
            brio_server_conn_drop(conn);
        return;
    }
    for (brio_link *l = h2->streams.next, *next; l != &h2->streams; l = next) {
        next = l->next;
        brio_server_stream_check(BRIO_CONTAINER(l, brio_server_stream, link), now);
    }
    conn->phase = BRIO_SERVER_BUSY; /* to be looked at again */
    brio_server_h2_advance(h2);
}

void brio_server_h2_expired(brio_server_conn *conn)
{
    if (conn->phase == BRIO_SERVER_STREAMS)
        look(conn->h2);
    else if (conn->phase == BRIO_SERVER_IDLE)
        brio_server_h2_goodbye(conn, true);
    else
        brio_server_conn_close(conn);
}

/* ---- Beginning and end -------------------------------------------------------------- */

void brio_server_h2_goodbye(brio_server_conn *conn, bool final)
{
    brio_server_h2 *h2 = conn->h2;
    if (conn->closing || !h2->session)
        return;
    brio_h2_goodbye(h2->session, final);
    if (final && conn->phase == BRIO_SERVER_IDLE)
        conn->phase = BRIO_SERVER_BUSY;
    brio_server_h2_schedule(h2);
}

void brio_server_h2_stop(brio_server_conn *conn)
{
    brio_server_h2 *h2 = conn->h2;
    for (brio_link *l = h2->streams.next, *next; l != &h2->streams; l = next) {
        next = l->next;
        brio_server_stream_line_stop(BRIO_CONTAINER(l, brio_server_stream, link));
    }
}

void brio_server_h2_lost(brio_server_conn *conn)
{
    brio_server_h2 *h2 = conn->h2;
    brio_h2 *session = h2->session;
    BRIO_ASSERT(!h2->inside);
    if (!session)
        return;
    h2->session = NULL;
    brio_loop_call_cancel(conn->worker->loop, &h2->again);
    brio_h2_close(session);
}

void brio_server_h2_free(brio_server_conn *conn)
{
    brio_server_h2 *h2 = conn->h2;
    brio_server_h2_lost(conn);
    BRIO_ASSERT(brio_link_alone(&h2->streams));
    for (brio_link *l = conn->worker->strays.next; l != &conn->worker->strays; l = l->next) {
        brio_server_stream *s = BRIO_CONTAINER(l, brio_server_stream, link);
        s->home = s->home == h2 ? NULL : s->home;
    }
    brio_buf_fini(&h2->out);
    brio_buf_fini(&h2->flying);
    free(h2);
    conn->h2 = NULL;
    conn->http2 = false;
}

int brio_server_h2_begin(brio_server_conn *conn)
{
    const brio_server_options *o = conn->worker->options;
    brio_server_h2 *h2 = brio_zalloc(1, sizeof *h2);
    if (!h2)
        return -ENOMEM;
    h2->conn = conn;
    h2->again.fn = on_again;
    h2->since = brio_loop_now(conn->worker->loop);
    h2->every = brio_server_h2_every(o);
    brio_link_init(&h2->streams);
    brio_link_init(&h2->ready);
    int rc = brio_h2_open(&h2->session, &(brio_h2_options){.events = &brio_server_h2_events,
                                                           .owner = h2,
                                                           .limits = o->h2,
                                                           .http = o->http});
    if (rc < 0)
        free(h2);
    else
        conn->h2 = h2, conn->http2 = true;
    return rc;
}

/* ---- The preface ------------------------------------------------------------------- */

/* Compares what lies in the input with the preface: 1, it is there; 0, it is
 * something else; -EAGAIN, all there is agrees. */
static int find_preface(const brio_server_exchange *x)
{
    brio_str want = brio_h2_preface(), have = x->rest;
    const brio_chunk *chunk = x->in;
    while (want.len && chunk) {
        size_t n = have.len < want.len ? have.len : want.len;
        if (n && memcmp(have.ptr, want.ptr, n) != 0)
            return 0;
        want = brio_str_slice(want, n, want.len);
        chunk = chunk->next;
        if (chunk)
            have = (brio_str){chunk->data, chunk->len};
    }
    return want.len ? -EAGAIN : 1;
}

/* The input changes hands: the session reads it from its beginning. */
static void switch_over(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    brio_chunk *chunk = x->in, *next;
    x->in = x->in_last = NULL;
    x->rest = (brio_str){NULL, 0};
    x->queued = 0;
    conn->x = NULL;
    brio_server_exchange_release(x);
    for (; chunk; chunk = next) {
        next = chunk->next;
        receive(conn->h2, chunk);
    }
    brio_server_h2_advance(conn->h2);
}

bool brio_server_h2_sniff(brio_server_conn *conn)
{
    bool never = conn->worker->options->versions == BRIO_SERVER_HTTP_1 || !brio_h2_preface().len;
    int rc = never ? 0 : find_preface(conn->x);
    if (rc == 0)
        return false;
    if (rc == 1) {
        rc = brio_server_h2_begin(conn);
        if (rc == 0)
            switch_over(conn);
        else
            brio_server_conn_drop(conn);
    } else if (conn->phase != BRIO_SERVER_HEAD) {
        brio_server_deadline(conn, BRIO_SERVER_HEAD, conn->worker->options->http.header_timeout);
    }
    return true;
}
