/* SPDX-License-Identifier: MIT
 *
 * From a handler's result to the answer: outputs of all kinds and sizes,
 * statuses and headers, errors and what the log says of them. */
#include "client.h"

#include <brio/task.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

typedef struct Code {
    int32_t code;
} Code;
BRIO_MODEL(Code, BRIO_PATH(code));

typedef struct Size {
    int64_t size;
} Size;
BRIO_MODEL(Size, BRIO_PATH(size));

typedef struct Named {
    brio_str name;
} Named;
BRIO_MODEL(Named, BRIO_FIELD(name));

static int fails(brio_request *req, const Code *in, brio_none *out)
{
    (void)req, (void)out;
    return brio_error(in->code, "the \"detail\"");
}

static int fails_silently(brio_request *req, const Code *in, brio_none *out)
{
    (void)req, (void)out;
    return in->code;
}

static int fails_then_succeeds(brio_request *req, const brio_none *in, Named *out)
{
    (void)in;
    int rc = brio_fail(req, 404, NULL);
    CHECK_INT(rc, BRIO_EHTTP);
    out->name = BRIO_S("found elsewhere");
    return 0;
}

static int challenge(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    CHECK_OK(brio_respond_header(req, BRIO_S("WWW-Authenticate"), BRIO_S("Bearer")));
    return brio_fail(req, 401, "Not authenticated");
}

static int malformed(brio_request *req, const brio_none *in, Named *out)
{
    (void)req, (void)in;
    out->name = BRIO_S("\xFF");
    return 0;
}

/* Each way for a value that has no JSON form to get into an answer. */
static int unfit(brio_request *req, const Code *in, brio_json *out)
{
    const Named bad = {BRIO_S("\xFF")};
    brio_json inside = BRIO_OBJECT(req, "bad", BRIO_AS(Named, &bad));
    switch (in->code) {
    case 1:
        *out = inside;
        return 0;
    case 2:
        *out = BRIO_OBJECT(req, "good", 1, BRIO_SPREAD, BRIO_AS(Named, &bad));
        return 0;
    case 3:
        *out = BRIO_ARRAY(req, 1, BRIO_SOME(&bad.name));
        return 0;
    case 4:
        *out = BRIO_OBJECT(req, "number", NAN);
        return 0;
    case 5:
        return brio_answer_json(req, 200, inside);
    default:
        return brio_fail_json(req, 400, inside);
    }
}

static int sized(brio_request *req, const Size *in, Named *out)
{
    size_t n = (size_t)in->size;
    char *text = brio_alloc(brio_request_arena(req), n);
    memset(text, 'x', n);
    out->name = (brio_str){text, n};
    return 0;
}

static int sized_text(brio_request *req, const Size *in, brio_text *out)
{
    Named named;
    int rc = sized(req, in, &named);
    out->text = named.name;
    return rc;
}

static int headers(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    CHECK_OK(brio_respond_header(req, BRIO_S("X-One"), BRIO_S("1")));
    CHECK_OK(brio_respond_header(req, BRIO_S("x-one"), BRIO_S("2")));
    CHECK_OK(brio_respond_header(req, BRIO_S("Set-Cookie"), BRIO_S("a=1")));
    CHECK_OK(brio_respond_header(req, BRIO_S("set-cookie"), BRIO_S("b=2")));
    CHECK_OK(brio_respond_header(req, BRIO_S("Content-Type"), BRIO_S("text/csv")));
    brio_respond_status(req, 203);
    out->text = BRIO_S("a,b");
    return 0;
}

static int bad_headers(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    CHECK_INT(brio_respond_header(req, BRIO_S(""), BRIO_S("x")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("a b"), BRIO_S("x")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("a:"), BRIO_S("x")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("a\0"), BRIO_S("x")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("a"), BRIO_S("x\r\ny: z")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("a"), BRIO_S("x\0")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("a"), BRIO_S(" x")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("Content-Length"), BRIO_S("5")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("transfer-encoding"), BRIO_S("chunked")), -EINVAL);
    CHECK_INT(brio_respond_header(req, BRIO_S("connection"), BRIO_S("close")), -EINVAL);
    CHECK_OK(brio_respond_header(req, BRIO_S("fine"), BRIO_S("")));
    return 0;
}

static int many_headers(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    for (int i = 0; i < 50; i++)
        CHECK_OK(
            brio_respond_header(req, brio_printf(brio_request_arena(req), "x-%d", i), BRIO_S("v")));
    return 0;
}

static int not_modified(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    brio_respond_status(req, 304);
    out->text = BRIO_S("never sent");
    return 0;
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/fails/{code}", fails, Code, brio_none);
    BRIO_GET(app, "/silent/{code}", fails_silently, Code, brio_none);
    BRIO_GET(app, "/thread/{code}", fails, Code, brio_none, .run = BRIO_BLOCKING);
    BRIO_GET(app, "/then", fails_then_succeeds, brio_none, Named);
    BRIO_GET(app, "/challenge", challenge, brio_none, brio_none);
    BRIO_GET(app, "/challenge/thread", challenge, brio_none, brio_none, .run = BRIO_BLOCKING);
    BRIO_GET(app, "/malformed", malformed, brio_none, Named);
    BRIO_GET(app, "/unfit/{code}", unfit, Code, brio_json);
    BRIO_GET(app, "/sized/{size}", sized, Size, Named);
    BRIO_GET(app, "/text/{size}", sized_text, Size, brio_text);
    BRIO_GET(app, "/headers", headers, brio_none, brio_text);
    BRIO_GET(app, "/bad-headers", bad_headers, brio_none, brio_none);
    BRIO_GET(app, "/many-headers", many_headers, brio_none, brio_none);
    BRIO_GET(app, "/not-modified", not_modified, brio_none, brio_text);
    return app;
}

/* ---- Errors ---------------------------------------------------------------------- */

static void check_code(brio_test_client *client, int code, int status, const char *body)
{
    char url[64];
    snprintf(url, sizeof url, "/fails/%d", code);
    CHECK_ANSWER(client_get(client, url), status, body);
    snprintf(url, sizeof url, "/silent/%d", code);
    CHECK_ANSWER(client_get(client, url), status, body);
    snprintf(url, sizeof url, "/thread/%d", code);
    CHECK_ANSWER(client_get(client, url), status, body);
}

TEST(errors_become_statuses)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    check_code(client, -EIO, 500, "Internal Server Error");
    check_code(client, -1, 500, "Internal Server Error");
    check_code(client, -99999, 500, "Internal Server Error");
    check_code(client, BRIO_EHTTP, 500, "Internal Server Error");
    check_code(client, BRIO_EDB, 500, "Internal Server Error");
    check_code(client, BRIO_ECONSTRAINT, 409, "{\"detail\":\"Conflict\"}");
    check_code(client, BRIO_EDBDOWN, 503, "{\"detail\":\"Service Unavailable\"}");
    check_code(client, BRIO_EOVERLOAD, 503, "{\"detail\":\"Service Unavailable\"}");
    check_code(client, -ECANCELED, 503, "{\"detail\":\"Service Unavailable\"}");
    check_code(client, -ETIMEDOUT, 504, "{\"detail\":\"Gateway Timeout\"}");
    check_code(client, -ENOSPC, 507, "{\"detail\":\"Insufficient Storage\"}");
    brio_test_response r = client_get(client, "/fails/-5");
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "text/plain; charset=utf-8");
    client_close(client, app);
}

/* A failure has a name, in the answer and (see below) in the log. */
TEST(failures_have_names_and_retries_a_time)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response first = client_get(client, "/fails/-5"),
                       second = client_get(client, "/fails/-5");
    brio_str a = brio_test_header(&first, BRIO_S("x-request-id"));
    brio_str b = brio_test_header(&second, BRIO_S("x-request-id"));
    CHECK_INT(a.len, 16);
    CHECK(!brio_str_eq(a, b));
    CHECK_INT(brio_test_header(&first, BRIO_S("retry-after")).len, 0);
    char url[64];
    snprintf(url, sizeof url, "/fails/%d", -EBUSY);
    brio_test_response busy = client_get(client, url);
    CHECK_INT(busy.status, 503);
    CHECK_STR(brio_test_header(&busy, BRIO_S("retry-after")), "1");
    brio_test_response unfit = client_get(client, "/malformed");
    CHECK_INT(brio_test_header(&unfit, BRIO_S("x-request-id")).len, 16);
    client_close(client, app);
}

TEST(a_failure_that_was_overcome_is_forgotten)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/then"), 200, "{\"name\":\"found elsewhere\"}");
    client_close(client, app);
}

TEST(a_failure_carries_headers)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    static const char *const urls[] = {"/challenge", "/challenge/thread"};
    for (int i = 0; i < 2; i++) {
        brio_test_response r = client_get(client, urls[i]);
        CHECK_ANSWER(r, 401, "{\"detail\":\"Not authenticated\"}");
        CHECK_STR(brio_test_header(&r, BRIO_S("www-authenticate")), "Bearer");
    }
    client_close(client, app);
}

/* What the log says of one request. */
static brio_str log_of(const char *url, char *text, size_t cap)
{
    int pipes[2];
    CHECK(pipe(pipes) == 0);
    CHECK_OK(brio_log_open(&(brio_log_options){.fd = pipes[1], .format = BRIO_LOG_TEXT}));
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    (void)client_get(client, url);
    client_close(client, app);
    brio_log_close();
    close(pipes[1]);
    ssize_t len = read(pipes[0], text, cap);
    close(pipes[0]);
    return (brio_str){text, len > 0 ? (size_t)len : 0};
}

static bool has(brio_str text, const char *part)
{
    return brio_str_find(text, brio_str_from(part)) >= 0;
}

TEST(the_log_names_the_route_and_the_detail)
{
    char text[4096];
    brio_str said = log_of("/fails/-5", text, sizeof text);
    CHECK(has(said, "GET /fails/{code} (fails): 500"));
    CHECK(has(said, "the \\\"detail\\\"") || has(said, "the \"detail\""));
    CHECK(brio_str_cut(said, '\n').tail.len == 0); /* one line */
}

TEST(so_it_does_for_a_thread)
{
    char text[4096];
    brio_str said = log_of("/thread/-5", text, sizeof text);
    CHECK(has(said, "GET /thread/{code} (fails): 500"));
    CHECK(has(said, "detail"));
}

TEST(what_was_meant_is_not_logged)
{
    char text[4096];
    CHECK_INT(log_of("/challenge", text, sizeof text).len, 0);
}

/* ---- Outputs ---------------------------------------------------------------------- */

TEST(an_output_that_does_not_fit_its_model_is_a_500)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/malformed"), 500, "Internal Server Error");
    for (int i = 1; i <= 6; i++) {
        char url[64];
        snprintf(url, sizeof url, "/unfit/%d", i);
        CHECK_ANSWER(client_get(client, url), 500, "Internal Server Error");
    }
    client_close(client, app);
}

TEST(what_does_not_fit_is_named_in_the_log)
{
    char text[4096];
    CHECK(
        has(log_of("/malformed", text, sizeof text), "does not fit Named: a string is not UTF-8"));
    CHECK(has(log_of("/unfit/1", text, sizeof text),
              "has no JSON form: Named: a string is not UTF-8"));
    CHECK(has(log_of("/unfit/4", text, sizeof text), "a number out of JSON's range"));
}

TEST(answers_of_any_size)
{
    static const size_t sizes[] = {0,     1,     200,   244,   245,     5000,
                                   16383, 16384, 16385, 70000, 3000000, 1};
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char url[64];
        snprintf(url, sizeof url, "/sized/%zu", sizes[i]);
        brio_test_response r = client_get(client, url);
        CHECK_INT(r.body.len, sizes[i] + strlen("{\"name\":\"\"}"));
        CHECK_INT(brio_json_get(&r.json, BRIO_S("name"))->str.len, sizes[i]);
        snprintf(url, sizeof url, "/text/%zu", sizes[i]);
        CHECK_INT(client_get(client, url).body.len, sizes[i]);
    }
    client_close(client, app);
}

/* ---- Statuses and headers ------------------------------------------------------------ */

static size_t occurrences(brio_str text, brio_str part)
{
    size_t n = 0;
    for (ptrdiff_t at; (at = brio_str_find(text, part)) >= 0; n++)
        text = brio_str_slice(text, (size_t)at + part.len, SIZE_MAX);
    return n;
}

TEST(headers_replace_but_cookies_add)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/headers");
    CHECK_ANSWER(r, 203, "a,b");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-one")), "2");
    CHECK_INT(occurrences(r.head, BRIO_S("x-one:")), 1);
    CHECK_INT(occurrences(r.head, BRIO_S("set-cookie: ")), 2);
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "text/csv");
    CHECK_INT(occurrences(r.head, BRIO_S("content-type:")), 1);
    client_close(client, app);
}

TEST(what_cannot_be_a_header_is_refused)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/bad-headers"), 200, "null");
    brio_test_response r = client_get(client, "/many-headers");
    CHECK_INT(occurrences(r.head, BRIO_S("\r\nx-")), 50);
    client_close(client, app);
}

TEST(a_304_has_no_body)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/not-modified"), 304, "");
    client_close(client, app);
}

/* ---- Where handlers run ---------------------------------------------------------------- */

static pthread_t loop_thread, handler_thread;

static int where(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    handler_thread = pthread_self();
    return 0;
}

TEST(blocking_handlers_run_on_another_thread)
{
    loop_thread = pthread_self();
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/async", where, brio_none, brio_none);
    BRIO_GET(app, "/blocking", where, brio_none, brio_none, .run = BRIO_BLOCKING);
    brio_test_client *client = client_open(app);
    CHECK_INT(client_get(client, "/async").status, 200);
    CHECK(pthread_equal(handler_thread, loop_thread));
    CHECK_INT(client_get(client, "/blocking").status, 200);
    CHECK(!pthread_equal(handler_thread, loop_thread));
    client_close(client, app);
}

/* ---- HEAD ------------------------------------------------------------------------ */

static int own_head(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_text(req, 203, BRIO_S("own"));
}

static int greet(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_text(req, 200, BRIO_S("hello"));
}

static void add_head_routes(brio_app *app)
{
    BRIO_HEAD(app, "/own", own_head, brio_none, brio_response);
    BRIO_GET(app, "/own", greet, brio_none, brio_response, .name = "own_get");
    BRIO_GET(app, "/both", greet, brio_none, brio_response, .name = "both");
    BRIO_POST(app, "/post", greet, brio_none, brio_response, .name = "post");
}

TEST(get_routes_answer_head_if_told_so)
{
    brio_app *app = brio_app_new(&(brio_app_options){.head = true});
    add_head_routes(app);
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.method = "HEAD", .url = "/both"});
    CHECK_ANSWER(r, 200, "");
    CHECK_STR(brio_test_header(&r, BRIO_S("content-length")), "5");
    r = client_send(client, (brio_test_request){.method = "HEAD", .url = "/own"});
    CHECK_ANSWER(r, 203, "");
    r = client_send(client, (brio_test_request){.method = "HEAD", .url = "/post"});
    CHECK_INT(r.status, 405);
    r = client_send(client, (brio_test_request){.method = "PUT", .url = "/both"});
    CHECK_STR(brio_test_header(&r, BRIO_S("allow")), "GET, HEAD");
    CHECK(brio_str_find(client_get(client, "/openapi.json").body, BRIO_S("\"/both\":{\"get\"")) >
          0);
    client_close(client, app);
}

TEST(paths_answer_options_if_told_so)
{
    brio_app *app = brio_app_new(&(brio_app_options){.head = true, .options = true});
    add_head_routes(app);
    BRIO_DELETE(app, "/both", greet, brio_none, brio_response, .name = "delete");
    brio_test_client *client = client_open(app);
    const char *const want[][2] = {{"/both", "GET, HEAD, DELETE, OPTIONS"},
                                   {"/post", "POST, OPTIONS"},
                                   {"/docs", "GET, HEAD, OPTIONS"}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        brio_test_response r =
            client_send(client, (brio_test_request){.method = "OPTIONS", .url = want[i][0]});
        CHECK_ANSWER(r, 204, "");
        CHECK_STR(brio_test_header(&r, BRIO_S("allow")), want[i][1]);
    }
    brio_test_response r =
        client_send(client, (brio_test_request){.method = "OPTIONS", .url = "/no/where"});
    CHECK_INT(r.status, 404);
    client_close(client, app);
}

TEST(else_options_is_no_method_of_theirs)
{
    brio_app *app = brio_app_new(NULL);
    add_head_routes(app);
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.method = "OPTIONS", .url = "/both"});
    CHECK_INT(r.status, 405);
    client_close(client, app);
}

TEST(else_head_is_no_method_of_theirs)
{
    brio_app *app = brio_app_new(NULL);
    add_head_routes(app);
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.method = "HEAD", .url = "/both"});
    CHECK_INT(r.status, 405);
    CHECK_STR(brio_test_header(&r, BRIO_S("allow")), "GET");
    client_close(client, app);
}
