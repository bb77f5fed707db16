/* SPDX-License-Identifier: MIT
 *
 * brio/sim.h: your program on a simulated kernel. Part of <brio/task.h>.
 *
 *     static int ten_seconds(void *arg) { return brio_sleep(BRIO_SEC(10)); }
 *     assert(brio_sim_run(&(brio_sim){.seeds = 200}, ten_seconds, NULL) == 0);
 *
 * Time is virtual: it jumps to the next timer when every task waits, so a test
 * that sleeps ten seconds takes no time. Ready tasks run in an order drawn from
 * the seed; the network is in memory, with latency, loss and resets as asked.
 * The same seed replays the same run, and a failing one is printed. */
#ifndef BRIO_SIM_H
#define BRIO_SIM_H

#include <brio/task.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_sim_options; /* brio/loop.h: the network's knobs */

/* What shall fail, and how. Counting begins with the main task's first
 * instruction and ends when the last task has ended. */
typedef struct brio_sim_faults {
    uint64_t nth_alloc;   /* the n-th allocation of brio's rooms, task arenas included, fails; 0: none */
    uint64_t nth_syscall; /* the n-th call of the simulated network (listen, connect, accept, write,
                             each segment read) fails ... */
    int syscall_err;      /* ... with this; 0 means -ECONNRESET */
} brio_sim_faults;

typedef struct brio_sim {
    uint64_t seed;   /* 0 means 1 */
    unsigned seeds;  /* so many runs, seed, seed+1, ...; 0 means 1 */
    bool fifo;       /* ready tasks run in order, not by seed */
    const struct brio_sim_options *net; /* borrowed; its seed and order are ignored; NULL means a perfect network */
    const brio_run_options *run;        /* borrowed; its loop is ignored; NULL means the defaults */
    brio_sim_faults faults;
    /* After a good run (one whose result is >= 0), once more for each step at
     * which a task of it could be cancelled, with the task that stands there
     * cancelled: just created (unless eager), about to suspend, or woken and
     * not yet running. A run may return anything then, but must end, leak no
     * task, descriptor or waiter, and trip no assertion. */
    bool cancel_everywhere;
    /* The same with a scope around the whole program whose deadline passes at
     * that step: every suspending call fails from then on, not only one. */
    bool deadline_everywhere;
    /* The same for every allocation, or every simulated system call. */
    bool fail_every_alloc, fail_every_syscall;
    uint64_t max_steps; /* a run with more steps than that does not end: its tasks are forced to, and
                           the result is BRIO_ELIMIT; 0 means 100,000,000 */
    bool quiet;      /* prints nothing on failure, nor on a deadlock */
} brio_sim;

/* Runs fn(arg) as a main task on the simulator, as often as `sim` says (NULL:
 * once, seed 1), each time on a fresh loop, and stops at the first failure.
 * Returns fn's result: the first that is < 0, else the last of those without
 * a planned point of failure. Also
 * - BRIO_EDEADLOCK when every task waits and none can wake: the tree of who
 *   waits for what is logged, and the rings of tasks that wait for each other;
 * - BRIO_ELIMIT after max_steps (a loop around brio_yield, say: time stands
 *   still while anybody can run);
 * - BRIO_ELEAK when fn's result is >= 0, but a task could not be ended or was
 *   acquired and not released, or a socket, acceptor, accepted descriptor or
 *   chunk is still open after the last task has ended;
 * - -EALREADY inside a running loop, or as brio_run.
 *
 * A failure prints on standard error the line that replays exactly that run,
 * as does a crash or failed assertion in it (by handlers of SIGABRT and
 * SIGSEGV, where these had none, and only while this function runs):
 * BRIO_SEED=7 or BRIO_SEED=7:cancel:12 in the environment overrides `seed`,
 * `seeds` and the points. A thread at work (brio_to_thread) stops the clock
 * until it is done; programs that use threads do not replay exactly. */
BRIO_API int brio_sim_run(const brio_sim *sim, brio_task_fn *fn, void *arg) BRIO_CHECKED;

/* In a run: cuts the simulated network in two (connections stall, both ways,
 * as when a cable is pulled; connects time out), and heals it. Ports below
 * `port` cannot talk to the others. Outside sim: -ENOTSUP. */
BRIO_API int brio_sim_partition(uint16_t port) BRIO_CHECKED;
BRIO_API int brio_sim_heal(void) BRIO_CHECKED;

/* For rooms that give back at the end of a loop what its program forgot: counts
 * `n` such things as left open in the simulated run of `loop`, and returns
 * true; elsewhere false: log it. */
BRIO_API bool brio_sim_left(struct brio_loop *loop, size_t n);

/* Suspends until every other task waits for something that only time or the
 * outside can bring (trio's wait_all_tasks_blocked), and nothing is due. Tasks
 * that wait here themselves count as waiting. Any back end; on a real one the
 * outside may be about to bring it. 0, -ECANCELED. */
BRIO_API int brio_wait_all_blocked(void) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
