/* SPDX-License-Identifier: MIT
 *
 * Feeds bytes to a connection and writes down what comes out, as text:
 *
 *     GET /a?b=c @host 1.1 keep [x-a: 1] body\n      a request
 *     ! 400 LF without CR\n                          a refusal
 *     + continue\n                                   (left out unless asked for)
 *
 * Each piece of input ends at a page that cannot be read, so one byte too far
 * is a crash, and is overwritten when the parser has said that it is consumed,
 * so a view that was not carried along shows. */
#ifndef BRIO_TEST_HTTP_FEED_H
#define BRIO_TEST_HTTP_FEED_H

#include "harness/test.h"

#include <brio/http.h>
#include <sys/mman.h>
#include <unistd.h>

typedef enum feed_mode {
    FEED_WHOLE = 0, /* requests come whole */
    FEED_HEADS,     /* heads are told of, and bodies collected */
    FEED_PIECES,    /* bodies are read in pieces */
    FEED_MODES
} feed_mode;

typedef struct feed {
    brio_http_pool pool;
    brio_http_conn conn;
    brio_buf log;
    char *room; /* pages, then the guard */
    size_t room_len;
    bool continues; /* log them */
    feed_mode mode;
    brio_buf body; /* pieces read so far */
} feed;

static inline void feed_open_as(feed *f, const brio_http_limits *limits, size_t max, feed_mode mode)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    *f = (feed){.room_len = (max / page + 1) * page, .mode = mode};
    f->room =
        mmap(NULL, f->room_len + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(f->room != MAP_FAILED);
    CHECK(mprotect(f->room + f->room_len, page, PROT_NONE) == 0);
    brio_http_pool_init(&f->pool, limits);
    brio_http_conn_init(&f->conn, &f->pool);
    f->conn.heads = mode != FEED_WHOLE;
}

static inline void feed_open(feed *f, const brio_http_limits *limits, size_t max)
{
    feed_open_as(f, limits, max, FEED_WHOLE);
}

static inline void feed_close(feed *f)
{
    brio_http_conn_fini(&f->conn);
    brio_http_pool_fini(&f->pool);
    brio_buf_fini(&f->log);
    brio_buf_fini(&f->body);
    munmap(f->room, f->room_len + (size_t)sysconf(_SC_PAGESIZE));
}

static inline void feed_log_request(brio_buf *log, const brio_http_request *req, brio_str body)
{
    brio_buf_printf(log, "%.*s %.*s", BRIO_ARG(req->method_text), BRIO_ARG(req->path));
    if (req->query.len)
        brio_buf_printf(log, "?%.*s", BRIO_ARG(req->query));
    brio_buf_printf(log, " @%.*s 1.%d %s", BRIO_ARG(req->host), req->minor,
                    req->keep_alive ? "keep" : "close");
    for (size_t i = 0; i < req->n_headers; i++) {
        if (brio_str_eq_nocase(req->headers[i].name, BRIO_S("host")))
            continue;
        brio_buf_printf(log, " [%.*s: ", BRIO_ARG(req->headers[i].name));
        brio_buf_add(log, req->headers[i].value);
        brio_buf_char(log, ']');
    }
    if (body.len)
        brio_buf_char(log, ' ');
    brio_buf_add(log, body);
    brio_buf_char(log, '\n');
}

static inline void feed_log_refusal(feed *f)
{
    CHECK(f->conn.closing);
    brio_buf_printf(&f->log, "! %d %s\n", f->conn.refusal, f->conn.reason);
}

/* A request whose body is being read in pieces: it is written down at its end,
 * so that the log is that of a body that came whole. */
static inline bool feed_read(feed *f, brio_str *input)
{
    brio_str piece;
    switch (brio_http_conn_read(&f->conn, input, &piece)) {
    case BRIO_HTTP_PIECE:
        CHECK(piece.len > 0);
        brio_buf_add(&f->body, piece);
        return true;
    case BRIO_HTTP_REQUEST:
        CHECK(f->conn.request->body.len == 0);
        CHECK(brio_http_conn_unread(&f->conn) == 0);
        feed_log_request(&f->log, f->conn.request, brio_buf_str(&f->body));
        brio_buf_clear(&f->body);
        brio_http_conn_done(&f->conn);
        return true;
    case BRIO_HTTP_REFUSED:
        CHECK(brio_http_conn_unread(&f->conn) == UINT64_MAX);
        feed_log_refusal(f);
        brio_http_conn_done(&f->conn);
        return true;
    case BRIO_HTTP_CONTINUE:
        if (f->continues)
            brio_buf_add(&f->log, BRIO_S("+ continue\n"));
        return true;
    default:
        CHECK_INT(input->len, 0);
        return false;
    }
}

static inline bool feed_head(feed *f)
{
    CHECK(f->conn.request != NULL);
    CHECK(f->conn.request->body.len == 0);
    if (f->mode != FEED_PIECES)
        return true; /* goes on, and collects */
    if (brio_http_conn_body(&f->conn, 0, true) == BRIO_HTTP_REFUSED)
        feed_log_refusal(f);
    return true;
}

/* One event; false when the input is used up. */
static inline bool feed_step(feed *f, brio_str *input)
{
    if (f->conn.request && f->mode == FEED_PIECES)
        return feed_read(f, input);
    switch (brio_http_conn_next(&f->conn, input)) {
    case BRIO_HTTP_REQUEST:
        CHECK(f->conn.request != NULL);
        feed_log_request(&f->log, f->conn.request, f->conn.request->body);
        brio_http_conn_done(&f->conn);
        CHECK(f->conn.request == NULL);
        return true;
    case BRIO_HTTP_REFUSED:
        feed_log_refusal(f);
        return true;
    case BRIO_HTTP_CONTINUE:
        CHECK_INT(input->len, 0);
        if (f->continues)
            brio_buf_add(&f->log, BRIO_S("+ continue\n"));
        return true;
    case BRIO_HTTP_HEAD:
        CHECK(f->mode != FEED_WHOLE);
        return feed_head(f);
    default:
        CHECK_INT(input->len, 0);
        return false;
    }
}

static inline void feed_piece(feed *f, brio_str piece)
{
    CHECK(piece.len <= f->room_len);
    char *at = f->room + f->room_len - piece.len;
    if (piece.len)
        memcpy(at, piece.ptr, piece.len);
    brio_str input = {at, piece.len};
    while (feed_step(f, &input))
        ;
    memset(at, '#', piece.len);
}

/* In pieces of `step` bytes after a first one of `first`. */
static inline void feed_cut(feed *f, brio_str bytes, size_t first, size_t step)
{
    feed_piece(f, brio_str_slice(bytes, 0, first));
    for (size_t at = first; at < bytes.len; at += step)
        feed_piece(f, brio_str_slice(bytes, at, step));
}

static inline void feed_check_as(feed_mode mode, const brio_http_limits *limits, brio_str bytes,
                                 size_t first, size_t step, const char *want)
{
    feed f;
    feed_open_as(&f, limits, bytes.len, mode);
    feed_cut(&f, bytes, first, step);
    if (!brio_str_eq(brio_buf_str(&f.log), brio_str_from(want)))
        test_fail(__FILE__, __LINE__,
                  "mode %d, cut at %zu, then every %zu of:\n%.*s\ngot:\n%.*s\nwant:\n%s", (int)mode,
                  first, step, BRIO_ARG(bytes), BRIO_ARG(brio_buf_str(&f.log)), want);
    feed_close(&f);
}

static inline void feed_check(const brio_http_limits *limits, brio_str bytes, size_t first,
                              size_t step, const char *want)
{
    for (int mode = 0; mode < FEED_MODES; mode++)
        feed_check_as((feed_mode)mode, limits, bytes, first, step, want);
}

/* Every beginning of the bytes gives the same whole and byte by byte: the same
 * event comes at the same byte. */
static inline void feed_check_prefixes(const brio_http_limits *limits, brio_str bytes)
{
    for (size_t len = 1; len < bytes.len; len++) {
        feed f;
        feed_open(&f, limits, bytes.len);
        feed_piece(&f, brio_str_slice(bytes, 0, len));
        brio_buf_char(&f.log, '\0');
        feed_check(limits, brio_str_slice(bytes, 0, len), 0, 1, f.log.ptr);
        feed_close(&f);
    }
}

/* Whole, cut once at every place, byte by byte, and in small steps. */
static inline void feed_check_all(const brio_http_limits *limits, brio_str bytes, const char *want)
{
    feed_check(limits, bytes, bytes.len, 1, want);
    for (size_t first = 0; first < bytes.len; first++)
        feed_check(limits, bytes, first, bytes.len, want);
    for (size_t step = 1; step < 20; step += 1 + step / 4)
        feed_check(limits, bytes, 0, step, want);
    feed_check_prefixes(limits, bytes);
}

typedef struct feed_case {
    brio_str bytes;
    const char *want;
} feed_case;

#define FEED_CASES(limits, cases)                                                                  \
    feed_check_cases((limits), (cases), sizeof(cases) / sizeof((cases)[0]))

static inline void feed_check_cases(const brio_http_limits *limits, const feed_case *cases,
                                    size_t n)
{
    for (size_t i = 0; i < n; i++)
        feed_check_all(limits, cases[i].bytes, cases[i].want);
}

#endif
