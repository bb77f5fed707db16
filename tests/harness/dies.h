/* SPDX-License-Identifier: MIT
 *
 * For broken promises: runs a function in a child of its own and tells whether
 * it aborted, which is what BRIO_ASSERT and an exhausted arena must do. Also
 * which sanitizer watches, for tests of what only some of them allow. */
#ifndef BRIO_TEST_DIES_H
#define BRIO_TEST_DIES_H

#include "harness/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Sanitizers' allocators abort instead of returning NULL. */
#if defined(__has_feature)
#define UNDER_ASAN __has_feature(address_sanitizer)
#define UNDER_TSAN __has_feature(thread_sanitizer)
#else
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#else
#define UNDER_ASAN 0
#endif
#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#else
#define UNDER_TSAN 0
#endif
#endif

static inline bool aborts(void (*fn)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO); /* its message is expected */
        fn();
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
