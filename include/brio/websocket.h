/* SPDX-License-Identifier: MIT
 *
 * brio/websocket.h: WebSocket routes (RFC 6455). A part of <brio/app.h>, which
 * includes it.
 *
 *     static int echo(brio_request *req, const Room *in, brio_websocket *ws)
 *     {
 *         brio_ws_message msg;
 *         int rc = brio_ws_accept(ws, NULL);
 *         while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
 *             rc = brio_ws_sendf(ws, "%.*s: %.*s", BRIO_ARG(in->room), BRIO_ARG(msg.data));
 *         return rc;
 *     }
 *     ...
 *     BRIO_WEBSOCKET(app, "/rooms/{room}", echo, Room);
 *
 * A handler is an async one like any other, with the same models and
 * dependencies. What fails before brio_ws_accept is answered over HTTP: 403, as
 * FastAPI has it, for input that is not valid, for brio_ws_fail and for a handler
 * that returns; the status of brio_fail for that. Afterwards a handler that
 * returns closes the connection, with 1000, or 1011 if it failed. The end of the
 * connection (BRIO_ECLOSED) is no failure of its own: handlers
 * return it on.
 *
 * A client that is gone does not cancel its handler: it learns from the next
 * call, and may still tell others. */
#ifndef BRIO_WEBSOCKET_H
#define BRIO_WEBSOCKET_H

#include <brio/base.h>
#include <brio/model.h>
#include <brio/request.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_app_socket;

/* One connection: the output of a handler. Valid until the handler has returned;
 * other tasks of the loop may send on it until then. */
typedef struct brio_websocket {
    brio_request *req;             /* borrowed */
    struct brio_app_socket *state; /* the room's own */
} brio_websocket;
BRIO_API const brio_model *brio_websocket_model(void);

/* BRIO_WEBSOCKET(app, "/path", handler, Input, .option = value, ...). Not in the
 * OpenAPI document. */
#define BRIO_WEBSOCKET(app, p, h, ...) BRIO_WEBSOCKET_(app, p, h, __VA_ARGS__, .hidden = true)
#define BRIO_WEBSOCKET_(app, p, h, In, ...) \
    BRIO_ROUTE(app, "WEBSOCKET", p, h, In, brio_websocket, __VA_ARGS__)

typedef struct brio_ws_message {
    brio_str data; /* lent until the next receive */
    bool binary;   /* else text: UTF-8 */
} brio_ws_message;

/* Takes the connection: sends the 101, with headers set by brio_respond_header
 * so far. `subprotocol` is one that the client offers, NULL means none. Once.
 * 0, -EPIPE (the client is gone), -EINVAL for a subprotocol that is no token. */
BRIO_API int brio_ws_accept(brio_websocket *ws, const char *subprotocol) BRIO_CHECKED;

/* The next message. Suspends. Pings are answered on the way. 0; BRIO_ECLOSED when
 * the connection has ended, see brio_ws_code; -ECANCELED. One task at a time. */
BRIO_API int brio_ws_receive(brio_websocket *ws, brio_ws_message *ret) BRIO_CHECKED;
/* The same when only text, or only bytes, are expected: the other ends the
 * connection with 1003. */
BRIO_API int brio_ws_receive_text(brio_websocket *ws, brio_str *ret) BRIO_CHECKED;
BRIO_API int brio_ws_receive_bytes(brio_websocket *ws, brio_str *ret) BRIO_CHECKED;
/* JSON from text or bytes, in brio_ws_arena. Suspends. Also BRIO_ESYNTAX; the
 * connection stays. */
BRIO_API int brio_ws_receive_json(brio_websocket *ws, brio_json *ret) BRIO_CHECKED;
/* The same into a struct (BRIO_TYPE(T), T *). Also BRIO_EINVALID, with the
 * problems in *ret_problems (may be NULL), and the connection stays. */
BRIO_API int brio_ws_receive_model(brio_websocket *ws, const brio_model *model, void *ret,
                                   brio_problems *ret_problems) BRIO_CHECKED;

/* Sends one message. Suspends until the kernel has taken it; several tasks send
 * one after the other. Text must be UTF-8 (-EINVAL). 0; BRIO_ECLOSED when the
 * connection has ended; -ECANCELED, and it was not sent; -ENOMEM. */
BRIO_API int brio_ws_send_text(brio_websocket *ws, brio_str text) BRIO_CHECKED;
BRIO_API int brio_ws_send_bytes(brio_websocket *ws, brio_str bytes) BRIO_CHECKED;
BRIO_API int brio_ws_sendf(brio_websocket *ws, const char *fmt, ...) BRIO_PRINTF(2, 3) BRIO_CHECKED;
BRIO_API int brio_ws_send_json(brio_websocket *ws, const brio_json *json) BRIO_CHECKED;
BRIO_API int brio_ws_send_model(brio_websocket *ws, const brio_model *model,
                                const void *value) BRIO_CHECKED;

/* Ends the connection. `code` 0 means 1000; `reason` may be NULL, 123 bytes at
 * most are sent. Before brio_ws_accept it refuses: 403. Harmless if it has ended.
 * Suspends. 0, BRIO_ECLOSED, -ECANCELED. */
BRIO_API int brio_ws_close(brio_websocket *ws, int code, const char *reason) BRIO_CHECKED;
/* FastAPI's WebSocketException, also from dependencies: `return brio_ws_fail(req,
 * 1008, "...")`. Closes with that code, or refuses with 403 before the accept. */
BRIO_API int brio_ws_fail(brio_request *req, int code, const char *reason);

/* How it ended: the client's code, 1005 if it gave none, 1006 if it just went
 * away, 1012 if the server stops; 0 while it is open. The client's reason. */
BRIO_API int brio_ws_code(const brio_websocket *ws);
BRIO_API brio_str brio_ws_reason(const brio_websocket *ws);
/* Memory until the next receive, so that a long connection does not grow. */
BRIO_API brio_arena *brio_ws_arena(brio_websocket *ws);
/* True if the client offers that subprotocol (Sec-WebSocket-Protocol). */
BRIO_API bool brio_ws_offers(const brio_websocket *ws, const char *subprotocol);

#ifdef __cplusplus
}
#endif
#endif
