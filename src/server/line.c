/* SPDX-License-Identifier: MIT
 *
 * A connection that speaks another protocol after its request: WebSocket.
 *
 * The answer is a 101, and from there on the connection is a line: bytes pass
 * as they are between the socket and the app, which is told of them and
 * suspends nowhere. The HTTP parser sees no more of them, and when the request
 * is over the exchange goes back to its pool, so that a silent line is the
 * connection and nothing else. A client that is gone does not cancel the
 * handler: it is told, and says goodbye to others.
 *
 * Received chunks that the app keeps stay in `held`, the first being the one it
 * has; a connection that was closed meanwhile waits for it, as a shell. */
#include "server/server_internal.h"

#include <errno.h>

enum { HELD_MAX = 128 * 1024 }; /* bytes of chunks that wait for the app before reading stops */
#define PARTING BRIO_SEC(2)     /* for the peer to end its side, unless the app says otherwise */

static brio_server_conn *of(brio_line *line)
{
    return line->carrier;
}

/* ---- The end ---------------------------------------------------------------- */

/* Nothing of the line is lent any more. */
static void detach(brio_server_conn *conn)
{
    brio_line *line = conn->line;
    if (!line || conn->kept)
        return;
    conn->line = NULL;
    line->events->closed(line);
}

static void drop_held(brio_server_conn *conn)
{
    while (conn->held) {
        brio_chunk *next = conn->held->next;
        brio_chunk_release(conn->worker->loop, conn->held);
        conn->held = next;
    }
}

static void tell_end(brio_server_conn *conn, int why)
{
    if (conn->line && !conn->last)
        conn->line->events->ended(conn->line, why);
}

void brio_server_line_forget(brio_server_conn *conn)
{
    if (conn->shell)
        drop_held(conn);
}

bool brio_server_line_gone(brio_server_conn *conn)
{
    if (conn->kept)
        return false; /* `resume` comes back */
    drop_held(conn);
    detach(conn);
    return true;
}

void brio_server_line_lost(brio_server_conn *conn)
{
    tell_end(conn, -EPIPE);
}

void brio_server_line_stop(brio_server_conn *conn)
{
    if (conn->phase == BRIO_SERVER_LINGERING && !conn->closing)
        brio_server_deadline(conn, BRIO_SERVER_LINGERING, PARTING);
    if (!conn->line || conn->opening)
        return;
    if (conn->worker->mode >= BRIO_SERVER_FORCED) {
        conn->line->events->ended(conn->line, -ECANCELED);
    } else if (!conn->told_stop) {
        conn->told_stop = true;
        tell_end(conn, -ESHUTDOWN);
    }
}

brio_time brio_server_line_patience(const brio_server_worker *w, brio_line *line)
{
    brio_time given = PARTING;
    if (line && line->events->patience)
        given = line->events->patience(line);
    return w->mode >= BRIO_SERVER_STOPPING && given > PARTING ? PARTING : given;
}

/* What was written is out: a half-close, and a moment for the peer to read it and to end
 * its side. */
static void finish(brio_server_conn *conn)
{
    if (conn->closing || conn->phase == BRIO_SERVER_LINGERING)
        return;
    if (conn->eof) {
        brio_server_conn_close(conn);
        return;
    }
    brio_server_wire_shutdown(conn);
    brio_server_wire_pause(conn, false);
    brio_server_deadline(conn, BRIO_SERVER_LINGERING,
                         brio_server_line_patience(conn->worker, conn->line));
    detach(conn);
}

/* ---- Bytes that came ---------------------------------------------------------- */

/* Offers what is held until the app keeps something. */
static void deliver(brio_server_conn *conn)
{
    while (conn->held && !conn->kept && !conn->last && !conn->closing) {
        brio_chunk *chunk = conn->held;
        conn->kept = true; /* also while it looks */
        if (!conn->line->events->data(conn->line, chunk->data, chunk->len))
            return;
        conn->kept = false;
        conn->held = chunk->next;
        brio_chunk_release(conn->worker->loop, chunk);
    }
    if (conn->last || conn->closing) {
        if (conn->phase == BRIO_SERVER_LINGERING)
            detach(conn);
    } else if (!conn->held && conn->eof && !conn->told_eof) {
        conn->told_eof = true;
        tell_end(conn, 0);
    }
}

static void regulate(brio_server_conn *conn)
{
    size_t n = 0;
    for (const brio_chunk *c = conn->held; c && n < HELD_MAX; c = c->next)
        n += c->cap;
    bool full = n >= HELD_MAX;
    if (full == conn->paused || conn->closing)
        return;
    conn->paused = full;
    brio_server_wire_pause(conn, full);
}

static void hold(brio_server_conn *conn, brio_chunk *chunk)
{
    brio_chunk **end = &conn->held;
    while (*end)
        end = &(*end)->next;
    chunk->next = NULL;
    *end = chunk;
}

void brio_server_line_received(brio_server_conn *conn, brio_chunk *chunk)
{
    if (conn->last || conn->closing || !conn->line) {
        brio_chunk_release(conn->worker->loop, chunk);
        return;
    }
    hold(conn, chunk);
    if (conn->held == chunk && !conn->opening)
        deliver(conn);
    regulate(conn);
}

void brio_server_line_ended(brio_server_conn *conn, int err)
{
    if (err < 0)
        brio_server_conn_drop(conn);
    else if (conn->last)
        brio_server_conn_close(conn);
    else if (!conn->opening)
        deliver(conn);
}

/* ---- What the app asks for ------------------------------------------------------ */

static int line_write(brio_line *line, const brio_str *parts, size_t n)
{
    brio_server_conn *conn = of(line);
    if (conn->closing || conn->last)
        return -EPIPE;
    int rc = brio_server_wire_write(conn, parts, n);
    if (rc == 0)
        brio_server_conn_await_reader(conn);
    return rc < 0 ? -EPIPE : rc;
}

void brio_server_line_written(brio_server_conn *conn, int err)
{
    brio_server_deadline(conn, BRIO_SERVER_BUSY, BRIO_NEVER);
    if (conn->x && conn->x->in_flight) {
        brio_server_output_landed(conn->x);
        brio_server_line_settle(conn);
    }
    if (err < 0)
        brio_server_conn_drop(conn);
    else if (conn->last)
        finish(conn);
    else if (conn->line)
        conn->line->events->written(conn->line);
}

static void line_resume(brio_line *line)
{
    brio_server_conn *conn = of(line);
    BRIO_ASSERT(conn->kept);
    brio_chunk *done = conn->held;
    conn->kept = false;
    conn->held = done->next;
    brio_chunk_release(conn->worker->loop, done);
    if (conn->shell) {
        (void)brio_server_line_gone(conn);
        brio_server_conn_free(conn);
        return;
    }
    deliver(conn);
    regulate(conn);
}

static void line_close(brio_line *line, bool abort)
{
    brio_server_conn *conn = of(line);
    if (conn->closing || (conn->last && !abort))
        return;
    bool writing = conn->phase == BRIO_SERVER_WRITING;
    conn->last = true;
    if (abort)
        brio_server_conn_drop(conn);
    else if (!writing)
        finish(conn);
}

static const brio_line_ops ops = {.write = line_write, .resume = line_resume, .close = line_close};

/* ---- The switch ----------------------------------------------------------------- */

/* The app's part of the exchange goes on without it, if there is room for it. */
static brio_exchange *move_out(brio_server_exchange *x, brio_server_guest *room)
{
    if (!room)
        return &x->ex;
    brio_exchange *guest = brio_server_guest_enter(x, room);
    x->ex.task = NULL;
    x->ex.request = NULL;
    x->running = false;
    return guest;
}

int brio_server_upgrade(brio_exchange *ex, const brio_http_response *response, brio_line *line,
                        brio_exchange **ret_ex)
{
    brio_server_exchange *x = BRIO_CONTAINER(ex, brio_server_exchange, ex);
    brio_server_conn *conn = x->conn;
    BRIO_ASSERT(x->running);
    BRIO_ASSERT(!x->responded);
    if (!conn || conn->closing)
        return -EPIPE;
    brio_server_guest *room = NULL; /* first of all: without memory this ends the task */
    if (x->ex.arena != &x->arena)
        room = brio_alloc(x->ex.arena, sizeof *room);
    brio_server_worker_stamp(x->worker);
    int rc = brio_http_write_head(&x->http, &x->out, &x->worker->stamp, response, false);
    if (rc < 0)
        return rc;
    rc = brio_server_output_flush(conn);
    if (rc < 0) { /* a request still, and cancelled like any other whose client is gone */
        brio_server_conn_drop(conn);
        return -EPIPE;
    }
    x->responded = x->upgraded = true;
    x->status = response->status;
    brio_server_exchange_told(x, 0);
    line->ops = &ops;
    line->carrier = conn;
    conn->line = line;
    brio_server_conn_fold(conn);
    conn->upgraded = conn->opening = true;
    if (!conn->tls)
        brio_sock_read_large(&conn->sock);
    brio_server_deadline(conn, BRIO_SERVER_BUSY, BRIO_NEVER);
    if (rc == 0)
        brio_server_conn_await_reader(conn);
    brio_server_exchange_schedule(x);
    *ret_ex = move_out(x, room);
    return rc;
}

/* What came behind the request is the line's. */
static void take_input(brio_server_conn *conn)
{
    brio_chunk *later = conn->held;
    conn->held = brio_server_input_take(conn->x);
    for (brio_chunk *next; later; later = next) {
        next = later->next;
        hold(conn, later);
    }
}

/* A handler that goes on has its request in the arena: all else can go. */
static void give_back(brio_server_exchange *x)
{
    brio_server_input_drop(x);
    brio_http_conn_fini(&x->http);
    brio_http_conn_init(&x->http, &x->worker->http);
    x->http.heads = true;
    brio_buf_fini(&x->out);
    brio_buf_fini(&x->flying);
}

void brio_server_line_settle(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    if (conn->opening) {
        take_input(conn);
        conn->opening = false;
    }
    if (!x->running && !x->in_flight) {
        conn->x = NULL;
        brio_server_exchange_release(x);
    } else if (!x->in_flight && x->in) {
        give_back(x);
    }
    if (conn->closing)
        return;
    deliver(conn);
    regulate(conn);
    if (conn->worker->mode >= BRIO_SERVER_STOPPING)
        brio_server_line_stop(conn);
}
