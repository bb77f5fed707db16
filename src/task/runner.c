/* SPDX-License-Identifier: MIT
 *
 * asyncio.run and asyncio.Runner: a loop with its tasks, and main tasks on it
 * one after the other.
 *
 * A main task's end stops the loop. What the environment asks for (a drawn
 * timeline, the blocking detector) lives as long as the runner, and only if
 * nobody had started it before. The runner owns the loop. */
#include "task/task_internal.h"

#include <stdlib.h>

struct brio_runner {
    brio_loop *loop;
    bool interrupt;
    bool timeline, detector; /* started by it */
    brio_task_sigint sigint;
};

/* ---- What the environment asks for -------------------------------------- */

static const char *wish(const char *name)
{
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0 ? value : NULL;
}

static void watch(brio_runner *runner, bool debug)
{
    const char *path = wish("BRIO_TIMELINE");
    if (path)
        runner->timeline = brio_timeline_start(&(brio_timeline_options){.path = path}) == 0;
    if (debug)
        runner->detector = brio_detector_start(NULL) == 0;
}

static void unwatch(brio_runner *runner)
{
    if (runner->detector)
        brio_detector_stop();
    const char *path = wish("BRIO_TIMELINE");
    int rc = runner->timeline ? brio_timeline_stop() : 0;
    if (rc < 0)
        brio_log(BRIO_LOG_ERROR, "the timeline could not be written to %s: %s",
                 path ? path : "its file", brio_error_text(rc));
}

/* ---- Open, run, close --------------------------------------------------- */

static int open_runner(brio_runner *runner, const brio_run_options *options)
{
    brio_run_options o = options ? *options : (brio_run_options){0};
    *runner = (brio_runner){.interrupt = o.interrupt};
    o.debug = o.debug || wish("BRIO_DEBUG");
    if (brio_loop_current() || brio_task_self())
        return -EALREADY;
    int rc = brio_loop_new(&runner->loop, o.loop);
    if (rc < 0)
        return rc;
    rc = brio_tasks_open(runner->loop, &o);
    if (rc < 0)
        brio_loop_free(runner->loop);
    else
        watch(runner, o.debug);
    return rc;
}

static void close_runner(brio_runner *runner)
{
    brio_tasks_close(runner->loop);
    unwatch(runner);
    brio_loop_free(runner->loop);
}

/* Interrupted, and nobody else asked for that cancellation: asyncio's
 * KeyboardInterrupt. */
static bool interrupted(const brio_runner *runner, const brio_runtime *rt, int result)
{
    return runner->sigint.cancelled && result == -ECANCELED && rt->main_requests == 1;
}

static int run_main(brio_runner *runner, brio_task *task)
{
    brio_runtime *rt = brio_task_runtime(runner->loop);
    int result = -EINPROGRESS;
    task->result_to = &result;
    task->stops_loop = true;
    runner->sigint.loop = runner->loop;
    runner->sigint.main = task;
    task->locals = rt->main_locals;
    rt->main_locals = NULL;
    rt->main = task;
    if (runner->interrupt)
        brio_task_sigint_start(&runner->sigint);
    brio_task_start(task, false);
    int rc = brio_loop_run(runner->loop);
    if (rc == BRIO_EDEADLOCK)
        brio_task_log_deadlock(rt);
    brio_task_sigint_stop(&runner->sigint);
    if (rt->main) { /* the loop was stopped, or failed, before it ended */
        rt->main = NULL;
        task->result_to = NULL;
        task->stops_loop = false;
        return rc < 0 ? rc : BRIO_ECLOSED;
    }
    if (rc < 0)
        return rc;
    return interrupted(runner, rt, result) ? -EINTR : result;
}

static int run(brio_runner *runner, brio_task_fn *fn, void *arg, const void *caller)
{
    const brio_task_options named = {.name = "main"};
    if (brio_loop_current() || brio_task_self())
        return -EALREADY;
    brio_runtime *rt = brio_task_runtime(runner->loop);
    brio_task *task = brio_task_new(rt, fn, arg, &named, NULL, caller);
    return task ? run_main(runner, task) : -ENOMEM;
}

__attribute__((noinline)) int brio_run(brio_task_fn *fn, void *arg, const brio_run_options *options)
{
    brio_runner runner;
    int rc = open_runner(&runner, options);
    if (rc < 0)
        return rc;
    rc = run(&runner, fn, arg, __builtin_return_address(0));
    close_runner(&runner);
    return rc;
}

int brio_runner_open(brio_runner **ret, const brio_run_options *options)
{
    brio_runner *runner = brio_malloc(sizeof(*runner));
    if (!runner)
        return -ENOMEM;
    int rc = open_runner(runner, options);
    if (rc < 0)
        free(runner);
    else
        *ret = runner;
    return rc;
}

__attribute__((noinline)) int brio_runner_run(brio_runner *runner, brio_task_fn *fn, void *arg)
{
    return run(runner, fn, arg, __builtin_return_address(0));
}

brio_loop *brio_runner_loop(brio_runner *runner)
{
    return runner->loop;
}

void brio_runner_close(brio_runner *runner)
{
    if (!runner)
        return;
    close_runner(runner);
    free(runner);
}
