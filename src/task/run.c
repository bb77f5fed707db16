/* SPDX-License-Identifier: MIT
 *
 * The runtime of a loop: opened and closed; runner.c runs it.
 *
 * Closing asks every task once, as asyncio.run does; those that use that to
 * clean up have the run's grace for it. After that the root scope is cancelled, which no
 * suspending call survives, and tasks that ignore even this are abandoned, so
 * closing ends unless a task waits for something that cannot be cancelled. */
#include "task/task_internal.h"

#include <stdlib.h>
#include <unistd.h>

enum { MAX_TASKS = 1000000, STACK_SIZE = 64 * 1024, LATE_NAMED = 32 };
#define GRACE BRIO_SEC(5)

int brio_tasks_open(brio_loop *loop, const brio_run_options *options)
{
    brio_run_options o = options ? *options : (brio_run_options){0};
    if (*brio_loop_user(loop))
        return -EALREADY;
    brio_runtime *rt = brio_zalloc(1, sizeof(*rt));
    if (!rt)
        return -ENOMEM;
    rt->loop = loop;
    rt->max_tasks = o.max_tasks ? o.max_tasks : MAX_TASKS;
    rt->arena_limit = o.arena_limit;
    rt->stack_class = brio_task_stack_class_of(o.stack_size ? o.stack_size : STACK_SIZE);
    rt->grace_time = o.grace ? o.grace : GRACE;
    rt->on_failure = o.on_failure;
    rt->failure_arg = o.failure_arg;
    rt->debug = o.debug;
    rt->simulated = strcmp(brio_loop_backend(loop), "sim") == 0;
    rt->root.entered = true;
    brio_link_init(&rt->root.children);
    brio_link_init(&rt->tasks);
    brio_arena_init(&rt->arena, 0);
    brio_task_stacks_init(&rt->stacks);
    brio_task_overflow_thread();
    rt->ready = brio_loop_ready(loop);
    rt->error = &errno;
    rt->table.backend = brio_loop_backend(loop);
    rt->table.now = brio_loop_clock(loop);
    rt->table.tid = gettid();
    brio_trace_loop_add(&rt->table);
    brio_loop_tell_busy(loop, &rt->table.running_since);
    brio_loop_set_debug(loop, o.debug);
    *brio_loop_user(loop) = rt;
    return 0;
}

void brio_tasks_at_close(brio_loop *loop, void (*fn)(void *arg), void *arg)
{
    brio_defer_push(&brio_task_runtime(loop)->arena, fn, arg);
}

void **brio_tasks_local(brio_loop *loop, const void *key)
{
    brio_runtime *rt = brio_task_runtime(loop);
    BRIO_ASSERT(rt);
    brio_task_local *local = rt->locals;
    while (local && local->key != key)
        local = local->next;
    if (!local) {
        local = BRIO_NEW(&rt->arena, brio_task_local);
        local->key = key;
        local->next = rt->locals;
        rt->locals = local;
    }
    return &local->value;
}

/* ---- Failures nobody looked at ------------------------------------------ */

static void log_failure(const brio_failure *f)
{
    brio_log(BRIO_LOG_WARNING, "task \"%s\" (%llu) failed and nobody asked: %s%s%.*s", f->name,
             (unsigned long long)f->id, brio_error_text(f->err), f->detail.len ? ": " : "",
             BRIO_ARG(f->detail));
}

void brio_task_report_failure(brio_runtime *rt, const brio_failure *failure)
{
    brio_task *outer = brio_task_swap_self(NULL); /* told outside tasks, whoever ends it */
    if (rt->on_failure)
        rt->on_failure(failure, rt->failure_arg);
    else
        log_failure(failure);
    (void)brio_task_swap_self(outer);
}

/* ---- Closing ------------------------------------------------------------ */

static void ask_all(brio_runtime *rt)
{
    for (brio_link *l = rt->tasks.next; l != &rt->tasks; l = l->next)
        (void)brio_task_cancel(BRIO_CONTAINER(l, brio_task, all));
}

/* Slow, for debug mode: symbols are looked up on the loop's thread. */
static void name_the_late(const brio_runtime *rt)
{
    int left = LATE_NAMED;
    for (brio_link *l = rt->tasks.next; l != &rt->tasks && left > 0; l = l->next, left--) {
        const brio_trace_task *rec = &BRIO_CONTAINER(l, brio_task, all)->rec;
        char where[256];
        (void)brio_trace_symbol(rec->created_at, where, sizeof(where));
        brio_log(BRIO_LOG_WARNING, "task \"%s\" (%llu) did not end when asked to; created at %s",
                 rec->name, (unsigned long long)rec->id, where);
    }
}

static void insist(brio_timer *timer)
{
    brio_runtime *rt = BRIO_CONTAINER(timer, brio_runtime, grace);
    rt->insisting = true;
    if (rt->debug)
        name_the_late(rt);
    brio_scope_cancel(&rt->root);
}

static void drain(brio_runtime *rt)
{
    ask_all(rt);
    rt->grace.fn = insist;
    brio_timer_start(rt->loop, &rt->grace, brio_loop_now(rt->loop) + rt->grace_time);
    int rc = 0;
    while (rt->table.live && rc >= 0)
        rc = brio_loop_run(rt->loop);
    brio_timer_stop(rt->loop, &rt->grace);
    if (rc < 0)
        brio_log(BRIO_LOG_CRITICAL, "%llu tasks cannot be ended: %s",
                 (unsigned long long)rt->table.live, brio_error_text(rc));
}

void brio_tasks_close(brio_loop *loop)
{
    brio_runtime *rt = brio_task_runtime(loop);
    BRIO_ASSERT(rt);
    BRIO_ASSERT(!brio_loop_current());
    rt->closing = true;
    if (rt->table.live)
        drain(rt);
    uint64_t stuck = rt->table.live;
    brio_task_remote_close(rt); /* runs the last callbacks, too, */
    if (rt->table.live > stuck) /* which may have made tasks */
        drain(rt);
    brio_locals_release(rt->main_locals);
    brio_arena_fini(&rt->arena);
    brio_loop_tell_busy(loop, NULL);
    brio_trace_loop_remove(&rt->table);
    brio_task_tasks_fini(rt);
    brio_task_details_fini(rt);
    brio_task_stacks_fini(&rt->stacks);
    *brio_loop_user(loop) = NULL;
    free(rt);
}
