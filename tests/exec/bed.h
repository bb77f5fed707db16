/* SPDX-License-Identifier: MIT
 *
 * Runs a main task on each back end the machine has, and on the simulator in
 * seeded order; waits for what other threads and processes do by looking, never
 * by sleeping. */
#ifndef BRIO_TEST_EXEC_BED_H
#define BRIO_TEST_EXEC_BED_H

#include <brio/exec.h>
#include <brio/loop.h>
#include <brio/task.h>
#include <brio/trace.h>

#include "harness/test.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>

#define MIB ((size_t)1024 * 1024)

__attribute__((unused)) static int run_on(brio_backend backend, brio_task_fn *fn, void *arg)
{
    brio_loop_options loop = {.backend = backend};
    return brio_run(fn, arg, &(brio_run_options){.loop = &loop, .arena_limit = 32 * MIB});
}

/* Runs `fn` on epoll, io_uring and the simulator; each must return 0. */
__attribute__((unused)) static void run_everywhere(brio_task_fn *fn)
{
    static const brio_backend all[] = {BRIO_BACKEND_EPOLL, BRIO_BACKEND_URING, BRIO_BACKEND_SIM};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        int rc = run_on(all[i], fn, NULL);
        if (all[i] == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM))
            continue; /* forbidden here; the others have run */
        CHECK_INT(rc, 0);
    }
}

/* Runs `fn` on the simulator with ready tasks in random order, `n` seeds. */
__attribute__((unused)) static void run_shuffled(brio_task_fn *fn, uint64_t n)
{
    for (uint64_t seed = 1; seed <= n; seed++) {
        brio_loop_options loop = {.backend = BRIO_BACKEND_SIM,
                                  .sim = {.seed = seed, .random_order = true}};
        int rc = brio_run(fn, NULL, &(brio_run_options){.loop = &loop});
        if (rc != 0)
            test_fail(__FILE__, __LINE__, "seed %llu: %s", (unsigned long long)seed,
                      brio_error_text(rc));
    }
}

/* Suspends, turn by turn, until the expression holds. */
#define AWAIT(expr)                                                                                \
    while (!(expr)) {                                                                              \
        CHECK_INT(brio_yield(), 0);                                                                \
        sched_yield();                                                                             \
    }

/* Memory that worker processes forked from now on share with the test. */
__attribute__((unused)) static void *shared_memory(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    return at;
}

#endif
