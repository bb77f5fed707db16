/* SPDX-License-Identifier: MIT
 *
 * Child processes, against programs nobody here wrote: sh, cat, sleep, sort,
 * python3. Each test leaves no zombie: the bed looks. */
#include "io/file_bed.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static brio_task_fn *body;

static int main_then_no_children(void *arg)
{
    brio_task_fn *const *fn = arg;
    int result = 0;
    body = *fn;
    CHECK_OK(brio_path_temp_dir(BRIO_S(""), &dir));
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE) /* a task of its own: its processes end with it */
    {
        brio_task *task = brio_spawn(&g, body, NULL);
        CHECK_OK(brio_join(task, &result));
    }
    return result;
}

static void children_run(brio_backend backend, bool shuffled, uint64_t seeds, brio_task_fn *fn)
{
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        brio_loop_options loop = {.backend = backend,
                                  .sim = {.seed = seed, .random_order = shuffled}};
        int rc = brio_run(main_then_no_children, (void *)&fn, &(brio_run_options){.loop = &loop});
        if (backend == BRIO_BACKEND_URING && (rc == -ENOSYS || rc == -EPERM))
            test_skip("io_uring is not to be had here");
        CHECK_INT(rc, 0);
        CHECK_INT(waitpid(-1, NULL, WNOHANG), -1); /* no child, dead or alive */
        CHECK_INT(errno, ECHILD);
    }
}

#define CHILD_ON(id, suffix, ...)                                                                  \
    TEST(id##_##suffix)                                                                            \
    {                                                                                              \
        children_run(__VA_ARGS__, id);                                                             \
    }
#define CHILD_TEST(id)                                                                             \
    static int id(void *arg);                                                                      \
    CHILD_ON(id, epoll, BRIO_BACKEND_EPOLL, false, 1)                                              \
    CHILD_ON(id, uring, BRIO_BACKEND_URING, false, 1)                                              \
    CHILD_ON(id, sim, BRIO_BACKEND_SIM, false, 1)                                                  \
    CHILD_ON(id, shuffled, BRIO_BACKEND_SIM, true, 5)                                              \
    static int id(void *arg __attribute__((unused)))

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SH(text)  ARGV("sh", "-c", text)

static brio_process *spawn_sh(const char *text)
{
    brio_process *p;
    CHECK_OK(brio_process_spawn(&p, &(brio_spawn_options){.argv = SH(text)}));
    return p;
}

static brio_process_output run_sh(const char *text, brio_str input)
{
    brio_process_output out;
    CHECK_OK(brio_process_run(&out, &(brio_spawn_options){.argv = SH(text)}, input));
    return out;
}

/* ---- Running ------------------------------------------------------------ */

CHILD_TEST(a_program_runs_and_its_output_is_here)
{
    brio_process_output out = run_sh("echo out; echo err >&2; exit 3", BRIO_S(""));
    CHECK_STR(out.out, "out\n");
    CHECK_STR(out.err, "err\n");
    CHECK_INT(out.exit.code, 3);
    CHECK_INT(out.exit.signal, 0);
    return 0;
}

CHILD_TEST(input_goes_in_and_comes_out_sorted)
{
    brio_process_output out;
    CHECK_OK(brio_process_run(&out, &(brio_spawn_options){.argv = ARGV("sort", "-u")},
                              BRIO_S("b\na\nb\n")));
    CHECK_STR(out.out, "a\nb\n");
    CHECK_INT(out.exit.code, 0);
    return 0;
}

CHILD_TEST(more_than_the_pipes_hold_goes_both_ways)
{
    size_t n = 700000;
    char *bytes = malloc(n);
    memset(bytes, 'x', n);
    brio_process_output out;
    CHECK_OK(
        brio_process_run(&out, &(brio_spawn_options){.argv = ARGV("cat")}, (brio_str){bytes, n}));
    CHECK_INT(out.out.len, n);
    CHECK(memcmp(out.out.ptr, bytes, n) == 0);
    free(bytes);
    return 0;
}

CHILD_TEST(input_nobody_reads_is_no_failure)
{
    size_t n = 700000;
    char *bytes = calloc(1, n);
    brio_process_output out;
    CHECK_OK(brio_process_run(&out, &(brio_spawn_options){.argv = SH("exec <&-; echo done")},
                              (brio_str){bytes, n}));
    CHECK_STR(out.out, "done\n");
    free(bytes);
    return 0;
}

CHILD_TEST(output_has_a_limit)
{
    brio_process_output out;
    brio_spawn_options o = {.argv = SH("yes"), .max_output = 10000, .grace = -1};
    CHECK_INT(brio_process_run(&out, &o, BRIO_S("")), BRIO_ELIMIT);
    o.argv = SH("printf 0123456789");
    o.max_output = 10;
    CHECK_OK(brio_process_run(&out, &o, BRIO_S("")));
    CHECK_STR(out.out, "0123456789");
    return 0;
}

CHILD_TEST(what_is_no_pipe_is_left_alone)
{
    brio_process_output out;
    brio_process *p;
    brio_spawn_options o = {.argv = SH("cat; echo seen >&2"),
                            .in = BRIO_SPAWN_PIPE,
                            .out = BRIO_SPAWN_PIPE,
                            .err = BRIO_SPAWN_NULL};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK(!brio_process_stderr(p));
    CHECK_OK(brio_process_communicate(p, BRIO_S("through"), &out));
    CHECK_STR(out.out, "through");
    CHECK_STR(out.err, "");
    CHECK_INT(out.exit.code, 0);
    CHECK_OK(brio_process_wait(p, NULL));
    brio_process_close(p);
    return 0;
}

CHILD_TEST(beyond_the_limit_a_process_is_as_it_is)
{
    brio_process_output out;
    brio_exit end;
    brio_process *p;
    brio_spawn_options o = {
        .argv = SH("yes"), .out = BRIO_SPAWN_PIPE, .max_output = 100, .grace = -1};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_INT(brio_process_communicate(p, BRIO_S(""), &out), BRIO_ELIMIT);
    CHECK_INT(brio_process_poll(p, &end), -EINPROGRESS);
    CHECK_OK(brio_process_kill(p));
    CHECK_OK(brio_process_wait(p, &end));
    CHECK_INT(end.signal, SIGKILL);
    brio_process_close(p);
    return 0;
}

CHILD_TEST(python_agrees)
{
    brio_process_output out;
    const char *program = "import sys; d = sys.stdin.buffer.read(); "
                          "sys.stdout.write(str(sum(d))); sys.exit(len(d) % 256)";
    brio_spawn_options o = {.argv = ARGV("python3", "-c", program)};
    CHECK_OK(brio_process_run(&out, &o, BRIO_S("\1\2\3\4")));
    CHECK_STR(out.out, "10");
    CHECK_INT(out.exit.code, 4);
    return 0;
}

CHILD_TEST(what_it_wrote_can_be_read_after_its_end)
{
    brio_process *p;
    brio_exit exit;
    brio_str text;
    CHECK_OK(brio_process_spawn(
        &p, &(brio_spawn_options){.argv = SH("echo last words"), .out = BRIO_SPAWN_PIPE}));
    CHECK_OK(brio_process_wait(p, &exit));
    CHECK_OK(brio_stream_read_all(brio_process_stdout(p), NULL, 0, &text));
    CHECK_STR(text, "last words\n");
    CHECK(brio_process_stdin(p) == NULL);
    CHECK(brio_process_stderr(p) == NULL);
    brio_process_close(p);
    return 0;
}

CHILD_TEST(a_conversation_line_by_line)
{
    brio_process *p;
    brio_str line;
    brio_spawn_options o = {.argv = SH("while read x; do echo \"got $x\"; done"),
                            .in = BRIO_SPAWN_PIPE,
                            .out = BRIO_SPAWN_PIPE};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_OK(brio_stream_write(brio_process_stdin(p), BRIO_S("one\n")));
    CHECK_INT(brio_stream_read_line(brio_process_stdout(p), 0, &line), 1);
    CHECK_STR(line, "got one");
    CHECK_OK(brio_stream_write(brio_process_stdin(p), BRIO_S("two\n")));
    CHECK_INT(brio_stream_read_line(brio_process_stdout(p), 0, &line), 1);
    CHECK_STR(line, "got two");
    brio_stream_shutdown(brio_process_stdin(p)); /* the end of its input */
    CHECK_INT(brio_stream_read_line(brio_process_stdout(p), 0, &line), 0);
    CHECK_OK(brio_process_wait(p, NULL));
    brio_process_close(p);
    return 0;
}

/* ---- What it starts with ------------------------------------------------ */

CHILD_TEST(stdio_goes_where_it_is_told)
{
    brio_file *f;
    brio_process *p;
    brio_str text;
    CHECK_OK(brio_file_open(&f, in_dir("out"), "w", NULL));
    brio_spawn_options o = {.argv = SH("cat; echo out; echo err >&2"),
                            .in = BRIO_SPAWN_NULL,
                            .out = BRIO_SPAWN_FD,
                            .out_fd = brio_file_fd(f),
                            .err = BRIO_SPAWN_STDOUT};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_OK(brio_process_wait(p, NULL));
    brio_process_close(p);
    brio_file_close(f);
    CHECK_OK(brio_path_read(in_dir("out"), 0, &text));
    CHECK_STR(text, "out\nerr\n");
    o.out_fd = -1;
    CHECK_INT(brio_process_spawn(&p, &o), -EBADF);
    o.out = BRIO_SPAWN_STDOUT;
    CHECK_INT(brio_process_spawn(&p, &o), -EINVAL);
    return 0;
}

CHILD_TEST(descriptors_may_change_places)
{
    brio_process *p;
    int to[2], from[2];
    CHECK_INT(pipe2(to, O_CLOEXEC), 0);
    CHECK_INT(pipe2(from, O_CLOEXEC), 0);
    brio_spawn_options o = {.argv = SH("echo out; echo err >&2"),
                            .out = BRIO_SPAWN_FD,
                            .out_fd = to[1],
                            .err = BRIO_SPAWN_FD,
                            .err_fd = from[1]};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_OK(brio_process_wait(p, NULL));
    brio_process_close(p);
    char buf[8];
    CHECK_INT(read(to[0], buf, sizeof buf), 4);
    CHECK(memcmp(buf, "out\n", 4) == 0);
    CHECK_INT(read(from[0], buf, sizeof buf), 4);
    CHECK(memcmp(buf, "err\n", 4) == 0);
    for (int i = 0; i < 2; i++) {
        close(to[i]);
        close(from[i]);
    }
    return 0;
}

/* Its stdout is our stdin's number and the reverse. */
CHILD_TEST(even_with_each_other)
{
    int in = dup(0), out = dup(1), ends[2];
    brio_process *p;
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    CHECK_INT(write(ends[1], "swap\n", 5), 5);
    CHECK_INT(dup2(ends[0], 1), 1);
    CHECK_INT(dup2(ends[1], 0), 0);
    brio_spawn_options o = {.argv = ARGV("head", "-n1"),
                            .in = BRIO_SPAWN_FD,
                            .in_fd = 1,
                            .out = BRIO_SPAWN_FD,
                            .out_fd = 0};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_INT(dup2(in, 0), 0);
    CHECK_INT(dup2(out, 1), 1);
    CHECK_OK(brio_process_wait(p, NULL));
    brio_process_close(p);
    char buf[8];
    CHECK_INT(read(ends[0], buf, sizeof buf), 5);
    CHECK(memcmp(buf, "swap\n", 5) == 0);
    close(in);
    close(out);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

CHILD_TEST(it_gets_no_other_descriptor)
{
    int leaky = open("/dev/null", O_RDONLY); /* without close-on-exec */
    int high = fcntl(leaky, F_DUPFD, 200);
    brio_process_output out = run_sh("ls /proc/self/fd | tr '\\n' ' '", BRIO_S(""));
    CHECK_STR(out.out, "0 1 2 3 "); /* 3 is ls' own */
    close(leaky);
    close(high);
    return 0;
}

CHILD_TEST(environment_and_directory_are_as_told)
{
    brio_process_output out;
    brio_spawn_options o = {.argv = ARGV("env"), .env = ARGV("A=1", "PATH=/bin:/usr/bin")};
    CHECK_OK(brio_process_run(&out, &o, BRIO_S("")));
    CHECK_STR(out.out, "A=1\nPATH=/bin:/usr/bin\n");
    o = (brio_spawn_options){.argv = ARGV("pwd"), .cwd = "/usr"};
    CHECK_OK(brio_process_run(&out, &o, BRIO_S("")));
    CHECK_STR(out.out, "/usr\n");
    setenv("BRIO_TEST_ENV", "inherited", 1);
    out = run_sh("printf %s \"$BRIO_TEST_ENV\"", BRIO_S(""));
    CHECK_STR(out.out, "inherited");
    return 0;
}

/* We block and ignore; the child must know nothing of it. */
CHILD_TEST(signals_are_as_if_nobody_had_touched_them)
{
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    brio_process_output out = run_sh("grep -E 'SigBlk|SigIgn' /proc/self/status", BRIO_S(""));
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CHECK_STR(out.out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n"); /* SIGHUP */
    return 0;
}

/* ---- What cannot be started --------------------------------------------- */

CHILD_TEST(a_program_that_cannot_be_started_says_why)
{
    brio_process *p;
    CHECK_INT(brio_process_spawn(&p, &(brio_spawn_options){.argv = ARGV("no-such-program")}),
              -ENOENT);
    CHECK(p == NULL);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("no-such-program")) > 0);
    CHECK_INT(brio_process_spawn(&p, &(brio_spawn_options){.argv = ARGV("/no/such")}), -ENOENT);
    CHECK_INT(brio_process_spawn(&p, &(brio_spawn_options){.argv = ARGV("/etc/passwd")}), -EACCES);
    CHECK_INT(brio_process_spawn(&p, &(brio_spawn_options){.argv = ARGV("")}), -EINVAL);
    CHECK_INT(brio_process_spawn(&p, &(brio_spawn_options){0}), -EINVAL);
    CHECK_OK(brio_path_write(in_dir("script"), BRIO_S("no interpreter"), 0700));
    CHECK_INT(brio_process_spawn(&p, &(brio_spawn_options){.argv = ARGV(in_dir("script").ptr)}),
              -ENOEXEC);
    brio_spawn_options o = {.argv = ARGV("true"), .cwd = "/no/such"};
    CHECK_INT(brio_process_spawn(&p, &o), -ENOENT);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("working directory")) > 0);
    return 0;
}

CHILD_TEST(a_failed_spawn_leaks_nothing)
{
    brio_process *p;
    brio_spawn_options o = {.argv = ARGV("no-such-program"),
                            .in = BRIO_SPAWN_PIPE,
                            .out = BRIO_SPAWN_PIPE,
                            .err = BRIO_SPAWN_PIPE};
    for (int i = 0; i < 300; i++)
        CHECK_INT(brio_process_spawn(&p, &o), -ENOENT);
    return 0;
}

CHILD_TEST(path_is_that_of_its_environment)
{
    brio_process_output out;
    CHECK_OK(brio_path_write(in_dir("hello"), BRIO_S("#!/bin/sh\necho hello\n"), 0700));
    const char *path = brio_printf(brio_task_arena(), "PATH=/nowhere::%s", dir.ptr).ptr;
    brio_spawn_options o = {.argv = ARGV("hello"), .env = ARGV(path)};
    CHECK_OK(brio_process_run(&out, &o, BRIO_S("")));
    CHECK_STR(out.out, "hello\n");
    CHECK_OK(brio_path_chmod(in_dir("hello"), 0600));
    CHECK_INT(brio_process_run(&out, &o, BRIO_S("")), -EACCES);
    return 0;
}

/* ---- Waiting and signals ------------------------------------------------ */

static int wait_for_it(void *arg)
{
    brio_exit exit;
    int rc = brio_process_wait(arg, &exit);
    return rc < 0 ? rc : exit.signal;
}

CHILD_TEST(many_may_wait_and_again)
{
    brio_process *p = spawn_sh("exec sleep 100");
    brio_exit exit;
    int a, b;
    CHECK_INT(brio_process_poll(p, &exit), -EINPROGRESS);
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *x = brio_spawn(&g, wait_for_it, p), *y = brio_spawn(&g, wait_for_it, p);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        CHECK_OK(brio_process_terminate(p));
        CHECK_OK(brio_join(x, &a));
        CHECK_OK(brio_join(y, &b));
    }
    CHECK_INT(a, SIGTERM);
    CHECK_INT(b, SIGTERM);
    CHECK_OK(brio_process_wait(p, &exit));
    CHECK_INT(exit.code, -1);
    CHECK_OK(brio_process_poll(p, &exit));
    CHECK_INT(brio_process_kill(p), -ESRCH);
    brio_process_close(p);
    return 0;
}

CHILD_TEST(cancelling_the_wait_leaves_it_alone)
{
    brio_process *p = spawn_sh("exec sleep 100");
    int result;
    brio_exit exit;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, wait_for_it, p);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        CHECK(brio_task_cancel(task));
        CHECK_OK(brio_join(task, &result));
    }
    CHECK_INT(result, -ECANCELED);
    CHECK_INT(brio_process_poll(p, NULL), -EINPROGRESS);
    CHECK_INT(kill(brio_process_pid(p), 0), 0);
    CHECK_OK(brio_process_kill(p));
    CHECK_OK(brio_process_wait(p, &exit));
    CHECK_INT(exit.signal, SIGKILL);
    brio_process_close(p);
    return 0;
}

CHILD_TEST(a_core_is_told)
{
    brio_process *p;
    brio_exit exit;
    struct rlimit none = {0, 0}, before;
    CHECK_INT(getrlimit(RLIMIT_CORE, &before), 0);
    none.rlim_max = before.rlim_max;
    CHECK_INT(setrlimit(RLIMIT_CORE, &none), 0);
    p = spawn_sh("kill -ABRT $$");
    CHECK_INT(setrlimit(RLIMIT_CORE, &before), 0);
    CHECK_OK(brio_process_wait(p, &exit));
    CHECK_INT(exit.signal, SIGABRT);
    CHECK(!exit.core);
    CHECK_INT(brio_process_signal(p, SIGTERM), -ESRCH);
    brio_process_close(p);
    return 0;
}

CHILD_TEST(a_group_is_signalled_as_a_whole)
{
    brio_process *p;
    brio_str text;
    brio_spawn_options o = {.argv = SH("sleep 100 & sleep 100 & echo up; wait"),
                            .out = BRIO_SPAWN_PIPE,
                            .own_group = true};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_INT(getpgid(brio_process_pid(p)), brio_process_pid(p));
    CHECK_INT(brio_stream_read_line(brio_process_stdout(p), 0, &text), 1);
    CHECK_OK(brio_process_terminate(p));
    /* The pipe ends only when the grandchildren, who share it, are gone too. */
    CHECK_OK(brio_stream_read_all(brio_process_stdout(p), NULL, 0, &text));
    CHECK_OK(brio_process_wait(p, NULL));
    brio_process_close(p);
    return 0;
}

CHILD_TEST(with_sigchld_ignored_nobody_knows)
{
    brio_exit exit;
    signal(SIGCHLD, SIG_IGN);
    brio_process *p = spawn_sh("exit 3");
    CHECK_OK(brio_process_wait(p, &exit));
    CHECK_INT(exit.code, -1);
    CHECK_INT(exit.signal, 0);
    brio_process_close(p);
    signal(SIGCHLD, SIG_DFL);
    return 0;
}

/* ---- Closing ------------------------------------------------------------ */

CHILD_TEST(closing_a_live_one_ends_it)
{
    brio_process *p = spawn_sh("exec sleep 100");
    brio_process_close(p);
    brio_process_close(NULL);
    return 0; /* the bed finds no child */
}

CHILD_TEST(one_that_will_not_go_is_killed_after_its_grace)
{
    brio_process *p;
    brio_str line;
    brio_spawn_options o = {.argv = SH("trap '' TERM; echo up; while :; do sleep 100; done"),
                            .out = BRIO_SPAWN_PIPE,
                            .own_group = true,
                            .grace = BRIO_MS(20)};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_INT(brio_stream_read_line(brio_process_stdout(p), 0, &line), 1);
    brio_process_close(p);
    return 0;
}

CHILD_TEST(it_may_use_its_grace)
{
    brio_process *p;
    brio_str line;
    brio_spawn_options o = {
        .argv = SH("trap 'echo bye >bye; exit' TERM; echo up; while :; do sleep 0.01; done"),
        .cwd = dir.ptr,
        .out = BRIO_SPAWN_PIPE};
    CHECK_OK(brio_process_spawn(&p, &o));
    CHECK_INT(brio_stream_read_line(brio_process_stdout(p), 0, &line), 1);
    brio_process_close(p);
    while (brio_path_exists(in_dir("bye")) == 0)
        CHECK_OK(brio_yield());
    return 0;
}

static int spawn_and_leave(void *arg)
{
    brio_process **p = arg;
    return brio_process_spawn(p, &(brio_spawn_options){.argv = ARGV("sleep", "100")});
}

static int spawn_and_abandon(void *arg)
{
    CHECK_OK(spawn_and_leave(arg));
    brio_task_abandon(-EIO);
}

CHILD_TEST(a_process_ends_with_its_task)
{
    brio_process *p;
    CHECK_OK(brio_gather({spawn_and_leave, &p}));
    CHECK_INT(brio_gather({spawn_and_abandon, &p}), -EIO);
    return 0;
}

CHILD_TEST(a_kept_one_ends_with_the_loop)
{
    brio_process *p;
    return brio_process_spawn(
        &p,
        &(brio_spawn_options){.argv = ARGV("sleep", "100"), .keep = true, .in = BRIO_SPAWN_PIPE});
}

CHILD_TEST(closing_wakes_who_waits)
{
    brio_process *p = spawn_sh("exec sleep 100");
    int result;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *task = brio_spawn(&g, wait_for_it, p);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        brio_process_close(p);
        CHECK_OK(brio_join(task, &result));
    }
    CHECK_INT(result, BRIO_ECLOSED);
    return 0;
}

static int run_forever(void *arg)
{
    brio_process_output out;
    (void)arg;
    return brio_process_run(
        &out, &(brio_spawn_options){.argv = ARGV("cat", "/dev/zero"), .max_output = SIZE_MAX / 2},
        BRIO_S(""));
}

CHILD_TEST(a_cancelled_run_leaves_no_process)
{
    for (int turns = 0; turns < 8; turns++) {
        int result;
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_task *task = brio_spawn(&g, run_forever, NULL);
            for (int i = 0; i < turns; i++)
                CHECK_OK(brio_yield());
            CHECK(brio_task_cancel(task));
            CHECK_OK(brio_join(task, &result));
        }
        CHECK_INT(result, -ECANCELED);
    }
    return 0;
}

/* A pipe's end that only the grandchild still has open tells when it is gone. */
static int pipe_end;

static int spawn_and_die(void *arg)
{
    brio_process *p;
    const bool *outlive = arg;
    brio_spawn_options o = {.argv = ARGV("sleep", *outlive ? "0.05" : "100"),
                            .out = BRIO_SPAWN_FD,
                            .out_fd = pipe_end,
                            .outlive = *outlive};
    CHECK_OK(brio_process_spawn(&p, &o));
    kill(getpid(), SIGKILL);
    return 0;
}

static void check_death(bool outlive)
{
    int ends[2];
    char byte;
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    pipe_end = ends[1];
    pid_t pid = fork();
    if (pid == 0)
        _exit(brio_run(spawn_and_die, &outlive, NULL) != 0);
    close(ends[1]);
    CHECK_INT(waitpid(pid, NULL, 0), pid);
    CHECK_INT(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

TEST(children_die_with_their_parent)
{
    check_death(false); /* else this takes 100 seconds, which the runner does not wait */
}

TEST(unless_they_may_outlive_it)
{
    check_death(true);
}
