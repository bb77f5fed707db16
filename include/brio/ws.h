/* SPDX-License-Identifier: MIT
 *
 * brio/ws.h: WebSocket (RFC 6455) without I/O.
 *
 * Bytes in, messages out; messages in, bytes out. As in <brio/http.h> nothing
 * here sees a descriptor, a clock or a task. Routes and handlers are in
 * <brio/websocket.h>.
 *
 *     brio_ws_conn_init(&ws, NULL);
 *     switch (brio_ws_conn_next(&ws, &input)) {   // input: bytes received
 *     case BRIO_WS_TEXT: handle(ws.data); ...
 *
 * Strict: what the RFC forbids ends the connection with the close code that it
 * names. Nothing suspends. */
#ifndef BRIO_WS_H
#define BRIO_WS_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_http_request;

/* ---- The opening handshake (section 4) ----------------------------------- */

/* Bytes of a Sec-WebSocket-Accept value. */
enum { BRIO_WS_ACCEPT_LEN = 28 };

/* True if the request asks to become a WebSocket: `Upgrade: websocket` and a
 * Connection header that names it. */
BRIO_API bool brio_ws_asked(const struct brio_http_request *req);
/* Judges such a request. Returns 0 with the value of Sec-WebSocket-Accept in
 * `accept`, or the status to refuse with: 400 for another method than GET,
 * HTTP/1.0 or a key that is not 16 bytes of base64, 426 for another version than
 * 13 (answer it with `Sec-WebSocket-Version: 13`). */
BRIO_API int brio_ws_handshake(const struct brio_http_request *req, char accept[BRIO_WS_ACCEPT_LEN])
    BRIO_CHECKED;
/* Takes the next name off a Sec-WebSocket-Protocol value (a comma-separated list);
 * empty at its end. */
BRIO_API brio_str brio_ws_next_protocol(brio_str *list);

/* ---- Close codes (section 7.4) --------------------------------------------- */

typedef enum brio_ws_close_code {
    BRIO_WS_NORMAL = 1000,
    BRIO_WS_GOING_AWAY = 1001,
    BRIO_WS_PROTOCOL_ERROR = 1002,
    BRIO_WS_UNSUPPORTED = 1003,
    BRIO_WS_NO_CODE = 1005,  /* stands for a close frame without one; never sent */
    BRIO_WS_ABNORMAL = 1006, /* stands for a connection lost without one; never sent */
    BRIO_WS_BAD_DATA = 1007,
    BRIO_WS_POLICY = 1008,
    BRIO_WS_TOO_BIG = 1009,
    BRIO_WS_INTERNAL = 1011
} brio_ws_close_code;

/* True for a code that may stand in a close frame. */
BRIO_API bool brio_ws_code_valid(int code);

/* ---- One connection --------------------------------------------------------- */

typedef enum brio_ws_event { /* ORDER WS_EVENT */
    BRIO_WS_MORE = 0, /* needs more bytes */
    BRIO_WS_TEXT,     /* conn.data is a whole message, well-formed UTF-8 */
    BRIO_WS_BINARY,   /* conn.data is a whole message */
    BRIO_WS_PING,     /* answer with a pong of conn.data */
    BRIO_WS_PONG,
    BRIO_WS_CLOSE,    /* conn.code and conn.data (the reason): answer with the same, then end */
    BRIO_WS_FAILED    /* conn.code and conn.reason: send that close frame, then end */
} brio_ws_event;

typedef struct brio_ws_options {
    bool client;          /* this side masks what it sends and takes no masked frames */
    size_t message_bytes; /* of one message, all fragments together; 0 means 16 MiB. Beyond: 1009 */
} brio_ws_options;

/* The reader's state. Open struct over storage of yours; read-only but for the
 * functions below. */
typedef struct brio_ws_conn {
    brio_str data;      /* of the newest event; valid until the next call */
    uint16_t code;      /* CLOSE: as sent, or BRIO_WS_NO_CODE; FAILED: to send */
    const char *reason; /* FAILED: a static sentence */
    bool client;        /* the reader's own from here */
    bool ended;         /* after CLOSE or FAILED all input is dropped */
    bool in_message;    /* a fragment was read and the last one not */
    bool text;          /* of the message in progress */
    bool delivered;     /* `message` was handed out: forget it at the next call */
    bool started;       /* the head is read; `left` bytes of payload are to come */
    uint8_t head_len;
    uint8_t control_len;
    uint8_t opcode; /* of the frame in progress */
    bool fin;
    uint32_t mask_at; /* bytes of this frame unmasked so far, modulo 4 */
    uint64_t left;
    size_t checked; /* bytes of `message` known to be UTF-8 */
    uint8_t head[14];
    uint8_t mask[4];
    char control[125];
    brio_buf message; /* payload so far */
} brio_ws_conn;

/* A connection on which nothing was read. `options` are copied, NULL gives all
 * defaults. No allocation. fini gives the memory of a message back. */
BRIO_API void brio_ws_conn_init(brio_ws_conn *conn, const brio_ws_options *options);
BRIO_API void brio_ws_conn_fini(brio_ws_conn *conn);

/* Reads from the front of *input and moves it past what was consumed; with MORE
 * that is everything. Which event comes does not depend on how the bytes were
 * cut. Memory grows with what has arrived, not with what a frame announces;
 * without memory the connection FAILED with 1011. */
BRIO_API brio_ws_event brio_ws_conn_next(brio_ws_conn *conn, brio_str *input) BRIO_CHECKED;

/* Appends one whole message (`text`: it must be UTF-8, which is not checked) as a
 * single frame. A full buffer sets out->failed. A client's mask comes from the
 * kernel's random numbers. */
BRIO_API void brio_ws_write(const brio_ws_conn *conn, brio_buf *out, brio_str data, bool text);
/* Append a ping or a pong; `data` is at most 125 bytes. */
BRIO_API void brio_ws_write_ping(const brio_ws_conn *conn, brio_buf *out, brio_str data);
BRIO_API void brio_ws_write_pong(const brio_ws_conn *conn, brio_buf *out, brio_str data);
/* Appends a close frame. BRIO_WS_NO_CODE sends none; `reason` is UTF-8, cut to
 * whole characters within 123 bytes. */
BRIO_API void brio_ws_write_close(const brio_ws_conn *conn, brio_buf *out, int code, brio_str reason);

#ifdef __cplusplus
}
#endif
#endif
