/* SPDX-License-Identifier: MIT
 *
 * brio/http.h: HTTP/1.1 (RFC 9110, RFC 9112) without I/O.
 *
 * Bytes in, requests out; responses in, bytes out. Nothing here sees a
 * descriptor, a clock or a task, so the same code runs on sockets, on the
 * simulated network, in the fuzzers and in the in-process test client.
 *
 *     brio_http_conn_init(&conn, &limits);
 *     switch (brio_http_conn_next(&conn, &input)) {   // input: bytes received
 *     case BRIO_HTTP_REQUEST: handle(&conn.request); ...
 *
 * Strict: whatever two parsers could read differently is refused. */
#ifndef BRIO_HTTP_H
#define BRIO_HTTP_H

#include <brio/base.h>

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
BRIO_API brio_str brio_status_reason(int status);       /* "Not Found"; "" if unknown */

/* ---- Messages ----------------------------------------------------------- */

typedef struct brio_header {
    brio_str name;  /* as received; compare without case */
    brio_str value; /* trimmed */
} brio_header;

/* A request as read. All views point into the input (or the connection's own
 * buffers) and live until brio_http_conn_done. */
typedef struct brio_http_request {
    brio_method method;
    brio_str method_text;
    brio_str target; /* as received */
    brio_str path;   /* raw, up to '?'; absolute-form targets are reduced to it */
    brio_str query;  /* raw, behind '?'; empty if none */
    brio_str host;   /* the Host header, or the authority of an absolute target */
    int minor;       /* HTTP/1.minor: 0 or 1 */
    const brio_header *headers;
    size_t n_headers;
    brio_str content_type;  /* value, or empty with NULL ptr when absent */
    int64_t content_length; /* -1 when there is none (chunked or no body) */
    bool chunked;
    bool keep_alive;        /* what the client asks for */
    bool expect_continue;
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
    bool close;             /* announce and close after it */
} brio_http_response;

/* ---- Server connection -------------------------------------------------- */

/* The room's limits and times; zero means the default in brackets. The times
 * are only carried here: whoever owns the clock keeps them. */
typedef struct brio_http_limits {
    size_t header_bytes;      /* request line and headers [64 KiB]: 431 */
    size_t header_count;      /* [100]: 431 */
    size_t target_bytes;      /* [8 KiB]: 414 */
    size_t body_bytes;        /* decoded [16 MiB]: 413 */
    brio_time header_timeout; /* from first byte to end of headers [10 s]: 408 */
    brio_time body_timeout;   /* between two pieces of a body [20 s]: 408 */
    brio_time keep_alive;     /* idle between requests [5 s, uvicorn's]: close */
    brio_time write_timeout;  /* a response the client does not read [30 s]: close */
} brio_http_limits;

/* `limits` with every zero replaced by its default. NULL gives all defaults. */
BRIO_API brio_http_limits brio_http_limits_resolve(const brio_http_limits *limits);

typedef enum brio_http_event { /* ORDER HTTP_EVENT */
    BRIO_HTTP_MORE = 0,  /* needs more bytes */
    BRIO_HTTP_CONTINUE,  /* send brio_http_continue(), then go on: the client waits for it */
    BRIO_HTTP_REQUEST,   /* conn.request is complete, body included */
    BRIO_HTTP_REFUSED    /* answer conn.refusal and close */
} brio_http_event;

enum { BRIO_HTTP_HEADERS_INLINE = 32 };

/* One connection's parser. Open struct over storage of yours. */
typedef struct brio_http_conn {
    const brio_http_limits *limits; /* borrowed, resolved */
    brio_http_request request;
    int refusal;         /* status of a refusal: 400, 408, 413, 414, 417, 431, 501, 505 */
    const char *reason;  /* of the refusal, for the log; static */
    bool closing;        /* the connection ends after the current response */
    uint8_t state;       /* the parser's own from here */
    uint8_t chunk_state;
    size_t scanned;
    uint64_t remaining;
    brio_buf partial;    /* an incomplete head carried over */
    brio_buf body;       /* a body that did not arrive in one piece */
    size_t headers_cap;
    brio_header *headers;
    brio_header inline_headers[BRIO_HTTP_HEADERS_INLINE];
} brio_http_conn;

BRIO_API void brio_http_conn_init(brio_http_conn *conn, const brio_http_limits *limits);
BRIO_API void brio_http_conn_fini(brio_http_conn *conn);

/* Reads from the front of *input and moves it past what was consumed. With
 * MORE everything is consumed (an incomplete head is carried inside). With
 * REQUEST, the request's views point into the input bytes just consumed or
 * into the connection; keep both until brio_http_conn_done, then call next
 * again with the rest (pipelining). After REFUSED only MORE follows. */
BRIO_API brio_http_event brio_http_conn_next(brio_http_conn *conn, brio_str *input) BRIO_CHECKED;
/* The current request has been answered and its views are no longer needed. */
BRIO_API void brio_http_conn_done(brio_http_conn *conn);
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
} brio_http_stamp;

/* Brings the stamp to wall-clock time `now` (ns since 1970). Cheap. */
BRIO_API void brio_http_stamp_update(brio_http_stamp *stamp, brio_time now);

/* Writes status line, headers and, unless chunked, the body if `with_body`
 * (a caller with a large body sends it itself). content-length is computed;
 * statuses 1xx, 204 and 304 and answers to HEAD get no body bytes (HEAD keeps
 * the length). `connection: close` (or keep-alive for 1.0) as needed; sets
 * conn->closing when the response ends the connection. Header names must be
 * tokens and values free of CR, LF and NUL: otherwise nothing is written and
 * -EINVAL returned, so responses cannot be split. */
BRIO_API int brio_http_write_head(brio_http_conn *conn, brio_buf *out, const brio_http_stamp *stamp,
                                  const brio_http_response *response, bool with_body) BRIO_CHECKED;
/* One chunk (empty data writes nothing), and the end of a chunked body. To an
 * HTTP/1.0 client the bytes go bare and the connection's end is the end. */
BRIO_API void brio_http_write_chunk(const brio_http_conn *conn, brio_buf *out, brio_str data);
BRIO_API void brio_http_write_last_chunk(const brio_http_conn *conn, brio_buf *out);
/* A short complete answer to a refusal, in FastAPI's {"detail": ...} form. */
BRIO_API void brio_http_write_refusal(brio_http_conn *conn, brio_buf *out, const brio_http_stamp *stamp);

/* ---- Targets, queries, cookies, media types ------------------------------ */

/* Percent-decodes; bad escapes stay as they are; '+' becomes a space only if
 * `plus`. Returns the input itself when there is nothing to decode; malformed
 * UTF-8 becomes U+FFFD (Python's unquote). */
BRIO_API brio_str brio_percent_decode(brio_arena *arena, brio_str s, bool plus);
/* Encodes everything but RFC 3986 unreserved characters and those in `keep`. */
BRIO_API brio_str brio_percent_encode(brio_arena *arena, brio_str s, const char *keep);

typedef struct brio_pair {
    brio_str name, value;
} brio_pair;

/* Splits "a=1&b=2" as Python's parse_qsl(keep_blank_values=True): decoded
 * names and values in order; pieces without '=' have an empty value; empty
 * pieces are skipped. At most `limit` pairs (0: 1,000); BRIO_ELIMIT beyond. */
BRIO_API int brio_query_parse(brio_arena *arena, brio_str query, size_t limit, brio_pair **ret,
                              size_t *ret_n) BRIO_CHECKED;
/* Splits a Cookie header as Starlette's cookie_parser does (RFC 6265 with
 * Python's unquoting). Never fails; malformed pieces are skipped. */
BRIO_API void brio_cookie_parse(brio_arena *arena, brio_str header, brio_pair **ret, size_t *ret_n);
/* True for application/json and application/<anything>+json, without case,
 * parameters ignored. */
BRIO_API bool brio_media_is_json(brio_str content_type);

#ifdef __cplusplus
}
#endif
#endif
