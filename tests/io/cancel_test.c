/* SPDX-License-Identifier: MIT
 *
 * Cancellation in the middle of every call, and nothing is lost or leaked: the
 * harness compares descriptors, the loop asserts that nothing is open. */
#include "io/bed.h"

#include <stdio.h>
#include <unistd.h>

/* Starts fn, lets it go to sleep, cancels it and returns its result. */
static int cancelled_result(brio_task_fn *fn, void *arg)
{
    int result = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, fn, arg);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        CHECK(brio_task_cancel(task));
        CHECK_OK(brio_join(task, &result));
    }
    return result;
}

static int read_some(void *arg)
{
    char buf[8];
    return (int)brio_stream_read(arg, buf, sizeof buf);
}

static int read_line(void *arg)
{
    brio_str line;
    return brio_stream_read_until(arg, BRIO_S("\n"), 0, &line);
}

IO_TEST(a_cancelled_read_loses_nothing)
{
    pair p = pair_open();
    CHECK_INT(cancelled_result(read_some, p.server), -ECANCELED);
    CHECK_OK(brio_stream_write(p.client, BRIO_S("half a ")));
    CHECK_INT(cancelled_result(read_line, p.server), -ECANCELED);
    CHECK_OK(brio_stream_write(p.client, BRIO_S("line\n")));
    brio_str line;
    CHECK_OK(brio_stream_read_until(p.server, BRIO_S("\n"), 0, &line));
    CHECK_STR(line, "half a line\n");
    pair_close(&p);
    return 0;
}

static int accept_one(void *arg)
{
    brio_stream *s;
    int rc = brio_accept(arg, &s);
    if (rc == 0)
        brio_stream_close(s);
    return rc;
}

IO_TEST(a_cancelled_accept_frees_its_place)
{
    pair p = {0};
    CHECK_OK(brio_listen(&p.listener, &(brio_listen_to){0}));
    CHECK_INT(cancelled_result(accept_one, p.listener), -ECANCELED);
    CHECK_OK(brio_gather({pair_accept, &p}, {pair_connect, &p}));
    pair_close(&p);
    return 0;
}

IO_TEST(closing_a_listener_wakes_all_who_accept)
{
    brio_listener *l;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *a = brio_spawn(&g, accept_one, l), *b = brio_spawn(&g, accept_one, l);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        brio_listener_close(l);
        int result = 0;
        CHECK_OK(brio_join(a, &result));
        CHECK_INT(result, BRIO_ECLOSED);
        CHECK_OK(brio_join(b, &result));
        CHECK_INT(result, BRIO_ECLOSED);
    }
    return 0;
}

IO_TEST(a_closed_listener_takes_no_more_connections)
{
    brio_listener *l;
    brio_stream *s = NULL;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    brio_connect_to to = {.port = brio_listener_port(l)};
    CHECK_OK(brio_yield()); /* a ring begins to accept */
    brio_listener_close(l);
    CHECK_INT(brio_connect(&s, &to), -ECONNREFUSED);
    return 0;
}

/* Connections nobody accepts are closed with their listener: the one that
 * queues and the one beyond the backlog, which the kernel keeps. */
IO_TEST(queued_connections_close_with_the_listener)
{
    pair p = {0};
    CHECK_OK(brio_listen(&p.listener, &(brio_listen_to){.backlog = 1}));
    brio_stream *a = NULL, *b = NULL;
    brio_connect_to to = {.port = brio_listener_port(p.listener)};
    CHECK_OK(brio_connect(&a, &to));
    CHECK_OK(brio_connect(&b, &to));
    CHECK_OK(brio_yield());
    char byte;
    brio_listener_close(p.listener);
    CHECK(brio_stream_read(a, &byte, 1) <= 0);
    CHECK(brio_stream_read(b, &byte, 1) <= 0);
    brio_stream_close(a);
    brio_stream_close(b);
    return 0;
}

static void greet_next(brio_listener *l)
{
    brio_stream *s;
    CHECK_OK(brio_accept(l, &s));
    CHECK_OK(brio_stream_write(s, BRIO_S("!")));
    CHECK_OK(brio_stream_drain(s));
    brio_stream_close(s);
}

/* A listener whose queue is full accepts no more, and none of those that wait
 * for that is lost: each is served, in order, however late. */
IO_TEST(connections_beyond_the_backlog_wait)
{
    enum { N = 2 };
    brio_listener *l;
    brio_stream *clients[N];
    CHECK_OK(brio_listen(&l, &(brio_listen_to){.backlog = 1}));
    brio_connect_to to = {.port = brio_listener_port(l)};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++)
            CHECK_OK(brio_connect(&clients[i], &to));
        CHECK_OK(brio_sleep(BRIO_MS(5))); /* what would be closed is closed by now */
        for (int i = 0; i < N; i++) {
            char byte = 0;
            greet_next(l);
            CHECK_INT(brio_stream_read(clients[i], &byte, 1), 1);
            CHECK_INT(byte, '!');
            brio_stream_close(clients[i]);
        }
    }
    brio_listener_close(l);
    return 0;
}

static int connect_there(void *arg)
{
    brio_stream *s;
    int rc = brio_connect(&s, arg);
    if (rc == 0)
        brio_stream_close(s);
    return rc;
}

/* At once: on the loopback a connect does not take long enough to be caught. */
IO_TEST(a_cancelled_connect_leaks_nothing)
{
    brio_listener *l;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    brio_connect_to to = {.port = brio_listener_port(l)};
    for (int turns = 0; turns < 6; turns++) {
        int result = 0;
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_task *task = brio_spawn(&g, connect_there, &to);
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            (void)brio_task_cancel(task);
            CHECK_OK(brio_join(task, &result));
        }
        CHECK(result == -ECANCELED || result == 0);
        if (turns <= 1)
            CHECK_INT(result, -ECANCELED);
    }
    brio_listener_close(l);
    return 0;
}

static int write_much(void *arg)
{
    static char data[16 << 20];
    return brio_stream_write(arg, (brio_str){data, sizeof data});
}

/* The bytes die with the call: ASan sees it if anything still looks at them. */
static int write_from_the_stack(void *arg)
{
    char data[40000];
    int rc = 0;
    memset(data, 's', sizeof data);
    while (rc == 0)
        rc = brio_stream_write(arg, (brio_str){data, sizeof data});
    memset(data, 'X', sizeof data);
    return rc;
}

IO_TEST(a_cancelled_write_gives_the_bytes_back)
{
    pair p = pair_open();
    int result = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, write_from_the_stack, p.client);
        CHECK_OK(brio_sleep(BRIO_MS(20)));
        CHECK(brio_task_cancel(task));
        CHECK_OK(brio_join(task, &result));
    }
    CHECK_INT(result, -ECANCELED);
    brio_stream_close(p.client);
    p.client = NULL;
    char buf[5000];
    ptrdiff_t n;
    while ((n = brio_stream_read(p.server, buf, sizeof buf)) > 0)
        for (ptrdiff_t i = 0; i < n; i++)
            CHECK(buf[i] == 's');
    CHECK(n == 0 || n == -ECONNRESET);
    pair_close(&p);
    return 0;
}

IO_TEST(a_cancelled_scope_fails_every_call)
{
    pair p = pair_open();
    brio_stream *s;
    char byte;
    brio_str line;
    brio_connect_to to = {.port = brio_listener_port(p.listener)};
    CHECK_OK(brio_stream_write(p.client, BRIO_S("there already")));
    BRIO_SCOPE(scope, .shield = false)
    {
        brio_scope_cancel(&scope);
        CHECK_INT(brio_stream_read(p.server, &byte, 1), -ECANCELED);
        CHECK_INT(brio_stream_read_exactly(p.server, &byte, 1), -ECANCELED);
        CHECK_INT(brio_stream_read_until(p.server, BRIO_S("x"), 0, &line), -ECANCELED);
        CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -ECANCELED);
        CHECK_INT(brio_accept(p.listener, &s), -ECANCELED);
        CHECK_INT(brio_connect(&s, &to), -ECANCELED);
    }
    char buf[13];
    CHECK_OK(brio_stream_read_exactly(p.server, buf, sizeof buf)); /* nothing was lost */
    CHECK(memcmp(buf, "there already", 13) == 0);
    pair_close(&p);
    return 0;
}

/* A connection handed to a task that is cancelled in the same turn is kept. */
IO_TEST(a_connection_handed_over_beats_the_cancellation)
{
    for (int turns = 0; turns < 8; turns++) {
        pair p = {0};
        CHECK_OK(brio_listen(&p.listener, &(brio_listen_to){0}));
        int result = 0;
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_task *task = brio_spawn(&g, pair_accept, &p);
            CHECK_OK(brio_yield());
            CHECK_OK(brio_connect(&p.client,
                                  &(brio_connect_to){.port = brio_listener_port(p.listener)}));
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            (void)brio_task_cancel(task);
            CHECK_OK(brio_join(task, &result));
        }
        CHECK(result == 0 ? p.server != NULL : result == -ECANCELED && !p.server);
        pair_close(&p);
    }
    return 0;
}

IO_TEST(leftover_tasks_inside_calls_end_with_the_loop)
{
    brio_log_set_level(BRIO_LOG_OFF);
    pair p = pair_open();
    CHECK(brio_create_task(read_some, p.server, NULL) != NULL);
    CHECK(brio_create_task(write_much, p.client, NULL) != NULL);
    CHECK(brio_create_task(accept_one, p.listener, NULL) != NULL);
    CHECK_OK(brio_yield());
    CHECK_OK(brio_yield());
    return 0;
}

IO_TEST(bad_addresses_are_errors)
{
    brio_stream *s;
    brio_listener *l;
    CHECK_OK(brio_hosts_set("nowhere.test", ""));
    CHECK_INT(brio_connect(&s, &(brio_connect_to){.host = "nowhere.test", .port = 1}),
              BRIO_ENONAME);
    CHECK_INT(brio_connect(&s, &(brio_connect_to){.path = ""}), -EINVAL);
    int rc = brio_connect(&s, &(brio_connect_to){.path = "/nonexistent/brio.sock"});
    CHECK(rc == -ENOENT || rc == -EAFNOSUPPORT);
    rc = brio_listen(&l, &(brio_listen_to){.path = "/nonexistent/brio.sock"});
    CHECK(rc == -ENOENT || rc == -EAFNOSUPPORT);
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    uint16_t port = brio_listener_port(l);
    brio_listener *second;
    CHECK_INT(brio_listen(&second, &(brio_listen_to){.port = port}), -EADDRINUSE);
    brio_listener_close(l);
    CHECK_OK(brio_sleep(BRIO_MS(1)));
    CHECK_INT(brio_connect(&s, &(brio_connect_to){.port = port}), -ECONNREFUSED);
    return 0;
}

static int over_unix(void *arg)
{
    pair p = {0};
    (void)arg;
    char path[64];
    snprintf(path, sizeof path, "/tmp/brio-io-%d.sock", (int)getpid());
    CHECK_OK(brio_listen(&p.listener, &(brio_listen_to){.path = path}));
    CHECK_INT(brio_listener_port(p.listener), 0);
    CHECK_OK(brio_connect(&p.client, &(brio_connect_to){.path = path}));
    CHECK_OK(brio_accept(p.listener, &p.server));
    CHECK_OK(brio_stream_write(p.client, BRIO_S("u")));
    char byte;
    CHECK_INT(brio_stream_read(p.server, &byte, 1), 1);
    pair_close(&p);
    unlink(path);
    return 0;
}

TEST(unix_sockets_epoll)
{
    bed_run(&(brio_loop_options){.backend = BRIO_BACKEND_EPOLL}, over_unix);
}

TEST(unix_sockets_uring)
{
    bed_run(&(brio_loop_options){.backend = BRIO_BACKEND_URING}, over_unix);
}
