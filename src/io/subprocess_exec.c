/* SPDX-License-Identifier: MIT
 *
 * From clone to exec.
 *
 * The child shares our memory until it runs its program (as with vfork, but on
 * a stack of its own), so the failure of any step is a value in a struct, not
 * an exit status to guess from, and nothing is copied. In that time it may do
 * nothing but system calls: they are made directly, past errno's owner's
 * locks, sanitizers and fork handlers. Signals are blocked around it, or a
 * handler of ours could run there; ours are reset before they are let in. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK = 64 * 1024, SIGNALS = 64, SIGSET_BYTES = 8, FDS_MAX = 65536 };

#if defined(__clang__)
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define IN_CHILD __attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif

/* The kernel's struct sigaction on x86-64 and aarch64. */
typedef struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void *restorer;
    uint64_t mask;
} kernel_action;

/* ---- In the child ------------------------------------------------------- */

static IN_CHILD int fail(brio_io_exec *e, const char *step)
{
    e->err = -errno;
    e->step = step;
    return -1;
}

/* Ignored signals stay ignored (nohup), but for the two that programs rely on. */
static IN_CHILD void reset_signals(void)
{
    for (int signo = 1; signo <= SIGNALS; signo++) {
        kernel_action action = {0};
        if (syscall(SYS_rt_sigaction, signo, NULL, &action, SIGSET_BYTES) < 0)
            continue;
        bool meant = action.handler == SIG_IGN && signo != SIGPIPE && signo != SIGXFSZ;
        if (action.handler == SIG_DFL || meant)
            continue;
        action = (kernel_action){.handler = SIG_DFL};
        (void)syscall(SYS_rt_sigaction, signo, &action, NULL, SIGSET_BYTES);
    }
    uint64_t none = 0;
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, SIGSET_BYTES);
}

/* Out of the way first: a source may have the number of another's target. */
static IN_CHILD int place_fds(brio_io_exec *e)
{
    long high[3] = {-1, -1, -1};
    for (int i = 0; i < 3; i++) {
        if (e->fds[i] < 0)
            continue;
        high[i] = syscall(SYS_fcntl, e->fds[i], F_DUPFD, 3);
        if (high[i] < 0)
            return fail(e, "its descriptors");
    }
    for (int i = 0; i < 3; i++)
        if (high[i] >= 0 && syscall(SYS_dup3, high[i], i, 0) < 0)
            return fail(e, "its descriptors");
    if (e->err_to_out && syscall(SYS_dup3, 1, 2, 0) < 0)
        return fail(e, "its descriptors");
    if (syscall(SYS_close_range, 3U, ~0U, 0U) < 0)
        for (int fd = 3; fd < FDS_MAX; fd++) /* a sandbox that does not know it */
            (void)syscall(SYS_close, fd);
    return 0;
}

static IN_CHILD int set_up(brio_io_exec *e)
{
    if (e->own_group && syscall(SYS_setpgid, 0, 0) < 0)
        return fail(e, "its process group");
    if (!e->outlive && syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return fail(e, "its parent's death");
    if (!e->outlive && syscall(SYS_getppid) != e->parent)
        (void)syscall(SYS_exit_group, 127); /* which came before we could ask to be told */
    if (e->cwd && syscall(SYS_chdir, e->cwd) < 0)
        return fail(e, "its working directory");
    return place_fds(e);
}

/* As execvp: a candidate that is not there is passed over, and one that may not
 * be run is remembered, for it explains more than one that is not there. */
static IN_CHILD int run_program(brio_io_exec *e)
{
    int refused = 0;
    for (char **path = e->candidates; *path; path++) {
        (void)syscall(SYS_execve, *path, e->argv, e->env);
        if (errno == EACCES)
            refused = EACCES;
        else if (errno != ENOENT && errno != ENOTDIR)
            return fail(e, "the program");
    }
    errno = refused ? refused : ENOENT;
    return fail(e, "the program");
}

static IN_CHILD int child(void *arg)
{
    brio_io_exec *e = arg;
    reset_signals();
    if (set_up(e) == 0)
        (void)run_program(e);
    (void)syscall(SYS_exit_group, 127);
    return 127;
}

/* ---- In the parent ------------------------------------------------------ */

/* TSan takes every clone for a fork and would reset what parent and child share. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PAST_TSAN 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define PAST_TSAN 1
#endif
#ifdef PAST_TSAN
extern int plain_clone(int (*fn)(void *arg), void *stack, int flags, void *arg,
                       ...) __asm__("__clone");
#else
#define plain_clone clone
#endif

/* CLONE_VFORK: we go on when the child has its program, or has ended. */
static pid_t clone_child(brio_io_exec *e, char *stack, int *ret_pidfd)
{
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    pid_t pid = plain_clone(child, stack + STACK, flags, e, ret_pidfd);
    return pid < 0 ? -errno : pid;
}

static pid_t start_quietly(brio_io_exec *e, int *ret_pidfd)
{
    sigset_t all, before;
    int prot = PROT_READ | PROT_WRITE;
    char *stack = mmap(NULL, STACK, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return -ENOMEM;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = clone_child(e, stack, ret_pidfd);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)munmap(stack, STACK);
    return pid;
}

int brio_io_exec_start(brio_io_exec *e, pid_t *ret_pid, int *ret_pidfd)
{
    siginfo_t info;
    e->parent = getpid();
    e->step = "a process";
    *ret_pid = start_quietly(e, ret_pidfd);
    if (*ret_pid < 0 || e->err == 0)
        return *ret_pid < 0 ? *ret_pid : 0;
    while (waitid(P_PIDFD, (id_t)*ret_pidfd, &info, WEXITED) < 0 && errno == EINTR)
        continue;
    (void)close(*ret_pidfd);
    return e->err;
}
