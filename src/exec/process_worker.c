/* SPDX-License-Identifier: MIT
 *
 * A worker process: begins, runs one job after the other, ends.
 *
 * It came from the fork server, so it knows the program's functions and the
 * pool as it was, and has one thread. It keeps standard input (nothing), output
 * and error, the bell and its own slot's memory; limits are set before user code
 * runs. It waits for jobs with open eyes for a while, then in the kernel, and
 * rings the bell only if its parent asked for that. It leaves by _exit: exit
 * handlers are the parent's. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

typedef struct child {
    const brio_processes *pool;
    const brio_exec_slot *slot;
    brio_exec_shared *shared;
    int bell;
    timer_t cpu;
    brio_exec_spin spin;
} child;

static void ring(const child *c)
{
    uint64_t one = 1;
    ssize_t n = write(c->bell, &one, sizeof(one));
    (void)n; /* full is loud enough */
}

/* ---- Jobs --------------------------------------------------------------- */

static void cpu_timer(const child *c, brio_time limit)
{
    struct itimerspec spec = {.it_value = {.tv_sec = (time_t)(limit / BRIO_SEC(1)),
                                           .tv_nsec = (long)(limit % BRIO_SEC(1))}};
    if (c->pool->o.cpu_limit > 0)
        timer_settime(c->cpu, 0, &spec, NULL);
}

/* fn's result, as far as it is one. */
static int judge(const child *c, int rc, const brio_buf *result)
{
    if (rc == -ENOMEM && c->pool->o.memory_limit && brio_error_detail().len == 0)
        return brio_error(rc, "no memory: the worker's memory_limit is %zu bytes",
                          c->pool->o.memory_limit);
    if (rc >= 0 && (result->failed || result->len > c->pool->o.max_payload))
        return brio_error(BRIO_ELIMIT, "the result is larger than max_payload, %zu bytes",
                          c->pool->o.max_payload);
    return rc;
}

static void run_job(const child *c)
{
    brio_exec_shared *shared = c->shared;
    brio_str arg = {brio_exec_slot_arg(c->slot), (size_t)shared->arg_len};
    brio_buf result =
        brio_buf_over(brio_exec_slot_result(c->pool, c->slot), c->pool->o.max_payload);
    brio_exec_words_forget();
    atomic_store_explicit(&shared->began, shared->seq, memory_order_release);
    cpu_timer(c, c->pool->o.cpu_limit);
    int rc = judge(c, shared->fn(arg, &result), &result);
    cpu_timer(c, 0);
    fflush(stdout); /* a worker may be killed at any time */
    brio_exec_words_take(&shared->answer.words, rc);
    shared->answer.result = rc;
    shared->answer.len = rc < 0 ? 0 : result.len;
    shared->answer.seq = shared->seq;
}

static unsigned await_turn(child *c, unsigned now)
{
    brio_exec_shared *shared = c->shared;
    brio_exec_spin_while(&c->spin, &shared->word, now, BRIO_EXEC_SPIN);
    while (atomic_load(&shared->word) == now) {
        atomic_store(&shared->asleep, 1);
        (void)brio_exec_sleep(&shared->word, now, BRIO_NEVER, true);
        atomic_store(&shared->asleep, 0);
    }
    return atomic_load(&shared->word);
}

static void work(child *c)
{
    unsigned now = BRIO_EXEC_READY;
    for (;;) {
        unsigned turn = await_turn(c, now);
        if (turn != BRIO_EXEC_JOB && turn != BRIO_EXEC_JOB_LOUD)
            return;
        run_job(c);
        now = BRIO_EXEC_DONE;
        if (atomic_exchange(&c->shared->word, now) == BRIO_EXEC_JOB_LOUD)
            ring(c);
    }
}

/* ---- Beginning ---------------------------------------------------------- */

/* Pages of address space we have now, or 0. */
static size_t pages_now(void)
{
    size_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%zu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages;
}

static int limit_memory(size_t more)
{
    size_t now = pages_now() * (size_t)sysconf(_SC_PAGESIZE), sum;
    if (!more || now == 0)
        return 0;
    if (__builtin_add_overflow(now, more, &sum))
        return 0;
    struct rlimit limit = {.rlim_cur = sum, .rlim_max = sum};
    return setrlimit(RLIMIT_AS, &limit) < 0 ? -errno : 0;
}

/* On the processor time of all its threads; the default action of SIGXCPU ends it. */
static int limit_cpu(child *c)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGXCPU};
    if (c->pool->o.cpu_limit <= 0)
        return 0;
    return timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &c->cpu) < 0 ? -errno : 0;
}

/* The other workers' memory is none of our business. */
static void forget_others(brio_processes *pool, unsigned index)
{
    for (unsigned i = 0; i < pool->o.workers; i++)
        if (i != index)
            brio_exec_slot_unmap(pool, &pool->slots[i]);
}

static int prepare(child *c)
{
    sigset_t none;
    prctl(PR_SET_NAME, c->slot->name);
    __fpurge(stdout); /* what the parent had not written yet is not ours to write */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int rc = limit_memory(c->pool->o.memory_limit);
    if (rc == 0)
        rc = limit_cpu(c);
    if (rc < 0)
        return brio_error(rc, "the worker's limits cannot be set: %s", brio_error_text(rc));
    return c->pool->o.worker_init ? c->pool->o.worker_init(c->pool->o.worker_arg) : 0;
}

/* False if we shall not even begin. */
static bool begin(child *c)
{
    unsigned starting = BRIO_EXEC_STARTING;
    brio_exec_words_forget();
    int rc = prepare(c);
    brio_exec_words_take(&c->shared->answer.words, rc);
    c->shared->answer.result = rc < 0 ? rc : 0;
    bool good = atomic_compare_exchange_strong(&c->shared->word, &starting,
                                               rc < 0 ? BRIO_EXEC_REFUSED : BRIO_EXEC_READY);
    ring(c);
    return good && rc >= 0;
}

void brio_exec_child_main(brio_processes *pool, unsigned index, int bell, pid_t server)
{
    child c = {.pool = pool,
               .slot = &pool->slots[index],
               .shared = pool->slots[index].shared,
               .bell = bell};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != server)
        _exit(0); /* it died before it could be told to us */
    forget_others(pool, index);
    if (begin(&c)) {
        work(&c);
        alarm(1); /* for what is called now */
        if (pool->o.worker_fini)
            pool->o.worker_fini(pool->o.worker_arg);
    }
    fflush(stdout);
    _exit(0);
}
