/* SPDX-License-Identifier: MIT
 *
 * The test bed of the loop: the same test on every back end, and a connected
 * pair of sockets (server and client) that write down what they are told.
 * net_turn waits for real events, so a test that waits for something that
 * never comes ends by the harness' time limit, or by BRIO_EDEADLOCK in sim. */
#ifndef BRIO_TEST_LOOP_BED_H
#define BRIO_TEST_LOOP_BED_H

#include "harness/test.h"

#include <brio/loop.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The loop, or the end of the test where the machine forbids io_uring. */
static inline brio_loop *bed_loop_with(const brio_loop_options *options)
{
    brio_loop *loop = NULL;
    int rc = brio_loop_new(&loop, options);
    if (options->backend == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM))
        test_skip("io_uring is not to be had here");
    CHECK_OK(rc);
    return loop;
}

static inline brio_loop *bed_loop(brio_backend backend)
{
    return bed_loop_with(&(brio_loop_options){.backend = backend});
}

/* TEST_EACH(name) { ... backend ... } makes name_epoll, name_uring and name_sim. */
#define TEST_REAL(id)                                                                              \
    static void id(brio_backend backend);                                                          \
    TEST(id##_epoll)                                                                               \
    {                                                                                              \
        id(BRIO_BACKEND_EPOLL);                                                                    \
    }                                                                                              \
    TEST(id##_uring)                                                                               \
    {                                                                                              \
        id(BRIO_BACKEND_URING);                                                                    \
    }                                                                                              \
    static void id(brio_backend backend)
#define TEST_EACH(id)                                                                              \
    static void id(brio_backend backend);                                                          \
    TEST(id##_epoll)                                                                               \
    {                                                                                              \
        id(BRIO_BACKEND_EPOLL);                                                                    \
    }                                                                                              \
    TEST(id##_uring)                                                                               \
    {                                                                                              \
        id(BRIO_BACKEND_URING);                                                                    \
    }                                                                                              \
    TEST(id##_sim)                                                                                 \
    {                                                                                              \
        id(BRIO_BACKEND_SIM);                                                                      \
    }                                                                                              \
    static void id(brio_backend backend)

typedef struct probe probe;

/* One socket and everything it was told. */
struct probe {
    brio_sock sock;
    brio_buf in;
    int data, ends, end_err, written, written_err, connected, connect_err, closed;
    void (*on_data)(probe *p, brio_str bytes); /* hooks: NULL means only write it down */
    void (*on_end)(probe *p);
    void (*on_written)(probe *p);
    void *user;
};

typedef struct net {
    brio_loop *loop;
    brio_acceptor acceptor;
    probe server, client;
    int accepted, acceptor_closed;
} net;

static inline void probe_data(brio_sock *sock, brio_chunk *chunk)
{
    probe *p = BRIO_CONTAINER(sock, probe, sock);
    brio_str bytes = {chunk->data, chunk->len};
    CHECK(chunk->len > 0);
    CHECK_INT(p->closed, 0);
    p->data++;
    if (p->on_data)
        p->on_data(p, bytes);
    else
        brio_buf_add(&p->in, bytes);
    brio_chunk_release(sock->loop, chunk);
}

static inline void probe_end(brio_sock *sock, int err)
{
    probe *p = BRIO_CONTAINER(sock, probe, sock);
    p->ends++;
    p->end_err = err;
    if (p->on_end)
        p->on_end(p);
}

static inline void probe_written(brio_sock *sock, int err)
{
    probe *p = BRIO_CONTAINER(sock, probe, sock);
    p->written++;
    p->written_err = err;
    if (p->on_written)
        p->on_written(p);
}

static inline void probe_connected(brio_sock *sock, int err)
{
    probe *p = BRIO_CONTAINER(sock, probe, sock);
    p->connected++;
    p->connect_err = err;
}

static inline void probe_closed(brio_sock *sock)
{
    BRIO_CONTAINER(sock, probe, sock)->closed++;
}

static const brio_sock_events probe_events = {.on_data = probe_data,
                                              .on_end = probe_end,
                                              .on_written = probe_written,
                                              .on_connected = probe_connected,
                                              .on_closed = probe_closed};

static inline void net_on_accept(brio_acceptor *a, int fd)
{
    net *n = BRIO_CONTAINER(a, net, acceptor);
    if (n->accepted++ == 0)
        CHECK_OK(brio_sock_open(n->loop, &n->server.sock, fd, &probe_events));
    else
        brio_fd_discard(n->loop, fd);
}

static inline void net_on_acceptor_closed(brio_acceptor *a)
{
    BRIO_CONTAINER(a, net, acceptor)->acceptor_closed++;
}

static inline void net_turn(brio_loop *loop)
{
    CHECK_OK(brio_loop_run_once(loop, BRIO_NEVER));
}

/* Until `cond` holds. */
#define UNTIL(loop, cond)                                                                          \
    while (!(cond))                                                                                \
    net_turn(loop)

static inline void net_connect(net *n, probe *p)
{
    struct sockaddr_storage addr;
    unsigned len;
    int port = brio_acceptor_port(&n->acceptor);
    CHECK(port > 0);
    CHECK_OK(brio_address_parse(&addr, &len, NULL, (uint16_t)port));
    CHECK_OK(brio_sock_connect(n->loop, &p->sock, (struct sockaddr *)&addr, len, &probe_events));
}

static inline void net_listen(net *n, brio_loop *loop)
{
    n->loop = loop;
    n->acceptor.on_accept = net_on_accept;
    n->acceptor.on_closed = net_on_acceptor_closed;
    if (strcmp(brio_loop_backend(loop), "sim") == 0) {
        CHECK_OK(brio_acceptor_open_sim(loop, &n->acceptor, 80));
        return;
    }
    int fd = brio_socket_listen(&(brio_listen_options){0});
    CHECK_OK(fd);
    CHECK_OK(brio_acceptor_open(loop, &n->acceptor, fd));
}

static inline void net_open_with(net *n, const brio_loop_options *options)
{
    memset(n, 0, sizeof *n);
    net_listen(n, bed_loop_with(options));
    net_connect(n, &n->client);
    UNTIL(n->loop, n->accepted && n->client.connected);
    CHECK_INT(n->client.connect_err, 0);
    brio_sock_read_start(&n->server.sock);
    brio_sock_read_start(&n->client.sock);
}

static inline void net_open(net *n, brio_backend backend)
{
    net_open_with(n, &(brio_loop_options){.backend = backend});
}

static inline void probe_close(net *n, probe *p)
{
    if (!p->sock.loop)
        return;
    brio_sock_close(&p->sock);
    UNTIL(n->loop, p->closed);
    CHECK_INT(p->closed, 1);
    brio_buf_fini(&p->in);
}

static inline void net_close(net *n)
{
    probe_close(n, &n->client);
    probe_close(n, &n->server);
    brio_acceptor_close(&n->acceptor);
    UNTIL(n->loop, n->acceptor_closed);
    CHECK_INT(n->acceptor_closed, 1);
    brio_loop_free(n->loop);
}

static inline int probe_write(probe *p, const char *text)
{
    brio_str part = brio_str_from(text);
    return brio_sock_write(&p->sock, &part, 1);
}

#endif
