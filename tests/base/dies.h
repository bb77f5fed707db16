/* SPDX-License-Identifier: MIT
 *
 * For broken promises: runs a function in a child of its own and tells whether
 * it aborted, which is what BRIO_ASSERT and an exhausted arena must do. */
#ifndef BRIO_TEST_BASE_DIES_H
#define BRIO_TEST_BASE_DIES_H

#include "harness/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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
