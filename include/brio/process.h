/* SPDX-License-Identifier: MIT
 *
 * brio/process.h: worker processes for what may crash, leak or hog. Part of
 * <brio/exec.h>.
 *
 *     static int resize(brio_str image, brio_buf *result);      // runs elsewhere
 *     ...
 *     brio_str small;
 *     int rc = brio_to_process(resize, image, &small);          // Suspends
 *
 * Workers are forked ahead, so they know this program's functions and what its
 * memory held at that moment; afterwards only bytes pass: the argument is
 * copied to the worker, the result back. A job whose worker dies fails with
 * BRIO_EPROCESS and says how it died; the worker is replaced, and every other
 * job goes on.
 *
 * Fork early: open the pool before the program starts threads or opens much. A
 * fork takes the calling thread only, so a lock that another thread holds just
 * then stays locked in the workers, and a library loaded later is unknown to
 * them. Workers have no descriptors but standard input (/dev/null), output and
 * error, default signal dispositions, and nothing of the parent's loops; they die
 * with the parent, however that dies. A job may call brio_run. SIGINT, SIGTERM
 * and SIGHUP sent to the whole process group are left to the parent. */
#ifndef BRIO_PROCESS_H
#define BRIO_PROCESS_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A pool of worker processes. Its calls come from the tasks of one loop at a
 * time; it may be opened before that loop runs and serve another one later. A
 * child that this program forks itself must not use it, but open its own. */
typedef struct brio_processes brio_processes;

/* What runs in a worker. `arg` is a view of the caller's bytes, valid during
 * the call; `result` is empty and takes up to max_payload bytes. What it
 * returns is the call's result, what it says with brio_error its words. */
typedef int brio_process_fn(brio_str arg, brio_buf *result);

typedef struct brio_processes_options {
    const char *name;       /* copied; workers are called name-N; NULL means "process" */
    unsigned workers;       /* 0 means one per processor this program may use; at most 1,024 */
    size_t max_queue;       /* calls waiting for a worker; 0 means 10,000 */
    size_t max_payload;     /* bytes of an argument and of a result; 0 means 64 MiB. Address
                               space, not memory, is reserved for them, per worker */
    size_t recycle_after;   /* a worker is replaced after so many jobs; 0: never */
    size_t memory_limit;    /* bytes of address space a worker may have beyond what it began
                               with (RLIMIT_AS): allocations beyond fail there; 0: none */
    brio_time cpu_limit;    /* processor time of one job, all its threads, ns; a job beyond is
                               killed; 0: none */
    bool kill_on_cancel;    /* a job whose caller was cancelled is killed, not left to finish */
    /* Called in each worker before its first job, and before it ends in order
     * (not when it is killed); NULL: nothing. After three workers in a row
     * whose initialiser failed, or that died in it, the pool is broken: every
     * call fails with BRIO_EPROCESS and the initialiser's words. */
    int (*worker_init)(void *worker_arg);
    void (*worker_fini)(void *worker_arg);
    void *worker_arg;       /* borrowed: what it points to is as it was at the fork */
} brio_processes_options;

/* Forks the pool's server, a small process that forks the workers, now and as
 * replacements, and waits for them. Does not wait until they are ready.
 * `options` may be NULL. In a task it **Suspends** for a turn of the loop (the
 * fork happens on the loop's stack). Returns 0; -EINVAL for more than 1,024
 * workers; -ENOMEM, -EMFILE, -EAGAIN. */
BRIO_API int brio_processes_open(brio_processes **ret,
                                 const brio_processes_options *options) BRIO_CHECKED;
/* Refuses new calls; ends idle workers in order (they have a second for it), kills
 * busy ones, waits for all (blocks this thread meanwhile). No task may be
 * waiting in it (asserted): shut down first. NULL is fine. */
BRIO_API void brio_processes_close(brio_processes *pool);
/* Refuses new calls (BRIO_ECLOSED) and suspends until those queued and running
 * have ended; with `drop_queued` the queued ones do not happen: their callers
 * get BRIO_ECLOSED. 0; -ECANCELED, also at a deadline: jobs go on, and it may be
 * called again, or the pool closed once no task waits in it. Then close. Outside
 * a task -EPERM: it refuses, and does not wait. */
BRIO_API int brio_processes_shutdown(brio_processes *pool, bool drop_queued) BRIO_CHECKED;

typedef struct brio_process_call {
    brio_process_fn *fn;
    const char *name;    /* of fn, for people; borrowed; NULL: its address */
    brio_str arg;        /* borrowed until the job begins; copied to the worker then */
    bool kill_on_cancel; /* as the pool's option, for this call */
    bool into;           /* the result goes to `storage` instead of the task's arena */
    void *storage;       /* yours, `capacity` bytes */
    size_t capacity;
} brio_process_call;

/* Suspends until call->fn has run in a worker of `pool` (NULL means the loop's
 * own) and returns its result; one that is over within microseconds while nothing
 * else is to be done may be told without a turn of the loop. *ret_result (may be
 * NULL) is a copy in the current task's arena, or lies in call->storage; empty
 * after an error.
 *
 * A cancellation takes a call back that is still queued; one that runs is left
 * to the worker, which finishes it unheard, or is killed (kill_on_cancel):
 * -ECANCELED at once either way. One job is one attempt: nothing is run twice.
 *
 * BRIO_EPROCESS: the worker died while it ran the job, the fork server died, or
 * the pool is broken; the detail says which, and how (a job whose worker died
 * before it began is given to another). BRIO_ELIMIT: argument or result is larger
 * than max_payload, or the result than the arena or storage has room for.
 * BRIO_EOVERLOAD: max_queue. BRIO_ECLOSED: closed or shut down. -EPERM: not called
 * from a task. -EBUSY: tasks of another loop use the pool. -ENOMEM. */
BRIO_API int brio_processes_run(brio_processes *pool, const brio_process_call *call,
                                brio_str *ret_result) BRIO_CHECKED;

/* loop.run_in_executor with a process pool: int brio_run_in_process(
 * brio_processes *pool, brio_process_fn *fn, brio_str arg, brio_str *ret_result). */
#define brio_run_in_process(pool, function, argument, ret_result)                            \
    brio_processes_run((pool),                                                               \
                       &(const brio_process_call){                                           \
                           .fn = (function), .name = #function, .arg = (argument)},          \
                       (ret_result))
/* The same in the loop's own pool, made on first use with the default options
 * (so forked then: see above) and closed with the loop's tasks. */
#define brio_to_process(function, argument, ret_result)                                      \
    brio_run_in_process(NULL, function, argument, ret_result)

/* A job from struct to struct. Both are copied as they are: no pointers in
 * them, they would point into the other process.
 *
 *     static int count(const Range *in, Total *out);
 *     BRIO_PROCESS_JOB(count, Range, Total)
 *     ...
 *     rc = count_in_process(pool, &range, &total);              // Suspends
 *
 * Returns as brio_processes_run (`pool` NULL: the loop's own); *out is written only
 * if the result is >= 0. */
#define BRIO_PROCESS_JOB(function, In, Out)                                                  \
    static int function##_job(brio_str brio_arg, brio_buf *brio_result)                      \
    {                                                                                        \
        In brio_in;                                                                          \
        Out brio_out;                                                                        \
        if (brio_arg.len != sizeof(brio_in))                                                 \
            return BRIO_EINVALID;                                                            \
        memcpy(&brio_in, brio_arg.ptr, sizeof(brio_in));                                     \
        memset(&brio_out, 0, sizeof(brio_out));                                              \
        int brio_rc = function(&brio_in, &brio_out);                                         \
        brio_str brio_bytes = {(const char *)&brio_out, sizeof(brio_out)};                   \
        if (brio_rc >= 0)                                                                    \
            brio_buf_add(brio_result, brio_bytes);                                           \
        return brio_rc;                                                                      \
    }                                                                                        \
    BRIO_CHECKED static inline int function##_in_process(brio_processes *brio_where,         \
                                                         const In *brio_in, Out *brio_out)   \
    {                                                                                        \
        Out brio_got;                                                                        \
        brio_str brio_bytes;                                                                 \
        brio_process_call brio_what = {.fn = function##_job,                                 \
                                       .name = #function,                                    \
                                       .arg = {(const char *)brio_in, sizeof(*brio_in)},     \
                                       .into = true,                                         \
                                       .storage = &brio_got,                                 \
                                       .capacity = sizeof(brio_got)};                        \
        int brio_rc = brio_processes_run(brio_where, &brio_what, &brio_bytes);               \
        if (brio_rc >= 0)                                                                    \
            memcpy(brio_out, &brio_got, sizeof(brio_got));                                   \
        return brio_rc;                                                                      \
    }

/* Workers alive, workers that run a job, calls that wait; NULL: not wanted. */
BRIO_API void brio_processes_load(const brio_processes *pool, size_t *ret_alive,
                                  size_t *ret_running, size_t *ret_queued);

/* The current loop's own pool, made on first use. Borrowed. NULL when it could
 * not be made. From a task: **Suspends** then. */
BRIO_API brio_processes *brio_default_processes(void);

#ifdef __cplusplus
}
#endif
#endif
