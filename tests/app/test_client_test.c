/* SPDX-License-Identifier: MIT
 *
 * The test client itself: lifespan, virtual time, what it finds at close. */
#include "client.h"

#include <brio/task.h>

#include <errno.h>

static char steps[16];
static size_t n_steps;

static int step(char c)
{
    steps[n_steps++] = c;
    return 0;
}

static int start_a(brio_app *app, void *state)
{
    CHECK(brio_app_state(app) == state);
    CHECK_OK(brio_sleep(BRIO_SEC(1))); /* hooks may suspend */
    return step('a');
}

static int start_b(brio_app *app, void *state)
{
    (void)app, (void)state;
    return step('b');
}

static int stop_a(brio_app *app, void *state)
{
    (void)app, (void)state;
    return step('A');
}

static int stop_b(brio_app *app, void *state)
{
    (void)app, (void)state;
    step('B');
    return -EIO; /* the others run all the same */
}

static int start_fails(brio_app *app, void *state)
{
    (void)app, (void)state;
    step('!');
    return brio_error(-ENOENT, "no settings in %s", "/etc");
}

static int sleep_one(brio_request *req, const brio_none *in, brio_text *out)
{
    step('h');
    (void)in;
    out->text = BRIO_S("slept");
    n_steps = 0;
    (void)req;
    return brio_sleep(BRIO_SEC(1));
}

static int stray(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(1000000));
}

static int leaves_stray(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return brio_create_task(stray, NULL, NULL) ? 0 : -ENOMEM;
}

static bool give_up(brio_waiter *waiter)
{
    (void)waiter;
    return true;
}

static int never(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    brio_waiter waiter = {.on_cancel = give_up};
    return brio_park(&waiter);
}

static int echo(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    const struct brio_http_request *http = brio_request_http(req);
    uint16_t port;
    brio_str host = brio_request_client(req, &port);
    out->text = brio_printf(brio_request_arena(req), "%.*s:%d %.*s %.*s", BRIO_ARG(host), port,
                            BRIO_ARG(brio_request_header(req, BRIO_S("X-Test"))),
                            BRIO_ARG(brio_request_header(req, BRIO_S("absent"))));
    (void)http;
    return 0;
}

static brio_app *make_app(const brio_app_options *options)
{
    brio_app *app = brio_app_new(options);
    BRIO_GET(app, "/sleep", sleep_one, brio_none, brio_text);
    BRIO_GET(app, "/stray", leaves_stray, brio_none, brio_none);
    BRIO_GET(app, "/never", never, brio_none, brio_none);
    BRIO_GET(app, "/echo", echo, brio_none, brio_text);
    return app;
}

TEST(hooks_run_in_order_and_back)
{
    int state = 0;
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app(
        &(brio_app_options){.state = &state, .on_startup = start_a, .on_shutdown = stop_a});
    brio_app_on_startup(app, start_b);
    brio_app_on_shutdown(app, stop_b);
    brio_test_client *client = client_open(app);
    CHECK_STR(((brio_str){steps, n_steps}), "ab");
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(1));
    CHECK_INT(brio_test_client_close(client), 0);
    CHECK_STR(((brio_str){steps, n_steps}), "abBA");
    brio_app_free(app);
}

TEST(a_failing_startup_ends_it_with_its_error)
{
    brio_app *app = make_app(NULL);
    brio_app_on_startup(app, start_b);
    brio_app_on_startup(app, start_fails);
    brio_app_on_startup(app, start_a);
    brio_app_on_shutdown(app, stop_a);
    brio_test_client *client;
    CHECK_INT(brio_test_client_open(&client, app), -ENOENT);
    CHECK(client == NULL);
    CHECK_STR(brio_error_detail(), "no settings in /etc");
    CHECK_STR(((brio_str){steps, n_steps}), "b!");
    brio_app_free(app);
}

TEST(a_hundred_sleeping_handlers_take_the_time_of_one)
{
    brio_app *app = make_app(NULL);
    brio_test_client *client = client_open(app);
    brio_test_request requests[100];
    brio_test_response answers[100];
    for (int i = 0; i < 100; i++)
        requests[i] = (brio_test_request){.url = "/sleep"};
    CHECK_OK(brio_test_client_send_all(client, requests, 100, answers));
    for (int i = 0; i < 100; i++)
        CHECK_ANSWER(answers[i], 200, "slept");
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(1));
    CHECK_ANSWER(client_get(client, "/sleep"), 200, "slept");
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(2));
    client_close(client, app);
}

TEST(close_counts_the_tasks_left)
{
    brio_app *app = make_app(NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/stray"), 200, "null");
    CHECK_ANSWER(client_get(client, "/stray"), 200, "null");
    CHECK_INT(brio_test_client_close(client), 2);
    brio_app_free(app);
}

TEST(a_handler_that_nothing_can_wake_is_a_deadlock)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = make_app(NULL);
    brio_test_client *client = client_open(app);
    brio_test_response response;
    CHECK_INT(brio_test_client_send(client, &(brio_test_request){.url = "/never"}, &response),
              BRIO_EDEADLOCK);
    CHECK_INT(brio_test_client_close(client), BRIO_EDEADLOCK);
    brio_app_free(app);
}

TEST(requests_are_real_ones)
{
    brio_app *app = make_app(NULL);
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.url = "/echo", .headers = "x-test: a b \r\n"});
    CHECK_ANSWER(r, 200, "testclient:50000 a b ");
    CHECK(brio_str_starts(r.head, BRIO_S("HTTP/1.1 200 OK\r\n")));
    CHECK_STR(brio_test_header(&r, BRIO_S("Content-Length")), "21");
    CHECK_STR(brio_test_header(&r, BRIO_S("absent")), "");
    r = client_send(client, (brio_test_request){.url = "/echo", .headers = "bad header\r\n"});
    CHECK_INT(r.status, 400);
    CHECK_INT(
        brio_test_client_send(client, &(brio_test_request){.headers = "content-length: 5\r\n"}, &r),
        -EINVAL);
    client_close(client, app);
}

TEST(chunked_requests)
{
    brio_app *app = make_app(NULL);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_send(
        client, (brio_test_request){.url = "/echo",
                                    .headers = "transfer-encoding: chunked\r\nx-test: t\r\n",
                                    .body = BRIO_S("3\r\nabc\r\n0\r\n\r\n")});
    CHECK_ANSWER(r, 200, "testclient:50000 t ");
    client_close(client, app);
}

static int inside(void *arg)
{
    brio_test_client *client;
    return brio_test_client_open(&client, arg);
}

TEST(it_needs_a_thread_without_a_loop)
{
    brio_app *app = make_app(NULL);
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, inside, app), -EALREADY);
    brio_app_free(app);
}

TEST(one_app_serves_client_after_client)
{
    brio_app *app = make_app(&(brio_app_options){.on_startup = start_b, .on_shutdown = stop_a});
    for (int i = 0; i < 3; i++) {
        brio_test_client *client = client_open(app);
        CHECK_INT(client_get(client, "/echo").status, 200);
        CHECK_INT(brio_test_client_close(client), 0);
    }
    CHECK_STR(((brio_str){steps, n_steps}), "bAbAbA");
    brio_app_free(app);
}
