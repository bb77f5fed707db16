/* SPDX-License-Identifier: MIT
 *
 * brio/trace.h: seeing what tasks do. Three views of the same program:
 *
 * - the table: one record of fixed layout per task, kept where the task lives.
 *   It costs nothing extra, and `brio ps|tree|stack PID` reads it from outside,
 *   also in a core file;
 * - the timeline: who ran, waited and was ready when, drawn at exit. Off until
 *   asked for: `BRIO_TIMELINE=1 ./program`, or brio_timeline_start;
 * - the blocking detector: who holds its loop, and where in the code.
 *
 * The room knows tracks and states, not tasks: the rooms above tell it. */
#ifndef BRIO_TRACE_H
#define BRIO_TRACE_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The table ---------------------------------------------------------- */

/* What a track (a task, a pool's thread, a worker process) is doing. */
typedef enum brio_trace_state { /* ORDER TRACE_STATE */
    BRIO_TRACE_FREE = 0,        /* the record is not in use */
    BRIO_TRACE_NEW,             /* created; its body has not run */
    BRIO_TRACE_READY,           /* may run, waits for its turn */
    BRIO_TRACE_RUNNING,
    BRIO_TRACE_WAITING,
    BRIO_TRACE_ENDED            /* its result is still of interest to somebody */
} brio_trace_state;

/* What a waiting task waits for; brio_trace_wait_text names it. */
#define BRIO_WAIT_TABLE(X)                                    \
    X(BRIO_WAIT_OTHER,     "something")                       \
    X(BRIO_WAIT_SLEEP,     "sleep")                           \
    X(BRIO_WAIT_TASK,      "task")      /* on: its record */  \
    X(BRIO_WAIT_GROUP,     "group")     /* on: the group, whose tasks name it */ \
    X(BRIO_WAIT_FUTURE,    "future")                          \
    X(BRIO_WAIT_LOCK,      "lock")      /* on: a brio_trace_owned */ \
    X(BRIO_WAIT_EVENT,     "event")                           \
    X(BRIO_WAIT_CONDITION, "condition")                       \
    X(BRIO_WAIT_SEMAPHORE, "semaphore")                       \
    X(BRIO_WAIT_BARRIER,   "barrier")                         \
    X(BRIO_WAIT_LIMITER,   "limiter")                         \
    X(BRIO_WAIT_QUEUE,     "queue")                           \
    X(BRIO_WAIT_CHANNEL,   "channel")                         \
    X(BRIO_WAIT_THREAD,    "thread")                          \
    X(BRIO_WAIT_PROCESS,   "process")                         \
    X(BRIO_WAIT_ACCEPT,    "accept")                          \
    X(BRIO_WAIT_CONNECT,   "connect")                         \
    X(BRIO_WAIT_READ,      "read")                            \
    X(BRIO_WAIT_WRITE,     "write")                           \
    X(BRIO_WAIT_FILE,      "file")                            \
    X(BRIO_WAIT_DNS,       "name lookup")                     \
    X(BRIO_WAIT_SIGNAL,    "signal")

typedef enum brio_wait_kind { /* ORDER WAIT_KIND */
#define BRIO_WAIT_ENUM(name, text) name,
    BRIO_WAIT_TABLE(BRIO_WAIT_ENUM)
#undef BRIO_WAIT_ENUM
    BRIO_WAIT_KINDS
} brio_wait_kind;

/* "lock", "sleep", ...; "?" beyond the table. Static. */
BRIO_API const char *brio_trace_wait_text(unsigned kind);

/* Appends `name` (NUL-terminated) as well-formed UTF-8 on one line: control
 * characters, line separators and bidirectional overrides become '?', malformed
 * bytes U+FFFD. For names that may come from anywhere. */
BRIO_API void brio_trace_clean(brio_buf *out, const char *name);

/* The first word of whatever BRIO_WAIT_LOCK points to: who has it. */
typedef struct brio_trace_owned {
    uint64_t owner; /* a task's id; 0: nobody */
} brio_trace_owned;

/* One task, as readers outside see it. brio's tasks begin with one; it is kept
 * up to date field by field, without a lock: a reader checks that id and state
 * are the same before and after. Pointers are the process's own. ORDER TRACE_TASK */
typedef struct brio_trace_task {
    uint64_t id;            /* from 1, never used again in its loop */
    uint64_t parent;        /* who created it; 0: a callback */
    const char *name;
    const void *fn;         /* its body */
    const void *created_at; /* the address in the code that created it */
    uint8_t state;          /* brio_trace_state */
    uint8_t wait;           /* brio_wait_kind, while WAITING */
    uint8_t cancelling;     /* a cancellation was asked for and not taken back */
    uint8_t reserved[5];
    const void *wait_on;    /* as told in the table above, or NULL */
    const void *group;      /* the group it belongs to, or NULL */
    brio_time since;        /* the loop's clock when `state` last changed; RUNNING: when it became READY */
    uint64_t resumes;
    uint64_t cpu_ns;        /* on the processor; counted while the detector or a timeline is on */
    void *sp, *pc, *fp;     /* where it goes on, while it has a stack and does not run */
    const void *stack_low, *stack_high; /* bytes it may use; NULL before its first turn */
} brio_trace_task;

/* `n` records, `stride` bytes apart. Never moves or shrinks while its loop lives. */
typedef struct brio_trace_chunk {
    const struct brio_trace_chunk *next;
    const void *first; // brio_trace_task
    size_t n, stride;
} brio_trace_chunk;

/* One loop with tasks. In the rooms' memory; linked while the loop is open. */
typedef struct brio_trace_loop {
    struct brio_trace_loop *next;
    const brio_trace_chunk *chunks;
    const char *backend;     /* "epoll", "uring" or "sim" */
    const brio_time *now;    /* its clock: monotonic ns (virtual in sim) */
    const void *thread_name; /* reserved; NULL */
    uint64_t live;           /* tasks */
    uint64_t turns;          /* of its tasks */
    int64_t tid;             /* of its thread */
    /* Of the blocking detector: the task that runs now (NULL: callbacks do), and
     * since when (CLOCK_MONOTONIC; 0: nothing runs). Written by the loop's
     * thread, atomically. */
    const brio_trace_task *running;
    brio_time running_since;
    brio_time lag_max;       /* longest turn so far, ns; while the detector is on */
    /* Written by the detector, atomically. */
    brio_time lag_recent;    /* the longest the watchdog saw in the last 10 to 20 s: a gauge for metrics */
    uint64_t slow_turns;     /* turns that took longer than the detector's limit */
    brio_time lag_window;    /* the detector's own from here */
    brio_time lag_window_since;
    brio_time slow_since;
    uint32_t reports;
    uint32_t reserved;
} brio_trace_loop;

/* Readers find it by its symbol, or by searching .data for the magic. */
typedef struct brio_trace_root {
    char magic[8]; /* "brioTSK1" */
    uint32_t version, task_size, loop_size, chunk_size;
    brio_trace_loop *loops;
} brio_trace_root;

enum { BRIO_TRACE_VERSION = 1 }; /* of the layouts above */

extern BRIO_API brio_trace_root brio_trace_tasks;

/* Links a loop into the table, and takes it out. Any thread. Borrowed. */
BRIO_API void brio_trace_loop_add(brio_trace_loop *loop);
BRIO_API void brio_trace_loop_remove(brio_trace_loop *loop);

/* ---- Events ------------------------------------------------------------- */

/* Nonzero while somebody wants to know: rooms test it before they call. Bits:
 * a timeline records (call emit); the detector wants `running`, `running_since`
 * and `lag_max` kept; somebody measures processor time; somebody
 * looks at tasks that suspend (call *brio_trace_suspending). It changes at any
 * time, from any thread: read it with brio_trace_wants. */
extern BRIO_API unsigned brio_trace_on;
enum {
    BRIO_TRACE_TIMELINE = 1,
    BRIO_TRACE_DETECTOR = 2,
    BRIO_TRACE_MEASURE = 4,
    BRIO_TRACE_SUSPEND = 8,
    BRIO_TRACE_SIM = 16 /* a simulated run counts its tasks' steps */
};

/* True if one of these bits is set. */
static inline bool brio_trace_wants(unsigned bits)
{
    return BRIO_UNLIKELY(__atomic_load_n(&brio_trace_on, __ATOMIC_RELAXED) & bits);
}

/* Sets a bit for one more user, or takes that back; the bit stays as long as
 * there is a user. Any thread. */
BRIO_API void brio_trace_want(unsigned bit, bool on);

/* While BRIO_TRACE_SUSPEND is on: called on the loop's thread by a task that is
 * about to suspend. Set by the development shim, which reports a pthread mutex
 * that is held across the suspension. */
extern BRIO_API void (*brio_trace_suspending)(const brio_trace_task *task);

typedef struct brio_trace_event {
    brio_time at;      /* monotonic ns, or sim's virtual time: one kind per timeline */
    uint64_t track;    /* a task's id; others from brio_trace_track */
    uint8_t state;     /* the state it is in from now on */
    uint8_t wait;      /* brio_wait_kind, when WAITING */
    const char *name;  /* of the track, at its first event; else NULL. Copied */
    uint64_t parent;   /* its track, at its first event; 0: none */
    const void *loop;  /* whose task ids these are: tells two loops' tasks apart.
                          NULL for tracks of brio_trace_track */
} brio_trace_event;

/* Records an event in the running timeline. Any thread. Never blocks for long
 * and never fails: beyond the limit events are counted and dropped. */
BRIO_API void brio_trace_emit(const brio_trace_event *event);
/* A new track for something that is not a task (a thread, a process). Never
 * a task's id, never the same twice. */
BRIO_API uint64_t brio_trace_track(void);

/* ---- Timeline ----------------------------------------------------------- */

typedef struct brio_timeline_options {
    const char *path;   /* copied. By its end: .svg, .json (Chrome trace, for Perfetto), else
                           text; "-", "1", "" or NULL draws on standard error, in block
                           characters, in colours if that is a terminal and NO_COLOR is not set */
    size_t max_events;  /* beyond them events are dropped, and the drawing says so; 0 means 1,000,000 */
    unsigned width;     /* columns of the terminal drawing; 0 means the terminal's, else 100 */
    unsigned max_rows;  /* tracks drawn as rows; beyond them finished tracks of one name share one
                           ("+ 960 more"). 0 means 40, in a .svg 200; a .json has all */
    bool ascii;         /* #, -, . instead of block characters; implied when LC_ALL, LC_CTYPE or
                           LANG names a locale that is not UTF-8 */
} brio_timeline_options;

/* Starts recording; draws at stop, or at exit() when nobody stopped. One row
 * per track, below its parent, in the order of appearance: running (however
 * shortly), ready, waiting, and what it waited for longest. `options` may be
 * NULL. Returns 0, -EALREADY while one records, -ENOMEM. brio_run does this
 * itself when BRIO_TIMELINE is set in the environment: its value is the path.
 * A fork()ed child does not go on recording, and draws nothing. */
BRIO_API int brio_timeline_start(const brio_timeline_options *options) BRIO_CHECKED;
/* Draws what was recorded and forgets it. Any thread. 0, also if nothing was
 * being recorded; -errno of the file, -ENOMEM. */
BRIO_API int brio_timeline_stop(void) BRIO_CHECKED;

/* ---- Blocking detector -------------------------------------------------- */

/* What was caught. Borrowed during the call. */
typedef struct brio_blocked {
    const char *task;      /* name; "a callback" if none; "a task" if its thread did not answer */
    uint64_t id;           /* 0: a callback */
    brio_time for_ns;      /* held the loop so far */
    const void *const *pcs; /* the loop's thread's stack, innermost first; the first is where
                               it is, the others where they return to */
    size_t n;              /* 0 if the thread did not answer the signal within 200 ms */
    brio_str stack;        /* the same as text, "function file:line" a line; as far as known */
    brio_str call;         /* the blocking call's name ("sleep"), when the shim saw it; else empty */
    const char *advice;    /* with `call`: what to call instead ("brio_sleep"), else NULL */
    bool held;             /* with `call`: the mutex it locked is held while the task suspends */
} brio_blocked;

typedef struct brio_detector_options {
    brio_time limit;  /* 0 means 100 ms; 50 ms is right for development */
    bool once;        /* report each turn once, not each time the limit doubled again */
    /* Called on the watchdog's thread; for what the shim saw, on a thread of
     * its own while the caller waits. Must not start or stop the detector.
     * NULL logs a warning. */
    void (*report)(const brio_blocked *blocked, void *arg);
    void *arg;        /* borrowed */
} brio_detector_options;

/* Starts the watchdog: a thread that looks, about every limit / 4, whether a
 * loop is in the same turn as before; if it has been for `limit`, it interrupts
 * that loop's thread with a signal (SIGRTMAX-1, whose handler it installs), to
 * copy its stack. System calls are restarted where the kernel does that;
 * sleep() and poll() come back early with EINTR. Main programs ask for this;
 * BRIO_DEBUG=1 makes brio_run ask. `options` may be NULL. Returns 0; -EALREADY
 * if it runs; -EAGAIN without a thread, -ENOMEM. A fork()ed child has none. */
BRIO_API int brio_detector_start(const brio_detector_options *options) BRIO_CHECKED;
/* Stops it and takes the handler out; no report comes after. Harmless if it
 * does not run. */
BRIO_API void brio_detector_stop(void);

/* What the development shim (libbrio_dev.a: link it into the program, and
 * `sleep` in a coroutine is named) calls on the caller's thread before a call
 * that blocks: if the thread is inside a turn of a task, reports it as the
 * detector would, once for each `pc` (the return address). Returns true if it
 * reported. `advice` may be NULL. */
BRIO_API bool brio_trace_blocking(const char *call, const char *advice, const void *pc);
/* The same for a mutex that `call` locked at `pc` and that is held while `task`
 * suspends. */
BRIO_API bool brio_trace_held(const brio_trace_task *task, const char *call, const char *advice,
                              const void *pc);
/* The task whose turn this thread is inside, while BRIO_TRACE_DETECTOR is on;
 * NULL in a callback and outside loops. */
BRIO_API const brio_trace_task *brio_trace_running(void);

/* ---- Last words --------------------------------------------------------- */

/* What a forked child leaves behind when SIGABRT ends it (a supervisor that it does not
 * answer, abort() of its own): which task ran, and its stack. Memory that both share; of
 * it nothing is touched until then. */
typedef struct brio_last_words brio_last_words;

/* Before the fork. NULL without memory. */
BRIO_API brio_last_words *brio_last_words_new(void);
/* In either process, for itself. NULL is fine. */
BRIO_API void brio_last_words_free(brio_last_words *words);
/* In the child, whose process it is from then on: installs a handler of SIGABRT that
 * writes down where the thread is that the signal reaches, puts the former handler
 * back and raises the signal again. Borrowed until the process ends. 0 or -errno. */
BRIO_API int brio_last_words_keep(brio_last_words *words) BRIO_CHECKED;
/* In the parent, once the child is gone: logs an error with the task, the place in
 * the code and the stack. It reads debug info, which takes its time. Returns false
 * if nothing was left. */
BRIO_API bool brio_last_words_log(const brio_last_words *words, int pid);

/* "function file:line" of an address of this process (as far as debug info
 * tells; at least the module and an offset) into `into`, NUL-terminated, cut
 * to `cap` bytes. For a return address pass it minus one: the call is before
 * it. Returns the length of what is in `into`. Any thread, but slow (it reads
 * the program's debug info once): not on a loop's thread. */
BRIO_API size_t brio_trace_symbol(const void *pc, char *into, size_t cap);

#ifdef __cplusplus
}
#endif

#include <brio/image.h>
#endif
