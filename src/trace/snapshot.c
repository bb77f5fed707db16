/* SPDX-License-Identifier: MIT
 *
 * The stack of another thread of this process: a signal makes it copy its own
 * registers and stack into memory that was there before. No unwinding, no
 * lock, no allocation in the handler: the asker unwinds the copy at leisure.
 *
 * The stack is copied by a system call that stops at the first missing page,
 * for a handler does not know where its stack ends. One request at a time goes
 * IDLE -> ASKED -> TAKING -> DONE; a late handler finds IDLE or another number
 * and does nothing. */
#include "trace/trace_internal.h"

#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { PATIENCE_MS = 200 };
enum { IDLE, ASKED, TAKING };

static struct {
    int state; // atomic
    int64_t tid;
    const brio_trace_loop *loop;
    brio_time since;
    brio_trace_snapshot *into;
    sem_t done;
    struct sigaction former;
} request;

static int signal_number(void)
{
    return SIGRTMAX - 1;
}

/* ---- The handler -------------------------------------------------------- */

#if defined(__x86_64__)
static void copy_registers(brio_image_regs *regs, const ucontext_t *context)
{
    static const int order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
    regs->n = sizeof(order) / sizeof(order[0]);
    for (unsigned i = 0; i < regs->n; i++)
        regs->dwarf[i] = (uint64_t)context->uc_mcontext.gregs[order[i]];
    regs->pc = regs->dwarf[16];
    regs->sp = regs->dwarf[7];
    regs->fp = regs->dwarf[6];
}
#elif defined(__aarch64__)
static void copy_registers(brio_image_regs *regs, const ucontext_t *context)
{
    regs->n = 32;
    for (unsigned i = 0; i < 31; i++)
        regs->dwarf[i] = context->uc_mcontext.regs[i];
    regs->dwarf[31] = context->uc_mcontext.sp;
    regs->pc = context->uc_mcontext.pc;
    regs->sp = context->uc_mcontext.sp;
    regs->fp = regs->dwarf[29];
}
#else
#error "the detector knows the registers of x86-64 and aarch64 only"
#endif

static void copy_stack(brio_trace_snapshot *into)
{
    const brio_image_regs *regs = &into->regs;
    union {
        uint64_t number;
        void *pointer;
    } sp = {.number = regs->sp};
    struct iovec to = {into->stack, sizeof(into->stack)};
    struct iovec from = {sp.pointer, sizeof(into->stack)};
    long n = syscall(SYS_process_vm_readv, getpid(), &to, 1, &from, 1, 0);
    into->regs.stack = into->stack;
    into->regs.stack_at = regs->sp;
    into->regs.stack_len = n > 0 ? (size_t)n : 0;
}

void brio_trace_snapshot_here(brio_trace_snapshot *into, const void *context)
{
    copy_registers(&into->regs, context);
    copy_stack(into);
}

void brio_trace_snapshot_name(brio_trace_snapshot *into, const brio_trace_task *task)
{
    const char *name = !task ? "a callback" : task->name ? task->name : "task";
    size_t len = strnlen(name, sizeof(into->name) - 1);
    memcpy(into->name, name, len);
    into->name[len] = '\0';
    into->id = task ? task->id : 0;
}

static const brio_trace_task *running_on(const brio_trace_loop *loop)
{
    return __atomic_load_n(&loop->running, __ATOMIC_RELAXED);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info;
    int saved = errno, asked = ASKED;
    if (__atomic_load_n(&request.tid, __ATOMIC_ACQUIRE) == gettid() &&
        __atomic_compare_exchange_n(&request.state, &asked, TAKING, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED)) {
        if (__atomic_load_n(&request.loop->running_since, __ATOMIC_RELAXED) == request.since) {
            /* Who it is can be told only while its turn lasts, so here. */
            brio_trace_snapshot_name(request.into, running_on(request.loop));
            brio_trace_snapshot_here(request.into, context);
            request.into->whole = true;
        }
        __atomic_store_n(&request.state, IDLE, __ATOMIC_RELEASE);
        sem_post(&request.done);
    }
    errno = saved;
}

/* ---- The asker ---------------------------------------------------------- */

int brio_trace_snapshot_open(void)
{
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    request.state = IDLE;
    if (sem_init(&request.done, 0, 0) < 0)
        return -errno;
    return sigaction(signal_number(), &action, &request.former) < 0 ? -errno : 0;
}

/* A signal still on its way must not end the process: ignored, unless the
 * program had a handler of its own. */
void brio_trace_snapshot_close(void)
{
    if (!(request.former.sa_flags & SA_SIGINFO) && request.former.sa_handler == SIG_DFL)
        request.former.sa_handler = SIG_IGN;
    sigaction(signal_number(), &request.former, NULL);
    sem_destroy(&request.done);
}

static bool wait_for_answer(void)
{
    brio_time until = brio_clock_monotonic() + BRIO_MS(PATIENCE_MS);
    struct timespec at = {.tv_sec = (time_t)(until / BRIO_SEC(1)),
                          .tv_nsec = (long)(until % BRIO_SEC(1))};
    int rc;
    do
        rc = sem_clockwait(&request.done, CLOCK_MONOTONIC, &at);
    while (rc < 0 && errno == EINTR);
    return rc == 0;
}

void brio_trace_snapshot_take(brio_trace_snapshot *into, const brio_trace_loop *loop,
                              brio_time since)
{
    into->whole = false;
    request.into = into;
    request.loop = loop;
    request.since = since;
    __atomic_store_n(&request.tid, loop->tid, __ATOMIC_RELEASE);
    __atomic_store_n(&request.state, ASKED, __ATOMIC_RELEASE);
    int asked = ASKED;
    if ((tgkill(getpid(), (pid_t)loop->tid, signal_number()) < 0 || !wait_for_answer()) &&
        !__atomic_compare_exchange_n(&request.state, &asked, IDLE, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_ACQUIRE))
        while (sem_wait(&request.done) < 0) /* it is at it */
            ;
    int state = __atomic_load_n(&request.state, __ATOMIC_ACQUIRE); /* see what it wrote */
    BRIO_ASSERT(state == IDLE);
}
