/* SPDX-License-Identifier: MIT
 *
 * Middleware: the last added is the outermost; it sees every answer, changes
 * it, makes it, or does without what is inside; failures that nobody answered
 * pass through it. Hooks see the head of every answer, streams too. */
#include "client.h"

#include <brio/task.h>

#include <errno.h>

static char trail[128];
static size_t trail_len;

static void mark(const char *text)
{
    size_t len = strlen(text);
    CHECK(trail_len + len < sizeof trail);
    memcpy(trail + trail_len, text, len + 1);
    trail_len += len;
}

static int around(brio_request *req, brio_next *next, void *arg)
{
    const char *name = arg;
    mark(name);
    int rc = brio_next_run(req, next);
    mark(name);
    mark(rc < 0 ? "!" : "");
    CHECK_OK(brio_respond_header(req, BRIO_S("x-last"), brio_str_from(name)));
    return rc;
}

static int pong(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    mark("h");
    out->text = BRIO_S("pong");
    return 0;
}

static int failing(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return -EIO;
}

static int missing(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    return brio_fail(req, 404, "No such thing");
}

static int streaming(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    int rc = brio_respond_stream(req, BRIO_S("a"));
    CHECK_INT(brio_respond_header(req, BRIO_S("x-late"), BRIO_S("1")), -EALREADY);
    return rc < 0 ? rc : brio_respond_stream(req, BRIO_S("b"));
}

static brio_app *make_app(void)
{
    brio_log_set_level(BRIO_LOG_OFF);
    trail_len = 0;
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/pong", pong, brio_none, brio_text);
    BRIO_GET(app, "/failing", failing, brio_none, brio_text);
    BRIO_GET(app, "/missing", missing, brio_none, brio_text);
    BRIO_GET(app, "/streaming", streaming, brio_none, brio_text);
    return app;
}

static brio_str trail_text(void)
{
    brio_str text = {trail, trail_len};
    trail_len = 0;
    return text;
}

TEST(the_last_added_is_the_outermost)
{
    char inner[] = "i", outer[] = "o";
    brio_app *app = make_app();
    brio_app_use(app, around, inner);
    brio_app_use(app, around, outer);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/pong");
    CHECK_ANSWER(r, 200, "pong");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-last")), "o");
    CHECK_STR(trail_text(), "oihio");
    client_close(client, app);
}

/* Unforeseen failures are nobody's answer yet; HTTP errors are. */
TEST(it_is_around_everything)
{
    char name[] = "m";
    brio_app *app = make_app();
    brio_app_use(app, around, name);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/failing");
    CHECK_ANSWER(r, 500, "Internal Server Error");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-last")), "m");
    CHECK_STR(trail_text(), "mm!");
    r = client_get(client, "/missing");
    CHECK_ANSWER(r, 404, "{\"detail\":\"No such thing\"}");
    CHECK_STR(trail_text(), "mm");
    r = client_get(client, "/nowhere");
    CHECK_ANSWER(r, 404, "{\"detail\":\"Not Found\"}");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-last")), "m");
    r = client_send(client, (brio_test_request){.method = "POST", .url = "/pong"});
    CHECK_ANSWER(r, 405, "{\"detail\":\"Method Not Allowed\"}");
    CHECK_STR(brio_test_header(&r, BRIO_S("allow")), "GET");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-last")), "m");
    r = client_get(client, "/pong/");
    CHECK_INT(r.status, 307);
    CHECK_STR(brio_test_header(&r, BRIO_S("location")), "http://testserver/pong");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-last")), "m");
    r = client_get(client, "/openapi.json");
    CHECK_INT(r.status, 200);
    CHECK_STR(brio_test_header(&r, BRIO_S("x-last")), "m");
    client_close(client, app);
}

static int closed(brio_request *req, brio_next *next, void *arg)
{
    (void)next, (void)arg;
    return brio_fail(req, 503, "Closed today");
}

static int shortcut(brio_request *req, brio_next *next, void *arg)
{
    if (brio_str_eq(brio_request_path(req), BRIO_S("/pong")))
        return brio_answer_text(req, 202, brio_str_from(arg));
    return brio_next_run(req, next);
}

TEST(it_may_answer_without_the_route)
{
    char text[] = "early";
    brio_app *app = make_app();
    brio_app_use(app, shortcut, text);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/pong"), 202, "early");
    CHECK_INT(trail_len, 0);
    CHECK_ANSWER(client_get(client, "/missing"), 404, "{\"detail\":\"No such thing\"}");
    client_close(client, app);
}

TEST(it_may_fail)
{
    brio_app *app = make_app();
    brio_app_use(app, closed, NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/pong"), 503, "{\"detail\":\"Closed today\"}");
    client_close(client, app);
}

static int careless(brio_request *req, brio_next *next, void *arg)
{
    (void)req, (void)next, (void)arg;
    return 0;
}

TEST(success_without_an_answer_is_a_500)
{
    brio_app *app = make_app();
    brio_app_use(app, careless, NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/pong"), 500, "Internal Server Error");
    client_close(client, app);
}

static int replace(brio_request *req, brio_next *next, void *arg)
{
    (void)arg;
    int rc = brio_next_run(req, next);
    if (rc < 0)
        return brio_answer_text(req, 502, BRIO_S("caught"));
    if (brio_answered_status(req) != 200 || brio_answered_stream(req))
        return rc;
    CHECK_STR(brio_answered_type(req), "text/plain; charset=utf-8");
    brio_str body = brio_answered_body(req);
    brio_respond_status(req, 203);
    CHECK_OK(brio_respond_header(req, BRIO_S("content-type"), BRIO_S("text/x-twice")));
    CHECK_STR(brio_answered_type(req), "text/x-twice");
    return brio_answer_bytes(
        req, 203, "text/x-twice",
        brio_printf(brio_request_arena(req), "%.*s%.*s", BRIO_ARG(body), BRIO_ARG(body)));
}

TEST(it_may_look_at_the_answer_and_replace_it)
{
    brio_app *app = make_app();
    brio_app_use(app, replace, NULL);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/pong");
    CHECK_ANSWER(r, 203, "pongpong");
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "text/x-twice; charset=utf-8");
    CHECK_ANSWER(client_get(client, "/failing"), 502, "caught");
    CHECK_ANSWER(client_get(client, "/streaming"), 200, "ab");
    client_close(client, app);
}

static void stamp(brio_request *req, void *arg)
{
    mark(arg);
    CHECK_OK(brio_respond_header(req, BRIO_S("x-stamp"), brio_str_from(arg)));
    if (brio_answered_stream(req))
        brio_respond_status(req, 206);
}

static int hooked(brio_request *req, brio_next *next, void *arg)
{
    brio_on_response(req, stamp, arg);
    return brio_next_run(req, next);
}

TEST(hooks_see_every_head_the_newest_first)
{
    char inner[] = "i", outer[] = "o";
    brio_app *app = make_app();
    brio_app_use(app, hooked, inner);
    brio_app_use(app, hooked, outer);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/streaming");
    CHECK_ANSWER(r, 206, "ab");
    CHECK_STR(trail_text(), "io");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-stamp")), "o");
    r = client_get(client, "/failing");
    CHECK_STR(brio_test_header(&r, BRIO_S("x-stamp")), "o");
    CHECK_INT(r.status, 500);
    client_close(client, app);
}

static int leaving(brio_request *req, brio_next *next, void *arg)
{
    CHECK(!brio_request_get(req, "who"));
    brio_request_set(req, "who", NULL);
    brio_request_set(req, "who", arg);
    int rc = brio_sleep(BRIO_MS(5)); /* it may suspend */
    return rc < 0 ? rc : brio_next_run(req, next);
}

static int who(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    CHECK(!brio_request_get(req, "whom"));
    out->text = brio_str_from(brio_request_get(req, "who"));
    return 0;
}

TEST(what_it_leaves_is_found_by_the_handler)
{
    char name[] = "me";
    brio_app *app = make_app();
    BRIO_GET(app, "/who", who, brio_none, brio_text);
    brio_app_use(app, leaving, name);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/who"), 200, "me");
    client_close(client, app);
}
