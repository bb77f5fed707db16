/* SPDX-License-Identifier: MIT
 *
 * Names the task that ran into its guard page. A library installs no signal
 * handler unasked, so this waits for brio_task_report_overflow. The handler
 * runs on an alternate stack (the task's own is full), writes one line, puts
 * the former handler back and returns: the fault repeats and goes to whoever
 * would have had it (a sanitizer, the core dump). */
#include "task/task_internal.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { ALTERNATE_BYTES = 32 * 1024 }; /* an AVX-512 frame takes several KiB */

static atomic_bool reporting;
static struct sigaction former;
static _Thread_local char *alternate;

static void say(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));
    (void)n; /* nothing left to do about it */
}

static bool in_guard(const brio_task *task, const void *address)
{
    if (!task || !task->stack)
        return false;
    uintptr_t at = (uintptr_t)address, low = (uintptr_t)task->stack->low;
    return at < low && at >= low - task->rt->stacks.page;
}

static void on_segv(int signo, siginfo_t *info, void *ucontext)
{
    (void)ucontext;
    const brio_task *task = brio_task_self();
    if (in_guard(task, info->si_addr)) {
        say("brio: stack overflow in task \"");
        say(task->rec.name);
        say("\": give it a larger stack_size\n");
    }
    (void)sigaction(signo, &former, NULL);
}

void brio_task_overflow_thread(void)
{
    stack_t now;
    if (!atomic_load(&reporting) || alternate)
        return;
    if (sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_DISABLE))
        return;                               /* somebody cared already */
    alternate = brio_malloc(ALTERNATE_BYTES); /* the thread's, until the process ends */
    if (alternate)
        (void)sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = ALTERNATE_BYTES}, NULL);
}

static int report_off(void)
{
    if (atomic_exchange(&reporting, false) && sigaction(SIGSEGV, &former, NULL) != 0)
        return -errno;
    if (alternate) {
        (void)sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
        free(alternate);
        alternate = NULL;
    }
    return 0;
}

int brio_task_report_overflow(bool on)
{
    if (!on)
        return report_off();
    if (atomic_exchange(&reporting, true))
        return 0;
    struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSEGV, &action, &former) != 0) {
        atomic_store(&reporting, false);
        return -errno;
    }
    brio_task_overflow_thread();
    return 0;
}
