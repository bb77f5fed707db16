/* SPDX-License-Identifier: MIT
 *
 * The request parser: the same bytes whole, byte by byte, and cut where the
 * first input bytes say must give the same requests and refusals, also when heads
 * are told of and bodies are read in pieces. Each piece is
 * a heap copy of its exact size that is freed once consumed, so reading beyond
 * it, or a view left behind in it, is found. A request that was accepted is
 * answered, so that the writer sees hostile connections too. */
#include <brio/http.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const brio_http_limits limits = {
    .header_bytes = 2048, .header_count = 16, .target_bytes = 256, .body_bytes = 4096};

static void log_str(brio_buf *log, brio_str s)
{
    brio_buf_u64(log, s.len);
    brio_buf_char(log, ':');
    brio_buf_add(log, s);
}

static void log_request(brio_buf *log, const brio_http_request *r, brio_str body)
{
    const brio_str views[] = {r->method_text, r->target, r->path,        r->query,
                              r->host,        body,      r->content_type};
    brio_buf_printf(log, "request %d 1.%d %d %d %d %lld", (int)r->method, r->minor, r->keep_alive,
                    r->chunked, r->expect_continue, (long long)r->content_length);
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        log_str(log, views[i]);
    for (size_t i = 0; i < r->n_headers; i++) {
        log_str(log, r->headers[i].name);
        log_str(log, r->headers[i].value);
    }
    brio_buf_char(log, '\n');
}

static void answer(brio_http_conn *conn, brio_buf *log, brio_str body)
{
    log_request(log, conn->request, body);
    brio_http_response response = {.headers = conn->request->headers,
                                   .n_headers = conn->request->n_headers,
                                   .content_type = conn->request->content_type,
                                   .body = body,
                                   .chunked = conn->request->path.len % 2};
    int rc = brio_http_write_head(conn, log, NULL, &response, true);
    brio_http_write_chunk(conn, log, conn->request->path);
    brio_http_write_last_chunk(conn, log);
    brio_buf_i64(log, rc);
}

static void refusal(brio_http_conn *conn, brio_buf *log)
{
    brio_buf_printf(log, "refused %d %s\n", conn->refusal, conn->reason);
    if (conn->request)
        brio_http_conn_done(conn); /* it was out: its head has been written down by nobody */
    brio_http_write_refusal(conn, log, NULL);
}

static bool read_piece(brio_http_conn *conn, brio_str *input, brio_buf *log, brio_buf *body)
{
    brio_str piece;
    switch (brio_http_conn_read(conn, input, &piece)) {
    case BRIO_HTTP_PIECE:
        brio_buf_add(body, piece);
        return true;
    case BRIO_HTTP_REQUEST:
        answer(conn, log, brio_buf_str(body));
        brio_buf_clear(body);
        brio_http_conn_done(conn);
        return true;
    case BRIO_HTTP_REFUSED:
        refusal(conn, log);
        return true;
    case BRIO_HTTP_CONTINUE:
        return true;
    default:
        BRIO_ASSERT(input->len == 0);
        return false;
    }
}

static bool step(brio_http_conn *conn, brio_str *input, brio_buf *log, brio_buf *body)
{
    if (conn->request && conn->heads)
        return read_piece(conn, input, log, body);
    switch (brio_http_conn_next(conn, input)) {
    case BRIO_HTTP_REQUEST:
        answer(conn, log, conn->request->body);
        brio_http_conn_done(conn);
        return true;
    case BRIO_HTTP_HEAD:
        if (brio_http_conn_body(conn, 0, true) != BRIO_HTTP_REFUSED)
            return true;
        refusal(conn, log);
        return true;
    case BRIO_HTTP_REFUSED:
        refusal(conn, log);
        return true;
    case BRIO_HTTP_CONTINUE:
        return true;
    default:
        BRIO_ASSERT(input->len == 0);
        return false;
    }
}

/* `cuts` NULL: all in one piece; else piece lengths, over and over. */
static brio_buf run(brio_str bytes, const uint8_t *cuts, size_t n_cuts, bool heads)
{
    brio_buf log = {0}, body = {0};
    brio_http_pool pool;
    brio_http_conn conn;
    brio_http_pool_init(&pool, &limits);
    brio_http_conn_init(&conn, &pool);
    conn.heads = heads;
    for (size_t at = 0, i = 0; at < bytes.len; i++) {
        size_t len = cuts ? 1u + cuts[i % n_cuts] : bytes.len;
        brio_str part = brio_str_slice(bytes, at, len);
        char *copy = malloc(part.len);
        BRIO_ASSERT(copy != NULL);
        memcpy(copy, part.ptr, part.len);
        brio_str input = {copy, part.len};
        while (step(&conn, &input, &log, &body))
            ;
        free(copy);
        at += part.len;
    }
    brio_http_conn_fini(&conn);
    brio_http_pool_fini(&pool);
    brio_buf_fini(&body);
    return log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CUTS = 4 };
    static const uint8_t single[] = {0};
    if (size < CUTS)
        return 0;
    brio_str bytes = {(const char *)data + CUTS, size - CUTS};
    brio_buf logs[] = {run(bytes, NULL, 0, false),    run(bytes, single, 1, false),
                       run(bytes, data, CUTS, false), run(bytes, NULL, 0, true),
                       run(bytes, single, 1, true),   run(bytes, data, CUTS, true)};
    for (size_t i = 1; i < sizeof logs / sizeof *logs; i++) {
        BRIO_ASSERT(brio_str_eq(brio_buf_str(&logs[0]), brio_buf_str(&logs[i])));
        brio_buf_fini(&logs[i]);
    }
    brio_buf_fini(&logs[0]);
    return 0;
}
