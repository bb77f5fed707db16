/* SPDX-License-Identifier: MIT
 *
 * The arena's limit, wherever it is reached: the client gets 413 for what it
 * sent and 503 for what the handler took, defers are run, the next request is
 * served. */
#include "client.h"
#include "probe.h"

static int undone, aborted_at;

static void undo(void *arg)
{
    (void)arg;
    undone++;
}

static void devour(brio_request *req)
{
    brio_defer_push(brio_request_arena(req), undo, NULL);
    for (;;)
        memset(brio_alloc(brio_request_arena(req), 32 * 1024), 1, 32 * 1024);
}

static int hungry(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    devour(req);
    return 0;
}

static int later(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_defer_push(brio_request_arena(req), undo, NULL);
    if (brio_sleep(BRIO_MS(1)) == 0)
        brio_task_abandon(-EIO);
    return 0;
}

static int devour_task(void *req)
{
    devour(req);
    return 0;
}

static int hungry_background(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_background(req, devour_task, req);
    brio_background(req, devour_task, req);
    return 0;
}

static int hungry_thread(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_background_blocking(req, devour_task, req);
    return 0;
}

static int hungry_stream(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    if (brio_respond_stream(req, BRIO_S("begin")) == 0)
        devour(req);
    return 0;
}

static int large(brio_request *req, const brio_none *in, brio_str_list *out)
{
    (void)in;
    static char text[60 * 1024];
    memset(text, '"', sizeof text); /* each is two bytes in JSON */
    out->items = BRIO_NEW_ARRAY(brio_request_arena(req), brio_str, 2);
    out->items[0] = out->items[1] = (brio_str){text, sizeof text};
    out->len = 2;
    return 0;
}

typedef struct Numbers {
    brio_f64_list n;
} Numbers;
BRIO_MODEL(Numbers, BRIO_BODY(n, brio_f64_list));

static int count(brio_request *req, const Numbers *in, brio_text *out)
{
    aborted_at++;
    out->text = brio_printf(brio_request_arena(req), "%zu", in->n.len);
    return 0;
}

static int fine(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("fine");
    return 0;
}

static brio_app *make_app(void)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/hungry", hungry, brio_none, brio_none);
    BRIO_GET(app, "/blocking", hungry, brio_none, brio_none, .run = BRIO_BLOCKING);
    BRIO_GET(app, "/later", later, brio_none, brio_none);
    BRIO_GET(app, "/background", hungry_background, brio_none, brio_none);
    BRIO_GET(app, "/thread", hungry_thread, brio_none, brio_none);
    BRIO_GET(app, "/stream", hungry_stream, brio_none, brio_none);
    BRIO_GET(app, "/large", large, brio_none, brio_str_list);
    BRIO_GET(app, "/fine", fine, brio_none, brio_text);
    BRIO_POST(app, "/count", count, Numbers, brio_text);
    return app;
}

typedef struct visit {
    const char *method, *path;
    brio_str body;
    int status;
} visit;

/* One request, and a second one on the same loop that must be served. */
static int run_visit(void *arg)
{
    const visit *v = arg;
    brio_app *app = make_app();
    probe p, next;
    probe_init(&p, v->method, v->path, v->body);
    brio_app_serve(app, &p.ex);
    probe_wait(&p);
    CHECK_INT(p.responded, 1);
    CHECK_INT(p.status, v->status);
    probe_init(&next, "GET", "/fine", BRIO_S(""));
    brio_app_serve(app, &next.ex);
    CHECK_INT(next.finished, 1); /* it never waited */
    CHECK_INT(next.status, 200);
    brio_app_free(app);
    return 0;
}

static void check_visit(visit v)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_visit, &v));
}

TEST(a_handler_that_takes_too_much_is_a_503)
{
    check_visit((visit){"GET", "/hungry", BRIO_S(""), 503});
    CHECK_INT(undone, 1);
}

TEST(so_is_one_on_a_thread)
{
    check_visit((visit){"GET", "/blocking", BRIO_S(""), 503});
    CHECK_INT(undone, 1);
}

TEST(so_is_one_that_gives_up)
{
    check_visit((visit){"GET", "/later", BRIO_S(""), 503});
    CHECK_INT(undone, 1);
}

TEST(an_answer_that_is_too_large_is_a_503)
{
    check_visit((visit){"GET", "/large", BRIO_S(""), 503});
}

TEST(a_body_that_becomes_too_large_is_a_413)
{
    static char json[100001];
    memset(json, ',', sizeof json);
    for (size_t i = 1; i < sizeof json; i += 2)
        json[i] = '1';
    json[0] = '[';
    json[sizeof json - 1] = ']';
    check_visit((visit){"POST", "/count", {json, sizeof json}, 413});
    CHECK_INT(aborted_at, 0);
}

TEST(background_tasks_that_take_too_much_keep_the_answer)
{
    check_visit((visit){"GET", "/background", BRIO_S(""), 200});
    CHECK_INT(undone, 1); /* the task ended with the first */
}

TEST(and_so_on_a_thread)
{
    check_visit((visit){"GET", "/thread", BRIO_S(""), 200});
    CHECK_INT(undone, 1);
}

TEST(a_stream_that_takes_too_much_is_cut_off)
{
    check_visit((visit){"GET", "/stream", BRIO_S(""), 200});
    CHECK_INT(undone, 1);
}

/* Through HTTP, a hundred at once. */
TEST(many_abandoned_requests)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_request requests[100];
    brio_test_response answers[100];
    for (int i = 0; i < 100; i++)
        requests[i] = (brio_test_request){.url = i % 2 ? "/later" : "/fine"};
    CHECK_OK(brio_test_client_send_all(client, requests, 100, answers));
    for (int i = 0; i < 100; i++)
        CHECK_INT(answers[i].status, i % 2 ? 503 : 200);
    CHECK_INT(undone, 50);
    client_close(client, app);
}

/* ---- Depth ------------------------------------------------------------------ */

BRIO_LIST_OF(Nest);
typedef struct Nest {
    Nest_list a;
} Nest;
BRIO_MODEL(Nest, BRIO_FIELD_AS(a, Nest_list));

typedef struct NestIn {
    Nest nest;
} NestIn;
BRIO_MODEL(NestIn, BRIO_BODY(nest, Nest));

static int nested(brio_request *req, const NestIn *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

/* The deepest body there can be, judged to its bottom, fits a handler's stack. */
TEST(the_deepest_body_fits_the_stack)
{
    enum { LEVELS = 63 }; /* an object and an array each */
    brio_app *app = brio_app_new(NULL);
    BRIO_POST(app, "/", nested, NestIn, brio_none);
    brio_buf body = {0};
    for (int i = 0; i < LEVELS; i++)
        brio_buf_add(&body, BRIO_S("{\"a\":["));
    brio_buf_add(&body, BRIO_S("{\"b\":1}"));
    for (int i = 0; i < LEVELS; i++)
        brio_buf_add(&body, BRIO_S("]}"));
    brio_test_client *client = NULL;
    brio_test_response answer;
    CHECK_OK(brio_test_client_open(&client, app));
    brio_test_request request = {.method = "POST", .url = "/", .json = brio_buf_str(&body)};
    CHECK_OK(brio_test_client_send(client, &request, &answer));
    CHECK_INT(answer.status, 422);
    CHECK(brio_str_find(answer.body, BRIO_S("\"type\":\"missing\"")) > 0);
    CHECK_INT(brio_test_client_close(client), 0);
    brio_buf_fini(&body);
    brio_app_free(app);
}
