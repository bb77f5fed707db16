/* SPDX-License-Identifier: MIT
 *
 * Inside the http room. A connection borrows a record from its pool while a
 * request is read and answered; all state that an idle connection can do
 * without lives there. Reading is by whole lines: a line is judged when its
 * CRLF is there, and the search for it stops at the first byte that no line may
 * hold. So the outcome is a function of the bytes, not of how they were cut,
 * and every byte is looked at a bounded number of times.
 *
 * Parsing functions return a fault: 0, or a row of the table below. */
#ifndef BRIO_HTTP_INTERNAL_H
#define BRIO_HTTP_INTERNAL_H

#include <brio/http.h>

/* Known methods. ORDER METHOD */
#define BRIO_HTTP_METHODS(X)                                                                       \
    X(GET) X(HEAD) X(POST) X(PUT) X(PATCH) X(DELETE) X(OPTIONS) X(TRACE) X(CONNECT)

/* ---- Faults -------------------------------------------------------------- */

/* Why a request is refused. Columns: name, status, words for the log. */
#define BRIO_HTTP_FAULTS(X)                                                                        \
    X(BARE_CR, 400, "CR without LF")                                                               \
    X(BARE_LF, 400, "LF without CR")                                                               \
    X(CONTROL_BYTE, 400, "control byte in the head")                                               \
    X(BLANK_LINES, 400, "too many empty lines before a request")                                   \
    X(REQUEST_LINE, 400, "malformed request line")                                                 \
    X(METHOD_TOO_LONG, 501, "method too long")                                                     \
    X(CONNECT, 501, "CONNECT: this server is no tunnel")                                           \
    X(VERSION, 400, "malformed HTTP version")                                                      \
    X(VERSION_UNKNOWN, 505, "HTTP version not supported")                                          \
    X(TARGET_TOO_LONG, 414, "request target too long")                                             \
    X(TARGET_BYTE, 400, "forbidden byte in the request target")                                    \
    X(TARGET_FORM, 400, "request target of no known form")                                         \
    X(TARGET_AUTHORITY, 400, "bad authority in the request target")                                \
    X(HEAD_TOO_LARGE, 431, "header block too large")                                               \
    X(TOO_MANY_HEADERS, 431, "too many headers")                                                   \
    X(OBS_FOLD, 400, "folded or indented header line")                                             \
    X(HEADER_NAME, 400, "header name is not a token")                                              \
    X(SPACE_BEFORE_COLON, 400, "blank before the colon of a header")                               \
    X(HOST_MISSING, 400, "no Host header")                                                         \
    X(HOST_REPEATED, 400, "more than one Host header")                                             \
    X(HOST_SYNTAX, 400, "malformed Host header")                                                   \
    X(LENGTH_REPEATED, 400, "more than one Content-Length")                                        \
    X(LENGTH_SYNTAX, 400, "malformed Content-Length")                                              \
    X(LENGTH_AND_CODING, 400, "Content-Length beside Transfer-Encoding")                           \
    X(CODING_IN_1_0, 400, "Transfer-Encoding in HTTP/1.0")                                         \
    X(CODING_NOT_FINAL, 400, "chunked is not the last transfer coding, once")                      \
    X(CODING_UNKNOWN, 501, "transfer coding not implemented")                                      \
    X(EXPECTATION, 417, "unknown expectation")                                                     \
    X(BODY_TOO_LARGE, 413, "body too large")                                                       \
    X(CHUNK_SIZE, 400, "malformed chunk size")                                                     \
    X(CHUNK_EXTENSION, 400, "malformed chunk extension")                                           \
    X(CHUNK_EXTENSIONS, 400, "too many bytes of chunk extensions")                                 \
    X(CHUNK_END, 400, "chunk data not followed by CRLF")                                           \
    X(TRAILER, 400, "malformed trailer")                                                           \
    X(TRAILERS_TOO_LARGE, 431, "trailers too large")                                               \
    X(NO_MEMORY, 503, "out of memory")

enum brio_http_fault {
    BRIO_HTTP_FINE = 0,
#define BRIO_HTTP_FAULT_ENUM(name, status, text) BRIO_HTTP_FAULT_##name,
    BRIO_HTTP_FAULTS(BRIO_HTTP_FAULT_ENUM)
#undef BRIO_HTTP_FAULT_ENUM
        BRIO_HTTP_PART = -1 /* no fault: more bytes are needed */
};

/* What is answered to a fault, and written to the log. */
typedef struct brio_http_refusal {
    uint16_t status;
    const char *text; /* static */
} brio_http_refusal;
brio_http_refusal brio_http_fault_of(int fault);

/* ---- Record -------------------------------------------------------------- */

enum {
    BRIO_HTTP_METHOD_MAX = 32,        /* bytes of a method token */
    BRIO_HTTP_BLANK_LINES_MAX = 2,    /* CRLFs skipped before a request */
    BRIO_HTTP_EXTENSIONS_MAX = 4096,  /* bytes of chunk extensions in one body */
    BRIO_HTTP_BODY_AHEAD = 64 * 1024, /* bytes reserved before they arrived */
};

/* What a head has told so far: bits of brio_http_record.seen. */
enum {
    BRIO_HTTP_SEEN_LINE = 1 << 0, /* the request line */
    BRIO_HTTP_SEEN_HOST = 1 << 1,
    BRIO_HTTP_SEEN_CODING = 1 << 2,  /* Transfer-Encoding, of any kind */
    BRIO_HTTP_SEEN_CHUNKED = 1 << 3, /* its last coding is chunked */
    BRIO_HTTP_SEEN_UNKNOWN = 1 << 4, /* a coding that is not chunked */
    BRIO_HTTP_SEEN_CLOSE = 1 << 5,
    BRIO_HTTP_SEEN_KEEP = 1 << 6,
    BRIO_HTTP_SEEN_EXPECT_OTHER = 1 << 7,
    BRIO_HTTP_SEEN_AUTHORITY = 1 << 8, /* the target was absolute */
};

/* One request being read or answered. Owned by the connection from the first
 * byte of the request until done, by the pool's spare list otherwise. */
typedef struct brio_http_record {
    brio_http_request request; /* up to `next`: zeroed for each request */
    uint64_t remaining;        /* bytes to come: of the body, or of this chunk */
    uint64_t received;         /* bytes of the body that came in chunks */
    uint64_t body_limit;       /* bytes */
    size_t head_len;           /* bytes of the complete head */
    size_t line;               /* where in `head` the unfinished line begins */
    size_t overhead;           /* bytes of chunk extensions, then of trailers */
    unsigned seen;
    uint8_t chunk_state;
    uint8_t chunk_digits;
    bool continues; /* the client waits for 100 (Continue) before it sends a body in pieces */
    struct brio_http_record *next; /* in the spare list */
    brio_buf head;                 /* the head, if it outlives the input it came in */
    brio_buf body;                 /* the body, if it did not come in one piece */
    brio_header headers[];         /* limits.header_count of them */
} brio_http_record;

brio_http_record *brio_http_record_acquire(brio_http_pool *pool); /* NULL: no memory */
void brio_http_record_release(brio_http_pool *pool, brio_http_record *rec);

/* ---- Parts of the parser --------------------------------------------------- */

/* Reads the head; PART, 0 when the empty line was read, or a fault. */
int brio_http_head_read(brio_http_conn *conn, brio_str *input);
/* Copies the head that begins at `start` into the record, so that it outlives
 * the input; views move along. False without memory. */
bool brio_http_head_keep(brio_http_record *rec, const char *start, size_t len);
/* "METHOD target HTTP/1.1" without its CRLF; up to `readable` may be loaded. */
int brio_http_request_line(brio_http_record *rec, brio_str line, const char *readable,
                           size_t target_max);
/* What is wrong with the beginning of a request line that has grown too long. */
int brio_http_request_line_too_long(brio_str line);
/* Sets path and query of a target; false if it has a byte that none may have. */
bool brio_http_target_split(brio_http_request *req, brio_str target);
/* uri-host [":" port], not empty. */
bool brio_http_host_valid(brio_str host);
/* Takes note of a header the parser itself obeys. */
int brio_http_field_note(brio_http_record *rec, const brio_header *field);
/* Judges the head as a whole and decides the framing of the body. */
int brio_http_head_check(brio_http_record *rec);
/* Decodes chunks; PART, 0 when the last CRLF was read, or a fault. With
 * `ret_piece` NULL their data is collected in rec->body; else it is lent as it
 * lies in the input, and PART comes at once behind it. */
int brio_http_chunks_read(brio_http_record *rec, const brio_http_limits *limits, brio_str *input,
                          brio_str *ret_piece);

/* Adds up the bytes of a response's headers. False if they may not be written: a
 * name that is no token, a value that would split the response, framing.
 * *ret_closes: one of them is "connection: close". */
bool brio_http_response_fits(const brio_http_response *response, size_t *size, bool *ret_closes);
/* The JSON of a refusal in a buffer. */
void brio_http_refusal_body(brio_buf *out, int status);
/* "HTTP/1.1 200 OK\r\n"; empty for a status without a row. */
brio_str brio_http_status_line(int status);

/* ---- Classes of bytes ------------------------------------------------------ */

/* Bits of brio_http_bytes. */
enum {
    BRIO_HTTP_TOKEN = 1,  /* tchar of RFC 9110 */
    BRIO_HTTP_TEXT = 2,   /* may stand in a field value */
    BRIO_HTTP_TARGET = 4, /* may stand in a target: 0x21-0x7E but '#' and '?' */
    BRIO_HTTP_NAME = 8,   /* may stand in a host name: unreserved and sub-delims */
};
extern const uint8_t brio_http_bytes[256];

static inline bool brio_http_is(char c, unsigned bit)
{
    return brio_http_bytes[(unsigned char)c] & bit;
}

/* As brio_str_to_u64, but quick for numbers that cannot overflow. */
static inline int brio_http_to_u64(brio_str s, uint64_t *ret)
{
    uint64_t value = 0;
    if (s.len == 0 || s.len > 18)
        return brio_str_to_u64(s, ret);
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';
        if (digit > 9)
            return BRIO_ESYNTAX;
        value = value * 10 + digit;
    }
    *ret = value;
    return 0;
}

/* The value of a hex digit; -1 for another byte. */
static inline int brio_http_hex_value(char c)
{
    char l = (char)(c | 0x20);
    if (c >= '0' && c <= '9')
        return c - '0';
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/* True for a non-empty token. */
bool brio_http_is_token(brio_str s);

/* True if `s` is the lower-case text `want` of n >= 4 bytes, which must be
 * letters and '-' only: |0x20 maps no other tchar onto those. `n` is a constant,
 * so this is two or three word compares. */
static inline bool brio_http_is_name(brio_str s, const char *want, size_t n)
{
    uint64_t a = 0, b = 0, differs = 0;
    size_t step = n >= 8 ? 8 : 4;
    if (s.len != n)
        return false;
    for (size_t i = 0; i < n; i += step) {
        size_t at = i + step <= n ? i : n - step;
        memcpy(&a, s.ptr + at, step);
        memcpy(&b, want + at, step);
        differs |= (a | (UINT64_C(0x2020202020202020) >> (64 - 8 * step))) ^ b;
    }
    return differs == 0;
}

/* ---- Scanning, 16 bytes at a time ------------------------------------------ */

typedef unsigned char brio_http_lanes __attribute__((vector_size(16)));
enum { BRIO_HTTP_STRIDE = sizeof(brio_http_lanes) };

static inline brio_http_lanes brio_http_load(const char *p)
{
    brio_http_lanes v;
    memcpy(&v, p, sizeof(v));
    return v;
}

/* Bit i is the top bit of byte i. The multiplication gathers the eight top bits
 * of a little-endian word; SSE2 has an instruction for all sixteen. */
static inline unsigned brio_http_mask(brio_http_lanes v)
{
#if defined(__SSE2__) && !defined(BRIO_HTTP_PORTABLE)
    typedef char signed_lanes __attribute__((vector_size(16)));
    return (unsigned)__builtin_ia32_pmovmskb128((signed_lanes)v);
#else
    uint64_t half[2];
    memcpy(half, &v, sizeof(half));
    for (int i = 0; i < 2; i++) {
        if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
            half[i] = __builtin_bswap64(half[i]);
        half[i] =
            ((half[i] >> 7 & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080)) >> 56;
    }
    return (unsigned)(half[0] | half[1] << 8);
#endif
}

static inline unsigned brio_http_not_text(brio_http_lanes v)
{
    brio_http_lanes control = (brio_http_lanes)(v < 0x20) & (brio_http_lanes)(v != '\t');
    return brio_http_mask(control | (brio_http_lanes)(v == 0x7F));
}

/* Letters, digits and '-': nearly every header name that is really sent. */
static inline unsigned brio_http_not_plain_name(brio_http_lanes v)
{
    brio_http_lanes letter = (brio_http_lanes)((v | 0x20) - 'a' < 26);
    brio_http_lanes digit = (brio_http_lanes)(v - '0' < 10);
    return ~brio_http_mask(letter | digit | (brio_http_lanes)(v == '-')) & 0xFFFF;
}

/* First byte of [p, end) that is a control byte other than tab; `end` if none.
 * [floor, end) is readable: a short rest is read from behind with the bytes
 * before p shifted out. */
static inline const char *brio_http_scan_text(const char *floor, const char *p, const char *end)
{
    for (; end - p >= BRIO_HTTP_STRIDE; p += BRIO_HTTP_STRIDE) {
        unsigned bad = brio_http_not_text(brio_http_load(p));
        if (bad)
            return p + __builtin_ctz(bad);
    }
    if (end - floor >= BRIO_HTTP_STRIDE) {
        unsigned bad = brio_http_not_text(brio_http_load(end - BRIO_HTTP_STRIDE));
        bad >>= BRIO_HTTP_STRIDE - (end - p);
        return bad ? p + __builtin_ctz(bad) : end;
    }
    while (p < end && brio_http_is(*p, BRIO_HTTP_TEXT))
        p++;
    return p;
}

/* First byte of [p, end) that is no tchar; up to `readable` may be loaded. */
static inline const char *brio_http_scan_token(const char *p, const char *end, const char *readable)
{
    for (; readable - p >= BRIO_HTTP_STRIDE && p < end; p += BRIO_HTTP_STRIDE) {
        unsigned other = brio_http_not_plain_name(brio_http_load(p));
        if (other) {
            p += __builtin_ctz(other);
            break;
        }
    }
    if (p >= end)
        return end;
    while (p < end && brio_http_is(*p, BRIO_HTTP_TOKEN))
        p++;
    return p;
}

#endif
