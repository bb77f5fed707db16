/* SPDX-License-Identifier: MIT
 *
 * brio/http.h: HTTP/1.1 (RFC 9110, RFC 9112) without I/O; HTTP/2 is in <brio/h2.h>.
 *
 * Bytes in, requests out; responses in, bytes out. Nothing here sees a
 * descriptor, a clock or a task, so the same code runs on sockets, on the
 * simulated network, in the fuzzers and in the in-process test client.
 *
 *     brio_http_pool_init(&pool, &limits);            // one per worker
 *     brio_http_conn_init(&conn, &pool);              // one per connection
 *     switch (brio_http_conn_next(&conn, &input)) {   // input: bytes received
 *     case BRIO_HTTP_REQUEST: handle(conn.request); ...
 *
 * Strict: whatever two parsers could read differently is refused. */
#ifndef BRIO_HTTP_H
#define BRIO_HTTP_H

#include <brio/base.h>
#include <brio/content.h>
#include <brio/form.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Methods and statuses ----------------------------------------------- */

typedef enum brio_method { /* ORDER METHOD */
    BRIO_METHOD_GET = 0, BRIO_METHOD_HEAD, BRIO_METHOD_POST, BRIO_METHOD_PUT, BRIO_METHOD_PATCH,
    BRIO_METHOD_DELETE, BRIO_METHOD_OPTIONS, BRIO_METHOD_TRACE, BRIO_METHOD_CONNECT,
    BRIO_METHOD_OTHER /* a well-formed token that is none of these */
} brio_method;

BRIO_API brio_str brio_method_name(brio_method method); /* "GET"; "" for OTHER */
/* "Not Found"; "" if unknown. The words are those of Python 3.11's http module,
 * which is where FastAPI's default details come from. */
BRIO_API brio_str brio_status_reason(int status);

/* ---- Messages ----------------------------------------------------------- */

typedef struct brio_header {
    brio_str name;  /* as received; compare without case */
    brio_str value; /* trimmed */
} brio_header;

/* A request as read. All views point into the input, into buffers lent by the
 * pool, or to constants, and live until brio_http_conn_done. */
typedef struct brio_http_request {
    brio_method method;
    brio_str method_text;
    brio_str target; /* as received */
    brio_str path;   /* raw, up to '?'; absolute-form targets are reduced to it; "*" for OPTIONS */
    brio_str query;  /* raw, behind '?'; empty if none */
    brio_str host;   /* the Host header, or the authority of an absolute target; empty only in 1.0 */
    int major;       /* 2 for HTTP/2 (minor is 0), else 0: HTTP/1.minor */
    int minor;       /* 0 or 1 (1.2 and later count as 1) */
    brio_str protocol; /* what an extended CONNECT of HTTP/2 asks for: "websocket"; else empty */
    const brio_header *headers;
    size_t n_headers;
    brio_str content_type;  /* the first one's value; NULL ptr when absent */
    int64_t content_length; /* -1 when there is none (chunked or no body) */
    bool chunked;
    bool keep_alive;        /* what the client asks for */
    bool expect_continue;
    bool upgrade;           /* has an Upgrade header */
    brio_str body;          /* complete, decoded */
} brio_http_request;

/* First header of that name, without case; NULL if absent. */
BRIO_API const brio_header *brio_http_header(const brio_http_request *req, brio_str name);

/* A response to write. Zero means: status 200, no body. */
typedef struct brio_http_response {
    int status;             /* 0 means 200 */
    brio_str content_type;  /* empty: no header */
    const brio_header *headers; /* further ones; borrowed; checked, see below */
    size_t n_headers;
    brio_str body;          /* borrowed */
    bool chunked;           /* body follows in chunks; `body` is ignored */
    bool sized;             /* with chunked: `length` is known, the pieces go bare */
    uint64_t length;        /* bytes that will follow, no more and no less */
    bool close;             /* announce and close after it */
} brio_http_response;

/* ---- Server connection -------------------------------------------------- */

/* The room's limits and times; zero means the default in brackets. The times
 * are only carried here: whoever owns the clock keeps them. */
typedef struct brio_http_limits {
    size_t header_bytes;      /* request line and headers [64 KiB]: 431 */
    size_t header_count;      /* [100]: 431 */
    size_t target_bytes;      /* [8 KiB]: 414 */
    size_t body_bytes;        /* decoded; unless brio_http_conn_body says otherwise [16 MiB]: 413 */
    brio_time header_timeout; /* from first byte to end of headers [10 s]: 408 */
    brio_time body_timeout;   /* between two pieces of a body [20 s]: 408 */
    uint64_t body_rate;       /* bytes a second that a body must bring once body_timeout is used
                                 up, on average over the time it was waited for [240]: 408 */
    brio_time keep_alive;     /* idle between requests [5 s, uvicorn's]: close */
    brio_time write_timeout;  /* a response the client does not read [30 s]: close */
    uint64_t write_rate;      /* bytes a second that it must read in such a span [240]: close */
} brio_http_limits;

/* `limits` with every zero replaced by its default. NULL gives all defaults. */
BRIO_API brio_http_limits brio_http_limits_resolve(const brio_http_limits *limits);

typedef enum brio_http_event { /* ORDER HTTP_EVENT */
    BRIO_HTTP_MORE = 0,  /* needs more bytes */
    BRIO_HTTP_CONTINUE,  /* send brio_http_continue(), then go on: the client waits for it */
    BRIO_HTTP_REQUEST,   /* conn.request is complete, body included */
    BRIO_HTTP_REFUSED,   /* answer conn.refusal and close */
    BRIO_HTTP_HEAD,      /* conn.request has its head and not its body: brio_http_conn_body */
    BRIO_HTTP_PIECE      /* some of the body; only from brio_http_conn_read */
} brio_http_event;

/* Records for requests being read or answered, shared by the connections of
 * one worker (one thread): a connection holds a record from the first byte of a
 * request until brio_http_conn_done, an idle one holds nothing. Open struct over
 * storage of yours; must outlive its connections. */
typedef struct brio_http_pool {
    brio_http_limits limits;         /* resolved; read-only */
    struct brio_http_record *spare;  /* the pool's own from here */
    size_t n_spare;
} brio_http_pool;

/* `limits` are copied; NULL gives all defaults. fini frees the spare records;
 * every connection must have been finished. */
BRIO_API void brio_http_pool_init(brio_http_pool *pool, const brio_http_limits *limits);
BRIO_API void brio_http_pool_fini(brio_http_pool *pool);

/* One connection's parser: 40 bytes. Open struct over storage of yours. */
typedef struct brio_http_conn {
    brio_http_pool *pool;             /* borrowed */
    const brio_http_request *request; /* from REQUEST until done, at HEAD; else NULL */
    const char *reason;  /* of the refusal, for the log; static */
    struct brio_http_record *record;  /* the parser's own */
    uint16_t refusal;    /* status of a refusal: 400, 408, 413, 414, 417, 431, 501, 503, 505 */
    bool closing;        /* the connection ends after the current response */
    bool heads;          /* yours to set: HEAD is wanted */
    uint8_t state;       /* the parser's own from here */
    uint8_t blank_lines;
    uint8_t reply;
} brio_http_conn;

/* An idle connection that borrows its records from `pool`. No allocation. */
BRIO_API void brio_http_conn_init(brio_http_conn *conn, brio_http_pool *pool);
/* Gives everything back, in any state. */
BRIO_API void brio_http_conn_fini(brio_http_conn *conn);

/* Reads from the front of *input and moves it past what was consumed. With
 * MORE everything is consumed (what is incomplete is carried inside), and so it
 * is with CONTINUE. With REQUEST, the request's views point into the input bytes
 * just consumed or into the record; keep both until brio_http_conn_done, then
 * call next again with the rest (pipelining). After REFUSED, and once the last
 * request of a closing connection is done, only MORE follows and all input is
 * dropped. Which event comes, and at which byte, does not depend on how the
 * bytes were cut; only CONTINUE and HEAD are left out when the body is already
 * there.
 *
 * With conn->heads, HEAD comes for a head whose body has not come whole, or is
 * larger than limits.body_bytes. Its views stay until done. Call
 * brio_http_conn_body, or just go on: then the body is collected. */
BRIO_API brio_http_event brio_http_conn_next(brio_http_conn *conn, brio_str *input) BRIO_CHECKED;
/* After HEAD: what becomes of the body. It may have `limit` bytes (0:
 * limits.body_bytes). `pieces`: the request goes out now, its `body` empty, and
 * brio_http_conn_read gives the rest: REQUEST. Else it is collected: MORE, go
 * on with next, also if there is no input at hand. REFUSED (413) if the length
 * that was announced is beyond the limit. */
BRIO_API brio_http_event brio_http_conn_body(brio_http_conn *conn, uint64_t limit,
                                             bool pieces) BRIO_CHECKED;
/* Some more of a body in pieces, from the front of *input: PIECE, and *ret_piece
 * is a view of the input just consumed; REQUEST, there is no more (and then
 * always); MORE, the input is used up; CONTINUE, send brio_http_continue(): the
 * client waits for it; REFUSED (400, 408, 413, 431), and then always: the request
 * stays until done, answer it with conn->refusal or as you like; the connection
 * ends with it. Where the pieces end depends on how the bytes were cut. */
BRIO_API brio_http_event brio_http_conn_read(brio_http_conn *conn, brio_str *input,
                                             brio_str *ret_piece) BRIO_CHECKED;
/* Bytes of a body in pieces that have not been read; UINT64_MAX if nobody knows
 * or they may never come (chunks, a client that waits for CONTINUE, a refusal);
 * 0 when the request is complete. */
BRIO_API uint64_t brio_http_conn_unread(const brio_http_conn *conn);
/* Copies a request with all that its views show, so that the input and the connection's
 * own memory may be given back before it is answered for good. */
BRIO_API brio_http_request *brio_http_request_copy(const brio_http_request *req,
                                                   brio_arena *arena);
/* The current request has been answered and its views are no longer needed. If
 * its body was not read to the end, the connection is over. */
BRIO_API void brio_http_conn_done(brio_http_conn *conn);
/* Refuses from outside (408 by a clock, 503 at shutdown), between requests or
 * while one is incomplete: sets refusal and reason (borrowed, static) and drops
 * what was read. As if next, or for a body in pieces read, had returned REFUSED. */
BRIO_API void brio_http_conn_refuse(brio_http_conn *conn, int status, const char *reason);
/* True between requests with nothing received yet: the connection is idle and
 * may be closed without loss. */
BRIO_API bool brio_http_conn_idle(const brio_http_conn *conn);
/* True while a head (false: a body) is incomplete; tells which timeout runs. */
BRIO_API bool brio_http_conn_in_head(const brio_http_conn *conn);

/* "HTTP/1.1 100 Continue\r\n\r\n". Static. */
BRIO_API brio_str brio_http_continue(void);

/* ---- Writing ------------------------------------------------------------ */

/* What every response of a server carries, prepared once a second. */
typedef struct brio_http_stamp {
    char text[96];    /* "date: ...\r\nserver: brio\r\n" */
    size_t len;
    int64_t second;   /* since 1970; 0 at first */
    bool no_server;   /* option: leave `server` out */
    bool no_date;     /* option: leave `date` out */
    const brio_header *headers; /* option: further ones, borrowed; a `server` or `date` among
                                   them takes the other's place */
    size_t n_headers;
} brio_http_stamp;

/* May these headers stand in a stamp? -EINVAL: not tokens, not text, or framing;
 * -ENAMETOOLONG: more than 8 KiB of them. */
BRIO_API int brio_http_stamp_check(const brio_header *headers, size_t n) BRIO_CHECKED;

/* Brings the stamp to wall-clock time `now` (ns since 1970). Cheap. */
BRIO_API void brio_http_stamp_update(brio_http_stamp *stamp, brio_time now);

/* Writes status line, headers and, unless chunked, the body if `with_body`
 * (a caller with a large body sends it itself). `stamp` may be NULL for none.
 * content-length is computed; statuses 1xx, 204 and 304 and answers to HEAD get
 * no body bytes (HEAD keeps the length, the three statuses have none).
 * `connection: close` (or keep-alive for 1.0) as needed; sets conn->closing when
 * the response ends the connection, also when a given `connection` header says
 * close. -EINVAL, and nothing written, for a status outside 100 to 999, a header
 * name that is no token, a value with control bytes other than tab (responses
 * cannot be split), and for content-length or transfer-encoding among the
 * headers: framing is this room's. -ENOMEM, and nothing written, if `out` has no
 * room. */
BRIO_API int brio_http_write_head(brio_http_conn *conn, brio_buf *out, const brio_http_stamp *stamp,
                                  const brio_http_response *response, bool with_body) BRIO_CHECKED;
/* One chunk (empty data writes nothing), and the end of a chunked body, after
 * a head with `chunked`. After one that is `sized`, and to an HTTP/1.0 client, the
 * bytes go bare; without a length the connection's end is the end; where no body may go (HEAD, 204 ...) nothing is
 * written. A full buffer sets out->failed. */
BRIO_API void brio_http_write_chunk(const brio_http_conn *conn, brio_buf *out, brio_str data);
/* True if what follows the head that was written is a body that goes bare, with a
 * length or to the connection's end. */
BRIO_API bool brio_http_conn_bare(const brio_http_conn *conn);
BRIO_API void brio_http_write_last_chunk(const brio_http_conn *conn, brio_buf *out);
/* A short complete answer to conn->refusal, in FastAPI's {"detail": ...} form,
 * with connection: close. `stamp` may be NULL. A full buffer sets out->failed. */
BRIO_API void brio_http_write_refusal(brio_http_conn *conn, brio_buf *out, const brio_http_stamp *stamp);

/* ---- Targets, queries, cookies, media types ------------------------------ */

/* Percent-decodes; bad escapes stay as they are; '+' becomes a space only if
 * `plus`. Malformed UTF-8 becomes U+FFFD (Python's unquote). Returns the input
 * itself when there is nothing to change. */
BRIO_API brio_str brio_percent_decode(brio_arena *arena, brio_str s, bool plus);
/* Encodes everything but RFC 3986 unreserved characters and those in `keep`
 * (NULL: none), in upper-case hex. Returns the input itself when nothing needs it. */
BRIO_API brio_str brio_percent_encode(brio_arena *arena, brio_str s, const char *keep);
/* Reads each byte as the Latin-1 character it is for ASGI servers and gives
 * UTF-8: what a FastAPI handler sees of a header value. The input itself if ASCII. */
BRIO_API brio_str brio_latin1_decode(brio_arena *arena, brio_str s);
/* Without what Python's str.strip() takes from both ends of such text. */
BRIO_API brio_str brio_latin1_strip(brio_str s);

typedef struct brio_pair {
    brio_str name, value;
} brio_pair;

/* Splits "a=1&b=2" as Python's parse_qsl(keep_blank_values=True): decoded
 * names and values in order; pieces without '=' have an empty value; empty
 * pieces are skipped. *ret may be NULL when there are none. At most `limit`
 * pairs (0: 1,000); BRIO_ELIMIT beyond, *ret and *ret_n untouched. */
BRIO_API int brio_query_parse(brio_arena *arena, brio_str query, size_t limit, brio_pair **ret,
                              size_t *ret_n) BRIO_CHECKED;
/* Splits a Cookie header as Starlette's cookie_parser does: pieces between ';',
 * trimmed, unquoted with Python's rules, Latin-1 read; a piece without '=' is a
 * value with an empty name. Pairs are in order of appearance; of two with one
 * name the last counts. Never fails; *ret may be NULL when there are none. */
BRIO_API void brio_cookie_parse(brio_arena *arena, brio_str header, brio_pair **ret, size_t *ret_n);
/* True for application/json and application/<anything>+json, without case,
 * parameters ignored. */
BRIO_API bool brio_media_is_json(brio_str content_type);

#ifdef __cplusplus
}
#endif

#include <brio/h2.h>
#endif
