/* SPDX-License-Identifier: MIT
 *
 * Streams: what the app is lent for a request over HTTP/2.
 *
 * The same contract as an exchange of HTTP/1.1, so the app sees no difference.
 * What differs is who waits for whom: an answer's bytes stay with the app until
 * the client's windows let them out, and a task that writes waits until its
 * piece is composed, not until all the connection's output is with the kernel.
 * A stream that the client cuts off cancels its handler and nothing else. */
#include "server/h2_internal.h"

#include <errno.h>
#include <stdlib.h>

static brio_server_stream *of(brio_exchange *ex)
{
    return BRIO_CONTAINER(ex, brio_server_stream, ex);
}

static brio_server_stream *of_h2(brio_h2_stream *stream)
{
    return BRIO_CONTAINER(stream, brio_server_stream, h2);
}

/* ---- Waiting ----------------------------------------------------------------- */

typedef struct writing {
    brio_waiter waiter;
    brio_server_stream *s;
} writing;

/* What was lent and is not composed yet is the app's again. */
static bool give_up(brio_waiter *waiter)
{
    brio_server_stream *s = BRIO_CONTAINER(waiter, writing, waiter)->s;
    s->writer = NULL;
    brio_h2_revoke(&s->h2);
    return true;
}

/* Suspends until what was handed over is composed. */
static int wait_taken(brio_server_stream *s)
{
    BRIO_ASSERT(!s->writer); /* one task answers */
    writing w = {.waiter.on_cancel = give_up, .s = s};
    s->writer = &w.waiter;
    return brio_park(&w.waiter);
}

void brio_server_stream_wake_writer(brio_server_stream *s, int result)
{
    brio_waiter *writer = s->writer;
    s->writer = NULL;
    if (writer)
        brio_unpark(writer, result);
}

/* ---- Answers ------------------------------------------------------------------- */

/* The app's bytes may be gone when it returns: what is left of them is copied. */
static void keep_rest(brio_server_stream *s)
{
    brio_str rest = s->h2.unsent;
    if (!s->h2.session || rest.len == 0)
        return;
    brio_buf_clear(&s->kept);
    brio_buf_add(&s->kept, rest);
    if (s->kept.failed)
        brio_h2_reset(&s->h2, BRIO_H2_INTERNAL_ERROR);
    else
        s->h2.unsent = brio_buf_str(&s->kept);
}

/* Composes what may go out at once; the writing is put off to the turn's end. */
static void go_on(brio_server_stream *s)
{
    brio_server_h2 *h2 = s->conn;
    if (!brio_server_stream_open(s))
        return;
    if (brio_server_h2_pump(h2))
        brio_server_h2_schedule(h2);
}

static int answer(brio_server_stream *s, const brio_http_response *response)
{
    brio_server_worker_stamp(s->worker);
    s->status = response->status == 101 ? 200 : response->status ? response->status : 200;
    return brio_h2_respond(&s->h2, &s->worker->stamp, response);
}

void brio_server_stream_told(brio_server_stream *s, uint64_t bytes)
{
    s->tally.status = s->status;
    s->tally.bytes = s->h2.request.method == BRIO_METHOD_HEAD ? 0 : bytes;
    brio_server_answer_begins(s->worker, &s->ex, s->status);
    if (s->complete || s->upgraded)
        brio_server_answer_ends(s->worker, &s->ex, &s->tally);
}

void brio_server_stream_plain(brio_server_stream *s, int status)
{
    brio_header header;
    brio_http_response r = brio_server_plain_answer(s->worker, status, &header);
    s->responded = s->complete = true;
    if (answer(s, &r) < 0)
        brio_h2_reset(&s->h2, BRIO_H2_INTERNAL_ERROR);
    brio_server_stream_told(s, r.body.len);
    brio_server_h2_schedule(s->conn); /* composing might end the stream */
}

void brio_server_stream_refuse(brio_server_stream *s, int status, const char *reason)
{
    brio_server_refusal_log(s->conn->conn, reason, status);
    s->responded = s->complete = true;
    s->sink = BRIO_SERVER_NOWHERE;
    s->h2.refusal = (uint16_t)status;
    brio_server_worker_stamp(s->worker);
    if (brio_h2_refuse(&s->h2, &s->worker->stamp) < 0)
        brio_h2_reset(&s->h2, BRIO_H2_INTERNAL_ERROR);
    brio_server_h2_schedule(s->conn); /* composing might end the stream */
}

static void respond(brio_exchange *ex, const brio_http_response *response)
{
    brio_server_stream *s = of(ex);
    BRIO_ASSERT(s->running);
    BRIO_ASSERT(s->parted || !s->responded);
    if (s->parted || !brio_server_stream_open(s)) {
        s->responded = true;
        s->complete = s->parted || !response->chunked;
        return;
    }
    int rc = answer(s, response);
    if (rc < 0) {
        brio_log(BRIO_LOG_ERROR, "an answer could not be written: %s", brio_error_text(rc));
        brio_server_stream_plain(s, 500);
        return;
    }
    s->responded = true;
    s->complete = !response->chunked;
    brio_server_stream_told(s, response->chunked ? 0 : response->body.len);
    go_on(s);
    if (s->complete && s->h2.unsent.len <= BRIO_EXCHANGE_COPY)
        keep_rest(s);
}

static int write_piece(brio_exchange *ex, brio_str data, bool last)
{
    brio_server_stream *s = of(ex);
    BRIO_ASSERT(s->responded);
    if (s->parted)
        return -EPIPE;
    BRIO_ASSERT(!s->complete);
    int rc = 0;
    if (s->h2.unsent.len && brio_server_stream_open(s)) /* a nudge */
        rc = wait_taken(s);
    if (rc < 0 || !brio_server_stream_open(s))
        return rc < 0 ? rc : -EPIPE;
    rc = brio_h2_write(&s->h2, data, last);
    s->complete = last && rc == 0;
    if (rc < 0)
        return rc;
    s->tally.bytes += data.len;
    if (last)
        brio_server_answer_ends(s->worker, &s->ex, &s->tally);
    go_on(s);
    if (s->h2.session && s->h2.unsent.len)
        rc = wait_taken(s);
    else if (!s->h2.session && !s->h2.finished)
        rc = -EPIPE;
    return rc < 0 ? rc : brio_checkpoint();
}

static void nudge(brio_exchange *ex, brio_str data)
{
    brio_server_stream *s = of(ex);
    if (!s->responded || s->complete || !brio_server_stream_open(s) || s->writer ||
        s->h2.unsent.len || s->conn->in_flight || s->conn->out.len)
        return;
    if (brio_h2_write(&s->h2, data, false) < 0)
        return;
    go_on(s);
    keep_rest(s);
}

static int sent(brio_exchange *ex)
{
    brio_server_stream *s = of(ex);
    BRIO_ASSERT(s->complete);
    int rc = 0;
    if (s->h2.session && s->h2.unsent.len)
        rc = wait_taken(s);
    return rc < 0 ? rc : s->h2.session || s->h2.finished ? 0 : -EPIPE;
}

/* The app let go without a whole answer; the client must notice. */
static void mend(brio_server_stream *s)
{
    if (!s->responded) {
        brio_server_stream_plain(s, 500);
        return;
    }
    brio_h2_reset(&s->h2, BRIO_H2_INTERNAL_ERROR);
    brio_server_h2_schedule(s->conn);
}

static void finished(brio_exchange *ex)
{
    brio_server_stream *s = of(ex);
    brio_server_worker *w = s->worker;
    BRIO_ASSERT(s->running);
    BRIO_ASSERT(!s->writer);
    s->running = false;
    w->n_running--;
    brio_server_metrics_running(w);
    if (BRIO_UNLIKELY(s->responded && !s->complete && !s->upgraded)) /* cut off */
        brio_server_answer_ends(w, &s->ex, &s->tally);
    if (s->upgraded)
        brio_server_stream_line_alone(s);
    if (!s->conn) {
        brio_server_stream_let_go(s);
        brio_server_worker_changed(w);
    } else if (!s->upgraded && !s->complete && brio_server_stream_open(s)) {
        mend(s);
    }
}

static int tls_info(brio_exchange *ex, brio_tls_info *ret)
{
    const brio_server_stream *s = of(ex);
    return brio_server_tls_info(s->conn ? s->conn->conn : NULL, ret);
}

static int tls_peer(brio_exchange *ex, brio_arena *arena, brio_tls_certificate *ret)
{
    const brio_server_stream *s = of(ex);
    return brio_server_tls_peer(s->conn ? s->conn->conn : NULL, arena, ret);
}

/* ---- One request ------------------------------------------------------------------ */

static void start(brio_server_stream *s)
{
    brio_server_worker *w = s->worker;
    brio_server_worker_count(w);
    s->ex.http = &s->h2.request;
    s->ex.arena = &s->arena;
    s->ex.task = NULL;
    s->ex.request = NULL;
    brio_server_introduce(&s->ex, s->conn->conn, s->host);
    brio_server_tally_begin(w, &s->tally);
    if (BRIO_UNLIKELY(brio_server_overloaded(w))) {
        brio_log(BRIO_LOG_WARNING, "Exceeded concurrency limit.");
        brio_server_stream_plain(s, 503);
        return;
    }
    s->running = true;
    s->begun = brio_loop_now(w->loop) - s->waited;
    w->n_running++;
    brio_server_metrics_running(w);
    if (BRIO_LIKELY(!w->metrics) || !brio_server_metrics_serve(w, &s->ex))
        brio_app_serve(w->app, &s->ex);
}

void brio_server_stream_act(brio_server_stream *s)
{
    if (s->upgraded)
        brio_server_stream_line_act(s);
    if (s->running || s->responded)
        return;
    if (s->h2.refusal) {
        brio_server_stream_refuse(s, s->h2.refusal, s->h2.reason);
        return;
    }
    if (s->sink == BRIO_SERVER_UNDECIDED && !s->h2.protocol.len)
        brio_server_stream_decide(s);
    if (s->responded || (s->sink == BRIO_SERVER_COLLECTED && !s->h2.ended))
        return;
    if (s->sink == BRIO_SERVER_COLLECTED)
        s->h2.request.body = brio_buf_str(&s->body);
    start(s);
}

/* ---- What the session tells ---------------------------------------------------------- */

static void on_head(brio_h2_stream *stream)
{
    brio_server_stream *s = of_h2(stream);
    brio_link_insert_before(&s->conn->ready, &s->ready);
}

static void on_body(brio_h2_stream *stream, brio_str piece)
{
    brio_server_stream_body(of_h2(stream), piece);
}

static void on_end(brio_h2_stream *stream)
{
    brio_server_stream *s = of_h2(stream);
    brio_server_stream_wake_reader(s, 0);
    if (s->upgraded)
        brio_server_stream_line_moved(s);
    if (s->sink == BRIO_SERVER_COLLECTED && brio_link_alone(&s->ready))
        brio_link_insert_before(&s->conn->ready, &s->ready);
}

static void on_taken(brio_h2_stream *stream)
{
    brio_server_stream *s = of_h2(stream);
    brio_server_stream_wake_writer(s, 0);
    if (s->owes_written)
        brio_server_stream_line_moved(s);
}

static void on_closed(brio_h2_stream *stream, uint32_t code)
{
    brio_server_stream *s = of_h2(stream);
    (void)code;
    brio_link_remove(&s->link);
    brio_link_remove(&s->ready);
    s->conn = NULL;
    brio_link_insert_before(&s->worker->strays, &s->link);
    s->telling = true;
    if (s->upgraded)
        brio_server_stream_line_gone(s); /* no reason to cancel its handler */
    else if (s->running && !s->complete && !s->cancelled) {
        s->cancelled = true;
        brio_app_cancel(&s->ex);
    }
    brio_server_stream_wake_reader(s, -EPIPE);
    brio_server_stream_wake_writer(s, s->h2.finished ? 0 : -EPIPE);
    s->telling = false;
    brio_server_stream_let_go(s);
}

/* ---- The pool ---------------------------------------------------------------------------- */

static brio_server_stream *create(brio_server_worker *w)
{
    brio_server_stream *s = brio_zalloc(1, sizeof *s);
    if (!s || brio_h2_stream_init(&s->h2, w->options->http.header_count) < 0) {
        free(s);
        return NULL;
    }
    brio_arena_init(&s->arena, w->options->request_arena_limit);
    brio_link_init(&s->link);
    brio_link_init(&s->ready);
    s->worker = w;
    s->ex.arena = &s->arena;
    s->ex.respond = respond;
    s->ex.write = write_piece;
    s->ex.nudge = nudge;
    s->ex.sent = sent;
    s->ex.retry_after = brio_str_from(w->retry_after);
    s->ex.read = brio_server_stream_read;
    s->ex.upgrade = brio_server_stream_upgrade;
    s->ex.tls_info = tls_info;
    s->ex.tls_peer = tls_peer;
    s->ex.finished = finished;
    return s;
}

/* What a client has begun and what still runs of what it has cut off is counted
 * together: resetting streams makes no room for more. */
static brio_h2_stream *on_open(brio_h2 *session, void *owner)
{
    brio_server_h2 *h2 = owner;
    brio_server_worker *w = h2->conn->worker;
    (void)session;
    if (h2->lent >= w->options->h2.streams)
        return NULL;
    brio_server_stream *s = w->spare_stream;
    if (s)
        w->spare_stream = s->next, w->n_spare_streams--;
    else
        s = create(w);
    if (!s)
        return NULL;
    h2->conn->used = true;
    if (h2->conn->phase == BRIO_SERVER_IDLE) /* else the next look at its streams stands */
        h2->conn->phase = BRIO_SERVER_BUSY;
    h2->lent++;
    s->conn = s->home = h2;
    s->since = brio_loop_now(w->loop);
    brio_link_insert_before(&h2->streams, &s->link);
    return &s->h2;
}

const brio_h2_events brio_server_h2_events = {.on_open = on_open,
                                              .on_head = on_head,
                                              .on_body = on_body,
                                              .on_end = on_end,
                                              .on_taken = on_taken,
                                              .on_closed = on_closed};

static void destroy(brio_server_stream *s)
{
    brio_h2_stream_fini(&s->h2);
    brio_arena_fini(&s->arena);
    brio_buf_fini(&s->body);
    brio_buf_fini(&s->lent);
    brio_buf_fini(&s->kept);
    free(s);
}

static void scrub(brio_buf *buf)
{
    if (buf->cap > BRIO_SERVER_KEEP_BYTES)
        brio_buf_fini(buf);
    brio_buf_clear(buf);
    buf->limit = 0;
}

void brio_server_stream_let_go(brio_server_stream *s)
{
    brio_server_worker *w = s->worker;
    if (s->running || s->conn || s->line || s->telling)
        return;
    BRIO_ASSERT(!s->writer);
    BRIO_ASSERT(!s->reader);
    brio_link_remove(&s->link);
    if (s->home)
        s->home->lent--;
    s->home = NULL;
    if (w->n_spare_streams >= BRIO_SERVER_POOL) {
        destroy(s);
        return;
    }
    brio_h2_stream_done(&s->h2);
    brio_arena_reset(&s->arena);
    scrub(&s->body);
    scrub(&s->lent);
    scrub(&s->kept);
    s->owing = false;
    s->received = 0;
    s->waited = 0;
    s->parted = false;
    s->sink = BRIO_SERVER_UNDECIDED;
    s->failure = 0;
    s->responded = s->complete = s->cancelled = s->ex.pieces = false;
    s->upgraded = s->owes_written = s->line_closed = s->ending = s->told_eof = s->told_stop = false;
    s->next = w->spare_stream;
    w->spare_stream = s;
    w->n_spare_streams++;
}

void brio_server_stream_cancel_strays(brio_server_worker *w)
{
    for (brio_link *l = w->strays.next; l != &w->strays; l = l->next) {
        brio_server_stream *s = BRIO_CONTAINER(l, brio_server_stream, link);
        if ((s->complete || s->upgraded) && !s->cancelled && s->ex.task)
            (void)brio_task_cancel(s->ex.task);
        s->cancelled = true;
    }
}

void brio_server_stream_pool_fini(brio_server_worker *w)
{
    while (w->spare_stream) {
        brio_server_stream *next = w->spare_stream->next;
        destroy(w->spare_stream);
        w->spare_stream = next;
    }
    w->n_spare_streams = 0;
}
