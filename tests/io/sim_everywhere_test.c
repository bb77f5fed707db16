/* SPDX-License-Identifier: MIT
 *
 * Streams under all that can go wrong: a server and its clients on networks
 * from perfect to hostile, re-run once per step cancelled, per allocation
 * refused and per call of the network failed. Nothing may hang or stay open,
 * and what is read is what was sent, as far as it goes. */
#include "io/bed.h"

#include <brio/net.h>

static const brio_sim_options perfect;
static const brio_sim_options in_pieces = {
    .short_reads = true, .short_writes = true, .socket_buffer = 16};
static const brio_sim_options far_away = {
    .latency = BRIO_MS(20), .jitter = BRIO_MS(10), .bandwidth = 10000};
static const brio_sim_options hostile = {.short_reads = true,
                                         .short_writes = true,
                                         .socket_buffer = 16,
                                         .latency = BRIO_MS(2),
                                         .jitter = BRIO_MS(2),
                                         .reset_per_million = 30000,
                                         .refuse_per_million = 100000,
                                         .lose_per_million = 50000};

/* A failure of the network is an answer; the point is that it ends. */
static int as_answer(int rc)
{
    return rc == -ECONNRESET || rc == -EPIPE || rc == -ECONNREFUSED || rc == -ETIMEDOUT ||
                   rc == BRIO_ECLOSED
               ? 0
               : rc;
}

static void survives(brio_task_fn *fn, const brio_sim_options *net, unsigned seeds)
{
    brio_sim sim = {.seeds = seeds, .net = net, .cancel_everywhere = true};
    sim.deadline_everywhere = sim.fail_every_alloc = sim.fail_every_syscall = true;
    CHECK_INT(brio_sim_run(&sim, fn, NULL), 0);
}

/* ---- Echo --------------------------------------------------------------- */

static const char text[] = "the quick brown fox jumps over the lazy dog";

static int echoes(void *arg)
{
    brio_stream *s = arg;
    char bytes[16];
    ptrdiff_t n = 0;
    int rc = 0;
    while (rc == 0 && (n = brio_stream_read(s, bytes, sizeof bytes)) > 0)
        rc = brio_stream_write(s, (brio_str){bytes, (size_t)n});
    brio_stream_close(s);
    return as_answer(rc < 0 ? rc : (int)n);
}

/* Eager: a task cancelled before its first turn could not close its stream. */
static int serves(void *arg)
{
    brio_stream *s;
    int rc = 0;
    BRIO_GROUP(g, .policy = BRIO_COLLECT)
    {
        while ((rc = brio_accept(arg, &s)) == 0)
            if (!brio_spawn_with(&g, echoes, s, &(brio_task_options){.eager = true}))
                brio_stream_close(s);
    }
    return as_answer(rc);
}

static int reads_back(brio_stream *s)
{
    char back[sizeof text];
    size_t got = 0;
    ptrdiff_t n = 0;
    while (got < sizeof text - 1 &&
           (n = brio_stream_read(s, back + got, sizeof text - 1 - got)) > 0)
        got += (size_t)n;
    CHECK_INT(memcmp(back, text, got), 0);
    return n < 0 ? (int)n : 0;
}

static int calls(void *arg)
{
    brio_stream *s;
    int rc = brio_connect(&s, &(brio_connect_to){.port = *(uint16_t *)arg});
    if (rc < 0)
        return as_answer(rc);
    rc = brio_stream_write(s, brio_str_from(text));
    rc = rc < 0 ? rc : reads_back(s);
    brio_stream_close(s);
    return as_answer(rc);
}

static int echo_scenario(void *arg)
{
    (void)arg;
    brio_listener *l;
    int rc = brio_listen(&l, &(brio_listen_to){.port = 7000});
    if (rc < 0)
        return as_answer(rc);
    uint16_t port = 7000;
    BRIO_GROUP(server, .scope.timeout = BRIO_SEC(600))
    {
        brio_spawn(&server, serves, l);
        BRIO_GROUP(clients, .policy = BRIO_COLLECT, .scope.timeout = BRIO_SEC(300))
        for (int i = 0; i < 3; i++)
            brio_spawn(&clients, calls, &port);
        brio_group_cancel(&server);
    }
    brio_listener_close(l);
    return server.err == -ECANCELED ? 0 : server.err;
}

TEST(echo_over_a_perfect_network_everywhere)
{
    survives(echo_scenario, &perfect, 3);
}

TEST_TIMEOUT(echo_in_pieces_everywhere, 180)
{
    survives(echo_scenario, &in_pieces, 2);
}

TEST(echo_from_far_away_everywhere)
{
    survives(echo_scenario, &far_away, 3);
}

TEST_TIMEOUT(echo_over_a_hostile_network_everywhere, 180)
{
    survives(echo_scenario, &hostile, 2);
}

TEST(echo_over_a_hostile_network_200_seeds)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200, .net = &hostile}, echo_scenario, NULL), 0);
}

/* ---- Lines, queued ------------------------------------------------------ */

static int answers_lines(void *arg)
{
    brio_stream *s = arg;
    brio_str line;
    int rc;
    while ((rc = brio_stream_read_line(s, 0, &line)) > 0) {
        int sent = brio_stream_send(s, line);
        sent = sent < 0 ? sent : brio_stream_send(s, BRIO_S("!\n"));
        rc = sent < 0 ? sent : brio_stream_drain(s);
        if (rc < 0)
            break;
    }
    rc = rc < 0 ? rc : brio_stream_write(s, BRIO_S(""));
    brio_stream_close(s);
    return as_answer(rc);
}

static int asks_in_lines(void *arg)
{
    static const char *const questions[] = {"who", "", "are you"};
    brio_stream *s;
    brio_str answer;
    int rc = brio_connect(&s, &(brio_connect_to){.host = "many.test", .port = *(uint16_t *)arg});
    if (rc < 0)
        return as_answer(rc);
    for (size_t i = 0; i < 3 && rc >= 0; i++) {
        brio_str parts[] = {brio_str_from(questions[i]), BRIO_S("\r\n")};
        rc = brio_stream_write_parts(s, parts, 2);
        rc = rc < 0 ? rc : brio_stream_read_until(s, BRIO_S("!\n"), 0, &answer);
        if (rc == 0)
            CHECK_STR(brio_str_slice(answer, 0, answer.len - 2), questions[i]);
    }
    brio_stream_close(s);
    return as_answer(rc);
}

static int serves_lines(void *arg)
{
    brio_stream *s;
    int rc = 0;
    BRIO_GROUP(g, .policy = BRIO_COLLECT)
    {
        while ((rc = brio_accept(arg, &s)) == 0)
            if (!brio_spawn_with(&g, answers_lines, s, &(brio_task_options){.eager = true}))
                brio_stream_close(s);
    }
    return as_answer(rc);
}

/* By a name with three addresses, so that connects race, too. */
static int lines_scenario(void *arg)
{
    (void)arg;
    brio_listener *l;
    int rc = brio_hosts_set("many.test", "10.0.0.1,10.0.0.2,::1");
    rc = rc < 0 ? rc : brio_listen(&l, &(brio_listen_to){.port = 7000});
    if (rc < 0)
        return as_answer(rc);
    uint16_t port = 7000;
    BRIO_GROUP(server, .scope.timeout = BRIO_SEC(600))
    {
        brio_spawn(&server, serves_lines, l);
        BRIO_GROUP(clients, .policy = BRIO_COLLECT, .scope.timeout = BRIO_SEC(300))
        for (int i = 0; i < 2; i++)
            brio_spawn(&clients, asks_in_lines, &port);
        brio_group_cancel(&server);
    }
    brio_listener_close(l);
    return server.err == -ECANCELED ? 0 : server.err;
}

TEST(lines_over_a_perfect_network_everywhere)
{
    survives(lines_scenario, &perfect, 2);
}

TEST_TIMEOUT(lines_in_pieces_everywhere, 180)
{
    survives(lines_scenario, &in_pieces, 1);
}

TEST_TIMEOUT(lines_over_a_hostile_network_everywhere, 180)
{
    survives(lines_scenario, &hostile, 2);
}

TEST(lines_over_a_hostile_network_200_seeds)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200, .net = &hostile}, lines_scenario, NULL), 0);
}

/* ---- One at a time ------------------------------------------------------ */

static int connects_and_writes(void *arg)
{
    (void)arg;
    pair p = {0};
    int rc = brio_listen(&p.listener, &(brio_listen_to){.port = 7001});
    if (rc < 0)
        return rc;
    rc = brio_connect(&p.client, &(brio_connect_to){.port = 7001});
    if (rc == 0)
        rc = brio_stream_write(p.client, BRIO_S("x"));
    brio_stream_close(p.client);
    brio_listener_close(p.listener);
    return rc;
}

static int with_fault(uint64_t nth, int err)
{
    brio_sim sim = {.quiet = true, .faults = {.nth_syscall = nth, .syscall_err = err}};
    return brio_sim_run(&sim, connects_and_writes, NULL);
}

TEST(the_nth_call_of_the_network_fails_as_told)
{
    CHECK_INT(with_fault(0, 0), 0);
    CHECK_INT(with_fault(1, -EACCES), -EACCES);           /* listen */
    CHECK_INT(with_fault(2, -ENETUNREACH), -ENETUNREACH); /* connect */
    CHECK_INT(with_fault(2, 0), -ECONNRESET);
    CHECK_INT(with_fault(4, -EPIPE), -EPIPE); /* write, after accept */
    CHECK_INT(with_fault(5, -EPIPE), 0);      /* there are no more */
}

static int reads_under_deadline(void *arg)
{
    pair *p = arg;
    char c;
    ptrdiff_t n = -ECANCELED;
    BRIO_SCOPE(limit, .timeout = BRIO_SEC(1))
    n = brio_stream_read(p->server, &c, 1);
    return (int)n;
}

static int listens_low(void *arg)
{
    (void)arg;
    pair p = {0};
    CHECK_OK(brio_listen(&p.listener, &(brio_listen_to){.port = 80}));
    CHECK_OK(brio_gather({pair_accept, &p}, {pair_connect, &p}));
    CHECK_OK(brio_sim_partition(100));
    CHECK_OK(brio_stream_write(p.client, BRIO_S("x")));
    CHECK_INT(reads_under_deadline(&p), -ECANCELED);
    CHECK_OK(brio_sim_heal());
    CHECK_INT(reads_under_deadline(&p), 1);
    pair_close(&p);
    return 0;
}

TEST(streams_stall_at_the_cut_and_go_on_when_it_heals)
{
    static const brio_sim_options slow = {.latency = BRIO_MS(3), .jitter = BRIO_MS(3)};
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200, .net = &slow}, listens_low, NULL), 0);
}
