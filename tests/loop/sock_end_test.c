/* SPDX-License-Identifier: MIT
 *
 * The ends of sockets: resets, refusals, and closing in every awkward place. */
#include "loop/bed.h"

static char big[32 << 20]; /* more than the kernel and the loop take ahead together */

static brio_str big_part(void)
{
    return (brio_str){big, sizeof big};
}

/* Closing with unread bytes resets, on Linux as in sim. */
static void reset_by(net *n, probe *closer, probe *other)
{
    brio_sock_read_stop(&closer->sock);
    CHECK(probe_write(other, "never read") >= 0);
    for (int i = 0; i < 20; i++)
        CHECK_OK(brio_loop_run_once(n->loop, brio_loop_now(n->loop) + BRIO_US(200)));
    brio_sock_close(&closer->sock);
    UNTIL(n->loop, closer->closed);
}

static void settle(net *n)
{
    for (int i = 0; i < 20; i++)
        CHECK_OK(brio_loop_run_once(n->loop, brio_loop_now(n->loop) + BRIO_US(200)));
}

TEST_EACH(a_reset_ends_the_stream_exactly_once)
{
    net n;
    net_open(&n, backend);
    reset_by(&n, &n.client, &n.server);
    UNTIL(n.loop, n.server.ends);
    settle(&n);
    CHECK_INT(n.server.ends, 1);
    CHECK_INT(n.server.end_err, -ECONNRESET);
    CHECK(probe_write(&n.server, "x") < 0);
    net_close(&n);
}

TEST_EACH(a_reset_met_by_a_write_is_still_told_to_the_reader)
{
    net n;
    net_open(&n, backend);
    brio_sock_read_stop(&n.server.sock);
    reset_by(&n, &n.client, &n.server);
    settle(&n);
    int rc = 0;
    for (int i = 0; i < 100 && rc >= 0; i++) {
        rc = probe_write(&n.server, "x");
        rc = rc == -EBUSY ? 0 : rc;
        settle(&n);
    }
    CHECK(rc == -ECONNRESET || rc == -EPIPE);
    CHECK_INT(n.server.ends, 0);
    brio_sock_read_start(&n.server.sock);
    UNTIL(n.loop, n.server.ends);
    CHECK_INT(n.server.end_err, -ECONNRESET);
    net_close(&n);
}

TEST_EACH(a_reset_fails_a_pending_write)
{
    net n;
    net_open(&n, backend);
    brio_sock_read_stop(&n.client.sock);
    brio_str part = big_part();
    CHECK_INT(brio_sock_write(&n.server.sock, &part, 1), 0);
    settle(&n);
    CHECK_INT(n.server.written, 0);
    brio_sock_close(&n.client.sock);
    UNTIL(n.loop, n.server.written && n.server.ends);
    CHECK(n.server.written_err == -ECONNRESET || n.server.written_err == -EPIPE);
    CHECK_INT(n.server.end_err, -ECONNRESET);
    CHECK_INT(n.server.written, 1);
    CHECK_INT(n.server.ends, 1);
    net_close(&n);
}

TEST_EACH(a_write_to_a_closed_peer_fails_in_the_end)
{
    net n;
    net_open(&n, backend);
    brio_sock_close(&n.client.sock);
    UNTIL(n.loop, n.server.ends);
    CHECK_INT(n.server.end_err, 0);
    int rc = 0;
    for (int i = 0; i < 100 && rc >= 0; i++) {
        rc = probe_write(&n.server, "x");
        rc = rc == -EBUSY ? 0 : rc;
        settle(&n);
    }
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    CHECK_INT(n.server.ends, 1);
    net_close(&n);
}

TEST_EACH(a_refused_connection_is_told)
{
    net n;
    net_open(&n, backend);
    uint16_t port = (uint16_t)brio_acceptor_port(&n.acceptor);
    brio_acceptor_close(&n.acceptor);
    UNTIL(n.loop, n.acceptor_closed);
    probe late = {0};
    struct sockaddr_storage addr;
    unsigned len;
    CHECK_OK(brio_address_parse(&addr, &len, "localhost", port));
    CHECK_OK(brio_sock_connect(n.loop, &late.sock, (struct sockaddr *)&addr, len, &probe_events));
    CHECK_INT(late.connected, 0);
    CHECK_INT(probe_write(&late, "early"), -ENOTCONN);
    UNTIL(n.loop, late.connected);
    CHECK_INT(late.connect_err, -ECONNREFUSED);
    brio_sock_read_start(&late.sock);
    settle(&n);
    CHECK_INT(late.ends + late.data, 0);
    CHECK(probe_write(&late, "x") < 0);
    probe_close(&n, &late);
    probe_close(&n, &n.client);
    probe_close(&n, &n.server);
    brio_loop_free(n.loop);
}

static void close_at_once(probe *p, brio_str bytes)
{
    (void)bytes;
    brio_sock_close(&p->sock);
    brio_sock_close(&p->sock); /* twice is once */
    CHECK_INT(p->closed, 0);
}

TEST_EACH(close_inside_on_data)
{
    net n;
    net_open(&n, backend);
    n.server.on_data = close_at_once;
    brio_str part = big_part();
    CHECK(brio_sock_write(&n.client.sock, &part, 1) >= 0);
    UNTIL(n.loop, n.server.closed);
    CHECK_INT(n.server.data, 1);
    CHECK_INT(n.server.ends, 0);
    CHECK_INT(probe_write(&n.server, "x"), -EPIPE);
    UNTIL(n.loop, n.client.ends);
    net_close(&n);
}

static void close_on_end(probe *p)
{
    brio_sock_close(&p->sock);
}

TEST_EACH(close_inside_on_end)
{
    net n;
    net_open(&n, backend);
    n.server.on_end = close_on_end;
    brio_sock_shutdown(&n.client.sock);
    UNTIL(n.loop, n.server.closed);
    CHECK_INT(n.server.ends, 1);
    UNTIL(n.loop, n.client.ends);
    CHECK_INT(n.client.end_err, 0);
    net_close(&n);
}

TEST_EACH(close_inside_on_written)
{
    net n;
    net_open(&n, backend);
    n.client.on_written = close_on_end;
    brio_str part = big_part();
    int rc = brio_sock_write(&n.client.sock, &part, 1);
    CHECK_INT(rc, 0);
    UNTIL(n.loop, n.client.closed && n.server.ends);
    CHECK_INT(n.server.in.len, sizeof big);
    CHECK_INT(n.server.end_err, 0);
    net_close(&n);
}

static void close_the_other(probe *p, brio_str bytes)
{
    (void)bytes;
    probe *other = p->user;
    brio_sock_close(&other->sock);
}

TEST_EACH(a_socket_may_close_another_with_events_of_its_own)
{
    net n;
    net_open(&n, backend);
    n.server.on_data = n.client.on_data = close_the_other;
    n.server.user = &n.client;
    n.client.user = &n.server;
    CHECK(probe_write(&n.client, "a") >= 0);
    CHECK(probe_write(&n.server, "b") >= 0);
    UNTIL(n.loop, n.client.closed || n.server.closed);
    net_close(&n);
    CHECK_INT(n.client.data + n.server.data, 1);
}

TEST_EACH(close_drops_a_pending_write)
{
    net n;
    net_open(&n, backend);
    brio_sock_read_stop(&n.server.sock);
    brio_str part = big_part();
    CHECK_INT(brio_sock_write(&n.client.sock, &part, 1), 0);
    settle(&n);
    brio_sock_close(&n.client.sock);
    UNTIL(n.loop, n.client.closed);
    CHECK_INT(n.client.written, 0);
    brio_sock_read_start(&n.server.sock);
    UNTIL(n.loop, n.server.ends);
    CHECK(n.server.in.len < sizeof big);
    net_close(&n);
}

TEST_EACH(close_before_the_connection_stands)
{
    net n = {0};
    net_listen(&n, bed_loop(backend));
    net_connect(&n, &n.client);
    brio_sock_close(&n.client.sock);
    UNTIL(n.loop, n.client.closed);
    CHECK_INT(n.client.connected, 0);
    n.client.sock.loop = NULL;
    settle(&n);
    net_close(&n);
}

TEST_EACH(a_write_before_close_still_arrives)
{
    net n;
    net_open(&n, backend);
    int rc = probe_write(&n.client, "last words");
    CHECK_OK(rc);
    UNTIL(n.loop, rc == 1 || n.client.written);
    brio_sock_close(&n.client.sock);
    UNTIL(n.loop, n.server.ends);
    CHECK_STR(brio_buf_str(&n.server.in), "last words");
    CHECK_INT(n.server.end_err, 0);
    net_close(&n);
}

TEST_EACH(an_unopened_descriptor_can_be_discarded)
{
    net n;
    net_open(&n, backend);
    probe late = {0};
    net_connect(&n, &late);
    UNTIL(n.loop, late.connected && n.accepted == 2);
    CHECK_INT(late.connect_err, 0);
    brio_sock_read_start(&late.sock);
    UNTIL(n.loop, late.ends);
    CHECK_INT(late.end_err, 0);
    probe_close(&n, &late);
    net_close(&n);
}
