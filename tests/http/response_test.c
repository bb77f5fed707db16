/* SPDX-License-Identifier: MIT
 *
 * Responses byte for byte, for each kind of client and status; chunks read back
 * by the room's own reader; and attempts to split a response or to give it two
 * lengths. */
#include "http/feed.h"
#include "http/http_internal.h"

#include <errno.h>

typedef struct reply {
    feed f;
    brio_buf out;
} reply;

static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
static const char head[] = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
static const char get_close[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
static const char get_old[] = "GET / HTTP/1.0\r\n\r\n";
static const char get_old_keep[] = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

static void reply_open(reply *r, const char *request)
{
    brio_str input = brio_str_from(request);
    *r = (reply){0};
    feed_open(&r->f, NULL, 4096);
    CHECK_INT(brio_http_conn_next(&r->f.conn, &input), BRIO_HTTP_REQUEST);
}

static void reply_close(reply *r)
{
    brio_buf_fini(&r->out);
    feed_close(&r->f);
}

static void check_write(const char *request, const brio_http_response *response, const char *want,
                        bool closes)
{
    reply r;
    reply_open(&r, request);
    CHECK_OK(brio_http_write_head(&r.f.conn, &r.out, NULL, response, true));
    CHECK_STR(brio_buf_str(&r.out), want);
    CHECK_INT(r.f.conn.closing, closes);
    reply_close(&r);
}

TEST(response_has_stamp_length_and_type)
{
    reply r;
    brio_http_stamp stamp = {0};
    brio_http_response response = {.content_type = BRIO_S("application/json"),
                                   .body = BRIO_S("{\"hello\":\"x\"}")};
    brio_http_stamp_update(&stamp, BRIO_SEC(784111777));
    reply_open(&r, get);
    CHECK_OK(brio_http_write_head(&r.f.conn, &r.out, &stamp, &response, true));
    CHECK_STR(brio_buf_str(&r.out), "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                    "server: brio\r\ncontent-length: 13\r\n"
                                    "content-type: application/json\r\n\r\n{\"hello\":\"x\"}");
    reply_close(&r);
}

TEST(body_may_be_left_to_the_caller)
{
    reply r;
    brio_http_response response = {.body = BRIO_S("12345")};
    reply_open(&r, get);
    CHECK_OK(brio_http_write_head(&r.f.conn, &r.out, NULL, &response, false));
    CHECK_STR(brio_buf_str(&r.out), "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
    reply_close(&r);
}

TEST(connection_header_by_version_and_wish)
{
    brio_http_response plain = {.body = BRIO_S("x")}, close = {.body = BRIO_S("x"), .close = true};
    check_write(get, &plain, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", false);
    check_write(get, &close, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx",
                true);
    check_write(get_close, &plain,
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx", true);
    check_write(get_old, &plain,
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx", true);
    check_write(get_old_keep, &plain,
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\nx", false);
}

TEST(given_connection_header_counts)
{
    brio_header close[] = {{BRIO_S("X-A"), BRIO_S("")}, {BRIO_S("Connection"), BRIO_S("x, Close")}};
    brio_header other[] = {{BRIO_S("connection"), BRIO_S("upgrade")}};
    brio_http_response response = {.headers = close, .n_headers = 2};
    check_write(get, &response,
                "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nX-A: \r\nConnection: x, Close\r\n\r\n",
                true);
    response = (brio_http_response){.headers = other, .n_headers = 1};
    check_write(get, &response,
                "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: upgrade\r\n\r\n", false);
}

TEST(statuses_without_body)
{
    static const int statuses[] = {204, 304};
    for (size_t i = 0; i < 2; i++) {
        char want[128];
        brio_str reason = brio_status_reason(statuses[i]);
        brio_buf b = brio_buf_over(want, sizeof(want));
        brio_http_response response = {
            .status = statuses[i], .content_type = BRIO_S("a/b"), .body = BRIO_S("lost")};
        brio_buf_printf(&b, "HTTP/1.1 %d %.*s\r\ncontent-type: a/b\r\n\r\n", statuses[i],
                        BRIO_ARG(reason));
        brio_buf_char(&b, '\0');
        check_write(get, &response, want, false);
        response.chunked = true;
        check_write(get, &response, want, false);
    }
}

TEST(interim_response_decides_nothing)
{
    brio_header link[] = {{BRIO_S("link"), BRIO_S("</a>")}};
    brio_http_response response = {.status = 103, .headers = link, .n_headers = 1, .close = true};
    check_write(get, &response, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", false);
    CHECK_STR(brio_http_continue(), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(head_keeps_the_length)
{
    brio_http_response response = {.body = BRIO_S("12345")};
    check_write(head, &response, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", false);
}

TEST(statuses_without_a_name)
{
    brio_http_response response = {.status = 599};
    check_write(get, &response, "HTTP/1.1 599 \r\ncontent-length: 0\r\n\r\n", false);
    CHECK_STR(brio_status_reason(599), "");
    CHECK_STR(brio_status_reason(0), "");
    CHECK_STR(brio_status_reason(422), "Unprocessable Entity");
    CHECK_STR(brio_status_reason(418), "I'm a Teapot");
}

/* ---- Chunks ---------------------------------------------------------------- */

static void write_chunked(reply *r, const brio_http_response *response)
{
    static char large[5000];
    memset(large, 'x', sizeof(large));
    CHECK_OK(brio_http_write_head(&r->f.conn, &r->out, NULL, response, true));
    brio_http_write_chunk(&r->f.conn, &r->out, BRIO_S("hello"));
    brio_http_write_chunk(&r->f.conn, &r->out, BRIO_S(""));
    brio_http_write_chunk(&r->f.conn, &r->out, (brio_str){large, sizeof(large)});
    brio_http_write_last_chunk(&r->f.conn, &r->out);
}

TEST(chunks_are_read_back)
{
    reply r;
    brio_http_response response = {.chunked = true, .body = BRIO_S("ignored")};
    reply_open(&r, get);
    write_chunked(&r, &response);
    brio_str all = brio_buf_str(&r.out),
             start = BRIO_S("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    CHECK(brio_str_starts(all, start) && !r.f.conn.closing);

    brio_buf again = {0};
    brio_buf_add(&again,
                 BRIO_S("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
    brio_buf_add(&again, brio_str_slice(all, start.len, all.len));
    feed f;
    feed_open(&f, NULL, 4096);
    brio_str input = brio_buf_str(&again);
    CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_REQUEST);
    CHECK_INT(input.len, 0);
    CHECK_INT(f.conn.request->body.len, 5005);
    CHECK(brio_str_starts(f.conn.request->body, BRIO_S("helloxxx")));
    feed_close(&f);
    brio_buf_fini(&again);
    reply_close(&r);
}

TEST(chunks_to_an_old_client_go_bare)
{
    reply r;
    brio_http_response response = {.chunked = true};
    reply_open(&r, get_old_keep);
    write_chunked(&r, &response);
    brio_str start = BRIO_S("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhelloxxx");
    CHECK(brio_str_starts(brio_buf_str(&r.out), start));
    CHECK_INT(r.out.len, start.len - 3 + 5000);
    CHECK(r.f.conn.closing);
    reply_close(&r);
}
TEST(pieces_of_a_known_length_go_bare)
{
    static const struct {
        const char *request, *want;
    } rows[] = {{get, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"},
                {get_old_keep,
                 "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\nhello"},
                {head, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        reply r;
        brio_http_response response = {.chunked = true, .sized = true, .length = 5};
        reply_open(&r, rows[i].request);
        CHECK_OK(brio_http_write_head(&r.f.conn, &r.out, NULL, &response, true));
        brio_http_write_chunk(&r.f.conn, &r.out, BRIO_S("hel"));
        brio_http_write_chunk(&r.f.conn, &r.out, BRIO_S("lo"));
        brio_http_write_last_chunk(&r.f.conn, &r.out);
        CHECK_STR(brio_buf_str(&r.out), rows[i].want);
        CHECK(!r.f.conn.closing);
        reply_close(&r);
    }
}

TEST(chunks_go_nowhere_without_a_body)
{
    static const struct {
        const char *request;
        int status;
        const char *want;
    } rows[] = {{head, 200, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"},
                {get, 204, "HTTP/1.1 204 No Content\r\n\r\n"}};
    for (size_t i = 0; i < 2; i++) {
        reply r;
        brio_http_response response = {.chunked = true, .status = rows[i].status};
        reply_open(&r, rows[i].request);
        write_chunked(&r, &response);
        CHECK_STR(brio_buf_str(&r.out), rows[i].want);
        reply_close(&r);
    }
}

/* ---- What must not be written ---------------------------------------------- */

static void check_refused(const brio_http_response *response, int want)
{
    reply r;
    reply_open(&r, get);
    CHECK_INT(brio_http_write_head(&r.f.conn, &r.out, NULL, response, true), want);
    CHECK_INT(r.out.len, 0);
    CHECK(!r.f.conn.closing);
    reply_close(&r);
}

TEST(responses_cannot_be_split)
{
    static const brio_header bad[] = {
        {BRIO_S_INIT("x"), BRIO_S_INIT("a\r\nset-cookie: b")},
        {BRIO_S_INIT("x"), BRIO_S_INIT("a\nb")},
        {BRIO_S_INIT("x"), BRIO_S_INIT("a\rb")},
        {BRIO_S_INIT("x"), BRIO_S_INIT("a\0b")},
        {BRIO_S_INIT("x"), BRIO_S_INIT("\x7F")},
        {BRIO_S_INIT("x\r\ny"), BRIO_S_INIT("a")},
        {BRIO_S_INIT("x:"), BRIO_S_INIT("a")},
        {BRIO_S_INIT("x "), BRIO_S_INIT("a")},
        {BRIO_S_INIT(""), BRIO_S_INIT("a")},
        {BRIO_S_INIT("x-0123456789abcdef\n"), BRIO_S_INIT("a")},
        {BRIO_S_INIT("x"), BRIO_S_INIT("0123456789abcdef0123456789abcde\r")},
        {BRIO_S_INIT("Content-Length"), BRIO_S_INIT("5")},
        {BRIO_S_INIT("transfer-encoding"), BRIO_S_INIT("chunked")},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        brio_header headers[] = {{BRIO_S("connection"), BRIO_S("close")}, bad[i]};
        brio_http_response response = {.headers = headers, .n_headers = 2, .close = true};
        check_refused(&response, -EINVAL);
    }
    brio_http_response response = {.content_type = BRIO_S("a/b\r\nx: y")};
    check_refused(&response, -EINVAL);
}

TEST(statuses_have_three_digits)
{
    static const int bad[] = {-1, 1, 99, 1000, 20000};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        brio_http_response response = {.status = bad[i]};
        check_refused(&response, -EINVAL);
    }
}

TEST(obs_text_and_tabs_may_be_written)
{
    brio_header headers[] = {{BRIO_S("x"), BRIO_S("a\tb\xC3\xA9")}};
    brio_http_response response = {.headers = headers, .n_headers = 1};
    check_write(get, &response, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: a\tb\xC3\xA9\r\n\r\n",
                false);
}

TEST(full_buffer_gets_nothing)
{
    reply r;
    char storage[64];
    brio_http_response response = {.body = BRIO_S("x")};
    brio_buf small = brio_buf_over(storage, sizeof(storage));
    reply_open(&r, get);
    CHECK_INT(brio_http_write_head(&r.f.conn, &small, NULL, &response, true), -ENOMEM);
    CHECK(small.len == 0 && small.failed);
    response.chunked = true;
    CHECK_OK(brio_http_write_head(&r.f.conn, &r.out, NULL, &response, true));
    small = brio_buf_over(storage, sizeof(storage));
    brio_http_write_chunk(&r.f.conn, &small, (brio_str){storage, sizeof(storage)});
    CHECK(small.len == 0 && small.failed);
    reply_close(&r);
}

/* ---- Refusals and stamps --------------------------------------------------- */

TEST(refusal_answers_in_fastapi_form)
{
    feed f;
    brio_buf out = {0};
    feed_open(&f, NULL, 64);
    feed_piece(&f, BRIO_S("GET / HTTP/3.0\r\n"));
    brio_http_write_refusal(&f.conn, &out, NULL);
    CHECK_STR(brio_buf_str(&out),
              "HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 39\r\n"
              "content-type: application/json\r\nconnection: close\r\n\r\n"
              "{\"detail\":\"HTTP Version Not Supported\"}");
    brio_buf small = brio_buf_over(out.ptr, 10);
    brio_http_write_refusal(&f.conn, &small, NULL);
    CHECK(small.failed && small.len == 0);
    brio_buf_fini(&out);
    feed_close(&f);
}

TEST(every_refusal_has_a_reason_phrase)
{
    static const int statuses[] = {
#define STATUS(name, status, text) status,
        BRIO_HTTP_FAULTS(STATUS)
#undef STATUS
            408,
        503};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        CHECK(brio_status_reason(statuses[i]).len > 0);
}

TEST(stamp_changes_with_the_second)
{
    brio_http_stamp stamp = {0};
    brio_http_stamp_update(&stamp, BRIO_SEC(951782399) + 999999999);
    CHECK_STR(((brio_str){stamp.text, stamp.len}),
              "date: Mon, 28 Feb 2000 23:59:59 GMT\r\nserver: brio\r\n");
    stamp.text[0] = 'D';
    brio_http_stamp_update(&stamp, BRIO_SEC(951782399));
    CHECK_INT(stamp.text[0], 'D'); /* the same second: untouched */
    brio_http_stamp_update(&stamp, BRIO_SEC(951782400));
    CHECK_STR(((brio_str){stamp.text, stamp.len}),
              "date: Tue, 29 Feb 2000 00:00:00 GMT\r\nserver: brio\r\n");
    brio_http_stamp_update(&stamp, INT64_MAX);
    CHECK_STR(((brio_str){stamp.text, stamp.len}),
              "date: Fri, 11 Apr 2262 23:47:16 GMT\r\nserver: brio\r\n");
    brio_http_stamp_update(&stamp, -5);
    CHECK_STR(((brio_str){stamp.text, stamp.len}),
              "date: Thu, 01 Jan 1970 00:00:00 GMT\r\nserver: brio\r\n");
}

TEST(stamp_without_its_parts)
{
    brio_http_stamp stamp = {.no_server = true};
    brio_http_stamp_update(&stamp, 0);
    CHECK_STR(((brio_str){stamp.text, stamp.len}), "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
    stamp = (brio_http_stamp){.no_date = true};
    brio_http_stamp_update(&stamp, 0);
    CHECK_STR(((brio_str){stamp.text, stamp.len}), "server: brio\r\n");
    stamp = (brio_http_stamp){.no_date = true, .no_server = true};
    brio_http_stamp_update(&stamp, 0);
    CHECK_INT(stamp.len, 0);
}
