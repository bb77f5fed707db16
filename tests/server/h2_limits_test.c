/* SPDX-License-Identifier: MIT
 *
 * HTTP/2 beyond its limits: requests, streams and connections that are too many, what
 * they are told, and when they may come again. */
#include "h2_client.h"

static int busy(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return -EBUSY;
}

static void limit_routes(brio_app *app)
{
    routes(app);
    BRIO_GET(app, "/busy", busy, brio_none, brio_text);
}

static rig start_with(brio_backend backend, brio_server_options o)
{
    o.backend = backend;
    return rig_start(&(rig_options){.server = o, .prepare = limit_routes});
}

/* ---- Requests beyond the limit -------------------------------------------------------- */

ON_BOTH(h2_beyond_limit_concurrency_requests_get_503)
{
    rig r = start_with(backend, (brio_server_options){.limit_concurrency = 2});
    h2_client *c = h2_dial(&r);
    int32_t a = h2_get(c, "/gated"), b = h2_get(c, "/gated");
    h2_send(c);
    expect_event(&r, "started");
    expect_event(&r, "started");
    h2_expect(c, h2_get(c, "/hello"), 503, "Service Unavailable");
    open_gate(&r);
    open_gate(&r);
    h2_expect(c, a, 200, "passed");
    h2_expect(c, b, 200, "passed");
    h2_hang_up(c);
    rig_stop(&r);
}

/* Handlers of streams that were cut off count until they are over. */
ON_BOTH(h2_cut_off_streams_make_no_room)
{
    rig r = start_with(backend, (brio_server_options){.h2 = {.streams = 2}});
    h2_client *c = h2_dial(&r);
    int32_t a = h2_get(c, "/stubborn?a"), b = h2_get(c, "/stubborn?b");
    h2_send(c);
    expect_event(&r, "started");
    expect_event(&r, "started");
    h2_reset(c, a);
    h2_reset(c, b);
    expect_event(&r, "cancelled -125");
    expect_event(&r, "cancelled -125");
    int32_t id = h2_get(c, "/hello");
    h2_until_closed(c, id);
    CHECK_INT(h2_at(c, id)->code, NGHTTP2_REFUSED_STREAM);
    open_gate(&r);
    open_gate(&r);
    (void)next_line(r.events);
    (void)next_line(r.events);
    do {
        id = h2_get(c, "/hello");
        h2_until_closed(c, id);
    } while (h2_at(c, id)->code == NGHTTP2_REFUSED_STREAM);
    h2_expect(c, id, 200, "hello");
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- When to come again ------------------------------------------------------------- */

static void expect_unavailable(h2_client *c, int32_t id, const char *seconds)
{
    h2_until_closed(c, id);
    CHECK_INT(h2_at(c, id)->status, 503);
    CHECK_STR(brio_str_from(h2_header(c, id, "retry-after")), seconds);
}

/* By the app, and by the server, also if it is a WebSocket that is asked for. */
ON_BOTH(h2_refusals_say_when_to_come_again)
{
    const brio_time spans[] = {0, BRIO_MS(4001), BRIO_NEVER};
    const char *const seconds[] = {"1", "5", ""};
    for (int i = 0; i < 3; i++) {
        rig r = start_with(backend,
                           (brio_server_options){.limit_concurrency = 1, .retry_after = spans[i]});
        h2_client *c = h2_dial(&r);
        expect_unavailable(c, h2_get(c, "/busy"), seconds[i]);
        int32_t id = h2_get(c, "/gated");
        h2_send(c);
        expect_event(&r, "started");
        expect_unavailable(c, h2_get(c, "/hello"), seconds[i]);
        expect_unavailable(c, h2_ask_for_socket(c, "/ws"), seconds[i]);
        open_gate(&r);
        h2_expect(c, id, 200, "passed");
        h2_hang_up(c);
        rig_stop(&r);
    }
}

/* It would take as long. */
ON_BOTH(h2_a_handler_that_takes_too_long_says_nothing_of_it)
{
    rig r = start_with(backend, (brio_server_options){.request_timeout = BRIO_MS(50)});
    h2_client *c = h2_dial(&r);
    expect_unavailable(c, h2_get(c, "/gated"), "");
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Connections beyond the limit --------------------------------------------------- */

static void expect_full(const rig *r, bool only)
{
    h2_client *c = h2_dial(r);
    int32_t id = h2_get(c, "/hello");
    h2_until_over(c);
    CHECK_INT(c->goaway, NGHTTP2_ENHANCE_YOUR_CALM);
    CHECK_INT(h2_at(c, id)->status, 0);
    CHECK_INT(h2_at(c, id)->code, NGHTTP2_REFUSED_STREAM); /* by GOAWAY: it may be sent again */
    h2_hang_up(c);
    for (int silent = 0; silent < 2 && !only; silent++) {
        client *old = dial(r);
        if (!silent)
            get(old, "/hello");
        expect_answer(old, 503, "Service Unavailable");
        CHECK(at_end(old));
        hang_up(old);
    }
}

/* Each is told in its own words. */
ON_BOTH(h2_beyond_limit_connections)
{
    for (int only = 0; only < 2; only++) {
        rig r =
            start_with(backend, (brio_server_options){.limit_connections = 1,
                                                      .versions = only ? BRIO_SERVER_HTTP_2 : 0});
        h2_client *c = h2_dial(&r);
        h2_expect(c, h2_get(c, "/hello"), 200, "hello");
        expect_full(&r, only);
        h2_expect(c, h2_get(c, "/hello"), 200, "hello");
        h2_hang_up(c);
        rig_stop(&r);
    }
}

ON_BOTH(h2_beyond_limit_connections_of_an_address)
{
    rig r = start_with(backend, (brio_server_options){.limit_connections_per_address = 1});
    h2_client *c = h2_dial(&r);
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    expect_full(&r, false);
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Versions ------------------------------------------------------------------------ */

TEST(h2_only_or_not_at_all)
{
    rig r = start_with(BRIO_BACKEND_EPOLL, (brio_server_options){.versions = BRIO_SERVER_HTTP_1});
    client *c = dial(&r);
    say(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    CHECK_INT(read_answer(c, false)->status, 505);
    hang_up(c);
    rig_stop(&r);
    r = start_with(BRIO_BACKEND_EPOLL, (brio_server_options){.versions = BRIO_SERVER_HTTP_2});
    c = dial(&r);
    get(c, "/hello");
    char bytes[512];
    ssize_t n, total = 0;
    while ((n = recv(c->fd, bytes, sizeof bytes, 0)) > 0)
        total += n;
    CHECK(total > 0 && !memmem(bytes, sizeof bytes, "HTTP/1.1", 8)); /* SETTINGS, GOAWAY */
    hang_up(c);
    h2_client *h2 = h2_dial(&r);
    h2_expect(h2, h2_get(h2, "/hello"), 200, "hello");
    h2_hang_up(h2);
    rig_stop(&r);
}
