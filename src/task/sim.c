/* SPDX-License-Identifier: MIT
 *
 * Programs on the simulator: the same main task, run after run, each on a loop
 * of its own with the next seed. */
#include "task/task_internal.h"

static int run_seed(const brio_sim *sim, uint64_t seed, brio_task_fn *fn, void *arg)
{
    brio_loop_options loop = {.backend = BRIO_BACKEND_SIM};
    if (sim->net)
        loop.sim = *sim->net;
    loop.sim.seed = seed;
    loop.sim.random_order = !sim->fifo;
    return brio_run(fn, arg, &(brio_run_options){.loop = &loop});
}

int brio_sim_run(const brio_sim *sim, brio_task_fn *fn, void *arg)
{
    brio_sim s = sim ? *sim : (brio_sim){0};
    uint64_t seed = s.seed ? s.seed : 1;
    int rc = 0;
    for (unsigned i = 0; i < (s.seeds ? s.seeds : 1) && rc >= 0; i++)
        rc = run_seed(&s, seed + i, fn, arg);
    return rc;
}
