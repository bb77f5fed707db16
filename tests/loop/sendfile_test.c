/* SPDX-License-Identifier: MIT
 *
 * Files into sockets by the kernel, writes that raise no signal, and where a
 * socket comes from. */
#include "loop/bed.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

/* A file of `n` bytes without a name, at its beginning. */
static int file_of(size_t n)
{
    char name[] = "/tmp/brio_sendfile_XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    CHECK_INT(unlink(name), 0);
    char byte;
    for (size_t i = 0; i < n; i++) {
        byte = (char)('a' + i % 26);
        CHECK_INT(write(fd, &byte, 1), 1);
    }
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

TEST_REAL(the_kernel_copies_from_an_offset_or_the_position)
{
    net n;
    net_open(&n, backend);
    int fd = file_of(100);
    int64_t offset = 26;
    CHECK_INT(brio_sock_sendfile(&n.client.sock, fd, &offset, 3), 3);
    CHECK_INT(offset, 29);
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 0); /* an offset leaves the position alone */
    CHECK_INT(brio_sock_sendfile(&n.client.sock, fd, NULL, 2), 2);
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 2);
    offset = 99;
    CHECK_INT(brio_sock_sendfile(&n.client.sock, fd, &offset, 1000), 1);
    CHECK_INT(brio_sock_sendfile(&n.client.sock, fd, &offset, 1000), 0); /* the end */
    UNTIL(n.loop, n.server.in.len == 6);
    CHECK_STR(brio_buf_str(&n.server.in), "abcabv");
    close(fd);
    net_close(&n);
}

static void send_more(probe *p)
{
    (*(int *)p->user)++;
}

TEST_REAL(where_there_is_no_room_it_is_told_when_to_try_again)
{
    enum { SIZE = 64 * 1024 };
    net n;
    net_open(&n, backend);
    int fd = file_of(SIZE), again = 0;
    size_t sent = 0;
    ptrdiff_t rc = 0;
    brio_sock_read_stop(&n.server.sock);
    n.client.user = &again;
    n.client.on_written = send_more;
    while (rc >= 0) { /* until nobody takes any more */
        int64_t offset = 0;
        rc = brio_sock_sendfile(&n.client.sock, fd, &offset, SIZE);
        sent += rc > 0 ? (size_t)rc : 0;
    }
    CHECK_INT(rc, -EAGAIN);
    CHECK_INT(probe_write(&n.client, "x"), -EBUSY); /* it waits its turn */
    brio_sock_read_start(&n.server.sock);
    UNTIL(n.loop, again);
    CHECK_INT(n.client.written_err, 0);
    int64_t offset = SIZE - 1;
    CHECK_INT(brio_sock_sendfile(&n.client.sock, fd, &offset, 1), 1);
    UNTIL(n.loop, n.server.in.len == sent + 1);
    close(fd);
    net_close(&n);
}

TEST_REAL(what_cannot_be_copied_is_refused)
{
    net n;
    int ends[2];
    net_open(&n, backend);
    CHECK_INT(pipe(ends), 0);
    CHECK(brio_sock_sendfile(&n.client.sock, ends[0], NULL, 1) < 0);
    CHECK_INT(brio_sock_sendfile(&n.client.sock, -1, NULL, 1), -EBADF);
    brio_sock_shutdown(&n.client.sock);
    int fd = file_of(1);
    CHECK_INT(brio_sock_sendfile(&n.client.sock, fd, NULL, 1), -EPIPE);
    close(fd);
    close(ends[0]);
    close(ends[1]);
    net_close(&n);
}

TEST(the_simulator_copies_no_files)
{
    net n;
    net_open(&n, BRIO_BACKEND_SIM);
    int fd = file_of(1);
    CHECK_INT(brio_sock_sendfile(&n.client.sock, fd, NULL, 1), -ENOTSUP);
    close(fd);
    net_close(&n);
}

/* ---- No signal ---------------------------------------------------------- */

/* SIGPIPE ends the process unless nobody raises it. */
TEST(a_write_to_nobody_is_an_error_not_a_signal)
{
    int ends[2], pair[2];
    brio_str parts[] = {BRIO_S("to "), BRIO_S("nobody")};
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    CHECK_INT(pipe(ends), 0);
    CHECK_INT(brio_fd_write(ends[1], parts, 2), 9);
    close(ends[0]);
    CHECK_INT(brio_fd_write(ends[1], parts, 2), -EPIPE);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    close(pair[0]);
    int fd = file_of(5);
    int64_t offset = 0;
    CHECK_INT(brio_fd_sendfile(pair[1], fd, &offset, 5), -EPIPE);
    CHECK_INT(offset, 0);
    CHECK_INT(brio_fd_write(-1, parts, 2), -EBADF);
    close(fd);
    close(pair[1]);
    close(ends[1]);
}

/* A SIGPIPE that somebody else raised and blocked is still theirs. */
TEST(a_pending_signal_of_others_is_left_to_them)
{
    int ends[2];
    sigset_t set, pending;
    brio_str part = BRIO_S("x");
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    CHECK_INT(sigprocmask(SIG_BLOCK, &set, NULL), 0);
    CHECK_INT(raise(SIGPIPE), 0);
    CHECK_INT(pipe(ends), 0);
    close(ends[0]);
    CHECK_INT(brio_fd_write(ends[1], &part, 1), -EPIPE);
    CHECK_INT(sigpending(&pending), 0);
    CHECK(sigismember(&pending, SIGPIPE));
    close(ends[1]);
}

/* ---- Where from --------------------------------------------------------- */

static void connect_from(net *n, probe *p, const char *local, uint16_t local_port)
{
    struct sockaddr_storage addr, own;
    unsigned len, own_len;
    int port = brio_acceptor_port(&n->acceptor);
    CHECK_OK(port);
    CHECK_OK(brio_address_parse(&addr, &len, NULL, (uint16_t)port));
    CHECK_OK(brio_address_parse(&own, &own_len, local, local_port));
    CHECK_OK(brio_sock_connect_from(n->loop, &p->sock, (struct sockaddr *)&addr, len,
                                    (struct sockaddr *)&own, own_len, &probe_events));
    memset(&addr, 0, sizeof(addr)); /* copied */
    memset(&own, 0, sizeof(own));
}

TEST_REAL(a_socket_may_choose_where_it_comes_from)
{
    net n = {0};
    char host[64];
    uint16_t port, from;
    net_listen(&n, bed_loop(backend));
    connect_from(&n, &n.client, "127.0.0.9", 0);
    UNTIL(n.loop, n.accepted && n.client.connected);
    CHECK_INT(n.client.connect_err, 0);
    CHECK_OK(brio_sock_local(&n.client.sock, host, &from));
    CHECK_STR(brio_str_from(host), "127.0.0.9");
    CHECK_OK(brio_sock_peer(&n.server.sock, host, &port));
    CHECK_STR(brio_str_from(host), "127.0.0.9");
    CHECK_INT(port, from);
    CHECK_OK(brio_sock_local(&n.server.sock, host, &port));
    CHECK_STR(brio_str_from(host), "127.0.0.1");
    CHECK_INT(port, brio_acceptor_port(&n.acceptor));
    net_close(&n);
}

TEST_REAL(an_address_that_is_not_ours_is_refused)
{
    net n = {0};
    struct sockaddr_storage addr, own;
    unsigned len, own_len;
    net_listen(&n, bed_loop(backend));
    CHECK_OK(brio_address_parse(&addr, &len, NULL, 1));
    CHECK_OK(brio_address_parse(&own, &own_len, "192.0.2.1", 0));
    CHECK_INT(brio_sock_connect_from(n.loop, &n.client.sock, (struct sockaddr *)&addr, len,
                                     (struct sockaddr *)&own, own_len, &probe_events),
              -EADDRNOTAVAIL);
    n.client.sock.loop = NULL; /* it never opened */
    net_close(&n);
}

TEST(the_simulator_ignores_where_a_socket_comes_from)
{
    net n = {0};
    char host[64];
    uint16_t port;
    net_listen(&n, bed_loop(BRIO_BACKEND_SIM));
    connect_from(&n, &n.client, "127.0.0.9", 5);
    UNTIL(n.loop, n.accepted && n.client.connected);
    CHECK_OK(brio_sock_local(&n.client.sock, host, &port));
    CHECK_STR(brio_str_from(host), "127.0.0.1");
    net_close(&n);
}

TEST_EACH(what_is_closed_has_no_address)
{
    net n;
    char host[64];
    uint16_t port;
    net_open(&n, backend);
    brio_sock_close(&n.client.sock);
    UNTIL(n.loop, n.client.closed);
    CHECK_INT(brio_sock_local(&n.client.sock, host, &port), -ENOTCONN);
    CHECK_INT(brio_sock_peer(&n.client.sock, host, &port), -ENOTCONN);
    n.client.sock.loop = NULL;
    brio_buf_fini(&n.client.in);
    net_close(&n);
}

/* ---- Forgotten things of a simulated run -------------------------------- */

TEST(what_was_left_open_is_forgotten_and_counted)
{
    net n;
    net_open(&n, BRIO_BACKEND_SIM);
    CHECK_INT(brio_loop_sim_forget(n.loop), 3); /* two sockets and an acceptor */
    CHECK_INT(brio_loop_sim_forget(n.loop), 0);
    brio_chunk *chunk = brio_chunk_acquire(n.loop);
    CHECK(chunk);
    CHECK_INT(brio_loop_sim_forget(n.loop), 1);
    free(chunk);
    brio_loop_free(n.loop);
}

TEST_REAL(only_the_simulator_forgets)
{
    net n;
    net_open(&n, backend);
    CHECK_INT(brio_loop_sim_forget(n.loop), 0);
    net_close(&n);
}
