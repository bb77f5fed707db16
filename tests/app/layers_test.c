/* SPDX-License-Identifier: MIT
 *
 * Ready-made middleware: what clients see of origins, compression, hosts, names,
 * times and rates. */
#include "app/client.h"

#include <brio/http.h>
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>

static int hello(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("hello");
    return 0;
}

static int crash(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return -EIO;
}

static brio_str page(brio_arena *arena, size_t len)
{
    char *text = brio_alloc(arena, len);
    for (size_t i = 0; i < len; i++)
        text[i] = "hello, world "[i % 13];
    return (brio_str){text, len};
}

static int large(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = page(brio_request_arena(req), 200000);
    return 0;
}

static int medium(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = page(brio_request_arena(req), 500);
    return 0;
}

static int streamed(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    for (int i = 0; i < 3; i++)
        CHECK_OK(brio_respond_stream(req, BRIO_S("a piece of text\n")));
    return 0;
}

static int named(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_id(req);
    return 0;
}

static brio_app *app_new(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/", hello, brio_none, brio_text);
    BRIO_GET(app, "/crash", crash, brio_none, brio_text);
    BRIO_GET(app, "/large", large, brio_none, brio_text);
    BRIO_GET(app, "/medium", medium, brio_none, brio_text);
    BRIO_GET(app, "/streamed", streamed, brio_none, brio_text);
    BRIO_GET(app, "/events", streamed, brio_none, brio_text, .response = BRIO_SSE,
             .name = "events");
    BRIO_GET(app, "/named", named, brio_none, brio_text);
    return app;
}

static brio_test_response with(brio_test_client *client, const char *url, const char *headers)
{
    return client_send(client, (brio_test_request){.url = url, .headers = headers});
}

static void header_is(const brio_test_response *r, const char *name, const char *want)
{
    CHECK_STR(brio_test_header(r, brio_str_from(name)), want);
}

/* ---- Compression -------------------------------------------------------------- */

static brio_str plain_of(brio_arena *arena, const brio_test_response *r, brio_coding coding)
{
    brio_coder *coder;
    brio_buf *out = BRIO_NEW(arena, brio_buf);
    CHECK_STR(brio_test_header(r, BRIO_S("content-encoding")), brio_coding_name(coding).ptr);
    CHECK_STR(brio_test_header(r, BRIO_S("vary")), "Accept-Encoding");
    CHECK_OK(brio_decoder_open(&coder, arena, coding));
    CHECK_INT(brio_coder_write(coder, out, r->body, BRIO_CODER_END), 1);
    brio_str plain = brio_str_copy(arena, brio_buf_str(out));
    brio_buf_fini(out);
    return plain;
}

static void check_coding(const char *accept, brio_coding coding)
{
    if (!(brio_codings() & coding))
        return;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_app *app = app_new();
    brio_use_gzip(app, &(brio_gzip_options){.codings = coding});
    brio_test_client *client = client_open(app);
    brio_test_response r = with(client, "/large", accept);
    CHECK(r.body.len < 20000);
    CHECK(brio_str_eq(plain_of(&arena, &r, coding), page(&arena, 200000)));
    header_is(&r, "content-length", brio_printf(&arena, "%zu", r.body.len).ptr);
    r = with(client, "/medium", accept);
    CHECK(brio_str_eq(plain_of(&arena, &r, coding), page(&arena, 500)));
    r = with(client, "/streamed", accept);
    CHECK_STR(plain_of(&arena, &r, coding), "a piece of text\na piece of text\na piece of text\n");
    brio_arena_fini(&arena);
    client_close(client, app);
}

TEST(bodies_are_compressed)
{
    check_coding("accept-encoding: gzip\r\n", BRIO_GZIP);
    check_coding("accept-encoding: br\r\n", BRIO_BROTLI);
    check_coding("accept-encoding: zstd\r\n", BRIO_ZSTD);
}

TEST(what_is_not_compressed)
{
    brio_app *app = app_new();
    brio_use_gzip(app, NULL);
    brio_test_client *client = client_open(app);
    const char *gzip = "accept-encoding: gzip\r\n";
    brio_test_response r = with(client, "/", gzip);
    CHECK_ANSWER(r, 200, "hello");
    header_is(&r, "content-encoding", "");
    header_is(&r, "vary", "");
    r = with(client, "/events", gzip);
    header_is(&r, "content-encoding", "");
    header_is(&r, "vary", "");
    r = with(client, "/medium", "accept-encoding: br\r\n");
    CHECK_INT(r.body.len, 500);
    header_is(&r, "vary", "Accept-Encoding");
    r = client_get(client, "/streamed");
    CHECK_ANSWER(r, 200, "a piece of text\na piece of text\na piece of text\n");
    header_is(&r, "vary", "Accept-Encoding");
    r = with(client, "/crash", gzip);
    CHECK_ANSWER(r, 500, "Internal Server Error");
    client_close(client, app);
}

/* ---- Origins -------------------------------------------------------------------- */

static bool is_local(brio_str origin, void *arg)
{
    CHECK(arg == NULL);
    return brio_str_starts(origin, BRIO_S("http://localhost"));
}

TEST(origins_by_function_and_expression)
{
    brio_app *app = app_new();
    brio_use_cors(app,
                  &(brio_cors_options){.allow_origin = is_local, .expose_headers = "X-A, X-B"});
    brio_test_client *client = client_open(app);
    brio_test_response r = with(client, "/", "origin: http://localhost:3000\r\n");
    CHECK_ANSWER(r, 200, "hello");
    header_is(&r, "access-control-allow-origin", "http://localhost:3000");
    header_is(&r, "access-control-expose-headers", "X-A, X-B");
    header_is(&r, "vary", "Origin");
    r = with(client, "/", "origin: http://evil.example\r\n");
    header_is(&r, "access-control-allow-origin", "");
    header_is(&r, "access-control-expose-headers", "X-A, X-B");
    r = with(client, "/streamed", "origin: http://localhost\r\n");
    header_is(&r, "access-control-allow-origin", "http://localhost");
    r = with(client, "/crash", "origin: http://localhost\r\n");
    header_is(&r, "access-control-allow-origin", "");
    client_close(client, app);
#ifdef BRIO_WITH_PCRE2
    app = app_new();
    brio_use_cors(app, &(brio_cors_options){.allow_origin_regex = "https://.*\\.example"});
    client = client_open(app);
    r = with(client, "/", "origin: https://a.example\r\n");
    header_is(&r, "access-control-allow-origin", "https://a.example");
    r = with(client, "/", "origin: https://a.example.evil\r\n");
    header_is(&r, "access-control-allow-origin", "");
    r = with(client, "/", "origin: xhttps://a.example\r\n");
    header_is(&r, "access-control-allow-origin", "");
    client_close(client, app);
#endif
}

/* ---- Names and times ------------------------------------------------------------- */

TEST(requests_have_names)
{
    brio_app *app = app_new();
    brio_use_request_id(app, NULL);
    brio_test_client *client = client_open(app);
    brio_test_response a = client_get(client, "/named"), b = client_get(client, "/named");
    CHECK_INT(a.body.len, 26);
    CHECK(brio_str_eq(a.body, brio_test_header(&a, BRIO_S("x-request-id"))));
    CHECK(!brio_str_eq(a.body, b.body));
    a = with(client, "/named", "x-request-id: mine\r\n");
    CHECK_INT(a.body.len, 26);
    client_close(client, app);
    app = app_new();
    brio_use_request_id(app, &(brio_request_id_options){.header = "X-Trace", .trust_client = true});
    client = client_open(app);
    a = with(client, "/named", "x-trace: mine\r\n");
    CHECK_ANSWER(a, 200, "mine");
    header_is(&a, "x-trace", "mine");
    a = with(client, "/named", "x-trace: two words\r\n");
    CHECK_INT(a.body.len, 26);
    client_close(client, app);
}

TEST(times_are_told)
{
    brio_app *app = app_new();
    brio_use_process_time(app);
    brio_test_client *client = client_open(app);
    static const char *const urls[] = {"/", "/streamed", "/none"};
    for (size_t i = 0; i < 3; i++) {
        double seconds = -1;
        brio_test_response r = client_get(client, urls[i]);
        CHECK_OK(brio_f64_parse(brio_test_header(&r, BRIO_S("x-process-time")), &seconds));
        CHECK(seconds >= 0);
    }
    client_close(client, app);
}

/* ---- Rates -------------------------------------------------------------------------- */

static int pause_here(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return brio_sleep(BRIO_SEC(5));
}

static brio_str by_user(brio_request *req, void *arg)
{
    CHECK(arg == NULL);
    return brio_request_header(req, BRIO_S("x-user"));
}

TEST(rates_are_limited)
{
    brio_app *app = app_new();
    BRIO_GET(app, "/pause", pause_here, brio_none, brio_text);
    brio_use_rate_limit(app,
                        &(brio_rate_limit_options){
                            .limit = 3, .window = BRIO_SEC(15), .key = by_user, .name = "api"});
    brio_test_client *client = client_open(app);
    brio_test_response r = with(client, "/", "x-user: a\r\n");
    CHECK_ANSWER(r, 200, "hello");
    header_is(&r, "ratelimit-policy", "\"api\";q=3;w=15");
    header_is(&r, "ratelimit", "\"api\";r=2;t=5");
    r = with(client, "/", "x-user: a\r\n");
    header_is(&r, "ratelimit", "\"api\";r=1;t=10");
    r = with(client, "/none", "x-user: a\r\n");
    CHECK_INT(r.status, 404);
    header_is(&r, "ratelimit", "\"api\";r=0;t=15");
    r = with(client, "/", "x-user: a\r\n");
    CHECK_ANSWER(r, 429, "{\"detail\":\"Too Many Requests\"}");
    header_is(&r, "retry-after", "5");
    header_is(&r, "ratelimit", "\"api\";r=0;t=15");
    CHECK_INT(with(client, "/", "x-user: b\r\n").status, 200);
    r = client_get(client, "/pause"); /* nobody: not counted, and five seconds pass */
    header_is(&r, "ratelimit", "");
    CHECK_INT(with(client, "/", "x-user: a\r\n").status, 200);
    CHECK_INT(with(client, "/", "x-user: a\r\n").status, 429);
    client_close(client, app);
}

TEST(few_places_do_not_stop_anybody)
{
    brio_app *app = app_new();
    brio_use_rate_limit(app, &(brio_rate_limit_options){.limit = 1, .key = by_user, .max_keys = 8});
    brio_test_client *client = client_open(app);
    for (int i = 0; i < 100; i++) {
        char headers[32];
        (void)snprintf(headers, sizeof headers, "x-user: %d\r\n", i);
        CHECK_INT(with(client, "/", headers).status, 200);
    }
    CHECK_INT(with(client, "/", "x-user: 99\r\n").status, 429);
    client_close(client, app);
}

TEST(rates_of_some_routes)
{
    brio_app *app = brio_app_new(NULL);
    brio_router *router = brio_router_new(app, NULL);
    BRIO_GET(router, "/one", hello, brio_none, brio_text);
    BRIO_GET(router, "/two", hello, brio_none, brio_text);
    brio_app_use(router, brio_rate_limited,
                 brio_rate_limit_new(app, &(brio_rate_limit_options){.limit = 2}));
    brio_include(app, router, NULL);
    BRIO_GET(app, "/own", hello, brio_none, brio_text, .wrap = brio_rate_limited,
             .wrap_arg = brio_rate_limit_new(app, &(brio_rate_limit_options){.limit = 1}));
    BRIO_GET(app, "/free", hello, brio_none, brio_text);
    brio_test_client *client = client_open(app);
    CHECK_INT(client_get(client, "/one").status, 200);
    CHECK_INT(client_get(client, "/two").status, 200);
    brio_test_response r = client_get(client, "/one");
    CHECK_INT(r.status, 429);
    header_is(&r, "retry-after", "30");
    header_is(&r, "ratelimit-policy", "\"default\";q=2;w=60");
    CHECK_INT(client_get(client, "/own").status, 200);
    CHECK_INT(client_get(client, "/own").status, 429);
    r = client_get(client, "/free");
    CHECK_INT(r.status, 200);
    header_is(&r, "ratelimit", "");
    client_close(client, app);
}
