/* SPDX-License-Identifier: MIT
 *
 * A WebSocket in the hands of its handler: from the exchange's bytes to
 * messages and back.
 *
 * Senders take turns by a lock, so several tasks may send on one connection;
 * only one receives. The memory of a message is given back when the next is
 * asked for. */
#include "app/websocket.h"

#include <errno.h>

enum { KEPT_OUT = 64 * 1024 }; /* bytes of an output buffer that is kept for the next message */

/* ---- Sending ------------------------------------------------------------------- */

/* What was composed in s->out goes out; under the lock. */
static int flush(brio_request *req, brio_app_socket *s)
{
    int rc = s->out.failed ? -ENOMEM : req->ex->write(req->ex, brio_buf_str(&s->out), false);
    if (s->out.cap > KEPT_OUT)
        brio_buf_fini(&s->out);
    brio_buf_clear(&s->out);
    return rc == -EPIPE ? BRIO_ECLOSED : rc;
}

typedef void compose_fn(brio_app_socket *s, const void *arg);

static int send_frame(const brio_websocket *ws, compose_fn *compose, const void *arg)
{
    brio_app_socket *s = ws->state;
    BRIO_ASSERT(s->accepted);
    int rc = brio_lock_acquire(&s->sending);
    if (rc < 0)
        return rc;
    if (s->closed) {
        rc = BRIO_ECLOSED;
    } else {
        compose(s, arg);
        rc = flush(ws->req, s);
    }
    brio_lock_release(&s->sending);
    return rc;
}

typedef struct message {
    brio_str data;
    bool text;
} message;

static void compose_message(brio_app_socket *s, const void *arg)
{
    const message *m = arg;
    brio_ws_write(&s->conn, &s->out, m->data, m->text);
}

static int send_message(brio_websocket *ws, brio_str data, bool text)
{
    return send_frame(ws, compose_message, &(message){data, text});
}

int brio_ws_send_text(brio_websocket *ws, brio_str text)
{
    return brio_utf8_valid(text) ? send_message(ws, text, true) : -EINVAL;
}

int brio_ws_send_bytes(brio_websocket *ws, brio_str bytes)
{
    return send_message(ws, bytes, false);
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
    return send_buf(ws, &text);
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

static void compose_close(brio_app_socket *s, const void *arg)
{
    const brio_app_goodbye *bye = arg;
    brio_ws_write_close(&s->conn, &s->out, bye->code, bye->reason);
    s->closed = true;
}

int brio_app_socket_close(const brio_websocket *ws, int code, brio_str reason)
{
    if (ws->state->closed)
        return 0;
    int rc = send_frame(ws, compose_close, &(brio_app_goodbye){code, reason});
    return rc == BRIO_ECLOSED ? 0 : rc;
}

int brio_ws_close(brio_websocket *ws, int code, const char *reason)
{
    BRIO_ASSERT(code == 0 || brio_ws_code_valid(code));
    if (!ws->state->accepted)
        return brio_ws_fail(ws->req, code, reason);
    return brio_app_socket_close(ws, code ? code : BRIO_WS_NORMAL, brio_str_from(reason));
}

/* ---- Receiving ------------------------------------------------------------------ */

static void compose_pong(brio_app_socket *s, const void *arg)
{
    brio_ws_write_pong(&s->conn, &s->out, *(const brio_str *)arg);
}

/* Remembers how the connection ended and answers the client's close. */
static int ended(brio_websocket *ws, int code, brio_str reason, int answer)
{
    brio_app_socket *s = ws->state;
    s->code = code;
    s->reason = brio_str_copy(ws->req->arena, reason);
    int rc = answer == BRIO_WS_ABNORMAL ? 0 : brio_app_socket_close(ws, answer, reason);
    s->closed = true;
    return rc < 0 ? rc : BRIO_ECLOSED;
}

/* More bytes, or how there will be none. */
static int read_more(brio_websocket *ws)
{
    enum { RESTART = 1012 }; /* registered: the service restarts */
    int rc = ws->req->ex->read(ws->req->ex, &ws->state->input);
    if (rc == 0 || rc == -EPIPE)
        return ended(ws, BRIO_WS_ABNORMAL, (brio_str){0}, BRIO_WS_ABNORMAL);
    if (rc == -ESHUTDOWN)
        return ended(ws, RESTART, (brio_str){0}, RESTART);
    return rc;
}

static int take_event(brio_websocket *ws, brio_ws_event event, brio_ws_message *ret)
{
    brio_app_socket *s = ws->state;
    brio_str data = s->conn.data;
    switch (event) {
    case BRIO_WS_TEXT:
    case BRIO_WS_BINARY:
        *ret = (brio_ws_message){data, event == BRIO_WS_BINARY};
        return 0;
    case BRIO_WS_PING: {
        int rc = send_frame(ws, compose_pong, &data);
        return rc < 0 && rc != BRIO_ECLOSED ? rc : 1;
    }
    case BRIO_WS_CLOSE:
        return ended(ws, s->conn.code, data, s->conn.code);
    case BRIO_WS_FAILED:
        return ended(ws, s->conn.code, brio_str_from(s->conn.reason), s->conn.code);
    case BRIO_WS_PONG:
        return 1;
    case BRIO_WS_MORE:
        break;
    }
    return read_more(ws);
}

int brio_ws_receive(brio_websocket *ws, brio_ws_message *ret)
{
    brio_app_socket *s = ws->state;
    int rc = 1;
    BRIO_ASSERT(s->accepted);
    brio_arena_reset(&s->scratch);
    *ret = (brio_ws_message){0};
    if (s->code)
        return BRIO_ECLOSED;
    while (rc > 0)
        rc = take_event(ws, brio_ws_conn_next(&s->conn, &s->input), ret);
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
    return ended(ws, BRIO_WS_UNSUPPORTED,
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
    brio_problems problems = {.arena = &ws->state->scratch};
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
    return ws->state->reason;
}

brio_arena *brio_ws_arena(brio_websocket *ws)
{
    return &ws->state->scratch;
}

bool brio_ws_offers(const brio_websocket *ws, const char *subprotocol)
{
    brio_str list = brio_request_header(ws->req, BRIO_S("sec-websocket-protocol"));
    for (brio_str p = brio_ws_next_protocol(&list); p.len; p = brio_ws_next_protocol(&list))
        if (brio_str_eq(p, brio_str_from(subprotocol)))
            return true;
    return false;
}
