/* SPDX-License-Identifier: MIT
 *
 * What the parts of the room share.
 *
 * Threads: a job, between the task that waits for it (run_in.c) and the thread
 * that runs it (thread.c), handed over by the pool (pool.c). It has one owner at
 * a time: the task until submit; the pool's lock while `queued`; the thread
 * until `left` is set, or for good if the task abandoned it; the task again.
 * Processes: the second half. */
#ifndef BRIO_EXEC_INTERNAL_H
#define BRIO_EXEC_INTERNAL_H

#include <brio/exec.h>
#include <brio/loop.h>
#include <brio/task.h>
#include <brio/trace.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

/* ---- Waiting shortly (spin.c) ------------------------------------------- */

/* Whether looking again and again before sleeping has paid lately. */
#define BRIO_EXEC_SPIN BRIO_US(20) /* of who has nothing else to do */

typedef struct brio_exec_spin {
    unsigned misses; /* in a row */
    unsigned rests;  /* since it last tried */
} brio_exec_spin;

/* Looks at `word` for `span` ns while it is `value`; on a machine with one
 * processor, or when that was in vain lately, mostly not at all. */
void brio_exec_spin_while(brio_exec_spin *spin, const atomic_uint *word, unsigned value,
                          brio_time span);
/* The futex: sleeps while `word` is `value`, until `deadline` (CLOCK_MONOTONIC).
 * False at the deadline. `shared`: between processes. */
bool brio_exec_sleep(atomic_uint *word, unsigned value, brio_time deadline, bool shared);
void brio_exec_wake(atomic_uint *word, bool shared); /* one sleeper */

/* ---- Words (spin.c) ------------------------------------------------------ */

enum { BRIO_EXEC_WORDS = 512 }; /* as much as a task keeps of an error */

typedef struct brio_exec_words {
    size_t len;
    char text[BRIO_EXEC_WORDS];
} brio_exec_words;

#define BRIO_EXEC_WORDS_OF(literal)                                                                \
    {                                                                                              \
        sizeof(literal) - 1, literal                                                               \
    }

/* Keeps this thread's (this task's) error detail, or nothing if rc >= 0. */
void brio_exec_words_take(brio_exec_words *words, int rc);
/* Forgets the detail of the thread's former job. */
void brio_exec_words_forget(void);
/* Makes them the detail of the caller; returns rc. */
int brio_exec_words_tell(const brio_exec_words *words, int rc);

/* ---- Tracks of the timeline (spin.c) ------------------------------------- */

/* Tells the timeline, if one records, that the track is in `state` from `at` on
 * (0: from now on); `*track` is made at the first event. */
void brio_exec_track(uint64_t *track, const char *name, brio_trace_state state, brio_time at);
bool brio_exec_simulated(const brio_loop *loop);
/* The time for it: virtual in the simulator, where jobs take none; else 0. */
brio_time brio_exec_track_time(const brio_loop *loop);

/* ---- Thread jobs --------------------------------------------------------- */

enum brio_exec_job_end {                       /* brio_exec_job::end */
                         BRIO_EXEC_LOOKED_FOR, /* under way; the task is looking */
                         BRIO_EXEC_AWAITED,    /* under way; its end is to be posted to the loop */
                         BRIO_EXEC_FINISHED,
                         BRIO_EXEC_ABANDONED /* by its task: the thread frees it */
};

typedef struct brio_exec_job {
    brio_link link; // brio_pool::queue
    brio_pool *pool;
    brio_loop *loop;
    brio_job_fn *fn;
    void *arg;
    void (*drop)(void *arg);
    bool queued;
    bool may_abandon; /* then it is on the heap */
    int result;
    atomic_uint end;  /* enum brio_exec_job_end */
    atomic_bool left; /* the thread will not touch the job nor the loop again */
    brio_time at;     /* of the timeline: brio_exec_track_time */
    void *context;
    brio_locals *locals;
    brio_callback done;
    brio_waiter *waiter; /* on the task's stack, valid unless abandoned */
    brio_exec_words words;
} brio_exec_job;

/* Hands the job to a thread, or queues it. 1 if that thread was awake, 0, BRIO_EOVERLOAD,
 * BRIO_ECLOSED, why the first thread could not be started, or what broke the pool, with words. */
int brio_exec_submit(brio_pool *pool, brio_exec_job *job);
/* Takes it back; false if a thread has it. */
bool brio_exec_withdraw(brio_pool *pool, brio_exec_job *job);
/* run_in.c: runs it on this thread and tells its end. */
void brio_exec_perform(brio_exec_job *job);
/* run_in.c: tells `result` as the end of a job that did not run, with words. */
void brio_exec_refuse(brio_exec_job *job, int result, const brio_exec_words *words);

/* ---- Pools (pool.c, shutdown.c) and their threads (thread.c) -------------- */

enum { BRIO_EXEC_NAME = 16 }; /* bytes of a thread's name, by the kernel */

typedef struct brio_exec_worker {
    brio_link link; // brio_pool::alive or ::ended
    brio_link idle; // brio_pool::idle
    brio_pool *pool;
    brio_exec_job *job; /* handed over */
    atomic_uint word;   /* of enum brio_exec_word */
    brio_exec_spin spin;
    pthread_t thread;
    uint64_t track;
    brio_time at; /* of its last job, for the track */
    char name[BRIO_EXEC_NAME];
} brio_exec_worker;

enum brio_exec_word { BRIO_EXEC_AWAKE, BRIO_EXEC_ASLEEP, BRIO_EXEC_CALLED };

struct brio_pool {
    pthread_mutex_t lock;
    pthread_cond_t quiet; /* closing, and nothing runs or waits */
    brio_link queue;      // brio_exec_job::link
    brio_link idle;       // brio_exec_worker::idle, newest first
    brio_link alive;      // brio_exec_worker::link
    brio_link ended;      // brio_exec_worker::link; to be joined
    brio_link closers;    // brio_exec_closer::link
    size_t threads, min_threads, max_threads, max_queue, stack_size;
    atomic_size_t running, queued; /* read without the lock */
    brio_time idle_time;
    unsigned last_number;
    bool closing;
    bool let_go; /* nobody joins: the last thread frees the pool */
    int broken;  /* by its initialiser: < 0 */
    brio_exec_words why_broken;
    int (*thread_init)(void *arg);
    void (*thread_fini)(void *arg);
    void *thread_arg;
    char name[BRIO_EXEC_NAME];
};

/* A task in brio_pool_shutdown. */
typedef struct brio_exec_closer {
    brio_link link; // brio_pool::closers
    brio_pool *pool;
    brio_loop *loop;
    atomic_bool left;
    brio_callback done;
    brio_waiter waiter;
} brio_exec_closer;

/* thread.c, all with the lock held. A new thread that begins with `job`, which
 * may be NULL: 0 or -errno. */
int brio_exec_hire(brio_pool *pool, brio_exec_job *job);
brio_exec_job *brio_exec_dequeue(brio_pool *pool); /* NULL: none */
/* Calls a resting thread; true if it sleeps: brio_exec_wake its word, without the lock. */
bool brio_exec_call(brio_exec_worker *worker);
void brio_exec_worker_free(brio_exec_worker *worker);
/* shutdown.c, with the lock held: if all is quiet, tells who waits for that. */
void brio_exec_check_quiet(brio_pool *pool);
/* pool.c. Takes the queued jobs off (with the lock held), and tells them that they
 * did not happen (without it). */
void brio_exec_queue_take(brio_pool *pool, brio_link *ret);
void brio_exec_queue_refuse(brio_link *jobs, int result, const brio_exec_words *words);
/* Gives the memory back; no thread is left. */
void brio_exec_pool_destroy(brio_pool *pool);
/* Shuts down; after `patience` what still runs is left to itself, with a
 * warning: the loop's own pool at its end. */
void brio_exec_pool_end(brio_pool *pool, brio_time patience);

/* ---- Worker processes ---------------------------------------------------- */

/* A worker's slot has memory that both sides see: this header, the argument, the
 * result. `word` says whose turn it is. The parent believes nothing that a
 * worker wrote: it copies, then checks. */
enum brio_exec_turn {                     /* brio_exec_shared::word, and who writes it */
                      BRIO_EXEC_STARTING, /* parent, before the fork */
                      BRIO_EXEC_READY,    /* worker: waits for its first job */
                      BRIO_EXEC_REFUSED,  /* worker: its initialiser failed, it ends */
                      BRIO_EXEC_JOB,      /* parent: run it; I am looking */
                      BRIO_EXEC_JOB_LOUD, /* parent: run it, and ring the bell at its end */
                      BRIO_EXEC_DONE,     /* worker: waits for the next */
                      BRIO_EXEC_END       /* parent: end in order */
};

typedef struct brio_exec_answer {
    uint64_t seq; /* of the job it answers */
    uint64_t len; /* bytes of the result */
    int32_t result;
    brio_exec_words words;
} brio_exec_answer;

typedef struct brio_exec_shared {
    _Alignas(64) atomic_uint word;
    atomic_uint asleep;               /* the worker sleeps on `word` */
    _Alignas(64) brio_process_fn *fn; /* the parent's */
    uint64_t seq;
    uint64_t arg_len;
    _Alignas(64) _Atomic(uint64_t) began; /* the worker's: seq of the job it runs */
    brio_exec_answer answer;
} brio_exec_shared;

/* One call, on the stack of the task that waits for it. */
typedef struct brio_exec_order {
    brio_link link; // brio_processes::queue
    struct brio_processes *pool;
    struct brio_exec_slot *slot; /* where it runs, or whose result it holds; NULL: queued, ended */
    const brio_process_call *call;
    brio_arena *arena;
    int result;
    int tries;   /* workers that died before they began with it */
    bool held;   /* the result is still in the slot */
    bool wanted; /* the result */
    brio_str bytes;
    size_t size; /* of the result, wherever it is */
    brio_waiter waiter;
    brio_exec_words words;
} brio_exec_order;

enum brio_exec_slot_state {
    BRIO_EXEC_SLOT_DEAD,
    BRIO_EXEC_SLOT_STARTING,
    BRIO_EXEC_SLOT_IDLE, /* on brio_processes::idle */
    BRIO_EXEC_SLOT_BUSY, /* its order may be gone: cancelled */
    BRIO_EXEC_SLOT_HELD, /* its result is to be fetched by the task */
    BRIO_EXEC_SLOT_ENDING
};

typedef struct brio_exec_slot {
    brio_link link; // brio_processes::idle or ::active
    brio_exec_shared *shared;
    brio_exec_order *order;
    unsigned index;
    uint8_t state;  /* enum brio_exec_slot_state */
    bool begun;     /* this worker got ready */
    bool gone;      /* it died, but its result is held */
    bool condemned; /* a kill is on its way to it: no more jobs */
    uint64_t gen;   /* of the worker in it */
    uint64_t seq;
    size_t jobs; /* this worker ran */
    uint64_t track;
    char name[BRIO_EXEC_NAME];
} brio_exec_slot;

/* What the fork server knows of a slot's worker. */
typedef struct brio_exec_child {
    pid_t pid; /* 0: none */
    uint64_t gen;
    bool owed; /* a report to the parent */
    pid_t reported;
    int status;
} brio_exec_child;

/* To the fork server, and back. */
enum brio_exec_op { BRIO_EXEC_OP_FORK = 1, BRIO_EXEC_OP_KILL, BRIO_EXEC_OP_CLOSE };

typedef struct brio_exec_request {
    uint32_t op, slot;
    uint64_t gen;
} brio_exec_request;

typedef struct brio_exec_report { /* a worker is dead */
    uint32_t slot;
    int32_t pid;    /* 0: it could not be forked */
    int32_t status; /* as waitpid tells, or -errno */
    uint64_t gen;
} brio_exec_report;

/* That a loop serves a pool; outlives whichever ends first. */
typedef struct brio_exec_binding {
    struct brio_processes *pool; /* NULL: closed meanwhile */
} brio_exec_binding;

struct brio_processes {
    brio_processes_options o; /* resolved */
    char name[BRIO_EXEC_NAME];
    brio_exec_slot *slots;
    brio_exec_child *children; /* the server's, in its copy of us */
    size_t payload;            /* max_payload in whole pages */
    int bell;                  /* eventfd: some worker has news */
    int control;               /* socket to the server, or -1 */
    pid_t server;
    brio_loop *loop; /* whose tasks use us, or NULL */
    brio_exec_binding *binding;
    bool simulated, bell_on, control_on;
    brio_watch bell_watch, control_watch;
    brio_link queue;   // brio_exec_order::link
    brio_link idle;    // brio_exec_slot::link, newest first
    brio_link active;  // brio_exec_slot::link: those whose word may change
    brio_link closers; // brio_waiter::link
    size_t queued, running, alive, waiting;
    unsigned failed_starts, server_deaths;
    brio_exec_spin spin;
    bool closing, broken;
    brio_exec_words why_broken;
};

/* process_shared.c: the memory of a slot. 0 or -errno. */
int brio_exec_slot_map(const brio_processes *pool, brio_exec_slot *slot);
void brio_exec_slot_unmap(const brio_processes *pool, brio_exec_slot *slot);
char *brio_exec_slot_arg(const brio_exec_slot *slot);
char *brio_exec_slot_result(const brio_processes *pool, const brio_exec_slot *slot);
/* Writes the job down and calls the worker. */
void brio_exec_slot_give(brio_exec_slot *slot, const brio_process_call *call, bool loud);
/* Changes the worker's turn, and wakes it. */
void brio_exec_slot_turn(brio_exec_slot *slot, unsigned word);
/* A checked copy of the answer to the slot's job; false if it cannot be one. */
bool brio_exec_slot_answer(const brio_processes *pool, const brio_exec_slot *slot,
                           brio_exec_answer *ret);
/* Gives the memory of large payloads back. */
void brio_exec_slot_trim(const brio_processes *pool, brio_exec_slot *slot, uint64_t result_len);

/* process_server.c, process_worker.c: the child's whole life. */
void brio_exec_server_main(brio_processes *pool, int control, pid_t parent)
    __attribute__((noreturn));
void brio_exec_child_main(brio_processes *pool, unsigned index, int bell, pid_t server)
    __attribute__((noreturn));

/* process_pool.c */
void brio_exec_slot_fork(brio_processes *pool, brio_exec_slot *slot);
void brio_exec_slot_kill(brio_processes *pool, brio_exec_slot *slot);
int brio_exec_server_launch(brio_processes *pool);
/* A pool with the default options that is not launched yet; NULL if it cannot be
 * made. start launches it; a failure breaks it. */
brio_processes *brio_exec_processes_new(void);
void brio_exec_processes_start(brio_processes *pool);
int brio_exec_bind(brio_processes *pool);
/* Listens to whatever there is to listen to. 0 or -errno. */
int brio_exec_watch(brio_processes *pool);
/* In sim a watch holds the clock: only while somebody waits. 0 or -errno. */
int brio_exec_waiting(brio_processes *pool, int change);

/* process_run.c */
/* Looks at a slot whose word may have changed. */
void brio_exec_slot_look(brio_processes *pool, brio_exec_slot *slot);
/* The slot's worker waits for a job: give it one. */
void brio_exec_slot_free(brio_processes *pool, brio_exec_slot *slot);
/* Ends the order of a slot, or of the queue, with words. */
void brio_exec_order_end(brio_exec_order *order, int result, const brio_exec_words *words);
void brio_exec_queue_fail(brio_processes *pool, int result, const brio_exec_words *words);
void brio_exec_processes_check_quiet(brio_processes *pool);
/* Queues the order of a slot again whose worker died; false if it had begun. */
bool brio_exec_order_again(brio_processes *pool, brio_exec_slot *slot);

/* process_death.c */
void brio_exec_worker_died(brio_processes *pool, const brio_exec_report *report);
void brio_exec_server_died(brio_processes *pool);
/* A slot whose worker died while its result was held; fetched now. */
void brio_exec_slot_lost(brio_processes *pool, brio_exec_slot *slot);
void brio_exec_processes_break(brio_processes *pool, int rc);

#endif
