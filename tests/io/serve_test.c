/* SPDX-License-Identifier: MIT
 *
 * Serving connections in a group: start_server and what can be done to it. */
#include "io/bed.h"

#include <stdlib.h>

static int echo(brio_stream *s, void *arg)
{
    size_t *lines = arg;
    brio_str line;
    int rc;
    while ((rc = brio_stream_read_line(s, 0, &line)) > 0) {
        ++*lines;
        rc = brio_stream_write_parts(s, (brio_str[]){line, BRIO_S("\n")}, 2);
        if (rc < 0)
            break;
    }
    return rc;
}

typedef struct bench {
    brio_stream_server *server;
    brio_connect_to to;
    size_t lines;
} bench;

static int ask(void *arg)
{
    bench *b = arg;
    brio_stream *s = NULL;
    brio_str line;
    int rc = brio_connect(&s, &b->to);
    if (rc == 0)
        rc = brio_stream_write(s, BRIO_S("hello\n"));
    if (rc == 0)
        rc = brio_stream_read_line(s, 0, &line);
    if (rc > 0)
        CHECK_STR(line, "hello");
    brio_stream_close(s);
    return rc > 0 ? 0 : rc < 0 ? rc : BRIO_ECLOSED;
}

static void start(bench *b, brio_group *g, brio_stream_handler *handler, size_t max)
{
    brio_stream_server_options o = {.max_connections = max};
    CHECK_OK(brio_stream_server_open(&b->server, g, &(brio_listen_to){0}, handler, &b->lines, &o));
    b->to.port = brio_stream_server_port(b->server);
    CHECK(b->to.port > 0);
}

IO_TEST(connections_are_served_at_once)
{
    bench b = {0};
    BRIO_GROUP(g)
    {
        start(&b, &g, echo, 0);
        brio_call calls[20];
        for (size_t i = 0; i < 20; i++)
            calls[i] = (brio_call){ask, &b, 0};
        CHECK_OK(brio_gather_n(calls, 20));
        CHECK_INT(b.lines, 20);
        brio_stream_server_close(b.server);
        brio_stream_server_close(b.server);
        CHECK_OK(brio_stream_server_wait(b.server));
        CHECK_INT(brio_stream_server_count(b.server), 0);
        CHECK_OK(brio_stream_server_wait(b.server)); /* again: at once */
        brio_stream_server_free(b.server);
    }
    CHECK_INT(g.err, 0);
    return 0;
}

static int read_a_line(brio_stream *s, void *arg)
{
    brio_str line;
    *(int *)arg = brio_stream_read_line(s, 0, &line);
    return 0;
}

IO_TEST(each_stream_has_the_limits_of_its_server)
{
    brio_stream_server *server;
    brio_stream *s;
    brio_stream_limits limits = {.read_limit = 8};
    brio_stream_server_options o = {.limits = &limits};
    int told = 0;
    BRIO_GROUP(g)
    {
        CHECK_OK(
            brio_stream_server_open(&server, &g, &(brio_listen_to){0}, read_a_line, &told, &o));
        limits.read_limit = 1000; /* borrowed until then only */
        CHECK_OK(brio_connect(&s, &(brio_connect_to){.port = brio_stream_server_port(server)}));
        CHECK_OK(brio_stream_write(s, BRIO_S("more than eight bytes\n")));
        while (told == 0)
            CHECK_OK(brio_sleep(BRIO_MS(1)));
        brio_stream_close(s);
        brio_stream_server_free(server);
    }
    CHECK_INT(told, BRIO_ELIMIT);
    return 0;
}

IO_TEST(beyond_the_maximum_connections_wait)
{
    bench b = {0};
    BRIO_GROUP(g)
    {
        start(&b, &g, echo, 1);
        brio_stream *first;
        brio_str line;
        CHECK_OK(brio_connect(&first, &b.to));
        CHECK_OK(brio_stream_write(first, BRIO_S("a\n")));
        CHECK_INT(brio_stream_read_line(first, 0, &line), 1);
        brio_task *second = brio_spawn(&g, ask, &b);
        for (int i = 0; i < 50; i++)
            CHECK_OK(brio_yield());
        CHECK_INT(brio_stream_server_count(b.server), 1);
        CHECK(!brio_task_done(second));
        brio_stream_close(first);
        CHECK_OK(brio_join(second, NULL));
        CHECK_INT(b.lines, 2);
        brio_stream_server_free(b.server); /* closes it */
    }
    CHECK_INT(g.err, 0);
    return 0;
}

IO_TEST(closing_lets_connections_go_on)
{
    bench b = {0};
    BRIO_GROUP(g)
    {
        start(&b, &g, echo, 0);
        brio_stream *s;
        brio_str line;
        CHECK_OK(brio_connect(&s, &b.to));
        CHECK_OK(brio_stream_write(s, BRIO_S("a\n")));
        CHECK_INT(brio_stream_read_line(s, 0, &line), 1);
        brio_stream_server_close(b.server);
        CHECK_OK(brio_sleep(BRIO_MS(1)));
        CHECK_INT(ask(&b), -ECONNREFUSED);
        CHECK_OK(brio_stream_write(s, BRIO_S("b\n")));
        CHECK_INT(brio_stream_read_line(s, 0, &line), 1);
        CHECK_STR(line, "b");
        BRIO_SCOPE(limit, .timeout = BRIO_MS(1))
        CHECK_INT(brio_stream_server_wait(b.server), -ECANCELED);
        brio_stream_close(s);
        CHECK_OK(brio_stream_server_wait(b.server));
        brio_stream_server_free(b.server);
    }
    CHECK_INT(g.err, 0);
    return 0;
}

static int say_and_wait(brio_stream *s, void *arg)
{
    size_t *ended = arg;
    char byte;
    int rc = brio_stream_send(s, BRIO_S("bye"));
    if (rc == 0)
        rc = (int)brio_stream_read(s, &byte, 1);
    CHECK_INT(rc, BRIO_ECLOSED);
    CHECK(brio_stream_is_closing(s));
    CHECK_INT(brio_stream_send(s, BRIO_S("x")), -EPIPE);
    ++*ended;
    return rc;
}

IO_TEST(clients_can_be_closed_and_aborted)
{
    for (int abort = 0; abort < 2; abort++) {
        bench b = {0};
        BRIO_GROUP(g)
        {
            start(&b, &g, say_and_wait, 0);
            brio_stream *s;
            char buf[4];
            CHECK_OK(brio_connect(&s, &b.to));
            CHECK_OK(brio_stream_read_exactly(s, buf, 3));
            if (abort)
                brio_stream_server_abort_clients(b.server);
            else
                brio_stream_server_close_clients(b.server);
            ptrdiff_t n = brio_stream_read(s, buf, 1);
            CHECK(n == 0 || (abort && n == -ECONNRESET));
            brio_stream_close(s);
            brio_stream_server_close(b.server);
            CHECK_OK(brio_stream_server_wait(b.server));
            CHECK_INT(b.lines, 1);
            brio_stream_server_free(b.server);
        }
        CHECK_INT(g.err, 0);
    }
    return 0;
}

static int never(brio_stream *s, void *arg)
{
    size_t *cancelled = arg;
    char byte;
    int rc = (int)brio_stream_read(s, &byte, 1);
    *cancelled += rc == -ECANCELED;
    return rc;
}

static int connect_and_wait(void *arg)
{
    bench *b = arg;
    brio_stream *s;
    char byte;
    int rc = brio_connect(&s, &b->to);
    if (rc < 0)
        return rc;
    rc = (int)brio_stream_read(s, &byte, 1);
    brio_stream_close(s);
    return rc == -ECONNRESET ? 0 : rc;
}

IO_TEST(cancelling_the_group_ends_it_all)
{
    bench b = {0};
    BRIO_GROUP(clients)
    {
        BRIO_GROUP(g)
        {
            start(&b, &g, never, 0);
            CHECK(brio_spawn(&clients, connect_and_wait, &b));
            CHECK(brio_spawn(&clients, connect_and_wait, &b));
            while (brio_stream_server_count(b.server) < 2)
                CHECK_OK(brio_sleep(BRIO_US(100)));
            for (int i = 0; i < 20; i++)
                CHECK_OK(brio_yield());
            brio_group_cancel(&g);
        }
        brio_stream_server_free(b.server);
    }
    CHECK_INT(b.lines, 2);
    CHECK_INT(clients.err, 0);
    return 0;
}

static int abandon(brio_stream *s, void *arg)
{
    (void)s;
    (void)arg;
    brio_task_abandon(BRIO_EABANDON);
}

/* However a handler is left, its connection is closed. */
IO_TEST(an_abandoned_handler_leaves_nothing_open)
{
    bench b = {0};
    brio_log_set_level(BRIO_LOG_ERROR);
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        start(&b, &g, abandon, 0);
        CHECK_INT(connect_and_wait(&b), 0);
        brio_stream_server_close(b.server);
        CHECK_OK(brio_stream_server_wait(b.server));
        brio_stream_server_free(b.server);
    }
    return 0;
}

static uint16_t served_port;
static size_t served_lines;

static int serve_for_ever(void *arg)
{
    (void)arg;
    return brio_serve_streams(&(brio_listen_to){0}, echo, &served_lines, NULL, &served_port);
}

IO_TEST(serving_is_one_call)
{
    served_port = 0;
    int rc = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *server = brio_spawn(&g, serve_for_ever, NULL);
        while (!served_port)
            CHECK_OK(brio_yield());
        bench b = {.to.port = served_port};
        CHECK_OK(ask(&b));
        CHECK(brio_task_cancel(server));
        CHECK_OK(brio_join(server, &rc));
        CHECK_INT(ask(&b), -ECONNREFUSED);
    }
    CHECK_INT(rc, -ECANCELED);
    return 0;
}

IO_TEST(a_port_in_use_is_told)
{
    bench b = {0};
    BRIO_GROUP(g)
    {
        start(&b, &g, echo, 0);
        brio_stream_server *second;
        brio_listen_to same = {.port = b.to.port};
        CHECK_INT(brio_stream_server_open(&second, &g, &same, echo, &b.lines, NULL), -EADDRINUSE);
        CHECK_INT(brio_serve_streams(&same, echo, &b.lines, NULL, NULL), -EADDRINUSE);
        brio_stream_server_free(b.server);
        brio_stream_server_free(NULL);
    }
    return 0;
}
