/* SPDX-License-Identifier: MIT
 *
 * Signals as loop events: one signalfd per loop for all of them.
 *
 * A signal taken over is blocked on the loop's thread, so the kernel keeps it
 * until the loop reads it: no code ever runs in signal context. Threads made
 * later inherit the block; older ones must block it themselves. Stopping
 * restores the block as it was. The brio_signal belongs to its owner. */
#include "loop/internal.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { SIGNALS = 64 }; /* the kernel's last, SIGRTMAX */

static uint64_t bit(int signo)
{
    return UINT64_C(1) << (signo - 1);
}

static brio_signal *taken_by(const brio_loop *loop, int signo)
{
    for (brio_link *l = loop->signals.next; l != &loop->signals; l = l->next) {
        brio_signal *sig = BRIO_CONTAINER(l, brio_signal, link);
        if (sig->signo == signo)
            return sig;
    }
    return NULL;
}

static void deliver(brio_loop *loop, int signo)
{
    brio_signal *sig = taken_by(loop, signo);
    if (sig)
        sig->fn(sig);
}

static void on_readable(brio_watch *watch, uint32_t ready)
{
    (void)ready;
    brio_loop *loop = BRIO_CONTAINER(watch, brio_loop, signal_watch);
    struct signalfd_siginfo info;
    while (loop->signal_fd >= 0 && read(loop->signal_fd, &info, sizeof info) == sizeof info)
        deliver(loop, (int)info.ssi_signo);
}

static void on_raised(brio_callback *cb)
{
    brio_loop *loop = BRIO_CONTAINER(cb, brio_loop, signal_deliver);
    uint64_t raised = loop->signal_raised;
    loop->signal_raised = 0;
    for (int signo = 1; signo <= SIGNALS; signo++)
        if (raised & bit(signo))
            deliver(loop, signo);
}

void brio_loop_raise(brio_loop *loop, int signo)
{
    BRIO_ASSERT(signo > 0 && signo <= SIGNALS);
    loop->signal_raised |= bit(signo);
    if (!brio_callback_queued(&loop->signal_deliver))
        brio_loop_call_soon(loop, &loop->signal_deliver);
}

/* Makes the signalfd show exactly signal_mask; opens it for the first one. */
static int refresh(brio_loop *loop)
{
    int fd = signalfd(loop->signal_fd, &loop->signal_mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (loop->signal_fd >= 0)
        return 0;
    loop->signal_fd = fd;
    loop->signal_watch.fd = fd;
    loop->signal_watch.events = EPOLLIN;
    loop->signal_watch.fn = on_readable;
    int rc = loop->ops->watch_start(loop, &loop->signal_watch);
    if (rc < 0) {
        close(fd);
        loop->signal_fd = -1;
    }
    return rc;
}

static void block(brio_loop *loop, int signo)
{
    sigset_t one, before;
    sigemptyset(&one);
    sigaddset(&one, signo);
    pthread_sigmask(SIG_BLOCK, &one, &before);
    if (!sigismember(&before, signo))
        sigaddset(&loop->signal_blocked, signo);
}

static void unblock(brio_loop *loop, int signo)
{
    if (!sigismember(&loop->signal_blocked, signo))
        return;
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signo);
    sigdelset(&loop->signal_blocked, signo);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

int brio_signal_start(brio_loop *loop, brio_signal *sig, int signo)
{
    sigset_t known; /* two numbers are the C library's own */
    sigemptyset(&known);
    if (signo <= 0 || signo > SIGNALS || signo == SIGKILL || signo == SIGSTOP ||
        sigaddset(&known, signo) < 0)
        return -EINVAL;
    if (taken_by(loop, signo))
        return -EBUSY;
    if (!loop->ops->virtual_clock) {
        sigaddset(&loop->signal_mask, signo);
        int rc = refresh(loop);
        if (rc < 0) {
            sigdelset(&loop->signal_mask, signo);
            return rc;
        }
        block(loop, signo);
    }
    sig->signo = signo;
    brio_link_insert_before(&loop->signals, &sig->link);
    loop->open++;
    return 0;
}

static void close_fd(brio_loop *loop)
{
    loop->ops->watch_stop(loop, &loop->signal_watch);
    close(loop->signal_fd);
    loop->signal_fd = -1;
}

void brio_signal_stop(brio_loop *loop, brio_signal *sig)
{
    if (taken_by(loop, sig->signo) != sig)
        return;
    brio_link_remove(&sig->link);
    loop->open--;
    if (loop->ops->virtual_clock)
        return;
    sigdelset(&loop->signal_mask, sig->signo);
    if (brio_link_alone(&loop->signals))
        close_fd(loop);
    else
        BRIO_ASSERT(refresh(loop) == 0);
    unblock(loop, sig->signo);
}

void brio_loop_signals_init(brio_loop *loop)
{
    brio_link_init(&loop->signals);
    sigemptyset(&loop->signal_mask);
    sigemptyset(&loop->signal_blocked);
    loop->signal_fd = -1;
    loop->signal_deliver.fn = on_raised;
}

void brio_loop_signals_fini(brio_loop *loop)
{
    BRIO_ASSERT(brio_link_alone(&loop->signals));
    brio_loop_call_cancel(loop, &loop->signal_deliver);
}
