/* SPDX-License-Identifier: MIT
 *
 * communicate and run: a child's input and outputs at once.
 *
 * Feeding and reading are tasks of one group, since a child that waits for us
 * to read does not read what we write. What it says goes straight into the
 * caller's arena. A child that does not want its input is no failure. */
#include "io/io_internal.h"

#include <brio/subprocess.h>

#include <errno.h>

typedef struct reading {
    brio_stream *from;
    brio_arena *arena;
    size_t limit;
    brio_str *into;
} reading;

typedef struct feeding {
    brio_stream *to;
    brio_str input;
} feeding;

static int read_output(void *arg)
{
    const reading *r = arg;
    return brio_stream_read_all(r->from, r->arena, r->limit, r->into);
}

static int feed_input(void *arg)
{
    const feeding *f = arg;
    int rc = f->input.len ? brio_stream_write(f->to, f->input) : 0;
    brio_stream_shutdown(f->to);
    return rc == -EPIPE || rc == -ECONNRESET ? 0 : rc;
}

static void start_reading(brio_group *g, reading *r)
{
    if (r->from)
        brio_spawn_with(g, read_output, r, &(brio_task_options){.name = "process output"});
}

int brio_process_communicate(brio_process *p, brio_str input, brio_process_output *ret)
{
    size_t limit = brio_io_process_max_output(p);
    feeding in = {brio_process_stdin(p), input};
    reading out = {brio_process_stdout(p), brio_task_arena(), limit, &ret->out};
    reading err = {brio_process_stderr(p), brio_task_arena(), limit, &ret->err};
    *ret = (brio_process_output){0};
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){0}));
    start_reading(&g, &out);
    start_reading(&g, &err);
    if (in.to)
        brio_spawn_with(&g, feed_input, &in, &(brio_task_options){.name = "process input"});
    rc = brio_group_leave(&g);
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
