/* SPDX-License-Identifier: MIT
 *
 * Bodies: by length, by chunks, in any pieces, with and without Expect; what is
 * reserved for them, and that hostile cutting costs no more than its bytes. */
#include "http/feed.h"
#include "http/http_internal.h"

#define POST       "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED    POST "Transfer-Encoding: chunked\r\n\r\n"
#define BODY(text) "POST / @a 1.1 keep [Transfer-Encoding: chunked]" text "\n"

TEST(bodies_by_length)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT(POST "Content-Length: 0\r\n\r\n"), "POST / @a 1.1 keep [Content-Length: 0]\n"},
        {BRIO_S_INIT(POST "Content-Length: 05\r\n\r\nhello"),
         "POST / @a 1.1 keep [Content-Length: 05] hello\n"},
        {BRIO_S_INIT("GET / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello"),
         "GET / @ 1.0 close [Content-Length: 5] hello\n"},
        {BRIO_S_INIT(POST "Content-Length: 5\r\n\r\nhell"), ""},
        {BRIO_S_INIT(POST "Content-Length: 40\r\n\r\n0123456789012345678901234567890123456789"),
         "POST / @a 1.1 keep [Content-Length: 40] 0123456789012345678901234567890123456789\n"},
    };
    FEED_CASES(NULL, cases);
}

TEST(bodies_by_chunks)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT(CHUNKED "0\r\n\r\n"), BODY("")},
        {BRIO_S_INIT(CHUNKED "5\r\nhello\r\n0\r\n\r\n"), BODY(" hello")},
        {BRIO_S_INIT(CHUNKED "0000000000000005\r\nhello\r\n0000\r\n\r\n"), BODY(" hello")},
        {BRIO_S_INIT(CHUNKED "a\r\n0123456789\r\nB\r\n\r\n345678901\r\n0\r\n\r\n"),
         BODY(" 0123456789\r\n345678901")},
        {BRIO_S_INIT(CHUNKED "2;a;b=\"c \\\" \xFF\"; \td=e\r\nhi\r\n0;x\r\n\r\n"), BODY(" hi")},
        {BRIO_S_INIT(CHUNKED "2\r\nhi\r\n0\r\nX: a\r\nHost: evil\r\nContent-Length: "
                             "9\r\nY:\tb;\xC3\xA9\r\n\r\n"),
         BODY(" hi")},
        {BRIO_S_INIT(CHUNKED "5\r\nhello\r\n0\r\n\r"), ""},
        {BRIO_S_INIT(POST "Transfer-Encoding: \t CHUNKED \r\n\r\n1\r\nx\r\n0\r\n\r\n"),
         "POST / @a 1.1 keep [Transfer-Encoding: CHUNKED] x\n"},
    };
    FEED_CASES(NULL, cases);
}

/* ---- Expect ---------------------------------------------------------------- */

static void check_continue(brio_str head, brio_str body, const char *want)
{
    for (int mode = 0; mode < FEED_MODES; mode++) {
        feed f;
        feed_open_as(&f, NULL, 4096, (feed_mode)mode);
        f.continues = true;
        feed_piece(&f, head);
        feed_piece(&f, body);
        CHECK_STR(brio_buf_str(&f.log), want);
        feed_close(&f);
    }
}

TEST(continue_is_asked_for_while_the_client_waits)
{
    check_continue(
        BRIO_S(POST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n"), BRIO_S("hi"),
        "+ continue\nPOST / @a 1.1 keep [Expect: 100-Continue] [Content-Length: 2] hi\n");
    check_continue(BRIO_S(POST "Expect: ,100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"),
                   BRIO_S("2\r\nhi\r\n0\r\n\r\n"),
                   "+ continue\nPOST / @a 1.1 keep [Expect: ,100-continue] [Transfer-Encoding: "
                   "chunked] hi\n");
}

TEST(continue_is_left_out_where_nobody_waits)
{
    check_continue(BRIO_S(POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nh"), BRIO_S("i"),
                   "POST / @a 1.1 keep [Expect: 100-continue] [Content-Length: 2] hi\n");
    check_continue(BRIO_S(POST "Expect: 100-continue\r\n\r\n"), BRIO_S(""),
                   "POST / @a 1.1 keep [Expect: 100-continue]\n");
    check_continue(BRIO_S(POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"), BRIO_S(""),
                   "POST / @a 1.1 keep [Expect: 100-continue] [Content-Length: 0]\n");
    check_continue(BRIO_S("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
                   BRIO_S("hi"),
                   "POST / @ 1.0 close [Expect: 100-continue] [Content-Length: 2] hi\n");
    check_continue(BRIO_S("POST / HTTP/1.0\r\nExpect: magic\r\nContent-Length: 2\r\n\r\n"),
                   BRIO_S("hi"), "POST / @ 1.0 close [Expect: magic] [Content-Length: 2] hi\n");
}

TEST(too_large_a_body_is_refused_instead_of_continued)
{
    check_continue(BRIO_S(POST "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"),
                   BRIO_S("x"), "! 413 body too large\n");
}

/* ---- Cost ------------------------------------------------------------------ */

TEST(reserves_no_more_than_has_come_or_64_kib)
{
    enum { LENGTH = 3 * 1024 * 1024, STEP = 1400 };
    feed f;
    feed_open(&f, NULL, 4096);
    feed_piece(&f, BRIO_S(POST "Content-Length: 3145728\r\n\r\n"));
    CHECK_INT(f.conn.record->body.cap, 0);
    static char piece[STEP];
    memset(piece, 'x', sizeof(piece));
    for (size_t sent = 0; sent + STEP < LENGTH; sent += STEP) {
        brio_str input = {piece, STEP};
        CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_MORE);
        size_t have = sent + STEP, cap = f.conn.record->body.cap;
        CHECK(cap - have <= (have > BRIO_HTTP_BODY_AHEAD ? have : BRIO_HTTP_BODY_AHEAD));
        CHECK(cap <= LENGTH);
    }
    brio_str input = {piece, LENGTH % STEP};
    CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_REQUEST);
    CHECK_INT(f.conn.request->body.len, LENGTH);
    brio_http_conn_done(&f.conn);
    CHECK_INT(f.pool.spare->body.cap, 0); /* a large buffer is not kept */
    feed_close(&f);
}

/* A piece that is larger than what is reserved ahead. */
TEST(takes_large_pieces)
{
    static char body[200000];
    memset(body, 'x', sizeof(body));
    feed f;
    feed_open(&f, NULL, 4096);
    feed_piece(&f, BRIO_S(POST "Content-Length: 200000\r\n\r\n"));
    brio_str input = {body, 150000};
    CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_MORE);
    input = (brio_str){body, 50000};
    CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_REQUEST);
    CHECK_INT(f.conn.request->body.len, 200000);
    feed_close(&f);
}

/* Four million pieces of one byte. If each cost a look at what came before,
 * this would not end before the harness's time is up. */
TEST(byte_by_byte_is_linear)
{
    brio_http_limits limits = {.header_bytes = 8 << 20, .target_bytes = 1 << 20};
    brio_http_pool pool;
    brio_http_conn conn;
    brio_http_pool_init(&pool, &limits);
    brio_http_conn_init(&conn, &pool);
    brio_str head = BRIO_S("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    for (size_t i = 0; i < (4 << 20); i++) {
        brio_str input = {i < head.len ? head.ptr + i : "x", 1};
        CHECK_INT(brio_http_conn_next(&conn, &input), BRIO_HTTP_MORE);
    }
    brio_str end = BRIO_S("\r\n\r\n");
    CHECK_INT(brio_http_conn_next(&conn, &end), BRIO_HTTP_REQUEST);
    CHECK_INT(conn.request->headers[1].value.len, (4 << 20) - head.len);
    brio_http_conn_fini(&conn);
    brio_http_pool_fini(&pool);
}
