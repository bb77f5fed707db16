/* SPDX-License-Identifier: MIT
 *
 * What the parts of the room share. Two lines run through it:
 *
 *     emit -> recording (pages of records) -> model (rows of spans) -> a painter
 *     turn -> watchdog -> snapshot of a stack -> unwind -> symbols -> report
 *
 * A recording is owned by timeline.c; a model borrows the recording's names
 * only while it is built, and owns all that it shows. */
#ifndef BRIO_TRACE_INTERNAL_H
#define BRIO_TRACE_INTERNAL_H

#include <brio/trace.h>

/* ---- Recording: record.c ------------------------------------------------ */

typedef struct brio_trace_record {
    brio_time at;
    uint64_t track, parent;
    const void *loop;
    const char *name; /* in the recording, or NULL */
    uint8_t state, wait;
    uint32_t row; /* the model's */
} brio_trace_record;

enum { BRIO_TRACE_PAGE = 1024, BRIO_TRACE_NAME_SLOTS = 512, BRIO_TRACE_NAME_MAX = 256 };

typedef struct brio_trace_page {
    struct brio_trace_page *next;
    size_t n;
    brio_trace_record records[BRIO_TRACE_PAGE];
} brio_trace_page;

typedef struct brio_trace_names brio_trace_names;

typedef struct brio_trace_recording {
    brio_trace_page *first, *last;
    brio_trace_names *names; /* newest block first */
    const char *known[BRIO_TRACE_NAME_SLOTS];
    size_t n, max, dropped;
} brio_trace_recording;

/* Not thread-safe: timeline.c has the lock. */
void brio_trace_recording_add(brio_trace_recording *recording, const brio_trace_event *event);
void brio_trace_recording_fini(brio_trace_recording *recording);

/* ---- Model: model.c, arrange.c ------------------------------------------- */

typedef struct brio_trace_span {
    brio_time from, to;
    uint8_t state, wait;
} brio_trace_span;

/* A track. Spans are in order of time and do not overlap. */
typedef struct brio_trace_row {
    uint64_t track;
    const void *loop;
    const char *name; /* clean: UTF-8 without control characters */
    const brio_trace_span *spans;
    size_t n;
    size_t parent;      /* index into rows; BRIO_TRACE_NO_ROW: none */
    size_t shown_with;  /* the row that stands for it in a short drawing; itself: drawn */
    size_t folded;      /* how many others it stands for */
    size_t next_folded; /* the next of those that share its row; NO_ROW: the last */
    unsigned depth;
    bool ended;
} brio_trace_row;

#define BRIO_TRACE_NO_ROW SIZE_MAX

typedef struct brio_trace_model {
    brio_trace_row *rows; /* in order of appearance */
    size_t n;
    brio_trace_span *spans;
    size_t *order; /* rows as drawn: each below its parent */
    brio_buf names;
    brio_time from, to;
    size_t events, dropped;
    size_t drawn; /* rows that are drawn as themselves, after arrange */
} brio_trace_model;

/* 0 or -ENOMEM. */
int brio_trace_model_init(brio_trace_model *model, brio_trace_recording *recording);
void brio_trace_model_fini(brio_trace_model *model);
/* The kind of what a drawn row, with all it stands for, waited for longest;
 * BRIO_WAIT_KINDS if it never waited. */
unsigned brio_trace_model_wait(const brio_trace_model *model, size_t row);
/* Decides which rows are drawn. 0 or -ENOMEM. */
int brio_trace_arrange(brio_trace_model *model, size_t max_rows);

/* ---- Text and scale: text.c ---------------------------------------------- */

/* Columns a clean text takes; and of its beginning, at most `columns` wide,
 * the length in bytes. */
unsigned brio_trace_columns(brio_str text);
size_t brio_trace_cut(brio_str text, unsigned columns);
/* "0 ms", "1.5 s", ... `like` gives 0 its unit. */
void brio_trace_time_text(brio_buf *out, brio_time time, brio_time like);
/* To four digits: for people. */
brio_time brio_trace_rounded(brio_time time);
/* A round step so that `total` has at most `most` of them. */
brio_time brio_trace_step(brio_time total, unsigned most);

/* ---- Painters ------------------------------------------------------------ */

typedef struct brio_trace_style {
    unsigned width; /* columns */
    bool colour;
    bool ascii;
} brio_trace_style;

void brio_trace_paint_text(brio_buf *out, const brio_trace_model *model,
                           const brio_trace_style *style);
void brio_trace_paint_svg(brio_buf *out, const brio_trace_model *model);
void brio_trace_paint_json(brio_buf *out, const brio_trace_model *model);

/* ---- Table: table.c ------------------------------------------------------ */

/* Sees to the table's lock at fork(). Called before any other part registers
 * its own handlers: their locks are taken before the table's. */
void brio_trace_watch_forks(void);
/* Calls `fn` for each loop; none is taken out meanwhile. */
void brio_trace_loops_each(void (*fn)(brio_trace_loop *loop, void *arg), void *arg);

/* ---- Stacks: snapshot.c, symbol.c ---------------------------------------- */

enum { BRIO_TRACE_PCS = 64, BRIO_TRACE_SNAPSHOT = 48 * 1024, BRIO_TRACE_TASK_NAME = 128 };

/* A loop's thread inside a turn: whose, and its registers and stack; copied by
 * the thread itself. */
typedef struct brio_trace_snapshot {
    bool whole; /* it answered in time, and the turn was still the same */
    uint64_t id;
    char name[BRIO_TRACE_TASK_NAME];
    brio_image_regs regs;
    char stack[BRIO_TRACE_SNAPSHOT];
} brio_trace_snapshot;

/* Installs the handler of the signal; takes it out. 0 or -errno. */
int brio_trace_snapshot_open(void);
void brio_trace_snapshot_close(void);
/* Interrupts the loop's thread, inside the turn that began at `since`, and
 * waits for its stack, up to 200 ms. One caller at a time. */
void brio_trace_snapshot_take(brio_trace_snapshot *into, const brio_trace_loop *loop,
                              brio_time since);
/* For signal handlers: the registers in `context` (a ucontext_t) and the stack below
 * them; a task's name and id (NULL: a callback). */
void brio_trace_snapshot_here(brio_trace_snapshot *into, const void *context);
void brio_trace_snapshot_name(brio_trace_snapshot *into, const brio_trace_task *task);
/* Calls fn with the image of this process, or NULL if there is none, one
 * caller at a time. */
void brio_trace_with_self(void (*fn)(brio_image *self, void *arg), void *arg);
/* Forgets what is known of this process' code. */
void brio_trace_self_close(void);

/* ---- Detector, last words: detector.c, last_words.c, report.c ------------- */

/* Fills stack, pcs and n of `blocked` from a snapshot (NULL: none) and tells
 * `options->report`, or the log. */
void brio_trace_report(const brio_detector_options *options, brio_blocked *blocked,
                       const brio_trace_snapshot *snapshot);
/* One line in the log: where a process was when it ended, as its parent tells it. */
void brio_trace_report_end(int pid, const brio_trace_snapshot *snapshot);
/* The same for a call that was seen as it was made: `pc` is its return address. */
void brio_trace_report_site(const brio_detector_options *options, brio_blocked *blocked,
                            const void *pc);

#endif
