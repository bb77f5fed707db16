/* SPDX-License-Identifier: MIT
 *
 * A line on a stream: WebSocket over HTTP/2 (RFC 8441).
 *
 * The answer to an extended CONNECT is a 200, and from there on DATA frames
 * carry the bytes of another protocol, in both directions, within the windows
 * of the stream. What came is told at the end of the turn, when the session is
 * not at work, so that the app may do what it likes. When the request is over
 * its memory is given back: a silent line is the stream's record and its
 * share of the session. */
#include "server/h2_internal.h"

#include <errno.h>

static brio_server_stream *of(brio_line *line)
{
    return line->carrier;
}

static void queue(brio_server_stream *s)
{
    if (s->conn && brio_link_alone(&s->ready))
        brio_link_insert_before(&s->conn->ready, &s->ready);
}

/* ---- The end -------------------------------------------------------------------- */

/* Nothing of the line is lent any more. */
static void detach(brio_server_stream *s)
{
    brio_line *line = s->line;
    if (!line || s->kept_by_line)
        return;
    s->line = NULL;
    line->events->closed(line);
}

static void tell_end(brio_server_stream *s, int why)
{
    if (s->line && !s->line_closed)
        s->line->events->ended(s->line, why);
}

void brio_server_stream_line_gone(brio_server_stream *s)
{
    tell_end(s, -EPIPE);
    s->line_closed = true;
    detach(s);
}

void brio_server_stream_line_stop(brio_server_stream *s)
{
    if (s->ending) { /* the same again, now that the server stops */
        brio_time most =
            brio_loop_now(s->worker->loop) + brio_server_line_patience(s->worker, NULL);
        s->since = s->since < most ? s->since : most;
    }
    if (!s->line)
        return;
    if (s->worker->mode >= BRIO_SERVER_FORCED) {
        tell_end(s, -ECANCELED);
    } else if (!s->told_stop) {
        s->told_stop = true;
        tell_end(s, -ESHUTDOWN);
    }
}

/* What was written is composed: the end of our side. The client has a moment to end
 * its own (brio_server_stream_check). */
static void finish(brio_server_stream *s)
{
    if (s->ending || !s->h2.session)
        return;
    s->ending = true;
    brio_time now = brio_loop_now(s->worker->loop);
    brio_time patience = brio_server_line_patience(s->worker, s->line);
    s->since = patience < BRIO_NEVER - now ? now + patience : BRIO_NEVER;
    (void)!brio_h2_write(&s->h2, (brio_str){NULL, 0}, true);
    brio_server_h2_schedule(s->conn);
}

/* ---- Bytes that came --------------------------------------------------------------- */

static void deliver(brio_server_stream *s)
{
    while (s->line && s->body.len && !s->kept_by_line && !s->line_closed) {
        brio_buf next = s->lent;
        s->lent = s->body;
        s->body = next;
        brio_h2_took(&s->h2, s->lent.len);
        s->kept_by_line = true; /* also while it looks */
        if (!s->line->events->data(s->line, s->lent.ptr, s->lent.len))
            return;
        s->kept_by_line = false;
        brio_buf_clear(&s->lent);
    }
    if (s->line && s->h2.ended && !s->body.len && !s->kept_by_line && !s->told_eof) {
        s->told_eof = true;
        tell_end(s, 0);
    }
}

void brio_server_stream_line_act(brio_server_stream *s)
{
    if (s->owes_written && s->h2.unsent.len == 0) {
        s->owes_written = false;
        if (s->line_closed)
            finish(s);
        else
            s->line->events->written(s->line);
    }
    deliver(s);
}

void brio_server_stream_line_moved(brio_server_stream *s)
{
    queue(s);
}

/* ---- What the app asks for ------------------------------------------------------------ */

/* One part is lent as it lies; several are put together. */
static brio_str gather(brio_server_stream *s, const brio_str *parts, size_t n)
{
    if (n == 1)
        return parts[0];
    brio_buf_clear(&s->kept);
    for (size_t i = 0; i < n; i++)
        brio_buf_add(&s->kept, parts[i]);
    return brio_buf_str(&s->kept);
}

static int line_write(brio_line *line, const brio_str *parts, size_t n)
{
    brio_server_stream *s = of(line);
    if (s->line_closed || !brio_server_stream_open(s))
        return -EPIPE;
    BRIO_ASSERT(!s->owes_written);
    brio_str all = gather(s, parts, n);
    if ((n != 1 && s->kept.failed) || brio_h2_write(&s->h2, all, false) < 0) {
        brio_h2_reset(&s->h2, BRIO_H2_INTERNAL_ERROR);
        brio_server_h2_schedule(s->conn);
        return -EPIPE;
    }
    s->owes_written = true;
    queue(s); /* what is empty is written at once */
    brio_server_h2_schedule(s->conn);
    return 0;
}

static void line_resume(brio_line *line)
{
    brio_server_stream *s = of(line);
    BRIO_ASSERT(s->kept_by_line);
    s->kept_by_line = false;
    brio_buf_clear(&s->lent);
    if (!s->conn) {
        detach(s);
        brio_server_stream_let_go(s);
        return;
    }
    queue(s);
    brio_server_h2_schedule(s->conn);
}

static void line_close(brio_line *line, bool abort)
{
    brio_server_stream *s = of(line);
    if (!s->line || (s->line_closed && !abort))
        return;
    s->line_closed = true;
    if (!brio_server_stream_open(s))
        return;
    if (abort) {
        brio_h2_reset(&s->h2, BRIO_H2_CANCEL);
        brio_server_h2_schedule(s->conn);
    } else if (!s->owes_written) {
        finish(s);
    }
}

static const brio_line_ops ops = {.write = line_write, .resume = line_resume, .close = line_close};

/* ---- The switch -------------------------------------------------------------------------- */

int brio_server_stream_upgrade(brio_exchange *ex, const brio_http_response *response,
                               brio_line *line, brio_exchange **ret_ex)
{
    brio_server_stream *s = BRIO_CONTAINER(ex, brio_server_stream, ex);
    *ret_ex = ex;
    BRIO_ASSERT(s->running);
    if (s->parted || !brio_server_stream_open(s))
        return -EPIPE;
    BRIO_ASSERT(!s->responded);
    brio_server_worker_stamp(s->worker);
    int rc = brio_h2_respond(&s->h2, &s->worker->stamp, response);
    if (rc < 0)
        return rc;
    s->responded = s->upgraded = true;
    s->status = 200;
    line->ops = &ops;
    line->carrier = s;
    s->line = line;
    brio_server_stream_told(s, 0);
    queue(s);
    brio_server_h2_schedule(s->conn);
    return 1;
}

/* The request is over; the line lives on. */
void brio_server_stream_line_alone(brio_server_stream *s)
{
    s->h2.request.headers = NULL;
    brio_arena_fini(&s->arena);
    brio_arena_init(&s->arena, s->worker->options->request_arena_limit);
    if (s->worker->mode >= BRIO_SERVER_STOPPING)
        brio_server_stream_line_stop(s);
}
