/* SPDX-License-Identifier: MIT
 *
 * A directory of one's own on each back end, and what tests of files need to
 * ask the system itself. FILE_TEST(name) { ... return 0; } makes name_epoll,
 * name_uring and name_sim; inside, `dir` is a fresh directory's path. */
#ifndef BRIO_TEST_FILE_BED_H
#define BRIO_TEST_FILE_BED_H

#include "io/bed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static brio_str dir __attribute__((unused));
static bool on_sim __attribute__((unused));

/* "DIR/name" in the task's arena. */
static inline brio_str in_dir(const char *name)
{
    return brio_printf(brio_task_arena(), "%.*s/%s", BRIO_ARG(dir), name);
}

static inline int file_bed_main(void *arg)
{
    brio_task_fn *const *fn = arg;
    on_sim = strcmp(brio_loop_backend(brio_loop_current()), "sim") == 0;
    CHECK_OK(brio_path_temp_dir(BRIO_S(""), &dir));
    brio_task_fn *body = *fn;
    return body(NULL);
}

static inline void file_bed_run(brio_backend backend, bool shuffled, uint64_t seeds,
                                brio_task_fn *fn)
{
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        brio_loop_options loop = {.backend = backend,
                                  .sim = {.seed = seed, .random_order = shuffled}};
        int rc = brio_run(file_bed_main, (void *)&fn, &(brio_run_options){.loop = &loop});
        if (backend == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM))
            test_skip("io_uring is not to be had here");
        if (rc != 0)
            test_fail(__FILE__, __LINE__, "seed %d: %s", (int)seed, brio_error_text(rc));
    }
}

#define FILE_ON(id, suffix, ...)                                                                   \
    TEST(id##_##suffix)                                                                            \
    {                                                                                              \
        file_bed_run(__VA_ARGS__, id);                                                             \
    }
#define FILE_TEST(id)                                                                              \
    static int id(void *arg);                                                                      \
    FILE_ON(id, epoll, BRIO_BACKEND_EPOLL, false, 1)                                               \
    FILE_ON(id, uring, BRIO_BACKEND_URING, false, 1)                                               \
    FILE_ON(id, sim, BRIO_BACKEND_SIM, false, 1)                                                   \
    static int id(void *arg __attribute__((unused)))
/* The same, and with ready tasks in so many random orders. */
#define FILE_TEST_SHUFFLES(id, orders)                                                             \
    static int id(void *arg);                                                                      \
    FILE_ON(id, shuffled, BRIO_BACKEND_SIM, true, orders)                                          \
    FILE_TEST(id)
#define FILE_TEST_SHUFFLED(id) FILE_TEST_SHUFFLES(id, SHUFFLES)

/* The output of a shell command, which says what is really on the disk. */
static inline brio_str shell(const char *command)
{
    char buf[4096];
    FILE *pipe = popen(command, "r");
    CHECK(pipe);
    size_t n = fread(buf, 1, sizeof buf, pipe);
    CHECK_INT(pclose(pipe), 0);
    return brio_str_copy(brio_task_arena(), (brio_str){buf, n});
}

static inline const char *command(const char *fmt, brio_str path)
{
    char buf[4096];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(buf, sizeof buf, fmt, path.ptr);
#pragma GCC diagnostic pop
    return brio_cstr(brio_task_arena(), brio_str_from(buf));
}

/* How many names are in the test's directory. */
static inline int names_in_dir(void)
{
    brio_dir_entry *entries;
    ptrdiff_t n = brio_path_list(dir, 0, &entries);
    CHECK(n >= 0);
    return (int)n;
}

#endif
