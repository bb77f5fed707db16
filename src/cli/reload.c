/* SPDX-License-Identifier: MIT
 *
 * --reload: the program starts anew when its file changes, which is what a
 * build does. A parent that serves nothing runs the same command as its child
 * and looks at the file four times a second; a file that is still being
 * written is given until it rests. A child that ended by itself is waited for
 * too: the next build may be better. */
#include "cli/cli_internal.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_NS = 250 * 1000 * 1000, EXIT_USAGE = 2 };

typedef struct build { /* of the file: another one, another build */
    struct timespec at;
    ino_t file;
    off_t size;
} build;

typedef struct watch {
    char path[PATH_MAX]; /* of the program */
    char **argv;         /* without --reload */
    sigset_t signals, before;
    build running, seen;
    pid_t child; /* 0: ended */
} watch;

static build look(const watch *w)
{
    struct stat s;
    if (stat(w->path, &s) < 0 || access(w->path, X_OK) < 0)
        return (build){0}; /* between two builds */
    return (build){s.st_mtim, s.st_ino, s.st_size};
}

static bool same(build a, build b)
{
    return a.at.tv_sec == b.at.tv_sec && a.at.tv_nsec == b.at.tv_nsec && a.file == b.file &&
           a.size == b.size;
}

/* Only what is safe between fork and exec. */
static void become_child(const watch *w, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)sigprocmask(SIG_SETMASK, &w->before, NULL);
    if (getppid() == parent)
        execv(w->path, w->argv);
    _exit(127);
}

static int start(watch *w)
{
    pid_t parent = getpid();
    w->running = w->seen = look(w);
    w->child = fork();
    if (w->child == 0)
        become_child(w, parent);
    if (w->child > 0)
        return 0;
    w->child = 0;
    return -errno;
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Asks the child to end, and its exit status. */
static int stop(watch *w, int signal)
{
    int status = 0;
    if (!w->child)
        return EXIT_SUCCESS;
    kill(w->child, signal);
    while (waitpid(w->child, &status, 0) < 0 && errno == EINTR)
        ;
    w->child = 0;
    return exit_status(status);
}

/* The exit status if it ended in a way that no build changes, else -1. */
static int reap(watch *w)
{
    int status;
    if (!w->child || waitpid(w->child, &status, WNOHANG) != w->child)
        return -1;
    w->child = 0;
    int code = exit_status(status);
    if (code == EXIT_USAGE || code == EXIT_SUCCESS)
        return code;
    brio_log(BRIO_LOG_WARNING, "The program ended with status %d; waiting for another build.",
             code);
    return -1;
}

/* A build that rests since the last look. */
static bool is_new(watch *w)
{
    build now = look(w), before = w->seen;
    w->seen = now;
    return now.size > 0 && !same(now, w->running) && same(now, before);
}

static int run(watch *w)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    int rc = start(w), code = -1;
    while (rc == 0 && code < 0) {
        int signal = sigtimedwait(&w->signals, NULL, &pause);
        if (signal == SIGINT || signal == SIGTERM)
            return stop(w, signal);
        code = reap(w);
        if (code < 0 && is_new(w)) {
            brio_log(BRIO_LOG_INFO, "%s has changed: starting it anew.", w->path);
            (void)stop(w, SIGTERM);
            rc = start(w);
        }
    }
    if (rc < 0)
        brio_log(BRIO_LOG_CRITICAL, "no process could be started: %s", brio_error_text(rc));
    return rc < 0 ? EXIT_FAILURE : code;
}

static char **without_reload(int argc, char *const *argv)
{
    char **rest = brio_zalloc((size_t)argc + 1, sizeof *rest);
    for (int i = 0, n = 0; rest && i < argc; i++)
        if (i == 0 || strcmp(argv[i], "--reload") != 0)
            rest[n++] = argv[i];
    return rest;
}

int brio_cli_reload(int argc, char *const *argv)
{
    watch w = {.argv = without_reload(argc, argv)};
    ssize_t len = readlink("/proc/self/exe", w.path, sizeof w.path - 1);
    if (!w.argv || len < 0) {
        brio_log(BRIO_LOG_CRITICAL, "--reload does not find the program's file");
        free(w.argv);
        return EXIT_FAILURE;
    }
    (void)setenv("FASTAPI_ENV", "development", 0);
    sigemptyset(&w.signals);
    sigaddset(&w.signals, SIGINT);
    sigaddset(&w.signals, SIGTERM);
    sigaddset(&w.signals, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &w.signals, &w.before);
    brio_log(BRIO_LOG_INFO, "Watching %s.", w.path);
    int status = run(&w);
    (void)sigprocmask(SIG_SETMASK, &w.before, NULL);
    free(w.argv);
    return status;
}
