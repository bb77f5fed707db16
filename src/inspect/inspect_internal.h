/* SPDX-License-Identifier: MIT
 *
 * What the parts of the room share: the tasks of a process, copied, with three
 * orders over them to look up who is meant. Everything is owned by `seen`. */
#ifndef BRIO_INSPECT_INTERNAL_H
#define BRIO_INSPECT_INTERNAL_H

#include <brio/inspect.h>
#include <brio/trace.h>

enum { BRIO_INSPECT_NAME = 96, BRIO_INSPECT_LOOPS = 1000, BRIO_INSPECT_TASKS = 1000000 };

#define BRIO_INSPECT_NOBODY SIZE_MAX

typedef struct brio_inspect_loop {
    brio_trace_loop record;
    char backend[16];
    brio_time now;   /* its clock, as of now */
    size_t first, n; /* its tasks */
} brio_inspect_loop;

typedef struct brio_inspect_task {
    brio_trace_task record;
    uint64_t address; /* of the record in the process */
    uint64_t owner;   /* of the lock it waits for; 0: none, or not known */
    size_t loop;
    size_t parent; /* a task, or NOBODY */
    char name[BRIO_INSPECT_NAME];
} brio_inspect_task;

struct brio_tasks_seen {
    struct brio_image *image;
    brio_inspect_loop *loops;
    size_t loops_n;
    brio_inspect_task *tasks; /* loop by loop, by id */
    size_t n, cap;
    size_t *by_address, *by_group; /* orders of tasks */
    bool cut;                      /* there were more */
};

/* ---- orders.c ------------------------------------------------------------ */

/* Sorts and connects what was read. 0 or -ENOMEM. */
int brio_inspect_connect(brio_tasks_seen *seen);
/* The task with this number in the loop, or NOBODY. */
size_t brio_inspect_by_id(const brio_tasks_seen *seen, size_t loop, uint64_t id);
/* The `nth` task that `task` cannot go on without, or NOBODY when there are no
 * more. `cursor` is the callee's, 0 before the first. */
size_t brio_inspect_awaited(const brio_tasks_seen *seen, size_t task, size_t *cursor);

/* ---- words.c ------------------------------------------------------------- */

/* Appends "name (id)". */
void brio_inspect_put_who(const brio_tasks_seen *seen, size_t task, brio_buf *out);
/* Appends what it waits for, or its state: "lock held by bob (3)", "ready". */
void brio_inspect_put_what(const brio_tasks_seen *seen, size_t task, brio_buf *out);
/* Appends a duration, short: "1.2 s". */
void brio_inspect_put_time(brio_buf *out, brio_time time);
/* How long it is in its state, ns. */
brio_time brio_inspect_age(const brio_tasks_seen *seen, size_t task);

#endif
