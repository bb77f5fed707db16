/* SPDX-License-Identifier: MIT
 *
 * HTTP/2 without I/O: requests, answers, windows. */
#ifdef BRIO_WITH_NGHTTP2
#include "h2_feed.h"

#include <errno.h>

/* ---- Requests ----------------------------------------------------------------------- */

static void several_requests(brio_buf *bytes)
{
    preface(bytes);
    headers(bytes, 1, END_STREAM, GET "x-one 1\nuser-agent \n");
    headers(bytes, 3, 0, POST "content-length 5\ncontent-type text/plain\n");
    frame(bytes, DATA, 0, 3, BRIO_S("ab"));
    headers(bytes, 5, END_STREAM, GET "cookie a=1\nx-y z\ncookie b=2\ncookie c=3\n");
    frame(bytes, PING, 0, 0, BRIO_S("12345678"));
    frame(bytes, DATA, PADDED | END_STREAM, 3, BRIO_S("\3cde\0\0\0"));
    headers(bytes, 7, 0, POST "expect 100-continue\n");
    word(bytes, RST_STREAM, 5, 8);
    frame(bytes, DATA, 0, 7, BRIO_S("x"));
    headers(bytes, 7, END_STREAM, "x-trailer t\n");
    headers(bytes, 9, END_STREAM, ":method OPTIONS\n:scheme http\n:path *\nhost h:80\n");
    headers(bytes, 11, END_STREAM,
            ":method PURGE\n:scheme http\n:path /\n:authority [::1]:8\nhost [::1]:8\n");
    frame(bytes, 200, 0, 0, BRIO_S("what nobody knows"));
}

static const char several_events[] = "1 2.0 GET /a|b host h length -1 ended\n"
                                     "  host: h\n  x-one: 1\n  user-agent: \n"
                                     "3 2.0 POST /p| host h length 5\n"
                                     "  host: h\n  content-length: 5\n  content-type: text/plain\n"
                                     "5 2.0 GET /a|b host h length -1 ended\n"
                                     "  host: h\n  cookie: a=1; b=2; c=3\n  x-y: z\n"
                                     "3 body abcde\n"
                                     "7 2.0 POST /p| host h length -1 waits\n"
                                     "  host: h\n  expect: 100-continue\n"
                                     "5 closed 8\n"
                                     "7 body x\n"
                                     "9 2.0 OPTIONS *| host h:80 length -1 ended\n  host: h:80\n"
                                     "11 2.0 PURGE /| host [::1]:8 length -1 ended\n"
                                     "  host: [::1]:8\n";

static void check_cut(brio_str bytes, size_t first, size_t step)
{
    owner *o = owner_new(NULL, NULL);
    CHECK_INT(feed(o, bytes, first, step), 0);
    expect_log(o, several_events);
    owner_free(o);
}

TEST(h2_requests_at_every_cut)
{
    brio_buf bytes = {0};
    several_requests(&bytes);
    brio_str all = brio_buf_str(&bytes);
    for (size_t first = 0; first < all.len; first++)
        check_cut(all, first, all.len);
    for (size_t step = 1; step < 20; step++)
        check_cut(all, 0, step);
    brio_buf_fini(&bytes);
}

/* Each is a block of headers, and what becomes of it. */
TEST(h2_heads_that_are_refused)
{
    static const struct {
        const char *lines, *log;
    } cases[] = {
        {":method GET\n:scheme http\n:path /\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a b\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a@b\n",
         "1 refused 400 malformed Host header\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nhost b\n",
         "1 refused 400 more than one Host header\n"},
        {":method GET\n:scheme http\n:path /#f\n:authority a\n",
         "1 refused 400 forbidden byte in the request target\n"},
        {":method GET\n:scheme http\n:path *\n:authority a\n", "1 closed 1\n"},
        {":method CONNECT\n:authority a:1\n", "1 refused 501 CONNECT: this server is no tunnel\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nexpect cake\n",
         "1 refused 417 unknown expectation\n"},
        {":method GET\n:scheme http\n:path /0123456789012345678901234567890123456789\n:authority "
         "a\n",
         "1 refused 414 request target too long\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\na 1\nb 2\nc 3\nd 4\ne 5\n",
         "1 refused 431 too many headers\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nlong "
         "0123456789012345678901234567890123456789012345678901234567890123456789\n",
         "1 refused 431 header block too large\n"},
        {":method ABCDEFGHIJABCDEFGHIJABCDEFGHIJABC\n:scheme http\n:path /\n:authority a\n",
         "1 refused 501 method too long\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nConnection x\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nconnection close\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\ntransfer-encoding chunked\n",
         "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nte gzip\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:path /\n:authority a\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\nx y\n:authority a\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path \n:authority a\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nx a\1b\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\nx(y z\n", "1 closed 1\n"},
        {":method GET\n:scheme http\n:path /\n:authority a\ncontent-length 1\n", "1 closed 1\n"},
        {":status 200\n", "1 closed 1\n"},
    };
    static const brio_http_limits limits = {
        .header_bytes = 120, .header_count = 4, .target_bytes = 30};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        owner *o = owner_new(NULL, &limits);
        brio_buf bytes = {0};
        preface(&bytes);
        headers(&bytes, 1, END_STREAM, cases[i].lines);
        CHECK_INT(feed_all(o, &bytes), 0);
        (void)sent(o);
        expect_log(o, cases[i].log);
        brio_buf_fini(&bytes);
        owner_free(o);
    }
}

TEST(h2_a_refusal_is_answered)
{
    owner *o = owner_new(NULL, NULL);
    brio_buf bytes = {0};
    o->answers = true;
    preface(&bytes);
    headers(&bytes, 1, 0, ":method GET\n:scheme http\n:path /#\n:authority h\n");
    CHECK_INT(feed_all(o, &bytes), 0);
    EXPECT_SENT(o, "0 window 983041\n1 headers\n  :status: 400\n  content-length: 24\n"
                   "  content-type: application/json\n1 data end 24\n1 reset 0\n");
    expect_log(o, "1 refused 400 forbidden byte in the request target\n1 closed 0\n");
    brio_buf_fini(&bytes);
    owner_free(o);
}

/* ---- Answers -------------------------------------------------------------------------- */

static owner *with_request(const char *lines, int flags)
{
    owner *o = owner_new(NULL, NULL);
    brio_buf bytes = {0};
    preface(&bytes);
    headers(&bytes, 1, flags, lines);
    CHECK_INT(feed_all(o, &bytes), 0);
    (void)sent(o);
    brio_buf_clear(&o->log);
    brio_buf_fini(&bytes);
    return o;
}

TEST(h2_an_answer)
{
    owner *o = with_request(GET, END_STREAM);
    brio_http_stamp stamp = {0};
    brio_http_stamp_update(&stamp, BRIO_SEC(784111777));
    const brio_header more[] = {{BRIO_S("X-Mixed"), BRIO_S("Case")},
                                {BRIO_S("connection"), BRIO_S("close")},
                                {BRIO_S("Keep-Alive"), BRIO_S("timeout=5")},
                                {BRIO_S("set-cookie"), BRIO_S("a=b")}};
    brio_http_response r = {.status = 201,
                            .content_type = BRIO_S("text/plain"),
                            .headers = more,
                            .n_headers = 4,
                            .body = BRIO_S("hello")};
    CHECK_OK(brio_h2_respond(o->last, &stamp, &r));
    EXPECT_SENT(o, "1 headers\n  :status: 201\n  date: Sun, 06 Nov 1994 08:49:37 GMT\n"
                   "  server: brio\n  content-length: 5\n  content-type: text/plain\n"
                   "  x-mixed: Case\n  set-cookie: a=b\n1 data end 5\n");
    CHECK_INT(o->taken, 1);
    expect_log(o, "1 closed 0\n");
    owner_free(o);
}

TEST(h2_answers_without_a_body)
{
    static const struct {
        const char *request;
        brio_http_response response;
        const char *want;
    } cases[] = {
        {":method HEAD\n:scheme http\n:path /\n:authority h\n",
         {.body = BRIO_S_INIT("hello")},
         "1 headers end\n  :status: 200\n  content-length: 5\n"},
        {":method HEAD\n:scheme http\n:path /\n:authority h\n",
         {.chunked = true},
         "1 headers end\n  :status: 200\n"},
        {GET, {.status = 204, .body = BRIO_S_INIT("x")}, "1 headers end\n  :status: 204\n"},
        {GET, {.status = 304}, "1 headers end\n  :status: 304\n"},
        {GET, {.status = 200}, "1 headers end\n  :status: 200\n  content-length: 0\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        owner *o = with_request(cases[i].request, END_STREAM);
        CHECK_OK(brio_h2_respond(o->last, NULL, &cases[i].response));
        if (cases[i].response.chunked)
            CHECK_OK(brio_h2_write(o->last, BRIO_S("nobody sees it"), true));
        EXPECT_SENT(o, cases[i].want);
        owner_free(o);
    }
}

TEST(h2_answers_that_are_wrong)
{
    static const brio_header bad[] = {{BRIO_S_INIT("x"), BRIO_S_INIT("a\r\nb: c")},
                                      {BRIO_S_INIT("a b"), BRIO_S_INIT("c")},
                                      {BRIO_S_INIT("content-length"), BRIO_S_INIT("3")},
                                      {BRIO_S_INIT("Transfer-Encoding"), BRIO_S_INIT("chunked")}};
    owner *o = with_request(GET, END_STREAM);
    for (size_t i = 0; i < 4; i++)
        CHECK_INT(brio_h2_respond(o->last, NULL,
                                  &(brio_http_response){.headers = &bad[i], .n_headers = 1}),
                  -EINVAL);
    CHECK_INT(brio_h2_respond(o->last, NULL, &(brio_http_response){.status = 99}), -EINVAL);
    EXPECT_SENT(o, "");
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.status = 500}));
    owner_free(o);
}

TEST(h2_a_body_in_pieces)
{
    owner *o = with_request(GET, END_STREAM);
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.chunked = true}));
    EXPECT_SENT(o, "1 headers\n  :status: 200\n");
    CHECK_OK(brio_h2_write(o->last, BRIO_S("abc"), false));
    EXPECT_SENT(o, "1 data 3\n");
    CHECK_OK(brio_h2_write(o->last, (brio_str){0}, false)); /* nothing is nothing */
    EXPECT_SENT(o, "");
    CHECK_OK(brio_h2_write(o->last, BRIO_S("de"), false));
    EXPECT_SENT(o, "1 data 2\n");
    CHECK_OK(brio_h2_write(o->last, (brio_str){0}, true));
    EXPECT_SENT(o, "1 data end 0\n");
    CHECK_INT(o->taken, 2);
    expect_log(o, "1 closed 0\n");
    owner_free(o);
}

TEST(h2_an_early_answer_ends_the_request)
{
    owner *o = with_request(POST, 0);
    CHECK_OK(
        brio_h2_respond(o->last, NULL, &(brio_http_response){.status = 404, .body = BRIO_S("no")}));
    EXPECT_SENT(o, "1 headers\n  :status: 404\n  content-length: 2\n1 data end 2\n1 reset 0\n");
    owner_free(o);
}

TEST(h2_continue)
{
    owner *o = with_request(POST "expect 100-continue\n", 0);
    CHECK_OK(brio_h2_continue(o->last));
    EXPECT_SENT(o, "1 headers\n  :status: 100\n");
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.status = 204}));
    EXPECT_SENT(o, "1 headers end\n  :status: 204\n1 reset 0\n");
    owner_free(o);
}

/* ---- Windows ---------------------------------------------------------------------------- */

TEST(h2_the_client_window_holds_an_answer_back)
{
    enum { BODY = 100000, WINDOW_AT_FIRST = 65535 };
    owner *o = with_request(GET, END_STREAM);
    char *body = calloc(1, BODY);
    brio_buf more = {0};
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.body = {body, BODY}}));
    const char *text = sent(o);
    CHECK(strstr(text, "content-length: 100000\n1 data 16384\n"));
    CHECK_INT(o->last->unsent.len, BODY - WINDOW_AT_FIRST);
    CHECK_INT(o->taken, 0);
    EXPECT_SENT(o, "");
    word(&more, WINDOW, 0, 1000000);
    word(&more, WINDOW, 1, 10);
    CHECK_INT(feed_all(o, &more), 0);
    EXPECT_SENT(o, "1 data 10\n");
    word(&more, WINDOW, 1, 1000000);
    CHECK_INT(feed_all(o, &more), 0);
    EXPECT_SENT(o, "1 data 16384\n1 data 16384\n1 data end 1687\n");
    CHECK_INT(o->taken, 1);
    brio_buf_fini(&more);
    free(body);
    owner_free(o);
}

/* Composing stops near the number asked for, in the middle of a body. */
TEST(h2_output_is_bounded)
{
    enum { BODY = 60000 };
    owner *o = with_request(GET, END_STREAM);
    char *body = calloc(1, BODY);
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.body = {body, BODY}}));
    size_t total = 0;
    for (int i = 0; i < 10 && o->open; i++) {
        brio_buf_clear(&o->out);
        CHECK_OK(brio_h2_compose(o->h2, &o->out, 8000));
        CHECK(o->out.len < 8000 + 9 + 16384);
        total += o->out.len;
    }
    CHECK_INT(o->open, 0);
    CHECK(total > BODY);
    free(body);
    owner_free(o);
}

/* Two bodies are sent in turns. */
TEST(h2_streams_take_turns)
{
    enum { BODY = 32768 };
    owner *o = with_request(GET, END_STREAM);
    char *body = calloc(1, BODY);
    brio_buf bytes = {0};
    brio_h2_stream *first = o->last;
    headers(&bytes, 3, END_STREAM, GET);
    CHECK_INT(feed_all(o, &bytes), 0);
    CHECK_OK(brio_h2_respond(first, NULL, &(brio_http_response){.chunked = true}));
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.chunked = true}));
    (void)sent(o);
    CHECK_OK(brio_h2_write(first, (brio_str){body, BODY}, true));
    CHECK_OK(brio_h2_write(o->last, (brio_str){body, BODY - 1}, true));
    EXPECT_SENT(o, "1 data 16384\n3 data 16384\n1 data end 16384\n3 data end 16383\n");
    brio_buf_fini(&bytes);
    free(body);
    owner_free(o);
}

/* What was handed over is taken back after a frame of it was promised. */
TEST(h2_a_body_that_is_revoked)
{
    enum { BODY = 40000 };
    owner *o = with_request(GET, END_STREAM);
    char *body = calloc(1, BODY);
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.body = {body, BODY}}));
    CHECK_OK(brio_h2_compose(o->h2, &o->out, 17000));
    brio_h2_revoke(o->last);
    free(body);
    const char *text = sent(o);
    CHECK(strstr(text, "1 reset 2\n"));
    expect_log(o, "1 closed 2\n");
    owner_free(o);
}

TEST(h2_the_window_of_a_body)
{
    static const brio_h2_limits limits = {.stream_window = 10, .window = 100000};
    owner *o = owner_new(&limits, NULL);
    brio_buf bytes = {0};
    o->hoards = true;
    preface(&bytes);
    frame(&bytes, SETTINGS, ACK, 0, (brio_str){0});
    headers(&bytes, 1, 0, POST);
    frame(&bytes, DATA, 0, 1, BRIO_S("0123456789"));
    (void)sent(o);
    CHECK_INT(feed_all(o, &bytes), 0);
    EXPECT_SENT(o, "");
    brio_h2_took(o->last, 3);
    brio_h2_took(o->last, 7);
    EXPECT_SENT(o, "1 window 10\n");
    frame(&bytes, DATA, 0, 1, BRIO_S("01234567890")); /* one too many */
    CHECK_INT(feed_all(o, &bytes), 0);
    const char *text = sent(o);
    CHECK(strstr(text, "goaway 3") || strstr(text, "reset 3"));
    brio_buf_fini(&bytes);
    owner_free(o);
}

/* ---- Extended CONNECT ---------------------------------------------------------------------- */

TEST(h2_a_tunnel)
{
    static const brio_header upgrade[] = {
        {BRIO_S_INIT("upgrade"), BRIO_S_INIT("websocket")},
        {BRIO_S_INIT("connection"), BRIO_S_INIT("Upgrade")},
        {BRIO_S_INIT("sec-websocket-accept"), BRIO_S_INIT("x")},
        {BRIO_S_INIT("sec-websocket-protocol"), BRIO_S_INIT("chat")}};
    owner *o = with_request(":method CONNECT\n:protocol websocket\n:scheme http\n:path /ws\n"
                            ":authority h\nsec-websocket-version 13\n",
                            0);
    brio_buf bytes = {0};
    CHECK_STR(o->last->request.protocol, "websocket");
    CHECK_INT(o->last->request.method, BRIO_METHOD_CONNECT);
    CHECK_OK(brio_h2_respond(
        o->last, NULL, &(brio_http_response){.status = 101, .headers = upgrade, .n_headers = 4}));
    EXPECT_SENT(o, "1 headers\n  :status: 200\n  sec-websocket-protocol: chat\n");
    frame(&bytes, DATA, 0, 1, BRIO_S("to"));
    CHECK_INT(feed_all(o, &bytes), 0);
    CHECK_STR(brio_buf_str(&o->bodies[0]), "to");
    CHECK_OK(brio_h2_write(o->last, BRIO_S("from"), false));
    EXPECT_SENT(o, "1 data 4\n");
    CHECK_OK(brio_h2_write(o->last, (brio_str){0}, true));
    EXPECT_SENT(o, "1 data end 0\n"); /* the other direction stays open */
    frame(&bytes, DATA, END_STREAM, 1, (brio_str){0});
    CHECK_INT(feed_all(o, &bytes), 0);
    expect_log(o, "1 body to\n1 closed 0\n");
    brio_buf_fini(&bytes);
    owner_free(o);
}

/* ---- Ends ---------------------------------------------------------------------------------- */

TEST(h2_goodbye)
{
    owner *o = with_request(GET, END_STREAM);
    brio_buf bytes = {0};
    brio_h2_stream *first = o->last;
    brio_h2_goodbye(o->h2, false);
    EXPECT_SENT(o, "0 goaway 0\n");
    headers(&bytes, 3, END_STREAM, GET); /* was on its way */
    CHECK_INT(feed_all(o, &bytes), 0);
    CHECK_INT(o->open, 2);
    brio_h2_goodbye(o->h2, true);
    EXPECT_SENT(o, "0 goaway 0\n");
    headers(&bytes, 5, END_STREAM, GET);
    CHECK_INT(feed_all(o, &bytes), 0);
    CHECK_INT(o->open, 2);
    CHECK(!brio_h2_over(o->h2));
    CHECK_OK(brio_h2_respond(first, NULL, &(brio_http_response){.status = 204}));
    CHECK_OK(brio_h2_respond(o->last, NULL, &(brio_http_response){.status = 204}));
    (void)sent(o);
    CHECK(brio_h2_over(o->h2));
    brio_buf_fini(&bytes);
    owner_free(o);
}

TEST(h2_what_is_no_preface)
{
    owner *o = owner_new(NULL, NULL);
    CHECK(brio_h2_in_head(o->h2));
    CHECK_INT(feed(o, BRIO_S("GET / HTTP/1.1\r\nhost: h\r\n\r\n"), 0, 100), BRIO_ESYNTAX);
    CHECK(brio_h2_reason(o->h2) != NULL);
    (void)sent(o);
    CHECK(brio_h2_over(o->h2));
    owner_free(o);
}

/* Streams that the client has ended are not kept, but known. */
TEST(h2_frames_on_streams_that_are_over)
{
    for (uint32_t id = 1; id < 400; id += 2) {
        for (int again = 0; again < 3; again++) {
            owner *o = owner_new(NULL, NULL);
            brio_buf bytes = {0};
            o->answers = true;
            preface(&bytes);
            for (uint32_t i = 1; i < 400; i += 2)
                headers(&bytes, i, END_STREAM, GET);
            for (size_t at = 0; at < bytes.len; at += 4000) { /* answers make room for more */
                CHECK_INT(feed(o, brio_str_slice(brio_buf_str(&bytes), at, 4000), 0, 4000), 0);
                brio_buf_clear(&o->out);
                CHECK_OK(brio_h2_compose(o->h2, &o->out, SIZE_MAX));
            }
            brio_buf_clear(&bytes);
            CHECK_INT(o->open, 0);
            if (again == 0)
                frame(&bytes, DATA, 0, id, BRIO_S("x"));
            else if (again == 1)
                headers(&bytes, id, END_STREAM, GET);
            else
                word(&bytes, RST_STREAM, id, 8);
            bool known = again < 2 && id > 399 - 256;
            CHECK_INT(feed(o, brio_buf_str(&bytes), 0, 1), known ? BRIO_ESYNTAX : 0);
            CHECK(!known || strstr(sent(o), "0 goaway 5\n"));
            brio_buf_fini(&bytes);
            owner_free(o);
        }
    }
}

/* Without memory nothing is lost but the connection, wherever it is missing. */
TEST(h2_without_memory)
{
    brio_buf bytes = {0};
    several_requests(&bytes);
    uint64_t calls = 0;
    bool hit = true;
    for (uint64_t n = 1; hit; n++) {
        owner *o = calloc(1, sizeof *o);
        CHECK(o);
        present = o;
        o->answers = o->starved = true;
        for (size_t i = 0; i < STREAMS; i++)
            CHECK_OK(brio_h2_stream_init(&o->streams[i], 100));
        (void)brio_heap_fault(n);
        brio_h2_options options = {.events = &owner_events, .owner = o};
        int rc = brio_h2_open(&o->h2, &options);
        if (rc == 0) {
            brio_buf out = {0};
            (void)!brio_h2_receive(o->h2, brio_buf_str(&bytes), BRIO_SEC(1));
            (void)!brio_h2_compose(o->h2, &out, SIZE_MAX);
            brio_buf_fini(&out);
        }
        calls = brio_heap_fault(0);
        hit = calls >= n;
        CHECK(rc == 0 || rc == -ENOMEM);
        owner_free(o);
    }
    CHECK(calls > 50);
    brio_buf_fini(&bytes);
}
#endif
