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
 * Connection header that names it, which in HTTP/1.0 mean nothing (RFC 9110, 7.8), or
 * over HTTP/2 an extended CONNECT (RFC 8441). */
BRIO_API bool brio_ws_asked(const struct brio_http_request *req);
/* Judges such a request. Returns 0 with the value of Sec-WebSocket-Accept in
 * `accept`, or the status to refuse with: 400 for another method than GET,
 * HTTP/1.0 or a key that is not 16 bytes of base64, 426 for another version than
 * 13 (answer it with `Sec-WebSocket-Version: 13`). Over HTTP/2 there is no key, and
 * `accept` is blank. */
BRIO_API int brio_ws_handshake(const struct brio_http_request *req, char accept[BRIO_WS_ACCEPT_LEN])
    BRIO_CHECKED;
/* Takes the next name off a Sec-WebSocket-Protocol value (a comma-separated list);
 * empty at its end. */
BRIO_API brio_str brio_ws_next_protocol(brio_str *list);

/* ---- Compression: permessage-deflate (RFC 7692) ------------------------------ */

/* What two sides have agreed on. Zero: messages are not compressed. */
typedef struct brio_ws_deflate {
    bool on : 1;
    bool server_no_takeover : 1; /* each message of the server stands alone; else the
                                    compressor's window is kept from one to the next, on both
                                    sides */
    bool client_no_takeover : 1;
    uint8_t server_bits; /* log2 of the window: 8 to 15 */
    uint8_t client_bits;
} brio_ws_deflate;

/* What this side would like. */
typedef struct brio_ws_deflate_wish {
    bool takeover;       /* keep windows: better for many small messages that resemble each other,
                            and up to 270 KiB of a compressor and 40 KiB of a decompressor for
                            each connection. False: those of a brio_ws_pool serve all */
    uint8_t window_bits; /* of both windows at most, 9 to 15; 0 means 15 */
} brio_ws_deflate_wish;

/* False in a build without zlib: then nothing is ever agreed on. */
BRIO_API bool brio_ws_deflate_available(void);
/* A server's choice (section 5 and 7.1): the first offer in the request's
 * Sec-WebSocket-Extensions that has no parameter which is unknown, double or out
 * of range. `wish` may be NULL: no takeover. 1: *ret is agreed on, and the value of
 * the answer's Sec-WebSocket-Extensions is in `out`, appended; 0: no compression;
 * 400: the header is malformed, refuse (RFC 6455, section 9.1). */
BRIO_API int brio_ws_deflate_choose(const struct brio_http_request *req,
                                    const brio_ws_deflate_wish *wish, brio_ws_deflate *ret,
                                    brio_buf *out) BRIO_CHECKED;
/* A client's offer, the value of Sec-WebSocket-Extensions, appended. */
BRIO_API void brio_ws_deflate_offer(const brio_ws_deflate_wish *wish, brio_buf *out);
/* What a client reads in the answer to that offer; an empty `value`: nothing was
 * agreed on. 0, or BRIO_ESYNTAX for what was not offered: fail the connection. */
BRIO_API int brio_ws_deflate_agree(brio_str value, const brio_ws_deflate_wish *wish,
                                   brio_ws_deflate *ret) BRIO_CHECKED;

/* What the connections of one thread share, so that those at rest need none: spare
 * (de)compressors and buffers of messages. Open struct over storage of yours, zero
 * is an empty one; outlives its connections. */
typedef struct brio_ws_pool {
    struct brio_ws_inflater *inflaters; /* the room's own */
    struct brio_ws_deflater *deflaters[16];
    brio_buf buffers[4];
    uint8_t n_inflaters, n_buffers;
} brio_ws_pool;
/* Gives all memory back. */
BRIO_API void brio_ws_pool_fini(brio_ws_pool *pool);

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
    BRIO_WS_TEXT,     /* conn.data is a whole message, well-formed UTF-8; or a piece of one */
    BRIO_WS_BINARY,   /* conn.data is a whole message; or a piece of one */
    BRIO_WS_PING,     /* answer with a pong of conn.data */
    BRIO_WS_PONG,
    BRIO_WS_CLOSE,    /* conn.code and conn.data (the reason): answer with the same, then end */
    BRIO_WS_FAILED    /* conn.code and conn.reason: send that close frame, then end */
} brio_ws_event;

typedef struct brio_ws_options {
    bool client;            /* this side masks what it sends and takes no masked frames */
    bool pieces;            /* messages are handed out as they come: conn.more */
    bool in_place;          /* what is read is writable and stays until the next call: a message
                               that is whole in it is unmasked and handed out where it lies */
    uint64_t message_bytes; /* of one message, all fragments together, decompressed; 0 means
                               16 MiB, with `pieces` 1 GiB. Beyond: 1009 */
    brio_ws_deflate deflate; /* as agreed on */
    size_t deflate_min;     /* bytes; smaller messages go out as they are; 0 means 1,024 */
    brio_ws_pool *pool;     /* borrowed; NULL: everything is the connection's own */
} brio_ws_options;

/* The reader's state. Open struct over storage of yours; read-only but for the
 * functions below. */
typedef struct brio_ws_conn {
    brio_str data;      /* of the newest event; valid until the next call */
    const char *reason; /* FAILED: a static sentence */
    uint16_t code;      /* CLOSE: as sent, or BRIO_WS_NO_CODE; FAILED: to send */
    bool more;          /* TEXT, BINARY: this is a piece, and not the last */
    bool ended;         /* after CLOSE or FAILED all input is dropped */
    bool client : 1;    /* the reader's own from here */
    bool pieces : 1;
    bool in_place : 1;
    bool in_message : 1; /* a fragment was read and the last one not */
    bool text : 1;       /* of the message in progress */
    bool packed : 1;     /* it is compressed */
    bool delivered : 1;  /* `data` was handed out: forget it at the next call */
    bool started : 1;    /* the head is read; `left` bytes of payload are to come */
    bool fin : 1;
    bool unpacking : 1; /* what is in `packet` is being decompressed */
    bool sending : 1;   /* a message goes out in pieces, and the last one has not */
    bool sending_packed : 1;
    uint8_t head_len;
    uint8_t opcode; /* of the frame in progress */
    uint8_t head[14];
    uint8_t mask[4];
    brio_ws_deflate deflate;
    uint64_t frame_at; /* bytes of the frame's payload so far */
    uint64_t left;
    uint64_t seen; /* bytes of the message so far */
    uint64_t limit;
    size_t deflate_min;
    size_t checked;   /* bytes of `message` known to be UTF-8 */
    brio_buf message; /* payload that was not handed out; of a control frame: behind it */
    brio_buf packet;  /* compressed payload */
    size_t unpacked;  /* bytes of it */
    brio_ws_pool *pool;
    struct brio_ws_inflater *inflater;
    struct brio_ws_deflater *deflater;
} brio_ws_conn;

/* A connection on which nothing was read. `options` are copied, NULL gives all
 * defaults. No allocation. fini gives memory back, and what was lent to the pool. */
BRIO_API void brio_ws_conn_init(brio_ws_conn *conn, const brio_ws_options *options);
BRIO_API void brio_ws_conn_fini(brio_ws_conn *conn);

/* Reads from the front of *input and moves it past what was consumed; with MORE
 * that is everything. The bytes are not changed unless `in_place` allows it. Which
 * event comes does not depend on how the bytes were cut, only where pieces end, and
 * which of two faults in one is found. Memory grows with what has arrived, not with
 * what a frame announces, and with what is decompressed up to the limit; without
 * memory the connection FAILED with 1011.
 *
 * With `pieces` a message comes as one or more events of its kind, all but the
 * last with conn.more; a piece has at most 64 KiB and text ends with a whole
 * character. The last may be empty. */
BRIO_API brio_ws_event brio_ws_conn_next(brio_ws_conn *conn, brio_str *input) BRIO_CHECKED;
/* Gives back what is not needed while nothing comes: the newest event's data.
 * The next brio_ws_conn_next would do it as well. */
BRIO_API void brio_ws_conn_rest(brio_ws_conn *conn);

/* True between messages: nothing of one was read or is kept for the next, so that a
 * connection that is inited anew, with the same options, would go on as well. */
BRIO_API bool brio_ws_conn_rests(const brio_ws_conn *conn);

/* Appends one whole message (`text`: it must be UTF-8, which is not checked) as a
 * single frame, compressed where that is agreed on and makes it smaller. A full
 * buffer sets out->failed. A client's mask comes from the kernel's random numbers. */
BRIO_API void brio_ws_write(brio_ws_conn *conn, brio_buf *out, brio_str data, bool text);
/* Appends a piece of a message as a frame: the first, those between and the `last`
 * one, which may be empty. A character may be cut. Between them only pings, pongs
 * and a close may go out. */
BRIO_API void brio_ws_write_piece(brio_ws_conn *conn, brio_buf *out, brio_str data, bool text,
                                  bool last);
/* Append a ping or a pong; `data` is at most 125 bytes. */
BRIO_API void brio_ws_write_ping(const brio_ws_conn *conn, brio_buf *out, brio_str data);
BRIO_API void brio_ws_write_pong(const brio_ws_conn *conn, brio_buf *out, brio_str data);
/* Appends a close frame. BRIO_WS_NO_CODE sends none; `reason` is UTF-8, cut to
 * whole characters within 123 bytes. */
BRIO_API void brio_ws_write_close(const brio_ws_conn *conn, brio_buf *out, int code, brio_str reason);

/* ---- One frame for many ------------------------------------------------------ */

/* Appends a server's frame of a whole message, as any client may get it. */
BRIO_API void brio_ws_compose(brio_buf *out, brio_str data, bool text);
/* The same compressed, and standing alone, for every connection that has agreed on
 * compression with a server's window of `bits` or more; 15 is the usual one. True if
 * it was appended; false if it would not be smaller, without memory or without zlib:
 * nothing was. `pool` may be NULL. */
BRIO_API bool brio_ws_compose_packed(brio_ws_pool *pool, uint8_t bits, brio_buf *out,
                                     brio_str data, bool text);
/* May one of 15 bits go out on this connection? */
BRIO_API bool brio_ws_takes_packed(const brio_ws_conn *conn);
/* It goes out now: what the connection compresses later does not refer to what
 * came before. Not while a message goes out in pieces. */
BRIO_API void brio_ws_sent_packed(brio_ws_conn *conn);

#ifdef __cplusplus
}
#endif
#endif
