/* SPDX-License-Identifier: MIT
 *
 * What the test client sees while an app works and when it is closed: streams and
 * events piece by piece, failures nobody foresaw, time, overrides, what was left. */
#include "client.h"

#include <brio/http.h>
#include <brio/task.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---- Streams -------------------------------------------------------------------------- */

static int steps;

static int three(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    int rc = 0;
    for (int i = 0; i < 3 && rc >= 0; i++) {
        steps++;
        rc = brio_respond_stream(req, i == 1 ? BRIO_S("two\n") : BRIO_S("one\n"));
        if (rc >= 0)
            rc = brio_sleep(BRIO_SEC(10));
    }
    return rc < 0 ? rc : 0;
}

static int breaks(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    int rc = brio_respond_stream(req, BRIO_S("some"));
    return rc < 0 ? rc : brio_error(-EIO, "the tape tore");
}

static int plain(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("all at once");
    return 0;
}

static int fails(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return brio_error(-ENOENT, "no file called %s", "prices");
}

static int devours(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text.ptr = brio_alloc(brio_request_arena(req), (size_t)1 << 30);
    return 0;
}

static int refuses(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    return brio_fail(req, 500, "on purpose");
}

static int events(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    brio_json number = brio_json_from_int(7);
    int rc = brio_respond_event(req, &(brio_sse){.comment = BRIO_S("hello"),
                                                 .raw = BRIO_S("a\nb"),
                                                 .event = BRIO_S("lines"),
                                                 .id = BRIO_S("x1"),
                                                 .retry = BRIO_SEC(3)});
    if (rc >= 0)
        rc = brio_sleep(BRIO_SEC(40)); /* two pings */
    if (rc >= 0)
        rc = brio_respond_event(req, &(brio_sse){.json = &number});
    return rc < 0 ? rc : 0;
}

static int silent(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    int rc = brio_respond_event(req, &(brio_sse){.raw = BRIO_S("only")});
    return rc < 0 ? rc : brio_sleep(BRIO_SEC(10000000));
}

static int words(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    return brio_respond_stream(req, BRIO_S("\xEF\xBB\xBF"
                                           "data:x\r\ndata\rid: 1\n\n"
                                           "event: none\n\nretry: 5x\nretry: 20\n\n: c\n"
                                           "data: {\"n\": 1}\n\ndata: unfinished"));
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/three", three, brio_none, brio_text);
    BRIO_GET(app, "/breaks", breaks, brio_none, brio_text);
    BRIO_GET(app, "/plain", plain, brio_none, brio_text);
    BRIO_GET(app, "/fails", fails, brio_none, brio_text);
    BRIO_GET(app, "/devours", devours, brio_none, brio_text);
    BRIO_GET(app, "/refuses", refuses, brio_none, brio_text);
    BRIO_GET(app, "/events", events, brio_none, brio_text, .response = BRIO_SSE);
    BRIO_GET(app, "/silent", silent, brio_none, brio_text, .response = BRIO_SSE);
    BRIO_GET(app, "/words", words, brio_none, brio_text, .media_type = "text/event-stream");
    return app;
}

static brio_test_stream *stream(brio_test_client *client, const char *url,
                                brio_test_response *ret_head)
{
    brio_test_stream *s;
    CHECK_OK(brio_test_stream_open(client, &(brio_test_request){.url = url}, &s, ret_head));
    return s;
}

static void check_piece(brio_test_stream *s, const char *want)
{
    brio_str piece;
    CHECK_INT(brio_test_stream_read(s, &piece), 1);
    CHECK_STR(piece, want);
}

static void check_end(brio_test_stream *s, int want)
{
    brio_str piece;
    CHECK_INT(brio_test_stream_read(s, &piece), want);
    CHECK_INT(brio_test_stream_read(s, &piece), want);
    CHECK_INT(piece.len, 0);
}

TEST(a_stream_is_read_while_it_is_written)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response head;
    brio_test_stream *s = stream(client, "/three", &head);
    CHECK_INT(head.status, 200);
    CHECK_STR(brio_test_header(&head, BRIO_S("content-type")), "text/plain; charset=utf-8");
    check_piece(s, "one\n");
    CHECK_INT(steps, 1);
    CHECK_ANSWER(client_get(client, "/plain"), 200, "all at once"); /* meanwhile */
    CHECK_INT(brio_test_client_elapsed(client), 0);
    check_piece(s, "two\n");
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(10));
    check_piece(s, "one\n");
    check_end(s, 0);
    s = stream(client, "/plain", NULL);
    check_piece(s, "all at once");
    check_end(s, 0);
    client_close(client, app);
}

TEST(a_client_that_goes_away_ends_the_handler)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_stream *s = stream(client, "/three", NULL);
    check_piece(s, "one\n");
    brio_test_stream_close(s);
    CHECK_INT(steps, 1);
    CHECK_INT(brio_test_client_elapsed(client), 0);
    stream(client, "/three", NULL); /* left to close */
    client_close(client, app);
    CHECK_INT(steps, 2);
}

TEST(a_stream_that_breaks_off)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_stream *s = stream(client, "/breaks", NULL);
    check_piece(s, "some");
    check_end(s, BRIO_ECLOSED);
    client_close(client, app);
}

/* ---- Events ------------------------------------------------------------------------------ */

TEST(events_come_one_by_one)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_stream *s = stream(client, "/events", NULL);
    brio_test_event e;
    CHECK_INT(brio_test_sse_next(s, &e), 1);
    CHECK_STR(e.event, "lines");
    CHECK_STR(e.data, "a\nb");
    CHECK_STR(e.id, "x1");
    CHECK_INT(e.retry, BRIO_SEC(3));
    CHECK_INT(e.comments, 1);
    CHECK_INT(brio_test_client_elapsed(client), 0);
    CHECK_INT(brio_test_sse_next(s, &e), 1);
    CHECK_STR(e.event, "message");
    CHECK_INT(e.json.type, BRIO_JSON_INT);
    CHECK_INT(e.json.integer, 7);
    CHECK_STR(e.id, "x1");
    CHECK_INT(e.retry, 0);
    CHECK_INT(e.comments, 2);
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(40));
    CHECK_INT(brio_test_sse_next(s, &e), 0);
    client_close(client, app);
}

TEST(events_by_the_standard)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_stream *s = stream(client, "/words", NULL);
    brio_test_event e;
    CHECK_INT(brio_test_sse_next(s, &e), 1);
    CHECK_STR(e.data, "x\n");
    CHECK_STR(e.id, "1");
    CHECK_INT(brio_test_sse_next(s, &e), 1);
    CHECK_STR(e.event, "message");
    CHECK_INT(brio_json_get(&e.json, BRIO_S("n"))->integer, 1);
    CHECK_INT(e.retry, BRIO_MS(20));
    CHECK_INT(e.comments, 1);
    CHECK_INT(brio_test_sse_next(s, &e), 0);
    client_close(client, app);
}

TEST(pings_alone_are_not_waited_for_forever)
{
    brio_app *app = make_app();
    brio_test_client *client =
        client_open_with(app, (brio_test_options){.patience = BRIO_SEC(100)});
    brio_test_stream *s = stream(client, "/silent", NULL);
    brio_test_event e;
    CHECK_INT(brio_test_sse_next(s, &e), 1);
    CHECK_INT(brio_test_sse_next(s, &e), -ETIMEDOUT);
    client_close(client, app);
}

/* ---- Failures ------------------------------------------------------------------------------ */

TEST(failures_nobody_foresaw_become_the_tests)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app();
    brio_test_client *client = client_open_with(app, (brio_test_options){.raise_errors = true});
    brio_test_response r;
    CHECK_INT(brio_test_client_send(client, &(brio_test_request){.url = "/fails"}, &r), -ENOENT);
    CHECK_STR(brio_error_detail(),
              "GET /fails: fails: No such file or directory: no file called prices");
    CHECK_INT(brio_test_client_send(client, &(brio_test_request){.url = "/breaks"}, &r), -EIO);
    CHECK(brio_str_ends(brio_error_detail(), BRIO_S("the tape tore")));
    CHECK_INT(brio_test_client_send(client, &(brio_test_request){.url = "/devours"}, &r),
              BRIO_EABANDON);
    CHECK_INT(client_get(client, "/refuses").status, 500);
    CHECK_INT(client_get(client, "/nowhere").status, 404);
    brio_test_stream *s;
    CHECK_INT(brio_test_stream_open(client, &(brio_test_request){.url = "/fails"}, &s, &r),
              -ENOENT);
    CHECK(!s);
    s = stream(client, "/breaks", NULL);
    check_piece(s, "some");
    check_end(s, -EIO);
    client_close(client, app);
}

/* ---- Time -------------------------------------------------------------------------------------
 */

static int rings;

static int ring(void *arg)
{
    (void)arg;
    for (int rc = 0; rc >= 0; rings++)
        rc = brio_sleep(BRIO_SEC(60));
    return 0;
}

static brio_task *ringer;

static int start_ringing(brio_app *app, void *state)
{
    (void)app, (void)state;
    ringer = brio_create_task(ring, NULL, &(brio_task_options){.name = "ringer"});
    return ringer ? 0 : -ENOMEM;
}

static int stop_ringing(brio_app *app, void *state)
{
    (void)app, (void)state;
    brio_task_cancel(ringer);
    return brio_join(ringer, NULL);
}

static int forever(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return brio_sleep(BRIO_SEC(365 * 24 * 3600));
}

TEST(time_passes_when_the_test_says_so)
{
    brio_app *app = make_app();
    brio_app_on_startup(app, start_ringing);
    brio_app_on_shutdown(app, stop_ringing);
    brio_test_client *client = client_open(app);
    CHECK_OK(brio_test_client_sleep(client, BRIO_SEC(3601)));
    CHECK_INT(rings, 60);
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(3601));
    client_close(client, app);
}

TEST(patience_has_an_end)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/forever", forever, brio_none, brio_text);
    brio_test_client *client = client_open(app);
    brio_test_response r;
    CHECK_INT(brio_test_client_send(client, &(brio_test_request){.url = "/forever"}, &r),
              -ETIMEDOUT);
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(24 * 3600));
    CHECK_ANSWER(client_get(client, "/plain"), 200, "all at once");
    CHECK_INT(brio_test_client_close(client), 1);
    CHECK_STR(brio_error_detail(), "1 task was left: \"forever\"");
    brio_app_free(app);
}

/* ---- Overrides
 * ----------------------------------------------------------------------------------- */

typedef struct Money {
    int64_t cents;
} Money;

static int real_money(brio_request *req, const brio_none *in, Money *out)
{
    (void)req, (void)in;
    out->cents = 100;
    return 0;
}
BRIO_PROVIDER(real_money, brio_none, Money);

static int toy_money(brio_request *req, const brio_none *in, Money *out)
{
    (void)req, (void)in;
    out->cents = 1;
    return 0;
}
BRIO_PROVIDER(toy_money, brio_none, Money);

typedef struct Pay {
    Money money;
} Pay;
BRIO_MODEL(Pay, BRIO_DEPENDS(money, real_money));

static int pay(brio_request *req, const Pay *in, int64_t *out)
{
    (void)req;
    *out = in->money.cents;
    return 0;
}

TEST(overrides_end_with_the_client)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/pay", pay, Pay, int64_t);
    brio_test_client *client = client_open(app);
    brio_test_override(client, real_money, toy_money);
    CHECK_ANSWER(client_get(client, "/pay"), 200, "1");
    CHECK_INT(brio_test_client_close(client), 0);
    client = client_open(app);
    CHECK_ANSWER(client_get(client, "/pay"), 200, "100");
    client_close(client, app);
}

/* ---- What is left
 * ----------------------------------------------------------------------------------- */

static int left_open = -1;

static int opens(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    left_open = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return 0;
}

TEST(descriptors_left_open_are_told)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/opens", opens, brio_none, brio_none);
    brio_test_client *client = client_open(app);
    CHECK_INT(client_get(client, "/opens").status, 200);
    CHECK_INT(brio_test_client_close(client), BRIO_ELEAK);
    CHECK(brio_str_ends(brio_error_detail(), BRIO_S(" was left open: /dev/null")));
    close(left_open);
    client = client_open_with(app, (brio_test_options){.keeps_descriptors = true});
    CHECK_INT(client_get(client, "/opens").status, 200);
    CHECK_INT(brio_test_client_close(client), 0);
    close(left_open);
    brio_app_free(app);
}

/* Far longer than the watchdog needs to look. */
static int busy(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    brio_time until = brio_clock_monotonic() + BRIO_SEC(2);
    while (brio_clock_monotonic() < until)
        ;
    return 0;
}

TEST(a_task_that_keeps_the_loop_is_named)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/busy", busy, brio_none, brio_none);
    brio_test_client *client =
        client_open_with(app, (brio_test_options){.blocked_limit = BRIO_MS(100)});
    CHECK_INT(client_get(client, "/busy").status, 200);
    CHECK_INT(brio_test_client_close(client), -EBUSY);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("\" kept the loop for ")) > 0);
    client = client_open_with(app, (brio_test_options){.blocked_limit = BRIO_SEC(600)});
    CHECK_INT(client_get(client, "/plain").status, 200);
    CHECK_INT(brio_test_client_close(client), 0);
    brio_app_free(app);
}
