/* SPDX-License-Identifier: MIT
 *
 * Requests that are refused, each at every cut: the same reason must come from
 * the same byte on. A last test sees to it that every reason was seen. */
#include "http/feed.h"
#include "http/http_internal.h"

#define GET  "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define LINE(bytes, want)                                                                          \
    {                                                                                              \
        BRIO_S_INIT(bytes), want                                                                   \
    }

/* Bytes behind a refusal must be ignored; so they are added to some. */
static const feed_case line_cases[] = {
    LINE("GET / HTTP/1.1\nHost: a\n\n", "! 400 LF without CR\n"),
    LINE("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "! 400 LF without CR\n"),
    LINE("\nGET / HTTP/1.1\r\n", "! 400 LF without CR\n"),
    LINE("\r\r\nGET / HTTP/1.1\r\n", "! 400 CR without LF\n"),
    LINE("GET / HTTP/1.1\rHost: a\r\n\r\n", "! 400 CR without LF\n"),
    LINE(GET "X: a\rb\r\n\r\n", "! 400 CR without LF\n"),
    LINE(GET "\rX", "! 400 CR without LF\n"),
    LINE(GET "X: a\r\r\n\r\n", "! 400 CR without LF\n"),
    LINE("GET /\0 HTTP/1.1\r\n", "! 400 control byte in the head\n"),
    LINE(GET "X: a\0b\r\n\r\n", "! 400 control byte in the head\n"),
    LINE(GET "X: a\x7F\r\n\r\n", "! 400 control byte in the head\n"),
    LINE(GET "X: 0123456789abcdef0123456789\x1B\r\n\r\n", "! 400 control byte in the head\n"),
    LINE(GET "X\0: a\r\n\r\n", "! 400 control byte in the head\n"),
    LINE("\x16\x03\x01\x02\0\x01", "! 400 control byte in the head\n"), /* TLS */
    LINE("\r\n\r\n\r\nGET / HTTP/1.1\r\n", "! 400 too many empty lines before a request\n"),
};

static const feed_case request_line_cases[] = {
    LINE("GET /\r\n\r\n", "! 400 malformed request line\n"),
    LINE("GET\r\n\r\n", "! 400 malformed request line\n"),
    LINE("G\r\n\r\n", "! 400 malformed request line\n"),
    LINE(" GET / HTTP/1.1\r\n", "! 400 malformed request line\n"),
    LINE("G(T / HTTP/1.1\r\n", "! 400 malformed request line\n"),
    LINE("GET\t/ HTTP/1.1\r\n", "! 400 malformed request line\n"),
    LINE("G\xC3T / HTTP/1.1\r\n", "! 400 malformed request line\n"),
    LINE("GET / HTTP/1.1 \r\n", "! 400 malformed request line\n"),
    LINE("GET / HTTP/1.10\r\n", "! 400 malformed request line\n"),
    LINE("GET HTTP/1.1\r\n", "! 400 malformed request line\n"),
    LINE("GET  HTTP/1.1\r\n", "! 400 malformed request line\n"),
    LINE("GET / http/1.1\r\n", "! 400 malformed HTTP version\n"),
    LINE("GET / HTTP/1,1\r\n", "! 400 malformed HTTP version\n"),
    LINE("GET / HTTP/x.1\r\n", "! 400 malformed HTTP version\n"),
    LINE("GET / HTTP/1.x\r\n", "! 400 malformed HTTP version\n"),
    LINE("GET / HTTP/0.9\r\n", "! 505 HTTP version not supported\n"),
    LINE("GET / HTTP/2.0\r\n", "! 505 HTTP version not supported\n"),
    LINE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "! 505 HTTP version not supported\n"),
    LINE("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456 / HTTP/1.1\r\n", "! 501 method too long\n"),
    LINE("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "! 501 CONNECT: this server is no tunnel\n"),
};

static const feed_case target_cases[] = {
    LINE("GET  / HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /  HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /a b HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /a\tb HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /\xC3\xA9 HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /0123456789abcdef\xFF HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /a#b HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /a?b#c HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET /a?b?\x80 HTTP/1.1\r\n", "! 400 forbidden byte in the request target\n"),
    LINE("GET a HTTP/1.1\r\n", "! 400 request target of no known form\n"),
    LINE("GET * HTTP/1.1\r\n", "! 400 request target of no known form\n"),
    LINE("OPTIONS ** HTTP/1.1\r\n", "! 400 request target of no known form\n"),
    LINE("GET ftp://a/ HTTP/1.1\r\n", "! 400 request target of no known form\n"),
    LINE("GET http:/a HTTP/1.1\r\n", "! 400 request target of no known form\n"),
    LINE("GET ?a HTTP/1.1\r\n", "! 400 request target of no known form\n"),
    LINE("GET http:// HTTP/1.1\r\n", "! 400 bad authority in the request target\n"),
    LINE("GET http://?a HTTP/1.1\r\n", "! 400 bad authority in the request target\n"),
    LINE("GET http:///a HTTP/1.1\r\n", "! 400 bad authority in the request target\n"),
    LINE("GET http://u@h/ HTTP/1.1\r\n", "! 400 bad authority in the request target\n"),
    LINE("GET http://h:x/ HTTP/1.1\r\n", "! 400 bad authority in the request target\n"),
};

static const feed_case header_cases[] = {
    LINE(GET "X : a\r\n\r\n", "! 400 blank before the colon of a header\n"),
    LINE(GET "X\t: a\r\n\r\n", "! 400 blank before the colon of a header\n"),
    LINE(GET "X Y: a\r\n\r\n", "! 400 blank before the colon of a header\n"),
    LINE(GET " folded\r\n\r\n", "! 400 folded or indented header line\n"),
    LINE(GET "\tfolded\r\n\r\n", "! 400 folded or indented header line\n"),
    LINE("GET / HTTP/1.1\r\n Host: a\r\n\r\n", "! 400 folded or indented header line\n"),
    LINE(GET ": a\r\n\r\n", "! 400 header name is not a token\n"),
    LINE(GET "X\r\n\r\n", "! 400 header name is not a token\n"),
    LINE(GET "(X): a\r\n\r\n", "! 400 header name is not a token\n"),
    LINE(GET "X[]: a\r\n\r\n", "! 400 header name is not a token\n"),
    LINE(GET "\xC3\xA9: a\r\n\r\n", "! 400 header name is not a token\n"),
    LINE(GET "a-very-long-name-that-is/no-token: a\r\n\r\n", "! 400 header name is not a token\n"),
    LINE("GET / HTTP/1.1\r\n\r\n", "! 400 no Host header\n"),
    LINE("GET http://a/ HTTP/1.1\r\n\r\n", "! 400 no Host header\n"),
    LINE(GET "Host: a\r\n\r\n", "! 400 more than one Host header\n"),
    LINE("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", "! 400 more than one Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost:\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: %4\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: %4x%x4\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: %x4\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: []\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", "! 400 malformed Host header\n"),
    LINE("GET / HTTP/1.1\r\nHost: \xC3\xA9\r\n\r\n", "! 400 malformed Host header\n"),
};

static const feed_case framing_cases[] = {
    LINE(POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
         "! 400 more than one Content-Length\n"),
    LINE(POST "Content-Length: 0\r\ncontent-length: 1\r\n\r\nx",
         "! 400 more than one Content-Length\n"),
    LINE(POST "Content-Length: 1, 1\r\n\r\nx", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length: +1\r\n\r\nx", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length: -1\r\n\r\nx", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length:\r\n\r\nx", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length: 0x1\r\n\r\nx", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length: 1 1\r\n\r\nx", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length: 9223372036854775808\r\n\r\n", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length: 99999999999999999999\r\n\r\n", "! 400 malformed Content-Length\n"),
    LINE(POST "Content-Length: 9223372036854775807\r\n\r\n", "! 413 body too large\n"),
    LINE(POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "! 400 Content-Length beside Transfer-Encoding\n"),
    LINE(POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
         "! 400 Content-Length beside Transfer-Encoding\n"),
    LINE("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "! 400 Transfer-Encoding in HTTP/1.0\n"),
    LINE(POST "Transfer-Encoding: chunked, chunked\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: chunked, gzip\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: gzip\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: xchunked\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: chunked;q=1\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding:\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: ,chunked\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: chunked ,\r\n\r\n",
         "! 400 chunked is not the last transfer coding, once\n"),
    LINE(POST "Transfer-Encoding: gzip, chunked\r\n\r\n",
         "! 501 transfer coding not implemented\n"),
    LINE(POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\n\r\n",
         "! 501 transfer coding not implemented\n"),
    LINE(POST "Expect: 200-ok\r\n\r\n", "! 417 unknown expectation\n"),
    LINE(POST "Expect: 100-continue, x\r\nContent-Length: 1\r\n\r\n",
         "! 417 unknown expectation\n"),
};

#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static const feed_case chunk_cases[] = {
    LINE(CHUNKED "\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "0x1\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED " 1\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "1 \r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "-1\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "+1\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "g\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "1\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "1\rx", "! 400 malformed chunk size\n"),
    LINE(CHUNKED ";a\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "00000000000000001\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "10000000000000000\r\n", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "ffffffffffffffff\r\n", "! 413 body too large\n"),
    LINE(CHUNKED "1;a\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;\0\r\n", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a\rx", "! 400 malformed chunk size\n"),
    LINE(CHUNKED "1;\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a;\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a=\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a[=b\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a=b[\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a=\"b\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a=\"b\"c\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a=\"\\\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a =b\r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1;a \r\nx", "! 400 malformed chunk extension\n"),
    LINE(CHUNKED "1\r\nxy", "! 400 chunk data not followed by CRLF\n"),
    LINE(CHUNKED "1\r\nx\n", "! 400 chunk data not followed by CRLF\n"),
    LINE(CHUNKED "1\r\nx\r\r", "! 400 chunk data not followed by CRLF\n"),
    LINE(CHUNKED "0\r\n: a\r\n\r\n", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\nX : a\r\n\r\n", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\nX\r\n\r\n", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\n X: a\r\n\r\n", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\nX: \0\r\n\r\n", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\nX: a\n\r\n", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\nX: a\r\r\n", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\n\rx", "! 400 malformed trailer\n"),
    LINE(CHUNKED "0\r\n\n", "! 400 malformed trailer\n"),
};

TEST(lines_are_strict)
{
    FEED_CASES(NULL, line_cases);
}
TEST(request_lines_are_strict)
{
    FEED_CASES(NULL, request_line_cases);
}
TEST(targets_are_strict)
{
    FEED_CASES(NULL, target_cases);
}
TEST(headers_are_strict)
{
    FEED_CASES(NULL, header_cases);
}
TEST(framing_is_strict)
{
    FEED_CASES(NULL, framing_cases);
}
TEST(chunks_are_strict)
{
    FEED_CASES(NULL, chunk_cases);
}

/* Every other control byte, in the three places. */
TEST(no_control_byte_passes)
{
    for (int c = 0; c < 0x20; c++) {
        char text[64];
        if (c == '\t' || c == '\r' || c == '\n')
            continue;
        static const char *const forms[] = {"GET /%cx HTTP/1.1\r\n", "GET / HTTP/1.1\r\nX%c: a\r\n",
                                            "GET / HTTP/1.1\r\nX: %c\r\n"};
        for (size_t i = 0; i < 3; i++) {
            size_t before = strcspn(forms[i], "%"), rest = strlen(forms[i]) - before - 2;
            memcpy(text, forms[i], before);
            text[before] = (char)c;
            memcpy(text + before + 1, forms[i] + before + 2, rest);
            feed_check_all(NULL, (brio_str){text, before + 1 + rest},
                           "! 400 control byte in the head\n");
        }
    }
}

/* ---- Limits ---------------------------------------------------------------- */

static const brio_http_limits tight = {
    .header_bytes = 128, .header_count = 3, .target_bytes = 16, .body_bytes = 8};

static const feed_case limit_cases[] = {
    LINE("GET /0123456789abcde HTTP/1.1\r\nHost: a\r\n\r\n", "GET /0123456789abcde @a 1.1 keep\n"),
    LINE("GET /0123456789abcdef HTTP/1.1\r\nHost: a\r\n\r\n", "! 414 request target too long\n"),
    LINE("GET /0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijkl",
         "! 414 request target too long\n"),
    LINE("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL",
         "! 501 method too long\n"),
    LINE("(BCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL",
         "! 400 malformed request line\n"),
    LINE(GET "A: 1\r\nB: 2\r\n\r\n", "GET / @a 1.1 keep [A: 1] [B: 2]\n"),
    LINE(GET "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", "! 431 too many headers\n"),
    LINE(POST "Content-Length: 8\r\n\r\n12345678",
         "POST / @a 1.1 keep [Content-Length: 8] 12345678\n"),
    LINE(POST "Content-Length: 9\r\n\r\n", "! 413 body too large\n"),
    LINE(CHUNKED "4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n",
         "POST / @a 1.1 keep [Transfer-Encoding: chunked] abcdefgh\n"),
    LINE(CHUNKED "4\r\nabcd\r\n5\r\n", "! 413 body too large\n"),
};

TEST(limits_are_kept)
{
    FEED_CASES(&tight, limit_cases);
}

/* A head of exactly the limit passes; one byte more is 431, wherever its CRLF
 * would have been. */
TEST(header_bytes_are_counted_to_the_byte)
{
    for (size_t more = 0; more < 8; more++) {
        brio_buf b = {0}, want = {0};
        brio_buf_add(&b, BRIO_S(GET "X: "));
        while (b.len < tight.header_bytes - 4 + more)
            brio_buf_char(&b, 'x');
        brio_buf_add(&b, BRIO_S("\r\n\r\n"));
        if (more == 0)
            brio_buf_printf(&want, "GET / @a 1.1 keep [X: %.*s]\n", (int)(b.len - 4 - 28),
                            b.ptr + 28);
        else
            brio_buf_add(&want, BRIO_S("! 431 header block too large\n"));
        brio_buf_char(&want, '\0');
        feed_check_all(&tight, brio_buf_str(&b), want.ptr);
        brio_buf_fini(&b);
        brio_buf_fini(&want);
    }
}

TEST(small_header_limit_beats_the_request_line)
{
    brio_http_limits limits = {.header_bytes = 20};
    feed_check_all(&limits, BRIO_S("GET /0123456789abcdef HTTP/1.1\r\n"),
                   "! 431 header block too large\n");
}

TEST(extensions_and_trailers_are_bounded)
{
    brio_buf b = {0};
    brio_buf_add(&b, BRIO_S(CHUNKED "1;"));
    while (b.len < sizeof(CHUNKED) + BRIO_HTTP_EXTENSIONS_MAX + 1)
        brio_buf_char(&b, 'x');
    feed_check(NULL, brio_buf_str(&b), b.len, 1, "! 400 too many bytes of chunk extensions\n");
    feed_check(NULL, brio_buf_str(&b), 0, 1, "! 400 too many bytes of chunk extensions\n");
    brio_buf_clear(&b);
    brio_buf_add(&b, BRIO_S(CHUNKED "0\r\nx:"));
    while (b.len < 400)
        brio_buf_char(&b, 'x');
    feed_check(&tight, brio_buf_str(&b), b.len, 1, "! 431 trailers too large\n");
    feed_check(&tight, brio_buf_str(&b), 0, 1, "! 431 trailers too large\n");
    brio_buf_fini(&b);
}

/* ---- Completeness ---------------------------------------------------------- */

static bool seen_in(const feed_case *cases, size_t n, const char *row)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(cases[i].want, row))
            return true;
    return false;
}

#define SEEN_IN(cases) seen_in(cases, sizeof(cases) / sizeof((cases)[0]), row)

TEST(every_reason_has_a_case)
{
    static const char *const rows[] = {
#define ROW(name, status, text) "! " #status " " text "\n",
        BRIO_HTTP_FAULTS(ROW)
#undef ROW
    };
    static const char *const elsewhere[] = {"! 503 out of memory\n",          /* conn_test.c */
                                            "! 431 header block too large\n", /* above */
                                            "! 400 too many bytes of chunk extensions\n",
                                            "! 431 trailers too large\n"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *row = rows[i];
        bool seen = SEEN_IN(line_cases) || SEEN_IN(request_line_cases) || SEEN_IN(target_cases) ||
                    SEEN_IN(header_cases) || SEEN_IN(framing_cases) || SEEN_IN(chunk_cases) ||
                    SEEN_IN(limit_cases);
        for (size_t k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]); k++)
            seen = seen || !strcmp(elsewhere[k], row);
        if (!seen)
            test_fail(__FILE__, __LINE__, "no case for: %s", row);
    }
}
