/* SPDX-License-Identifier: MIT
 *
 * The simulated network's knobs, one by one: what it may do to a connection,
 * and that it does the same again for the same seed. */
#include "loop/bed.h"

/* A net lives where it was opened: its sockets point to themselves. */
#define NET(n, ...)                                                                                \
    net n;                                                                                         \
    brio_loop_options n##_options = {.backend = BRIO_BACKEND_SIM, .sim = {__VA_ARGS__}};           \
    net_open_with(&n, &n##_options)

static brio_time elapsed(const net *n)
{
    return brio_loop_now(n->loop) - BRIO_SEC(1);
}

/* ---- Time --------------------------------------------------------------- */

TEST(jitter_adds_at_most_so_much_and_follows_the_seed)
{
    brio_time seen[20];
    bool differ = false;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        for (int again = 0; again < 2; again++) {
            NET(n, .seed = seed, .latency = BRIO_MS(10), .jitter = BRIO_MS(5));
            brio_time there = elapsed(&n);
            CHECK(there >= BRIO_MS(20) && there <= BRIO_MS(30));
            if (again)
                CHECK_INT(there, seen[seed - 1]);
            seen[seed - 1] = there;
            net_close(&n);
        }
        differ |= seen[seed - 1] != seen[0];
    }
    CHECK(differ);
}

TEST(jitter_never_reorders_a_connection)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        NET(n, .seed = seed, .random_order = true, .jitter = BRIO_MS(50));
        char c[2] = {0};
        for (c[0] = 'a'; c[0] <= 'z'; c[0]++)
            CHECK_INT(probe_write(&n.client, c), 1);
        brio_sock_shutdown(&n.client.sock);
        UNTIL(n.loop, n.server.ends);
        CHECK_STR(brio_buf_str(&n.server.in), "abcdefghijklmnopqrstuvwxyz");
        net_close(&n);
    }
}

TEST(bandwidth_takes_its_time)
{
    NET(n, .latency = BRIO_MS(1), .bandwidth = 1000);
    brio_time start = elapsed(&n);
    CHECK_INT(probe_write(&n.client, "0123456789"), 1);
    CHECK_INT(probe_write(&n.client, "0123456789"), 1);
    UNTIL(n.loop, n.server.in.len == 10);
    CHECK_INT(elapsed(&n) - start, BRIO_MS(11)); /* 10 bytes at 1 ms each, and the way */
    UNTIL(n.loop, n.server.in.len == 20);
    CHECK_INT(elapsed(&n) - start, BRIO_MS(21));
    net_close(&n);
}

TEST(each_direction_has_a_bandwidth_of_its_own)
{
    NET(n, .bandwidth = 1000);
    brio_time start = elapsed(&n);
    CHECK_INT(probe_write(&n.client, "0123456789"), 1);
    CHECK_INT(probe_write(&n.server, "0123456789"), 1);
    UNTIL(n.loop, n.server.in.len == 10 && n.client.in.len == 10);
    CHECK_INT(elapsed(&n) - start, BRIO_MS(10));
    net_close(&n);
}

/* ---- Pieces ------------------------------------------------------------- */

TEST(short_reads_split_by_the_seed_and_lose_nothing)
{
    int least = 1000, most = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        NET(n, .seed = seed, .short_reads = true);
        CHECK_INT(probe_write(&n.client, "the quick brown fox"), 1);
        UNTIL(n.loop, n.server.in.len == 19);
        CHECK_STR(brio_buf_str(&n.server.in), "the quick brown fox");
        least = n.server.data < least ? n.server.data : least;
        most = n.server.data > most ? n.server.data : most;
        net_close(&n);
    }
    CHECK(least < most);
    CHECK(most > 3);
}

TEST(short_writes_end_with_on_written_and_lose_nothing)
{
    int deferred = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        NET(n, .seed = seed, .short_writes = true);
        int rc = probe_write(&n.client, "the quick brown fox");
        CHECK(rc == 0 || rc == 1);
        deferred += rc == 0;
        UNTIL(n.loop, n.server.in.len == 19 && n.client.written == (rc == 0));
        CHECK_INT(n.client.written_err, 0);
        CHECK_STR(brio_buf_str(&n.server.in), "the quick brown fox");
        net_close(&n);
    }
    CHECK(deferred > 100);
}

/* The rest goes out even if the peer does not read: there is room. */
TEST(a_short_write_does_not_wait_for_the_reader)
{
    NET(n, .seed = 3, .short_writes = true);
    brio_sock_read_stop(&n.server.sock);
    int rc = probe_write(&n.client, "the quick brown fox");
    CHECK_INT(rc, 0);
    UNTIL(n.loop, n.client.written);
    CHECK_INT(n.server.in.len, 0);
    net_close(&n);
}

/* ---- Resets ------------------------------------------------------------- */

TEST(resets_come_as_often_as_asked)
{
    int resets = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        NET(n, .seed = seed, .reset_per_million = 500000);
        CHECK_INT(probe_write(&n.client, "x"), 1);
        UNTIL(n.loop, n.server.in.len || n.server.ends);
        if (n.server.ends) {
            CHECK_INT(n.server.end_err, -ECONNRESET);
            resets++;
        }
        net_close(&n);
    }
    CHECK(resets > 50 && resets < 150);
}

TEST(a_million_of_a_million_is_always)
{
    NET(n, .reset_per_million = 1000000);
    CHECK_INT(probe_write(&n.client, "x"), 1);
    UNTIL(n.loop, n.server.ends && n.client.ends);
    CHECK_INT(n.server.end_err, -ECONNRESET);
    CHECK_INT(n.client.end_err, -ECONNRESET);
    CHECK_INT(n.server.in.len, 0);
    net_close(&n);
}

/* ---- Half-close --------------------------------------------------------- */

TEST(a_half_closed_connection_still_carries_the_other_way)
{
    NET(n, .latency = BRIO_MS(1), .short_reads = true, .short_writes = true);
    brio_sock_shutdown(&n.client.sock);
    UNTIL(n.loop, n.server.ends);
    CHECK_INT(n.server.end_err, 0);
    CHECK_INT(probe_write(&n.client, "no"), -EPIPE);
    CHECK(probe_write(&n.server, "late news") >= 0);
    UNTIL(n.loop, n.client.in.len == 9);
    CHECK_INT(n.client.ends, 0);
    net_close(&n);
}

/* ---- Connecting --------------------------------------------------------- */

typedef struct caller {
    net n;
    probe p;
} caller;

static void call(caller *c, brio_sim_options sim)
{
    memset(c, 0, sizeof *c);
    brio_loop_options options = {.backend = BRIO_BACKEND_SIM, .sim = sim};
    net_listen(&c->n, bed_loop_with(&options));
    net_connect(&c->n, &c->p);
}

static void hang_up(caller *c)
{
    probe_close(&c->n, &c->p);
    net_close(&c->n);
}

TEST(a_connect_may_be_refused_though_somebody_listens)
{
    caller c;
    call(&c, (brio_sim_options){.latency = BRIO_MS(3), .refuse_per_million = 1000000});
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(c.p.connect_err, -ECONNREFUSED);
    CHECK_INT(elapsed(&c.n), BRIO_MS(6));
    CHECK_INT(c.n.accepted, 0);
    hang_up(&c);
}

TEST(a_lost_connect_times_out_like_linux)
{
    caller c;
    call(&c, (brio_sim_options){.lose_per_million = 1000000});
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(c.p.connect_err, -ETIMEDOUT);
    CHECK_INT(elapsed(&c.n), BRIO_SEC(127));
    hang_up(&c);
}

TEST(the_connect_timeout_is_an_option)
{
    caller c;
    call(&c, (brio_sim_options){.lose_per_million = 1000000, .connect_timeout = BRIO_MS(2500)});
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(c.p.connect_err, -ETIMEDOUT);
    CHECK_INT(elapsed(&c.n), BRIO_MS(2500));
    hang_up(&c);
}

TEST(a_lost_connect_can_be_given_up)
{
    caller c;
    call(&c, (brio_sim_options){.lose_per_million = 1000000});
    hang_up(&c);
}

/* ---- Backlog: pause and resume ------------------------------------------ */

TEST(a_paused_acceptor_leaves_connections_in_the_backlog)
{
    caller c;
    call(&c, (brio_sim_options){0});
    brio_acceptor_pause(&c.n.acceptor);
    brio_acceptor_pause(&c.n.acceptor);
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(c.p.connect_err, 0); /* the kernel has it */
    CHECK_INT(c.n.accepted, 0);
    CHECK_INT(probe_write(&c.p, "early"), 1);
    brio_acceptor_resume(&c.n.acceptor);
    brio_acceptor_resume(&c.n.acceptor);
    CHECK_INT(c.n.accepted, 0); /* not inside the call */
    UNTIL(c.n.loop, c.n.accepted);
    brio_sock_read_start(&c.n.server.sock);
    UNTIL(c.n.loop, c.n.server.in.len == 5);
    hang_up(&c);
}

TEST(beyond_the_backlog_connects_try_again)
{
    caller c;
    probe second = {0};
    call(&c, (brio_sim_options){.backlog = 1});
    brio_acceptor_pause(&c.n.acceptor);
    net_connect(&c.n, &second);
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(second.connected, 0);
    brio_acceptor_resume(&c.n.acceptor);
    UNTIL(c.n.loop, second.connected);
    CHECK_INT(second.connect_err, 0);
    CHECK_INT(elapsed(&c.n), BRIO_SEC(1));
    UNTIL(c.n.loop, c.n.accepted == 2);
    probe_close(&c.n, &second);
    hang_up(&c);
}

TEST(closing_a_paused_acceptor_resets_its_backlog)
{
    caller c;
    call(&c, (brio_sim_options){0});
    brio_acceptor_pause(&c.n.acceptor);
    UNTIL(c.n.loop, c.p.connected);
    brio_sock_read_start(&c.p.sock);
    brio_acceptor_close(&c.n.acceptor);
    UNTIL(c.n.loop, c.n.acceptor_closed && c.p.ends);
    CHECK_INT(c.p.end_err, -ECONNRESET);
    probe_close(&c.n, &c.p);
    brio_loop_free(c.n.loop);
}

/* ---- The cut ------------------------------------------------------------ */

TEST(a_cut_stalls_a_connection_both_ways_until_healed)
{
    NET(n, .latency = BRIO_MS(1));
    CHECK_OK(brio_loop_sim_partition(n.loop, 100)); /* the server's port, 80, is below */
    CHECK_INT(probe_write(&n.client, "ping"), 1);
    CHECK_INT(probe_write(&n.server, "pong"), 1);
    int rc = 0;
    for (int i = 0; i < 100 && rc >= 0; i++)
        rc = brio_loop_run_once(n.loop, BRIO_NEVER);
    CHECK_INT(rc, BRIO_EDEADLOCK);
    CHECK_INT(n.server.in.len + n.client.in.len, 0);
    CHECK_OK(brio_loop_sim_heal(n.loop));
    brio_time healed = elapsed(&n);
    UNTIL(n.loop, n.server.in.len == 4 && n.client.in.len == 4);
    CHECK_INT(elapsed(&n) - healed, BRIO_MS(1));
    net_close(&n);
}

TEST(a_cut_between_others_changes_nothing)
{
    NET(n, .latency = BRIO_MS(1));
    CHECK_OK(brio_loop_sim_partition(n.loop, 80)); /* ports below 80, not 80 */
    CHECK_INT(probe_write(&n.client, "ping"), 1);
    UNTIL(n.loop, n.server.in.len == 4);
    net_close(&n);
}

TEST(what_arrived_before_the_cut_can_be_read)
{
    NET(n, .latency = BRIO_MS(1));
    brio_sock_read_stop(&n.server.sock);
    CHECK_INT(probe_write(&n.client, "old"), 1);
    CHECK_OK(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_MS(5)));
    CHECK_OK(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_MS(5)));
    CHECK_OK(brio_loop_sim_partition(n.loop, 100));
    CHECK_INT(probe_write(&n.client, "new"), 1);
    brio_sock_read_start(&n.server.sock);
    int rc = 0;
    for (int i = 0; i < 100 && rc >= 0; i++)
        rc = brio_loop_run_once(n.loop, BRIO_NEVER);
    CHECK_STR(brio_buf_str(&n.server.in), "old");
    CHECK_OK(brio_loop_sim_heal(n.loop));
    UNTIL(n.loop, n.server.in.len == 6);
    CHECK_STR(brio_buf_str(&n.server.in), "oldnew");
    net_close(&n);
}

TEST(the_end_of_a_stream_waits_for_healing_too)
{
    NET(n, .latency = BRIO_MS(1));
    CHECK_OK(brio_loop_sim_partition(n.loop, 100));
    brio_sock_shutdown(&n.client.sock);
    CHECK_OK(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_SEC(5)));
    CHECK_INT(n.server.ends, 0);
    CHECK_OK(brio_loop_sim_heal(n.loop));
    UNTIL(n.loop, n.server.ends);
    CHECK_INT(n.server.end_err, 0);
    net_close(&n);
}

TEST(a_connect_across_the_cut_times_out)
{
    caller c;
    call(&c, (brio_sim_options){.latency = BRIO_MS(1), .connect_timeout = BRIO_SEC(5)});
    CHECK_OK(brio_loop_sim_partition(c.n.loop, 100));
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(c.p.connect_err, -ETIMEDOUT);
    CHECK_INT(elapsed(&c.n), BRIO_SEC(5));
    hang_up(&c);
}

TEST(a_connect_across_a_healed_cut_succeeds)
{
    caller c;
    call(&c, (brio_sim_options){.latency = BRIO_MS(1)});
    CHECK_OK(brio_loop_sim_partition(c.n.loop, 100));
    CHECK_OK(brio_loop_run_once(c.n.loop, BRIO_NEVER));
    CHECK_INT(c.p.connected, 0);
    CHECK_OK(brio_loop_sim_heal(c.n.loop));
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(c.p.connect_err, 0);
    CHECK_INT(elapsed(&c.n), BRIO_SEC(1) + BRIO_MS(2)); /* at the second try */
    hang_up(&c);
}

TEST(a_cut_connection_can_be_closed)
{
    NET(n, .latency = BRIO_MS(1));
    CHECK_INT(probe_write(&n.client, "ping"), 1);
    CHECK_OK(brio_loop_sim_partition(n.loop, 100));
    net_close(&n);
}

/* ---- Planned faults ----------------------------------------------------- */

TEST(the_calls_of_the_network_are_counted)
{
    NET(n, .seed = 1);
    CHECK_INT(brio_loop_sim_fault(n.loop, 0, 0), 3); /* listen, connect, accept */
    CHECK_INT(probe_write(&n.client, "x"), 1);
    UNTIL(n.loop, n.server.in.len);
    CHECK_INT(brio_loop_sim_fault(n.loop, 0, 0), 2); /* write, read */
    CHECK_INT(brio_loop_sim_fault(n.loop, 0, 0), 0);
    net_close(&n);
}

TEST(a_write_can_fail)
{
    NET(n, .seed = 1);
    (void)brio_loop_sim_fault(n.loop, 1, -ETIMEDOUT);
    CHECK_INT(probe_write(&n.client, "x"), -ETIMEDOUT);
    UNTIL(n.loop, n.server.ends && n.client.ends);
    CHECK_INT(n.server.end_err, -ECONNRESET);
    CHECK_INT(n.client.end_err, -ETIMEDOUT);
    CHECK_INT(probe_write(&n.client, "y"), -ECONNRESET);
    net_close(&n);
}

TEST(a_read_can_fail)
{
    NET(n, .seed = 1);
    (void)brio_loop_sim_fault(n.loop, 2, -EIO);
    CHECK_INT(probe_write(&n.client, "x"), 1);
    UNTIL(n.loop, n.server.ends);
    CHECK_INT(n.server.end_err, -EIO);
    CHECK_INT(n.server.in.len, 0);
    net_close(&n);
}

TEST(a_connect_can_fail)
{
    caller c;
    memset(&c, 0, sizeof c);
    net_listen(&c.n, bed_loop(BRIO_BACKEND_SIM));
    (void)brio_loop_sim_fault(c.n.loop, 1, -EHOSTUNREACH);
    net_connect(&c.n, &c.p);
    UNTIL(c.n.loop, c.p.connected);
    CHECK_INT(c.p.connect_err, -EHOSTUNREACH);
    hang_up(&c);
}

TEST(a_listen_can_fail)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_SIM);
    brio_acceptor a;
    (void)brio_loop_sim_fault(loop, 1, -EACCES);
    CHECK_INT(brio_acceptor_open_sim(loop, &a, 80), -EACCES);
    brio_loop_free(loop);
}

TEST(an_accept_without_descriptors_waits_a_second)
{
    caller c;
    call(&c, (brio_sim_options){0});
    (void)brio_loop_sim_fault(c.n.loop, 1, -EMFILE);
    UNTIL(c.n.loop, c.n.accepted);
    CHECK_INT(elapsed(&c.n), BRIO_SEC(1));
    CHECK_INT(c.p.connect_err, 0);
    hang_up(&c);
}

TEST(an_accept_that_fails_otherwise_loses_that_connection_only)
{
    caller c;
    probe second = {0};
    call(&c, (brio_sim_options){0});
    (void)brio_loop_sim_fault(c.n.loop, 1, -ECONNABORTED);
    UNTIL(c.n.loop, c.p.connected);
    brio_sock_read_start(&c.p.sock);
    UNTIL(c.n.loop, c.p.ends);
    CHECK_INT(c.p.end_err, -ECONNRESET);
    net_connect(&c.n, &second);
    UNTIL(c.n.loop, c.n.accepted);
    probe_close(&c.n, &second);
    hang_up(&c);
}

TEST(only_the_simulator_has_these)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_EPOLL);
    CHECK_INT(brio_loop_sim_partition(loop, 1), -ENOTSUP);
    CHECK_INT(brio_loop_sim_heal(loop), -ENOTSUP);
    CHECK_INT(brio_loop_sim_fault(loop, 1, -EIO), 0);
    brio_loop_free(loop);
}

/* ---- Everything at once ------------------------------------------------- */

static void echo(probe *p, brio_str bytes)
{
    brio_buf_add(&p->in, bytes);
}

/* Whatever the network does to it: what arrives is a prefix of what was sent. */
TEST(a_hostile_network_never_invents_bytes)
{
    static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (uint64_t seed = 1; seed <= 300; seed++) {
        NET(n, .seed = seed, .random_order = true, .short_reads = true, .short_writes = true,
            .latency = BRIO_MS(2), .jitter = BRIO_MS(3), .bandwidth = 100000, .socket_buffer = 16,
            .reset_per_million = 50000);
        n.server.on_data = echo;
        int rc = probe_write(&n.client, text);
        CHECK_INT(rc, 0);
        UNTIL(n.loop, n.server.ends || n.server.in.len == sizeof text - 1);
        brio_str got = brio_buf_str(&n.server.in);
        CHECK(brio_str_starts(BRIO_S("0123456789abcdefghijklmnopqrstuvwxyz"), got));
        UNTIL(n.loop, n.client.written);
        CHECK(n.client.written_err == 0 || n.client.written_err == -ECONNRESET);
        net_close(&n);
    }
}
