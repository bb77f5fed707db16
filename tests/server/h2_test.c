/* SPDX-License-Identifier: MIT
 *
 * HTTP/2 over real sockets: streams beside one another, bodies and windows,
 * what is refused, how it all ends. */
#include "h2_client.h"
#include "harness/h2_frames.h"

static int upload(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    brio_str piece;
    size_t n = 0;
    int rc;
    report("started");
    while ((rc = pass_gate()) >= 0 && (rc = brio_request_read(req, &piece)) > 0)
        n += piece.len;
    report("read %d", rc);
    out->text = brio_printf(brio_request_arena(req), "%zu bytes", n);
    return rc;
}

static int both_ways(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    int rc = echo_pieces(req);
    report("read %d", rc);
    return rc;
}

static int endless(brio_request *req, const brio_none *in, brio_text *out)
{
    static const char text[16 * 1024];
    (void)in, (void)out;
    return write_on(req, (brio_str){text, sizeof text});
}

static int show(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    const brio_http_request *http = brio_request_http(req);
    brio_str cookie = brio_request_header(req, BRIO_S("cookie"));
    out->text = brio_printf(brio_request_arena(req), "%d %.*s %.*s %.*s", http->major,
                            BRIO_ARG(http->method_text), BRIO_ARG(http->host), BRIO_ARG(cookie));
    return 0;
}

static void h2_routes(brio_app *app)
{
    routes(app);
    BRIO_POST(app, "/upload", upload, brio_none, brio_text, .body_pieces = true);
    BRIO_POST(app, "/both", both_ways, brio_none, brio_text, .body_pieces = true);
    BRIO_POST(app, "/echo/less", echo, brio_none, brio_text, .body_limit = 10);
    BRIO_GET(app, "/endless", endless, brio_none, brio_text);
    BRIO_GET(app, "/show", show, brio_none, brio_text);
}

static rig start_with(brio_server_options o)
{
    return rig_start(&(rig_options){.server = o, .prepare = h2_routes});
}

static rig start(brio_backend backend)
{
    return start_with((brio_server_options){.backend = backend});
}

/* ---- Requests and answers ------------------------------------------------------------ */

ON_BOTH(h2_a_request)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    for (int i = 0; i < 20; i++) {
        int32_t id = h2_get(c, "/hello");
        h2_expect(c, id, 200, "hello");
        CHECK_STR(brio_str_from(h2_header(c, id, "server")), "brio");
        CHECK_STR(brio_str_from(h2_header(c, id, "content-length")), "5");
        CHECK(*h2_header(c, id, "date"));
    }
    h2_expect(c, h2_get(c, "/nowhere"), 404, "{\"detail\":\"Not Found\"}");
    h2_expect(c, h2_request(c, "DELETE", "/hello", NULL, 0, false), 405,
              "{\"detail\":\"Method Not Allowed\"}");
    int32_t id = h2_request(c, "HEAD", "/hello", NULL, 0, false);
    h2_expect(c, id, 200, "");
    CHECK_STR(brio_str_from(h2_header(c, id, "content-length")), "5");
    const nghttp2_nv crumbs[] = {H2_NV("cookie", "a=b"), H2_NV("cookie", "c=d")};
    h2_expect(c, h2_request(c, "GET", "/show", crumbs, 2, false), 200, "2 GET t a=b; c=d");
    const nghttp2_nv forwarded[] = {H2_NV("x-forwarded-for", "10.1.2.3"),
                                    H2_NV("x-forwarded-proto", "https")};
    h2_expect(c, h2_request(c, "GET", "/whose", forwarded, 2, false), 200, "https://10.1.2.3 0");
    h2_hang_up(c);
    rig_stop(&r);
}

/* The preface in pieces; and another client of HTTP/1.1 on the same port. */
ON_BOTH(h2_begins_in_single_bytes)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    client *old = dial(&r);
    const uint8_t *bytes;
    int32_t id = h2_get(c, "/hello");
    for (ssize_t n; (n = nghttp2_session_mem_send(c->session, &bytes)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            CHECK_INT(send(c->fd, bytes + i, 1, MSG_NOSIGNAL), 1);
    h2_expect(c, id, 200, "hello");
    say(old, "P");
    say(old, "R");
    say(old, "OST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\nab");
    CHECK_INT(read_answer(old, false)->status, 405); /* the method PROST */
    hang_up(old);
    old = dial(&r);
    say(old, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
    CHECK_INT(read_answer(old, false)->status, 505);
    hang_up(old);
    h2_hang_up(c);
    rig_stop(&r);
}

/* A hundred at once; those that wait hold nobody up. */
ON_BOTH(h2_streams_beside_one_another)
{
    enum { N = 99 };
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    int32_t ids[N], waits = h2_get(c, "/gated");
    char path[32], want[32];
    for (int i = 0; i < N; i++) {
        snprintf(path, sizeof path, "/%s/%d", i % 5 ? "now" : "later", i % 7);
        ids[i] = h2_get(c, path);
    }
    for (int i = 0; i < N; i++) {
        snprintf(want, sizeof want, "%s %d", i % 5 ? "now" : "later", i % 7);
        h2_expect(c, ids[i], 200, want);
    }
    expect_event(&r, "started");
    CHECK(!h2_at(c, waits)->closed);
    open_gate(&r);
    expect_event(&r, "gate 0");
    h2_expect(c, waits, 200, "passed");
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Bodies of requests ----------------------------------------------------------------- */

ON_BOTH(h2_bodies)
{
    enum { BIG = 300000 };
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    char *big = malloc(BIG + 1);
    CHECK(big);
    for (int i = 0; i < BIG; i++)
        big[i] = (char)('a' + i % 26);
    big[BIG] = '\0';
    for (int length = 0; length < 2; length++) {
        h2_expect(c, h2_post(c, "/echo", (brio_str){0}, length, false), 200, "");
        h2_expect(c, h2_post(c, "/echo", BRIO_S("abc"), length, false), 200, "abc");
        h2_expect(c, h2_post(c, "/echo", (brio_str){big, BIG}, length, false), 200, big);
        h2_expect(c, h2_post(c, "/echo/less", BRIO_S("0123456789"), length, false), 200,
                  "0123456789");
        h2_expect(c, h2_post(c, "/echo/less", BRIO_S("01234567890"), length, false), 413,
                  length ? "{\"detail\":\"Request Entity Too Large\"}"
                         : "{\"detail\":\"Request Entity Too Large\"}");
        int32_t id = h2_post(c, "/echo/less", (brio_str){big, BIG}, length, false);
        h2_until_closed(c, id);
        CHECK_INT(h2_at(c, id)->status, 413);
        CHECK_INT(h2_at(c, id)->code, 0);
        id = h2_post(c, "/nowhere", (brio_str){big, BIG}, length, false);
        h2_until_closed(c, id);
        CHECK_INT(h2_at(c, id)->status, 404);
    }
    h2_expect(c, h2_get(c, "/hello"), 200, "hello"); /* the connection's window is whole */
    free(big);
    h2_hang_up(c);
    rig_stop(&r);
}

/* A handler that does not read holds its client back, and nobody else. */
ON_BOTH(h2_a_reader_sets_the_pace)
{
    enum { BODY = 500000, WINDOW_LEFT = 65535 };
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    char *body = calloc(1, BODY);
    int32_t id = h2_post(c, "/upload", (brio_str){body, BODY}, true, false);
    h2_ping(c);
    h2_ping(c);
    expect_event(&r, "started");
    CHECK_INT(h2_at(c, id)->left, BODY - WINDOW_LEFT);
    h2_expect(c, h2_post(c, "/echo", BRIO_S("abc"), true, false), 200, "abc");
    for (int i = 0; i < 100; i++)
        open_gate(&r);
    h2_expect(c, id, 200, "500000 bytes");
    expect_event(&r, "read 0");
    free(body);
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_both_ways_at_once)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    int32_t id = h2_post(c, "/both", BRIO_S("abc"), false, true);
    while (h2_at(c, id)->body_len < 3)
        h2_turn(c);
    h2_more(c, id, BRIO_S("def"), true);
    while (h2_at(c, id)->body_len < 6)
        h2_turn(c);
    h2_more(c, id, (brio_str){0}, false);
    h2_expect(c, id, 200, "abcdef");
    expect_event(&r, "read 0");
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_expect_continue)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    const nghttp2_nv nv[] = {H2_NV("expect", "100-continue")};
    for (int pieces = 0; pieces < 2; pieces++) {
        int32_t id = (int32_t)nghttp2_session_get_next_stream_id(c->session);
        h2_at(c, id)->open = true;
        CHECK_INT(h2_request(c, "POST", pieces ? "/both" : "/echo", nv, 1, true), id);
        while (h2_at(c, id)->status != 100)
            h2_turn(c);
        h2_more(c, id, BRIO_S("abc"), false);
        h2_expect(c, id, 200, "abc");
    }
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Bodies of answers --------------------------------------------------------------------- */

static void check_large(h2_client *c, int32_t id, size_t n)
{
    h2_until_closed(c, id);
    const h2_stream *s = h2_at(c, id);
    CHECK_INT(s->status, 200);
    CHECK_INT(s->body_len, n);
    for (size_t i = 0; i < n; i++)
        if (s->body[i] != (char)('0' + i % 10))
            test_fail(__FILE__, __LINE__, "byte %zu is wrong", i);
}

ON_BOTH(h2_large_answers)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    int32_t a = h2_get(c, "/large/1000000"), b = h2_get(c, "/later_large/700000"),
            d = h2_get(c, "/large/16384"), e = h2_get(c, "/later_borrowed/50000");
    check_large(c, d, 16384);
    check_large(c, e, 50000);
    check_large(c, b, 700000);
    check_large(c, a, 1000000);
    h2_expect(c, h2_get(c, "/streamed/4"), 200, "piece 0;piece 1;piece 2;piece 3;");
    int32_t broken = h2_get(c, "/streamed/3");
    h2_until_closed(c, broken);
    CHECK_INT(h2_at(c, broken)->code, NGHTTP2_INTERNAL_ERROR);
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    h2_hang_up(c);
    rig_stop(&r);
}

/* Answers wait for windows; one stream that is not read does not stop the others
 * until the connection's own window is used up. */
ON_BOTH(h2_answers_wait_for_windows)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    c->hoards = true;
    int32_t id = h2_get(c, "/later_borrowed/50000");
    check_large(c, id, 50000);
    int32_t next = h2_get(c, "/large/30000");
    while (h2_at(c, next)->body_len < 15535)
        h2_turn(c);
    h2_ping(c);
    CHECK_INT(h2_at(c, next)->body_len, 15535); /* 65535 in all */
    CHECK(nghttp2_session_consume_connection(c->session, 65535) == 0);
    check_large(c, next, 30000);
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_a_small_answer_outlives_its_handler)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    c->hoards = true;
    for (int i = 0; i < 6; i++)
        (void)h2_get(c, "/large/16000");
    int32_t last = h2_get(c, "/now/7");
    h2_ping(c);
    h2_ping(c);
    CHECK(!h2_at(c, last)->closed);
    CHECK(nghttp2_session_consume_connection(c->session, 65535) == 0);
    h2_expect(c, last, 200, "now 7");
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Ends --------------------------------------------------------- */

ON_BOTH(h2_a_reset_cancels_one_handler)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    int32_t id = h2_get(c, "/gated"), other = h2_get(c, "/later/50");
    h2_send(c);
    expect_event(&r, "started");
    h2_reset(c, id);
    expect_event(&r, "gate -125");
    h2_expect(c, other, 200, "later 50");
    int32_t reading = h2_post(c, "/both", BRIO_S("abc"), false, true);
    while (h2_at(c, reading)->body_len < 3)
        h2_turn(c);
    h2_reset(c, reading);
    CHECK(strncmp(next_line(r.events), "read -", 6) == 0);
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_a_disconnect_cancels_all)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    (void)h2_get(c, "/gated");
    h2_send(c);
    expect_event(&r, "started");
    (void)h2_get(c, "/endless"); /* it waits for a window */
    c->hoards = true;
    h2_ping(c);
    h2_hang_up(c);
    bool gate = false, wrote = false;
    for (int i = 0; i < 2; i++) {
        const char *line = next_line(r.events);
        gate = gate || strcmp(line, "gate -125") == 0;
        wrote = wrote || strncmp(line, "wrote -", 7) == 0;
    }
    CHECK(gate && wrote);
    rig_stop(&r);
}

ON_BOTH(h2_a_background_task_outlives_its_connection)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r);
    h2_expect(c, h2_get(c, "/background?one"), 200, "answered");
    expect_event(&r, "background of one");
    h2_hang_up(c);
    c = h2_dial(&r);
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    open_gate(&r);
    expect_event(&r, "background over 0");
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_a_stop_finishes_what_is_in_flight)
{
    rig r = start(backend);
    h2_client *c = h2_dial(&r), *idle = h2_dial(&r);
    h2_expect(idle, h2_get(idle, "/hello"), 200, "hello");
    int32_t id = h2_get(c, "/gated");
    h2_send(c);
    expect_event(&r, "started");
    CHECK(kill(r.pid, SIGTERM) == 0);
    h2_until_over(idle);
    CHECK_INT(idle->goaway, 0);
    while (c->goaway < 0)
        h2_turn(c);
    CHECK(!c->over);
    open_gate(&r);
    expect_event(&r, "gate 0");
    h2_expect(c, id, 200, "passed");
    h2_until_over(c);
    CHECK_INT(rig_wait(&r), 0);
    h2_hang_up(c);
    h2_hang_up(idle);
}

ON_BOTH(h2_a_stop_by_force)
{
    rig r = start_with((brio_server_options){.backend = backend, .grace = BRIO_MS(50)});
    h2_client *c = h2_dial(&r);
    (void)h2_get(c, "/gated");
    (void)h2_get(c, "/background?x");
    h2_send(c);
    (void)find_line(r.events, "started");
    h2_ping(c);
    CHECK(kill(r.pid, SIGTERM) == 0);
    CHECK_INT(rig_wait(&r), 0);
    h2_hang_up(c);
}

ON_BOTH(h2_an_idle_connection_is_told_goodbye)
{
    rig r =
        start_with((brio_server_options){.backend = backend, .http = {.keep_alive = BRIO_MS(500)}});
    h2_client *c = h2_dial(&r);
    h2_expect(c, h2_get(c, "/later/200"), 200, "later 200"); /* which is not idle */
    for (int i = 0; i < 40; i++) {
        h2_expect(c, h2_get(c, "/hello"), 200, "hello"); /* nor is this */
        (void)poll(NULL, 0, 20);
    }
    while (!c->over) { /* which is, whatever it says */
        h2_ping(c);
        (void)poll(NULL, 0, 5);
    }
    CHECK_INT(c->goaway, 0);
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Patience --------------------------------------------------------- */

ON_BOTH(h2_a_slow_body_is_408)
{
    rig r = start_with(
        (brio_server_options){.backend = backend, .http = {.body_timeout = BRIO_MS(50)}});
    h2_client *c = h2_dial(&r);
    int32_t id = h2_post(c, "/echo", BRIO_S("ab"), false, true);
    h2_until_closed(c, id);
    CHECK_INT(h2_at(c, id)->status, 408);
    h2_expect(c, h2_get(c, "/later/200"), 200, "later 200"); /* the handler's time is its own */
    id = h2_post(c, "/both", BRIO_S("ab"), false, true);
    h2_until_closed(c, id);
    CHECK_STR(brio_str_from(next_line(r.events)), "read -4014");
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_an_answer_that_nobody_reads)
{
    rig r = start_with(
        (brio_server_options){.backend = backend, .http = {.write_timeout = BRIO_MS(80)}});
    h2_client *c = h2_dial(&r);
    c->hoards = true;
    int32_t id = h2_get(c, "/endless");
    h2_until_closed(c, id);
    CHECK_INT(h2_at(c, id)->code, NGHTTP2_CANCEL);
    CHECK(strncmp(next_line(r.events), "wrote -", 7) == 0);
    CHECK(nghttp2_session_consume_connection(c->session, 65535) == 0);
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    h2_hang_up(c);
    rig_stop(&r);
}

/* The socket itself is not read. */
ON_BOTH(h2_a_client_that_does_not_read)
{
    rig r = start_with(
        (brio_server_options){.backend = backend, .http = {.write_timeout = BRIO_MS(80)}});
    h2_client *c = h2_dial(&r);
    CHECK(nghttp2_submit_window_update(c->session, 0, 0, 1 << 30) == 0);
    int32_t id = h2_get(c, "/endless");
    h2_send(c);
    CHECK(nghttp2_submit_window_update(c->session, 0, id, 1 << 30) == 0);
    h2_send(c);
    CHECK(strncmp(next_line(r.events), "wrote -", 7) == 0);
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_a_head_that_does_not_end)
{
    rig r = start_with((brio_server_options){
        .backend = backend, .http = {.header_timeout = BRIO_MS(60), .keep_alive = BRIO_SEC(60)}});
    h2_client *c = h2_dial(&r);
    brio_buf bytes = {0};
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    frame(&bytes, HEADERS, END_STREAM, 3, BRIO_S("\x82"));
    CHECK_INT(send(c->fd, bytes.ptr, bytes.len, 0), (long long)bytes.len);
    h2_until_over(c);
    brio_buf_fini(&bytes);
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(h2_a_handler_that_takes_too_long)
{
    rig r = start_with((brio_server_options){.backend = backend, .request_timeout = BRIO_MS(50)});
    h2_client *c = h2_dial(&r);
    int32_t id = h2_get(c, "/stubborn?x");
    h2_send(c);
    expect_event(&r, "started");
    h2_expect(c, id, 503, "{\"detail\":\"Service Unavailable\"}");
    expect_event(&r, "cancelled -125");
    open_gate(&r);
    expect_event(&r, "gate 0, still x");
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Floods --------------------------------------------------------- */

static void write_all(int fd, const brio_buf *bytes)
{
    size_t at = 0;
    while (at < bytes->len) {
        ssize_t n = send(fd, bytes->ptr + at, bytes->len - at, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* closed by the server */
        at += (size_t)n;
    }
}

typedef void flood_fn(brio_buf *bytes);

static void pings(brio_buf *bytes)
{
    for (int i = 0; i < 5000; i++)
        frame(bytes, PING, 0, 0, BRIO_S("12345678"));
}

static void rapid_resets(brio_buf *bytes)
{
    for (uint32_t id = 1; id < 5000; id += 2) {
        headers(bytes, id, END_STREAM, GET);
        word(bytes, RST_STREAM, id, 8);
    }
}

static void continuations(brio_buf *bytes)
{
    frame(bytes, HEADERS, 0, 1, (brio_str){0});
    for (int i = 0; i < 5000; i++)
        frame(bytes, CONTINUATION, 0, 1, BRIO_S("\0\1x\1y"));
}

/* The stream is broken at once, and what follows is ignored: the clock ends it. */
static void ignored_continuations(brio_buf *bytes)
{
    frame(bytes, HEADERS, 0, 1, (brio_str){0});
    for (int i = 0; i < 5000; i++)
        frame(bytes, CONTINUATION, 0, 1, BRIO_S("\x86\x86"));
}

static void refused_streams(brio_buf *bytes)
{
    for (uint32_t id = 1; id < 10000; id += 2)
        headers(bytes, id, 0, POST);
}

static void empty_data(brio_buf *bytes)
{
    headers(bytes, 1, 0, ":method POST\n:scheme http\n:path /upload\n:authority h\n");
    for (int i = 0; i < 5000; i++)
        frame(bytes, DATA, 0, 1, (brio_str){0});
}

/* The flooding connection ends; another one is served all the time. */
ON_BOTH(h2_floods)
{
    static flood_fn *const floods[] = {
        pings, rapid_resets, continuations, ignored_continuations, refused_streams, empty_data};
    rig r = start_with((brio_server_options){
        .backend = backend, .http = {.header_timeout = BRIO_MS(100), .keep_alive = BRIO_SEC(60)}});
    h2_client *other = h2_dial(&r);
    h2_expect(other, h2_get(other, "/hello"), 200, "hello");
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        brio_buf bytes = {0};
        int fd = try_connect(r.port);
        char rest[4096];
        CHECK(fd >= 0);
        preface(&bytes);
        floods[i](&bytes);
        write_all(fd, &bytes);
        h2_expect(other, h2_get(other, "/hello"), 200, "hello");
        while (recv(fd, rest, sizeof rest, 0) > 0)
            ;
        h2_expect(other, h2_get(other, "/hello"), 200, "hello");
        close(fd);
        brio_buf_fini(&bytes);
    }
    h2_hang_up(other);
    rig_stop(&r);
}
