/* SPDX-License-Identifier: MIT
 *
 * One round trip to a thread, and the memory of its results. The thread fills
 * an arena made for the job; the caller's arena then takes it over as one
 * defer, so rows are never copied and threads never share an arena. */
#include "db/db_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int run_on_thread(void *arg)
{
    brio_db_job *job = arg;
    return job->db->driver->run(job);
}

int brio_db_job_run(brio_db_job *job)
{
    int rc = brio_run_in(job->db->pool, run_on_thread, job);
    return rc < 0 && job->detail[0] ? brio_error(rc, "%s", job->detail) : rc;
}

brio_arena *brio_db_job_arena(brio_db_job *job)
{
    if (!job->arena) {
        job->arena = brio_malloc(sizeof *job->arena);
        BRIO_ASSERT(job->arena);
        brio_arena_init(job->arena, SIZE_MAX); /* max_bytes is kept row by row */
    }
    return job->arena;
}

static void free_arena(void *arg)
{
    brio_arena_fini(arg);
    free(arg);
}

void brio_db_job_keep(brio_db_job *job, brio_arena *arena)
{
    if (job->arena)
        brio_defer_push(arena, free_arena, job->arena);
    job->arena = NULL;
}

void brio_db_job_drop(brio_db_job *job)
{
    if (job->arena)
        free_arena(job->arena);
    job->arena = NULL;
}

int brio_db_job_fail(brio_db_job *job, int err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(job->detail, sizeof job->detail, fmt, args);
    va_end(args);
    return err;
}

const brio_param *brio_db_param_find(brio_params params, const char *name)
{
    for (size_t i = 0; i < params.n; i++)
        if (!strcmp(params.items[i].name, name))
            return &params.items[i];
    return NULL;
}
