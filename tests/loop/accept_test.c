/* SPDX-License-Identifier: MIT
 *
 * Listening: addresses, stale Unix sockets, exhausted descriptors. */
#include "loop/bed.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

static int connect_to(int family, uint16_t port)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage addr;
    unsigned len;
    CHECK_OK(brio_address_parse(&addr, &len, family == AF_INET6 ? "::1" : "127.0.0.1", port));
    CHECK_INT(connect(fd, (struct sockaddr *)&addr, len), 0);
    return fd;
}

static void listen_at(const char *host, int family)
{
    int fd = brio_socket_listen(&(brio_listen_options){.host = host});
    CHECK_OK(fd);
    int port = brio_socket_port(fd);
    CHECK(port > 0);
    close(connect_to(family, (uint16_t)port));
    close(fd);
}

TEST(hosts_mean_what_the_header_says)
{
    listen_at(NULL, AF_INET);
    listen_at("127.0.0.1", AF_INET);
    listen_at("localhost", AF_INET);
    listen_at("0.0.0.0", AF_INET);
    listen_at("", AF_INET);
    CHECK_INT(brio_socket_listen(&(brio_listen_options){.host = "example.org"}), -EINVAL);
    CHECK_INT(brio_socket_listen(&(brio_listen_options){.host = "1.2.3"}), -EINVAL);
    CHECK_INT(brio_socket_listen(&(brio_listen_options){.host = "192.0.2.1"}), -EADDRNOTAVAIL);
}

TEST(a_port_is_taken_once_unless_shared)
{
    int fd = brio_socket_listen(&(brio_listen_options){0});
    CHECK_OK(fd);
    uint16_t port = (uint16_t)brio_socket_port(fd);
    CHECK_INT(brio_socket_listen(&(brio_listen_options){.port = port}), -EADDRINUSE);
    close(fd);
    fd = brio_socket_listen(&(brio_listen_options){.port = port, .reuse_port = true});
    int second = brio_socket_listen(&(brio_listen_options){.port = port, .reuse_port = true});
    CHECK_OK(fd);
    CHECK_OK(second);
    close(fd);
    close(second);
    CHECK_INT(brio_socket_port(-1), -EBADF);
}

TEST(a_unix_socket_replaces_only_a_dead_one)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/brio-accept-%d.sock", (int)getpid());
    brio_listen_options options = {.path = path};
    int fd = brio_socket_listen(&options);
    CHECK_OK(fd);
    CHECK_INT(brio_socket_listen(&options), -EADDRINUSE);
    close(fd);
    fd = brio_socket_listen(&options); /* nobody answers there any more */
    CHECK_OK(fd);
    close(fd);
    unlink(path);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fclose(file);
    CHECK_INT(brio_socket_listen(&options), -EADDRINUSE); /* never a file */
    CHECK_INT(access(path, F_OK), 0);
    unlink(path);
    struct sockaddr_storage addr;
    unsigned len;
    char longer[200];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK_INT(brio_address_unix(&addr, &len, longer), -ENAMETOOLONG);
    CHECK_INT(brio_address_unix(&addr, &len, ""), -EINVAL);
}

TEST_REAL(unix_sockets_connect)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/brio-connect-%d.sock", (int)getpid());
    net n = {.loop = bed_loop(backend)};
    n.acceptor.on_accept = net_on_accept;
    n.acceptor.on_closed = net_on_acceptor_closed;
    struct sockaddr_storage addr;
    unsigned len;
    CHECK_OK(brio_address_unix(&addr, &len, path));
    CHECK_OK(
        brio_sock_connect(n.loop, &n.client.sock, (struct sockaddr *)&addr, len, &probe_events));
    UNTIL(n.loop, n.client.connected);
    CHECK_INT(n.client.connect_err, -ENOENT);
    probe_close(&n, &n.client);
    int fd = brio_socket_listen(&(brio_listen_options){.path = path});
    CHECK_OK(fd);
    CHECK_OK(brio_acceptor_open(n.loop, &n.acceptor, fd));
    n.client = (probe){0};
    CHECK_OK(
        brio_sock_connect(n.loop, &n.client.sock, (struct sockaddr *)&addr, len, &probe_events));
    brio_sock_shutdown(&n.client.sock); /* before it stands: done as soon as it does */
    UNTIL(n.loop, n.client.connected && n.accepted);
    CHECK_INT(n.client.connect_err, 0);
    brio_sock_read_start(&n.server.sock);
    UNTIL(n.loop, n.server.ends);
    CHECK_INT(n.server.end_err, 0);
    net_close(&n);
    unlink(path);
}

TEST_REAL(accepted_sockets_have_no_delay)
{
    net n;
    net_open(&n, backend);
    int on = 0;
    socklen_t len = sizeof on;
    CHECK_INT(getsockopt(n.server.sock.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
    CHECK(on);
    CHECK_INT(getsockopt(n.client.sock.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
    CHECK(on);
    net_close(&n);
}

/* Exhausted, the acceptor sleeps; it neither spins nor gives up. */
TEST_REAL(accepting_pauses_without_descriptors)
{
    enum { LIMIT = 64 };
    /* Before the acceptor: io_uring remembers the limit its accept began with. */
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &(struct rlimit){LIMIT, LIMIT}), 0);
    net n;
    net_open(&n, backend);
    brio_log_set_level(BRIO_LOG_ERROR);
    int client = connect_to(AF_INET, (uint16_t)brio_acceptor_port(&n.acceptor));
    int filler[LIMIT], fillers = 0;
    while ((filler[fillers] = dup(client)) >= 0)
        fillers++;
    CHECK(fillers > 0);
    UNTIL(n.loop, brio_timer_active(&n.acceptor.backoff));
    CHECK_INT(n.accepted, 1);
    CHECK_INT(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_MS(20)), 0); /* asleep */
    while (fillers > 0)
        close(filler[--fillers]);
    UNTIL(n.loop, n.accepted == 2);
    close(client);
    net_close(&n);
}

static void close_the_acceptor(brio_acceptor *a, int fd)
{
    net *n = BRIO_CONTAINER(a, net, acceptor);
    n->accepted++;
    brio_fd_discard(a->loop, fd);
    brio_acceptor_close(a);
    brio_acceptor_close(a);
    CHECK_INT(n->acceptor_closed, 0);
}

TEST_EACH(an_acceptor_may_be_closed_inside_on_accept)
{
    net n = {0};
    net_listen(&n, bed_loop(backend));
    n.acceptor.on_accept = close_the_acceptor;
    probe other = {0};
    net_connect(&n, &n.client);
    net_connect(&n, &other);
    UNTIL(n.loop, n.client.connected && other.connected && n.acceptor_closed);
    CHECK(n.accepted == 1 || n.accepted == 2); /* the kernel may have accepted ahead */
    CHECK_INT(n.acceptor_closed, 1);
    probe_close(&n, &n.client);
    probe_close(&n, &other);
    brio_loop_free(n.loop);
}

TEST_EACH(simulated_listeners_exist_only_in_sim)
{
    net n = {.loop = bed_loop(backend)};
    brio_acceptor *a = &n.acceptor;
    a->on_closed = net_on_acceptor_closed;
    if (backend != BRIO_BACKEND_SIM) {
        CHECK_INT(brio_acceptor_open_sim(n.loop, a, 80), -ENOTSUP);
        brio_loop_free(n.loop);
        return;
    }
    brio_acceptor other;
    CHECK_OK(brio_acceptor_open_sim(n.loop, a, 0));
    CHECK(brio_acceptor_port(a) > 1023);
    uint16_t port = (uint16_t)brio_acceptor_port(a);
    CHECK_INT(brio_acceptor_open_sim(n.loop, &other, port), -EADDRINUSE);
    brio_acceptor_close(a);
    UNTIL(n.loop, n.acceptor_closed);
    brio_loop_free(n.loop);
}
