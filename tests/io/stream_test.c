/* SPDX-License-Identifier: MIT
 *
 * Streams: reading in all its forms, back-pressure, ends. */
#include "io/bed.h"

#include <stdlib.h>

IO_TEST(bytes_go_both_ways)
{
    pair p = pair_open();
    char buf[16];
    CHECK_OK(brio_stream_write(p.client, BRIO_S("ping")));
    CHECK_OK(brio_stream_read_exactly(p.server, buf, 4));
    CHECK(memcmp(buf, "ping", 4) == 0);
    CHECK_OK(brio_stream_write(p.server, BRIO_S("pong!")));
    size_t got = 0;
    while (got < 5) {
        ptrdiff_t n = brio_stream_read(p.client, buf + got, 2);
        CHECK(n > 0);
        CHECK(n <= 2);
        got += (size_t)n;
    }
    CHECK(memcmp(buf, "pong!", 5) == 0);
    pair_close(&p);
    return 0;
}

IO_TEST(the_end_is_a_read_of_nothing)
{
    pair p = pair_open();
    char buf[16];
    CHECK_OK(brio_stream_write(p.client, BRIO_S("abc")));
    brio_stream_shutdown(p.client);
    CHECK_INT(brio_stream_write(p.client, BRIO_S("d")), -EPIPE);
    CHECK_INT(brio_stream_read_exactly(p.server, buf, 4), BRIO_ECLOSED);
    CHECK_INT(brio_stream_read_exactly(p.server, buf, 3), 0); /* nothing was consumed */
    CHECK_INT(brio_stream_read(p.server, buf, sizeof buf), 0);
    CHECK_INT(brio_stream_read(p.server, buf, sizeof buf), 0);
    CHECK_INT(brio_stream_read_exactly(p.server, buf, 0), 0);
    CHECK_OK(brio_stream_write(p.server, BRIO_S("still open")));
    CHECK_OK(brio_stream_read_exactly(p.client, buf, 10));
    pair_close(&p);
    return 0;
}

IO_TEST(lines_are_lent_one_by_one)
{
    pair p = pair_open();
    brio_str line;
    CHECK_OK(brio_stream_write(p.client, BRIO_S("one\n\nthree\nrest")));
    brio_stream_shutdown(p.client);
    CHECK_OK(brio_stream_read_until(p.server, BRIO_S("\n"), 0, &line));
    CHECK_STR(line, "one\n");
    CHECK_OK(brio_stream_read_until(p.server, BRIO_S("\n"), 0, &line));
    CHECK_STR(line, "\n");
    CHECK_OK(brio_stream_read_until(p.server, BRIO_S("\n"), 6, &line));
    CHECK_STR(line, "three\n");
    CHECK_INT(brio_stream_read_until(p.server, BRIO_S("\n"), 0, &line), BRIO_ECLOSED);
    CHECK_STR(line, "rest");
    CHECK_INT(brio_stream_read_until(p.server, BRIO_S("\n"), 0, &line), BRIO_ECLOSED);
    CHECK_STR(line, "");
    pair_close(&p);
    return 0;
}

IO_TEST(a_line_beyond_its_limit_stays_unread)
{
    pair p = pair_open();
    brio_str line;
    char buf[8];
    CHECK_OK(brio_stream_write(p.client, BRIO_S("12345678\n")));
    CHECK_INT(brio_stream_read_until(p.server, BRIO_S("\n"), 8, &line), BRIO_ELIMIT);
    CHECK_INT(line.len, 0);
    CHECK_OK(brio_stream_read_until(p.server, BRIO_S("\n"), 9, &line));
    CHECK_STR(line, "12345678\n");
    CHECK_OK(brio_stream_write(p.client, BRIO_S("x")));
    CHECK_INT(brio_stream_read(p.server, buf, sizeof buf), 1); /* the lent line is gone */
    CHECK(buf[0] == 'x');
    pair_close(&p);
    return 0;
}

enum { BIG = 300 * 1024 }; /* more than reading pauses at */

typedef struct transfer {
    brio_stream *stream;
    char *data;
} transfer;

static int send_big(void *arg)
{
    transfer *t = arg;
    int rc = brio_stream_write(t->stream, (brio_str){t->data, BIG});
    brio_stream_shutdown(t->stream);
    return rc;
}

static int receive_big(void *arg)
{
    transfer *t = arg;
    size_t got = 0;
    char *into = malloc(BIG);
    for (ptrdiff_t n; (n = brio_stream_read(t->stream, into + got, BIG - got)) > 0;)
        got += (size_t)n;
    bool same = got == BIG && memcmp(into, t->data, BIG) == 0;
    free(into);
    return same ? 0 : -EIO;
}

IO_TEST(big_data_passes_in_both_directions_at_once)
{
    pair p = pair_open();
    char *data = malloc(BIG);
    for (size_t i = 0; i < BIG; i++)
        data[i] = (char)(i * 2654435761U >> 11);
    transfer c = {p.client, data}, s = {p.server, data};
    CHECK_OK(brio_gather({send_big, &c}, {send_big, &s}, {receive_big, &c}, {receive_big, &s}));
    free(data);
    pair_close(&p);
    return 0;
}

/* Lines of all lengths around the size of a chunk. */
static int send_lines(void *arg)
{
    transfer *t = arg;
    for (size_t n = 16300; n < 16500; n += 7) {
        t->data[n - 1] = '\n';
        int rc = brio_stream_write(t->stream, (brio_str){t->data, n});
        t->data[n - 1] = 'x';
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int receive_lines(void *arg)
{
    transfer *t = arg;
    for (size_t n = 16300; n < 16500; n += 7) {
        brio_str line;
        int rc = brio_stream_read_until(t->stream, BRIO_S("\n"), 0, &line);
        if (rc < 0)
            return rc;
        CHECK_INT(line.len, n);
        CHECK(line.ptr[n - 1] == '\n');
        CHECK(line.ptr[0] == 'x');
    }
    return 0;
}

IO_TEST(lines_may_cross_chunks)
{
    pair p = pair_open();
    char *data = malloc(17000);
    memset(data, 'x', 17000);
    transfer c = {p.client, data}, s = {p.server, NULL};
    CHECK_OK(brio_gather({send_lines, &c}, {receive_lines, &s}));
    free(data);
    pair_close(&p);
    return 0;
}

/* Nobody reads: what is kept stays near twice the limit, and the writer waits. */
IO_TEST(an_unread_stream_stops_its_writer)
{
    pair p = pair_open();
    static char data[16 << 20];
    bool expired = false;
    {
        BRIO_SCOPE(limit, .timeout = BRIO_MS(50))
        {
            CHECK_INT(brio_stream_write(p.client, (brio_str){data, sizeof data}), -ECANCELED);
        }
        expired = limit.expired;
    }
    CHECK(expired);
    CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -EPIPE); /* good for closing only */
    size_t got = 0;
    char buf[4096];
    ptrdiff_t n;
    while ((n = brio_stream_read(p.server, buf, sizeof buf)) > 0)
        got += (size_t)n;
    CHECK(got < sizeof data);
    CHECK(n == 0 || n == -ECONNRESET);
    pair_close(&p);
    return 0;
}

IO_TEST(a_read_may_ask_for_more_than_the_pause_allows)
{
    pair p = pair_open();
    char *data = malloc(BIG);
    memset(data, 'q', BIG);
    transfer c = {p.client, data};
    BRIO_GROUP(g)
    {
        CHECK(brio_spawn(&g, send_big, &c) != NULL);
        CHECK_OK(brio_sleep(BRIO_MS(5))); /* it has paused by now */
        char *into = malloc(BIG);
        CHECK_OK(brio_stream_read_exactly(p.server, into, BIG));
        CHECK(memcmp(into, data, BIG) == 0);
        free(into);
    }
    CHECK_INT(g.err, 0);
    free(data);
    pair_close(&p);
    return 0;
}

static int read_one(void *arg)
{
    char byte;
    ptrdiff_t n = brio_stream_read(arg, &byte, 1);
    return n == 1 ? byte : (int)n;
}

IO_TEST(a_stream_has_one_reader)
{
    pair p = pair_open();
    BRIO_GROUP(g)
    {
        brio_task *first = brio_spawn(&g, read_one, p.server);
        CHECK_OK(brio_sleep(BRIO_MS(1))); /* in any order, it waits by then */
        CHECK_INT(read_one(p.server), -EBUSY);
        CHECK_OK(brio_stream_write(p.client, BRIO_S("!")));
        int result = 0;
        CHECK_OK(brio_join(first, &result));
        CHECK_INT(result, '!');
    }
    pair_close(&p);
    return 0;
}

static int write_much(void *arg)
{
    static char data[16 << 20];
    return brio_stream_write(arg, (brio_str){data, sizeof data});
}

IO_TEST(a_stream_has_one_writer)
{
    pair p = pair_open();
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *first = brio_spawn(&g, write_much, p.client);
        CHECK_OK(brio_sleep(BRIO_MS(1)));
        CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -EBUSY);
        brio_stream_close(p.client); /* under its writer */
        p.client = NULL;
        int result = 0;
        CHECK_OK(brio_join(first, &result));
        CHECK_INT(result, BRIO_ECLOSED);
    }
    pair_close(&p);
    return 0;
}

IO_TEST(closing_wakes_the_reader)
{
    pair p = pair_open();
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *reader = brio_spawn(&g, read_one, p.server);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        brio_stream_close(p.server);
        p.server = NULL;
        int result = 0;
        CHECK_OK(brio_join(reader, &result));
        CHECK_INT(result, BRIO_ECLOSED);
    }
    pair_close(&p);
    return 0;
}

/* The reader has been woken by bytes, but another task closes before it runs. */
static int wait_and_close(void *arg)
{
    pair *p = arg;
    int rc = brio_yield();
    while (rc == 0 && p->server) {
        CHECK_OK(brio_stream_write(p->client, BRIO_S("bytes")));
        rc = brio_yield();
        brio_stream_close(p->server);
        p->server = NULL;
    }
    return rc;
}

static int read_or_closed(void *arg)
{
    int rc = read_one(((pair *)arg)->server);
    CHECK(rc == 'b' || rc == BRIO_ECLOSED);
    return 0;
}

IO_TEST(a_woken_reader_survives_a_close)
{
    for (int i = 0; i < 20; i++) {
        pair p = pair_open();
        CHECK_OK(brio_gather({read_or_closed, &p}, {wait_and_close, &p}));
        pair_close(&p);
    }
    return 0;
}

/* The peer closes over bytes it has not read. */
IO_TEST(a_reset_is_an_error_to_both_sides)
{
    pair p = pair_open();
    int rc = 0;
    char byte;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *writer = brio_spawn(&g, write_much, p.server);
        CHECK_OK(brio_sleep(BRIO_MS(5)));
        brio_stream_close(p.client);
        p.client = NULL;
        CHECK_OK(brio_join(writer, &rc));
    }
    CHECK(rc == -ECONNRESET || rc == -EPIPE);
    CHECK_INT(brio_stream_read(p.server, &byte, 1), -ECONNRESET);
    CHECK_INT(brio_stream_write(p.server, BRIO_S("x")), -ECONNRESET);
    pair_close(&p);
    return 0;
}

IO_TEST(peers_are_named)
{
    pair p = pair_open();
    char host[64];
    uint16_t port;
    CHECK_OK(brio_stream_peer(p.client, host, &port));
    CHECK_STR(brio_str_from(host), "127.0.0.1");
    CHECK_INT(port, brio_listener_port(p.listener));
    pair_close(&p);
    brio_stream_close(NULL);
    brio_listener_close(NULL);
    return 0;
}

/* What is left open is closed with the loop; the harness checks descriptors. */
IO_TEST(leftovers_are_closed_with_the_loop)
{
    brio_log_set_level(BRIO_LOG_ERROR);
    pair p = pair_open();
    CHECK_OK(brio_stream_write(p.client, BRIO_S("never read")));
    (void)p;
    return 0;
}
