/* SPDX-License-Identifier: MIT
 *
 * brio/h2.h: HTTP/2 (RFC 9113) without I/O, the server's side. Part of <brio/http.h>.
 *
 * Bytes in, streams out; responses in, bytes out. As in <brio/http.h> nothing
 * here sees a descriptor, a clock or a task. A stream is a record of yours that
 * carries the same brio_http_request as HTTP/1.1, and is answered with the same
 * brio_http_response; framing, HPACK and flow control are nghttp2's.
 *
 *     brio_h2_open(&h2, &(brio_h2_options){.events = &events, .owner = me});
 *     brio_h2_receive(h2, bytes, now);     // calls events->...
 *     brio_h2_compose(h2, &out, 64 * 1024); // what to write
 *
 * What a client may cost is bounded: see brio_h2_limits. Nothing suspends. */
#ifndef BRIO_H2_H
#define BRIO_H2_H

#include <brio/http.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_h2 brio_h2;
typedef struct brio_h2_stream brio_h2_stream;

/* ---- Limits -------------------------------------------------------------- */

/* Zero means the default in brackets. Those of brio_http_limits hold as well. */
typedef struct brio_h2_limits {
    uint32_t streams;       /* open at once on a connection [100]; beyond: REFUSED_STREAM */
    uint32_t stream_window; /* bytes of one body that nobody has taken yet [64 KiB - 1] */
    uint32_t window;        /* the same for all bodies of a connection [1 MiB] */
    uint32_t resets;        /* streams that a client cuts off or breaks [500]: a tenth of it is
                               forgiven each second; beyond: ENHANCE_YOUR_CALM, the end */
    uint32_t idle_frames;   /* frames that bring nothing (PING, SETTINGS, PRIORITY, empty DATA,
                               WINDOW_UPDATE beyond what was sent) [1,000]; likewise */
    uint32_t memory;        /* bytes that nghttp2 may take for a connection [256 KiB, and 16 KiB for
                               each stream]; beyond: ENHANCE_YOUR_CALM, the end */
} brio_h2_limits;

/* `limits` with every zero replaced by its default. NULL gives all defaults. */
BRIO_API brio_h2_limits brio_h2_limits_resolve(const brio_h2_limits *limits);

/* Error codes of RFC 9113, section 7, as far as they are used here. */
typedef enum brio_h2_code {
    BRIO_H2_NO_ERROR = 0x0,
    BRIO_H2_PROTOCOL_ERROR = 0x1,
    BRIO_H2_INTERNAL_ERROR = 0x2,
    BRIO_H2_REFUSED_STREAM = 0x7,
    BRIO_H2_CANCEL = 0x8,
    BRIO_H2_ENHANCE_YOUR_CALM = 0xb
} brio_h2_code;

/* ---- Streams ------------------------------------------------------------- */

/* One request and its answer. Open struct over storage of yours, lent by
 * `on_open` and yours again at `on_closed`; the memory of its head is kept for
 * the next stream. Read-only but for what brio_h2_stream_init takes. */
struct brio_h2_stream {
    brio_http_request request; /* from `on_head` until brio_h2_stream_done: `major` is 2 */
    brio_str protocol;         /* of an extended CONNECT (RFC 8441): "websocket"; else empty */
    brio_h2 *session;          /* NULL: not open */
    uint32_t id;
    uint16_t
        refusal; /* at `on_head`: the request is refused with this status; see brio_h2_refuse */
    const char *reason; /* of the refusal, for the log; static */
    bool ended;         /* the client sends no more of it */
    bool responded;     /* its answer has begun */
    bool finished;      /* its answer is composed to the end */
    brio_str unsent;    /* of the body handed over: what is not composed yet */
    uint64_t sent;      /* bytes of the body that are composed */
    bool last;          /* `unsent` is the end of it */
    /* The session's own from here. */
    brio_link link; // brio_h2::streams
    brio_buf head;
    brio_header *headers;
    size_t n_headers, cap_headers, n_cookies, n_bytes;
    brio_str authority, host;
    uint64_t untaken;
    int fault;
    bool deferred, bare, tunnel;
    char text[64]; /* the body of a refusal */
};

/* A record for streams of sessions with these limits: `max_headers` as in
 * brio_http_limits.header_count. 0 or -ENOMEM. */
BRIO_API int brio_h2_stream_init(brio_h2_stream *stream, size_t max_headers) BRIO_CHECKED;
/* The request's views are no longer needed: ready for another `on_open`. Not
 * while the stream is open. */
BRIO_API void brio_h2_stream_done(brio_h2_stream *stream);
/* Gives its memory back. */
BRIO_API void brio_h2_stream_fini(brio_h2_stream *stream);

/* What a session tells its owner, inside receive, compose or close. Only
 * brio_h2_took, respond, refuse, write, continue and reset may be called there. */
typedef struct brio_h2_events {
    /* A client begins a stream: the record to use for it. NULL: refused. */
    brio_h2_stream *(*on_open)(brio_h2 *h2, void *owner);
    /* stream->request has its head; stream->ended: there is no body. */
    void (*on_head)(brio_h2_stream *stream);
    /* Some of the body: a view of the bytes received. It counts against the
     * windows until brio_h2_took. */
    void (*on_body)(brio_h2_stream *stream, brio_str piece);
    /* The client has sent all: stream->ended. Not after `on_head` with `ended`. */
    void (*on_end)(brio_h2_stream *stream);
    /* stream->unsent is composed: the bytes handed over are no longer needed. */
    void (*on_taken)(brio_h2_stream *stream);
    /* It is over, by the last byte or before its time: `code` is NO_ERROR, or
     * why. Always called, always last; stream->session is NULL. */
    void (*on_closed)(brio_h2_stream *stream, uint32_t code);
} brio_h2_events;

/* ---- Sessions ------------------------------------------------------------ */

typedef struct brio_h2_options {
    const brio_h2_events *events; /* borrowed */
    void *owner;                  /* for on_open and brio_h2_owner */
    brio_h2_limits limits;        /* copied */
    brio_http_limits http;        /* heads and targets; the times are the owner's */
    bool no_sockets;              /* extended CONNECT is not offered */
} brio_h2_options;

/* The client's first bytes on a connection (section 3.4); they are part of what
 * a session receives. */
BRIO_API brio_str brio_h2_preface(void);

/* What a server says to a client of HTTP/2 that it has no room for, without a session:
 * SETTINGS, and a GOAWAY which tells that no stream was looked at (so all may be sent
 * again) and, by ENHANCE_YOUR_CALM, that this should not be at once. */
BRIO_API brio_str brio_h2_turned_away(void);

/* A server's side of a connection, for `options`, which are copied (its events and
 * owner are borrowed until close). 0 with a session whose first output is waiting;
 * -ENOTSUP in a build without nghttp2; -ENOMEM. */
BRIO_API int brio_h2_open(brio_h2 **ret, const brio_h2_options *options) BRIO_CHECKED;
/* Ends it; streams that are open are closed with CANCEL. Not inside an event. NULL is fine. */
BRIO_API void brio_h2_close(brio_h2 *h2);
BRIO_API void *brio_h2_owner(const brio_h2 *h2);

/* Takes all of `bytes`. `now`: a monotonic time, for the rates of the limits. 0,
 * or the connection is to end when the output is written: BRIO_ESYNTAX,
 * BRIO_EOVERLOAD (a limit of a rate), BRIO_EHEADERS, -ENOMEM; brio_h2_reason says why. */
BRIO_API int brio_h2_receive(brio_h2 *h2, brio_str bytes, brio_time now) BRIO_CHECKED;
/* A sentence for the log; NULL while nothing is wrong. Static. */
BRIO_API const char *brio_h2_reason(const brio_h2 *h2);
/* Appends frames to `out` until it has `until` bytes or more, or there are none.
 * Streams take turns. 0 or -ENOMEM. */
BRIO_API int brio_h2_compose(brio_h2 *h2, brio_buf *out, size_t until) BRIO_CHECKED;
/* True when neither input nor output matters any more: close the connection. */
BRIO_API bool brio_h2_over(const brio_h2 *h2);
/* Bytes that nghttp2 has taken for it, as the heap counts them. */
BRIO_API size_t brio_h2_memory(const brio_h2 *h2);
/* True while a block of headers is incomplete, or the client's preface. */
BRIO_API bool brio_h2_in_head(const brio_h2 *h2);
/* Tells the client to open no more streams on this connection (GOAWAY). First
 * `final` false: streams that are on their way are still served. Then true: they
 * are not, and when those that are open end, brio_h2_over. */
BRIO_API void brio_h2_goodbye(brio_h2 *h2, bool final);

/* ---- Answering ----------------------------------------------------------- */

/* The answer's head and, unless response->chunked, its body, which stays
 * borrowed until `on_taken` or `on_closed`; an empty one needs neither. Names
 * are sent in lower case; what only HTTP/1.1 has (`connection` and its kin) is
 * left out. With `chunked`, brio_h2_write carries the body. `stamp` may be NULL.
 * Of a 101 a 200 is made, and bytes pass both ways from there on (RFC 8441). 0;
 * -EINVAL as brio_http_write_head, -ENOMEM, -EPIPE if the stream is not open:
 * nothing is answered then. */
BRIO_API int brio_h2_respond(brio_h2_stream *stream, const brio_http_stamp *stamp,
                             const brio_http_response *response) BRIO_CHECKED;
/* The next bytes of a body, borrowed like a response's; only when the ones before
 * are taken. `last` ends it. 0 or -EPIPE. */
BRIO_API int brio_h2_write(brio_h2_stream *stream, brio_str data, bool last) BRIO_CHECKED;
/* Takes back what is not composed yet: the stream cannot be completed then. */
BRIO_API void brio_h2_revoke(brio_h2_stream *stream);
/* "100 Continue". -EPIPE, -ENOMEM. */
BRIO_API int brio_h2_continue(brio_h2_stream *stream) BRIO_CHECKED;
/* A short complete answer to stream->refusal, as brio_http_write_refusal. */
BRIO_API int brio_h2_refuse(brio_h2_stream *stream, const brio_http_stamp *stamp) BRIO_CHECKED;
/* Lets the client send `n` more bytes of the body. */
BRIO_API void brio_h2_took(brio_h2_stream *stream, size_t n);
/* Cuts the stream off: RST_STREAM. */
BRIO_API void brio_h2_reset(brio_h2_stream *stream, uint32_t code);

#ifdef __cplusplus
}
#endif
#endif
