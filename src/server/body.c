/* SPDX-License-Identifier: MIT
 *
 * Bodies that their handler reads in pieces.
 *
 * A piece is lent as it lies in the received chunk, so nothing is copied, and
 * the chunk is given back when the next piece is asked for. What the handler
 * does not take stays in the queue, and a full queue stops reading the socket
 * (flow.c): a client is as fast as the handler it talks to. The clock of the
 * body runs only while the handler waits for the client. */
#include "server/server_internal.h"

#include <errno.h>

/* ---- Waiting -------------------------------------------------------------- */

typedef struct reading {
    brio_waiter waiter;
    brio_server_exchange *x;
} reading;

/* Nobody waits for the client any more, and its handler's time goes on. */
static void asked_no_more(brio_server_exchange *x)
{
    x->reader = NULL;
    if (x->answer_by != BRIO_NEVER)
        x->answer_by += brio_loop_now(x->worker->loop) - x->asked;
}

static bool give_up(brio_waiter *waiter)
{
    asked_no_more(BRIO_CONTAINER(waiter, reading, waiter)->x);
    return true;
}

void brio_server_body_wake(brio_server_exchange *x, int result)
{
    brio_waiter *reader = x->reader;
    if (!reader)
        return;
    asked_no_more(x);
    brio_unpark(reader, result);
}

int brio_server_body_wait(brio_server_exchange *x, brio_time limit)
{
    BRIO_ASSERT(!x->reader); /* one task reads */
    reading r = {.waiter.on_cancel = give_up, .x = x};
    x->reader = &r.waiter;
    x->asked = brio_loop_now(x->worker->loop);
    if (!x->in_flight && limit != BRIO_NEVER)
        brio_server_pace_body(x->conn);
    return brio_park(&r.waiter);
}

/* ---- Reading -------------------------------------------------------------- */

/* Any event but MORE while there is input. */
static brio_http_event next_piece(brio_server_exchange *x, brio_str *ret_piece)
{
    brio_http_event event;
    do {
        brio_server_input_trim(x);
        size_t before = x->rest.len;
        event = brio_http_conn_read(&x->http, &x->rest, ret_piece);
        x->queued -= before - x->rest.len;
    } while (event == BRIO_HTTP_MORE && brio_server_input_any(x));
    return event;
}

/* Behind the head of an answer nothing may be interposed. */
static int say_continue(brio_server_exchange *x)
{
    if (x->responded)
        return 0;
    brio_buf_add(&x->out, brio_http_continue());
    int rc = brio_server_output_flush(x->conn);
    if (rc < 0)
        brio_server_conn_drop(x->conn);
    return rc < 0 ? -EPIPE : 0;
}

static int refused(const brio_server_exchange *x)
{
    brio_server_refusal_log(x->conn, x->http.reason, x->http.refusal);
    if (x->http.refusal == 408)
        return -ETIMEDOUT;
    return x->http.refusal == 413 ? BRIO_ELIMIT : BRIO_ESYNTAX;
}

/* The client ended its side before the end of the body. */
static int cut_short(brio_server_exchange *x)
{
    brio_server_conn_drop(x->conn);
    return -EPIPE;
}

int brio_server_body_read(brio_exchange *ex, brio_str *ret_piece)
{
    brio_server_exchange *x = BRIO_CONTAINER(ex, brio_server_exchange, ex);
    BRIO_ASSERT(!x->upgraded);
    BRIO_ASSERT(x->ex.pieces);
    *ret_piece = (brio_str){NULL, 0};
    int rc = 0;
    while (rc >= 0) {
        if (x->complete || !x->conn || x->conn->closing)
            return -EPIPE;
        brio_http_event event = next_piece(x, ret_piece);
        if (x->conn->paused)
            brio_server_exchange_schedule(x);
        if (event == BRIO_HTTP_PIECE || event == BRIO_HTTP_REQUEST)
            return event == BRIO_HTTP_PIECE;
        if (event == BRIO_HTTP_REFUSED)
            return refused(x);
        if (event == BRIO_HTTP_CONTINUE)
            rc = say_continue(x);
        else
            rc = x->conn->eof ? cut_short(x)
                              : brio_server_body_wait(x, x->worker->options->http.body_timeout);
    }
    return rc;
}

/* ---- What nobody read ------------------------------------------------------ */

bool brio_server_conn_drain(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    brio_str piece;
    x->draining = false;
    if (conn->last)
        return true; /* the connection ends: no need */
    brio_http_event event;
    do
        event = next_piece(x, &piece);
    while (event == BRIO_HTTP_PIECE);
    x->draining = event == BRIO_HTTP_MORE && !conn->eof;
    if (event != BRIO_HTTP_REQUEST && !x->draining)
        conn->last = conn->linger = true;
    return !x->draining;
}
