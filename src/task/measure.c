/* SPDX-License-Identifier: MIT
 *
 * Measure: what a block took, by the wall and on the processor. While any
 * block is measured the runtime counts each task's time on the processor, so
 * what other tasks did meanwhile is not the block's. */
#include "task/task_internal.h"

/* The loop's clock stands still between suspensions; the real one does not. */
static brio_time wall(void)
{
    const brio_runtime *rt = brio_task_here();
    return rt && rt->simulated ? brio_loop_now(rt->loop) : brio_clock_monotonic();
}

void brio_measure_begin(brio_measured *measured)
{
    brio_trace_want(BRIO_TRACE_MEASURE, true);
    *measured = (brio_measured){.wall_began = wall(), .cpu_began = brio_task_cpu()};
}

void brio_measure_end(brio_measured *measured)
{
    measured->cpu = brio_task_cpu() - measured->cpu_began;
    measured->wall = wall() - measured->wall_began;
    brio_trace_want(BRIO_TRACE_MEASURE, false);
}

static void leave(void *measured)
{
    brio_measure_end(measured);
}

brio_measured *brio_measure_enter(brio_measured *measured)
{
    brio_measure_begin(measured);
    brio_held_begin(&measured->held, leave, measured);
    return measured;
}
