/* SPDX-License-Identifier: MIT
 *
 * How a request becomes a WebSocket and how it ends: around its handler, which
 * sees websocket.c.
 *
 * The request stays what it is, with its arena, scope and exits; accepting turns
 * its answer into a stream of frames. Until then every refusal is an answer
 * over HTTP, 403 unless it says otherwise, as uvicorn has it. */
#include "app/websocket.h"

#include <errno.h>

const brio_model *brio_websocket_model(void)
{
    static brio_model model = {
        .name = "brio_websocket", .kind = BRIO_KIND_NONE, .size = sizeof(brio_websocket)};
    return &model;
}

/* ---- The route ---------------------------------------------------------------- */

void brio_app_socket_route(brio_app *app, brio_app_route *route)
{
    const brio_ws_events *given = route->spec.events;
    if (route->spec.run == BRIO_BLOCKING)
        brio_app_wrong(&route->spec,
                       "a WebSocket's handler is a coroutine: it cannot be BRIO_BLOCKING");
    if (!given)
        return;
    if (given->state_size > BRIO_APP_STATE_MAX)
        brio_app_wrong(&route->spec, "a WebSocket's State has at most %d bytes: keep a pointer",
                       BRIO_APP_STATE_MAX);
    brio_ws_events *events = BRIO_NEW(&app->arena, brio_ws_events);
    *events = *given;
    route->spec.events = events;
    if (events->model != brio_ws_message_model)
        brio_app_check_model(app, &route->spec, events->model());
}

/* ---- Before the handler ------------------------------------------------------- */

/* The request ends. What it had of the line goes back; the socket stays until that is
 * gone, or, event style, as long as it likes. */
static void leave_socket(void *arg)
{
    brio_request *req = arg;
    brio_app_socket *s = req->socket;
    req->socket = NULL;
    if (s->entered)
        return;
    /* Unless it said goodbye, it was abandoned, or never accepted. */
    brio_app_say_close(s, s->accepted ? BRIO_WS_INTERNAL : BRIO_WS_ABNORMAL, (brio_str){0});
    brio_app_talk *t = s->talk;
    bool kept = t->kept;
    t->kept = false;
    brio_app_talk_end(s);
    s->held = false;
    if (kept)
        s->line.ops->resume(&s->line);
    else
        brio_app_socket_release(s);
}

/* By the route's options: 0, or the status to refuse with. */
static int set_up(brio_request *req)
{
    brio_app_socket *s = req->socket;
    if (!brio_app_socket_may_open(req, req->route->socket_options))
        return 403;
    int status = brio_app_socket_agree(req, &s->deflate, &s->talk->extensions);
    brio_app_talk_conn(s);
    return status;
}

/* The versions there are belong to the answer (section 4.4). */
static int refuse_handshake(brio_request *req, int status)
{
    if (status == 426)
        (void)!brio_respond_header(req, BRIO_S("sec-websocket-version"), BRIO_S("13"));
    return brio_fail(req, status, NULL);
}

int brio_app_socket_begin(brio_request *req)
{
    (void)brio_app_socket_options(req->app, req->route);
    void *room = NULL; /* first of all: without memory this ends the task */
    if (req->waits && !req->route->spec.events)
        room = brio_calloc(req->arena, 1, sizeof(brio_app_talk));
    brio_app_socket *s = brio_app_socket_acquire(req->app, req->route);
    if (!s || !(room ? brio_app_talk_begin_in(s, room) : brio_app_talk_begin(s))) {
        if (s) {
            s->held = false;
            brio_app_socket_release(s);
        }
        return brio_fail(req, 503, NULL);
    }
    brio_defer_push(req->arena, leave_socket, req);
    req->socket = s;
    if (!req->ex->upgrade)
        return brio_fail(req, 501, "This server has no WebSockets");
    int status = brio_ws_handshake(req->http, s->talk->key);
    if (!status)
        status = set_up(req);
    return status ? refuse_handshake(req, status) : 0;
}

void brio_app_socket_open(brio_request *req, void *out)
{
    *(brio_websocket *)out = (brio_websocket){.req = req, .state = req->socket};
}

/* ---- Accepting ------------------------------------------------------------------ */

static void add_header(brio_http_response *answer, brio_header *headers, brio_str name,
                       brio_str value)
{
    headers[answer->n_headers++] = (brio_header){name, value};
}

int brio_ws_accept(brio_websocket *ws, const char *subprotocol)
{
    brio_request *req = ws->req;
    brio_app_socket *s = ws->state;
    BRIO_ASSERT(!s->accepted); /* once */
    brio_app_run_hooks(req);
    brio_header few[8], *headers = few; /* which do not stay */
    if (req->n_headers + 5 > sizeof few / sizeof *few)
        headers = BRIO_NEW_ARRAY(req->arena, brio_header, req->n_headers + 5);
    brio_http_response answer = {.status = 101, .headers = headers};
    add_header(&answer, headers, BRIO_S("upgrade"), BRIO_S("websocket"));
    add_header(&answer, headers, BRIO_S("connection"), BRIO_S("Upgrade"));
    add_header(&answer, headers, BRIO_S("sec-websocket-accept"),
               (brio_str){s->talk->key, BRIO_WS_ACCEPT_LEN});
    if (subprotocol)
        add_header(&answer, headers, BRIO_S("sec-websocket-protocol"), brio_str_from(subprotocol));
    if (s->talk->extensions.len)
        add_header(&answer, headers, BRIO_S("sec-websocket-extensions"), s->talk->extensions);
    for (size_t i = 0; i < req->n_headers; i++)
        add_header(&answer, headers, req->headers[i].name, req->headers[i].value);
    int rc = req->ex->upgrade(req->ex, &answer, &s->line, &req->ex);
    if (rc < 0)
        return rc;
    s->accepted = s->attached = true;
    s->blocked = rc == 0;
    brio_app_home_of(s)->counts.opened++;
    req->phase = BRIO_APP_STREAMING;
    return 0;
}

/* ---- Failing -------------------------------------------------------------------- */

int brio_ws_fail(brio_request *req, int code, const char *reason)
{
    BRIO_ASSERT(req->socket); /* in a handler or dependency of a WebSocket */
    BRIO_ASSERT(code == 0 || brio_ws_code_valid(code));
    req->socket->talk->goodbye =
        (brio_app_goodbye){code ? code : BRIO_WS_NORMAL, brio_str_from(reason)};
    return BRIO_ECLOSED;
}

static void refuse(brio_request *req)
{
    brio_app_answer(req, 403, BRIO_S(""), BRIO_S(""));
}

int brio_app_answer_no_socket(brio_request *req)
{
    char accept[BRIO_WS_ACCEPT_LEN];
    if (brio_ws_handshake(req->http, accept) == 426)
        return refuse_handshake(req, 426);
    refuse(req);
    return 0;
}

int brio_app_socket_refuse(brio_request *req, int rc)
{
    bool own = rc != BRIO_EINVALID && rc != BRIO_ECLOSED;
    if (own || req->phase >= BRIO_APP_STREAMING)
        return rc;
    refuse(req);
    return 0;
}

/* ---- Behind the handler ----------------------------------------------------------- */

/* The end of the connection is no failure. */
static bool is_end(int rc)
{
    return rc >= 0 || rc == BRIO_ECLOSED || rc == -EPIPE;
}

static void say_goodbye(brio_app_socket *s, int rc)
{
    brio_app_goodbye bye = s->talk->goodbye;
    if (!bye.code)
        bye.code = is_end(rc) ? BRIO_WS_NORMAL : BRIO_WS_INTERNAL;
    brio_app_talk_close_code(s, bye.code, bye.reason);
    brio_app_say_close(s, bye.code, bye.reason);
}

int brio_app_socket_end(brio_request *req, int rc)
{
    brio_app_socket *s = req->socket;
    if (!s->accepted)
        return rc < 0 || req->pending ? rc : BRIO_ECLOSED;
    if (!is_end(rc))
        brio_app_log(req, BRIO_LOG_ERROR, "a WebSocket's handler failed: %s", brio_error_text(rc));
    if (s->entered && rc >= 0)
        brio_app_events_begin(s);
    else
        say_goodbye(s, rc);
    req->phase = BRIO_APP_ANSWERED;
    return is_end(rc) ? 0 : rc;
}
