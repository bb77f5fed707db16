/* SPDX-License-Identifier: MIT
 *
 * Bodies of requests over HTTP/2. Which way one goes is settled at the end of
 * the turn that brought its head, when most are there whole already.
 *
 *     collected: into one buffer, then the handler runs; the windows stay open
 *     in pieces: the handler runs and reads; what it has not taken yet counts
 *                against the stream's window, so a client is as fast as it
 *
 * A piece is what has come since the last one; while the handler has it, the
 * next collects in a second buffer. */
#include "server/h2_internal.h"

#include <errno.h>

/* ---- Collecting --------------------------------------------------------------- */

static void too_large(brio_server_stream *s)
{
    if (s->running) {
        s->failure = BRIO_ELIMIT;
        brio_server_stream_wake_reader(s, 0);
    } else {
        s->h2.refusal = 413;
        s->h2.reason = "body too large";
        if (brio_link_alone(&s->ready))
            brio_link_insert_before(&s->conn->ready, &s->ready);
    }
    s->sink = BRIO_SERVER_NOWHERE;
}

static void out_of_memory(brio_server_stream *s)
{
    s->sink = BRIO_SERVER_NOWHERE;
    brio_h2_reset(&s->h2, BRIO_H2_INTERNAL_ERROR);
}

void brio_server_stream_body(brio_server_stream *s, brio_str piece)
{
    if (s->line_closed || s->sink == BRIO_SERVER_NOWHERE || s->complete) {
        brio_h2_took(&s->h2, piece.len);
        return;
    }
    s->received += piece.len;
    if (s->reader || (!s->running && !s->responded))
        brio_server_stream_waited(s);
    s->since = brio_loop_now(s->worker->loop); /* also when nobody waits for it */
    if (s->sink != BRIO_SERVER_UNDECIDED && s->received > s->limit) {
        brio_h2_took(&s->h2, piece.len);
        too_large(s);
        return;
    }
    brio_buf_add(&s->body, piece);
    if (s->body.failed) {
        out_of_memory(s);
        return;
    }
    if (s->sink == BRIO_SERVER_COLLECTED)
        brio_h2_took(&s->h2, piece.len);
    else if (s->sink == BRIO_SERVER_PIECES)
        brio_server_stream_wake_reader(s, 0);
    if (s->upgraded)
        brio_server_stream_line_moved(s);
}

void brio_server_stream_decide(brio_server_stream *s)
{
    const brio_http_request *http = &s->h2.request;
    brio_app_body_plan plan = {0};
    s->sink = BRIO_SERVER_COLLECTED;
    if (!s->h2.ended)
        plan = brio_app_plan_body(s->worker->app, http, &s->arena);
    s->limit = plan.limit ? plan.limit : s->worker->options->http.body_bytes;
    bool announced = http->content_length >= 0 && (uint64_t)http->content_length > s->limit;
    if (announced || s->received > s->limit) {
        brio_server_stream_refuse(s, 413, "body too large");
        return;
    }
    if (plan.pieces) {
        s->sink = BRIO_SERVER_PIECES;
        s->ex.pieces = true;
        return;
    }
    brio_h2_took(&s->h2, s->body.len);
    if (http->expect_continue && s->received == 0 && brio_h2_continue(&s->h2) < 0)
        out_of_memory(s);
}

/* ---- Reading -------------------------------------------------------------------- */

typedef struct reading {
    brio_waiter waiter;
    brio_server_stream *s;
} reading;

static bool give_up(brio_waiter *waiter)
{
    brio_server_stream *s = BRIO_CONTAINER(waiter, reading, waiter)->s;
    s->reader = NULL;
    brio_server_stream_waited(s);
    return true;
}

void brio_server_stream_wake_reader(brio_server_stream *s, int result)
{
    brio_waiter *reader = s->reader;
    s->reader = NULL;
    if (!reader)
        return;
    brio_server_stream_waited(s);
    brio_unpark(reader, result);
}

static int wait_body(brio_server_stream *s)
{
    BRIO_ASSERT(!s->reader); /* one task reads */
    reading r = {.waiter.on_cancel = give_up, .s = s};
    s->reader = &r.waiter;
    s->since = brio_loop_now(s->worker->loop);
    return brio_park(&r.waiter);
}

static int say_continue(brio_server_stream *s)
{
    if (!s->h2.request.expect_continue || s->received || s->responded)
        return 0;
    s->h2.request.expect_continue = false; /* once */
    int rc = brio_h2_continue(&s->h2);
    if (rc == 0 && brio_server_h2_pump(s->conn))
        brio_server_h2_schedule(s->conn);
    return rc;
}

/* Lends what has come; the client may send as much again. */
static int lend(brio_server_stream *s, brio_str *ret_piece)
{
    brio_buf next = s->lent;
    s->lent = s->body;
    s->body = next;
    *ret_piece = brio_buf_str(&s->lent);
    brio_h2_took(&s->h2, s->lent.len);
    if (s->conn)
        brio_server_h2_schedule(s->conn);
    return 1;
}

int brio_server_stream_read(brio_exchange *ex, brio_str *ret_piece)
{
    brio_server_stream *s = BRIO_CONTAINER(ex, brio_server_stream, ex);
    BRIO_ASSERT(s->ex.pieces);
    *ret_piece = (brio_str){NULL, 0};
    brio_buf_clear(&s->lent);
    int rc = 0;
    while (rc >= 0) {
        if (s->complete || !brio_server_stream_open(s))
            return -EPIPE; /* also parted */
        if (s->failure)
            return s->failure;
        if (s->body.len)
            return lend(s, ret_piece);
        if (s->h2.ended)
            return 0;
        rc = say_continue(s);
        if (rc == 0)
            rc = wait_body(s);
    }
    return rc;
}
