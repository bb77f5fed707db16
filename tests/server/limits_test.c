/* SPDX-License-Identifier: MIT
 *
 * Clients that are too slow, too many, or ask for too much: each is told so, and
 * others go on. Only what happens is checked, never how long it took. */
#include "routes.h"
#include "server/server_internal.h"

#include <netinet/in.h>

/* ---- Bodies at a rate ------------------------------------------------------------ */

/* Sends `n` bytes of a body, one at a time; false if an answer came before. */
static bool drip(client *c, int n, int every_ms)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    for (int i = 0; i < n; i++) {
        if (poll(&fd, 1, every_ms) > 0)
            return false;
        say(c, "x");
    }
    return true;
}

static int read_in_pieces(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    brio_str piece;
    size_t n = 0;
    int rc;
    while ((rc = brio_request_read(req, &piece)) > 0)
        n += piece.len;
    out->text = brio_printf(brio_request_arena(req), "%zu", n);
    return rc;
}

static int begin_and_linger(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    int rc = brio_respond_stream(req, BRIO_S("begun"));
    report("begun");
    rc = rc < 0 ? rc : pass_gate();
    return rc < 0 ? rc : brio_respond_stream(req, BRIO_S(" and ended"));
}

static void prepare(brio_app *app)
{
    routes(app);
    BRIO_POST(app, "/pieces", read_in_pieces, brio_none, brio_text, .body_pieces = true);
    BRIO_GET(app, "/begin", begin_and_linger, brio_none, brio_text);
}

static rig start(brio_backend backend, brio_server_options options)
{
    options.backend = backend;
    return rig_start(&(rig_options){.server = options, .prepare = prepare, .log = true});
}

/* Never silent for long, and never done. */
static void expect_408(brio_backend backend, const char *path)
{
    rig r = start(backend, (brio_server_options){.http.body_timeout = BRIO_MS(200),
                                                 .http.body_rate = 1000000});
    client *c = dial(&r), *other = dial(&r);
    char text[200];
    snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nhost: t\r\ncontent-length: 100000\r\n\r\n",
             path);
    say(c, text);
    CHECK(!drip(c, 100000, 5));
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 408);
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    get(other, "/hello");
    expect_answer(other, 200, "hello");
    hang_up(c), hang_up(other);
    rig_stop(&r);
}

ON_BOTH(a_dripping_body_is_408)
{
    expect_408(backend, "/echo");
}

ON_BOTH(a_dripping_body_in_pieces_is_408)
{
    expect_408(backend, "/pieces");
}

/* A byte earns ten seconds here: it may take long. */
ON_BOTH(a_body_above_the_rate_has_its_time)
{
    rig r = start(backend,
                  (brio_server_options){.http.body_timeout = BRIO_SEC(1), .http.body_rate = 1});
    client *c = dial(&r);
    for (int i = 0; i < 2; i++) {
        say(c, i ? "POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 30\r\n\r\n"
                 : "POST /pieces HTTP/1.1\r\nhost: t\r\ncontent-length: 30\r\n\r\n");
        CHECK(drip(c, 30, 40));
        expect_answer(c, 200, i ? "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" : "30");
    }
    hang_up(c);
    rig_stop(&r);
}

/* ---- Slow readers ------------------------------------------------------------------ */

static void read_bytes(client *const *slow, size_t n)
{
    char byte;
    for (size_t i = 0; i < n; i++)
        (void)!recv(slow[i]->fd, &byte, 1, MSG_DONTWAIT);
}

/* Many that read a byte now and then, beside one that does not: they are cut off,
 * which they see when they have read what is with their kernel. */
ON_BOTH(clients_that_read_a_byte_now_and_then_are_cut)
{
    enum { SLOW = 20 };
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .http.write_timeout = BRIO_MS(300), .no_access_log = true},
        .prepare = prepare,
        .log = true});
    client *slow[SLOW], *other = dial(&r);
    for (int i = 0; i < SLOW; i++) {
        slow[i] = dial(&r);
        get(slow[i], "/large/20000000");
    }
    struct pollfd log = {.fd = r.log, .events = POLLIN};
    for (int cut = 0; cut < SLOW;) {
        get(other, "/now/1");
        expect_answer(other, 200, "now 1");
        read_bytes((client *const *)slow, SLOW);
        while (poll(&log, 1, 5) > 0)
            cut += strstr(next_line(r.log), "does not read") != NULL;
    }
    for (int i = 0; i < SLOW; i++) {
        int err = 0;
        while (receive_more(slow[i], &err))
            slow[i]->len = 0;
        CHECK_INT(err, -ECONNRESET);
        hang_up(slow[i]);
    }
    hang_up(other);
    rig_stop(&r);
}

/* A handler holds the loop for longer than connections may be idle. What came
 * meanwhile is answered all the same. */
static int hold(brio_request *req, const Number *in, brio_text *out)
{
    (void)req;
    usleep((useconds_t)in->n * 1000);
    out->text = BRIO_S("held");
    return 0;
}

static void prepare_hold(brio_app *app)
{
    routes(app);
    BRIO_GET(app, "/hold/{n}", hold, Number, brio_text);
}

ON_BOTH(a_late_clock_does_not_close_who_has_asked)
{
    enum { N = 10 };
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .http.keep_alive = BRIO_MS(300)}, .prepare = prepare_hold});
    client *c[N], *holder = dial(&r);
    for (int i = 0; i < N; i++) {
        c[i] = dial(&r);
        get(c[i], "/now/1");
        expect_answer(c[i], 200, "now 1");
    }
    get(holder, "/hold/1000");
    usleep(100000);
    for (int i = 0; i < N; i++)
        get(c[i], "/now/2");
    for (int i = 0; i < N; i++) {
        expect_answer(c[i], 200, "now 2");
        hang_up(c[i]);
    }
    expect_answer(holder, 200, "held");
    hang_up(holder);
    rig_stop(&r);
}

/* What a Unix socket's client takes is not acknowledged by a protocol. */
ON_BOTH(a_reader_behind_a_unix_socket_is_seen_to_read)
{
    char path[80];
    snprintf(path, sizeof path, "@brio-test-%d", (int)getpid());
    rig r = start(backend, (brio_server_options){.uds = path, .http.write_timeout = BRIO_SEC(4)});
    client *c = dial_unix(path);
    get(c, "/large/4000000");
    answer a;
    (void)read_head(c, &a);
    int err = 0;
    for (size_t got = c->len; got < 4000000; got += c->len) {
        usleep(70000); /* longer than the time-out in all, far shorter from piece to piece */
        c->len = 0;
        CHECK(receive_more(c, &err));
    }
    hang_up(c);
    rig_stop(&r);
}

/* ---- Handlers ------------------------------------------------------------------------ */

ON_BOTH(a_handler_beyond_its_time_is_cancelled)
{
    rig r = start(backend, (brio_server_options){.request_timeout = BRIO_MS(50)});
    client *c = dial(&r), *other = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 503);
    CHECK_STR(brio_str_from(a->body), "{\"detail\":\"Service Unavailable\"}");
    CHECK_STR(brio_str_from(header(a, "retry-after")), ""); /* it would take as long */
    CHECK(at_end(c));
    expect_event(&r, "gate -125");
    (void)find_line(r.log, "GET /gated took too long");
    get(other, "/hello");
    expect_answer(other, 200, "hello");
    hang_up(c), hang_up(other);
    rig_stop(&r);
}

/* One that does not listen keeps its request, not its client. */
ON_BOTH(a_stubborn_handler_beyond_its_time)
{
    rig r = start(backend, (brio_server_options){.request_timeout = BRIO_MS(50)});
    client *c = dial(&r);
    get(c, "/stubborn?mine");
    expect_event(&r, "started");
    CHECK_INT(read_answer(c, false)->status, 503);
    CHECK(at_end(c));
    expect_event(&r, "cancelled -125");
    open_gate(&r);
    expect_event(&r, "gate 0, still mine");
    hang_up(c);
    rig_stop(&r);
}

ON_BOTH(a_stream_that_has_begun_has_its_time)
{
    rig r = start(backend, (brio_server_options){.request_timeout = BRIO_MS(50)});
    client *c = dial(&r);
    answer a;
    int err;
    get(c, "/begin");
    expect_event(&r, "begun");
    (void)read_head(c, &a);
    CHECK_INT(a.status, 200);
    usleep(150000);
    open_gate(&r);
    while (!memmem(c->buf, c->len, "ended\r\n0\r\n\r\n", 12))
        CHECK(receive_more(c, &err));
    hang_up(c);
    rig_stop(&r);
}

/* ---- Addresses -------------------------------------------------------------------------- */

static client *dial_from(const rig *r, const char *from)
{
    struct sockaddr_in at = {.sin_family = AF_INET}, to = at;
    client *c = calloc(1, sizeof *c);
    CHECK(c);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(inet_pton(AF_INET, from, &at.sin_addr) == 1);
    CHECK(bind(c->fd, (const struct sockaddr *)&at, sizeof at) == 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)r->port);
    CHECK(connect(c->fd, (const struct sockaddr *)&to, sizeof to) == 0);
    return c;
}

ON_BOTH(connections_of_one_address_are_counted)
{
    rig r = start(backend, (brio_server_options){.limit_connections_per_address = 2});
    client *c[4] = {dial_from(&r, "127.0.0.1"), dial_from(&r, "127.0.0.1"), NULL, NULL};
    for (int i = 0; i < 2; i++) {
        get(c[i], "/hello");
        expect_answer(c[i], 200, "hello");
    }
    c[2] = dial_from(&r, "127.0.0.1");
    CHECK_INT(read_answer(c[2], false)->status, 503);
    CHECK(at_end(c[2]));
    c[3] = dial_from(&r, "127.0.0.2");
    get(c[3], "/whose");
    expect_answer(c[3], 200, "http://127.0.0.2 known");
    hang_up(c[0]), hang_up(c[2]);
    for (int status = 0; status != 200;) { /* until the first's end is noticed */
        client *again = dial_from(&r, "127.0.0.1");
        (void)!send(again->fd, "GET /hello HTTP/1.1\r\nhost: t\r\n\r\n", 33, MSG_NOSIGNAL);
        status = read_answer(again, false)->status;
        hang_up(again);
    }
    hang_up(c[1]), hang_up(c[3]);
    rig_stop(&r);
}

/* Against a plain array: names, and how often each is in. */
TEST(the_table_of_addresses)
{
    enum { NAMES = 40, LIMIT = 3, STEPS = 20000 };
    brio_server_addresses a;
    uint32_t in[NAMES] = {0}, random = 1, total = 0;
    CHECK_OK(brio_server_addresses_init(&a, NAMES, 7));
    for (int i = 0; i < STEPS; i++) {
        char text[40];
        random = random * 1103515245u + 12345u;
        unsigned k = (random >> 16) % NAMES;
        snprintf(text, sizeof text, k % 2 ? "10.0.%u.7" : "2001:db8:%x::%x", k,
                 k * 3 + (random >> 30));
        if ((random >> 8) & 1) {
            bool entered = brio_server_addresses_enter(&a, brio_str_from(text), LIMIT);
            CHECK_INT(entered, in[k] < LIMIT);
            total += in[k] == 0;
            in[k] += entered;
        } else if (in[k]) {
            brio_server_addresses_leave(&a, brio_str_from(text));
            total -= --in[k] == 0;
        }
        CHECK_INT(a.n, total);
    }
    CHECK(brio_server_addresses_enter(&a, BRIO_S(""), 0)); /* not an address: not counted */
    brio_server_addresses_leave(&a, BRIO_S(""));
    brio_server_addresses_fini(&a);
}

/* ---- Headers of every answer ---------------------------------------------------------------- */

ON_BOTH(headers_of_every_answer)
{
    const brio_header more[] = {{BRIO_S("x-node"), BRIO_S("a7")},
                                {BRIO_S("Server"), BRIO_S("shop")}};
    rig r = start(backend, (brio_server_options){.headers = more,
                                                 .n_headers = 2,
                                                 .no_date_header = true,
                                                 .http.header_bytes = 300});
    client *c = dial(&r);
    get(c, "/hello");
    const answer *a = read_answer(c, false);
    CHECK_STR(brio_str_from(header(a, "x-node")), "a7");
    CHECK_STR(brio_str_from(header(a, "server")), "shop");
    CHECK_STR(brio_str_from(header(a, "date")), "");
    CHECK(!strstr(a->head, "brio"));
    char text[400];
    snprintf(text, sizeof text, "GET /hello HTTP/1.1\r\nhost: t\r\nx: %0300d\r\n\r\n", 0);
    say(c, text);
    a = read_answer(c, false);
    CHECK_INT(a->status, 431);
    CHECK_STR(brio_str_from(header(a, "x-node")), "a7");
    hang_up(c);
    rig_stop(&r);
}

TEST(headers_that_cannot_be)
{
    const brio_header bad[] = {{BRIO_S("x y"), BRIO_S("z")},
                               {BRIO_S("x"), BRIO_S("a\r\nb: c")},
                               {BRIO_S("content-length"), BRIO_S("5")},
                               {BRIO_S("connection"), BRIO_S("close")}};
    brio_app *app = brio_app_new(NULL);
    brio_log_set_level(BRIO_LOG_OFF);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(brio_serve(app, &(brio_server_options){.headers = &bad[i], .n_headers = 1}),
                  -EINVAL);
    brio_app_free(app);
}
