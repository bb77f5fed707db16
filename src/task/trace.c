/* SPDX-License-Identifier: MIT
 *
 * What tasks tell the room trace while somebody listens: events for a
 * timeline, who runs since when for the detector, time on the processor.
 *
 * All of this hangs on one predictable test in brio_task_set_state; nothing
 * here runs otherwise, and nothing may assume that it ran before: listeners
 * come and go in the middle of a turn. So a slice (one task's time from
 * being resumed to suspending) is believed only if it names the task and the
 * resumption at hand. */
#include "task/task_internal.h"

#include <time.h>

static brio_time thread_cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return BRIO_SEC(now.tv_sec) + now.tv_nsec;
}

/* ---- Slices ------------------------------------------------------------- */

static bool slice_is_of(const brio_task_slice *slice, const brio_task *task)
{
    return slice->task == task && slice->resumes == task->rec.resumes;
}

/* Reading the processor time is a system call, so only who measures pays it. */
static brio_time slice_clock(const brio_task_slice *slice, brio_time now)
{
    return slice->measured ? thread_cpu() : now;
}

static void slice_begin(brio_task *task, brio_time now)
{
    brio_runtime *rt = task->rt;
    brio_task_slice *slice = &rt->slice;
    *slice = (brio_task_slice){.task = task, .resumes = task->rec.resumes, .began = now};
    slice->measured = brio_trace_wants(BRIO_TRACE_MEASURE);
    slice->cpu = slice_clock(slice, now);
    if (brio_trace_wants(BRIO_TRACE_DETECTOR)) {
        __atomic_store_n(&rt->table.running, &task->rec, __ATOMIC_RELAXED);
        __atomic_store_n(&rt->table.running_since, now, __ATOMIC_RELEASE);
    }
}

static void slice_end(brio_task *task, brio_time now)
{
    brio_runtime *rt = task->rt;
    brio_task_slice *slice = &rt->slice;
    __atomic_store_n(&rt->table.running_since, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&rt->table.running, NULL, __ATOMIC_RELAXED);
    if (brio_trace_wants(BRIO_TRACE_DETECTOR)) /* till the loop waits, callbacks may follow */
        __atomic_store_n(&rt->table.running_since, now, __ATOMIC_RELEASE);
    if (!slice_is_of(slice, task))
        return;
    task->rec.cpu_ns += (uint64_t)(slice_clock(slice, now) - slice->cpu);
    if (brio_trace_wants(BRIO_TRACE_DETECTOR) && now - slice->began > rt->table.lag_max)
        __atomic_store_n(&rt->table.lag_max, now - slice->began, __ATOMIC_RELAXED);
    slice->task = NULL;
}

brio_time brio_task_cpu(void)
{
    brio_task *self = brio_task_self();
    if (!self)
        return thread_cpu();
    brio_task_slice *slice = &self->rt->slice;
    brio_time now = brio_clock_monotonic();
    if (!slice_is_of(slice, self))
        slice_begin(self, now);
    if (!slice->measured && brio_trace_wants(BRIO_TRACE_MEASURE)) {
        slice_end(self, now);
        slice_begin(self, now);
    }
    return (brio_time)self->rec.cpu_ns + slice_clock(slice, now) - slice->cpu;
}

/* ---- Events ------------------------------------------------------------- */

static void emit(const brio_task *task, brio_trace_state state, brio_time now)
{
    const brio_trace_task *rec = &task->rec;
    bool first = state == BRIO_TRACE_NEW;
    brio_trace_event event = {.at = task->rt->simulated ? *task->rt->table.now : now,
                              .track = rec->id,
                              .state = (uint8_t)state,
                              .wait = state == BRIO_TRACE_WAITING ? rec->wait : 0,
                              .name = first ? rec->name : NULL,
                              .parent = first ? rec->parent : 0};
    brio_trace_emit(&event);
}

void brio_task_traced(brio_task *task)
{
    if (brio_trace_wants(BRIO_TRACE_SIM) && task->rec.state != BRIO_TRACE_NEW)
        brio_task_sim_seen(task);
    if (!brio_trace_wants(~(unsigned)BRIO_TRACE_SIM))
        return;
    bool self = task == brio_task_self(), running = task->rec.state == BRIO_TRACE_RUNNING;
    if (self && !running && task->rec.state != BRIO_TRACE_ENDED &&
        brio_trace_wants(BRIO_TRACE_SUSPEND))
        (*brio_trace_suspending)(&task->rec);
    brio_time now = brio_clock_monotonic();
    if (running)
        slice_begin(task, now);
    else if (self)
        slice_end(task, now);
    if (brio_trace_wants(BRIO_TRACE_TIMELINE))
        emit(task, task->rec.state, now);
}

void brio_task_traced_nested(brio_task *outer, bool begin)
{
    brio_time now = brio_clock_monotonic();
    if (begin)
        slice_end(outer, now);
    else
        slice_begin(outer, now);
    if (brio_trace_wants(BRIO_TRACE_TIMELINE))
        emit(outer, begin ? BRIO_TRACE_READY : BRIO_TRACE_RUNNING, now);
}
