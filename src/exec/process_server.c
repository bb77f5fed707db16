/* SPDX-License-Identifier: MIT
 *
 * The fork server: a child process of one thread that forks the pool's workers,
 * waits for them, kills them when asked, and tells how each ended.
 *
 * It was itself forked from a program that may have threads, so it calls only
 * what is safe after such a fork; the workers it forks have the same memory
 * as it. Because it reaps them, their numbers are never mistaken. It never blocks
 * on the socket to its parent: a report that does not go out is owed. When the
 * parent is gone, by the socket's end or by its pidfd, everybody goes. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BELL = 3, CONTROL = 4, KEPT_FDS = 5, ASIDE = 10 };
#define LAST_WORDS BRIO_SEC(1) /* for workers that end in order */

typedef struct server {
    brio_processes *pool;
    int signals, parent;
    unsigned alive;
    bool closing, killed;
    brio_time until;
} server;

/* ---- Children ----------------------------------------------------------- */

static void owe(brio_exec_child *child, pid_t pid, int status)
{
    child->owed = true;
    child->reported = pid;
    child->status = status;
}

static void fork_child(server *s, unsigned slot, uint64_t gen)
{
    brio_exec_child *child = &s->pool->children[slot];
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close_range(CONTROL, ~0U, 0);
        brio_exec_child_main(s->pool, slot, BELL, self);
    }
    child->gen = gen;
    child->pid = pid > 0 ? pid : 0;
    if (pid < 0)
        owe(child, 0, -errno);
    else
        s->alive++;
}

static void kill_all(server *s)
{
    for (unsigned i = 0; i < s->pool->o.workers; i++)
        if (s->pool->children[i].pid)
            kill(s->pool->children[i].pid, SIGKILL);
}

static void note_death(server *s, pid_t pid, int status)
{
    for (unsigned i = 0; i < s->pool->o.workers; i++) {
        brio_exec_child *child = &s->pool->children[i];
        if (child->pid != pid)
            continue;
        child->pid = 0;
        s->alive--;
        owe(child, pid, status);
        return;
    }
}

static void reap(server *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof(info)) > 0)
        ;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        note_death(s, pid, status);
}

__attribute__((noreturn)) static void leave_with_all(server *s)
{
    int status;
    kill_all(s);
    while (s->alive > 0 && waitpid(-1, &status, 0) > 0)
        s->alive--;
    _exit(0);
}

/* ---- The parent --------------------------------------------------------- */

/* False while something is owed and cannot be said. */
static bool report(server *s)
{
    for (unsigned i = 0; i < s->pool->o.workers; i++) {
        brio_exec_child *child = &s->pool->children[i];
        if (!child->owed)
            continue;
        brio_exec_report r = {
            .slot = i, .pid = child->reported, .status = child->status, .gen = child->gen};
        if (send(CONTROL, &r, sizeof(r), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            return false;
        child->owed = false;
    }
    return true;
}

static void obey(server *s, const brio_exec_request *r)
{
    brio_exec_child *child = r->slot < s->pool->o.workers ? &s->pool->children[r->slot] : NULL;
    if (r->op == BRIO_EXEC_OP_CLOSE) {
        s->closing = true;
        s->until = brio_clock_monotonic() + LAST_WORDS;
    } else if (!child) {
        return;
    } else if (r->op == BRIO_EXEC_OP_FORK && !child->pid) {
        fork_child(s, r->slot, r->gen);
    } else if (r->op == BRIO_EXEC_OP_KILL && child->pid && child->gen == r->gen) {
        kill(child->pid, SIGKILL);
    }
}

static void listen_to_parent(server *s)
{
    brio_exec_request r;
    for (;;) {
        ssize_t n = recv(CONTROL, &r, sizeof(r), MSG_DONTWAIT);
        if (n == (ssize_t)sizeof(r))
            obey(s, &r);
        else if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        else
            leave_with_all(s);
    }
}

/* ---- Life --------------------------------------------------------------- */

static void nothing(int signo)
{
    (void)signo;
}

/* What a terminal or a service manager sends to the whole group is the parent's
 * to answer. A handler, not SIG_IGN: programs that a job starts get the default. */
static void reset_signals(void)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    struct sigaction deaf = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    sigset_t all;
    for (int signo = 1; signo < NSIG; signo++)
        if (signo != SIGKILL && signo != SIGSTOP)
            (void)sigaction(signo, &plain, NULL);
    sigaction(SIGINT, &deaf, NULL);
    sigaction(SIGTERM, &deaf, NULL);
    sigaction(SIGHUP, &deaf, NULL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

static void keep_fds(int control, int bell)
{
    int high_control = fcntl(control, F_DUPFD, ASIDE), high_bell = fcntl(bell, F_DUPFD, ASIDE);
    int null = open("/dev/null", O_RDWR);
    if (high_control < 0 || high_bell < 0 || null < 0)
        _exit(1);
    dup2(null, STDIN_FILENO);
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 || fd == control || fd == bell)
            dup2(null, fd);
    dup2(high_bell, BELL);
    dup2(high_control, CONTROL);
    close_range(KEPT_FDS, ~0U, 0);
}

static void open_own_fds(server *s, pid_t parent)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    s->signals = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
    s->parent = (int)syscall(SYS_pidfd_open, parent, 0);
    if (s->signals < 0 || getppid() != parent)
        _exit(1);
}

static int patience(const server *s)
{
    if (!s->closing)
        return -1;
    brio_time left = s->until - brio_clock_monotonic();
    return left > 0 ? (int)(left / BRIO_MS(1)) + 1 : 0;
}

/* The second time its patience is over it leaves what even SIGKILL did not end. */
static void close_on_time(server *s)
{
    if (!s->closing)
        return;
    bool late = brio_clock_monotonic() >= s->until;
    if (s->alive == 0 || (late && s->killed))
        _exit(0);
    if (!late)
        return;
    kill_all(s);
    s->killed = true;
    s->until += LAST_WORDS;
}

static void serve(server *s)
{
    for (;;) {
        short out = report(s) ? 0 : POLLOUT;
        struct pollfd fds[] = {{.fd = CONTROL, .events = (short)(POLLIN | out)},
                               {.fd = s->signals, .events = POLLIN},
                               {.fd = s->parent, .events = POLLIN}};
        (void)poll(fds, sizeof(fds) / sizeof(*fds), patience(s));
        if (fds[2].revents)
            leave_with_all(s);
        reap(s);
        if (fds[0].revents & ~POLLOUT)
            listen_to_parent(s);
        close_on_time(s);
    }
}

void brio_exec_server_main(brio_processes *pool, int control, pid_t parent)
{
    server s = {.pool = pool};
    prctl(PR_SET_NAME, "brio-forks");
    brio_loop_forked();
    __atomic_store_n(&brio_trace_on, 0, __ATOMIC_RELAXED);
    brio_trace_tasks.loops = NULL;
    (void)brio_heap_fault(0);
    memset(pool->children, 0, pool->o.workers * sizeof(*pool->children));
    reset_signals();
    keep_fds(control, pool->bell);
    open_own_fds(&s, parent);
    serve(&s);
    _exit(0);
}
