/* SPDX-License-Identifier: MIT
 *
 * Clients of HTTP/2 that hold what they were given: windows that never open, or open
 * by a little; bodies that take their time. Only what happens is checked, never how
 * long it took. */
#include "h2_client.h"

/* As many bytes as a stream's first window lets out, and then the end. */
static int full_window(brio_request *req, const brio_none *in, brio_text *out)
{
    static const char text[65535];
    (void)in, (void)out;
    return brio_respond_stream(req, (brio_str){text, sizeof text});
}

static int drops(brio_request *req, const brio_none *in, brio_text *out)
{
    static const char text[1000];
    (void)in, (void)out;
    return write_on(req, (brio_str){text, sizeof text});
}

/* Reads all there is, and then takes its own time if asked to. */
static int reads(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    size_t n;
    report("started");
    int rc = count_pieces(req, &n);
    if (rc == 0 && brio_request_http(req)->query.len)
        report("gate %d", rc = pass_gate());
    out->text = brio_printf(brio_request_arena(req), "%zu", n);
    return rc;
}

static void pace_routes(brio_app *app)
{
    routes(app);
    BRIO_GET(app, "/full", full_window, brio_none, brio_text);
    BRIO_GET(app, "/drops", drops, brio_none, brio_text);
    BRIO_POST(app, "/reads", reads, brio_none, brio_text, .body_pieces = true);
}

static rig start_with(brio_backend backend, brio_server_options o)
{
    o.backend = backend;
    return rig_start(&(rig_options){.server = o, .prepare = pace_routes, .log = true});
}

/* ---- Windows --------------------------------------------------------------------- */

/* The empty frame at the end waits for a window as any other. */
ON_BOTH(h2_an_end_that_no_window_lets_out)
{
    rig r = start_with(backend, (brio_server_options){.http.write_timeout = BRIO_MS(80)});
    h2_client *c = h2_dial(&r);
    c->hoards = true;
    int32_t id = h2_get(c, "/full");
    h2_until_closed(c, id);
    CHECK_INT(h2_at(c, id)->body_len, 65535);
    CHECK(!h2_at(c, id)->ended);
    CHECK_INT(h2_at(c, id)->code, NGHTTP2_CANCEL);
    CHECK(nghttp2_session_consume_connection(c->session, 65535) == 0);
    h2_expect(c, h2_get(c, "/hello"), 200, "hello");
    h2_hang_up(c);
    rig_stop(&r);
}

/* However much else happens on the connection, its streams are looked at. */
ON_BOTH(h2_a_window_held_on_a_busy_connection)
{
    enum { MOST = 400 };
    rig r = start_with(backend, (brio_server_options){.http.write_timeout = BRIO_MS(150)});
    h2_client *c = h2_dial(&r);
    c->hoards = true;
    int32_t id = h2_get(c, "/large/200000");
    h2_send(c);
    while (h2_at(c, id)->body_len < 65535)
        h2_turn(c);
    CHECK(nghttp2_session_consume_connection(c->session, 65535) == 0);
    int asked = 0;
    for (; asked < MOST && !h2_at(c, id)->closed; asked++) {
        h2_expect(c, h2_get(c, "/hello"), 200, "hello");
        (void)poll(NULL, 0, 5);
    }
    CHECK(asked < MOST);
    CHECK_INT(h2_at(c, id)->code, NGHTTP2_CANCEL);
    h2_hang_up(c);
    rig_stop(&r);
}

/* A window of nothing, and all the streams there may be. */
ON_BOTH(h2_streams_held_by_a_window_of_zero)
{
    enum { N = 100 };
    const nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    rig r = start_with(backend, (brio_server_options){.http.write_timeout = BRIO_MS(150)});
    h2_client *c = h2_dial(&r), *other = h2_dial(&r);
    CHECK(nghttp2_submit_settings(c->session, 0, &none, 1) == 0);
    int32_t ids[N];
    for (int i = 0; i < N; i++)
        ids[i] = h2_get(c, i % 2 ? "/large/200000" : "/hello");
    h2_send(c);
    for (int i = 0; i < 20; i++)
        h2_expect(other, h2_get(other, "/hello"), 200, "hello");
    for (int i = 0; i < N; i++) {
        h2_until_closed(c, ids[i]);
        CHECK_INT(h2_at(c, ids[i])->code, NGHTTP2_CANCEL);
    }
    CHECK(!c->over);
    h2_hang_up(c), h2_hang_up(other);
    rig_stop(&r);
}

/* Small pieces, each of which is taken in time, and too few of them. */
ON_BOTH(h2_an_answer_that_is_read_by_drops)
{
    rig r = start_with(backend, (brio_server_options){.http.write_timeout = BRIO_MS(200),
                                                      .http.write_rate = 10000000});
    h2_client *c = h2_dial(&r);
    c->hoards = true;
    int32_t id = h2_get(c, "/drops");
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    for (size_t given = 0; !h2_at(c, id)->closed && !c->over;) {
        h2_send(c);
        if (poll(&fd, 1, 10) > 0)
            h2_turn(c);
        size_t got = h2_at(c, id)->body_len - given;
        got = got < 1000 ? got : 1000;
        given += got;
        if (got)
            CHECK(nghttp2_session_consume(c->session, id, got) == 0);
    }
    CHECK_INT(h2_at(c, id)->code, NGHTTP2_CANCEL);
    CHECK(strncmp(next_line(r.events), "wrote -", 7) == 0);
    h2_hang_up(c);
    rig_stop(&r);
}

/* ---- Handlers --------------------------------------------------------------------- */

static const brio_server_options hurried = {.request_timeout = BRIO_MS(150)};

/* Waiting for the client is not the handler's time; what it does then is. */
ON_BOTH(h2_a_body_that_takes_longer_than_the_handler_may)
{
    rig r = start_with(backend, hurried);
    h2_client *c = h2_dial(&r);
    for (int lingers = 0; lingers < 2; lingers++) {
        int32_t id = h2_post(c, lingers ? "/reads?x" : "/reads", BRIO_S("a"), false, true);
        h2_send(c);
        expect_event(&r, "started");
        for (int i = 0; i < 8; i++) {
            (void)poll(NULL, 0, 50);
            h2_more(c, id, BRIO_S("b"), i < 7);
        }
        h2_expect(c, id, lingers ? 503 : 200,
                  lingers ? "{\"detail\":\"Service Unavailable\"}" : "9");
    }
    expect_event(&r, "gate -125");
    h2_hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_body_that_takes_longer_than_the_handler_may)
{
    rig r = start_with(backend, hurried);
    for (int lingers = 0; lingers < 2; lingers++) {
        client *c = dial(&r);
        say(c, lingers ? "POST /reads?x HTTP/1.1\r\nhost: t\r\ncontent-length: 8\r\n\r\n"
                       : "POST /reads HTTP/1.1\r\nhost: t\r\ncontent-length: 8\r\n\r\n");
        expect_event(&r, "started");
        for (int i = 0; i < 8; i++) {
            (void)poll(NULL, 0, 50);
            say(c, "b");
        }
        expect_answer(c, lingers ? 503 : 200,
                      lingers ? "{\"detail\":\"Service Unavailable\"}" : "8");
        hang_up(c);
    }
    expect_event(&r, "gate -125");
    rig_stop(&r);
}
