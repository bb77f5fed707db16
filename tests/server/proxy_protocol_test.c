/* SPDX-License-Identifier: MIT
 *
 * The PROXY protocol: heads as tables, each also split at every byte, and
 * connections that begin with one. */
#include "routes.h"
#include "server/server_internal.h"

#define V2(command, family, hi, lo) "\r\n\r\n\0\r\nQUIT\n" command family hi lo

/* A head, and what becomes of it. `rest` bytes stand behind it. */
typedef struct row {
    const char *bytes;
    size_t len, rest;
    int rc; /* 1, 0 or -EBADMSG */
    const char *host;
    uint16_t port;
    bool known;
} row;

#define ROW(text, ...)                                                                             \
    {                                                                                              \
        .bytes = text, .len = sizeof(text) - 1, __VA_ARGS__                                        \
    }
#define BAD          .rc = -EBADMSG
#define CLIENT(h, p) .rc = 1, .known = true, .host = h, .port = p

static const row rows[] = {
    /* Version 1 */
    ROW("PROXY TCP4 203.0.113.7 10.0.0.1 51234 443\r\nGET", .rest = 3,
        CLIENT("203.0.113.7", 51234)),
    ROW("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
        CLIENT("255.255.255.255", 65535)),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 0 0\r\n", CLIENT("1.2.3.4", 0)),
    ROW("PROXY TCP6 2001:db8::1 ::1 4000 80\r\n", CLIENT("2001:db8::1", 4000)),
    ROW("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        CLIENT("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535)),
    ROW("PROXY UNKNOWN\r\n", .rc = 1),
    ROW("PROXY UNKNOWN what ever 1 2\r\nx", .rest = 1, .rc = 1),
    ROW("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", .rc = 1),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r", .rc = 0),
    ROW("", .rc = 0),
    ROW("P", .rc = 0),
    ROW("GET / HTTP/1.1\r\n", BAD),
    ROW("PROXX", BAD),
    ROW("proxy TCP4", BAD),
    ROW("PROXY\r\n", BAD),
    ROW("PROXY \r\n", BAD),
    ROW("PROXY TCP4\r\n", BAD),
    ROW("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n", BAD),
    ROW("PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY TCP4 ::1 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY TCP6 1.2.3.4 ::1 1 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", BAD),
    ROW("PROXY TCP4 1.2.3.4\r5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n", BAD),
    ROW("PROXY UNKNOWN 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 "
        "0123456789 0123456789 0123\r\n",
        BAD), /* 108 bytes */
    /* Version 2 */
    ROW(V2("\x21", "\x11", "\0", "\x0c") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01\xbb"
                                         "GET",
        .rest = 3, CLIENT("203.0.113.7", 51234)),
    ROW(V2("\x21", "\x11", "\0",
           "\x13") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01\xbb\x04\0\x04....x",
        .rest = 1, CLIENT("203.0.113.7", 51234)),
    ROW(V2("\x21", "\x21", "\0", "\x24") "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
                                         "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
                                         "\x0f\xa0\0\x50",
        CLIENT("2001:db8::1", 4000)),
    ROW(V2("\x20", "\0", "\0", "\0") "x", .rest = 1, .rc = 1),
    ROW(V2("\x20", "\x11", "\0", "\x0c") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01\xbb", .rc = 1),
    ROW(V2("\x20", "\xff", "\0", "\x02") "abx", .rest = 1, .rc = 1),
    ROW(V2("\x21", "\0", "\0", "\x03") "abcx", .rest = 1, .rc = 1),
    ROW(V2("\x21", "\x11", "\0", "\x0c") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01", .rc = 0),
    ROW(V2("\x21", "\x11", "\0", "\x0b") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01", BAD),
    ROW(V2("\x21", "\x12", "\0", "\x0c") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01\xbb", BAD),
    ROW(V2("\x21", "\x41", "\0", "\x0c") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01\xbb", BAD),
    ROW(V2("\x22", "\x11", "\0", "\x0c") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01\xbb", BAD),
    ROW(V2("\x11", "\x11", "\0", "\x0c") "\xcb\0\x71\x07\x0a\0\0\x01\xc8\x22\x01\xbb", BAD),
    ROW(V2("\x21", "\x11", "\x10", "\x01") "\xcb\0\x71\x07", BAD), /* longer than the limit */
    ROW("\r\n\r\n\0\r\nQUIT\r", BAD),
    ROW("\r\n\r\nGET", BAD),
};

static void check_row(const row *r, size_t cut)
{
    brio_server_proxy p = {0};
    brio_str input = {r->bytes, cut};
    int rc = brio_server_proxy_read(&p, &input);
    if (rc == 0) {
        CHECK_INT(input.len, 0);
        input = (brio_str){r->bytes + cut, r->len - cut};
        rc = brio_server_proxy_read(&p, &input);
    } else {
        input.len += r->len - cut;
    }
    CHECK_INT(rc, r->rc);
    if (rc != 1)
        return;
    CHECK_INT(input.len, r->rest);
    CHECK_INT(p.known, r->known);
    CHECK_STR(brio_str_from(p.host), r->host ? r->host : "");
    CHECK_INT(p.port, r->port);
}

TEST(heads_whole_and_in_two_parts)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 0; cut <= rows[i].len; cut++)
            check_row(&rows[i], cut);
}

TEST(a_unix_address_and_the_longest_head)
{
    static char bytes[16 + BRIO_SERVER_PROXY_MAX] = V2("\x21", "\x31", "\x10", "\0");
    for (size_t step = 1; step < sizeof bytes; step *= 3) {
        brio_server_proxy p = {0};
        int rc = 0;
        for (size_t at = 0; at < sizeof bytes && rc == 0; at += step) {
            brio_str input = brio_str_slice((brio_str){bytes, sizeof bytes}, at, step);
            rc = brio_server_proxy_read(&p, &input);
            CHECK_INT(input.len, 0);
            CHECK_INT(rc, at + step >= sizeof bytes);
        }
        CHECK(p.known);
        CHECK_STR(brio_str_from(p.host), "");
    }
}

/* ---- Connections ------------------------------------------------------------ */

static rig start(brio_backend backend, const char *from)
{
    static const char *const listen[] = {"127.0.0.1:0,proxy"};
    return rig_start(&(rig_options){.server = {.backend = backend,
                                               .listen = listen,
                                               .n_listen = 1,
                                               .forwarded_allow_ips = "10.0.0.0/8",
                                               .proxy_protocol_from = from},
                                    .prepare = routes,
                                    .no_host = true,
                                    .log = true});
}

#define ASK "GET /whose HTTP/1.1\r\nhost: t\r\n\r\n"

ON_BOTH(the_header_names_the_client)
{
    rig r = start(backend, NULL);
    client *c = dial(&r);
    say(c, "PROXY TCP4 203.0.113.7 10.0.0.1 51234 443\r\n" ASK);
    expect_answer(c, 200, "http://203.0.113.7 known");
    say(c, "GET /whose HTTP/1.1\r\nhost: t\r\nx-forwarded-for: 1.1.1.1\r\n\r\n");
    expect_answer(c, 200, "http://203.0.113.7 known"); /* the client is no trusted proxy */
    (void)find_line(r.log, "203.0.113.7:51234 - \"GET /whose HTTP/1.1\" 200");
    hang_up(c);
    c = dial(&r);
    say(c, "PROXY TCP4 10.9.9.9 10.0.0.1 51234 443\r\n"
           "GET /whose HTTP/1.1\r\nhost: t\r\nx-forwarded-for: 1.1.1.1\r\n\r\n");
    expect_answer(c, 200, "http://1.1.1.1 0"); /* a proxy before the proxy */
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(the_header_byte_by_byte)
{
    static const char text[] = "PROXY TCP6 2001:db8::1 ::1 4000 80\r\n" ASK;
    rig r = start(backend, "127.0.0.0/8");
    client *c = dial(&r);
    CHECK(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) == 0);
    for (const char *at = text; *at; at++)
        say(c, (char[]){*at, '\0'});
    expect_answer(c, 200, "http://2001:db8::1 known");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_check_of_the_proxys_own)
{
    static const char head[] = V2("\x20", "\0", "\0", "\0");
    rig r = start(backend, NULL);
    client *c = dial(&r);
    CHECK_INT(send(c->fd, head, 16, 0), 16);
    say(c, ASK);
    expect_answer(c, 200, "http://127.0.0.1 known");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(who_says_something_else_is_cut_off)
{
    rig r = start(backend, NULL);
    client *c = dial(&r);
    int err;
    say(c, ASK);
    CHECK(!receive_more(c, &err));
    (void)find_line(r.log, "no PROXY header");
    hang_up(c);
    c = dial(&r); /* half of one */
    say(c, "PROXY TCP4 203.0");
    shutdown(c->fd, SHUT_WR);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(who_is_not_on_the_list_may_not_speak)
{
    rig r = start(backend, "10.0.0.1, unix");
    client *c = dial(&r);
    int err;
    (void)!send(c->fd, ASK, 5, MSG_NOSIGNAL);
    CHECK(!receive_more(c, &err));
    (void)find_line(r.log, "127.0.0.1 may not begin a connection");
    hang_up(c);
    rig_stop(&r);
}
