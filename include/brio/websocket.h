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

/* ---- Options ---------------------------------------------------------------
 *
 *     BRIO_WEBSOCKET(app, "/feed", feed, Feed, .ws.message_bytes = 4096, .ws.rate = 20);
 *
 * What a route does not say (zero) is the server's flag (--ws-...), else
 * brio_app_options.ws, else the default named here. */

/* permessage-deflate (RFC 7692), with clients that offer it. */
typedef enum brio_ws_compression { /* ORDER WS_COMPRESSION */
    BRIO_WS_COMPRESS_DEFAULT = 0,  /* BRIO_WS_COMPRESS_ALONE */
    BRIO_WS_COMPRESS_ALONE,        /* each message for itself: a socket at rest needs no memory for
                                      it, and one compressed frame serves many sockets */
    BRIO_WS_COMPRESS_TAKEOVER,     /* messages refer to earlier ones: smaller when they are alike;
                                      up to 310 KiB for each socket */
    BRIO_WS_COMPRESS_OFF
} brio_ws_compression;

typedef struct brio_websocket_options {
    uint64_t message_bytes;  /* of a message received, decompressed; 0 means 16 MiB, with `pieces`
                                1 GiB. Beyond: closed with 1009 */
    uint32_t max_queue;      /* messages received before the handler has asked for them, 64 KiB of
                                them at most; 0 means 32. Beyond: the client is not read */
    uint32_t rate;           /* messages, pings and pongs that a client may send in a second; 0 means
                                any number. Beyond: closed with 1008 */
    brio_time ping_interval; /* a client that was silent for so long gets a ping, an eighth later at
                                most; 0 means 20 s, in the test client none; BRIO_NEVER: none */
    brio_time ping_timeout;  /* one that is silent for so long after that is gone: 1011; 0 means
                                20 s, BRIO_NEVER: it is waited for */
    brio_time close_timeout; /* a client to which a close was sent has so long to answer it and to
                                end the connection, which is cut then; 0 means 10 s, BRIO_NEVER:
                                it is waited for */
    /* Who may open it, when a browser says where its page is from (Origin): a
     * comma-separated list of "https://app.example", "same" (this host) and "*". NULL
     * means any, unless the browser sends cookies or credentials with it, which a foreign
     * page could otherwise use in its user's name: then "same". Others get a 403. */
    const char *origins;
    brio_ws_compression compression;
    uint8_t window_bits;     /* log2 of the largest window, 9 to 15; 0 means 15 */
    uint32_t compress_min;   /* bytes; smaller messages go out as they are; 0 means 1,024 */
    bool pieces;             /* messages come in pieces of 64 KiB at most: brio_ws_message.more */
} brio_websocket_options;
/* What the server's operator says, before the first request: for all sockets of `app`
 * and of what is mounted in it, unless their route says otherwise. Texts are copied. */
BRIO_API void brio_app_set_websocket(brio_app *app, const brio_websocket_options *options);

/* BRIO_WEBSOCKET(app, "/path", handler, Input, .option = value, ...). In the AsyncAPI
 * document, which can say more with .receives = Said_model and .sends = News_model; not in
 * OpenAPI's, which knows no WebSockets. */
#define BRIO_WEBSOCKET(app, p, h, ...) \
    BRIO_WEBSOCKET_(app, p, h, __VA_ARGS__, .brio_private_end = 0)
#define BRIO_WEBSOCKET_(app, p, h, In, ...) \
    BRIO_ROUTE_(app, "WEBSOCKET", p, h, In, brio_websocket, __VA_ARGS__)

typedef struct brio_ws_message {
    brio_str data; /* lent until the next receive, or until the message handler returns */
    bool binary;   /* else text: UTF-8 */
    bool more;     /* with .ws.pieces: this is a part of a message, and not the last; text ends
                      with a whole character */
} brio_ws_message;
BRIO_API const brio_model *brio_ws_message_model(void);

/* ---- Event style ---------------------------------------------------------
 *
 * For many sockets that are mostly silent: handlers that are called, instead of one
 * that waits. A silent socket is about 300 bytes and its State; it has no stack, no
 * buffer, no request.
 *
 *     typedef struct Seat { int64_t room; } Seat;
 *
 *     static int enter(brio_request *req, const Room *in, brio_websocket *ws, Seat *seat)
 *     {
 *         seat->room = in->room;
 *         return 0;                                       // accepted, unless it was already
 *     }
 *     static int said(brio_websocket *ws, Seat *seat, const Chat *message)
 *     {
 *         return brio_ws_sendf(ws, "%d: %.*s", (int)seat->room, BRIO_ARG(message->text));
 *     }
 *     static void left(brio_websocket *ws, Seat *seat) {...}
 *     ...
 *     BRIO_WEBSOCKET_EVENTS(app, "/rooms/{room}", Room, Seat, Chat,
 *                           (.open = enter, .message = said, .close = left),
 *                           .queue = {.messages = 64});
 *
 * Input is what open is given, as for BRIO_WEBSOCKET: dependencies and failures
 * alike. State is a struct of yours, zeroed, at most 16 KiB; brio_none for none.
 * Message: a model, and messages are read as JSON into it (a union with a
 * discriminator makes a typed protocol); brio_json for any JSON; brio_ws_message
 * for what came as it is. Each handler may be left out.
 *
 *   open     the request's: `in` and its dependencies end with it. < 0 refuses, or
 *            closes what it has accepted.
 *   message  runs as a task, in the turn in which the bytes came. It may suspend: the
 *            next message of the same socket waits for it. `message` and
 *            brio_ws_arena until it returns. < 0 closes: 1011, or 1000 for
 *            BRIO_ECLOSED.
 *   invalid  a message that does not fit; without it the client gets the problems,
 *            {"detail": [...]} as for HTTP, and goes on. Results as of `message`.
 *   close    once, behind the last message, if open has succeeded; brio_ws_code says
 *            how it ended. May suspend. Nothing can be sent to this socket any more.
 *
 * `ws` is valid until the handler returns; brio_ws_ref_of(ws) is for keeping. Here
 * brio_ws_send_... do not suspend: what the kernel does not take is queued, within
 * .queue, beyond which they are BRIO_EOVERLOAD (see <brio/broadcast.h>). ws->req is
 * NULL but in open. brio_ws_receive... and brio_ws_fail are not for message and close:
 * brio_ws_close(ws, 1008, "...") ends it. */
typedef struct brio_ws_events {
    size_t state_size;        /* bytes */
    brio_model_fn *model;     /* of a message */
    void (*open)(void);       /* as the macro has checked them */
    void (*message)(void);
    void (*close)(void);
    int (*invalid)(brio_websocket *ws, void *state, const brio_problems *problems);
} brio_ws_events;

#define BRIO_WEBSOCKET_EVENTS(app, p, ...) \
    BRIO_WEBSOCKET_EVENTS_(app, p, __VA_ARGS__, .brio_private_end = 0)
#define BRIO_WEBSOCKET_EVENTS_(app, p, In, State, Message, handlers, ...)                    \
    do {                                                                                     \
        _Pragma("GCC diagnostic push")                                                       \
        _Pragma("GCC diagnostic error \"-Wincompatible-pointer-types\"")                     \
        const struct {                                                                       \
            int (*open)(brio_request *, const In *, brio_websocket *, State *);              \
            int (*message)(brio_websocket *, State *, const Message *);                      \
            int (*invalid)(brio_websocket *, State *, const brio_problems *);                \
            void (*close)(brio_websocket *, State *);                                        \
        } brio_given = {BRIO_UNWRAP_ handlers};                                              \
        _Pragma("GCC diagnostic pop")                                                        \
        const brio_ws_events brio_events = {                                                 \
            .state_size = BRIO_STATE_SIZE_(State), .model = Message##_model,                           \
            .open = (void (*)(void))brio_given.open,                                         \
            .message = (void (*)(void))brio_given.message,                                   \
            .close = (void (*)(void))brio_given.close,                                       \
            .invalid = (int (*)(brio_websocket *, void *,                                    \
                                const brio_problems *))(void (*)(void))brio_given.invalid};  \
        BRIO_ADD_TO_(app)(app, &(const brio_route){                                          \
            .method = "WEBSOCKET", .path = p, .symbol = p, .in = In##_model,                 \
            .out = brio_websocket_model, .events = &brio_events,                             \
            __VA_ARGS__});                                                                   \
    } while (0)
#define BRIO_STATE_SIZE_(State)                                                              \
    _Generic((State *)0, brio_none *: 0, default: sizeof(State))
/* brio_app_options.state, also where there is no request. */
BRIO_API void *brio_ws_app_state(const brio_websocket *ws);

/* Takes the connection: sends the 101, with headers set by brio_respond_header
 * so far. `subprotocol` is one that the client offers, NULL means none. Once.
 * 0, -EPIPE (the client is gone), -EINVAL for a subprotocol that is no token. */
BRIO_API int brio_ws_accept(brio_websocket *ws, const char *subprotocol) BRIO_CHECKED;
/* True behind that. */
BRIO_API bool brio_ws_accepted(const brio_websocket *ws);

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
/* A message that nobody holds whole: its pieces, up to the `last` one, which may be
 * empty; each goes out at once, as a fragment. Text is cut between characters
 * (-EINVAL). Results as above; -ECANCELED, and this piece was not sent: go on, or
 * return. One task sends all pieces; what others send waits until the last, or
 * until the connection ends. Coroutine style only. Suspends. */
BRIO_API int brio_ws_send_piece(brio_websocket *ws, brio_str data, bool binary,
                                bool last) BRIO_CHECKED;
BRIO_API int brio_ws_sendf(brio_websocket *ws, const char *fmt, ...) BRIO_PRINTF(2, 3) BRIO_CHECKED;
BRIO_API int brio_ws_send_json(brio_websocket *ws, const brio_json *json) BRIO_CHECKED;
BRIO_API int brio_ws_send_model(brio_websocket *ws, const brio_model *model,
                                const void *value) BRIO_CHECKED;

/* Ends the connection. `code` 0 means 1000; `reason` may be NULL, 123 bytes at
 * most are sent. Before brio_ws_accept it refuses: 403. Harmless if it has ended.
 * Suspends. 0, BRIO_ECLOSED, -ECANCELED. */
BRIO_API int brio_ws_close(brio_websocket *ws, int code, const char *reason) BRIO_CHECKED;
/* FastAPI's WebSocketException, also from dependencies: `return brio_ws_fail(req,
 * 1008, "...")`. Closes with that code, or refuses with 403 before the accept. < 0. */
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
