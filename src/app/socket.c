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

static const size_t scratch_limit = (size_t)64 * 1024 * 1024;

const brio_model *brio_websocket_model(void)
{
    static brio_model model = {
        .name = "brio_websocket", .kind = BRIO_KIND_NONE, .size = sizeof(brio_websocket)};
    return &model;
}

/* ---- Before the handler ------------------------------------------------------- */

static void drop_socket(void *arg)
{
    brio_app_socket *s = arg;
    brio_ws_conn_fini(&s->conn);
    brio_buf_fini(&s->out);
    brio_arena_fini(&s->scratch);
}

static void socket_new(brio_request *req)
{
    brio_app_socket *s = BRIO_NEW(req->arena, brio_app_socket);
    brio_ws_conn_init(&s->conn, NULL);
    brio_arena_init(&s->scratch, scratch_limit);
    brio_lock_init(&s->sending);
    brio_defer_push(req->arena, drop_socket, s);
    req->socket = s;
}

int brio_app_socket_begin(brio_request *req)
{
    socket_new(req);
    if (!req->ex->upgrade)
        return brio_fail(req, 501, "This server has no WebSockets");
    int status = brio_ws_handshake(req->http, req->socket->key);
    if (status == 426)
        (void)!brio_respond_header(req, BRIO_S("sec-websocket-version"), BRIO_S("13"));
    return status ? brio_fail(req, status, NULL) : 0;
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
    brio_header *headers = BRIO_NEW_ARRAY(req->arena, brio_header, req->n_headers + 4);
    brio_http_response answer = {.status = 101, .headers = headers};
    add_header(&answer, headers, BRIO_S("upgrade"), BRIO_S("websocket"));
    add_header(&answer, headers, BRIO_S("connection"), BRIO_S("Upgrade"));
    add_header(&answer, headers, BRIO_S("sec-websocket-accept"),
               (brio_str){s->key, BRIO_WS_ACCEPT_LEN});
    if (subprotocol)
        add_header(&answer, headers, BRIO_S("sec-websocket-protocol"), brio_str_from(subprotocol));
    for (size_t i = 0; i < req->n_headers; i++)
        add_header(&answer, headers, req->headers[i].name, req->headers[i].value);
    int rc = req->ex->upgrade(req->ex, &answer);
    if (rc < 0)
        return rc;
    s->accepted = true;
    req->phase = BRIO_APP_STREAMING;
    return 0;
}

/* ---- Failing -------------------------------------------------------------------- */

int brio_ws_fail(brio_request *req, int code, const char *reason)
{
    BRIO_ASSERT(req->socket); /* in a handler or dependency of a WebSocket */
    BRIO_ASSERT(code == 0 || brio_ws_code_valid(code));
    req->socket->goodbye = (brio_app_goodbye){code ? code : BRIO_WS_NORMAL, brio_str_from(reason)};
    return BRIO_ECLOSED;
}

static void refuse(brio_request *req)
{
    brio_app_answer(req, 403, BRIO_S(""), BRIO_S(""));
}

void brio_app_answer_no_socket(brio_request *req)
{
    refuse(req);
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

static void say_goodbye(const brio_websocket *ws, int rc)
{
    brio_app_goodbye bye = ws->state->goodbye;
    if (!bye.code)
        bye.code = is_end(rc) ? BRIO_WS_NORMAL : BRIO_WS_INTERNAL;
    (void)!brio_app_socket_close(ws, bye.code, bye.reason);
    (void)ws->req->ex->write(ws->req->ex, (brio_str){0}, true);
}

/* A handler that was cancelled still takes its leave, for a second at most. */
int brio_app_socket_end(brio_request *req, int rc)
{
    brio_websocket ws = {req, req->socket};
    if (!req->socket->accepted)
        return rc < 0 || req->pending ? rc : BRIO_ECLOSED;
    if (!is_end(rc))
        brio_app_log(req, BRIO_LOG_ERROR, "a WebSocket's handler failed: %s", brio_error_text(rc));
    BRIO_SCOPE(last, .shield = true, .timeout = BRIO_SEC(1))
    say_goodbye(&ws, rc);
    req->phase = BRIO_APP_ANSWERED;
    return is_end(rc) ? 0 : rc;
}
