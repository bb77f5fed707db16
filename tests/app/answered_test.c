/* SPDX-License-Identifier: MIT
 *
 * Handlers that answer by themselves: each kind, with headers and background
 * tasks kept, on the loop and on a thread; the last answer counts. */
#include "client.h"

#include <errno.h>

typedef struct Point {
    int64_t x;
} Point;
BRIO_MODEL(Point, BRIO_FIELD(x));

static int ran;

static int count(void *arg)
{
    (void)arg;
    ran++;
    return 0;
}

static int json(brio_request *req, const brio_none *in, Point *out)
{
    (void)in, (void)out;
    brio_json member = brio_json_from_int(1);
    brio_json list = {.type = BRIO_JSON_ARRAY, .n = 1, .items = &member};
    CHECK_OK(brio_respond_header(req, BRIO_S("x-kept"), BRIO_S("yes")));
    brio_background(req, count, NULL);
    return brio_answer_json(req, 201, list);
}

static int model(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    Point p = {7};
    return brio_answer_model(req, 202, BRIO_TYPE(Point), &p);
}

static int raw(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    brio_json value = {.type = BRIO_JSON_RAW, .str = BRIO_S("1")};
    return brio_answer_json(req, 200, value);
}

static int html(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_html(req, 200, BRIO_S("<p>"));
}

static int bytes(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    CHECK_INT(brio_answer_bytes(req, 200, "a\nb", BRIO_S("x")), -EINVAL);
    return brio_answer_bytes(req, 200, "application/xml", BRIO_S("<x/>"));
}

static int untyped(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_bytes(req, 200, NULL, BRIO_S("raw"));
}

static int redirect(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_redirect(req, 0, BRIO_S("/a b?c=\xc3\xa9"));
}

static int see_other(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_redirect(req, 303, BRIO_S("https://example.com/x"));
}

static int twice(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    (void)brio_answer_html(req, 200, BRIO_S("first"));
    return brio_answer_text(req, 203, BRIO_S("second"));
}

static int undone(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    (void)brio_answer_text(req, 200, BRIO_S("never"));
    return brio_fail(req, 409, "changed my mind");
}

static int empty(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)in, (void)out;
    return brio_answer_text(req, 204, BRIO_S("dropped"));
}

static int plain(brio_request *req, const brio_none *in, brio_response *out)
{
    (void)req, (void)in;
    *out = brio_json_from_int(5);
    return 0;
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/json", json, brio_none, Point);
    BRIO_GET(app, "/model", model, brio_none, brio_response);
    BRIO_GET(app, "/raw", raw, brio_none, brio_response);
    BRIO_GET(app, "/html", html, brio_none, brio_response, .run = BRIO_BLOCKING);
    BRIO_GET(app, "/bytes", bytes, brio_none, brio_response);
    BRIO_GET(app, "/untyped", untyped, brio_none, brio_response);
    BRIO_GET(app, "/redirect", redirect, brio_none, brio_response);
    BRIO_GET(app, "/see-other", see_other, brio_none, brio_response);
    BRIO_GET(app, "/twice", twice, brio_none, brio_response);
    BRIO_GET(app, "/undone", undone, brio_none, brio_response);
    BRIO_GET(app, "/empty", empty, brio_none, brio_response);
    BRIO_GET(app, "/plain", plain, brio_none, brio_response);
    return app;
}

static void check_typed(brio_test_response r, int status, const char *type, const char *body)
{
    CHECK_ANSWER(r, status, body);
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), type);
}

TEST(each_kind_of_answer)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    check_typed(client_get(client, "/model"), 202, "application/json", "{\"x\":7}");
    check_typed(client_get(client, "/raw"), 200, "application/json", "1");
    check_typed(client_get(client, "/html"), 200, "text/html; charset=utf-8", "<p>");
    check_typed(client_get(client, "/bytes"), 200, "application/xml", "<x/>");
    check_typed(client_get(client, "/untyped"), 200, "", "raw");
    check_typed(client_get(client, "/twice"), 203, "text/plain; charset=utf-8", "second");
    check_typed(client_get(client, "/undone"), 409, "application/json",
                "{\"detail\":\"changed my mind\"}");
    check_typed(client_get(client, "/plain"), 200, "application/json", "5");
    CHECK_ANSWER(client_get(client, "/empty"), 204, "");
    client_close(client, app);
}

TEST(headers_and_background_tasks_are_kept)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/json");
    CHECK_ANSWER(r, 201, "[1]");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-kept")), "yes");
    CHECK_INT(ran, 1);
    client_close(client, app);
}

TEST(redirects)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/redirect");
    CHECK_ANSWER(r, 307, "");
    CHECK_STR(brio_test_header(&r, BRIO_S("location")), "/a%20b?c=%C3%A9");
    r = client_get(client, "/see-other");
    CHECK_ANSWER(r, 303, "");
    CHECK_STR(brio_test_header(&r, BRIO_S("location")), "https://example.com/x");
    client_close(client, app);
}
