/* SPDX-License-Identifier: MIT
 *
 * Response classes, cookies, and streams of lines and events. */
#include "app/client.h"

#include <brio/task.h>

#include <errno.h>

typedef struct Tick {
    int64_t n;
    brio_str text;
} Tick;
BRIO_MODEL(Tick, BRIO_FIELD(n), BRIO_FIELD(text));

static int a_text(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)req, (void)in;
    *out = BRIO_S("https://example.com/a b?x=1&y=\xC3\xA9");
    return 0;
}

static int a_cookie(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)in, (void)out;
    CHECK_OK(brio_respond_cookie(req, &(brio_cookie){.name = "a", .value = BRIO_S("b c")}));
    CHECK_OK(brio_respond_cookie(req, &(brio_cookie){.name = "d", .value = BRIO_S("e")}));
    CHECK_INT(brio_respond_cookie(req, &(brio_cookie){.name = "x y"}), -EINVAL);
    return 0;
}

static int no_cookie(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)in, (void)out;
    return brio_respond_delete_cookie(req, "a");
}

static void header_is(const brio_test_response *r, const char *name, const char *want)
{
    CHECK_STR(brio_test_header(r, brio_str_from(name)), want);
}

TEST(classes_of_text)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/json", a_text, brio_none, brio_str);
    BRIO_GET(app, "/text", a_text, brio_none, brio_str, .response = BRIO_TEXT);
    BRIO_GET(app, "/html", a_text, brio_none, brio_str, .response = BRIO_HTML, .status = 202);
    BRIO_GET(app, "/go", a_text, brio_none, brio_str, .response = BRIO_REDIRECT);
    BRIO_GET(app, "/go302", a_text, brio_none, brio_str, .response = BRIO_REDIRECT, .status = 302);
    BRIO_GET(app, "/own", a_text, brio_none, brio_str, .response = BRIO_CUSTOM,
             .media_type = "text/csv");
    BRIO_GET(app, "/bare", a_text, brio_none, brio_str, .response = BRIO_CUSTOM);
    brio_test_client *client = client_open(app);
    const char *text = "https://example.com/a b?x=1&y=\xC3\xA9";
    brio_test_response r = client_get(client, "/json");
    CHECK_ANSWER(r, 200, "\"https://example.com/a b?x=1&y=\xC3\xA9\"");
    r = client_get(client, "/text");
    CHECK_ANSWER(r, 200, text);
    header_is(&r, "content-type", "text/plain; charset=utf-8");
    r = client_get(client, "/html");
    CHECK_ANSWER(r, 202, text);
    header_is(&r, "content-type", "text/html; charset=utf-8");
    r = client_get(client, "/go");
    CHECK_ANSWER(r, 307, "");
    header_is(&r, "location", "https://example.com/a%20b?x=1&y=%C3%A9");
    header_is(&r, "content-type", "");
    CHECK_ANSWER(client_get(client, "/go302"), 302, "");
    r = client_get(client, "/own");
    CHECK_ANSWER(r, 200, text);
    header_is(&r, "content-type", "text/csv; charset=utf-8");
    r = client_get(client, "/bare");
    CHECK_ANSWER(r, 200, text);
    header_is(&r, "content-type", "");
    client_close(client, app);
}

TEST(cookies_are_headers)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/set", a_cookie, brio_none, brio_json);
    BRIO_GET(app, "/delete", no_cookie, brio_none, brio_json);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/set");
    CHECK_ANSWER(r, 200, "null");
    header_is(&r, "set-cookie", "a=\"b c\"; Path=/; SameSite=lax");
    CHECK(brio_str_find(r.head, BRIO_S("set-cookie: d=e; Path=/; SameSite=lax")) > 0);
    r = client_get(client, "/delete");
    brio_str cookie = brio_test_header(&r, BRIO_S("set-cookie"));
    CHECK(brio_str_starts(cookie, BRIO_S("a=\"\"; expires=")));
    CHECK(brio_str_ends(cookie, BRIO_S(" GMT; Max-Age=0; Path=/; SameSite=lax")));
    client_close(client, app);
}

/* ---- Items ------------------------------------------------------------------ */

static int ticks(brio_request *req, const brio_none *in, Tick *out)
{
    (void)in, (void)out;
    for (int i = 0; i < 3; i++) {
        int rc = brio_respond_item(req, &(Tick){.n = i, .text = BRIO_S("a\nb")});
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int none(brio_request *req, const brio_none *in, Tick *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int fails(brio_request *req, const brio_none *in, Tick *out)
{
    (void)in, (void)out;
    return brio_fail(req, 409, "no");
}

static int breaks(brio_request *req, const brio_none *in, Tick *out)
{
    (void)in, (void)out;
    CHECK_OK(brio_respond_item(req, &(Tick){.n = 1, .text = BRIO_S("")}));
    return -EIO;
}

static int slow(brio_request *req, const brio_none *in, Tick *out)
{
    (void)in, (void)out;
    CHECK_OK(brio_respond_event(req, &(brio_sse){.raw = BRIO_S("begin")}));
    CHECK_OK(brio_sleep(BRIO_SEC(10)));
    CHECK_OK(brio_respond_event(req, &(brio_sse){.raw = BRIO_S("middle")}));
    CHECK_OK(brio_sleep(BRIO_SEC(40)));
    return brio_respond_event(req, &(brio_sse){.raw = BRIO_S("end")});
}

static brio_app *streams_new(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/lines", ticks, brio_none, Tick, .response = BRIO_JSON_LINES);
    BRIO_POST(app, "/events", ticks, brio_none, Tick, .response = BRIO_SSE);
    BRIO_GET(app, "/none", none, brio_none, Tick, .response = BRIO_SSE);
    BRIO_GET(app, "/nolines", none, brio_none, Tick, .response = BRIO_JSON_LINES);
    BRIO_GET(app, "/fails", fails, brio_none, Tick, .response = BRIO_SSE);
    BRIO_GET(app, "/breaks", breaks, brio_none, Tick, .response = BRIO_SSE);
    BRIO_GET(app, "/slow", slow, brio_none, Tick, .response = BRIO_SSE);
    return app;
}

TEST(lines_of_json)
{
    brio_app *app = streams_new();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/lines");
    CHECK_ANSWER(r, 200,
                 "{\"n\":0,\"text\":\"a\\nb\"}\n{\"n\":1,\"text\":\"a\\nb\"}\n"
                 "{\"n\":2,\"text\":\"a\\nb\"}\n");
    header_is(&r, "content-type", "application/jsonl");
    r = client_get(client, "/nolines");
    CHECK_ANSWER(r, 200, "");
    header_is(&r, "content-type", "application/jsonl");
    client_close(client, app);
}

TEST(server_sent_events)
{
    brio_app *app = streams_new();
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.method = "POST", .url = "/events"});
    CHECK_ANSWER(r, 200,
                 "data: {\"n\":0,\"text\":\"a\\nb\"}\n\ndata: {\"n\":1,\"text\":\"a\\nb\"}\n\n"
                 "data: {\"n\":2,\"text\":\"a\\nb\"}\n\n");
    header_is(&r, "content-type", "text/event-stream; charset=utf-8");
    header_is(&r, "cache-control", "no-cache");
    header_is(&r, "x-accel-buffering", "no");
    r = client_get(client, "/none");
    CHECK_ANSWER(r, 200, "");
    header_is(&r, "content-type", "text/event-stream; charset=utf-8");
    CHECK_ANSWER(client_get(client, "/fails"), 409, "{\"detail\":\"no\"}");
    r = client_get(client, "/breaks");
    CHECK(r.cut_off);
    client_close(client, app);
}

/* 15 s behind "middle" and 15 s behind that ping; none in the 10 s before. */
TEST(silence_is_pinged)
{
    brio_app *app = streams_new();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/slow"), 200,
                 "data: begin\n\ndata: middle\n\n: ping\n\n: ping\n\ndata: end\n\n");
    CHECK(brio_test_client_elapsed(client) < BRIO_SEC(60)); /* no ping holds the client */
    client_close(client, app);
}

static void event_is(const brio_sse *event, const char *want)
{
    char text[256];
    brio_buf out = brio_buf_over(text, sizeof text);
    CHECK_OK(brio_sse_format(&out, BRIO_TYPE(Tick), event));
    CHECK_STR(brio_buf_str(&out), want);
}

TEST(events_as_fastapi_writes_them)
{
    brio_json json = brio_json_from_str(BRIO_S("x"));
    event_is(&(brio_sse){.data = &(Tick){.n = 1, .text = BRIO_S("t")},
                         .event = BRIO_S("e"),
                         .id = BRIO_S("7"),
                         .retry = BRIO_MS(5000),
                         .comment = BRIO_S("c\nd")},
             ": c\n: d\nevent: e\ndata: {\"n\":1,\"text\":\"t\"}\nid: 7\nretry: 5000\n\n");
    event_is(&(brio_sse){.json = &json}, "data: \"x\"\n\n");
    event_is(&(brio_sse){.raw = BRIO_S("a\nb\r\nc\rd\n")},
             "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
    event_is(&(brio_sse){.raw = BRIO_S("")}, "data: \n\n");
    event_is(&(brio_sse){.comment = BRIO_S("only")}, ": only\n\n");
    event_is(&(brio_sse){.id = BRIO_S("")}, "id: \n\n");
    char text[256];
    brio_buf out = brio_buf_over(text, sizeof text);
    CHECK_INT(brio_sse_format(&out, NULL, &(brio_sse){.event = BRIO_S("a\nb")}), -EINVAL);
    CHECK_INT(brio_sse_format(&out, NULL, &(brio_sse){.id = BRIO_S("a\rb")}), -EINVAL);
    CHECK_INT(brio_sse_format(&out, NULL, &(brio_sse){.id = {"\0", 1}}), -EINVAL);
    CHECK_INT(brio_sse_format(&out, NULL, &(brio_sse){.retry = -1}), -EINVAL);
    CHECK_INT(out.len, 0);
}

TEST(an_apps_own_class)
{
    brio_app *app = brio_app_new(&(brio_app_options){.response = BRIO_HTML});
    brio_router *router = brio_router_new(app, &(brio_router_options){.response = BRIO_TEXT});
    BRIO_GET(app, "/page", a_text, brio_none, brio_str);
    BRIO_GET(app, "/json", a_text, brio_none, brio_str, .response = BRIO_JSON);
    BRIO_GET(router, "/text", a_text, brio_none, brio_str);
    brio_include(app, router, NULL);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/page");
    header_is(&r, "content-type", "text/html; charset=utf-8");
    r = client_get(client, "/json");
    header_is(&r, "content-type", "application/json");
    r = client_get(client, "/text");
    header_is(&r, "content-type", "text/plain; charset=utf-8");
    r = client_get(client, "/openapi.json");
    CHECK(brio_str_find(r.body, BRIO_S("\"content\":{\"text/html\"")) >= 0);
    client_close(client, app);
}
