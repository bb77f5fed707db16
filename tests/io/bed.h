/* SPDX-License-Identifier: MIT
 *
 * A main task on each back end, and pairs of connected streams inside it. */
#ifndef BRIO_TEST_IO_BED_H
#define BRIO_TEST_IO_BED_H

#include "harness/test.h"

#include <brio/io.h>
#include <brio/loop.h>
#include <brio/task.h>

#include <errno.h>

static inline void bed_run(const brio_loop_options *loop, brio_task_fn *fn)
{
    int rc = brio_run(fn, NULL, &(brio_run_options){.loop = loop});
    if (loop->backend == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM))
        test_skip("io_uring is not to be had here");
    CHECK_INT(rc, 0);
}

/* A sanitizer for threads knows a fiber for each task, and is slow with them; one
 * for addresses takes three times as long as none. */
#if defined(__SANITIZE_THREAD__)
enum { SHUFFLES = 10 };
#elif defined(__SANITIZE_ADDRESS__)
enum { SHUFFLES = 50 };
#else
enum { SHUFFLES = 200 };
#endif

static inline void bed_run_shuffled(brio_task_fn *fn)
{
    for (uint64_t seed = 1; seed <= SHUFFLES; seed++) {
        brio_loop_options loop = {.backend = BRIO_BACKEND_SIM,
                                  .sim = {.seed = seed, .random_order = true}};
        int rc = brio_run(fn, NULL, &(brio_run_options){.loop = &loop});
        if (rc != 0)
            test_fail(__FILE__, __LINE__, "seed %d: %s", (int)seed, brio_error_text(rc));
    }
}

/* IO_TEST(name) { ... return 0; } makes name_epoll, name_uring, name_sim, and
 * two more in sim: bytes one by one, and ready tasks in random order. */
#define IO_ON(id, suffix, ...)                                                                     \
    TEST(id##_##suffix)                                                                            \
    {                                                                                              \
        bed_run(&(brio_loop_options){__VA_ARGS__}, id);                                            \
    }
#define IO_TEST(id)                                                                                \
    static int id(void *arg);                                                                      \
    IO_ON(id, epoll, .backend = BRIO_BACKEND_EPOLL)                                                \
    IO_ON(id, uring, .backend = BRIO_BACKEND_URING)                                                \
    IO_ON(id, sim, .backend = BRIO_BACKEND_SIM)                                                    \
    IO_ON(id, bytewise, .backend = BRIO_BACKEND_SIM, .sim = {.max_segment = 1, .latency = 1000})   \
    TEST(id##_shuffled)                                                                            \
    {                                                                                              \
        bed_run_shuffled(id);                                                                      \
    }                                                                                              \
    static int id(void *arg __attribute__((unused)))

typedef struct pair {
    brio_listener *listener;
    brio_stream *server, *client;
} pair;

static inline int pair_accept(void *arg)
{
    pair *p = arg;
    return brio_accept(p->listener, &p->server);
}

static inline int pair_connect(void *arg)
{
    pair *p = arg;
    return brio_connect(&p->client, &(brio_connect_to){.port = brio_listener_port(p->listener)});
}

static inline pair pair_open(void)
{
    pair p = {0};
    CHECK_OK(brio_listen(&p.listener, &(brio_listen_to){0}));
    CHECK(brio_listener_port(p.listener) > 0);
    CHECK_OK(brio_gather({pair_accept, &p}, {pair_connect, &p}));
    return p;
}

static inline void pair_close(pair *p)
{
    brio_stream_close(p->client);
    brio_stream_close(p->server);
    brio_listener_close(p->listener);
}

#endif
