/* SPDX-License-Identifier: MIT
 *
 * User code on a pool thread, with the request's arena lent to it: the task
 * waits meanwhile, so nobody else touches it. A thread has no task to abandon
 * at the arena's limit; there the arena's hook jumps out of the function, runs
 * what it deferred, and the result is BRIO_EABANDON. Whatever the function
 * held outside the arena is its loss, as for an abandoned task. */
#include "app/app_internal.h"

#include <brio/exec.h>

#include <setjmp.h>

typedef struct job {
    int (*fn)(void *arg);
    void *arg;
    brio_arena *arena;
    brio_defer *mark;
    void (*exhausted)(brio_arena *arena); /* the task's */
    sigjmp_buf out;
    brio_str error; /* the thread's detail, copied */
    const char *file;
    int line;
    char error_text[256];
} job;

static _Thread_local job *running;

static void jump_out(brio_arena *arena)
{
    BRIO_ASSERT(running);
    BRIO_ASSERT(running->arena == arena);
    siglongjmp(running->out, 1);
}

/* Of its own, so that nothing it keeps in registers is lost by the jump. */
static __attribute__((noinline)) int call_guarded(job *j)
{
    if (sigsetjmp(j->out, 0))
        return BRIO_EABANDON;
    return j->fn(j->arg);
}

static void keep_error(job *j)
{
    brio_str detail = brio_str_slice(brio_error_detail(), 0, sizeof j->error_text);
    if (detail.len)
        memcpy(j->error_text, detail.ptr, detail.len);
    j->error = (brio_str){j->error_text, detail.len};
    j->file = brio_error_file(&j->line);
}

static int run_job(void *arg)
{
    job *j = arg;
    j->exhausted = j->arena->exhausted;
    j->mark = j->arena->defers;
    j->arena->exhausted = jump_out;
    running = j;
    int rc = call_guarded(j);
    running = NULL;
    j->arena->exhausted = j->exhausted;
    if (rc == BRIO_EABANDON)
        brio_defer_unwind(j->arena, j->mark);
    if (rc < 0)
        keep_error(j);
    return rc;
}

int brio_app_to_thread(brio_arena *arena, int (*fn)(void *arg), void *arg)
{
    job j = {.fn = fn, .arg = arg, .arena = arena};
    int rc = brio_to_thread(run_job, &j);
    if (rc >= 0 || !j.error.len)
        return rc;
    return brio_error_at(j.file, j.line, rc, "%.*s", BRIO_ARG(j.error));
}
