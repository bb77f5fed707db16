/* SPDX-License-Identifier: MIT
 *
 * Queued writing, TLS, servers, races of addresses, files and datagrams: each
 * scenario again with every step cancelled and every allocation refused. A run
 * may end in any result, but leaves nothing open and trips over nothing. */
#include "io/bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void survives(brio_task_fn *fn)
{
    brio_sim sim = {.seeds = 2, .cancel_everywhere = true, .fail_every_alloc = true};
    sim.fail_every_syscall = true;
    CHECK_INT(brio_sim_run(&sim, fn, NULL), 0);
}

static int as_answer(int rc)
{
    return rc == -ECONNRESET || rc == -EPIPE || rc == BRIO_ECLOSED || rc == BRIO_ETLS ? 0 : rc;
}

/* ---- A server, its clients, a queue ------------------------------------- */

static int answer(brio_stream *s, void *arg)
{
    (void)arg;
    brio_str line;
    int rc = brio_stream_read_line(s, 0, &line);
    if (rc > 0)
        rc = brio_stream_send(s, BRIO_S("one\n"));
    if (rc == 0)
        rc = brio_stream_send(s, BRIO_S("two\n"));
    return rc == 0 ? brio_stream_drain(s) : rc;
}

static int asks(void *arg)
{
    brio_stream *s = NULL;
    brio_str all;
    brio_connect_to to = {.host = "three.test", .port = *(uint16_t *)arg, .stagger = 1};
    int rc = brio_connect(&s, &to);
    if (rc == 0)
        rc = brio_stream_write(s, BRIO_S("hello\n"));
    if (rc == 0)
        rc = brio_stream_read_all(s, NULL, 0, &all);
    brio_stream_close(s);
    return as_answer(rc);
}

static int served(void *arg)
{
    (void)arg;
    int rc = brio_hosts_set("three.test", "127.0.0.1,::1,127.0.0.2");
    if (rc < 0)
        return rc;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_stream_server *server = NULL;
        rc = brio_stream_server_open(&server, &g, &(brio_listen_to){0}, answer, NULL, NULL);
        uint16_t port = rc == 0 ? brio_stream_server_port(server) : 0;
        if (rc == 0)
            rc = brio_gather({asks, &port}, {asks, &port});
        if (server)
            brio_stream_server_close(server);
        if (rc == 0)
            rc = brio_stream_server_wait(server);
        brio_group_cancel(&g);
        brio_stream_server_free(server);
    }
    return rc;
}

TEST_TIMEOUT(servers_survive_everything, 120)
{
    survives(served);
}

/* ---- Files and datagrams ------------------------------------------------ */

static int receives(void *arg)
{
    brio_str all;
    return as_answer(brio_stream_read_all(arg, NULL, 0, &all));
}

typedef struct upload {
    brio_stream *to;
    int fd;
} upload;

static int uploads(void *arg)
{
    upload *u = arg;
    int64_t n = brio_stream_sendfile(u->to, u->fd, 0, 0);
    brio_stream_shutdown(u->to);
    return as_answer(n < 0 ? (int)n : 0);
}

static int connects(void *arg)
{
    pair *p = arg;
    return brio_connect(&p->client, &(brio_connect_to){.port = brio_listener_port(p->listener)});
}

/* Two sides at once. One whose other side is gone gives up after an hour. */
static int both(brio_start a, brio_start b)
{
    int rc = 0;
    BRIO_SCOPE(limit, .timeout = BRIO_SEC(3600))
    rc = brio_gather({a.fn, a.arg}, {b.fn, b.arg});
    return rc;
}

static int opens(pair *p)
{
    *p = (pair){0};
    int rc = brio_listen(&p->listener, &(brio_listen_to){0});
    return rc < 0 ? rc : both((brio_start){pair_accept, p}, (brio_start){connects, p});
}

static int a_file(void *arg)
{
    pair p;
    int rc = opens(&p);
    upload u = {p.client, *(int *)arg};
    if (rc == 0)
        rc = both((brio_start){uploads, &u}, (brio_start){receives, p.server});
    pair_close(&p);
    return rc;
}

TEST_TIMEOUT(files_survive_everything, 120)
{
    char path[] = "/tmp/brio-everywhere-XXXXXX";
    int fd = mkstemp(path);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(write(fd, "contents", 8), 8);
    brio_sim sim = {.cancel_everywhere = true, .fail_every_alloc = true};
    CHECK_INT(brio_sim_run(&sim, a_file, &fd), 0);
    close(fd);
}

static int datagrams(void *arg)
{
    (void)arg;
    brio_udp *u = NULL;
    brio_address to;
    char buf[8];
    int rc = brio_udp_open(&u, NULL);
    if (rc == 0)
        rc = brio_address_of(&to, "127.0.0.1", brio_udp_port(u));
    if (rc == 0)
        rc = brio_udp_send(u, BRIO_S("x"), &to);
    ptrdiff_t n = rc == 0 ? brio_udp_receive(u, buf, sizeof buf, &to) : rc;
    BRIO_SCOPE(limit, .timeout = BRIO_MS(1))
    if (n > 0)
        n = brio_udp_receive(u, buf, sizeof buf, NULL); /* nothing more comes */
    brio_udp_close(u);
    return limit.expired ? 0 : n < 0 ? (int)n : 0;
}

TEST(datagrams_survive_everything)
{
    survives(datagrams);
}

/* ---- TLS ---------------------------------------------------------------- */

#ifdef BRIO_WITH_OPENSSL
typedef struct secret {
    pair p;
    brio_tls_context *server, *client;
} secret;

static int serves_in_secret(void *arg)
{
    secret *t = arg;
    brio_str line;
    int rc = brio_stream_tls_server(t->p.server, t->server, NULL);
    if (rc == 0)
        rc = brio_stream_read_line(t->p.server, 0, &line);
    if (rc > 0)
        rc = brio_stream_write(t->p.server, BRIO_S("hello yourself\n"));
    brio_stream_close(t->p.server);
    t->p.server = NULL;
    return as_answer(rc);
}

static int asks_in_secret(void *arg)
{
    secret *t = arg;
    brio_str all;
    brio_tls_start start = {.server_name = "test"};
    int rc = brio_stream_tls_client(t->p.client, t->client, &start);
    if (rc == 0)
        rc = brio_stream_send(t->p.client, BRIO_S("hello\n"));
    if (rc == 0)
        rc = brio_stream_drain(t->p.client);
    if (rc == 0)
        rc = brio_stream_read_all(t->p.client, NULL, 0, &all);
    brio_stream_close(t->p.client);
    t->p.client = NULL;
    return as_answer(rc);
}

static int in_secret(void *arg)
{
    secret *t = arg;
    int rc = opens(&t->p);
    if (rc == 0)
        rc = both((brio_start){serves_in_secret, t}, (brio_start){asks_in_secret, t});
    pair_close(&t->p);
    return rc;
}

TEST_TIMEOUT(tls_survives_everything, 120)
{
    char file[] = "/tmp/brio-tls-everywhere-XXXXXX", command[1024];
    secret t = {0};
    close(mkstemp(file));
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 "
             "-subj /CN=test -addext subjectAltName=DNS:test -keyout %s -out %s.crt 2>/dev/null && "
             "cat %s.crt >> %s && rm %s.crt",
             file, file, file, file, file);
    CHECK_INT(system(command), 0);
    CHECK_OK(
        brio_tls_context_new(&t.server, &(brio_tls_options){.server = true, .cert_file = file}));
    CHECK_OK(brio_tls_context_new(&t.client, &(brio_tls_options){.ca_file = file}));
    CHECK_INT(unlink(file), 0);
    brio_sim sim = {.cancel_everywhere = true, .fail_every_alloc = true};
    sim.fail_every_syscall = true;
    CHECK_INT(brio_sim_run(&sim, in_secret, &t), 0);
    brio_tls_context_free(t.server);
    brio_tls_context_free(t.client);
}
#endif
