/* SPDX-License-Identifier: MIT
 *
 * Runs a function in a process of its own: for what ends the process, or what
 * is only said on standard error. */
#ifndef BRIO_TEST_CHILD_H
#define BRIO_TEST_CHILD_H

#include "harness/test.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct child {
    int status; /* as wait tells it */
    size_t len;
    char said[16384]; /* on standard error */
} child;

static void child_run(child *c, void (*fn)(void))
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        fn();
        _exit(0);
    }
    close(ends[1]);
    c->len = 0;
    for (ssize_t n = 1; n > 0 && c->len < sizeof(c->said) - 1; c->len += (size_t)(n > 0 ? n : 0))
        n = read(ends[0], c->said + c->len, sizeof(c->said) - 1 - c->len);
    c->said[c->len] = '\0';
    close(ends[0]);
    CHECK(waitpid(pid, &c->status, 0) == pid);
}

#endif
