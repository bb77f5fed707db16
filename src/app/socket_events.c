/* SPDX-License-Identifier: MIT
 *
 * WebSockets in event style: handlers that are called, so that a socket which is
 * silent is a place in a slab and nothing else.
 *
 * Bytes that come borrow a talk (a reader and memory for a message) and start a
 * task in the same turn, which reads them to their end and calls the message
 * handler for each message. Usually that is over at once, and the talk goes back.
 * If a handler suspends, the bytes stay with it, the line waits, and so the order
 * of messages is kept. Half a message keeps its talk.
 *
 *     open (the request's task)  ->  message, message, ...  ->  close (its own task)
 *
 * close runs once, when no other handler of the socket runs, and only if open
 * has succeeded. */
#include "app/websocket.h"

#include <errno.h>

#if defined(__clang__) && __clang_major__ >= 17
#define BRIO_APP_ANY_TYPE __attribute__((no_sanitize("function")))
#else
#define BRIO_APP_ANY_TYPE
#endif

/* Handlers are called through one type each; the macro has checked theirs. */
typedef int open_fn(brio_request *req, const void *in, brio_websocket *ws, void *state);
typedef int message_fn(brio_websocket *ws, void *state, const void *message);
typedef void close_fn(brio_websocket *ws, void *state);

static const brio_ws_events *events_of(const brio_app_socket *s)
{
    return brio_app_pool_of(s)->route->spec.events;
}

static brio_app_socket *of(brio_line *line)
{
    return BRIO_CONTAINER(line, brio_app_socket, line);
}

static void go_on(brio_app_socket *s);

/* ---- The end --------------------------------------------------------------------- */

static BRIO_APP_ANY_TYPE int run_close(void *arg)
{
    brio_app_socket *s = arg;
    brio_websocket ws = {.state = s};
    close_fn *close = (close_fn *)events_of(s)->close;
    if (close)
        close(&ws, brio_app_state_of(s));
    return 0;
}

/* The close handler has returned: the place is free when the line is gone. */
static void left(void *arg)
{
    brio_app_socket *s = arg;
    brio_app_home_of(s)->counts.closed++;
    s->talk->task = NULL;
    brio_app_talk_end(s);
    s->held = false;
    brio_app_socket_release(s);
}

static int leave(void *arg)
{
    brio_app_socket *s = arg;
    s->talk->task = brio_current_task();
    brio_defer_push(brio_task_arena(), left, s);
    (void)run_close(s);
    return 0;
}

static const char *name_of(const brio_app_socket *s)
{
    return brio_app_pool_of(s)->route->spec.name;
}

static void abandon_place(brio_app_socket *s)
{
    brio_log(BRIO_LOG_ERROR, "%s: no task for a WebSocket's close handler", name_of(s));
    left(s);
}

void brio_app_events_ended(brio_app_socket *s)
{
    if (!s->code || !s->entered || (s->talk && s->talk->task))
        return; /* again when the handler that runs has returned */
    if (!s->talk && !brio_app_talk_begin(s)) {
        s->held = s->entered = false;
        brio_app_socket_release(s);
        return;
    }
    s->entered = false;
    brio_app_socket_shut(s);
    brio_app_talk *t = s->talk;
    if (t->kept) {
        t->kept = false;
        t->rest = (brio_str){0};
        s->line.ops->resume(&s->line);
    }
    const brio_task_options options = {.name = name_of(s), .eager = true};
    if (!brio_create_task_on(brio_app_home_of(s)->loop, leave, s, &options))
        abandon_place(s);
}

static void end_with(brio_app_socket *s, int code, brio_str reason)
{
    brio_app_talk_close_code(s, code, reason);
    brio_app_say_close(s, code == BRIO_WS_ABNORMAL ? BRIO_WS_ABNORMAL : code, reason);
}

/* ---- Messages ----------------------------------------------------------------------- */

static void answer_invalid(brio_websocket *ws, const brio_problems *problems)
{
    brio_buf text = {0};
    brio_json_writer w = {.out = &text};
    brio_json_begin(&w, '{');
    brio_json_key(&w, BRIO_S("detail"));
    brio_problems_write(&w, problems);
    brio_json_end(&w, '}');
    if (!text.failed)
        (void)!brio_ws_send_text(ws, brio_buf_str(&text));
    brio_buf_fini(&text);
}

static BRIO_APP_ANY_TYPE int call_message(brio_websocket *ws, const void *message)
{
    brio_app_socket *s = ws->state;
    message_fn *fn = (message_fn *)events_of(s)->message;
    return fn ? fn(ws, brio_app_state_of(s), message) : 0;
}

/* The message as the struct that the handler takes. */
static int call_typed(brio_websocket *ws, brio_str data)
{
    const brio_ws_events *e = events_of(ws->state);
    const brio_model *model = e->model();
    brio_arena *arena = brio_ws_arena(ws);
    brio_problems problems = {.arena = arena};
    void *message = brio_calloc(arena, 1, model->size);
    int rc = brio_decode(data, model, message, NULL, &problems);
    if (rc >= 0)
        return call_message(ws, message);
    if (rc != BRIO_EINVALID && rc != BRIO_ESYNTAX)
        return rc;
    if (e->invalid)
        return e->invalid(ws, brio_app_state_of(ws->state), &problems);
    answer_invalid(ws, &problems);
    return 0;
}

static int call_handler(brio_app_socket *s, brio_str data, bool binary)
{
    brio_websocket ws = {.state = s};
    const brio_ws_events *e = events_of(s);
    brio_app_home_of(s)->counts.received++;
    if (e->model == brio_ws_message_model)
        return call_message(&ws, &(brio_ws_message){data, binary, s->talk->conn.more});
    return call_typed(&ws, data);
}

static void handler_failed(brio_app_socket *s, int rc)
{
    bool orderly = rc == BRIO_ECLOSED || rc == -EPIPE;
    if (!orderly)
        brio_log(BRIO_LOG_ERROR, "%s: a WebSocket's handler failed: %s", name_of(s),
                 brio_error_text(rc));
    end_with(s, orderly ? BRIO_WS_NORMAL : BRIO_WS_INTERNAL, (brio_str){0});
}

/* True if there may be more. */
static bool take(brio_app_socket *s, brio_ws_event event)
{
    const brio_ws_conn *conn = &s->talk->conn;
    int rc = 0;
    if (event != BRIO_WS_MORE && !conn->more && !brio_app_socket_count(s)) {
        end_with(s, BRIO_WS_POLICY, BRIO_S("too many messages"));
        return true;
    }
    switch (event) {
    case BRIO_WS_TEXT:
    case BRIO_WS_BINARY:
        rc = call_handler(s, conn->data, event == BRIO_WS_BINARY);
        if (BRIO_UNLIKELY(s->talk->scratch.blocks != NULL))
            brio_arena_reset(&s->talk->scratch);
        if (rc < 0)
            handler_failed(s, rc);
        return true;
    case BRIO_WS_PING:
        if (!s->out || s->out->bytes < BRIO_APP_KEPT_OUT)
            (void)!brio_app_say_now(s, BRIO_APP_SAY_PONG, conn->data);
        return true;
    case BRIO_WS_PONG:
        return true;
    case BRIO_WS_CLOSE:
        end_with(s, conn->code, conn->data);
        return true;
    case BRIO_WS_FAILED:
        end_with(s, conn->code, brio_str_from(conn->reason));
        return true;
    case BRIO_WS_MORE:
        break;
    }
    return false;
}

/* ---- The task ------------------------------------------------------------------------- */

static void resume_later(brio_callback *cb)
{
    go_on(BRIO_CONTAINER(cb, brio_app_talk, again)->socket);
}

/* The last thing of the task, also of one that was abandoned. */
static void task_over(void *arg)
{
    brio_app_socket *s = arg;
    brio_app_talk *t = s->talk;
    t->task = NULL;
    if (t->inside && !s->code) /* abandoned in the middle */
        end_with(s, BRIO_WS_INTERNAL, (brio_str){0});
    if (t->scratch.blocks)
        brio_arena_reset(&t->scratch);
    if (!t->kept)
        return; /* whoever started it looks */
    t->again.fn = resume_later;
    if (!brio_callback_queued(&t->again))
        brio_loop_call_soon(brio_app_home_of(s)->loop, &t->again);
}

static int converse(void *arg)
{
    brio_app_socket *s = arg;
    brio_app_talk *t = s->talk;
    t->task = brio_current_task();
    brio_defer_push(brio_task_arena(), task_over, s);
    t->inside = true;
    while (!s->code && take(s, brio_ws_conn_next(&t->conn, &t->rest)))
        ;
    t->inside = false;
    t->rest = (brio_str){0};
    return 0;
}

/* Reads what came. False: a handler has suspended. */
static bool run(brio_app_socket *s)
{
    const brio_task_options options = {.name = name_of(s), .eager = true};
    brio_app_talk *t = s->talk;
    t->inside = false;
    if (!brio_create_task(converse, s, &options)) {
        brio_log(BRIO_LOG_ERROR, "%s: no task for a WebSocket's message", name_of(s));
        t->rest = (brio_str){0};
        end_with(s, 1013, BRIO_S("too much work"));
    }
    return !t->task;
}

/* Nothing runs and nothing is left to read. */
static void rest(brio_app_socket *s)
{
    if (s->code)
        brio_app_events_ended(s);
    else if (brio_ws_conn_rests(&s->talk->conn))
        brio_app_talk_end(s);
}

/* After a handler that had suspended, and after open. */
static void go_on(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    bool kept = t->kept;
    if (t->task)
        return;
    t->kept = false; /* the task need not come back here */
    bool over = s->code || !t->rest.len || run(s);
    t->kept = kept;
    if (!over)
        return;
    if (!s->code && s->lost)
        end_with(s, BRIO_WS_ABNORMAL, (brio_str){0});
    else if (!s->code && t->ended != 1)
        end_with(s, t->ended == -ESHUTDOWN ? 1012 : BRIO_WS_ABNORMAL, (brio_str){0});
    if (!kept || s->code) {
        rest(s);
        return;
    }
    t->kept = false;
    if (brio_ws_conn_rests(&t->conn) && t->ended == 1)
        brio_app_talk_end(s); /* resume may bring more at once */
    s->line.ops->resume(&s->line);
}

/* ---- What the line tells -------------------------------------------------------------------- */

static bool event_data(brio_line *line, char *data, size_t len)
{
    brio_app_socket *s = of(line);
    brio_app_socket_heard(s);
    if (s->code)
        return true;
    bool busy = !s->entered || (s->talk && s->talk->task);
    if (!s->talk && !brio_app_talk_begin(s)) {
        end_with(s, 1013, BRIO_S("no memory"));
        brio_app_events_ended(s);
        return true;
    }
    brio_app_talk *t = s->talk;
    t->rest = (brio_str){data, len};
    if (busy || !run(s)) {
        t->kept = true;
        return false;
    }
    rest(s);
    return true;
}

static void event_ended(brio_line *line, int why)
{
    brio_app_socket *s = of(line);
    if (why == -ECANCELED) {
        if (s->talk && s->talk->task)
            (void)brio_task_cancel(s->talk->task);
        return;
    }
    if (why == -EPIPE) {
        s->lost = true;
        brio_app_outbox_drop(s, false);
        brio_app_socket_shut(s);
    }
    if (s->talk && (s->talk->task || !s->entered) && why != -EPIPE) {
        s->talk->ended = why; /* behind what was kept */
        return;
    }
    end_with(s, why == -ESHUTDOWN ? 1012 : BRIO_WS_ABNORMAL, (brio_str){0});
    brio_app_events_ended(s);
}

static void event_written(brio_line *line)
{
    brio_app_outbox_written(of(line));
}

static void event_closed(brio_line *line)
{
    brio_app_socket *s = of(line);
    s->attached = false;
    s->lost = true;
    brio_app_outbox_drop(s, true);
    s->pinned = true;
    if (s->entered) {
        end_with(s, BRIO_WS_ABNORMAL, (brio_str){0}); /* unless it has ended already */
        brio_app_events_ended(s);
    }
    s->pinned = false;
    brio_app_socket_release(s);
}

const brio_line_events brio_app_event_line = {.data = event_data,
                                              .ended = event_ended,
                                              .written = event_written,
                                              .closed = event_closed,
                                              .patience = brio_app_socket_patience};

/* ---- Opening -----------------------------------------------------------------------------------
 */

BRIO_APP_ANY_TYPE int brio_app_events_open(brio_request *req, const void *in, brio_websocket *ws)
{
    brio_app_socket *s = ws->state;
    open_fn *open = (open_fn *)events_of(s)->open;
    int rc = open ? open(req, in, ws, brio_app_state_of(s)) : 0;
    if (rc >= 0 && !s->accepted && !req->pending)
        rc = brio_ws_accept(ws, NULL);
    s->entered = rc >= 0 && s->accepted;
    return rc;
}

void brio_app_events_begin(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    brio_app_uncork(s);
    if (!t->kept && t->ended == 1 && !s->code) {
        brio_app_talk_end(s);
        return;
    }
    t->again.fn = resume_later;
    brio_loop_call_soon(brio_app_home_of(s)->loop, &t->again);
}

const brio_model *brio_ws_message_model(void)
{
    static brio_model model = {
        .name = "brio_ws_message", .kind = BRIO_KIND_NONE, .size = sizeof(brio_ws_message)};
    return &model;
}

void *brio_ws_app_state(const brio_websocket *ws)
{
    return brio_app_state(brio_app_pool_of(ws->state)->app);
}
