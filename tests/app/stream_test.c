/* SPDX-License-Identifier: MIT
 *
 * Streamed answers, through HTTP and its chunks. */
#include "client.h"

#include <brio/task.h>

#include <errno.h>

typedef struct Count {
    int64_t n;
} Count;
BRIO_MODEL(Count, BRIO_PATH(n));

static int background_runs;

static int note(void *arg)
{
    (void)arg;
    background_runs++;
    return 0;
}

static int lines(brio_request *req, const Count *in, brio_none *out)
{
    (void)out;
    brio_background(req, note, NULL);
    for (int64_t i = 0; i < in->n; i++) {
        brio_str line = brio_printf(brio_request_arena(req), "line %lld\n", (long long)i);
        int rc = brio_respond_stream(req, line);
        if (rc < 0 || (rc = brio_sleep(BRIO_MS(10))) < 0)
            return rc;
    }
    return 0;
}

static int events(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_respond_status(req, 202);
    CHECK_OK(brio_respond_header(req, BRIO_S("Content-Type"), BRIO_S("text/event-stream")));
    CHECK_OK(brio_respond_header(req, BRIO_S("Cache-Control"), BRIO_S("no-cache")));
    CHECK_OK(brio_respond_stream(req, BRIO_S("")));
    return brio_respond_stream(req, BRIO_S("data: 1\n\n"));
}

static int broken(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    CHECK_OK(brio_respond_stream(req, BRIO_S("half")));
    return -EIO;
}

static int too_late(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    CHECK_OK(brio_respond_stream(req, BRIO_S("half")));
    return brio_fail(req, 404, NULL);
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/lines/{n}", lines, Count, brio_none);
    BRIO_GET(app, "/events", events, brio_none, brio_none);
    BRIO_GET(app, "/broken", broken, brio_none, brio_none);
    BRIO_GET(app, "/too-late", too_late, brio_none, brio_none);
    return app;
}

TEST(pieces_arrive_as_one_body)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/lines/3");
    CHECK_ANSWER(r, 200, "line 0\nline 1\nline 2\n");
    CHECK_STR(brio_test_header(&r, BRIO_S("transfer-encoding")), "chunked");
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "text/plain; charset=utf-8");
    CHECK_STR(brio_test_header(&r, BRIO_S("content-length")), "");
    CHECK(!r.cut_off);
    CHECK_INT(brio_test_client_elapsed(client), BRIO_MS(30));
    CHECK_INT(background_runs, 1);
    client_close(client, app);
}

TEST(no_piece_is_an_ordinary_answer)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/lines/0"), 200, "null");
    client_close(client, app);
}

TEST(many_pieces)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/lines/1000");
    CHECK_INT(r.body.len, 10 * 7 + 90 * 8 + 900 * 9);
    client_close(client, app);
}

TEST(status_and_headers_are_those_set_before)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/events");
    CHECK_ANSWER(r, 202, "data: 1\n\n");
    CHECK_STR(brio_test_header(&r, BRIO_S("content-type")), "text/event-stream");
    CHECK_STR(brio_test_header(&r, BRIO_S("cache-control")), "no-cache");
    client_close(client, app);
}

TEST(a_failure_leaves_the_end_out)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/broken");
    CHECK_ANSWER(r, 200, "half");
    CHECK(r.cut_off);
    r = client_get(client, "/too-late");
    CHECK_ANSWER(r, 200, "half");
    CHECK(r.cut_off);
    CHECK_INT(client_get(client, "/lines/1").status, 200);
    client_close(client, app);
}
