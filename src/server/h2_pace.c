/* SPDX-License-Identifier: MIT
 *
 * How slow the client of a stream may be, and how long its handler may take: the
 * rules of pace.c, for many requests on one connection. Streams are looked at now and
 * then, so each is cut off a little late and none early, and a request costs no timer.
 *
 * What is too late ends with its stream; the others of the connection go on. */
#include "server/h2_internal.h"

#include <errno.h>

/* ---- Bodies -------------------------------------------------------------------- */

/* More time for what has come. */
static brio_time patience(const brio_server_stream *s)
{
    const brio_http_limits *limits = &s->worker->options->http;
    double earned = (double)s->received / (double)limits->body_rate * 1e9;
    return limits->body_timeout + (brio_time)(earned < 1e18 ? earned : 1e18);
}

void brio_server_stream_waited(brio_server_stream *s)
{
    brio_time now = brio_loop_now(s->worker->loop);
    s->waited += now - s->since;
    s->since = now;
}

/* Silent for too long, or too slow in all. */
static bool body_is_late(const brio_server_stream *s, brio_time now)
{
    brio_time silent = now - s->since;
    return silent >= s->worker->options->http.body_timeout || s->waited + silent >= patience(s);
}

/* ---- Answers --------------------------------------------------------------------- */

/* Its end counts, too: an empty frame waits for a window like any other. */
static bool owes(const brio_server_stream *s)
{
    const brio_h2_stream *h2 = &s->h2;
    return s->responded && h2->session && (h2->unsent.len || (h2->last && !h2->finished));
}

/* As for a connection of HTTP/1.1: in each span of write_timeout the client is to take
 * what write_rate asks of it, in pieces of any size. */
static void check_answer(brio_server_stream *s, brio_time now)
{
    const brio_http_limits *limits = &s->worker->options->http;
    bool before = s->owing;
    s->owing = owes(s);
    if (!s->owing)
        return;
    double wanted = (double)limits->write_timeout / 1e9 * (double)limits->write_rate;
    if (before && now - s->stuck < limits->write_timeout)
        return;
    if (!before || (double)(s->h2.sent - s->taken) >= (wanted > 1 ? wanted : 1)) {
        s->taken = s->h2.sent;
        s->stuck = now;
        return;
    }
    s->owing = false;
    brio_server_slow_log(s->conn->conn);
    brio_h2_reset(&s->h2, BRIO_H2_CANCEL);
}

/* ---- Handlers ---------------------------------------------------------------------- */

/* Time in which it waits for its client's body is the client's. */
static bool overdue(const brio_server_stream *s, brio_time now)
{
    brio_time limit = s->worker->options->request_timeout;
    return limit && s->running && !s->responded && !s->reader &&
           now - s->begun - s->waited >= limit;
}

/* The client has its 503 at once; the handler finds that it is gone. */
static void part(brio_server_stream *s)
{
    static const brio_http_response response = {
        .status = 503,
        .content_type = BRIO_S_INIT("application/json"),
        .body = BRIO_S_INIT("{\"detail\":\"Service Unavailable\"}")};
    brio_server_overdue_log(s->conn->conn, &s->h2.request);
    s->responded = s->complete = s->parted = s->cancelled = true;
    s->status = 503;
    brio_server_stream_told(s, response.body.len);
    brio_server_worker_stamp(s->worker);
    if (brio_h2_respond(&s->h2, &s->worker->stamp, &response) < 0)
        brio_h2_reset(&s->h2, BRIO_H2_INTERNAL_ERROR);
    brio_app_cancel(&s->ex);
    brio_server_stream_wake_reader(s, -EPIPE);
}

/* ---- Looking ------------------------------------------------------------------------- */

void brio_server_stream_check(brio_server_stream *s, brio_time now)
{
    check_answer(s, now);
    if (s->ending) {
        if (now >= s->since)
            brio_h2_reset(&s->h2, BRIO_H2_NO_ERROR);
    } else if (overdue(s, now)) {
        part(s);
    } else if (s->reader) {
        if (!body_is_late(s, now))
            return;
        s->failure = -ETIMEDOUT; /* its handler hears of it, and answers */
        brio_server_stream_wake_reader(s, 0);
    } else if (s->sink == BRIO_SERVER_COLLECTED && !s->running && !s->responded &&
               body_is_late(s, now)) {
        brio_server_stream_refuse(s, 408, "the body took too long");
    }
}

brio_time brio_server_h2_every(const brio_server_options *o)
{
    brio_time least =
        o->http.body_timeout < o->http.write_timeout ? o->http.body_timeout : o->http.write_timeout;
    if (o->http.header_timeout < least)
        least = o->http.header_timeout;
    if (o->request_timeout && o->request_timeout < least)
        least = o->request_timeout;
    return least / 4 < BRIO_SEC(1) ? least / 4 : BRIO_SEC(1);
}
