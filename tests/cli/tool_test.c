/* SPDX-License-Identifier: MIT
 *
 * The `brio` command: its arguments, its sentences, its exit statuses. */
#include "cli/cli_internal.h"
#include "harness/test.h"

#include <brio/trace.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct answer {
    int status;
    brio_buf out, err;
} answer;

static answer ask(const char *verb, const char *target, const char *task)
{
    char words[4][64] = {"brio"};
    char *argv[] = {words[0], words[1], words[2], words[3], NULL};
    const char *given[] = {verb, target, task};
    int argc = 1;
    for (int i = 0; i < 3 && given[i]; i++)
        snprintf(words[argc++], sizeof(words[0]), "%s", given[i]);
    answer a = {0};
    a.status = brio_cli_tool(argc, argv, &a.out, &a.err);
    return a;
}

static void check_answer(answer a, int status, const char *part)
{
    brio_str all = brio_buf_str(status ? &a.err : &a.out);
    CHECK_INT(a.status, status);
    if (brio_str_find(all, brio_str_from(part)) < 0)
        test_fail(__FILE__, __LINE__, "no \"%s\" in \"%.*s\"", part, BRIO_ARG(all));
    CHECK_INT((status ? &a.out : &a.err)->len, 0);
    brio_buf_fini(&a.out);
    brio_buf_fini(&a.err);
}

TEST(tool_help_and_version)
{
    check_answer(ask("--help", NULL, NULL), 0, "usage: brio ps PID|CORE");
    check_answer(ask("--version", NULL, NULL), 0, "brio ");
}

TEST(tool_refuses_what_it_does_not_know)
{
    check_answer(ask(NULL, NULL, NULL), 2, "usage: ");
    check_answer(ask("ps", NULL, NULL), 2,
                 "brio: ps needs the number of a process, or a core file\nusage: ");
    check_answer(ask("top", "1", NULL), 2, "brio: no command 'top'\nusage: ");
    check_answer(ask("ps", "0", NULL), 2, "usage: ");
    check_answer(ask("ps", "99999999999", NULL), 2, "usage: ");
    check_answer(ask("ps", "1", "2"), 2, "usage: ");
    check_answer(ask("stack", "1", "two"), 2, "usage: ");
}

TEST(tool_says_what_is_wrong)
{
    check_answer(ask("ps", "1073741823", NULL), 1,
                 "brio: process 1073741823 is not there (any more)\n");
    check_answer(ask("ps", "/nonexistent/core", NULL), 1,
                 "brio: core file /nonexistent/core cannot be read: ");
    check_answer(ask("tree", "/dev/null", NULL), 1, "brio: core file /dev/null cannot be read: ");
}

TEST(tool_needs_a_process_with_brio)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("sleep", "sleep", "1000", (char *)NULL);
        _exit(1);
    }
    char number[16], path[64], name[32] = "";
    snprintf(number, sizeof(number), "%d", (int)pid);
    snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
    while (strncmp(name, "sleep", 5) != 0) { /* until it is exec()ed */
        FILE *comm = fopen(path, "re");
        CHECK(comm && fgets(name, sizeof(name), comm));
        fclose(comm);
    }
    check_answer(ask("ps", number, NULL), 1, " has no brio tasks: it does not use brio\n");
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, NULL, 0) == pid);
}

TEST(tool_prints_a_process)
{
    static brio_trace_task tasks[] = {{.id = 1, .name = "main", .state = BRIO_TRACE_RUNNING}};
    static brio_trace_chunk chunk = {NULL, tasks, 1, sizeof(brio_trace_task)};
    static brio_trace_loop loop = {.chunks = &chunk, .backend = "epoll"};
    char number[16];
    brio_trace_loop_add(&loop);
    snprintf(number, sizeof(number), "%d", (int)getpid());
    check_answer(ask("ps", number, NULL), 0, "1   main  running");
    check_answer(ask("tree", number, NULL), 0, "main (1)  running");
    check_answer(ask("stack", number, "1"), 0, "main (1): running");
    check_answer(ask("stack", number, "7"), 0, "no such task");
    brio_trace_loop_remove(&loop);
}
