/* SPDX-License-Identifier: MIT
 *
 * A WebSocket in the hands of its handler: from the line's bytes to messages and
 * back.
 *
 * Coroutine style: one task receives; what it does not take stays with the line,
 * which stops reading. Senders take turns by a lock, so several tasks may send on
 * one connection; who finds that the kernel has not taken what was sent before
 * waits for it. The memory of a message is given back when the next is asked
 * for. In event style (socket_events.c) nothing waits: the same calls go by the
 * limits of the queue. */
#include "app/websocket.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Sending ------------------------------------------------------------------- */

/* Under the lock: what was sent before is with the kernel. */
static int say_in_turn(brio_app_socket *s, brio_app_say what, brio_str data)
{
    int rc = brio_app_drained(s);
    if (rc == 0)
        rc = brio_checkpoint();
    return rc < 0 ? rc : brio_app_say_now(s, what, data);
}

static int send_message(brio_websocket *ws, brio_app_say what, brio_str data)
{
    brio_app_socket *s = ws->state;
    BRIO_ASSERT(s->accepted);
    if (s->events)
        return brio_app_say_within(s, what, data);
    if (s->closed)
        return BRIO_ECLOSED;
    int rc = brio_lock_acquire(&s->talk->sending);
    if (rc < 0)
        return rc;
    rc = say_in_turn(s, what, data);
    brio_lock_release(&s->talk->sending);
    return rc;
}

/* The lock is kept from the first piece to the last one. */
static int say_piece(brio_app_socket *s, brio_app_say what, brio_str data, bool last)
{
    brio_app_talk *t = s->talk;
    int rc = s->closed ? BRIO_ECLOSED : say_in_turn(s, what, data);
    bool over = rc == BRIO_ECLOSED || (rc == 0 && last);
    t->piecing = !over && (t->piecing || rc == 0);
    if (t->piecing)
        return rc;
    if (over)
        brio_app_say_later(s);
    brio_lock_release(&t->sending);
    return rc;
}

int brio_ws_send_piece(brio_websocket *ws, brio_str data, bool binary, bool last)
{
    static const brio_app_say whats[2][2] = {{BRIO_APP_SAY_TEXT_PIECE, BRIO_APP_SAY_TEXT_LAST},
                                             {BRIO_APP_SAY_BYTES_PIECE, BRIO_APP_SAY_BYTES_LAST}};
    brio_app_socket *s = ws->state;
    BRIO_ASSERT(s->accepted && !s->events);
    if (!binary && !brio_utf8_valid(data))
        return -EINVAL;
    if (!s->talk->piecing) {
        int rc = brio_lock_acquire(&s->talk->sending);
        if (rc < 0)
            return rc;
    }
    return say_piece(s, whats[binary][last], data, last);
}

int brio_ws_send_text(brio_websocket *ws, brio_str text)
{
    return brio_utf8_valid(text) ? send_message(ws, BRIO_APP_SAY_TEXT, text) : -EINVAL;
}

int brio_ws_send_bytes(brio_websocket *ws, brio_str bytes)
{
    return send_message(ws, BRIO_APP_SAY_BYTES, bytes);
}

static int send_buf(brio_websocket *ws, brio_buf *text)
{
    int rc = text->failed ? -ENOMEM : brio_ws_send_text(ws, brio_buf_str(text));
    brio_buf_fini(text);
    return rc;
}

int brio_ws_sendf(brio_websocket *ws, const char *fmt, ...)
{
    brio_buf text = {0};
    va_list args;
    va_start(args, fmt);
    brio_buf_vprintf(&text, fmt, args);
    va_end(args);
    return send_buf(ws, &text);
}

int brio_ws_send_json(brio_websocket *ws, const brio_json *json)
{
    brio_buf text = {0};
    brio_json_writer w = {.out = &text};
    brio_json_value(&w, json);
    if (!w.unfit)
        return send_buf(ws, &text);
    brio_buf_fini(&text);
    return brio_error(BRIO_EMODEL, "a message: %s", w.unfit);
}

int brio_ws_send_model(brio_websocket *ws, const brio_model *model, const void *value)
{
    brio_buf text = {0};
    int rc = brio_encode(&text, model, value, NULL);
    if (rc == 0)
        return send_buf(ws, &text);
    brio_buf_fini(&text);
    return rc;
}

/* ---- Ending -------------------------------------------------------------------- */

int brio_ws_close(brio_websocket *ws, int code, const char *reason)
{
    brio_app_socket *s = ws->state;
    BRIO_ASSERT(code == 0 || brio_ws_code_valid(code));
    if (!s->accepted)
        return brio_ws_fail(ws->req, code, reason);
    brio_ws_end(brio_ws_ref_of(ws), code, reason);
    return 0;
}

bool brio_ws_accepted(const brio_websocket *ws)
{
    return ws->state->accepted;
}

/* Remembers how the connection ended and answers the client's close. */
static int ended(brio_app_socket *s, int code, brio_str reason, int answer)
{
    brio_app_talk_close_code(s, code, reason);
    brio_app_say_close(s, answer, reason);
    return BRIO_ECLOSED;
}

/* The line's last word. */
static int line_ended(brio_app_socket *s)
{
    enum { RESTART = 1012 }; /* registered: the service restarts */
    int code = s->talk->ended == -ESHUTDOWN ? RESTART : BRIO_WS_ABNORMAL;
    return ended(s, code, (brio_str){0}, code);
}

/* ---- Receiving ------------------------------------------------------------------ */

/* The next event that is the handler's business; MORE: all that came is read. */
static brio_ws_event read_event(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    brio_ws_event event;
    do {
        event = brio_ws_conn_next(&t->conn, &t->rest);
        if (event != BRIO_WS_MORE && !t->conn.more && !brio_app_socket_count(s)) {
            t->rest = (brio_str){0};
            brio_app_socket_end_with(s, BRIO_WS_POLICY, BRIO_S("too many messages"));
            return BRIO_WS_MORE;
        }
        if (event == BRIO_WS_PING && (!s->out || s->out->bytes < BRIO_APP_KEPT_OUT))
            (void)!brio_app_say_now(s, BRIO_APP_SAY_PONG, t->conn.data);
    } while (event == BRIO_WS_PING || event == BRIO_WS_PONG);
    return event;
}

void brio_app_wake_receiver(brio_app_socket *s)
{
    brio_waiter *reader = s->talk ? s->talk->reader : NULL;
    if (!reader)
        return;
    s->talk->reader = NULL;
    brio_unpark(reader, 0);
}

/* ---- Ahead of the handler ---------------------------------------------------------- */

void brio_app_ahead_drop(brio_app_talk *t)
{
    free(t->lent);
    t->lent = NULL;
    while (t->ahead) {
        brio_app_ahead *next = t->ahead->next;
        free(t->ahead);
        t->ahead = next;
    }
    t->n_ahead = 0;
    t->ahead_bytes = 0;
}

/* Keeps the message that was just read; false: there is no room for it. */
static bool put_ahead(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    brio_str data = t->conn.data;
    bool full = t->n_ahead >= brio_app_options_of(s)->max_queue;
    if (full || data.len > BRIO_APP_AHEAD - t->ahead_bytes)
        return false;
    brio_app_ahead *a = brio_malloc(sizeof *a + data.len);
    if (!a)
        return false;
    *a = (brio_app_ahead){
        .len = data.len, .binary = t->event == BRIO_WS_BINARY, .more = t->conn.more};
    if (data.len)
        memcpy(a->data, data.ptr, data.len);
    *(t->ahead ? &t->ahead_last->next : &t->ahead) = a;
    t->ahead_last = a;
    t->n_ahead++;
    t->ahead_bytes += data.len;
    return true;
}

static int take_ahead(brio_app_socket *s, brio_ws_message *ret)
{
    brio_app_talk *t = s->talk;
    brio_app_ahead *a = t->ahead;
    t->ahead = a->next;
    t->lent = a;
    t->n_ahead--;
    t->ahead_bytes -= a->len;
    brio_app_home_of(s)->counts.received++;
    *ret = (brio_ws_message){{a->data, a->len}, a->binary, a->more};
    return 0;
}

static int take_event(brio_app_socket *s, brio_ws_event event, brio_ws_message *ret);

/* Nobody asks: pings are answered all the same, and so is a close. True if all that
 * came is read. */
static bool read_ahead(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    do {
        brio_ws_message none;
        t->event = read_event(s);
        t->saying = t->event == BRIO_WS_TEXT || t->event == BRIO_WS_BINARY;
        if (!t->saying)
            (void)take_event(s, t->event, &none);
    } while (t->saying && put_ahead(s));
    return !t->saying;
}

/* Half of a message needs no task to be looked at. */
static bool read_for_reader(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    t->event = read_event(s);
    if (t->event == BRIO_WS_MORE)
        return true;
    t->saying = true;
    brio_app_wake_receiver(s);
    return false;
}

static bool coroutine_data(brio_line *line, char *data, size_t len)
{
    brio_app_socket *s = BRIO_CONTAINER(line, brio_app_socket, line);
    brio_app_talk *t = s->talk;
    brio_app_socket_heard(s);
    if (!t || s->code)
        return true; /* nobody will ever ask */
    t->rest = (brio_str){data, len};
    t->kept = t->asking || !(t->reader ? read_for_reader(s) : read_ahead(s));
    return !t->kept;
}

static void coroutine_ended(brio_line *line, int why)
{
    brio_app_socket *s = BRIO_CONTAINER(line, brio_app_socket, line);
    if (why == -EPIPE) {
        s->lost = true;
        brio_app_outbox_drop(s, false);
        brio_app_socket_shut(s);
    }
    if (!s->talk || why == -ECANCELED)
        return; /* the server cancels the request */
    s->talk->ended = why;
    brio_app_wake_receiver(s);
}

static void coroutine_written(brio_line *line)
{
    brio_app_outbox_written(BRIO_CONTAINER(line, brio_app_socket, line));
}

static void coroutine_closed(brio_line *line)
{
    brio_app_socket *s = BRIO_CONTAINER(line, brio_app_socket, line);
    s->attached = false;
    s->lost = true;
    brio_app_outbox_drop(s, true);
    brio_app_socket_shut(s);
    if (s->talk && s->talk->ended == 1) {
        s->talk->ended = -EPIPE;
        brio_app_wake_receiver(s);
    }
    brio_app_socket_release(s);
}

const brio_line_events brio_app_coroutine_line = {.data = coroutine_data,
                                                  .ended = coroutine_ended,
                                                  .written = coroutine_written,
                                                  .closed = coroutine_closed,
                                                  .patience = brio_app_socket_patience};

typedef struct receiving {
    brio_waiter waiter;
    brio_app_talk *talk;
} receiving;

static bool give_up(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, receiving, waiter)->talk->reader = NULL;
    return true;
}

/* Lets the line go on; more may have come then, or the end. Suspends. */
static int wait_bytes(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    if (t->kept) {
        t->kept = false;
        t->asking = true;
        s->line.ops->resume(&s->line);
        t->asking = false;
    }
    if (t->rest.len || t->saying || t->ahead) /* what the line held may all be read by now */
        return 0;
    if (s->lost && t->ended == 1)
        t->ended = -EPIPE;
    if (t->ended != 1)
        return line_ended(s);
    brio_app_uncork(s);
    if (!t->waited) { /* the way here, the accept, was the deepest */
        brio_task_rest();
        t->waited = t->rested = true; /* later: when it is silent, by socket_clock.c */
    }
    receiving r = {.waiter.on_cancel = give_up, .talk = t};
    t->reader = &r.waiter;
    int rc = brio_park(&r.waiter);
    t->rested = false;
    return rc;
}

/* 0: *ret is set; 1: go on; or how it ended. */
static int take_event(brio_app_socket *s, brio_ws_event event, brio_ws_message *ret)
{
    const brio_ws_conn *conn = &s->talk->conn;
    switch (event) {
    case BRIO_WS_TEXT:
    case BRIO_WS_BINARY:
        *ret = (brio_ws_message){conn->data, event == BRIO_WS_BINARY, conn->more};
        brio_app_home_of(s)->counts.received++;
        return 0;
    case BRIO_WS_CLOSE:
        return ended(s, conn->code, conn->data, conn->code);
    case BRIO_WS_FAILED:
        return ended(s, conn->code, brio_str_from(conn->reason), conn->code);
    default:
        return 1;
    }
}

int brio_ws_receive(brio_websocket *ws, brio_ws_message *ret)
{
    brio_app_socket *s = ws->state;
    brio_app_talk *t = s->talk;
    int rc = 1;
    BRIO_ASSERT(s->accepted && !s->events);
    brio_arena_reset(&t->scratch);
    *ret = (brio_ws_message){0};
    free(t->lent);
    t->lent = NULL;
    if (t->ahead) {
        rc = brio_checkpoint();
        return rc < 0 ? rc : take_ahead(s, ret);
    }
    while (rc > 0) {
        if (t->ahead)
            return take_ahead(s, ret);
        if (s->code)
            return BRIO_ECLOSED;
        brio_ws_event event = t->saying ? t->event : read_event(s);
        t->saying = false;
        rc = take_event(s, event, ret);
        if (rc <= 0)
            return rc;
        rc = wait_bytes(s);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int receive_kind(brio_websocket *ws, bool binary, brio_str *ret)
{
    brio_ws_message msg;
    int rc = brio_ws_receive(ws, &msg);
    *ret = msg.data;
    if (rc < 0 || msg.binary == binary)
        return rc;
    *ret = (brio_str){0};
    return ended(ws->state, BRIO_WS_UNSUPPORTED,
                 binary ? BRIO_S("bytes expected") : BRIO_S("text expected"), BRIO_WS_UNSUPPORTED);
}

int brio_ws_receive_text(brio_websocket *ws, brio_str *ret)
{
    return receive_kind(ws, false, ret);
}

int brio_ws_receive_bytes(brio_websocket *ws, brio_str *ret)
{
    return receive_kind(ws, true, ret);
}

int brio_ws_receive_model(brio_websocket *ws, const brio_model *model, void *ret,
                          brio_problems *ret_problems)
{
    brio_ws_message msg;
    brio_problems problems = {.arena = brio_ws_arena(ws)};
    int rc = brio_ws_receive(ws, &msg);
    if (rc == 0)
        rc = brio_decode(msg.data, model, ret, NULL, &problems);
    if (ret_problems)
        *ret_problems = problems;
    return rc;
}

int brio_ws_receive_json(brio_websocket *ws, brio_json *ret)
{
    int rc = brio_ws_receive_model(ws, brio_json_model(), ret, NULL);
    return rc == BRIO_EINVALID ? BRIO_ESYNTAX : rc;
}

/* ---- Looking ---------------------------------------------------------------------- */

int brio_ws_code(const brio_websocket *ws)
{
    return ws->state->code;
}

brio_str brio_ws_reason(const brio_websocket *ws)
{
    const brio_app_talk *t = ws->state->talk;
    return t ? (brio_str){t->reason, t->reason_len} : (brio_str){0};
}

brio_arena *brio_ws_arena(brio_websocket *ws)
{
    BRIO_ASSERT(ws->state->talk);
    return &ws->state->talk->scratch;
}

bool brio_ws_offers(const brio_websocket *ws, const char *subprotocol)
{
    brio_str list = brio_request_header(ws->req, BRIO_S("sec-websocket-protocol"));
    for (brio_str p = brio_ws_next_protocol(&list); p.len; p = brio_ws_next_protocol(&list))
        if (brio_str_eq(p, brio_str_from(subprotocol)))
            return true;
    return false;
}
