/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C, as asyncio.run has it: the first cancels the main task, the second
 * ends the process the default way.
 *
 * A handler, not the loop's signalfd: the second Ctrl-C must work while a task
 * computes and the loop does not turn. It does two things that are safe in
 * signal context: it posts a callback (a compare-and-swap and a write), or
 * puts the default action back and raises again. Who handles or ignores SIGINT
 * himself is left alone. The handler may run on any thread, so stopping waits
 * until it is out of it. One runner of the process has it at a time. */
#include "task/task_internal.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

static _Atomic(brio_task_sigint *) owner;
static atomic_int signals; /* since start */
static atomic_int inside;  /* handlers now running */

static void by_default(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)raise(SIGINT);
}

static void on_signal(int signo)
{
    int saved = errno;
    (void)signo;
    atomic_fetch_add(&inside, 1);
    brio_task_sigint *sigint = atomic_load(&owner);
    if (sigint && atomic_fetch_add(&signals, 1) == 0)
        brio_loop_post(sigint->loop, &sigint->told);
    else
        by_default();
    atomic_fetch_sub(&inside, 1);
    errno = saved;
}

static void told(brio_callback *cb)
{
    brio_task_sigint *sigint = BRIO_CONTAINER(cb, brio_task_sigint, told);
    if (sigint->main)
        sigint->cancelled = brio_task_cancel(sigint->main);
}

void brio_task_sigint_start(brio_task_sigint *sigint)
{
    struct sigaction now, action = {.sa_handler = on_signal};
    brio_task_sigint *nobody = NULL;
    sigint->told.fn = told;
    sigint->cancelled = false;
    if (sigaction(SIGINT, NULL, &now) != 0 || now.sa_handler != SIG_DFL)
        return;
    if (!atomic_compare_exchange_strong(&owner, &nobody, sigint))
        return;
    atomic_store(&signals, 0);
    sigemptyset(&action.sa_mask);
    sigint->on = sigaction(SIGINT, &action, NULL) == 0;
}

void brio_task_sigint_stop(brio_task_sigint *sigint)
{
    struct sigaction now, action = {.sa_handler = SIG_DFL};
    sigint->main = NULL;
    if (!sigint->on)
        return;
    sigint->on = false;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == on_signal)
        (void)sigaction(SIGINT, &action, NULL);
    atomic_store(&owner, NULL);
    while (atomic_load(&inside))
        sched_yield();
}
