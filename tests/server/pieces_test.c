/* SPDX-License-Identifier: MIT
 *
 * Bodies that are read in pieces: handlers that start before the body came,
 * clients that wait, stop or vanish in the middle, bodies nobody reads. */
#include "routes.h"
#include "server/server_internal.h"

/* Reads all of it and tells how much there was. */
static int count(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    size_t n;
    report("started");
    int rc = count_pieces(req, &n);
    report("read %d", rc);
    out->text = brio_printf(brio_request_arena(req), "%zu bytes", n);
    return rc;
}

/* Tells each byte, so that the test sees when it came. */
static int spell(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    brio_str piece;
    int rc;
    while ((rc = brio_request_read(req, &piece)) > 0)
        report("%.*s", BRIO_ARG(piece));
    out->text = BRIO_S("spelled");
    return rc;
}

/* Reads only when the gate opens. */
static int later_count(brio_request *req, const brio_none *in, brio_text *out)
{
    int rc = pass_gate();
    return rc < 0 ? rc : count(req, in, out);
}

static int ignore(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("ignored");
    return 0;
}

static int ignore_behind(brio_request *req, const brio_none *in, brio_text *out)
{
    brio_background(req, behind, brio_cstr(brio_request_arena(req), BRIO_S("upload")));
    return ignore(req, in, out);
}

/* Answers while it reads. */
static int both_ways(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    return echo_pieces(req);
}

static void pieces_routes(brio_app *app)
{
    routes(app);
    BRIO_POST(app, "/count", count, brio_none, brio_text, .body_pieces = true);
    BRIO_POST(app, "/count/more", count, brio_none, brio_text, .body_pieces = true,
              .body_limit = 64 * 1024 * 1024);
    BRIO_POST(app, "/count/less", count, brio_none, brio_text, .body_pieces = true,
              .body_limit = 10);
    BRIO_POST(app, "/echo/less", echo, brio_none, brio_text, .body_limit = 10);
    BRIO_POST(app, "/spell", spell, brio_none, brio_text, .body_pieces = true);
    BRIO_POST(app, "/later", later_count, brio_none, brio_text, .body_pieces = true);
    BRIO_POST(app, "/ignore", ignore, brio_none, brio_text, .body_pieces = true);
    BRIO_POST(app, "/behind", ignore_behind, brio_none, brio_text, .body_pieces = true);
    BRIO_POST(app, "/both", both_ways, brio_none, brio_text, .body_pieces = true);
}

static rig start(brio_backend backend, brio_http_limits limits)
{
    return rig_start(
        &(rig_options){.server = {.backend = backend, .http = limits}, .prepare = pieces_routes});
}

static void head(client *c, const char *path, const char *more)
{
    char text[512];
    snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nhost: t\r\n%s\r\n", path, more);
    say(c, text);
}

/* Sends `n` bytes; false if the server did not take them all. */
static bool send_bytes(client *c, size_t n)
{
    static char junk[64 * 1024];
    memset(junk, 'x', sizeof junk);
    while (n > 0) {
        ssize_t sent = send(c->fd, junk, n < sizeof junk ? n : sizeof junk, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        n -= (size_t)sent;
    }
    return true;
}

ON_BOTH(the_handler_runs_before_the_body_came)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/spell", "content-length: 3\r\n");
    const char *bytes[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        say(c, bytes[i]);
        expect_event(&r, bytes[i]);
    }
    expect_answer(c, 200, "spelled");
    get(c, "/hello");
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(chunks_are_pieces)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/spell", "transfer-encoding: chunked\r\n");
    say(c, "2\r\nab\r\n1;x=y\r\n");
    expect_event(&r, "ab");
    say(c, "c");
    expect_event(&r, "c");
    say(c, "\r\n0\r\nx: y\r\n\r\nGET /hello HTTP/1.1\r\nhost: t\r\n\r\n");
    expect_answer(c, 200, "spelled");
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

/* More than any queue holds, to a handler that begins late. */
ON_BOTH(a_large_upload_passes_through)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/count/more", "content-length: 33554432\r\n");
    CHECK(send_bytes(c, 33554432));
    expect_answer(c, 200, "33554432 bytes");
    get(c, "/hello");
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(limits_are_the_routes)
{
    rig r = start(backend, (brio_http_limits){.body_bytes = 100});
    client *c = dial(&r);
    head(c, "/count/more", "content-length: 101\r\n");
    CHECK(send_bytes(c, 101));
    expect_answer(c, 200, "101 bytes");
    head(c, "/count", "content-length: 101\r\n");
    CHECK_INT(read_answer(c, false)->status, 413);
    CHECK(at_end(c));
    hang_up(c);
    const char *small[] = {"/count/less", "/echo/less"};
    for (int i = 0; i < 2; i++) {
        c = dial(&r);
        char text[256];
        snprintf(text, sizeof text,
                 "POST %s HTTP/1.1\r\nhost: t\r\ncontent-length: 11\r\n\r\n01234567890", small[i]);
        say(c, text);
        CHECK_INT(read_answer(c, false)->status, 413);
        hang_up(c);
        c = dial(&r);
        head(c, small[i], "content-length: 11\r\n");
        CHECK_INT(read_answer(c, false)->status, 413);
        CHECK(at_end(c));
        hang_up(c);
    }
    rig_stop(&r);
}

ON_BOTH(chunks_beyond_the_limit_are_413)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/count/less", "transfer-encoding: chunked\r\n");
    say(c, "8\r\n01234567\r\n");
    expect_event(&r, "started");
    say(c, "8\r\n01234567\r\n");
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 413);
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(malformed_chunks_are_400)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/count", "transfer-encoding: chunked\r\n");
    say(c, "2\r\nabc\r\n");
    CHECK_INT(read_answer(c, false)->status, 400);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(continue_is_sent_when_reading_begins)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/later", "expect: 100-continue\r\ncontent-length: 3\r\n");
    open_gate(&r);
    CHECK_INT(read_answer(c, true)->status, 100);
    say(c, "abc");
    expect_answer(c, 200, "3 bytes");
    head(c, "/ignore", "expect: 100-continue\r\ncontent-length: 3\r\n");
    const answer *a = read_answer(c, false); /* nothing before it */
    CHECK_INT(a->status, 200);
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_small_rest_is_thrown_away)
{
    const char *paths[] = {"/ignore", "/behind"};
    for (int i = 0; i < 2; i++) {
        rig r = start(backend, (brio_http_limits){0});
        client *c = dial(&r);
        head(c, paths[i], "content-length: 50000\r\n");
        expect_answer(c, 200, "ignored");
        CHECK(send_bytes(c, 50000));
        get(c, "/hello");
        expect_answer(c, 200, "hello");
        if (i == 1)
            open_gate(&r);
        hang_up(c);
        rig_stop(&r);
    }
}

ON_BOTH(a_large_rest_ends_the_connection)
{
    rig r = start(backend, (brio_http_limits){0});
    const char *paths[] = {"/ignore", "/nowhere"};
    for (int i = 0; i < 2; i++) {
        client *c = dial(&r);
        head(c, paths[i], "content-length: 5000000\r\n");
        (void)send_bytes(c, 200000);
        const answer *a = read_answer(c, false);
        CHECK_INT(a->status, i ? 404 : 200);
        CHECK_STR(brio_str_from(header(a, "connection")), "close");
        CHECK(at_end(c));
        hang_up(c);
    }
    rig_stop(&r);
}

ON_BOTH(a_rest_that_does_not_come_ends_the_connection)
{
    rig r = start(backend, (brio_http_limits){.body_timeout = BRIO_MS(20)});
    client *c = dial(&r);
    head(c, "/ignore", "content-length: 50000\r\n");
    expect_answer(c, 200, "ignored");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_client_that_stops_sending_is_408)
{
    rig r = start(backend, (brio_http_limits){.body_timeout = BRIO_MS(20)});
    client *c = dial(&r);
    head(c, "/count", "content-length: 5\r\n");
    say(c, "ab");
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 408);
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* The clock is the client's: a handler may take its time. */
ON_BOTH(a_handler_that_does_not_read_is_not_cut)
{
    rig r = start(backend, (brio_http_limits){.body_timeout = BRIO_MS(100)});
    client *c = dial(&r), *other = dial(&r);
    head(c, "/later", "content-length: 3\r\n");
    head(other, "/count", "content-length: 3\r\n");
    CHECK_INT(read_answer(other, false)->status, 408); /* so the time has passed */
    say(c, "abc");
    open_gate(&r);
    expect_answer(c, 200, "3 bytes");
    hang_up(c);
    hang_up(other);
    rig_stop(&r);
}

ON_BOTH(a_client_that_vanishes_cancels_the_upload)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/count", "content-length: 5\r\n");
    say(c, "ab");
    expect_event(&r, "started");
    hang_up(c);
    int rc = 0;
    CHECK_INT(sscanf(next_line(r.events), "read %d", &rc), 1);
    CHECK(rc == -EPIPE || rc == -ECANCELED);
    c = dial(&r);
    get(c, "/hello");
    expect_answer(c, 200, "hello");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(half_a_body_and_the_end)
{
    rig r = rig_start(&(rig_options){.server = {.backend = backend, .allow_half_close = true},
                                     .prepare = pieces_routes});
    client *c = dial(&r);
    head(c, "/count", "content-length: 5\r\n");
    say(c, "ab");
    expect_event(&r, "started");
    CHECK(shutdown(c->fd, SHUT_WR) == 0);
    CHECK(at_end(c));
    CHECK(strstr(next_line(r.events), "read -") != NULL);
    hang_up(c);
    c = dial(&r); /* a body that is complete may be followed by the end */
    head(c, "/later", "content-length: 2\r\n");
    say(c, "ab");
    CHECK(shutdown(c->fd, SHUT_WR) == 0);
    open_gate(&r);
    expect_answer(c, 200, "2 bytes");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(an_answer_may_stream_while_the_body_does)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    head(c, "/both", "content-length: 4\r\n");
    say(c, "ab");
    answer a;
    int err;
    (void)read_head(c, &a);
    while (c->len < 7)
        CHECK(receive_more(c, &err));
    CHECK(memcmp(c->buf, "2\r\nab\r\n", 7) == 0);
    consume(c, 7);
    say(c, "cd");
    while (c->len < 12)
        CHECK(receive_more(c, &err));
    CHECK(memcmp(c->buf, "2\r\ncd\r\n0\r\n\r\n", 12) == 0);
    hang_up(c);
    rig_stop(&r);
}

/* At the stop an upload in flight may end; what never ends is cancelled. */
ON_BOTH(a_stop_during_an_upload)
{
    rig r = rig_start(&(rig_options){.server = {.backend = backend, .grace = BRIO_MS(50)},
                                     .prepare = pieces_routes});
    client *c = dial(&r);
    head(c, "/count", "content-length: 5\r\n");
    say(c, "ab");
    expect_event(&r, "started");
    CHECK(kill(r.pid, SIGTERM) == 0);
    CHECK(strstr(next_line(r.events), "read -") != NULL);
    CHECK_INT(rig_wait(&r), 0);
    hang_up(c);
}
