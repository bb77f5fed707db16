/* SPDX-License-Identifier: MIT
 *
 * brio/subprocess.h: other programs, and signals. asyncio's subprocess and
 * add_signal_handler. Part of <brio/io.h>.
 *
 *     const char *argv[] = {"sort", "-u", NULL};
 *     brio_process_output sorted;
 *     int rc = brio_process_run(&sorted, &(brio_spawn_options){.argv = argv}, text); // Suspends
 *     if (rc == 0 && sorted.exit.code == 0)
 *         use(sorted.out);
 *
 * A child is watched by a pidfd: it is reaped when it ends, whoever waits, and
 * a signal never reaches another process that got its number. No shell is
 * involved unless argv asks for one. On the simulator children are real, and
 * hold the clock as long as they live. */
#ifndef BRIO_SUBPROCESS_H
#define BRIO_SUBPROCESS_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_stream;

/* ---- Spawning ----------------------------------------------------------- */

typedef struct brio_process brio_process;

typedef enum brio_spawn_io { /* ORDER SPAWN_IO */
    BRIO_SPAWN_INHERIT = 0,  /* ours */
    BRIO_SPAWN_PIPE,         /* a stream of brio_process_stdin and kin */
    BRIO_SPAWN_NULL,         /* /dev/null */
    BRIO_SPAWN_FD,           /* the descriptor given beside it; borrowed until spawn returns */
    BRIO_SPAWN_STDOUT        /* stderr only: where stdout goes */
} brio_spawn_io;

typedef struct brio_spawn_options {
    const char *const *argv; /* required, NULL at its end; argv[0] is looked up in PATH (of `env`) unless
                                it has a slash. All pointers are borrowed until spawn returns */
    const char *const *env;  /* "NAME=value", NULL at its end; NULL means ours */
    const char *cwd;         /* its working directory; NULL means ours */
    brio_spawn_io in, out, err;
    int in_fd, out_fd, err_fd;
    bool own_group;    /* a process group of its own; signals then go to the whole group */
    bool outlive;      /* it may live on when our thread dies; else the kernel kills it then */
    bool keep;         /* not closed with the task that spawned it */
    brio_time grace;   /* at close: from SIGTERM to SIGKILL; 0 means 5 s, < 0 none: SIGKILL at once */
    size_t max_output; /* bytes of stdout, and of stderr, that communicate takes; 0 means 1 MiB */
} brio_spawn_options;

/* Starts a program. It has its standard descriptors and no other, no signal
 * blocked, and the default action for every signal but those we ignore
 * (SIGPIPE and SIGXFSZ are default in any case). Not a suspension point, but
 * the loop stands still until the program is loaded. The process is closed
 * when the current task ends, unless `keep`. 0, or why it could not be started
 * (the error detail tells which step failed): -ENOENT, -EACCES, -ENOEXEC, of
 * `cwd` too; -E2BIG, -EINVAL without argv[0], -EAGAIN beyond RLIMIT_NPROC,
 * -EMFILE, -ENOMEM; -ECANCELED. */
BRIO_API int brio_process_spawn(brio_process **ret, const brio_spawn_options *options) BRIO_CHECKED;

/* Its pipes; borrowed until brio_process_close, which closes them; NULL for
 * what is no pipe. brio_stream_shutdown ends its input. What it wrote can be
 * read after it has ended. */
BRIO_API struct brio_stream *brio_process_stdin(const brio_process *process);
BRIO_API struct brio_stream *brio_process_stdout(const brio_process *process);
BRIO_API struct brio_stream *brio_process_stderr(const brio_process *process);
/* Its number; another process may get it once it has ended. */
BRIO_API int brio_process_pid(const brio_process *process);

/* ---- Its end ------------------------------------------------------------ */

typedef struct brio_exit {
    int code;    /* 0 to 255 as it exited; -1 if a signal ended it, or nobody knows: with SIGCHLD
                    ignored the kernel tells nothing */
    int signal;  /* that ended it; 0: none */
    bool core;   /* it dumped core */
} brio_exit;

/* Suspends until it has ended; *ret_exit (may be NULL) tells how. Any number of
 * tasks may wait, any number of times. Cancelling the wait leaves the process
 * alone. 0, -ECANCELED, BRIO_ECLOSED. With a full pipe it may never end: read. */
BRIO_API int brio_process_wait(brio_process *process, brio_exit *ret_exit) BRIO_CHECKED;
/* The same without waiting: 0, or -EINPROGRESS. */
BRIO_API int brio_process_poll(const brio_process *process, brio_exit *ret_exit) BRIO_CHECKED;
/* Sends a signal to it (with `own_group` to its group). 0, -ESRCH once it has
 * ended, -EINVAL, -EPERM. terminate sends SIGTERM, kill SIGKILL. */
BRIO_API int brio_process_signal(brio_process *process, int signo);
BRIO_API int brio_process_terminate(brio_process *process);
BRIO_API int brio_process_kill(brio_process *process);
/* Lets go of it: closes its pipes; one that lives gets SIGTERM, and SIGKILL
 * after `grace`, and is reaped in the background, at the latest when the
 * loop's tasks are closed. Not a suspension point; tasks in brio_process_wait
 * get BRIO_ECLOSED. NULL is fine. */
BRIO_API void brio_process_close(brio_process *process);

/* ---- In one call -------------------------------------------------------- */

typedef struct brio_process_output {
    brio_exit exit;
    brio_str out, err; /* in the current task's arena; empty for what is no pipe */
} brio_process_output;

/* Suspends: writes `input` to its stdin and closes that, reads stdout and
 * stderr to their ends, all at once, and waits for its end. That it does not
 * read its input is no error. 0; BRIO_ELIMIT beyond max_output, or -ECANCELED:
 * the process is as it is then, and what was read is lost. Only in a task. */
BRIO_API int brio_process_communicate(brio_process *process, brio_str input,
                                      brio_process_output *ret) BRIO_CHECKED;
/* Suspends: spawns, communicates and closes (which kills, should it come to
 * that). stdout and stderr are pipes where `options` say INHERIT, stdin too or
 * null if `input` is empty. 0 however the program exited: look at ret->exit.
 * Else as spawn and communicate. */
BRIO_API int brio_process_run(brio_process_output *ret, const brio_spawn_options *options,
                              brio_str input) BRIO_CHECKED;

/* ---- Signals ------------------------------------------------------------ */

/* Somebody who listens to signals, as events of the loop: no code of yours runs
 * in signal context. While anybody on the loop listens to a signal it is
 * blocked for the loop's thread and has no other effect; threads made earlier
 * must block it themselves. */
typedef struct brio_signals brio_signals;

/* Listens to `n` signals (any number of listeners may share one) until close,
 * or until the task that opened it ends.
 * 0, -EINVAL for SIGKILL, SIGSTOP, numbers that are none and n 0; -EBUSY if
 * somebody else on the loop has one (brio_run's `interrupt`: SIGINT); -ENOMEM,
 * -EMFILE; nothing is listened to then. On sim signals come only from
 * brio_loop_raise. */
BRIO_API int brio_signals_open(brio_signals **ret, const int *signos, size_t n) BRIO_CHECKED;
/* Suspends until one of them comes and returns its number. The same signal
 * coming again before it was told is told once. Several tasks take turns, the
 * one that waited longest first. -ECANCELED (no signal is lost), BRIO_ECLOSED. */
BRIO_API int brio_signals_next(brio_signals *signals) BRIO_CHECKED;
/* Closes and frees. A signal nobody listens to any more acts as before. Waiting
 * tasks get BRIO_ECLOSED. NULL is fine. */
BRIO_API void brio_signals_close(brio_signals *signals);

#ifdef __cplusplus
}
#endif
#endif
