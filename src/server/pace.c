/* SPDX-License-Identifier: MIT
 *
 * How slow a client may be, and how long a handler may take.
 *
 * A body has time as its bytes come: body_timeout at first, and a second more
 * for each body_rate bytes. Only the time counts in which the client was waited
 * for; a handler that takes its time between two pieces costs the client none.
 * So who sends a byte now and then is told 408 after a bounded time, although
 * it is never silent for long.
 *
 * A handler that has not begun its answer within request_timeout is cancelled,
 * and its client gets a 503 at once: the exchange goes its own way to its end, as
 * one with background tasks does. */
#include "server/server_internal.h"

/* ---- Bodies ------------------------------------------------------------------ */

static void count_wait(brio_server_conn *conn, brio_time now)
{
    brio_server_exchange *x = conn->x;
    if (conn->phase == BRIO_SERVER_BODY && x->waits_since)
        x->waited += now - x->waits_since;
    x->waits_since = now;
}

void brio_server_pace_came(brio_server_conn *conn, size_t n)
{
    if (conn->phase != BRIO_SERVER_BODY || !conn->x)
        return;
    count_wait(conn,
               brio_loop_update(conn->worker->loop)); /* the loop's own is from before its sleep */
    conn->x->came += n;
}

void brio_server_pace_body(brio_server_conn *conn)
{
    const brio_http_limits *limits = &conn->worker->options->http;
    brio_server_exchange *x = conn->x;
    if (!x->waits_since)
        x->waited = 0, x->came = 0;
    count_wait(conn, brio_loop_now(conn->worker->loop));
    uint64_t seconds = x->came / limits->body_rate, rest = x->came % limits->body_rate;
    brio_time earned =
        BRIO_SEC((int64_t)seconds) + (brio_time)((double)rest / (double)limits->body_rate * 1e9);
    brio_time left = limits->body_timeout + earned - x->waited;
    if (left > limits->body_timeout)
        left = limits->body_timeout;
    brio_server_deadline(conn, BRIO_SERVER_BODY, left);
}

/* ---- Handlers ------------------------------------------------------------------ */

void brio_server_pace_request(brio_server_exchange *x)
{
    brio_time limit = x->worker->options->request_timeout;
    x->answer_by = limit ? brio_loop_now(x->worker->loop) + limit : BRIO_NEVER;
}

void brio_server_pace_handler(brio_server_conn *conn)
{
    const brio_server_exchange *x = conn->x;
    brio_time left = BRIO_NEVER;
    if (x->running && !x->responded && x->answer_by != BRIO_NEVER)
        left = x->answer_by - brio_loop_now(conn->worker->loop);
    brio_server_deadline(conn, BRIO_SERVER_BUSY, left);
}

#define OVERDUE BRIO_S("{\"detail\":\"Service Unavailable\"}")

static void answer_503(brio_server_conn *conn, bool head_only)
{
    const brio_http_response response = {
        .status = 503, .content_type = BRIO_S("application/json"), .body = OVERDUE, .close = true};
    brio_server_exchange *x = conn->x;
    brio_http_conn_refuse(&x->http, 503, "the handler took too long");
    brio_server_worker_stamp(x->worker);
    int rc = brio_http_write_head(&x->http, &x->out, &x->worker->stamp, &response, !head_only);
    conn->last = conn->linger = true;
    if (rc < 0)
        brio_server_conn_drop(conn); /* no memory */
    else
        brio_server_conn_advance(conn);
}

void brio_server_pace_overdue(brio_server_conn *conn)
{
    brio_server_exchange *old = conn->x;
    const brio_http_request *http = old->http.request;
    bool head_only = http->method == BRIO_METHOD_HEAD;
    brio_server_overdue_log(conn, http);
    old->status = 503;
    brio_server_exchange_told(old, OVERDUE.len);
    if (!brio_server_conn_part(conn)) {
        brio_server_conn_drop(conn);
        return;
    }
    brio_server_exchange_cancel(old); /* it may be gone when this returns */
    answer_503(conn, head_only);
}
