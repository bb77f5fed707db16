/* SPDX-License-Identifier: MIT
 *
 * communicate and run: a child's input and outputs at once.
 *
 * Each output has a task that reads it while the caller writes the input, since
 * a child that waits for us to read does not read what we write. What it says
 * goes straight into the caller's arena. A child that does not want its input is
 * no failure. */
#include "io/io_internal.h"

#include <brio/subprocess.h>

#include <errno.h>

typedef struct reading {
    brio_stream *from; /* NULL: no pipe, nothing to read */
    brio_arena *arena;
    size_t limit;
    brio_str *into;
    bool done;
} reading;

static int read_output(void *arg)
{
    reading *r = arg;
    int rc = brio_stream_read_all(r->from, r->arena, r->limit, r->into);
    r->done = rc == 0;
    return rc;
}

static void start_reading(brio_group *g, reading *r)
{
    r->done = !r->from;
    if (r->from)
        brio_spawn_with(g, read_output, r, &(brio_task_options){.name = "process output"});
}

static int feed_input(brio_stream *to, brio_str input)
{
    if (!to)
        return 0;
    int rc = input.len ? brio_stream_write(to, input) : 0;
    brio_stream_shutdown(to);
    return rc == -EPIPE || rc == -ECONNRESET ? 0 : rc;
}

/* The readers' failure cancels our writing, and the reverse. */
static int exchange(brio_stream *to, brio_str input, reading *out, reading *err)
{
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){0}));
    start_reading(&g, out);
    start_reading(&g, err);
    int fed = feed_input(to, input);
    if (fed < 0)
        brio_group_cancel(&g);
    int rc = brio_group_leave(&g);
    if (rc < 0 || fed < 0)
        return rc < 0 ? rc : fed;
    return out->done && err->done ? 0 : -ECANCELED; /* somebody cancelled just the reader */
}

int brio_process_communicate(brio_process *p, brio_str input, brio_process_output *ret)
{
    size_t limit = brio_io_process_max_output(p);
    reading out = {brio_process_stdout(p), brio_task_arena(), limit, &ret->out, false};
    reading err = {brio_process_stderr(p), brio_task_arena(), limit, &ret->err, false};
    *ret = (brio_process_output){0};
    int rc = brio_cancel_point();
    if (rc == 0)
        rc = exchange(brio_process_stdin(p), input, &out, &err);
    return rc < 0 ? rc : brio_process_wait(p, &ret->exit);
}

int brio_process_run(brio_process_output *ret, const brio_spawn_options *options, brio_str input)
{
    brio_process *p;
    brio_spawn_options o = *options;
    *ret = (brio_process_output){0};
    if (o.in == BRIO_SPAWN_INHERIT)
        o.in = input.len ? BRIO_SPAWN_PIPE : BRIO_SPAWN_NULL;
    if (o.out == BRIO_SPAWN_INHERIT)
        o.out = BRIO_SPAWN_PIPE;
    if (o.err == BRIO_SPAWN_INHERIT)
        o.err = BRIO_SPAWN_PIPE;
    int rc = brio_process_spawn(&p, &o);
    if (rc < 0)
        return rc;
    rc = brio_process_communicate(p, input, ret);
    brio_process_close(p);
    return rc;
}
