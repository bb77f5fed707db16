/* SPDX-License-Identifier: MIT
 *
 * Clients that are slow, idle or gone. Only what happens and in which order is
 * checked, never how long it took. */
#include "routes.h"
#include "server/server_internal.h"

static rig start(brio_backend backend, brio_http_limits limits)
{
    return rig_start(
        &(rig_options){.server = {.backend = backend, .http = limits}, .prepare = routes});
}

ON_BOTH(an_incomplete_head_is_408)
{
    rig r = start(backend, (brio_http_limits){.header_timeout = BRIO_MS(20)});
    client *c = dial(&r);
    say(c, "GET /hello HTTP/1.1\r\nhost: ");
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 408);
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* A byte now and then does not extend the time for the head. */
ON_BOTH(a_dripping_head_is_408)
{
    rig r = start(backend, (brio_http_limits){.header_timeout = BRIO_MS(100)});
    client *c = dial(&r);
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    say(c, "GET /hello HTTP/1.1\r\nx: ");
    while (poll(&fd, 1, 10) == 0)
        say(c, "x");
    CHECK_INT(read_answer(c, false)->status, 408);
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(an_incomplete_body_is_408)
{
    rig r = start(backend, (brio_http_limits){.body_timeout = BRIO_MS(20)});
    client *c = dial(&r);
    say(c, "POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nab");
    CHECK_INT(read_answer(c, false)->status, 408);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* The second head gets its own time, although the first was answered at once. */
ON_BOTH(the_head_behind_an_answer_is_408)
{
    rig r = start(backend, (brio_http_limits){.header_timeout = BRIO_MS(500)});
    client *c = dial(&r); /* and the first head is there long before that */
    say(c, "GET /hello HTTP/1.1\r\nhost: t\r\n\r\nGET /he");
    expect_answer(c, 200, "hello");
    CHECK_INT(read_answer(c, false)->status, 408);
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(an_idle_connection_closes_silently)
{
    rig r = start(backend, (brio_http_limits){.keep_alive = BRIO_MS(20)});
    client *c = dial(&r);
    get(c, "/hello");
    expect_answer(c, 200, "hello");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_connection_without_request_closes_silently)
{
    rig r = start(backend, (brio_http_limits){.header_timeout = BRIO_MS(20)});
    client *c = dial(&r);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* The timeouts are for clients, not for handlers. */
ON_BOTH(a_slow_handler_is_not_cut)
{
    rig r = start(backend, (brio_http_limits){.header_timeout = BRIO_MS(500),
                                              .body_timeout = BRIO_MS(20),
                                              .keep_alive = BRIO_MS(20),
                                              .write_timeout = BRIO_MS(20)});
    client *c = dial(&r);
    get(c, "/later/1000");
    expect_answer(c, 200, "later 1000");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(many_connections_time_out_each)
{
    enum { N = 100 };
    rig r = start(backend, (brio_http_limits){.keep_alive = BRIO_MS(50)});
    static client *c[N];
    for (int i = 0; i < N; i++) {
        c[i] = dial(&r);
        get(c[i], i % 2 ? "/later/30" : "/hello");
        CHECK_INT(read_answer(c[i], false)->status, 200);
    }
    for (int i = 0; i < N; i++) {
        CHECK(at_end(c[i]));
        hang_up(c[i]);
    }
    rig_stop(&r);
}

ON_BOTH(a_client_that_does_not_read_is_cut)
{
    rig r =
        rig_start(&(rig_options){.server = {.backend = backend, .http.write_timeout = BRIO_MS(50)},
                                 .prepare = routes,
                                 .log = true});
    client *c = dial(&r);
    get(c, "/large/30000000");
    (void)find_line(r.log, "does not read");
    int err = 0;
    while (receive_more(c, &err))
        c->len = 0;
    CHECK_INT(err, -ECONNRESET);
    hang_up(c);
    CHECK(kill(r.pid, SIGTERM) == 0);
    (void)find_line(r.log, "Finished server process");
    CHECK_INT(rig_wait(&r), 0);
}

/* The same with a body that is the handler's own: it may be freed only after
 * the kernel let go of it. */
ON_BOTH(a_borrowed_body_that_nobody_reads)
{
    rig r =
        rig_start(&(rig_options){.server = {.backend = backend, .http.write_timeout = BRIO_MS(50)},
                                 .prepare = routes,
                                 .log = true});
    client *c = dial(&r);
    for (int i = 0; i < 400; i++)
        get(c, "/later_borrowed/50000");
    (void)find_line(r.log, "does not read");
    hang_up(c);
    CHECK(kill(r.pid, SIGTERM) == 0);
    (void)find_line(r.log, "Finished server process");
    CHECK_INT(rig_wait(&r), 0);
}

/* What decides whether a write timeout cuts or waits on: bytes acknowledged. */
TEST(progress_of_a_slow_client_is_seen)
{
    int listener = brio_socket_listen(&(brio_listen_options){0}), out, in;
    CHECK_OK(listener);
    CHECK_OK(out = try_connect(brio_socket_port(listener)));
    while ((in = accept(listener, NULL, NULL)) < 0)
        CHECK_INT(errno, EAGAIN);
    static brio_server_exchange x;
    static brio_server_conn conn;
    static const brio_server_options any = {.http.write_rate = 1, .http.write_timeout = 1};
    static brio_server_worker w = {.options = &any};
    conn.x = &x;
    conn.worker = &w;
    conn.sock.fd = out;
    (void)brio_server_output_moved(&conn);
    CHECK(!brio_server_output_moved(&conn));
    CHECK_INT(send(out, "abc", 3, 0), 3);
    while (!brio_server_output_moved(&conn))
        usleep(100);
    CHECK(!brio_server_output_moved(&conn));
    close(in), close(out), close(listener);
    CHECK(!brio_server_output_moved(&conn)); /* no socket any more */
}

/* ---- Clients that go away ----------------------------------------------- */

ON_BOTH(a_disconnect_cancels_the_handler)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    hang_up(c);
    expect_event(&r, "gate -125"); /* -ECANCELED */
    rig_stop(&r);
}

/* What its request points to is not given to others before it is over. */
ON_BOTH(a_cancelled_handler_keeps_its_request)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r), *other = dial(&r);
    get(c, "/stubborn?mine");
    expect_event(&r, "started");
    hang_up(c);
    expect_event(&r, "cancelled -125");
    for (int i = 0; i < 10; i++) {
        get(other, "/now/1?other-bytes-in-the-same-place");
        expect_answer(other, 200, "now 1");
    }
    open_gate(&r);
    expect_event(&r, "gate 0, still mine");
    hang_up(other);
    rig_stop(&r);
}

ON_BOTH(a_reset_cancels_the_handler)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    CHECK(setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                     sizeof(struct linger)) == 0);
    hang_up(c);
    expect_event(&r, "gate -125");
    rig_stop(&r);
}

/* uvicorn's rule: the end of the sending side is the end of the client. */
ON_BOTH(a_half_close_while_the_handler_works_is_a_disconnect)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    shutdown(c->fd, SHUT_WR);
    expect_event(&r, "gate -125");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_half_close_may_be_allowed)
{
    rig r = rig_start(&(rig_options){.server = {.backend = backend, .allow_half_close = true},
                                     .prepare = routes});
    client *c = dial(&r);
    get(c, "/gated");
    get(c, "/hello");
    shutdown(c->fd, SHUT_WR);
    expect_event(&r, "started");
    open_gate(&r);
    expect_answer(c, 200, "passed");
    expect_answer(c, 200, "hello");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* printf 'GET ...' | nc: what is answered at once arrives. */
ON_BOTH(requests_and_the_end_at_once)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    get(c, "/hello");
    get(c, "/now/2");
    shutdown(c->fd, SHUT_WR);
    expect_answer(c, 200, "hello");
    expect_answer(c, 200, "now 2");
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(an_end_in_the_middle_of_a_request)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    say(c, "POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nab");
    shutdown(c->fd, SHUT_WR);
    CHECK(at_end(c));
    hang_up(c);
    rig_stop(&r);
}

/* ---- Background tasks --------------------------------------------------- */

/* The connection goes on, with what was pipelined behind; the task still
 * reads its own request. */
ON_BOTH(a_connection_moves_on_during_a_background_task)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    say(c, "GET /background?first HTTP/1.1\r\nhost: t\r\n\r\n"
           "GET /now/1 HTTP/1.1\r\nhost: t\r\n\r\nGET /now/2 HTTP/1.1\r\nho");
    expect_event(&r, "background of first");
    expect_answer(c, 200, "answered");
    expect_answer(c, 200, "now 1");
    say(c, "st: t\r\n\r\n");
    expect_answer(c, 200, "now 2");
    open_gate(&r);
    expect_event(&r, "background over 0");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_lost_connection_does_not_end_a_background_task)
{
    rig r = start(backend, (brio_http_limits){0});
    client *c = dial(&r);
    get(c, "/background?gone");
    expect_event(&r, "background of gone");
    expect_answer(c, 200, "answered");
    hang_up(c);
    client *other = dial(&r);
    get(other, "/hello");
    expect_answer(other, 200, "hello"); /* the loop has seen the end of the first by now */
    open_gate(&r);
    expect_event(&r, "background over 0");
    hang_up(other);
    rig_stop(&r);
}
