/* SPDX-License-Identifier: MIT
 *
 * What only the simulated kernel does: exact time, seeds, planned faults. */
#include "loop/bed.h"

#include <pthread.h>

static brio_loop_options sim_with(brio_sim_options sim)
{
    return (brio_loop_options){.backend = BRIO_BACKEND_SIM, .sim = sim};
}

typedef struct tick {
    brio_timer timer;
    brio_loop *loop;
    brio_time at;
} tick;

static void on_tick(brio_timer *timer)
{
    tick *t = BRIO_CONTAINER(timer, tick, timer);
    t->at = brio_loop_now(t->loop);
}

TEST(time_jumps_exactly)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_SIM);
    CHECK_INT(brio_loop_now(loop), BRIO_SEC(1));
    CHECK_INT(brio_loop_wall(loop), BRIO_SEC(946684801));
    tick year = {.timer = {.fn = on_tick}, .loop = loop};
    tick nano = {.timer = {.fn = on_tick}, .loop = loop};
    brio_timer_start(loop, &year.timer, brio_loop_now(loop) + BRIO_SEC(86400 * 365));
    brio_timer_start(loop, &nano.timer, brio_loop_now(loop) + 1);
    CHECK_INT(brio_loop_run_once(loop, BRIO_NEVER), 1);
    CHECK_INT(nano.at, BRIO_SEC(1) + 1);
    CHECK_INT(brio_loop_run_once(loop, nano.at + 500), 0);
    CHECK_INT(brio_loop_now(loop), nano.at + 500);
    CHECK_INT(brio_loop_run_once(loop, BRIO_NEVER), 1);
    CHECK_INT(year.at, BRIO_SEC(1 + 86400 * 365));
    brio_loop_free(loop);
}

TEST(nothing_that_can_wake_is_a_deadlock)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_SIM);
    CHECK_INT(brio_loop_run(loop), BRIO_EDEADLOCK);
    CHECK_INT(brio_loop_run_once(loop, BRIO_NEVER), BRIO_EDEADLOCK);
    CHECK_INT(brio_loop_run_once(loop, 0), 0);
    CHECK(brio_loop_current() == NULL);
    brio_loop_free(loop);
}

/* A socket that waits for a silent peer is a deadlock too. */
TEST(a_silent_network_is_a_deadlock)
{
    net n;
    net_open(&n, BRIO_BACKEND_SIM);
    int rc = 0;
    for (int i = 0; i < 100 && rc >= 0; i++)
        rc = brio_loop_run_once(n.loop, BRIO_NEVER);
    CHECK_INT(rc, BRIO_EDEADLOCK);
    net_close(&n);
}

typedef struct work {
    brio_callback done;
    brio_loop *loop;
    tick *tick;
    brio_time done_at;
} work;

static void on_work_done(brio_callback *cb)
{
    work *w = BRIO_CONTAINER(cb, work, done);
    w->done_at = brio_loop_now(w->loop);
    brio_loop_unhold(w->loop);
}

static void *work_elsewhere(void *arg)
{
    work *w = arg;
    usleep(20000);
    brio_loop_post(w->loop, &w->done);
    return NULL;
}

TEST(a_hold_stops_the_clock)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_SIM);
    tick t = {.timer = {.fn = on_tick}, .loop = loop};
    work w = {.done = {.fn = on_work_done}, .loop = loop};
    brio_time start = brio_loop_now(loop);
    brio_timer_start(loop, &t.timer, start + BRIO_MS(1));
    brio_loop_hold(loop);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, work_elsewhere, &w), 0);
    UNTIL(loop, t.at);
    CHECK_INT(w.done_at, start); /* before the timer, however long it took */
    CHECK_INT(t.at, start + BRIO_MS(1));
    pthread_join(thread, NULL);
    brio_loop_free(loop);
}

TEST(latency_is_virtual_time)
{
    net n;
    brio_loop_options options = sim_with((brio_sim_options){.latency = BRIO_MS(10)});
    net_open_with(&n, &options);
    CHECK_INT(brio_loop_now(n.loop), BRIO_SEC(1) + BRIO_MS(20)); /* there and back */
    CHECK_INT(probe_write(&n.client, "ping"), 1);
    UNTIL(n.loop, n.server.in.len == 4);
    CHECK_INT(brio_loop_now(n.loop), BRIO_SEC(1) + BRIO_MS(30));
    brio_sock_shutdown(&n.server.sock);
    UNTIL(n.loop, n.client.ends);
    CHECK_INT(brio_loop_now(n.loop), BRIO_SEC(1) + BRIO_MS(40));
    net_close(&n);
}

TEST(segments_split_what_was_written)
{
    net n;
    brio_loop_options options = sim_with((brio_sim_options){.max_segment = 1});
    net_open_with(&n, &options);
    CHECK_INT(probe_write(&n.client, "abcdef"), 1);
    UNTIL(n.loop, n.server.in.len == 6);
    CHECK_INT(n.server.data, 6);
    CHECK_STR(brio_buf_str(&n.server.in), "abcdef");
    net_close(&n);
}

TEST(a_write_stays_one_piece_without_a_segment_limit)
{
    net n;
    net_open(&n, BRIO_BACKEND_SIM);
    CHECK_INT(probe_write(&n.client, "one"), 1);
    CHECK_INT(probe_write(&n.client, "two"), 1);
    UNTIL(n.loop, n.server.in.len == 6);
    CHECK_INT(n.server.data, 2);
    net_close(&n);
}

TEST(a_full_buffer_holds_the_writer)
{
    net n;
    brio_loop_options options = sim_with((brio_sim_options){.socket_buffer = 4});
    net_open_with(&n, &options);
    brio_sock_read_stop(&n.server.sock);
    CHECK_INT(probe_write(&n.client, "123456"), 0);
    CHECK_INT(brio_loop_run_once(n.loop, brio_loop_now(n.loop) + BRIO_SEC(1)) < 0, 0);
    CHECK_INT(n.client.written, 0);
    brio_sock_read_start(&n.server.sock);
    UNTIL(n.loop, n.client.written && n.server.in.len == 6);
    CHECK_STR(brio_buf_str(&n.server.in), "123456");
    net_close(&n);
}

TEST(every_nth_segment_resets)
{
    net n;
    brio_loop_options options = sim_with((brio_sim_options){.reset_every = 3});
    net_open_with(&n, &options);
    CHECK_INT(probe_write(&n.client, "a"), 1);
    CHECK_INT(probe_write(&n.client, "b"), 1);
    CHECK_INT(probe_write(&n.client, "c"), 1);
    UNTIL(n.loop, n.server.ends && n.client.ends);
    CHECK_STR(brio_buf_str(&n.server.in), "ab");
    CHECK_INT(n.server.end_err, -ECONNRESET);
    CHECK_INT(n.client.end_err, -ECONNRESET);
    CHECK_INT(probe_write(&n.client, "d"), -ECONNRESET);
    net_close(&n);
}

typedef struct racer {
    brio_callback cb;
    brio_buf *trace;
    char c;
} racer;

static void on_race(brio_callback *cb)
{
    racer *r = BRIO_CONTAINER(cb, racer, cb);
    brio_buf_char(r->trace, r->c);
}

static brio_buf race(uint64_t seed)
{
    brio_loop_options options = sim_with((brio_sim_options){.seed = seed, .random_order = true});
    brio_loop *loop = bed_loop_with(&options);
    brio_buf trace = {0};
    racer racers[20];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
            racers[i] = (racer){.cb = {.fn = on_race}, .trace = &trace, .c = (char)('a' + i)};
            brio_loop_call_soon(loop, &racers[i].cb);
        }
        CHECK_INT(brio_loop_run_once(loop, 0), 20);
    }
    brio_loop_free(loop);
    return trace;
}

TEST(a_seed_replays_its_run_and_another_differs)
{
    brio_buf a = race(7), again = race(7), b = race(8);
    CHECK_INT(a.len, 60);
    CHECK(brio_str_eq(brio_buf_str(&a), brio_buf_str(&again)));
    CHECK(!brio_str_eq(brio_buf_str(&a), brio_buf_str(&b)));
    int count[26] = {0};
    for (size_t i = 0; i < a.len; i++)
        count[a.ptr[i] - 'a']++;
    for (int i = 0; i < 20; i++)
        CHECK_INT(count[i], 3); /* shuffled, nothing lost */
    brio_buf_fini(&a);
    brio_buf_fini(&again);
    brio_buf_fini(&b);
}

TEST(random_numbers_come_from_the_seed)
{
    brio_loop_options options = sim_with((brio_sim_options){.seed = 5});
    brio_loop *a = bed_loop_with(&options), *b = bed_loop_with(&options);
    for (int i = 0; i < 10; i++)
        CHECK(brio_loop_random(a) == brio_loop_random(b));
    CHECK(brio_loop_random(a) != brio_loop_random(a));
    brio_loop_free(a);
    brio_loop_free(b);
}

TEST(connections_left_unopened_are_freed_with_the_loop)
{
    net n = {0};
    net_listen(&n, bed_loop(BRIO_BACKEND_SIM));
    net_connect(&n, &n.client);
    UNTIL(n.loop, n.client.connected);
    probe_close(&n, &n.client);
    brio_acceptor_close(&n.acceptor);
    UNTIL(n.loop, n.acceptor_closed);
    probe_close(&n, &n.server);
    brio_loop_free(n.loop);
}

TEST(other_address_families_are_refused)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_SIM);
    struct sockaddr_storage addr;
    unsigned len;
    brio_sock sock;
    CHECK_OK(brio_address_unix(&addr, &len, "/tmp/x"));
    CHECK_INT(brio_sock_connect(loop, &sock, (struct sockaddr *)&addr, len, &probe_events),
              -EAFNOSUPPORT);
    brio_acceptor a;
    int fd = brio_socket_listen(&(brio_listen_options){0});
    CHECK_INT(brio_acceptor_open(loop, &a, fd), -ENOTSUP);
    brio_loop_free(loop);
}
