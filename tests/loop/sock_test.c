/* SPDX-License-Identifier: MIT
 *
 * Stream sockets: bytes there and back, back-pressure, half-close, peers. */
#include "loop/bed.h"

#include <netinet/in.h>

TEST_EACH(bytes_arrive_in_both_directions)
{
    net n;
    net_open(&n, backend);
    CHECK(probe_write(&n.client, "hello") >= 0);
    UNTIL(n.loop, n.server.in.len == 5);
    CHECK(probe_write(&n.server, "and you") >= 0);
    UNTIL(n.loop, n.client.in.len == 7);
    CHECK_STR(brio_buf_str(&n.server.in), "hello");
    CHECK_STR(brio_buf_str(&n.client.in), "and you");
    net_close(&n);
}

TEST_EACH(parts_are_joined_and_empty_ones_skipped)
{
    net n;
    net_open(&n, backend);
    brio_str parts[4] = {BRIO_S("ab"), {0}, BRIO_S("cd"), BRIO_S("e")};
    CHECK(brio_sock_write(&n.client.sock, parts, 4) >= 0);
    UNTIL(n.loop, n.server.in.len == 5);
    CHECK_STR(brio_buf_str(&n.server.in), "abcde");
    CHECK_INT(brio_sock_write(&n.client.sock, parts + 1, 1), 1); /* nothing is done at once */
    CHECK_INT(brio_sock_write(&n.client.sock, NULL, 0), 1);
    net_close(&n);
}

/* Sends everything back; stops reading while its own write is pending. */
typedef struct echo {
    brio_chunk *held;
} echo;

static void echo_flush(brio_sock *sock, brio_chunk *chunk)
{
    probe *p = BRIO_CONTAINER(sock, probe, sock);
    brio_str part = {chunk->data, chunk->len};
    int rc = brio_sock_write(sock, &part, 1);
    CHECK_OK(rc);
    if (rc == 1) {
        brio_chunk_release(sock->loop, chunk);
        return;
    }
    CHECK(!p->user);
    p->user = chunk;
    brio_sock_read_stop(sock);
}

static void echo_written(brio_sock *sock, int err)
{
    probe *p = BRIO_CONTAINER(sock, probe, sock);
    CHECK_INT(err, 0);
    CHECK(p->user);
    brio_chunk_release(sock->loop, p->user);
    p->user = NULL;
    brio_sock_read_start(sock);
}

static void echo_end(brio_sock *sock, int err)
{
    CHECK_INT(err, 0);
    brio_sock_shutdown(sock);
}

static const brio_sock_events echo_events = {.on_data = echo_flush,
                                             .on_end = echo_end,
                                             .on_written = echo_written,
                                             .on_closed = probe_closed};

static void echo_of_big_data(const brio_loop_options *options, size_t size, bool large)
{
    net n;
    net_open_with(&n, options);
    n.server.sock.events = &echo_events;
    if (large)
        brio_sock_read_large(&n.server.sock);
    char *data = malloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 2654435761U >> 13);
    brio_str part = {data, size};
    brio_sock_read_stop(&n.client.sock); /* the echo must stop too, not buffer */
    CHECK_INT(brio_sock_write(&n.client.sock, &part, 1), 0);
    CHECK_INT(brio_sock_write(&n.client.sock, &part, 1), -EBUSY);
    brio_sock_shutdown(&n.client.sock); /* takes effect behind the pending bytes */
    for (int i = 0; i < 50; i++)
        CHECK_OK(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_US(100)));
    CHECK_INT(n.client.written, 0);
    CHECK_INT(n.client.in.len, 0);
    brio_sock_read_start(&n.client.sock);
    UNTIL(n.loop, n.client.ends);
    CHECK_INT(n.client.written, 1);
    CHECK_INT(n.client.written_err, 0);
    CHECK_INT(n.client.end_err, 0);
    CHECK_INT(n.client.in.len, size);
    CHECK(memcmp(n.client.in.ptr, data, size) == 0);
    free(data);
    net_close(&n);
}

TEST_EACH(big_data_is_echoed_under_back_pressure)
{
    echo_of_big_data(&(brio_loop_options){.backend = backend}, 24 << 20, false);
}

TEST_EACH(large_chunks_change_nothing)
{
    echo_of_big_data(&(brio_loop_options){.backend = backend}, 24 << 20, true);
}

TEST_EACH(tiny_chunks_change_nothing)
{
    echo_of_big_data(&(brio_loop_options){.backend = backend, .chunk_size = 4096}, 16 << 20, false);
}

TEST(one_byte_segments_in_sim_change_nothing)
{
    brio_loop_options options = {.backend = BRIO_BACKEND_SIM,
                                 .sim = {.max_segment = 1, .socket_buffer = 100}};
    echo_of_big_data(&options, 5000, false);
}

TEST_EACH(what_the_kernel_has_not_taken_is_told)
{
    enum { MANY = 8 << 20 };
    net n;
    net_open(&n, backend);
    char *bytes = calloc(1, MANY);
    brio_str part = {bytes, MANY};
    CHECK_INT(brio_sock_unsent(&n.client.sock), 0);
    brio_sock_read_stop(&n.server.sock);
    CHECK_INT(brio_sock_write(&n.client.sock, &part, 1), 0);
    for (int i = 0; i < 3; i++) /* nobody reads */
        CHECK_OK(brio_loop_run_once(n.loop, 0));
    size_t before = brio_sock_unsent(&n.client.sock);
    CHECK(before > 0 && before <= MANY);
    brio_sock_read_start(&n.server.sock);
    UNTIL(n.loop, n.client.written);
    CHECK_INT(brio_sock_unsent(&n.client.sock), 0);
    UNTIL(n.loop, n.server.in.len == MANY);
    net_close(&n);
    free(bytes);
}

TEST_EACH(half_close_leaves_the_other_direction_open)
{
    net n;
    net_open(&n, backend);
    CHECK(probe_write(&n.client, "question") >= 0);
    brio_sock_shutdown(&n.client.sock);
    CHECK_INT(probe_write(&n.client, "more"), -EPIPE);
    UNTIL(n.loop, n.server.ends);
    CHECK_INT(n.server.end_err, 0);
    CHECK_STR(brio_buf_str(&n.server.in), "question");
    CHECK(probe_write(&n.server, "answer") >= 0);
    UNTIL(n.loop, n.client.in.len == 6);
    brio_sock_close(&n.server.sock);
    UNTIL(n.loop, n.client.ends && n.server.closed);
    CHECK_INT(n.client.end_err, 0);
    net_close(&n);
}

TEST_EACH(data_and_end_together_are_both_told)
{
    net n;
    net_open(&n, backend);
    brio_sock_read_stop(&n.server.sock);
    CHECK(probe_write(&n.client, "bye") >= 0);
    brio_sock_shutdown(&n.client.sock);
    for (int i = 0; i < 20; i++)
        CHECK_OK(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_US(100)));
    CHECK_INT(n.server.data + n.server.ends, 0);
    brio_sock_read_start(&n.server.sock);
    CHECK_INT(n.server.data, 0); /* never inside the call */
    UNTIL(n.loop, n.server.ends);
    CHECK_STR(brio_buf_str(&n.server.in), "bye");
    brio_sock_read_start(&n.server.sock); /* nothing comes after the end */
    CHECK_OK(brio_loop_run_once(n.loop, 0));
    CHECK_INT(n.server.ends, 1);
    net_close(&n);
}

TEST_EACH(stop_and_start_lose_nothing)
{
    net n;
    net_open(&n, backend);
    size_t sent = 0;
    for (int round = 0; round < 200; round++) {
        brio_sock_read_stop(&n.server.sock);
        CHECK(probe_write(&n.client, "0123456789") >= 0);
        sent += 10;
        CHECK_OK(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_US(10)));
        brio_sock_read_start(&n.server.sock);
        if (round % 3 == 0)
            brio_sock_read_stop(&n.server.sock);
        brio_sock_read_start(&n.server.sock);
        UNTIL(n.loop, n.server.in.len == sent && !(n.client.sock.state & 16));
    }
    CHECK_INT(n.server.in.len, sent);
    net_close(&n);
}

/* A chunk may be kept as long as its holder likes. */
typedef struct hoard {
    brio_chunk *first, **last;
    size_t bytes;
} hoard;

static void hoard_data(brio_sock *sock, brio_chunk *chunk)
{
    hoard *h = BRIO_CONTAINER(sock, probe, sock)->user;
    *h->last = chunk;
    h->last = &chunk->next;
    h->bytes += chunk->len;
}

static const brio_sock_events hoard_events = {
    .on_data = hoard_data, .on_end = probe_end, .on_closed = probe_closed};

TEST_EACH(held_chunks_do_not_stop_the_loop)
{
    enum { SIZE = 6 << 20 };
    net n;
    net_open(&n, backend);
    hoard h = {.last = &h.first};
    n.server.user = &h;
    n.server.sock.events = &hoard_events;
    char *data = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (char)(i >> 10);
    brio_str part = {data, SIZE};
    CHECK(brio_sock_write(&n.client.sock, &part, 1) >= 0);
    UNTIL(n.loop, h.bytes == SIZE);
    size_t at = 0;
    while (h.first) {
        brio_chunk *chunk = h.first;
        h.first = chunk->next;
        CHECK(memcmp(chunk->data, data + at, chunk->len) == 0);
        at += chunk->len;
        brio_chunk_release(n.loop, chunk);
    }
    free(data);
    net_close(&n);
}

TEST_EACH(peers_know_each_others_address)
{
    net n;
    net_open(&n, backend);
    char host[64];
    uint16_t port = 0, client_port = 0;
    CHECK_OK(brio_sock_peer(&n.client.sock, host, &port));
    CHECK_STR(brio_str_from(host), "127.0.0.1");
    CHECK_INT(port, brio_acceptor_port(&n.acceptor));
    CHECK_OK(brio_sock_peer(&n.server.sock, host, &client_port));
    CHECK_STR(brio_str_from(host), "127.0.0.1");
    CHECK(client_port > 0);
    CHECK(client_port != port);
    net_close(&n);
    CHECK_INT(brio_sock_peer(&n.client.sock, host, &port), -ENOTCONN);
}

TEST_REAL(a_blocking_socketpair_can_be_adopted)
{
    int fds[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    net n = {.loop = bed_loop(backend)};
    CHECK_OK(brio_sock_open(n.loop, &n.server.sock, fds[0], &probe_events));
    CHECK_OK(brio_sock_open(n.loop, &n.client.sock, fds[1], &probe_events));
    brio_sock_read_start(&n.server.sock);
    CHECK_OK(brio_loop_run_once(n.loop, 0));
    CHECK(probe_write(&n.client, "x") >= 0);
    UNTIL(n.loop, n.server.in.len == 1);
    char host[64];
    uint16_t port = 1;
    CHECK_OK(brio_sock_peer(&n.server.sock, host, &port));
    CHECK_STR(brio_str_from(host), "");
    CHECK_INT(port, 0);
    probe_close(&n, &n.client);
    UNTIL(n.loop, n.server.ends);
    probe_close(&n, &n.server);
    brio_loop_free(n.loop);
}

TEST_REAL(a_nonblocking_socketpair_can_be_adopted)
{
    int fds[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    net n = {.loop = bed_loop(backend)};
    CHECK_OK(brio_sock_open(n.loop, &n.server.sock, fds[0], &probe_events));
    brio_sock_read_start(&n.server.sock);
    CHECK_OK(brio_loop_run_once(n.loop, 0));
    CHECK_INT(write(fds[1], "x", 1), 1);
    UNTIL(n.loop, n.server.in.len == 1);
    size_t size = 4 << 20;
    brio_str part = {calloc(1, size), size};
    CHECK_INT(brio_sock_write(&n.server.sock, &part, 1), 0);
    char sink[65536];
    size_t got = 0;
    while (got < size) {
        ssize_t r = read(fds[1], sink, sizeof sink);
        got += r > 0 ? (size_t)r : 0;
        CHECK_OK(brio_loop_run_once(n.loop, 0));
    }
    UNTIL(n.loop, n.server.written);
    CHECK_INT(n.server.written_err, 0);
    free((void *)(uintptr_t)part.ptr);
    close(fds[1]);
    UNTIL(n.loop, n.server.ends);
    probe_close(&n, &n.server);
    brio_loop_free(n.loop);
}

TEST_EACH(a_closed_descriptor_is_refused)
{
    brio_loop *loop = bed_loop(backend);
    brio_sock sock;
    int fd = dup(0);
    close(fd);
    CHECK_INT(brio_sock_open(loop, &sock, fd, &probe_events), -EBADF);
    brio_loop_free(loop);
}

TEST_EACH(many_connections_are_served_fairly)
{
    enum { N = 100 };
    net n;
    static probe clients[N];
    net_open(&n, backend);
    for (int i = 0; i < N; i++)
        net_connect(&n, &clients[i]);
    int connected = 0;
    while (connected < N) {
        net_turn(n.loop);
        connected = 0;
        for (int i = 0; i < N; i++)
            connected += clients[i].connected;
    }
    UNTIL(n.loop, n.accepted == N + 1);
    for (int i = 0; i < N; i++) {
        CHECK_INT(clients[i].connect_err, 0);
        brio_sock_read_start(&clients[i].sock);
    }
    for (int i = 0; i < N; i++) /* the server discarded them */
        UNTIL(n.loop, clients[i].ends);
    for (int i = 0; i < N; i++)
        probe_close(&n, &clients[i]);
    net_close(&n);
}

/* ---- Large chunks --------------------------------------------------------- */

static void keep_chunk(brio_sock *sock, brio_chunk *chunk)
{
    probe *p = BRIO_CONTAINER(sock, probe, sock);
    chunk->next = p->user;
    p->user = chunk;
}

static const brio_sock_events keep_events = {
    .on_data = keep_chunk, .on_end = probe_end, .on_closed = probe_closed};

/* However many are held: there are few of them, and then come ordinary ones. */
TEST(held_chunks_are_large_up_to_a_number)
{
    enum { MANY = 16 << 20, LARGE = 128 * 1024 };
    net n;
    net_open(&n, BRIO_BACKEND_EPOLL);
    n.server.sock.events = &keep_events;
    brio_sock_read_large(&n.server.sock);
    char *bytes = calloc(1, MANY);
    brio_str part = {bytes, MANY};
    CHECK(brio_sock_write(&n.client.sock, &part, 1) >= 0);
    size_t got = 0, large = 0;
    while (got < MANY) {
        CHECK_OK(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_MS(10)));
        got = large = 0;
        for (const brio_chunk *c = n.server.user; c; c = c->next) {
            got += c->len;
            large += c->cap == LARGE;
        }
    }
    CHECK_INT(got, MANY);
    CHECK(large > 0 && large <= 32);
    for (brio_chunk *c = n.server.user, *next; c; c = next) {
        next = c->next;
        brio_chunk_release(n.loop, c);
    }
    n.server.user = NULL;
    free(bytes);
    net_close(&n);
}
