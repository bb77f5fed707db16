/* SPDX-License-Identifier: MIT
 *
 * Exchanges: what the app is lent for one request, and the pool of them.
 *
 * The app answers through the four functions below (and reads through body.c), perhaps inside
 * brio_app_serve (then the connection goes on as soon as that returns), else
 * from a task (then the connection is advanced from the loop's queue, with a
 * stack and a scope of its own). If the client is gone the answer is dropped
 * and the app is told with -EPIPE. Spare exchanges keep a parser between two
 * requests, their buffers and an arena's first block, so that a request on a
 * warm worker allocates nothing. */
#include "server/server_internal.h"

#include <errno.h>
#include <stdlib.h>

static brio_server_exchange *of(brio_exchange *ex)
{
    return BRIO_CONTAINER(ex, brio_server_exchange, ex);
}

/* The connection, if an answer can still be sent. */
static brio_server_conn *reachable(const brio_server_exchange *x)
{
    return x->conn && !x->conn->closing ? x->conn : NULL;
}

void brio_server_exchange_schedule(brio_server_exchange *x)
{
    if (!x->serving && !brio_callback_queued(&x->again))
        brio_loop_call_soon(x->worker->loop, &x->again);
}

static void on_again(brio_callback *cb)
{
    brio_server_exchange *x = BRIO_CONTAINER(cb, brio_server_exchange, again);
    if (reachable(x))
        brio_server_conn_advance(x->conn);
}

/* ---- Waiting for the socket --------------------------------------------- */

typedef struct sending {
    brio_waiter waiter;
    brio_server_exchange *x;
} sending;

static bool give_up(brio_waiter *waiter)
{
    brio_server_exchange *x = BRIO_CONTAINER(waiter, sending, waiter)->x;
    if (x->large_flies)
        return false; /* the kernel still reads the app's memory */
    x->waiter = NULL;
    return true;
}

int brio_server_exchange_written(brio_server_exchange *x)
{
    BRIO_ASSERT(!x->waiter); /* one task answers */
    sending s = {.waiter.on_cancel = give_up, .x = x};
    x->waiter = &s.waiter;
    return brio_park(&s.waiter);
}

void brio_server_exchange_wake(brio_server_exchange *x, int result)
{
    brio_waiter *waiter = x->waiter;
    x->waiter = NULL;
    if (waiter)
        brio_unpark(waiter, result);
}

int brio_server_exchange_flush(brio_server_exchange *x)
{
    brio_server_conn *conn = reachable(x);
    int rc = conn ? brio_server_output_flush(conn) : -EPIPE;
    if (rc < 0 && conn)
        brio_server_conn_drop(conn);
    if (rc == 0)
        brio_server_exchange_schedule(x); /* which sets the deadline */
    return rc == 0 ? brio_server_exchange_written(x) : rc < 0 ? -EPIPE : 0;
}

/* ---- What the app calls ------------------------------------------------- */

void brio_server_exchange_told(brio_server_exchange *x, uint64_t bytes)
{
    x->tally.status = x->status;
    x->tally.bytes = x->http.request->method == BRIO_METHOD_HEAD ? 0 : bytes;
    brio_server_answer_begins(x->worker, &x->ex, x->status);
    if (x->complete || x->upgraded)
        brio_server_answer_ends(x->worker, &x->ex, &x->tally);
}

static void respond(brio_exchange *ex, const brio_http_response *response)
{
    brio_server_exchange *x = of(ex);
    BRIO_ASSERT(x->running);
    BRIO_ASSERT(!x->responded);
    x->responded = true;
    x->complete = !response->chunked;
    if (!reachable(x))
        return;
    brio_server_output_response(x, response);
    brio_server_exchange_told(x, response->chunked ? 0 : response->body.len);
    brio_server_exchange_schedule(x);
}

static int write_piece(brio_exchange *ex, brio_str data, bool last)
{
    brio_server_exchange *x = of(ex);
    BRIO_ASSERT(x->responded);
    BRIO_ASSERT(!x->upgraded);
    BRIO_ASSERT(!x->complete);
    if (!reachable(x))
        return -EPIPE;
    brio_http_write_chunk(&x->http, &x->out, data);
    if (last)
        brio_http_write_last_chunk(&x->http, &x->out);
    x->complete = last;
    x->tally.bytes += data.len;
    int rc = x->out.failed ? -ENOMEM : brio_server_exchange_flush(x);
    if (last) {
        brio_server_answer_ends(x->worker, &x->ex, &x->tally);
        brio_server_exchange_schedule(x);
    }
    return rc < 0 ? rc : brio_checkpoint();
}

static void nudge(brio_exchange *ex, brio_str data)
{
    brio_server_exchange *x = of(ex);
    if (!x->responded || x->complete || !reachable(x) || x->waiter || x->in_flight || x->out.len)
        return;
    brio_http_write_chunk(&x->http, &x->out, data);
    brio_server_exchange_schedule(x);
}

static int sent(brio_exchange *ex)
{
    brio_server_exchange *x = of(ex);
    BRIO_ASSERT(x->complete);
    int rc = brio_server_exchange_flush(x);
    brio_server_exchange_schedule(x);
    return rc;
}

/* The app let go without a whole answer; the client must notice. */
static void mend(brio_server_exchange *x)
{
    if (!x->responded) {
        brio_server_output_plain(x, 500);
        brio_server_exchange_told(x, 0);
    } else if (!x->upgraded) { /* else the line lives on */
        brio_server_conn_drop(x->conn);
    }
}

static void finished(brio_exchange *ex)
{
    brio_server_exchange *x = of(ex);
    BRIO_ASSERT(x->running);
    BRIO_ASSERT(!x->waiter);
    x->running = false;
    x->worker->n_running--;
    brio_server_metrics_running(x->worker);
    if (BRIO_UNLIKELY(x->responded && !x->complete)) /* cut off */
        brio_server_answer_ends(x->worker, &x->ex, &x->tally);
    if (!x->conn) {
        brio_link_remove(&x->link);
        brio_server_worker_changed(x->worker);
        brio_server_exchange_release(x);
        return;
    }
    if (BRIO_UNLIKELY(!x->complete && reachable(x)))
        mend(x);
    brio_server_exchange_schedule(x);
}

static int tls_info(brio_exchange *ex, brio_tls_info *ret)
{
    return brio_server_tls_info(of(ex)->conn, ret);
}

static int tls_peer(brio_exchange *ex, brio_arena *arena, brio_tls_certificate *ret)
{
    return brio_server_tls_peer(of(ex)->conn, arena, ret);
}

/* ---- One request -------------------------------------------------------- */

void brio_server_introduce(brio_exchange *ex, brio_server_conn *conn,
                           char host[BRIO_SERVER_HOST_BYTES])
{
    if (BRIO_UNLIKELY(!conn->known))
        brio_server_conn_know(conn);
    memcpy(host, conn->host, BRIO_SERVER_HOST_BYTES);
    ex->client_host = (brio_str){host, conn->host_len};
    ex->client_port = conn->port;
    ex->scheme = conn->tls ? BRIO_S("https") : BRIO_S("http");
    ex->route = NULL;
    ex->request_id = ex->trace_id = (brio_str){0};
    if (conn->trusted)
        brio_server_forwarded(ex, conn->worker->options);
}

void brio_server_exchange_introduce(brio_server_exchange *x)
{
    x->ex.http = x->http.request;
    x->ex.arena = &x->arena;
    brio_server_introduce(&x->ex, x->conn, x->host);
    brio_server_tally_begin(x->worker, &x->tally);
}

void brio_server_exchange_start(brio_server_exchange *x)
{
    BRIO_ASSERT(!x->running);
    brio_server_exchange_introduce(x);
    x->ex.task = NULL;
    x->ex.request = NULL;
    x->running = x->serving = true;
    x->worker->n_running++;
    brio_server_metrics_running(x->worker);
    if (BRIO_LIKELY(!x->worker->metrics) || !brio_server_metrics_serve(x->worker, &x->ex))
        brio_app_serve(x->worker->app, &x->ex);
    x->serving = false;
}

void brio_server_exchange_done(brio_server_exchange *x)
{
    BRIO_ASSERT(!x->running);
    x->responded = x->complete = x->cancelled = x->draining = x->ex.pieces = x->upgraded = false;
    x->waits_since = 0;
    brio_http_conn_done(&x->http);
    brio_arena_reset(&x->arena);
}

void brio_server_exchange_cancel(brio_server_exchange *x)
{
    bool spared = x->upgraded && x->worker->mode < BRIO_SERVER_FORCED;
    if (x->running && !x->complete && !x->cancelled && !spared) {
        x->cancelled = true;
        brio_app_cancel(&x->ex);
    }
    brio_server_body_wake(x, -EPIPE);
    if (!x->large_flies)
        brio_server_exchange_wake(x, -EPIPE); /* else when the socket is closed */
}

/* ---- The pool ----------------------------------------------------------- */

static brio_server_exchange *create(brio_server_worker *w)
{
    brio_server_exchange *x = brio_zalloc(1, sizeof *x);
    if (!x)
        return NULL;
    brio_http_conn_init(&x->http, &w->http);
    x->http.heads = true;
    brio_arena_init(&x->arena, w->options->request_arena_limit);
    x->worker = w;
    x->again.fn = on_again;
    x->ex.arena = &x->arena;
    x->ex.respond = respond;
    x->ex.write = write_piece;
    x->ex.nudge = nudge;
    x->ex.sent = sent;
    x->ex.send_file = brio_server_send_file;
    x->ex.retry_after = brio_str_from(w->retry_after);
    x->ex.read = brio_server_body_read;
    x->ex.upgrade = brio_server_upgrade;
    x->ex.tls_info = tls_info;
    x->ex.tls_peer = tls_peer;
    x->ex.finished = finished;
    return x;
}

brio_server_exchange *brio_server_exchange_acquire(brio_server_conn *conn)
{
    brio_server_worker *w = conn->worker;
    brio_server_exchange *x = w->spare;
    if (BRIO_LIKELY(x != NULL)) {
        w->spare = x->next;
        w->n_spare--;
    } else {
        x = create(w);
    }
    if (x)
        x->conn = conn;
    return x;
}

static void destroy(brio_server_exchange *x)
{
    brio_http_conn_fini(&x->http);
    brio_arena_fini(&x->arena);
    brio_buf_fini(&x->out);
    brio_buf_fini(&x->flying);
    free(x);
}

/* True if the next request could use it as it is: the usual case. */
static bool pristine(const brio_server_exchange *x)
{
    return !x->responded && !x->cancelled && !x->in_flight && !x->in && x->out.len == 0 &&
           x->out.cap <= BRIO_SERVER_KEEP_BYTES && x->flying.cap <= BRIO_SERVER_KEEP_BYTES &&
           !x->http.closing && !x->http.blank_lines && brio_http_conn_idle(&x->http);
}

/* After a connection that ended in the middle, or one with large messages. */
static void scrub(brio_server_exchange *x)
{
    brio_server_input_drop(x);
    brio_arena_reset(&x->arena);
    brio_buf_fini(&x->out);
    brio_buf_fini(&x->flying);
    brio_http_conn_fini(&x->http);
    brio_http_conn_init(&x->http, &x->worker->http);
    x->http.heads = true;
    x->large = (brio_str){NULL, 0};
    x->responded = x->complete = x->cancelled = x->in_flight = x->large_flies = false;
    x->draining = x->ex.pieces = x->upgraded = false;
    x->waits_since = 0;
}

void brio_server_exchange_release(brio_server_exchange *x)
{
    brio_server_worker *w = x->worker;
    BRIO_ASSERT(!x->running);
    BRIO_ASSERT(!x->waiter);
    BRIO_ASSERT(!x->reader);
    brio_loop_call_cancel(w->loop, &x->again);
    if (BRIO_UNLIKELY(!pristine(x)))
        scrub(x);
    x->conn = NULL;
    if (w->n_spare >= BRIO_SERVER_POOL) {
        destroy(x);
        return;
    }
    x->next = w->spare;
    w->spare = x;
    w->n_spare++;
}

void brio_server_exchange_leave(brio_server_exchange *x)
{
    if (!x->running) {
        brio_server_exchange_release(x);
        return;
    }
    x->conn = NULL;
    x->in_flight = x->large_flies = false;
    x->large = (brio_str){NULL, 0};
    brio_server_exchange_wake(x, -EPIPE);
    brio_server_body_wake(x, -EPIPE);
    brio_link_insert_before(&x->worker->orphans, &x->link);
}

void brio_server_exchange_pool_fini(brio_server_worker *w)
{
    while (w->spare) {
        brio_server_exchange *next = w->spare->next;
        destroy(w->spare);
        w->spare = next;
    }
    w->n_spare = 0;
}
