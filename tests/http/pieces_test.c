/* SPDX-License-Identifier: MIT
 *
 * Bodies in pieces, beyond what feed.h tries with every request there is: the
 * owner's choice, its limit, and what becomes of a body nobody reads. */
#include "feed.h"

#define POST "POST / HTTP/1.1\r\nHost: a\r\n"

typedef struct pair {
    brio_http_pool pool;
    brio_http_conn conn;
} pair;

/* A connection that was fed `text` and told of its head. */
static void open_at_head(pair *p, const brio_http_limits *limits, brio_str *text)
{
    brio_http_pool_init(&p->pool, limits);
    brio_http_conn_init(&p->conn, &p->pool);
    p->conn.heads = true;
    CHECK_INT(brio_http_conn_next(&p->conn, text), BRIO_HTTP_HEAD);
    CHECK(p->conn.request != NULL);
}

static void close_pair(pair *p)
{
    brio_http_conn_fini(&p->conn);
    brio_http_pool_fini(&p->pool);
}

static brio_http_event read_one(pair *p, brio_str *input, const char *want)
{
    brio_str piece;
    brio_http_event event = brio_http_conn_read(&p->conn, input, &piece);
    CHECK_STR(piece, want);
    return event;
}

TEST(a_body_that_came_whole_is_no_head)
{
    pair p;
    brio_http_pool_init(&p.pool, NULL);
    brio_http_conn_init(&p.conn, &p.pool);
    p.conn.heads = true;
    brio_str input = BRIO_S(POST "Content-Length: 2\r\n\r\nhiGET");
    CHECK_INT(brio_http_conn_next(&p.conn, &input), BRIO_HTTP_REQUEST);
    CHECK_STR(p.conn.request->body, "hi");
    CHECK_INT(brio_http_conn_unread(&p.conn), 0);
    CHECK_STR(input, "GET");
    close_pair(&p);
}

TEST(pieces_are_views_of_the_input)
{
    pair p;
    brio_str input = BRIO_S(POST "Content-Length: 5\r\n\r\nhe");
    open_at_head(&p, NULL, &input);
    CHECK_INT(brio_http_conn_body(&p.conn, 0, true), BRIO_HTTP_REQUEST);
    const char *at = input.ptr;
    brio_str piece;
    CHECK_INT(brio_http_conn_read(&p.conn, &input, &piece), BRIO_HTTP_PIECE);
    CHECK(piece.ptr == at);
    CHECK_INT(brio_http_conn_unread(&p.conn), 3);
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_MORE);
    input = BRIO_S("lloGET");
    CHECK_INT(read_one(&p, &input, "llo"), BRIO_HTTP_PIECE);
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_REQUEST);
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_REQUEST);
    CHECK_STR(input, "GET");
    CHECK(!p.conn.closing);
    brio_http_conn_done(&p.conn);
    CHECK(brio_http_conn_idle(&p.conn));
    close_pair(&p);
}

TEST(the_limit_may_be_the_owners)
{
    static const brio_http_limits small = {.body_bytes = 4};
    pair p;
    brio_str input = BRIO_S(POST "Content-Length: 6\r\n\r\nabcdef");
    open_at_head(&p, &small, &input);
    CHECK_INT(brio_http_conn_body(&p.conn, 6, false), BRIO_HTTP_MORE);
    CHECK_INT(brio_http_conn_next(&p.conn, &input), BRIO_HTTP_REQUEST);
    CHECK_STR(p.conn.request->body, "abcdef");
    close_pair(&p);
    input = BRIO_S(POST "Content-Length: 6\r\n\r\nabcdef");
    open_at_head(&p, &small, &input);
    CHECK_INT(brio_http_conn_body(&p.conn, 5, true), BRIO_HTTP_REFUSED);
    CHECK_INT(p.conn.refusal, 413);
    close_pair(&p);
}

TEST(a_chunk_beyond_the_limit_breaks_the_request)
{
    pair p;
    brio_str input = BRIO_S(POST "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n4\r\nefgh\r\n");
    open_at_head(&p, NULL, &input);
    CHECK_INT(brio_http_conn_body(&p.conn, 7, true), BRIO_HTTP_REQUEST);
    CHECK_INT(read_one(&p, &input, "abcd"), BRIO_HTTP_PIECE);
    CHECK_INT(brio_http_conn_unread(&p.conn), (long long)UINT64_MAX);
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_REFUSED);
    CHECK_INT(p.conn.refusal, 413);
    CHECK_INT(input.len, 0);
    CHECK(p.conn.request != NULL); /* its handler still has it */
    CHECK(p.conn.closing);
    input = BRIO_S("GET / HTTP/1.1\r\n");
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_REFUSED);
    brio_http_conn_done(&p.conn);
    CHECK_INT(brio_http_conn_next(&p.conn, &input), BRIO_HTTP_MORE);
    close_pair(&p);
}

TEST(continue_is_asked_for_once_and_only_by_reading)
{
    pair p;
    brio_str input = BRIO_S(POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    open_at_head(&p, NULL, &input);
    CHECK_INT(brio_http_conn_body(&p.conn, 0, true), BRIO_HTTP_REQUEST);
    CHECK_INT(brio_http_conn_unread(&p.conn), (long long)UINT64_MAX);
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_CONTINUE);
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_MORE);
    CHECK_INT(brio_http_conn_unread(&p.conn), 2);
    close_pair(&p);
}

TEST(a_body_that_is_not_read_ends_the_connection)
{
    pair p;
    brio_str input = BRIO_S(POST "Content-Length: 5\r\n\r\nhe");
    open_at_head(&p, NULL, &input);
    CHECK_INT(brio_http_conn_body(&p.conn, 0, true), BRIO_HTTP_REQUEST);
    brio_http_conn_done(&p.conn);
    CHECK(p.conn.closing);
    input = BRIO_S("lloGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(brio_http_conn_next(&p.conn, &input), BRIO_HTTP_MORE);
    CHECK_INT(input.len, 0);
    close_pair(&p);
}

TEST(a_clock_may_break_a_request_that_is_out)
{
    pair p;
    brio_str input = BRIO_S(POST "Content-Length: 5\r\n\r\nhe");
    open_at_head(&p, NULL, &input);
    CHECK_INT(brio_http_conn_body(&p.conn, 0, true), BRIO_HTTP_REQUEST);
    brio_http_conn_refuse(&p.conn, 408, "too slow");
    CHECK_STR(p.conn.request->path, "/");
    CHECK_INT(read_one(&p, &input, ""), BRIO_HTTP_REFUSED);
    brio_http_conn_done(&p.conn);
    close_pair(&p);
}

TEST(a_refusal_at_the_head_gives_the_record_back)
{
    pair p;
    brio_str input = BRIO_S(POST "Content-Length: 5\r\n\r\nhe");
    open_at_head(&p, NULL, &input);
    brio_http_conn_refuse(&p.conn, 503, "stopping");
    CHECK(p.conn.request == NULL);
    CHECK(p.conn.record == NULL);
    close_pair(&p);
}
