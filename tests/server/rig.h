/* SPDX-License-Identifier: MIT
 *
 * A server in a forked child, and a raw client in the test. Handlers report
 * what happened to them as lines through a pipe and wait at a gate until the
 * test opens it, so tests decide on order and outcome, never on a clock. */
#ifndef BRIO_TEST_SERVER_RIG_H
#define BRIO_TEST_SERVER_RIG_H

#include "harness/test.h"

#include <brio/app.h>
#include <brio/http.h>
#include <brio/loop.h>
#include <brio/model.h>
#include <brio/server.h>
#include <brio/task.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Back ends ---------------------------------------------------------- */

static inline void need_backend(brio_backend backend)
{
    brio_loop *loop;
    if (brio_loop_new(&loop, &(brio_loop_options){.backend = backend}) < 0)
        test_skip("this machine has no such back end");
    brio_loop_free(loop);
}

/* The same test on epoll and on io_uring. */
#define ON_BOTH(id)                                                                                \
    static void on_##id(brio_backend backend);                                                     \
    TEST(id##_on_epoll)                                                                            \
    {                                                                                              \
        on_##id(BRIO_BACKEND_EPOLL);                                                               \
    }                                                                                              \
    TEST(id##_on_uring)                                                                            \
    {                                                                                              \
        need_backend(BRIO_BACKEND_URING);                                                          \
        on_##id(BRIO_BACKEND_URING);                                                               \
    }                                                                                              \
    static void on_##id(brio_backend backend)

/* ---- The rig ------------------------------------------------------------ */

typedef struct rig {
    pid_t pid;
    int port;
    int events; /* lines from handlers */
    int gate;   /* one byte lets one handler pass */
    int log;    /* the server's standard error, if asked for */
} rig;

typedef struct rig_options {
    brio_server_options server;
    void (*prepare)(brio_app *app); /* adds routes and hooks */
    bool log;                       /* keep the server's log, as text */
    bool no_host;                   /* the server's own sockets are all */
} rig_options;

/* The child's ends; also those of the workers it forks. */
static int rig_events = -1, rig_gate = -1;

static inline void report(const char *fmt, ...) BRIO_PRINTF(1, 2);
static inline void report(const char *fmt, ...)
{
    char line[256];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line - 1, fmt, args);
    va_end(args);
    line[n++] = '\n';
    ssize_t wrote = write(rig_events, line, (size_t)n);
    (void)wrote;
}

/* Suspends until the test opens the gate. 0 or -ECANCELED. */
static inline int pass_gate(void)
{
    struct pollfd gate = {.fd = rig_gate, .events = POLLIN};
    char byte;
    while (poll(&gate, 1, 0) == 0) {
        int rc = brio_sleep(BRIO_MS(1));
        if (rc < 0)
            return rc;
    }
    return read(rig_gate, &byte, 1) == 1 ? 0 : -EPIPE;
}

static inline void tell_port(int port, void *arg)
{
    (void)arg;
    report("ready %d", port);
}

static inline int serve_child(const rig_options *o)
{
    brio_app *app = brio_app_new(NULL);
    if (o->prepare)
        o->prepare(app);
    brio_server_options options = o->server;
    brio_log_options log = {.format = BRIO_LOG_TEXT};
    options.port = options.port || o->no_host ? options.port : -1;
    options.on_ready = tell_port;
    brio_log_set_level(o->log ? BRIO_LOG_INFO : BRIO_LOG_OFF);
    if (o->log) {
        CHECK_OK(brio_log_open(&log));
        options.log = &log;
    }
    int rc = brio_serve(app, &options);
    brio_app_free(app);
    brio_log_close();
    return rc;
}

/* One line from `fd`, without its end. Fails the test at the end of the file. */
static inline const char *next_line(int fd)
{
    static char line[4096];
    size_t n = 0;
    while (n + 1 < sizeof line && read(fd, line + n, 1) == 1 && line[n] != '\n')
        n++;
    line[n] = '\0';
    CHECK(n > 0);
    return line;
}

static inline void expect_event(const rig *r, const char *want)
{
    CHECK_STR(brio_str_from(next_line(r->events)), want);
}

/* Reads on to the line that contains `part`. */
static inline const char *find_line(int fd, const char *part)
{
    for (;;) {
        const char *line = next_line(fd);
        if (strstr(line, part))
            return line;
    }
}

static inline void open_gate(const rig *r)
{
    CHECK_INT(write(r->gate, "g", 1), 1);
}

static inline rig rig_start_unready(const rig_options *o)
{
    int events[2], gate[2], log[2] = {-1, -1};
    CHECK(pipe(events) == 0 && pipe(gate) == 0 && (!o->log || pipe(log) == 0));
    rig r = {.events = events[0], .gate = gate[1], .log = log[0]};
    r.pid = fork();
    if (r.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(events[0]);
        close(gate[1]);
        if (o->log) {
            dup2(log[1], STDERR_FILENO);
            close(log[0]);
            close(log[1]);
        }
        rig_events = events[1];
        rig_gate = gate[0];
        int rc = serve_child(o);
        report("returned %d", rc);
        exit(rc < 0 ? 3 : 0); /* leak checkers report here */
    }
    close(events[1]);
    close(gate[0]);
    if (o->log)
        close(log[1]);
    return r;
}

static inline rig rig_start(const rig_options *o)
{
    rig r = rig_start_unready(o);
    CHECK_INT(sscanf(find_line(r.events, "ready"), "ready %d", &r.port), 1);
    return r;
}

/* Waits for the end; returns what brio_serve returned. */
static inline int rig_wait(rig *r)
{
    int rc = 0, status;
    CHECK_INT(sscanf(find_line(r->events, "returned"), "returned %d", &rc), 1);
    CHECK(waitpid(r->pid, &status, 0) == r->pid);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), rc < 0 ? 3 : 0);
    close(r->events);
    close(r->gate);
    if (r->log >= 0)
        close(r->log);
    return rc;
}

static inline void rig_stop(rig *r)
{
    CHECK(kill(r->pid, SIGTERM) == 0);
    CHECK_INT(rig_wait(r), 0);
}

/* ---- Processes ---------------------------------------------------------- */

static inline bool is_alive(int process)
{
    return kill(process, 0) == 0;
}

static inline void wait_gone(int process)
{
    while (is_alive(process))
        usleep(1000);
}

static inline bool is_among(int pid, const int *pids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

/* ---- The client --------------------------------------------------------- */

typedef struct client {
    int fd;
    size_t len;
    char buf[64 * 1024];
} client;

typedef struct answer {
    int status;
    char head[4096];
    size_t body_len;
    char body[16 * 1024];
} answer;

static inline int try_connect(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    int err = -errno;
    close(fd);
    return err;
}

static inline void wait_refused(int port)
{
    for (int fd; (fd = try_connect(port)) != -ECONNREFUSED;)
        if (fd >= 0)
            close(fd);
}

static inline client *dial(const rig *r)
{
    client *c = calloc(1, sizeof *c);
    CHECK(c);
    c->fd = try_connect(r->port);
    CHECK(c->fd >= 0);
    return c;
}

static inline client *dial_unix(const char *path)
{
    struct sockaddr_storage to;
    unsigned len;
    client *c = calloc(1, sizeof *c);
    CHECK(c);
    CHECK_OK(brio_address_unix(&to, &len, path));
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(c->fd, (const struct sockaddr *)&to, len) == 0);
    return c;
}

static inline void hang_up(client *c)
{
    close(c->fd);
    free(c);
}

static inline void say(client *c, const char *text)
{
    size_t len = strlen(text);
    CHECK_INT(send(c->fd, text, len, MSG_NOSIGNAL), (long long)len);
}

/* Receives more; false at the end of the stream. -errno goes to *ret_err. */
static inline bool receive_more(client *c, int *ret_err)
{
    CHECK(c->len < sizeof c->buf);
    ssize_t n = recv(c->fd, c->buf + c->len, sizeof c->buf - c->len, 0);
    *ret_err = n < 0 ? -errno : 0;
    c->len += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static inline void consume(client *c, size_t n)
{
    memmove(c->buf, c->buf + n, c->len - n);
    c->len -= n;
}

/* True if the server closed in order and sent nothing more. */
static inline bool at_end(client *c)
{
    int err;
    return c->len == 0 && !receive_more(c, &err) && err == 0;
}

static inline size_t read_head(client *c, answer *a)
{
    char *end;
    int err;
    while (!(end = memmem(c->buf, c->len, "\r\n\r\n", 4)))
        if (!receive_more(c, &err))
            test_fail(__FILE__, __LINE__, "no answer: %s after %zu bytes",
                      err ? brio_error_text(err) : "the end", c->len);
    size_t len = (size_t)(end - c->buf) + 4;
    CHECK(len < sizeof a->head);
    memcpy(a->head, c->buf, len);
    a->head[len] = '\0';
    consume(c, len);
    CHECK_INT(sscanf(a->head, "HTTP/1.1 %d", &a->status), 1);
    return len;
}

static inline const char *header(const answer *a, const char *name)
{
    static char value[256];
    char key[80];
    snprintf(key, sizeof key, "\r\n%s: ", name);
    const char *at = strcasestr(a->head, key);
    if (!at)
        return "";
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at + strlen(key), "\r"), at + strlen(key));
    return value;
}

/* Reads one whole answer; `head_only` for answers to HEAD. */
static inline answer *read_answer(client *c, bool head_only)
{
    static answer a;
    int err;
    (void)read_head(c, &a);
    a.body_len = head_only ? 0 : strtoul(header(&a, "content-length"), NULL, 10);
    CHECK(a.body_len < sizeof a.body);
    while (c->len < a.body_len)
        CHECK(receive_more(c, &err));
    memcpy(a.body, c->buf, a.body_len);
    a.body[a.body_len] = '\0';
    consume(c, a.body_len);
    return &a;
}

static inline void expect_answer(client *c, int status, const char *body)
{
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, status);
    CHECK_STR(brio_str_from(a->body), body);
}

static inline void get(client *c, const char *path)
{
    char text[512];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nhost: t\r\n\r\n", path);
    say(c, text);
}

/* Asks for a WebSocket. */
static inline void say_websocket(client *c, const char *path)
{
    char text[256];
    snprintf(text, sizeof text,
             "GET %s HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
             path);
    say(c, text);
}

/* A WebSocket that is open. */
static inline client *dial_websocket(const rig *r, const char *path)
{
    client *c = dial(r);
    answer a;
    say_websocket(c, path);
    (void)read_head(c, &a);
    CHECK_INT(a.status, 101);
    return c;
}

#endif
