/* SPDX-License-Identifier: MIT
 *
 * Programs: communicate, exit codes, signals, a wait that is cancelled, a
 * conversation by lines. */
#include "pair.h"

#include <brio/io.h>

#include <signal.h>

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

static int sort(void)
{
    brio_process_output o = {0};
    brio_process *p = NULL;
    int rc = brio_process_spawn(
        &p,
        &(brio_spawn_options){.argv = ARGV("sort"), .in = BRIO_SPAWN_PIPE, .out = BRIO_SPAWN_PIPE});
    rc = rc < 0 ? rc : brio_process_communicate(p, BRIO_S("b\nc\na\n"), &o);
    if (rc == 0)
        say("sorted %c %c %c code %d", o.out.ptr[0], o.out.ptr[2], o.out.ptr[4], o.exit.code);
    brio_process_close(p);
    return rc;
}

static int shell(void)
{
    brio_process_output o = {0};
    brio_spawn_options options = {.argv = ARGV("sh", "-c", "echo out; echo err >&2; exit 3")};
    int rc = brio_process_run(&o, &options, (brio_str){0});
    if (rc == 0)
        say("%.3s %.3s code %d", o.out.ptr, o.err.ptr, o.exit.code);
    return rc;
}

static int unread(void)
{
    static char much[360000];
    brio_process_output o = {0};
    brio_spawn_options options = {.argv = ARGV("true"), .in = BRIO_SPAWN_PIPE};
    int rc = brio_process_run(&o, &options, (brio_str){much, sizeof(much)});
    say("unread input is no failure %d", o.exit.code);
    return rc;
}

static int wait_for_end(void *process)
{
    return brio_process_wait(process, NULL);
}

static int cancel_wait(brio_process *cat)
{
    brio_task *waiter = brio_create_task(wait_for_end, cat, &(brio_task_options){.acquired = true});
    int rc = brio_yield();
    brio_task_cancel(waiter);
    rc = rc < 0 ? rc : brio_wait(&waiter, 1, BRIO_ALL_COMPLETED, NULL);
    say("still there %s %s", brio_task_cancelled(waiter) ? "True" : "False",
        brio_process_poll(cat, NULL) == -EINPROGRESS ? "True" : "False");
    brio_task_release(waiter);
    return rc;
}

static int say_to(brio_process *cat, const char *text)
{
    brio_str line;
    int rc = brio_stream_write(brio_process_stdin(cat), brio_str_from(text));
    rc = rc < 0 ? rc : brio_stream_read_line(brio_process_stdout(cat), 0, &line);
    if (rc == 1)
        say("cat says %.*s", BRIO_ARG(line));
    return rc;
}

static int end_of(brio_process *cat)
{
    brio_exit first = {0}, again = {0};
    brio_str rest = {0};
    brio_stream_shutdown(brio_process_stdin(cat));
    int rc = brio_stream_read_all(brio_process_stdout(cat), NULL, 0, &rest);
    rc = rc < 0 ? rc : brio_process_wait(cat, &first);
    rc = rc < 0 ? rc : brio_process_wait(cat, &again);
    say("at its end %zu %d %d", rest.len, first.code, again.code);
    return rc;
}

static int talk(void)
{
    brio_process *cat = NULL;
    int rc = brio_process_spawn(
        &cat,
        &(brio_spawn_options){.argv = ARGV("cat"), .in = BRIO_SPAWN_PIPE, .out = BRIO_SPAWN_PIPE});
    rc = rc < 0 ? rc : say_to(cat, "one\n");
    rc = rc < 0 ? rc : say_to(cat, "two\n");
    rc = rc < 0 ? rc : cancel_wait(cat);
    rc = rc < 0 ? rc : end_of(cat);
    brio_process_close(cat);
    return rc;
}

static int terminated(void)
{
    brio_process *p = NULL;
    brio_exit end = {0};
    int rc = brio_process_spawn(&p, &(brio_spawn_options){.argv = ARGV("sleep", "1000")});
    rc = rc < 0 ? rc : brio_process_terminate(p);
    rc = rc < 0 ? rc : brio_process_wait(p, &end);
    say("by signal %s", end.signal == SIGTERM ? "True" : "False");
    brio_process_close(p);
    if (brio_process_spawn(&p, &(brio_spawn_options){.argv = ARGV("/no/such/program")}) == -ENOENT)
        say("no such program");
    return rc;
}

static int run(void *arg)
{
    int (*const scenes[])(void) = {sort, shell, unread, talk, terminated};
    int rc = 0;
    (void)arg;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes) && rc >= 0; i++)
        rc = scenes[i]();
    return rc;
}

PAIR_MAIN(run)
