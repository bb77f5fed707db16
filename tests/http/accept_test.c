/* SPDX-License-Identifier: MIT
 *
 * Requests that are served, each at every cut. */
#include "http/feed.h"

#include <stdio.h>

TEST(request_lines)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / @a 1.1 keep\n"},
        {BRIO_S_INIT("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n"), "HEAD /x @a 1.1 keep\n"},
        {BRIO_S_INIT("POST /x HTTP/1.1\r\nHost: a\r\n\r\n"), "POST /x @a 1.1 keep\n"},
        {BRIO_S_INIT("PUT /x HTTP/1.1\r\nHost: a\r\n\r\n"), "PUT /x @a 1.1 keep\n"},
        {BRIO_S_INIT("PATCH /x HTTP/1.1\r\nHost: a\r\n\r\n"), "PATCH /x @a 1.1 keep\n"},
        {BRIO_S_INIT("DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n"), "DELETE /x @a 1.1 keep\n"},
        {BRIO_S_INIT("TRACE /x HTTP/1.1\r\nHost: a\r\n\r\n"), "TRACE /x @a 1.1 keep\n"},
        {BRIO_S_INIT("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS /x @a 1.1 keep\n"},
        {BRIO_S_INIT("get / HTTP/1.1\r\nHost: a\r\n\r\n"), "get / @a 1.1 keep\n"},
        {BRIO_S_INIT("GETS / HTTP/1.1\r\nHost: a\r\n\r\n"), "GETS / @a 1.1 keep\n"},
        {BRIO_S_INIT("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: a\r\n\r\n"),
         "!#$%&'*+-.^_`|~09azAZ / @a 1.1 keep\n"},
        {BRIO_S_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 / HTTP/1.1\r\nHost: a\r\n\r\n"),
         "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 / @a 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), "GET / @a 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.9\r\nHost: a\r\n\r\n"), "GET / @a 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.0\r\n\r\n"), "GET / @ 1.0 close\n"},
    };
    FEED_CASES(NULL, cases);
}

TEST(methods_have_names)
{
    for (int m = 0; m <= BRIO_METHOD_OTHER; m++) {
        brio_str name = brio_method_name((brio_method)m);
        char text[64];
        int n = snprintf(text, sizeof(text), "%.*s / HTTP/1.0\r\n\r\n", BRIO_ARG(name));
        feed f;
        feed_open(&f, NULL, 64);
        brio_str input = {text, (size_t)n};
        brio_http_event event = brio_http_conn_next(&f.conn, &input);
        if (m < BRIO_METHOD_CONNECT)
            CHECK_INT(f.conn.request->method, m);
        else
            CHECK_INT(event, BRIO_HTTP_REFUSED);
        feed_close(&f);
    }
    CHECK_STR(brio_method_name(BRIO_METHOD_GET), "GET");
    CHECK_STR(brio_method_name(BRIO_METHOD_CONNECT), "CONNECT");
    CHECK_STR(brio_method_name(BRIO_METHOD_OTHER), "");
    CHECK_STR(brio_method_name((brio_method)99), "");
}

TEST(targets)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT("GET /a/b?c=d&e=f HTTP/1.1\r\nHost: a\r\n\r\n"),
         "GET /a/b?c=d&e=f @a 1.1 keep\n"},
        {BRIO_S_INIT("GET /?a?b??c HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /?a?b??c @a 1.1 keep\n"},
        {BRIO_S_INIT("GET /? HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / @a 1.1 keep\n"},
        {BRIO_S_INIT("GET //x HTTP/1.1\r\nHost: a\r\n\r\n"), "GET //x @a 1.1 keep\n"},
        {BRIO_S_INIT("GET /%2F%zz|{}^`\"<>\\[] HTTP/1.1\r\nHost: a\r\n\r\n"),
         "GET /%2F%zz|{}^`\"<>\\[] @a 1.1 keep\n"},
        {BRIO_S_INIT("GET /0123456789abcdef0123456789abcdef?0123456789abcdef0123456789abcdef "
                     "HTTP/1.1\r\nHost: a\r\n\r\n"),
         "GET /0123456789abcdef0123456789abcdef?0123456789abcdef0123456789abcdef @a 1.1 keep\n"},
        {BRIO_S_INIT("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS * @a 1.1 keep\n"},
        {BRIO_S_INIT("GET http://b:8000/x?y HTTP/1.1\r\nHost: a\r\n\r\n"),
         "GET /x?y @b:8000 1.1 keep\n"},
        {BRIO_S_INIT("GET HTTPS://B/ HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / @B 1.1 keep\n"},
        {BRIO_S_INIT("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / @b 1.1 keep\n"},
        {BRIO_S_INIT("GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /?q @b 1.1 keep\n"},
        {BRIO_S_INIT("GET http://b?q/r HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /?q/r @b 1.1 keep\n"},
        {BRIO_S_INIT("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS * @b 1.1 keep\n"},
        {BRIO_S_INIT("OPTIONS http://b? HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS / @b 1.1 keep\n"},
        {BRIO_S_INIT("OPTIONS http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS / @b 1.1 keep\n"},
    };
    FEED_CASES(NULL, cases);
}

TEST(header_lines)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost:a\r\nX:\r\nY: \t \r\nZ:\t b\tc d \t\r\n\r\n"),
         "GET / @a 1.1 keep [X: ] [Y: ] [Z: b\tc d]\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\nX: caf\xC3\xA9\xFF\x80:;,\r\n\r\n"),
         "GET / @a 1.1 keep [X: caf\xC3\xA9\xFF\x80:;,]\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nhOsT: a\r\n!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n"),
         "GET / @a 1.1 keep [!#$%&'*+-.^_`|~09azAZ: x]\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\nx-very-long-name-of-a-header: "
                     "0123456789abcdef0123456789abcdef0123456789abcdef\r\n\r\n"),
         "GET / @a 1.1 keep [X: 1] [X: 2] [x-very-long-name-of-a-header: "
         "0123456789abcdef0123456789abcdef0123456789abcdef]\n"},
        /* lengths and first letters of names the parser obeys */
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\nHose: b\r\nExpert: c\r\nConnectiom: close\r\n"
                     "content-typo: d\r\ncontent-lengtt: 1\r\ntransfer-encodinh: x\r\n\r\n"),
         "GET / @a 1.1 keep [Hose: b] [Expert: c] [Connectiom: close] [content-typo: d] "
         "[content-lengtt: 1] [transfer-encodinh: x]\n"},
    };
    FEED_CASES(NULL, cases);
}

TEST(empty_lines_before_a_request)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / @a 1.1 keep\n"},
        {BRIO_S_INIT("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"),
         "GET / @a 1.1 keep\nGET /2 @ 1.0 close\n"},
        {BRIO_S_INIT("\r\n\r\n"), ""},
    };
    FEED_CASES(NULL, cases);
}

TEST(hosts)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a.b-c_d~e:80\r\n\r\n"),
         "GET / @a.b-c_d~e:80 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: 127.0.0.1:65535\r\n\r\n"),
         "GET / @127.0.0.1:65535 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a:\r\n\r\n"), "GET / @a: 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n"), "GET / @[::1] 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: [::ffff:1.2.3.4]:1\r\n\r\n"),
         "GET / @[::ffff:1.2.3.4]:1 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: %C3%a9!$&'()*+,;=x\r\n\r\n"),
         "GET / @%C3%a9!$&'()*+,;=x 1.1 keep\n"},
        {BRIO_S_INIT("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), "GET / @a 1.0 close\n"},
    };
    FEED_CASES(NULL, cases);
}

TEST(connection_options)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: CLOSE\r\n\r\n"),
         "GET / @a 1.1 close [Connection: CLOSE]\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: x,, \tclose ,y\r\n\r\n"),
         "GET / @a 1.1 close [Connection: x,, \tclose ,y]\n"},
        {BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed, keep-alive\r\n\r\n"),
         "GET / @a 1.1 keep [Connection: closed, keep-alive]\n"},
        {BRIO_S_INIT("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
         "GET / @ 1.0 keep [Connection: Keep-Alive]\n"},
        {BRIO_S_INIT("GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n"),
         "GET / @ 1.0 close [Connection: keep-alive] [Connection: close]\n"},
        /* nothing behind a request that closes is read */
        {BRIO_S_INIT("GET / HTTP/1.0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
         "GET / @ 1.0 close\n"},
    };
    FEED_CASES(NULL, cases);
}

TEST(pipelined_requests)
{
    static const feed_case cases[] = {
        {BRIO_S_INIT("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: "
                     "b\r\nContent-Length: 3\r\n\r\nxyzGET /3 HTTP/1.1\r\nHost: c\r\n\r\nGET "),
         "GET /1 @a 1.1 keep\nPOST /2 @b 1.1 keep [Content-Length: 3] xyz\nGET /3 @c 1.1 keep\n"},
        {BRIO_S_INIT("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "2\r\nab\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: c\r\n\r\nBAD\n"),
         "POST /1 @a 1.1 keep [Transfer-Encoding: chunked] ab\nGET /2 @c 1.1 keep\n! 400 LF "
         "without "
         "CR\n"},
    };
    FEED_CASES(NULL, cases);
}

TEST(header_lookup_ignores_case)
{
    feed f;
    feed_open(&f, NULL, 4096);
    brio_str input = BRIO_S("GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\n\r\n");
    CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_REQUEST);
    CHECK_STR(brio_http_header(f.conn.request, BRIO_S("x-a"))->value, "1");
    CHECK(brio_http_header(f.conn.request, BRIO_S("x-b")) == NULL);
    CHECK(f.conn.request->content_type.ptr == NULL);
    CHECK_INT(f.conn.request->content_length, -1);
    CHECK_STR(f.conn.request->target, "/");
    feed_close(&f);
}

TEST(first_content_type_counts)
{
    feed f;
    feed_open(&f, NULL, 4096);
    brio_str input = BRIO_S("GET / HTTP/1.0\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n");
    CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_REQUEST);
    CHECK_STR(f.conn.request->content_type, "a/b");
    brio_http_conn_done(&f.conn);
    feed_close(&f);
}

TEST(one_input_is_not_copied)
{
    feed f;
    feed_open(&f, NULL, 4096);
    brio_str bytes = BRIO_S("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"),
             input = bytes;
    CHECK_INT(brio_http_conn_next(&f.conn, &input), BRIO_HTTP_REQUEST);
    const brio_http_request *req = f.conn.request;
    CHECK(req->path.ptr == bytes.ptr + 5);
    CHECK(req->body.ptr == bytes.ptr + bytes.len - 2);
    CHECK(req->headers[0].name.ptr == bytes.ptr + 18);
    feed_close(&f);
}
