/* SPDX-License-Identifier: MIT
 *
 * A worker: one loop, one task runtime, one app, in one process.
 *
 * Its main task is the whole story: start-up hooks, accept, wait for the end,
 * drain, shutdown hooks. All else happens in callbacks of connections. The
 * worker is told to stop by signals when it is alone, and by its supervisor's
 * socket besides; it never exits by itself, it returns. Owner of every
 * connection and exchange. */
#include "server/supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Talking to the supervisor ------------------------------------------ */

static void say(const brio_server_worker *w, char what)
{
    if (w->control_fd >= 0 && send(w->control_fd, &what, 1, MSG_NOSIGNAL) < 0)
        brio_log(BRIO_LOG_WARNING, "the supervisor does not listen: %s", brio_error_text(-errno));
}

static void say_failed(const brio_server_worker *w, int err)
{
    char message[1 + sizeof err] = {BRIO_SERVER_SAYS_FAILED};
    memcpy(message + 1, &err, sizeof err);
    if (w->control_fd >= 0)
        (void)!send(w->control_fd, message, sizeof message, MSG_NOSIGNAL);
}

static void on_control(brio_watch *watch, uint32_t ready)
{
    (void)ready;
    brio_server_worker *w = BRIO_CONTAINER(watch, brio_server_worker, control);
    char what;
    ssize_t n = recv(w->control_fd, &what, 1, MSG_DONTWAIT);
    if (n == 1 && what == BRIO_SERVER_SAYS_WELL) {
        say(w, BRIO_SERVER_SAYS_ALIVE);
    } else if (n == 1) {
        bool retire = what == BRIO_SERVER_SAYS_RETIRE;
        brio_server_worker_stop(w, retire ? BRIO_SERVER_RETIRING : BRIO_SERVER_STOPPING);
    } else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        brio_watch_stop(w->loop, watch); /* the supervisor is dead */
        brio_server_worker_stop(w, BRIO_SERVER_STOPPING);
    }
}

/* ---- Being told --------------------------------------------------------- */

static void on_signals(brio_watch *watch, uint32_t ready)
{
    (void)ready;
    brio_server_worker *w = BRIO_CONTAINER(watch, brio_server_worker, signals);
    for (int signo; (signo = brio_server_signals_next());) {
        if (signo == SIGHUP)
            brio_server_tls_reload_soon(w);
        else if (w->control_fd >= 0) /* it will be replaced: nobody needs to be cut off */
            brio_server_worker_stop(w, BRIO_SERVER_RETIRING);
        else if (signo == SIGINT && w->mode >= BRIO_SERVER_STOPPING)
            brio_server_worker_stop(w, BRIO_SERVER_FORCED);
        else
            brio_server_worker_stop(w, BRIO_SERVER_STOPPING);
    }
}

void brio_server_worker_changed(brio_server_worker *w)
{
    brio_waiter *waiter = w->waiter;
    w->waiter = NULL;
    if (waiter)
        brio_unpark(waiter, 0);
}

/* Clients of HTTP/2 can be told to take their next request elsewhere. */
static void say_goodbye(brio_server_worker *w)
{
    for (brio_server_conn *conn = NULL; (conn = brio_server_conns_next(w, conn));)
        if (conn->http2)
            brio_server_h2_goodbye(conn, false);
}

static void close_idle(brio_server_worker *w)
{
    for (brio_server_conn *conn = NULL; (conn = brio_server_conns_next(w, conn));) {
        brio_server_conn_close_idle(conn);
        if (conn->upgraded)
            brio_server_line_stop(conn);
        else if (conn->http2)
            brio_server_h2_stop(conn);
    }
}

void brio_server_worker_stop(brio_server_worker *w, brio_server_mode mode)
{
    if (mode <= w->mode)
        return;
    if (w->mode == BRIO_SERVER_SERVING) {
        brio_log(BRIO_LOG_INFO, "Shutting down");
        if (w->notify)
            brio_server_notify_say(w->notify, "STOPPING=1\nSTATUS=Finishing requests");
        brio_server_accept_stop(w);
    }
    w->mode = mode;
    if (mode == BRIO_SERVER_RETIRING)
        say_goodbye(w);
    if (mode >= BRIO_SERVER_STOPPING)
        close_idle(w);
    if (mode == BRIO_SERVER_FORCED && w->starting)
        (void)brio_task_cancel(w->starting);
    brio_server_worker_changed(w);
}

void brio_server_worker_stamp(brio_server_worker *w)
{
    brio_time now = brio_loop_now(w->loop);
    if (BRIO_LIKELY(now < w->stamp_until))
        return;
    brio_time wall = brio_loop_wall(w->loop);
    brio_http_stamp_update(&w->stamp, wall);
    w->stamp_until = now + BRIO_SEC(1) - wall % BRIO_SEC(1);
}

/* ---- The watchdog ------------------------------------------------------- */

/* A loop that stands still gives no sign: that is what the watchdog is for. */
static void on_watchdog(brio_timer *timer)
{
    brio_server_worker *w = BRIO_CONTAINER(timer, brio_server_worker, watchdog);
    brio_time next = brio_server_notify_alive(w->notify);
    brio_timer_start(w->loop, timer, brio_loop_now(w->loop) + next - brio_clock_monotonic());
}

static void watchdog_start(brio_server_worker *w)
{
    w->watchdog.fn = on_watchdog;
    if (w->notify && w->notify->span != BRIO_NEVER)
        brio_timer_start(w->loop, &w->watchdog, brio_loop_now(w->loop));
}

/* ---- The story ---------------------------------------------------------- */

static int start_up(brio_server_worker *w)
{
    brio_log(BRIO_LOG_INFO, "Started server process [%d]", (int)getpid());
    brio_log(BRIO_LOG_INFO, "Waiting for application startup.");
    w->starting = brio_current_task();
    int rc = brio_app_startup(w->app);
    w->starting = NULL;
    if (rc >= 0) {
        brio_log(BRIO_LOG_INFO, "Application startup complete.");
        return rc;
    }
    brio_str why = brio_error_detail();
    brio_log(BRIO_LOG_ERROR, "Application startup failed: %s%s%.*s. Exiting.", brio_error_text(rc),
             why.len ? ": " : "", BRIO_ARG(why));
    return rc;
}

static void announce(brio_server_worker *w)
{
    const brio_server_options *o = w->options;
    if (w->control_fd >= 0) {
        say(w, BRIO_SERVER_SAYS_READY);
        return;
    }
    brio_server_log_running(w->sockets, brio_loop_backend(w->loop));
    if (w->notify)
        brio_server_notify_say(w->notify, "READY=1\nSTATUS=Serving");
    if (o->on_ready)
        o->on_ready(brio_server_sockets_port(w->sockets), o->on_ready_arg);
}

static int serve(brio_server_worker *w)
{
    int rc = brio_server_accept_start(w);
    if (rc < 0) {
        brio_log(BRIO_LOG_ERROR, "cannot accept connections: %s", brio_error_text(rc));
        brio_server_worker_stop(w, BRIO_SERVER_STOPPING);
    } else {
        announce(w);
        brio_server_recycle_start(w);
    }
    brio_server_worker_drain(w);
    brio_server_recycle_stop(w);
    free(w->inlets);
    return rc;
}

static int main_task(void *arg)
{
    brio_server_worker *w = arg;
    w->result = start_up(w);
    if (w->result < 0) {
        say_failed(w, w->result);
    } else {
        if (w->mode == BRIO_SERVER_SERVING)
            w->result = serve(w);
        brio_log(BRIO_LOG_INFO, "Waiting for application shutdown.");
        brio_app_shutdown(w->app);
        brio_log(BRIO_LOG_INFO, "Application shutdown complete.");
    }
    brio_server_numbers_stop(w);
    brio_log(BRIO_LOG_INFO, "Finished server process [%d]", (int)getpid());
    brio_loop_stop(w->loop);
    return 0;
}

/* ---- Setting up --------------------------------------------------------- */

static int watch_all(brio_server_worker *w)
{
    w->signals.fn = on_signals;
    w->control.fn = on_control;
    w->control.fd = -1;
    int rc = brio_watch_start(w->loop, &w->signals, w->signal_fd, EPOLLIN);
    if (rc == 0 && w->control_fd >= 0)
        rc = brio_watch_start(w->loop, &w->control, w->control_fd, EPOLLIN);
    return rc;
}

static int run_loop(brio_server_worker *w)
{
    static const brio_task_options named = {.name = "server"};
    int rc = watch_all(w);
    if (rc == 0)
        rc = brio_create_task_on(w->loop, main_task, w, &named) ? 0 : -ENOMEM;
    if (rc == 0)
        rc = brio_loop_run(w->loop);
    brio_watch_stop(w->loop, &w->signals);
    brio_watch_stop(w->loop, &w->control);
    return rc < 0 ? rc : w->result;
}

static int run_on_loop(brio_server_worker *w)
{
    int rc = brio_tasks_open(w->loop, NULL);
    if (rc < 0)
        return rc;
    brio_server_wheel_init(w);
    brio_http_pool_init(&w->http, &w->options->http);
    watchdog_start(w);
    brio_server_numbers_start(w);
    rc = run_loop(w);
    brio_timer_stop(w->loop, &w->watchdog);
    brio_tasks_close(w->loop);
    brio_server_exchange_pool_fini(w);
    brio_server_stream_pool_fini(w);
    brio_buf_fini(&w->secure.out.bytes);
    brio_http_pool_fini(&w->http);
    brio_server_wheel_fini(w);
    brio_server_conns_fini(w);
    return rc;
}

static int init_addresses(brio_server_worker *w)
{
    const brio_server_options *o = w->options;
    enum { BEYOND = 128 }; /* those that are turned away hold places, too */
    if (!o->limit_connections_per_address)
        return 0;
    return brio_server_addresses_init(&w->addresses, (size_t)o->limit_connections + BEYOND,
                                      brio_loop_random(w->loop));
}

static int run_with_loop(brio_server_worker *w)
{
    const brio_loop_options how = {.backend = w->options->backend};
    int rc = brio_loop_new(&w->loop, &how);
    if (rc < 0) {
        brio_log(BRIO_LOG_ERROR, "the event loop could not be made: %s", brio_error_text(rc));
        say_failed(w, rc);
        return rc;
    }
    rc = init_addresses(w);
    if (rc == 0)
        rc = run_on_loop(w);
    brio_server_addresses_fini(&w->addresses);
    brio_loop_free(w->loop);
    return rc;
}

static bool logs_json(const brio_log_options *log)
{
    brio_log_format format = log ? log->format : BRIO_LOG_AUTO;
    int fd = log && log->fd ? log->fd : STDERR_FILENO;
    return format == BRIO_LOG_JSON || (format == BRIO_LOG_AUTO && !isatty(fd));
}

static void worker_init(brio_server_worker *w, struct brio_app *app, const brio_server_place *place)
{
    w->app = app;
    w->options = place->options;
    w->sockets = place->sockets;
    w->slot = place->slot;
    w->notify = place->notify;
    w->stamp = (brio_http_stamp){.no_server = place->options->no_server_header,
                                 .no_date = place->options->no_date_header,
                                 .headers = place->options->headers,
                                 .n_headers = place->options->n_headers};
    w->control_fd = place->control_fd;
    long long seconds = (w->options->retry_after - 1) / BRIO_SEC(1) + 1;
    if (w->options->retry_after != BRIO_NEVER)
        snprintf(w->retry_after, sizeof w->retry_after, "%lld", seconds);
    w->access = brio_server_access_of(w->options, logs_json(w->options->log));
    brio_server_metrics_join(w, place->metrics, place->generation);
    w->timed = w->metrics || w->access > BRIO_SERVER_ACCESS_UVICORN;
    w->secure.context = place->tls;
    brio_link_init(&w->secure.shaking);
    brio_link_init(&w->orphans);
    brio_link_init(&w->guests);
    brio_link_init(&w->strays);
}

static int run_with_signals(brio_server_worker *w, const sigset_t *unblock)
{
    bool alone = w->control_fd < 0;
    int rc = brio_server_signals_open(alone ? BRIO_SERVER_ALONE : BRIO_SERVER_CHILD,
                                      alone && w->secure.context);
    if (unblock)
        brio_server_signals_unblock(unblock);
    if (rc < 0)
        return rc;
    w->signal_fd = rc;
    rc = run_with_loop(w);
    brio_server_signals_close();
    return rc;
}

int brio_server_worker_run(struct brio_app *app, const brio_server_place *place)
{
    brio_server_worker *w = brio_zalloc(1, sizeof *w);
    if (!w)
        return -ENOMEM;
    worker_init(w, app, place);
    int rc = brio_server_identity_become(place->identity, place->options);
    if (rc < 0)
        say_failed(w, rc);
    else
        rc = run_with_signals(w, place->unblock);
    brio_server_metrics_leave(w);
    free(w);
    return rc;
}
