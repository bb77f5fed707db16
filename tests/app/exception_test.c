/* SPDX-License-Identifier: MIT
 *
 * What failures become: handlers by status, by error, for HTTP errors and for
 * invalid input, and the defaults they may use; failures nobody handles;
 * problem details; the debug page. */
#include "client.h"

#include <brio/task.h>

#include <errno.h>
#include <unistd.h>

#define EUNICORN BRIO_ERROR(1)
#define EDRAGON  BRIO_ERROR(2)

typedef struct Which {
    brio_str which;
} Which;
BRIO_MODEL(Which, BRIO_PATH(which));

static bool is(const Which *in, const char *text)
{
    return brio_str_eq(in->which, brio_str_from(text));
}

static int failing(brio_request *req, const Which *in, brio_json *out)
{
    static const char name[] = "Yolo";
    if (is(in, "unicorn"))
        return brio_raise(req, EUNICORN, name);
    if (is(in, "dragon"))
        return brio_raise(req, EDRAGON, NULL);
    if (is(in, "teapot"))
        return brio_fail(req, 418, "short and stout");
    if (is(in, "object"))
        return brio_fail_json(req, 409, BRIO_OBJECT(req, "code", 7));
    if (is(in, "slow"))
        return -ETIMEDOUT;
    if (is(in, "challenge")) {
        brio_fail_header(req, "WWW-Authenticate", "Bearer");
        return brio_fail(req, 401, NULL);
    }
    *out = brio_json_from_str(in->which);
    return brio_str_eq(in->which, BRIO_S("io")) ? brio_error(-EIO, "disk on fire") : 0;
}

typedef struct Item {
    brio_str title;
    int64_t size;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(title), BRIO_FIELD(size));

static int create(brio_request *req, const Item *in, Item *out)
{
    (void)req;
    *out = *in;
    return 0;
}

static int open_session(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return -EIO;
}
BRIO_PROVIDER(open_session, brio_none, brio_none);

static int needs_session(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static brio_app *make_app(const brio_app_options *options)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = brio_app_new(options);
    BRIO_GET(app, "/fail/{which}", failing, Which, brio_json);
    BRIO_POST(app, "/items", create, Item, Item);
    BRIO_GET(app, "/needs", needs_session, brio_none, brio_none,
             .depends = BRIO_NEEDS(open_session));
    return app;
}

/* ---- Handlers ------------------------------------------------------------------ */

static int on_unicorn(brio_request *req, const brio_exception *e)
{
    CHECK_INT(e->err, EUNICORN);
    return brio_answer_json(req, 418, BRIO_OBJECT(req, "name", brio_str_from(e->data)));
}

static int on_http(brio_request *req, const brio_exception *e)
{
    CHECK_INT(e->err, BRIO_EHTTP);
    brio_str text = e->detail.type == BRIO_JSON_STR ? e->detail.str : BRIO_S("-");
    return brio_answer_text(
        req, e->status, brio_printf(brio_request_arena(req), "%d %.*s", e->status, BRIO_ARG(text)));
}

static int on_teapot(brio_request *req, const brio_exception *e)
{
    CHECK_OK(brio_respond_header(req, BRIO_S("x-pot"), BRIO_S("tea")));
    return brio_http_error_answer(req, e);
}

static int on_invalid(brio_request *req, const brio_exception *e)
{
    CHECK_INT(e->problems->count, 1);
    return brio_answer_json(
        req, 400, BRIO_OBJECT(req, "detail", brio_exception_errors(req, e), "body", e->body));
}

static int on_anything(brio_request *req, const brio_exception *e)
{
    CHECK_INT(e->status, 500);
    return brio_answer_text(req, 500, BRIO_S("sorry"));
}

static int on_timeout(brio_request *req, const brio_exception *e)
{
    CHECK_INT(e->err, -ETIMEDOUT);
    return brio_fail(req, 503, "too slow");
}

static brio_app *make_handled_app(void)
{
    brio_app *app = make_app(NULL);
    brio_app_on_error(app, EUNICORN, on_unicorn);
    brio_app_on_error(app, -ETIMEDOUT, on_timeout);
    brio_app_on_http_error(app, on_http);
    brio_app_on_status(app, 418, on_teapot);
    brio_app_on_invalid(app, on_invalid);
    brio_app_on_status(app, 500, on_anything);
    return app;
}

TEST(each_failure_finds_its_handler)
{
    brio_app *app = make_handled_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/fail/unicorn"), 418, "{\"name\":\"Yolo\"}");
    CHECK_ANSWER(client_get(client, "/fail/object"), 409, "409 -");
    brio_test_response r = client_get(client, "/fail/teapot");
    CHECK_ANSWER(r, 418, "{\"detail\":\"short and stout\"}");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-pot")), "tea");
    CHECK_ANSWER(client_get(client, "/fail/slow"), 503, "{\"detail\":\"too slow\"}");
    CHECK_ANSWER(client_get(client, "/fail/dragon"), 500, "sorry");
    CHECK_ANSWER(client_get(client, "/fail/io"), 500, "sorry");
    r = client_get(client, "/fail/challenge");
    CHECK_ANSWER(r, 401, "401 Unauthorized");
    CHECK_STR(brio_test_header(&r, BRIO_S("www-authenticate")), "Bearer");
    CHECK_ANSWER(client_get(client, "/fail/none"), 200, "\"none\"");
    client_close(client, app);
}

/* The 404 and the 405 of no route are HTTP errors as well. */
TEST(so_do_paths_without_a_route)
{
    brio_app *app = make_handled_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/nowhere"), 404, "404 Not Found");
    brio_test_response r = client_get(client, "/items");
    CHECK_ANSWER(r, 405, "405 Method Not Allowed");
    CHECK_STR(brio_test_header(&r, BRIO_S("allow")), "POST");
    CHECK_INT(client_get(client, "/items/").status, 307);
    client_close(client, app);
}

TEST(the_body_of_invalid_input_is_at_hand)
{
    brio_app *app = make_handled_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_post(client, "/items", "{\"title\":\"towel\",\"size\":\"XL\"}"), 400,
                 "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"body\",\"size\"],\"msg\":"
                 "\"Input should be a valid integer, unable to parse string as an integer\","
                 "\"input\":\"XL\"}],\"body\":{\"title\":\"towel\",\"size\":\"XL\"}}");
    brio_test_response r = client_post(client, "/items", "{\"title\"");
    CHECK_STR(brio_json_get(&r.json, BRIO_S("body"))->str, "{\"title\"");
    client_close(client, app);
}

/* ---- Without ---------------------------------------------------------------------- */

TEST(nobody_handles_it)
{
    brio_app *app = make_app(NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/fail/unicorn"), 500, "Internal Server Error");
    CHECK_ANSWER(client_get(client, "/fail/slow"), 504, "{\"detail\":\"Gateway Timeout\"}");
    CHECK_ANSWER(client_get(client, "/fail/object"), 409, "{\"detail\":{\"code\":7}}");
    client_close(client, app);
}

static int careless(brio_request *req, const brio_exception *e)
{
    (void)req, (void)e;
    return 0;
}

static int broken(brio_request *req, const brio_exception *e)
{
    return brio_raise(req, e->err == EUNICORN ? EDRAGON : EUNICORN, NULL);
}

/* One that fails is not asked again, and one that does nothing has not answered. */
TEST(handlers_that_do_not_answer)
{
    brio_app *app = make_app(NULL);
    brio_app_on_error(app, EUNICORN, broken);
    brio_app_on_error(app, EDRAGON, broken);
    brio_app_on_http_error(app, careless);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/fail/unicorn"), 500, "Internal Server Error");
    CHECK_INT(client_get(client, "/fail/teapot").status, 500);
    client_close(client, app);
}

static int look(brio_request *req, brio_next *next, void *arg)
{
    int *seen = arg;
    int rc = brio_next_run(req, next);
    *seen = rc;
    return rc;
}

/* Middleware sees errors that have a handler as answers, others as failures. */
TEST(middleware_sees_answers)
{
    int seen = 1;
    brio_app *app = make_handled_app();
    brio_app_use(app, look, &seen);
    brio_test_client *client = client_open(app);
    CHECK_INT(client_get(client, "/fail/unicorn").status, 418);
    CHECK(seen >= 0);
    CHECK_ANSWER(client_get(client, "/fail/dragon"), 500, "sorry");
    CHECK_INT(seen, EDRAGON);
    client_close(client, app);
}

/* ---- Problem details ------------------------------------------------------------------ */

static void check_problem(brio_test_response r, int status, const char *body)
{
    CHECK_ANSWER(r, status, body);
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "application/problem+json");
}

TEST(failures_as_problem_details)
{
    brio_app *app = make_app(&(brio_app_options){.problem_details = true});
    brio_test_client *client = client_open(app);
    check_problem(client_get(client, "/fail/teapot"), 418,
                  "{\"type\":\"about:blank\",\"title\":\"I'm a Teapot\",\"status\":418,\"detail\":"
                  "\"short and stout\",\"instance\":\"/fail/teapot\"}");
    check_problem(client_get(client, "/fail/object"), 409,
                  "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,\"info\":"
                  "{\"code\":7},\"instance\":\"/fail/object\"}");
    check_problem(client_get(client, "/fail/io"), 500,
                  "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,"
                  "\"instance\":\"/fail/io\"}");
    check_problem(client_get(client, "/nowhere"), 404,
                  "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":"
                  "\"Not Found\",\"instance\":\"/nowhere\"}");
    check_problem(client_post(client, "/items", "1"), 422,
                  "{\"type\":\"about:blank\",\"title\":\"Unprocessable Entity\",\"status\":422,"
                  "\"detail\":\"The request is not valid.\",\"errors\":[{\"type\":"
                  "\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid "
                  "dictionary or object to extract fields from\",\"input\":1}],\"instance\":"
                  "\"/items\"}");
    client_close(client, app);
}

TEST(problem_details_are_documented)
{
    brio_app *app = make_app(&(brio_app_options){.problem_details = true});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/openapi.json");
    CHECK(brio_str_find(r.body, BRIO_S("\"422\":{\"description\":\"Validation Error\",\"content\":"
                                       "{\"application/problem+json\":{\"schema\":{\"$ref\":"
                                       "\"#/components/schemas/ValidationProblem\"}}}}")) > 0);
    CHECK(brio_str_find(r.body, BRIO_S("\"ValidationProblem\":{\"properties\"")) > 0);
    CHECK(brio_str_find(r.body, BRIO_S("HTTPValidationError")) < 0);
    client_close(client, app);
}

/* ---- The debug page --------------------------------------------------------------------- */

static bool has(const brio_test_response *r, const char *text)
{
    return brio_str_find(r->body, brio_str_from(text)) >= 0;
}

TEST(the_debug_page_shows_where)
{
    brio_app *app = make_app(&(brio_app_options){.debug = true});
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.url = "/fail/unicorn?a=<b>",
                                                .headers = "Authorization: Basic c2VjcmV0\r\n"});
    CHECK_INT(r.status, 500);
    CHECK(has(&r, "exception_test.c:"));
    if (access(__FILE__, R_OK) == 0) /* it may be relative to elsewhere */
        CHECK(has(&r, "return brio_raise(req, EUNICORN, name);"));
    CHECK(has(&r, "/fail/unicorn?a=<b>"));
    CHECK(!has(&r, "c2VjcmV0"));
    r = client_send(
        client, (brio_test_request){.url = "/fail/io?a=<b>", .headers = "Accept: text/html\r\n"});
    CHECK(has(&r, "disk on fire"));
    CHECK(has(&r, "said at"));
    CHECK(has(&r, "exception_test.c:"));
    if (access(__FILE__, R_OK) == 0)
        CHECK(has(&r, "? brio_error(-EIO, "));
    CHECK(has(&r, "task      failing ("));
    CHECK(has(&r, "created at "));
    CHECK(has(&r, "worker    process "));
    CHECK(has(&r, "a=&lt;b&gt;"));
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "text/html; charset=utf-8");
    CHECK_INT(client_get(client, "/fail/teapot").status, 418);
    r = client_get(client, "/needs");
    CHECK(has(&r, "handler   needs_session"));
    CHECK(has(&r, "provider  open_session, "));
    client_close(client, app);
}
