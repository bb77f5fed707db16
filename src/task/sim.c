/* SPDX-License-Identifier: MIT
 *
 * Programs on the simulator: the same main task, round after round, each on a
 * loop of its own: one for every seed, then one for every point that round
 * had at which something shall go wrong.
 *
 * What a round counts begins with its main task and ends when the last task
 * has: the hook at close reads the counters, and looks what is left. Points
 * are seen through the task table's changes (trace.c), so nothing is paid for
 * them in programs that run. Before each round its replay line is laid ready
 * for a signal handler: an assertion, ours or the user's, then says it too. */
#include "task/task_internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_STEPS UINT64_C(100000000)

typedef enum sim_fault { /* ORDER SIM_FAULT */
                         FAULT_NONE,
                         FAULT_CANCEL,
                         FAULT_DEADLINE,
                         FAULT_ALLOC,
                         FAULT_SYSCALL,
                         FAULTS
} sim_fault;

static const char *const fault_names[] = {"", "cancel", "deadline", "alloc",
                                          "syscall"}; /* ORDER SIM_FAULT */

struct brio_sim_round {
    const brio_sim *sim;
    brio_task_fn *fn;
    void *arg;
    brio_loop *loop;
    uint64_t seed;
    sim_fault fault;
    uint64_t at;                /* the point of the fault */
    uint64_t limit;             /* of steps */
    bool endless;               /* out: it was reached */
    uint64_t counts[FAULTS];    /* out, of each fault: how many points there were */
    size_t unended, held, open; /* out: what was left */
    brio_scope scope;           /* of FAULT_DEADLINE: around everything */
    brio_timer expiry;
};

/* ---- Points ------------------------------------------------------------- */

bool brio_task_sim_quiet(const brio_sim_round *round)
{
    return round->sim->quiet;
}

/* Time stands still while a task can run, so no grace would ever be over. */
static void stop_endless(brio_sim_round *round, brio_runtime *rt)
{
    round->endless = true;
    rt->grace_time = 0;
    if (rt->closing)
        brio_timer_start(rt->loop, &rt->grace, brio_loop_now(rt->loop));
    else
        brio_loop_stop(rt->loop);
}

/* Created, about to suspend, or woken and not yet running: wherever a
 * cancellation can find a task. */
void brio_task_sim_seen(brio_task *task)
{
    brio_sim_round *round = task->rt->sim;
    if (!round || task->rec.state == BRIO_TRACE_RUNNING || task->rec.state == BRIO_TRACE_ENDED)
        return;
    uint64_t step = ++round->counts[FAULT_CANCEL];
    if (step == round->limit)
        stop_endless(round, task->rt);
    if (step != round->at)
        return;
    if (round->fault == FAULT_CANCEL)
        (void)brio_task_cancel_with(task, "cancelled by brio_sim_run");
    else if (round->fault == FAULT_DEADLINE)
        brio_timer_start(round->loop, &round->expiry, brio_loop_now(round->loop));
}

static void expire(brio_timer *timer)
{
    brio_scope_cancel(&BRIO_CONTAINER(timer, brio_sim_round, expiry)->scope);
}

/* ---- One round ---------------------------------------------------------- */

static void count_tasks(brio_sim_round *round, const brio_runtime *rt)
{
    round->unended = rt->table.live;
    for (const brio_task_chunk *chunk = rt->chunks; chunk; chunk = chunk->next)
        for (size_t i = 0; i < BRIO_TASK_CHUNK; i++) {
            const brio_task *task = &chunk->tasks[i];
            round->held += task->rec.state == BRIO_TRACE_ENDED && task->holds > 0;
        }
}

static void at_close(void *arg)
{
    brio_sim_round *round = arg;
    brio_runtime *rt = brio_task_runtime(round->loop);
    round->counts[FAULT_ALLOC] = brio_heap_fault(0);
    round->counts[FAULT_SYSCALL] = brio_loop_sim_fault(round->loop, 0, 0);
    round->counts[FAULT_DEADLINE] = round->counts[FAULT_CANCEL]; /* at the same steps */
    brio_timer_stop(round->loop, &round->expiry);
    brio_trace_want(BRIO_TRACE_SIM, false);
    rt->sim = NULL;
    count_tasks(round, rt);
    round->open += brio_loop_sim_forget(round->loop);
}

static uint64_t point(const brio_sim_round *round, sim_fault fault, uint64_t planned)
{
    return round->fault == fault ? round->at : planned;
}

static int round_main(void *arg)
{
    brio_sim_round *round = arg;
    const brio_sim_faults *f = &round->sim->faults;
    brio_runtime *rt = brio_task_here();
    round->loop = rt->loop;
    brio_tasks_at_close(rt->loop, at_close, round);
    rt->sim = round;
    brio_trace_want(BRIO_TRACE_SIM, true);
    (void)brio_loop_sim_fault(rt->loop, point(round, FAULT_SYSCALL, f->nth_syscall),
                              f->syscall_err ? f->syscall_err : -ECONNRESET);
    (void)brio_heap_fault(point(round, FAULT_ALLOC, f->nth_alloc));
    if (round->fault != FAULT_DEADLINE)
        return round->fn(round->arg);
    round->expiry.fn = expire;
    brio_scope_enter(&round->scope);
    int rc = round->fn(round->arg);
    brio_scope_leave(&round->scope);
    return rc;
}

/* When things are made to go wrong, nobody wants to read that they did. */
static void ignore_failure(const brio_failure *failure, void *arg)
{
    (void)failure;
    (void)arg;
}

static int run_round(brio_sim_round *round)
{
    const brio_sim *sim = round->sim;
    brio_loop_options loop = {.backend = BRIO_BACKEND_SIM};
    if (sim->net)
        loop.sim = *sim->net;
    loop.sim.seed = round->seed;
    loop.sim.random_order = !sim->fifo;
    brio_run_options options = sim->run ? *sim->run : (brio_run_options){0};
    options.loop = &loop;
    if (round->fault && !options.on_failure)
        options.on_failure = ignore_failure;
    int rc = brio_run(round_main, round, &options);
    if (round->endless)
        return BRIO_ELIMIT;
    bool clean = !round->unended && !round->held && !round->open;
    return rc >= 0 && !clean ? BRIO_ELEAK : rc;
}

/* ---- Telling ------------------------------------------------------------ */

static char replay_line[128]; /* of the round that runs; for the signal handler */

static void write_replay(const brio_sim_round *round)
{
    int n = snprintf(replay_line, sizeof replay_line, "brio_sim_run: replay with BRIO_SEED=%llu",
                     (unsigned long long)round->seed);
    size_t at = (size_t)n;
    if (round->fault)
        n += snprintf(replay_line + at, sizeof replay_line - at, ":%s:%llu",
                      fault_names[round->fault], (unsigned long long)round->at);
    replay_line[n] = '\n';
    replay_line[n + 1] = '\0';
}

static void tell(const brio_sim_round *round, int rc)
{
    if (round->sim->quiet)
        return;
    fprintf(stderr, "brio_sim_run: %s", brio_error_text(rc));
    if (round->endless)
        fprintf(stderr, "; no end after %llu steps", (unsigned long long)round->limit);
    if (round->unended)
        fprintf(stderr, "; %zu tasks could not be ended", round->unended);
    if (round->held)
        fprintf(stderr, "; %zu tasks were acquired and not released", round->held);
    if (round->open)
        fprintf(stderr, "; %zu things (sockets, listeners, streams, files) were left open",
                round->open);
    fprintf(stderr, "\n%s", replay_line);
}

static void on_crash(int signo)
{
    (void)signo; /* its default follows: SA_RESETHAND */
    ssize_t n = write(STDERR_FILENO, replay_line, strlen(replay_line));
    (void)n;
}

static const int crashes[] = {SIGABRT, SIGSEGV};

/* Only where nobody else listens. */
static void watch_crashes(struct sigaction before[2])
{
    struct sigaction ours = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK)};
    for (int i = 0; i < 2; i++) {
        sigaction(crashes[i], NULL, &before[i]);
        if (before[i].sa_handler == SIG_DFL)
            sigaction(crashes[i], &ours, NULL);
    }
}

static void unwatch_crashes(const struct sigaction before[2])
{
    for (int i = 0; i < 2; i++)
        if (before[i].sa_handler == SIG_DFL)
            sigaction(crashes[i], &before[i], NULL);
}

/* ---- All rounds --------------------------------------------------------- */

/* What no planned fault excuses. */
static bool must_not(int rc)
{
    return rc == BRIO_EDEADLOCK || rc == BRIO_ELEAK || rc == BRIO_ELIMIT;
}

static int one_round(brio_sim_round *round)
{
    write_replay(round);
    if (!round->limit)
        round->limit = round->sim->max_steps ? round->sim->max_steps : MAX_STEPS;
    int rc = run_round(round);
    bool told = round->fault ? must_not(rc) : rc < 0;
    bool left = round->unended || round->held || round->open;
    if (told || left)
        tell(round, rc);
    if (round->fault)
        return told ? rc : left ? BRIO_ELEAK : 0;
    return rc;
}

/* Once for each point the good round had. */
static int fail_everywhere(const brio_sim_round *good, sim_fault fault)
{
    int rc = 0;
    for (uint64_t at = 1; at <= good->counts[fault] && rc >= 0; at++) {
        brio_sim_round round = {.sim = good->sim, .fn = good->fn, .arg = good->arg};
        round.seed = good->seed;
        round.fault = fault;
        round.at = at;
        uint64_t most = 100 * good->counts[FAULT_CANCEL] + 1000000;
        round.limit = most < good->limit ? most : good->limit;
        rc = one_round(&round);
    }
    return rc;
}

static int run_seed(brio_sim_round *round)
{
    const brio_sim *sim = round->sim;
    const bool wanted[] = {false, sim->cancel_everywhere, sim->deadline_everywhere,
                           sim->fail_every_alloc, sim->fail_every_syscall}; /* ORDER SIM_FAULT */
    int result = one_round(round);
    for (int fault = FAULT_CANCEL; fault <= FAULT_SYSCALL; fault++) {
        int rc = result >= 0 && wanted[fault] && !round->fault
                     ? fail_everywhere(round, (sim_fault)fault)
                     : 0;
        if (rc < 0)
            return rc;
    }
    return result;
}

/* "7" or "7:cancel:12". False if it is neither, which is told. */
static bool parse_replay(brio_str text, brio_sim_round *round)
{
    brio_str_pair seed = brio_str_cut(text, ':'), fault = brio_str_cut(seed.tail, ':');
    if (brio_str_to_u64(seed.head, &round->seed) == 0 && round->seed) {
        if (!seed.found)
            return true;
        for (int i = FAULT_CANCEL; i <= FAULT_SYSCALL; i++)
            if (brio_str_eq(fault.head, brio_str_from(fault_names[i])) &&
                brio_str_to_u64(fault.tail, &round->at) == 0) {
                round->fault = (sim_fault)i;
                return true;
            }
    }
    fprintf(stderr,
            "brio_sim_run: BRIO_SEED is not SEED or SEED:cancel|deadline|alloc|syscall:POINT\n");
    return false;
}

static int run_all(const brio_sim *sim, brio_task_fn *fn, void *arg)
{
    const char *env = getenv("BRIO_SEED");
    brio_sim_round asked = {.sim = sim, .fn = fn, .arg = arg};
    if (env && *env)
        return parse_replay(brio_str_from(env), &asked) ? run_seed(&asked) : -EINVAL;
    int rc = 0;
    for (unsigned i = 0; i < (sim->seeds ? sim->seeds : 1) && rc >= 0; i++) {
        brio_sim_round round = asked;
        round.seed = (sim->seed ? sim->seed : 1) + i;
        rc = run_seed(&round);
    }
    return rc;
}

int brio_sim_run(const brio_sim *sim, brio_task_fn *fn, void *arg)
{
    static const brio_sim defaults;
    const brio_sim *s = sim ? sim : &defaults;
    struct sigaction before[2] = {0};
    if (brio_loop_current() || brio_task_self())
        return -EALREADY;
    if (!s->quiet)
        watch_crashes(before);
    int rc = run_all(s, fn, arg);
    if (!s->quiet)
        unwatch_crashes(before);
    return rc;
}

bool brio_sim_left(brio_loop *loop, size_t n)
{
    const brio_runtime *rt = brio_task_runtime(loop);
    if (!rt || !rt->sim)
        return false;
    rt->sim->open += n;
    return true;
}

/* ---- In a run ----------------------------------------------------------- */

int brio_sim_partition(uint16_t port)
{
    brio_loop *loop = brio_loop_current();
    return loop ? brio_loop_sim_partition(loop, port) : -ENOTSUP;
}

int brio_sim_heal(void)
{
    brio_loop *loop = brio_loop_current();
    return loop ? brio_loop_sim_heal(loop) : -ENOTSUP;
}
