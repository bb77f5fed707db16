/* SPDX-License-Identifier: MIT
 *
 * What a child says that SIGABRT ends, and what its parent makes of it. */
#include "harness/test.h"

#include <brio/trace.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static brio_trace_task tasks[3] = {{.id = 4, .name = "waiter", .state = BRIO_TRACE_WAITING},
                                   {.id = 7, .name = "outer", .state = BRIO_TRACE_RUNNING},
                                   {.id = 9, .name = "report\nmaker", .state = BRIO_TRACE_RUNNING}};
static brio_trace_chunk chunk = {.first = tasks, .n = 3, .stride = sizeof tasks[0]};

__attribute__((noinline)) static void give_up(bool loud)
{
    if (loud)
        abort();
    _exit(3);
}

/* Its process' id, after its end. */
static int child_of(brio_last_words *words, brio_trace_loop *loop, bool loud)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        CHECK_OK(brio_last_words_keep(words));
        loop->tid = gettid();
        if (loop->chunks)
            brio_trace_loop_add(loop);
        give_up(loud);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(loud ? WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT : WIFEXITED(status));
    return (int)pid;
}

static size_t log_of(const brio_last_words *words, int pid, bool want, char *into, size_t cap)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    CHECK_OK(brio_log_open(&(brio_log_options){.fd = fds[1], .format = BRIO_LOG_JSON}));
    CHECK(brio_last_words_log(words, pid) == want);
    brio_log_close();
    close(fds[1]);
    ssize_t n = read(fds[0], into, cap - 1);
    into[n > 0 ? n : 0] = '\0';
    close(fds[0]);
    return (size_t)n;
}

TEST(an_abort_is_told_with_the_task_and_the_stack)
{
    char text[16384];
    brio_last_words *words = brio_last_words_new();
    brio_trace_loop loop = {.chunks = &chunk};
    int pid = child_of(words, &loop, true);
    CHECK(log_of(words, pid, true, text, sizeof text) > 0);
    CHECK(strstr(text, "ended inside task \\\"report?maker\\\""));
    CHECK(strstr(text, "\"id\":9"));
#ifdef BRIO_WITH_LIBDW
    CHECK(strstr(text, "give_up"));
    CHECK(strstr(text, "last_words_test.c:"));
#endif
    brio_last_words_free(words);
}

TEST(outside_of_tasks_it_is_a_callback)
{
    char text[16384];
    brio_last_words *words = brio_last_words_new();
    int pid = child_of(words, &(brio_trace_loop){.chunks = NULL}, true);
    CHECK(log_of(words, pid, true, text, sizeof text) > 0);
    CHECK(strstr(text, "ended inside a callback"));
    brio_last_words_free(words);
}

TEST(who_ends_otherwise_has_left_nothing)
{
    char text[64];
    brio_last_words *words = brio_last_words_new();
    int pid = child_of(words, &(brio_trace_loop){.chunks = NULL}, false);
    CHECK_INT(log_of(words, pid, false, text, sizeof text), 0);
    brio_last_words_free(words);
    brio_last_words_free(NULL);
    CHECK(!brio_last_words_log(NULL, 1));
}
