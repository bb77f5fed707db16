/* SPDX-License-Identifier: MIT
 *
 * Signals for one run of brio_serve: a handler that writes the number into a
 * pipe, whose reading end is watched like any other descriptor.
 *
 * Handlers rather than a signalfd, because a signalfd needs the signals to be
 * blocked in every thread of the process, and threads of an embedding program
 * are not ours. Signals belong to the process, so there is one owner at a
 * time; the dispositions found are put back at the end. */
#include "server/server_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* Columns: signal, and per ORDER ROLE what becomes of it. */
enum action { KEEP, TELL, SKIP };
static const struct {
    int signo;
    enum action by_role[3];
} table[] = {
    {SIGTERM, {TELL, TELL, TELL}},
    {SIGINT, {TELL, TELL, SKIP}}, /* Ctrl-C reaches the whole group; the supervisor decides */
    {SIGHUP, {KEEP, TELL, SKIP}},
    {SIGCHLD, {KEEP, TELL, KEEP}},
};
enum { N = sizeof table / sizeof *table };

static atomic_flag taken = ATOMIC_FLAG_INIT;
static struct sigaction before_run[N];
static int pipe_fd[2] = {-1, -1};

static void on_signal(int signo)
{
    int saved = errno;
    unsigned char byte = (unsigned char)signo;
    ssize_t n = write(pipe_fd[1], &byte, 1);
    (void)n; /* full: enough of them are waiting */
    errno = saved;
}

static void install(brio_server_role role, bool reloads, size_t i)
{
    enum action act = table[i].by_role[role];
    if (reloads && table[i].signo == SIGHUP)
        act = TELL;
    struct sigaction action = {.sa_handler = act == TELL ? on_signal : SIG_IGN,
                               .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    int rc = sigaction(table[i].signo, act == KEEP ? NULL : &action, &before_run[i]);
    BRIO_ASSERT(rc == 0);
}

static void restore(void)
{
    for (size_t i = 0; i < N; i++)
        (void)sigaction(table[i].signo, &before_run[i], NULL);
}

int brio_server_signals_open(brio_server_role role, bool reloads)
{
    if (atomic_flag_test_and_set(&taken))
        return -EBUSY;
    if (pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK) < 0) {
        atomic_flag_clear(&taken);
        return -errno;
    }
    for (size_t i = 0; i < N; i++)
        install(role, reloads, i);
    return pipe_fd[0];
}

int brio_server_signals_next(void)
{
    unsigned char byte;
    return read(pipe_fd[0], &byte, 1) == 1 ? byte : 0;
}

void brio_server_signals_close(void)
{
    BRIO_ASSERT(pipe_fd[0] >= 0);
    restore();
    close(pipe_fd[0]);
    close(pipe_fd[1]);
    pipe_fd[0] = pipe_fd[1] = -1;
    atomic_flag_clear(&taken);
}

void brio_server_signals_block(sigset_t *ret_before)
{
    sigset_t ours;
    sigemptyset(&ours);
    for (size_t i = 0; i < N; i++)
        sigaddset(&ours, table[i].signo);
    pthread_sigmask(SIG_BLOCK, &ours, ret_before);
}

void brio_server_signals_unblock(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}
