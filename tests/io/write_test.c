/* SPDX-License-Identifier: MIT
 *
 * Queued writing with its water marks, files into streams, ends. */
#include "io/bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

IO_TEST(what_is_sent_arrives_in_order)
{
    pair p = pair_open();
    char buf[8];
    CHECK_OK(brio_stream_send(p.client, BRIO_S("ab")));
    CHECK_OK(brio_stream_send(p.client, BRIO_S("cd")));
    CHECK_INT(brio_stream_queued(p.client), 4);
    CHECK_OK(brio_stream_write(p.client, BRIO_S("ef")));
    CHECK_INT(brio_stream_queued(p.client), 0);
    CHECK_OK(brio_stream_write_parts(p.client, (brio_str[]){BRIO_S("g"), BRIO_S("h")}, 2));
    CHECK_OK(brio_stream_read_exactly(p.server, buf, 8));
    CHECK(memcmp(buf, "abcdefgh", 8) == 0);
    CHECK_OK(brio_stream_send(p.client, BRIO_S("late"))); /* goes without anybody's help */
    CHECK_OK(brio_stream_read_exactly(p.server, buf, 4));
    pair_close(&p);
    return 0;
}

IO_TEST(many_parts_are_one_write)
{
    pair p = pair_open();
    brio_str parts[11];
    for (size_t i = 0; i < 11; i++)
        parts[i] = BRIO_S("x");
    parts[4] = (brio_str){0};
    char buf[10];
    CHECK_OK(brio_stream_write_parts(p.client, parts, 11));
    CHECK_OK(brio_stream_read_exactly(p.server, buf, 10));
    CHECK_OK(brio_stream_write_parts(p.client, NULL, 0));
    pair_close(&p);
    return 0;
}

/* More than any socket takes, and a file as big; sim's buffers are small. */
static size_t much(void)
{
    return brio_loop_is_sim(brio_loop_current()) ? 300000 : 16 << 20;
}

/* Queues until the stream holds back: its peer does not read. */
static void queue_much(brio_stream *s)
{
    static char data[100000];
    for (size_t left = much(), n; left > 0; left -= n) {
        n = left < sizeof data ? left : sizeof data;
        CHECK_OK(brio_stream_send(s, (brio_str){data, n}));
    }
}

static int drain(void *arg)
{
    return brio_stream_drain(arg);
}

static int swallow(void *arg)
{
    char *buf = malloc(1 << 16);
    ptrdiff_t n = 0;
    for (size_t got = 0; got < much() && n >= 0; got += (size_t)n) {
        n = brio_stream_read(arg, buf, 1 << 16);
        if (n == 0)
            break;
    }
    free(buf);
    return n < 0 ? (int)n : 0;
}

IO_TEST(drain_waits_for_the_low_water_mark)
{
    pair p = pair_open();
    CHECK_OK(brio_stream_drain(p.client)); /* nothing to wait for */
    queue_much(p.client);
    BRIO_SCOPE(limit, .timeout = BRIO_MS(1))
    CHECK_INT(drain(p.client), -ECANCELED);
    CHECK(brio_stream_queued(p.client) > 65536);
    CHECK_OK(brio_gather({drain, p.client}, {drain, p.client}, {swallow, p.server}));
    CHECK(brio_stream_queued(p.client) <= 16384);
    pair_close(&p);
    return 0;
}

IO_TEST(water_marks_are_the_owners)
{
    pair p = pair_open();
    brio_stream_set_limits(p.client, &(brio_stream_limits){.high_water = much() * 2});
    queue_much(p.client);
    CHECK_OK(brio_stream_drain(p.client)); /* below */
    brio_stream_set_limits(p.client, &(brio_stream_limits){.high_water = 1, .low_water = 9});
    CHECK_OK(brio_gather({drain, p.client}, {swallow, p.server}));
    CHECK(brio_stream_queued(p.client) <= 1);
    pair_close(&p);
    return 0;
}

IO_TEST(drainers_learn_that_the_connection_is_lost)
{
    pair p = pair_open();
    queue_much(p.client);
    int a = 0, b = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *one = brio_spawn(&g, drain, p.client), *two = brio_spawn(&g, drain, p.client);
        CHECK_OK(brio_sleep(BRIO_MS(5)));
        brio_stream_close(p.server); /* over unread bytes: a reset */
        p.server = NULL;
        CHECK_OK(brio_join(one, &a));
        CHECK_OK(brio_join(two, &b));
    }
    CHECK(a == -ECONNRESET || a == -EPIPE);
    CHECK_INT(b, a);
    CHECK_INT(brio_stream_drain(p.client), a);
    CHECK_INT(brio_stream_send(p.client, BRIO_S("x")), a);
    CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), a);
    pair_close(&p);
    return 0;
}

static int write_nothing(void *arg)
{
    return brio_stream_write(arg, (brio_str){0});
}

IO_TEST(writing_nothing_waits_for_the_queue)
{
    pair p = pair_open();
    queue_much(p.client);
    BRIO_SCOPE(limit, .timeout = BRIO_MS(1))
    CHECK_INT(write_nothing(p.client), -ECANCELED);
    CHECK_OK(brio_stream_send(p.client, BRIO_S("x"))); /* it did not happen: all is well */
    CHECK_OK(brio_gather({write_nothing, p.client}, {swallow, p.server}));
    CHECK_INT(brio_stream_queued(p.client), 0);
    pair_close(&p);
    return 0;
}

IO_TEST(sending_is_refused_while_a_task_writes)
{
    pair p = pair_open();
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        queue_much(p.client);
        brio_task *writer = brio_spawn(&g, write_nothing, p.client);
        CHECK_OK(brio_sleep(BRIO_MS(1)));
        CHECK_INT(brio_stream_send(p.client, BRIO_S("x")), -EBUSY);
        CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -EBUSY);
        CHECK(brio_task_cancel(writer));
    }
    pair_close(&p);
    return 0;
}

IO_TEST(closing_sends_what_is_queued)
{
    pair p = pair_open();
    queue_much(p.client);
    brio_stream_close(p.client);
    p.client = NULL;
    CHECK_OK(swallow(p.server));
    char byte;
    CHECK_INT(brio_stream_read(p.server, &byte, 1), 0); /* in order, to the end */
    pair_close(&p);
    return 0;
}

/* Nobody ever reads it: the lingering stream does not keep the program. */
IO_TEST(a_close_lingers_for_a_while_only)
{
    if (!brio_loop_is_sim(brio_loop_current()))
        return 0; /* five seconds of real time */
    pair p = pair_open();
    queue_much(p.client);
    brio_stream_close(p.client);
    p.client = NULL;
    CHECK_OK(brio_sleep(BRIO_SEC(6)));
    brio_str all;
    int rc = brio_stream_read_all(p.server, NULL, much(), &all);
    CHECK(rc == -ECONNRESET || (rc == 0 && all.len < much()) || rc == BRIO_ELIMIT);
    pair_close(&p);
    return 0;
}

IO_TEST(an_abort_drops_what_is_queued)
{
    pair p = pair_open();
    queue_much(p.client);
    brio_stream_abort(p.client);
    brio_stream_abort(p.client);
    CHECK(brio_stream_is_closing(p.client));
    CHECK_INT(brio_stream_queued(p.client), 0);
    CHECK_INT(brio_stream_send(p.client, BRIO_S("x")), -EPIPE);
    char byte;
    CHECK_INT(brio_stream_read(p.client, &byte, 1), BRIO_ECLOSED);
    CHECK(swallow(p.server) <= 0);
    pair_close(&p);
    return 0;
}

IO_TEST(half_close_comes_behind_the_queue)
{
    pair p = pair_open();
    CHECK_OK(brio_stream_send(p.client, BRIO_S("last words")));
    brio_stream_shutdown(p.client);
    CHECK_INT(brio_stream_send(p.client, BRIO_S("more")), -EPIPE);
    brio_str all;
    CHECK_OK(brio_stream_read_all(p.server, NULL, 0, &all));
    CHECK_STR(all, "last words");
    CHECK(brio_stream_at_end(p.server));
    pair_close(&p);
    return 0;
}

/* ---- Files -------------------------------------------------------------- */

static int file_of(size_t bytes)
{
    char path[] = "/tmp/brio-sendfile-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_INT(unlink(path), 0);
    FILE *f = fdopen(dup(fd), "w");
    CHECK(f);
    for (size_t i = 0; i < bytes; i++)
        fputc((int)(i * 7 % 251), f);
    fclose(f);
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static bool is_the_file(brio_str got, size_t from)
{
    for (size_t i = 0; i < got.len; i++)
        if ((unsigned char)got.ptr[i] != (from + i) * 7 % 251)
            return false;
    return true;
}

typedef struct upload {
    brio_stream *to;
    int fd;
} upload;

static int send_the_file(void *arg)
{
    const upload *u = arg;
    int64_t n = brio_stream_sendfile(u->to, u->fd, 0, 0);
    brio_stream_shutdown(u->to);
    return n == (int64_t)much() ? 0 : n < 0 ? (int)n : -EIO;
}

static int receive_the_file(void *arg)
{
    brio_str all;
    brio_arena arena;
    brio_arena_init(&arena, 4 * much());
    int rc = brio_stream_read_all(arg, &arena, 2 * much(), &all);
    if (rc == 0 && (all.len != much() || !is_the_file(all, 0)))
        rc = -EIO;
    brio_arena_fini(&arena);
    return rc;
}

IO_TEST(a_file_goes_into_a_stream)
{
    pair p = pair_open();
    upload u = {p.client, file_of(much())};
    CHECK_OK(brio_gather({send_the_file, &u}, {receive_the_file, p.server}));
    CHECK_INT(lseek(u.fd, 0, SEEK_CUR), 0);
    close(u.fd);
    pair_close(&p);
    return 0;
}

IO_TEST(parts_of_files_go_in_order_with_the_queue)
{
    pair p = pair_open();
    int fd = file_of(1000);
    CHECK_OK(brio_stream_send(p.client, BRIO_S("<")));
    CHECK_INT(brio_stream_sendfile(p.client, fd, 10, 5), 5);
    CHECK_OK(brio_stream_send(p.client, BRIO_S(">")));
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 0); /* untouched */
    CHECK_INT(lseek(fd, 990, SEEK_SET), 990);
    CHECK_INT(brio_stream_sendfile(p.client, fd, -1, 4), 4);
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 994);
    CHECK_INT(brio_stream_sendfile(p.client, fd, -1, 100), 6); /* to the end */
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 1000);
    CHECK_INT(brio_stream_sendfile(p.client, fd, 2000, 0), 0);
    char buf[17];
    CHECK_OK(brio_stream_read_exactly(p.server, buf, 17));
    CHECK(buf[0] == '<' && buf[6] == '>');
    CHECK(is_the_file((brio_str){buf + 1, 5}, 10));
    CHECK(is_the_file((brio_str){buf + 7, 10}, 990));
    CHECK_INT(brio_stream_sendfile(p.client, -1, 0, 0), -EBADF);
    close(fd);
    CHECK_OK(brio_stream_write(p.client, BRIO_S("still good")));
    pair_close(&p);
    return 0;
}

IO_TEST(a_file_goes_into_a_pipe)
{
    int fds[2];
    CHECK_INT(pipe(fds), 0);
    brio_stream *in, *out;
    CHECK_OK(brio_stream_open_fd(&in, fds[0]));
    CHECK_OK(brio_stream_open_fd(&out, fds[1]));
    upload u = {out, file_of(much())};
    CHECK_OK(brio_gather({send_the_file, &u}, {receive_the_file, in}));
    close(u.fd);
    brio_stream_close(in);
    brio_stream_close(out);
    return 0;
}

static int send_quietly(void *arg)
{
    const upload *u = arg;
    return (int)brio_stream_sendfile(u->to, u->fd, 0, 0);
}

IO_TEST(others_do_not_write_into_a_file)
{
    pair p = pair_open();
    upload u = {p.client, file_of(much())};
    int rc = 0;
    char byte;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *sender = brio_spawn(&g, send_quietly, &u);
        CHECK_OK(brio_stream_read_exactly(p.server, &byte, 1)); /* it has begun */
        CHECK_INT(brio_stream_send(p.client, BRIO_S("x")), -EBUSY);
        CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -EBUSY);
        CHECK(brio_task_cancel(sender));
        CHECK_OK(brio_join(sender, &rc));
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(brio_stream_write(p.client, BRIO_S("x")), -EPIPE); /* a part was sent */
    close(u.fd);
    pair_close(&p);
    return 0;
}
