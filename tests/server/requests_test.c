/* SPDX-License-Identifier: MIT
 *
 * Requests and their answers over real sockets: keep-alive, pipelines, bodies,
 * refusals. */
#include "routes.h"

static rig start(brio_backend backend)
{
    return rig_start(&(rig_options){.server.backend = backend, .prepare = routes});
}

ON_BOTH(keep_alive)
{
    rig r = start(backend);
    client *c = dial(&r);
    for (int i = 0; i < 20; i++) {
        get(c, "/hello");
        const answer *a = read_answer(c, false);
        CHECK_INT(a->status, 200);
        CHECK_STR(brio_str_from(a->body), "hello");
        CHECK_STR(brio_str_from(header(a, "connection")), "");
        CHECK_STR(brio_str_from(header(a, "server")), "brio");
        CHECK(*header(a, "date"));
    }
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(unknown_paths_and_methods)
{
    rig r = start(backend);
    client *c = dial(&r);
    get(c, "/nowhere");
    expect_answer(c, 404, "{\"detail\":\"Not Found\"}");
    say(c, "DELETE /hello HTTP/1.1\r\nhost: t\r\n\r\n");
    CHECK_INT(read_answer(c, false)->status, 405);
    hang_up(c);
    rig_stop(&r);
}

/* Sixteen at once, among them some that suspend, the first one longest. */
ON_BOTH(a_pipeline_is_answered_in_order)
{
    rig r = start(backend);
    client *c = dial(&r);
    char text[4096] = "", want[32];
    for (int i = 0; i < 16; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "GET /%s/%d HTTP/1.1\r\nhost: t\r\n\r\n", i % 5 ? "now" : "later", 16 - i);
    say(c, text);
    for (int i = 0; i < 16; i++) {
        snprintf(want, sizeof want, "%s %d", i % 5 ? "now" : "later", 16 - i);
        expect_answer(c, 200, want);
    }
    hang_up(c);
    rig_stop(&r);
}

/* Far more than fits into what is read ahead while a handler runs. */
ON_BOTH(a_long_pipeline_behind_a_waiting_handler)
{
    enum { REQUESTS = 8000 };
    rig r = start(backend);
    client *c = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    pid_t writer = fork();
    if (writer == 0) {
        for (int i = 0; i < REQUESTS; i++)
            get(c, "/hello");
        _exit(0);
    }
    open_gate(&r);
    expect_event(&r, "gate 0");
    expect_answer(c, 200, "passed");
    for (int i = 0; i < REQUESTS; i++)
        expect_answer(c, 200, "hello");
    CHECK(waitpid(writer, NULL, 0) == writer);
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_request_in_single_bytes)
{
    static const char text[] = "POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nabcde";
    rig r = start(backend);
    client *c = dial(&r);
    for (const char *p = text; *p; p++)
        say(c, (char[]){*p, '\0'});
    expect_answer(c, 200, "abcde");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(head_has_a_length_and_no_body)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "HEAD /hello HTTP/1.1\r\nhost: t\r\n\r\n");
    get(c, "/now/1");
    const answer *a = read_answer(c, true);
    CHECK_INT(a->status, 200);
    CHECK_STR(brio_str_from(header(a, "content-length")), "5");
    expect_answer(c, 200, "now 1");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_chunked_upload)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    say(c, "4\r\ndefg\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nhost: t\r\n\r\n");
    expect_answer(c, 200, "abcdefg");
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_client_that_waits_for_100_gets_it)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "POST /echo HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n");
    CHECK_INT(read_answer(c, true)->status, 100);
    say(c, "abc");
    expect_answer(c, 200, "abc");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(http_1_0_closes)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "GET /hello HTTP/1.0\r\n\r\n");
    expect_answer(c, 200, "hello");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(connection_close_is_kept)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "GET /hello HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n"
           "GET /now/1 HTTP/1.1\r\nhost: t\r\n\r\n");
    const answer *a = read_answer(c, false);
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(c)); /* the second one is not read any more */
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(malformed_is_400_and_closed)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "GET / HTTP/1.1\r\nhost : t\r\n\r\nGET /hello HTTP/1.1\r\nhost: t\r\n\r\n");
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 400);
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(what_came_before_a_malformed_request_is_answered)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "GET /later/5 HTTP/1.1\r\nhost: t\r\n\r\nnonsense\r\n\r\n");
    expect_answer(c, 200, "later 5");
    CHECK_INT(read_answer(c, false)->status, 400);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_body_too_large_is_413_before_it_is_sent)
{
    rig r = start(backend);
    client *c = dial(&r);
    say(c, "POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 999999999999\r\n\r\n");
    CHECK_INT(read_answer(c, false)->status, 413);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* The client sends on although it was refused: the answer must still arrive. */
ON_BOTH(a_refusal_survives_unread_bytes)
{
    rig r = start(backend);
    client *c = dial(&r);
    static char junk[256 * 1024];
    memset(junk, 'x', sizeof junk - 1);
    say(c, "POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 999999999999\r\n\r\n");
    say(c, junk);
    CHECK_INT(read_answer(c, false)->status, 413);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* Reads an answer of `bytes` digits, however large. */
static void expect_digits(client *c, size_t bytes)
{
    answer a;
    int err;
    (void)read_head(c, &a);
    CHECK_INT(strtoul(header(&a, "content-length"), NULL, 10), bytes);
    for (size_t at = 0; at < bytes;) {
        CHECK(c->len > 0 || receive_more(c, &err));
        size_t n = c->len < bytes - at ? c->len : bytes - at;
        for (size_t i = 0; i < n; i++)
            CHECK(c->buf[i] == (char)('0' + (at + i) % 10));
        at += n;
        consume(c, n);
    }
}

/* Bodies beyond BRIO_EXCHANGE_COPY go out from where they are. */
ON_BOTH(a_large_body_arrives_whole)
{
    rig r = start(backend);
    client *c = dial(&r);
    get(c, "/large/5000000");
    get(c, "/hello");
    expect_digits(c, 5000000);
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(many_large_bodies_in_a_pipeline)
{
    rig r = start(backend);
    client *c = dial(&r);
    for (int i = 0; i < 100; i++)
        get(c, i % 3 ? "/large/15000" : "/later/1");
    for (int i = 0; i < 100; i++)
        CHECK_INT(read_answer(c, false)->body_len, i % 3 ? 15000 : 7);
    hang_up(c);
    rig_stop(&r);
}

/* The client reads nothing at first, so sooner or later an answer of a handler
 * that had suspended comes while earlier ones are still being written. */
ON_BOTH(large_bodies_of_waiting_handlers_behind_a_full_socket)
{
    enum { PAIRS = 300 };
    rig r = start(backend);
    client *c = dial(&r);
    pid_t writer = fork();
    if (writer == 0) {
        for (int i = 0; i < PAIRS; i++) {
            get(c, "/large/16000");
            get(c, i % 2 ? "/later_large/50000" : "/later_borrowed/50000");
        }
        _exit(0);
    }
    usleep(100000); /* only makes it likelier */
    for (int i = 0; i < 2 * PAIRS; i++)
        expect_digits(c, i % 2 ? 50000 : 16000);
    CHECK(waitpid(writer, NULL, 0) == writer);
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_streamed_answer)
{
    rig r = start(backend);
    client *c = dial(&r);
    get(c, "/streamed/2");
    get(c, "/hello");
    const answer *a = read_answer(c, true);
    CHECK_STR(brio_str_from(header(a, "transfer-encoding")), "chunked");
    const char *want = "8\r\npiece 0;\r\n8\r\npiece 1;\r\n0\r\n\r\n";
    int err;
    while (c->len < strlen(want))
        CHECK(receive_more(c, &err));
    CHECK(memcmp(c->buf, want, strlen(want)) == 0);
    consume(c, strlen(want));
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

/* The handler fails in the middle: the client must see that the end is missing. */
ON_BOTH(a_streamed_answer_that_fails)
{
    rig r = start(backend);
    client *c = dial(&r);
    get(c, "/streamed/3");
    CHECK_INT(read_answer(c, true)->status, 200);
    int err;
    while (receive_more(c, &err))
        ;
    CHECK(!memmem(c->buf, c->len, "0\r\n\r\n", 5));
    hang_up(c);
    rig_stop(&r);
}
