/* SPDX-License-Identifier: MIT
 *
 * Runs every TEST in a child process of its own and prints TAP. A test fails
 * if it calls test_fail, dies, leaves a descriptor open or runs out of time;
 * what it leaves running is killed. */
#include "harness/test.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern const brio_test *const __start_brio_tests[];
extern const brio_test *const __stop_brio_tests[];

enum { EXIT_SKIP = 77 };

static int open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;
    if (!dir)
        return -1;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fflush(stdout);
    fprintf(stderr, "#   %s:%d: ", file, line);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    fflush(stderr);
    va_end(args);
    _exit(1);
}

void test_check_int(const char *file, int line, const char *expr, long long got, long long want)
{
    if (got != want)
        test_fail(file, line, "%s is %lld, want %lld", expr, got, want);
}

void test_check_str(const char *file, int line, const char *expr, brio_str got, brio_str want)
{
    if (!brio_str_eq(got, want))
        test_fail(file, line, "%s is \"%.*s\", want \"%.*s\"", expr, BRIO_ARG(got), BRIO_ARG(want));
}

void test_skip(const char *reason)
{
    fprintf(stderr, "#   skipped: %s\n", reason);
    _exit(EXIT_SKIP);
}

/* A group of its own, so that nothing it leaves running survives it, and the
 * signals as a shell hands them down: nohup and & ignore some. */
static void settle_in(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        signal(signals[i], SIG_DFL);
}

static void run_in_child(const brio_test *test)
{
    settle_in();
    int before = open_fds();
    alarm(test->timeout_s ? (unsigned)test->timeout_s : 60U);
    test->run();
    int after = open_fds();
    if (after != before)
        test_fail(test->file, 0, "%d descriptors before, %d after", before, after);
    exit(0); /* exit, not _exit: leak checkers report here */
}

static bool run_one(const brio_test *test)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        run_in_child(test);
    int status = 0;
    waitpid(pid, &status, 0);
    kill(-pid, SIGKILL);
    bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP;
    bool passed = skipped || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (WIFSIGNALED(status))
        printf("#   %s: killed by signal %d%s\n", test->file, WTERMSIG(status),
               WTERMSIG(status) == SIGALRM ? " (out of time)" : "");
    printf("%sok - %s%s\n", passed ? "" : "not ", test->name, skipped ? " # SKIP" : "");
    return passed;
}

static bool selected(const brio_test *test, char **names)
{
    if (!*names)
        return true;
    for (; *names; names++)
        if (strstr(test->name, *names) || strstr(test->file, *names))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    (void)argc;
    bool list = false, no_fork = false;
    char **names = argv + 1;
    for (; *names && !strncmp(*names, "--", 2); names++) {
        list |= !strcmp(*names, "--list");
        no_fork |= !strcmp(*names, "--no-fork");
    }
    int passed = 0, failed = 0;
    for (const brio_test *const *t = __start_brio_tests; t < __stop_brio_tests; t++) {
        if (!selected(*t, names))
            continue;
        if (list)
            puts((*t)->name);
        else if (no_fork)
            (*t)->run();
        else if (run_one(*t))
            passed++;
        else
            failed++;
    }
    if (!list)
        printf("# %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
