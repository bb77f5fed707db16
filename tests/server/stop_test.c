/* SPDX-License-Identifier: MIT
 *
 * The beginning and the end of a server in one process: errors at start,
 * hooks, graceful stop, limits. */
#include "routes.h"

/* ---- Starting ----------------------------------------------------------- */

TEST(a_port_in_use_is_a_clear_error)
{
    int fd = brio_socket_listen(&(brio_listen_options){0});
    CHECK_OK(fd);
    int port = brio_socket_port(fd);
    rig r = rig_start_unready(&(rig_options){.server.port = port, .log = true});
    char want[100];
    snprintf(want, sizeof want, "cannot listen on 127.0.0.1:%d: ", port);
    CHECK(strstr(find_line(r.log, want), brio_error_text(-EADDRINUSE)));
    CHECK_INT(rig_wait(&r), -EADDRINUSE);
    close(fd);
}

static int refuse_to_start(brio_app *app, void *state)
{
    (void)app, (void)state;
    report("hook");
    int rc = brio_sleep(BRIO_MS(1)); /* hooks may suspend */
    return rc < 0 ? rc : -ENOLCK;
}

static void prepare_failure(brio_app *app)
{
    brio_app_on_startup(app, refuse_to_start);
}

TEST(a_failing_startup_hook_ends_brio_serve)
{
    rig r = rig_start_unready(&(rig_options){.prepare = prepare_failure});
    expect_event(&r, "hook");
    CHECK_INT(rig_wait(&r), -ENOLCK);
}

TEST(options_out_of_range)
{
    brio_app *app = brio_app_new(NULL);
    brio_log_set_level(BRIO_LOG_OFF);
    CHECK_INT(brio_serve(app, &(brio_server_options){.port = 65536}), -EINVAL);
    CHECK_INT(brio_serve(app, &(brio_server_options){.port = -2}), -EINVAL);
    CHECK_INT(brio_serve(app, &(brio_server_options){.workers = -1}), -EINVAL);
    CHECK_INT(brio_serve(app, &(brio_server_options){.grace = -1}), -EINVAL);
    CHECK_INT(brio_serve(app, &(brio_server_options){.backend = BRIO_BACKEND_SIM}), -EINVAL);
    CHECK_INT(brio_serve(app, &(brio_server_options){.host = "example.invalid"}), -EINVAL);
    CHECK_INT(brio_serve(app, &(brio_server_options){.host = "192.0.2.1", .port = -1}),
              -EADDRNOTAVAIL);
    brio_app_free(app);
}

static int serve_again(void *arg)
{
    return brio_serve(arg, NULL);
}

TEST(not_inside_a_running_loop)
{
    brio_app *app = brio_app_new(NULL);
    CHECK_INT(brio_sim_run(&(brio_sim){.seed = 1}, serve_again, app), -EALREADY);
    brio_app_free(app);
}

/* ---- Embedded ----------------------------------------------------------- */

static volatile sig_atomic_t own_handler_calls;

static void own_handler(int signo)
{
    (void)signo;
    own_handler_calls++;
}

static void stop_at_once(int port, void *arg)
{
    CHECK(port > 0);
    *(int *)arg = port;
    raise(SIGTERM);
}

TEST(signals_are_as_before_afterwards)
{
    struct sigaction mine = {.sa_handler = own_handler}, now;
    sigset_t before, after;
    CHECK(sigaction(SIGTERM, &mine, NULL) == 0 && signal(SIGINT, SIG_IGN) != SIG_ERR);
    CHECK(signal(SIGHUP, SIG_DFL) != SIG_ERR); /* nohup hands down an ignored one */
    CHECK(sigprocmask(SIG_BLOCK, NULL, &before) == 0);
    brio_log_set_level(BRIO_LOG_OFF);
    for (int i = 0; i < 3; i++) { /* and it can be run again */
        int port = 0;
        brio_app *app = brio_app_new(NULL);
        CHECK_INT(brio_serve(app, &(brio_server_options){.port = -1,
                                                         .on_ready = stop_at_once,
                                                         .on_ready_arg = &port}),
                  0);
        CHECK(port > 0);
        brio_app_free(app);
    }
    CHECK_INT(own_handler_calls, 0);
    CHECK(sigaction(SIGTERM, NULL, &now) == 0 && now.sa_handler == own_handler);
    CHECK(sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == SIG_IGN);
    CHECK(sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
    CHECK(sigprocmask(SIG_BLOCK, NULL, &after) == 0);
    for (int signo = 1; signo < 64; signo++)
        CHECK_INT(sigismember(&after, signo), sigismember(&before, signo));
}

/* ---- Stopping ----------------------------------------------------------- */

static int say_hello(brio_app *app, void *state)
{
    (void)app, (void)state;
    report("startup");
    return 0;
}

static int say_goodbye(brio_app *app, void *state)
{
    (void)app, (void)state;
    int rc = brio_sleep(BRIO_MS(1));
    report("shutdown %d", rc);
    return 0;
}

static void prepare_hooks(brio_app *app)
{
    brio_app_on_startup(app, say_hello);
    brio_app_on_shutdown(app, say_goodbye);
    routes(app);
}

ON_BOTH(hooks_run_around_everything)
{
    rig r = rig_start_unready(&(rig_options){.server.backend = backend, .prepare = prepare_hooks});
    expect_event(&r, "startup");
    CHECK_INT(sscanf(next_line(r.events), "ready %d", &r.port), 1);
    kill(r.pid, SIGTERM);
    expect_event(&r, "shutdown 0");
    CHECK_INT(rig_wait(&r), 0);
}

ON_BOTH(a_stop_finishes_what_is_in_flight)
{
    rig r = rig_start(&(rig_options){.server.backend = backend, .prepare = prepare_hooks});
    client *busy = dial(&r), *idle = dial(&r), *partial = dial(&r);
    get(idle, "/hello");
    expect_answer(idle, 200, "hello");
    say(partial, "GET /hello HT");
    get(busy, "/gated");
    expect_event(&r, "started");
    kill(r.pid, SIGTERM);
    CHECK(at_end(idle));
    wait_refused(r.port);
    say(partial, "TP/1.1\r\nhost: t\r\n\r\n"); /* had begun before the stop */
    const answer *a = read_answer(partial, false);
    CHECK_STR(brio_str_from(a->body), "hello");
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    open_gate(&r);
    expect_event(&r, "gate 0");
    a = read_answer(busy, false);
    CHECK_STR(brio_str_from(a->body), "passed");
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(busy));
    hang_up(busy), hang_up(idle), hang_up(partial);
    expect_event(&r, "shutdown 0");
    CHECK_INT(rig_wait(&r), 0);
}

ON_BOTH(a_stop_waits_for_background_tasks)
{
    rig r = rig_start(&(rig_options){.server.backend = backend, .prepare = prepare_hooks});
    client *c = dial(&r);
    get(c, "/background?x");
    expect_event(&r, "background of x");
    expect_answer(c, 200, "answered");
    kill(r.pid, SIGTERM);
    CHECK(at_end(c));
    open_gate(&r);
    expect_event(&r, "background over 0");
    expect_event(&r, "shutdown 0");
    hang_up(c);
    CHECK_INT(rig_wait(&r), 0);
}

ON_BOTH(after_the_grace_period_handlers_are_cancelled)
{
    rig r = rig_start(&(rig_options){.server = {.backend = backend, .grace = BRIO_MS(30)},
                                     .prepare = prepare_hooks});
    client *c = dial(&r), *behind_it = dial(&r);
    get(behind_it, "/background?x");
    expect_event(&r, "background of x");
    get(c, "/gated");
    expect_event(&r, "started");
    kill(r.pid, SIGTERM);
    bool gate = false, background = false;
    for (int i = 0; i < 2; i++) { /* in either order */
        const char *line = next_line(r.events);
        gate |= !strcmp(line, "gate -125");
        background |= !strcmp(line, "background over -125");
    }
    CHECK(gate && background);
    expect_event(&r, "shutdown 0");
    hang_up(c), hang_up(behind_it);
    CHECK_INT(rig_wait(&r), 0);
}

ON_BOTH(a_second_interrupt_ends_the_grace_period)
{
    rig r = rig_start(&(rig_options){.server.backend = backend, .prepare = prepare_hooks});
    client *c = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    kill(r.pid, SIGINT);
    wait_refused(r.port);
    kill(r.pid, SIGINT);
    expect_event(&r, "gate -125");
    expect_event(&r, "shutdown 0");
    hang_up(c);
    CHECK_INT(rig_wait(&r), 0);
}

/* ---- Limits ------------------------------------------------------------- */

ON_BOTH(beyond_limit_concurrency_requests_get_503)
{
    rig r = rig_start(
        &(rig_options){.server = {.backend = backend, .limit_concurrency = 1}, .prepare = routes});
    client *first = dial(&r);
    get(first, "/gated");
    expect_event(&r, "started");
    client *second = dial(&r);
    get(second, "/hello");
    const answer *a = read_answer(second, false);
    CHECK_INT(a->status, 503);
    CHECK_STR(brio_str_from(a->body), "Service Unavailable");
    CHECK_STR(brio_str_from(header(a, "content-type")), "text/plain; charset=utf-8");
    CHECK_STR(brio_str_from(header(a, "connection")), "close");
    CHECK(at_end(second));
    hang_up(second);
    open_gate(&r);
    expect_answer(first, 200, "passed");
    hang_up(first);
    for (int status = 0; status != 200;) { /* as soon as the others are gone: at the limit */
        client *third = dial(&r);
        get(third, "/hello");
        status = read_answer(third, false)->status;
        CHECK(status == 200 || status == 503);
        hang_up(third);
    }
    rig_stop(&r);
}

/* A 503 that says when to come again; "": it does not. */
static void expect_refused(client *c, const char *seconds)
{
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 503);
    CHECK_STR(brio_str_from(a->body), "Service Unavailable");
    CHECK_STR(brio_str_from(header(a, "retry-after")), seconds);
}

static int busy(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return -EBUSY;
}

static void prepare_busy(brio_app *app)
{
    BRIO_GET(app, "/busy", busy, brio_none, brio_text);
}

ON_BOTH(an_overload_of_the_app_is_told_as_the_server_wants)
{
    const brio_time spans[] = {0, BRIO_MS(4001), BRIO_NEVER};
    const char *const texts[] = {"1", "5", ""};
    for (int i = 0; i < 3; i++) {
        rig r = rig_start(&(rig_options){.server = {.backend = backend, .retry_after = spans[i]},
                                         .prepare = prepare_busy});
        client *c = dial(&r);
        get(c, "/busy");
        const answer *a = read_answer(c, false);
        CHECK_INT(a->status, 503);
        CHECK_STR(brio_str_from(header(a, "retry-after")), texts[i]);
        hang_up(c);
        rig_stop(&r);
    }
}

/* Connections of their own, but too many handlers at work. */
ON_BOTH(beyond_limit_concurrency_by_background_tasks)
{
    rig r = rig_start(
        &(rig_options){.server = {.backend = backend, .limit_concurrency = 2}, .prepare = routes});
    client *c = dial(&r);
    get(c, "/background?a");
    expect_event(&r, "background of a");
    expect_answer(c, 200, "answered");
    get(c, "/background?b");
    expect_event(&r, "background of b");
    expect_answer(c, 200, "answered");
    get(c, "/hello");
    expect_refused(c, "1");
    hang_up(c);
    open_gate(&r);
    open_gate(&r);
    rig_stop(&r);
}

ON_BOTH(beyond_limit_connections_they_are_turned_away)
{
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .limit_connections = 2, .retry_after = BRIO_SEC(7)},
        .prepare = routes});
    client *a = dial(&r), *b = dial(&r);
    get(a, "/hello"), get(b, "/hello");
    expect_answer(a, 200, "hello");
    expect_answer(b, 200, "hello");
    client *c = dial(&r);
    get(c, "/hello");
    expect_refused(c, "7");
    CHECK(at_end(c));
    hang_up(c), hang_up(b);
    get(a, "/hello");
    expect_answer(a, 200, "hello");
    hang_up(a);
    rig_stop(&r);
}

ON_BOTH(limit_max_requests_ends_a_single_worker)
{
    rig r = rig_start(
        &(rig_options){.server = {.backend = backend, .limit_max_requests = 3}, .prepare = routes});
    client *c = dial(&r);
    for (int i = 1; i <= 3; i++) {
        get(c, "/hello");
        const answer *a = read_answer(c, false);
        CHECK_STR(brio_str_from(header(a, "connection")), i == 3 ? "close" : "");
    }
    CHECK(at_end(c));
    hang_up(c);
    CHECK_INT(rig_wait(&r), 0);
}

/* ---- Log ---------------------------------------------------------------- */

ON_BOTH(the_log_reads_like_uvicorns)
{
    rig r = rig_start(&(rig_options){
        .server = {.backend = backend, .backlog = 77}, .prepare = routes, .log = true});
    char want[200];
    const char *options = find_line(r.log, "Options:");
    CHECK(strstr(options, "backlog=77"));
    CHECK(!strstr(options, "keep_alive_ms")); /* as always */
    snprintf(want, sizeof want, "INFO:     Started server process [%d]", (int)r.pid);
    CHECK_STR(brio_str_from(next_line(r.log)), want);
    CHECK_STR(brio_str_from(next_line(r.log)), "INFO:     Waiting for application startup.");
    CHECK_STR(brio_str_from(next_line(r.log)), "INFO:     Application startup complete.");
    snprintf(want, sizeof want,
             "INFO:     brio running on http://127.0.0.1:%d with %s (Press CTRL+C to quit)", r.port,
             backend == BRIO_BACKEND_EPOLL ? "epoll" : "uring");
    CHECK_STR(brio_str_from(next_line(r.log)), want);
    client *c = dial(&r);
    struct sockaddr_in me;
    CHECK(getsockname(c->fd, (struct sockaddr *)&me, &(socklen_t){sizeof me}) == 0);
    get(c, "/now/5?q=\"x\"\\");
    expect_answer(c, 200, "now 5");
    snprintf(want, sizeof want,
             "INFO:     127.0.0.1:%d - \"GET /now/5?q=\\\"x\\\"\\\\ HTTP/1.1\" 200 OK",
             ntohs(me.sin_port));
    CHECK_STR(brio_str_from(next_line(r.log)), want);
    say(c, "nonsense\r\n\r\n");
    CHECK_INT(read_answer(c, false)->status, 400);
    CHECK(strstr(next_line(r.log), "Invalid HTTP request received: "));
    hang_up(c);
    kill(r.pid, SIGTERM);
    CHECK_STR(brio_str_from(next_line(r.log)), "INFO:     Shutting down");
    (void)find_line(r.log, "Application shutdown complete.");
    CHECK_INT(rig_wait(&r), 0);
}

TEST(no_access_log_is_silent)
{
    rig r = rig_start(&(rig_options){.server.no_access_log = true, .prepare = routes, .log = true});
    (void)find_line(r.log, "running on");
    client *c = dial(&r);
    get(c, "/hello");
    expect_answer(c, 200, "hello");
    hang_up(c);
    kill(r.pid, SIGTERM);
    CHECK_STR(brio_str_from(next_line(r.log)), "INFO:     Shutting down");
    CHECK_INT(rig_wait(&r), 0);
}
