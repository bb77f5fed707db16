/* SPDX-License-Identifier: MIT
 *
 * Streams over descriptors: pipes, terminals, files, devices, real sockets. */
#include "io/bed.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct ends {
    brio_stream *in, *out;
} ends;

static ends pipe_open(void)
{
    int fds[2];
    ends e;
    CHECK_INT(pipe2(fds, O_CLOEXEC), 0);
    CHECK_OK(brio_stream_open_fd(&e.in, fds[0]));
    CHECK_OK(brio_stream_open_fd(&e.out, fds[1]));
    return e;
}

IO_TEST(a_pipe_is_a_stream)
{
    ends e = pipe_open();
    brio_str line;
    CHECK_OK(brio_stream_write(e.out, BRIO_S("one\ntwo")));
    CHECK_INT(brio_stream_read_line(e.in, 0, &line), 1);
    CHECK_STR(line, "one");
    brio_stream_close(e.out);
    CHECK_INT(brio_stream_read_line(e.in, 0, &line), 1);
    CHECK_STR(line, "two");
    CHECK_INT(brio_stream_read_line(e.in, 0, &line), 0);
    brio_stream_close(e.in);
    return 0;
}

/* Real descriptors stop the virtual clock: no sleeping here. */
static void let_it_run(void)
{
    for (int i = 0; i < 20; i++)
        CHECK_OK(brio_yield());
}

static int write_a_megabyte(void *arg)
{
    char *data = calloc(1, 1 << 20);
    int rc = brio_stream_write(arg, (brio_str){data, 1 << 20});
    free(data);
    brio_stream_shutdown(arg); /* closes a pipe's only direction */
    return rc;
}

static int read_a_megabyte(void *arg)
{
    brio_str all;
    int rc = brio_stream_read_all(arg, NULL, 2 << 20, &all);
    return rc < 0 ? rc : all.len == 1 << 20 ? 0 : -EIO;
}

IO_TEST(a_full_pipe_stops_its_writer)
{
    ends e = pipe_open();
    CHECK_OK(brio_gather({write_a_megabyte, e.out}, {read_a_megabyte, e.in}));
    brio_stream_close(e.in);
    brio_stream_close(e.out);
    return 0;
}

IO_TEST(a_direction_that_is_not_there_is_refused)
{
    ends e = pipe_open();
    char byte;
    CHECK_INT(brio_stream_write(e.in, BRIO_S("x")), -EBADF);
    CHECK_INT(brio_stream_read(e.out, &byte, 1), -EBADF);
    brio_stream_close(e.in);
    brio_stream_close(e.out);
    return 0;
}

/* SIGPIPE would end the test. */
IO_TEST(a_pipe_without_reader_is_an_error_not_a_signal)
{
    ends e = pipe_open();
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    brio_stream_close(e.in);
    let_it_run();
    CHECK_INT(brio_stream_write(e.out, BRIO_S("x")), -EPIPE);
    sigset_t waiting;
    CHECK_INT(sigpending(&waiting), 0);
    CHECK(!sigismember(&waiting, SIGPIPE));
    brio_stream_close(e.out);
    return 0;
}

static int fill(void *arg)
{
    static char data[1 << 20];
    return brio_stream_write(arg, (brio_str){data, sizeof data});
}

IO_TEST(the_reader_of_a_full_pipe_goes_away)
{
    ends e = pipe_open();
    int rc = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *writer = brio_spawn(&g, fill, e.out);
        let_it_run();
        brio_stream_close(e.in);
        CHECK_OK(brio_join(writer, &rc));
    }
    CHECK_INT(rc, -EPIPE);
    brio_stream_close(e.out);
    return 0;
}

IO_TEST(a_cancelled_write_to_a_pipe_ends_it)
{
    ends e = pipe_open();
    int rc = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *writer = brio_spawn(&g, fill, e.out);
        let_it_run();
        CHECK(brio_task_cancel(writer));
        CHECK_OK(brio_join(writer, &rc));
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(brio_stream_write(e.out, BRIO_S("x")), -EPIPE);
    brio_stream_close(e.out);
    brio_stream_close(e.in);
    return 0;
}

static int read_byte(void *arg)
{
    char byte;
    return (int)brio_stream_read(arg, &byte, 1);
}

IO_TEST(closing_a_pipe_wakes_its_reader)
{
    ends e = pipe_open();
    int rc = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *reader = brio_spawn(&g, read_byte, e.in);
        let_it_run();
        brio_stream_close(e.in);
        CHECK_OK(brio_join(reader, &rc));
    }
    CHECK_INT(rc, BRIO_ECLOSED);
    brio_stream_close(e.out);
    return 0;
}

IO_TEST(a_file_and_a_device_are_always_ready)
{
    char path[] = "/tmp/brio-pipe-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(write(fd, "a line\n", 7), 7);
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    brio_stream *s;
    brio_str all;
    CHECK_OK(brio_stream_open_fd(&s, fd));
    CHECK_OK(brio_stream_read_all(s, NULL, 0, &all));
    CHECK_STR(all, "a line\n");
    brio_stream_close(s);
    CHECK_OK(brio_stream_open_fd(&s, open("/dev/null", O_RDWR | O_CLOEXEC)));
    CHECK_INT(read_byte(s), 0);
    CHECK_OK(brio_stream_write(s, BRIO_S("gone")));
    brio_stream_close(s);
    return 0;
}

IO_TEST(a_terminal_gets_its_flags_back)
{
    int master, slave;
    CHECK_INT(openpty(&master, &slave, NULL, NULL, NULL), 0);
    int shared = dup(slave);
    brio_stream *s, *m;
    brio_str line;
    CHECK_OK(brio_stream_open_fd(&s, slave));
    CHECK_OK(brio_stream_open_fd(&m, master));
    CHECK(fcntl(shared, F_GETFL) & O_NONBLOCK);
    CHECK_OK(brio_stream_write(m, BRIO_S("typed\n")));
    CHECK_INT(brio_stream_read_line(s, 0, &line), 1);
    CHECK_STR(line, "typed");
    brio_stream_close(s);
    CHECK_OK(brio_yield());
    CHECK(!(fcntl(shared, F_GETFL) & O_NONBLOCK));
    close(shared);
    CHECK_INT(brio_stream_read_line(m, 0, &line), 1); /* the echo */
    CHECK_INT(brio_stream_read_line(m, 0, &line), 0); /* nobody has the other side */
    brio_stream_close(m);
    return 0;
}

IO_TEST(a_real_socket_is_one_everywhere)
{
    int fds[2];
    ends e;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_OK(brio_stream_open_fd(&e.in, fds[0]));
    CHECK_OK(brio_stream_open_fd(&e.out, fds[1]));
    char buf[4];
    CHECK_OK(brio_stream_write(e.out, BRIO_S("ping")));
    CHECK_OK(brio_stream_read_exactly(e.in, buf, 4));
    brio_stream_shutdown(e.in);
    CHECK_INT(brio_stream_read(e.out, buf, 4), 0);
    CHECK_OK(brio_stream_write(e.out, BRIO_S("half")));
    CHECK_OK(brio_stream_read_exactly(e.in, buf, 4));
    brio_stream_close(e.in);
    brio_stream_close(e.out);
    return 0;
}

IO_TEST(what_is_no_byte_stream_is_refused_and_closed)
{
    brio_stream *s;
    CHECK_INT(brio_stream_open_fd(&s, -1), -EBADF);
    CHECK_INT(brio_stream_open_fd(&s, open("/", O_RDONLY | O_CLOEXEC)), -EINVAL);
    CHECK_INT(brio_stream_open_fd(&s, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), -EINVAL);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr any = {.sa_family = AF_UNIX};
    CHECK_INT(bind(fd, &any, sizeof(sa_family_t)), 0); /* autobind */
    CHECK_INT(listen(fd, 1), 0);
    CHECK_INT(brio_stream_open_fd(&s, fd), -EINVAL);
    return 0;
}

IO_TEST(facts_of_a_pipe)
{
    ends e = pipe_open();
    char host[64];
    uint16_t port;
    CHECK_OK(brio_stream_peer(e.in, host, &port));
    CHECK_STR(brio_str_from(host), "");
    CHECK_OK(brio_stream_local(e.in, host, &port));
    CHECK(brio_stream_fd(e.in) > 2);
    CHECK(!brio_stream_is_closing(e.in));
    brio_stream_abort(e.in);
    CHECK(brio_stream_is_closing(e.in));
    CHECK_INT(brio_stream_fd(e.in), -ENOTCONN);
    CHECK_INT(read_byte(e.in), BRIO_ECLOSED);
    brio_stream_close(e.in);
    brio_stream_close(e.out);
    return 0;
}
