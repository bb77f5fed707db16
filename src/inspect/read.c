/* SPDX-License-Identifier: MIT
 *
 * Reading the task table of a process into memory of ours.
 *
 * The other process runs on meanwhile and may be hostile: lists may be circles,
 * counts absurd, pointers wild. So each list has a limit, each copy is of a
 * size we chose, and a record is taken only if its id and state make sense. A
 * list that breaks off is not an error: what was read before is shown. */
#include "inspect/inspect_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNKS_MAX = 100000, CHUNK_RECORDS_MAX = 65536, STRIDE_MAX = 65536 };

static uint64_t address_of(const volatile void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

/* Ends a walk along a list that is a circle, soon after it was gone round
 * (Brent: compare with a place that moves up at powers of two). */
typedef struct rounds {
    uint64_t mark;
    size_t steps, limit;
} rounds;

static bool goes_round(rounds *r, uint64_t at)
{
    if (at == r->mark)
        return true;
    if (r->steps++ >= r->limit) {
        r->mark = at;
        r->limit = r->limit ? 2 * r->limit : 1;
        r->steps = 0;
    }
    return false;
}

/* ---- Tasks -------------------------------------------------------------- */

static bool make_room(brio_tasks_seen *seen)
{
    if (seen->n < seen->cap)
        return true;
    size_t cap = seen->cap ? 2 * seen->cap : 64;
    void *grown = brio_realloc(seen->tasks, cap * sizeof(*seen->tasks));
    if (!grown)
        return false;
    seen->tasks = grown;
    seen->cap = cap;
    return true;
}

/* Page by page, for it may end where memory does; clean for a terminal. */
static void read_name(brio_tasks_seen *seen, const void *from, char *into, size_t cap)
{
    char raw[BRIO_INSPECT_NAME] = "";
    uint64_t at = address_of(from);
    size_t got = 0, room = sizeof(raw) - 1;
    while (at && got < room) {
        size_t page = 4096 - (at + got) % 4096, some = room - got < page ? room - got : page;
        if (brio_image_read(seen->image, at + got, raw + got, some) < 0)
            break;
        got += some;
    }
    raw[got] = '\0';
    brio_buf clean = brio_buf_over(into, cap - 1);
    brio_trace_clean(&clean, raw);
    into[clean.len] = '\0';
    if (!clean.len)
        snprintf(into, cap, "?");
}

static uint64_t read_owner(brio_tasks_seen *seen, const brio_trace_task *record)
{
    brio_trace_owned owned = {0};
    bool locked = record->state == BRIO_TRACE_WAITING && record->wait == BRIO_WAIT_LOCK;
    if (!locked || !record->wait_on ||
        brio_image_read(seen->image, address_of(record->wait_on), &owned, sizeof(owned)) < 0)
        return 0;
    return owned.owner;
}

/* 0, or -ENOMEM. */
static int add_task(brio_tasks_seen *seen, const brio_trace_task *record, uint64_t address)
{
    bool alive = record->id && record->state > BRIO_TRACE_FREE && record->state <= BRIO_TRACE_ENDED;
    if (!alive)
        return 0;
    if (seen->n == BRIO_INSPECT_TASKS) {
        seen->cut = true;
        return 0;
    }
    if (!make_room(seen))
        return -ENOMEM;
    brio_inspect_task *task = &seen->tasks[seen->n++];
    *task = (brio_inspect_task){.record = *record,
                                .address = address,
                                .loop = seen->loops_n,
                                .parent = BRIO_INSPECT_NOBODY};
    task->owner = read_owner(seen, record);
    read_name(seen, record->name, task->name, sizeof(task->name));
    return 0;
}

static int read_records(brio_tasks_seen *seen, const brio_trace_chunk *chunk)
{
    size_t n = chunk->n, stride = chunk->stride;
    if (n > CHUNK_RECORDS_MAX || stride < sizeof(brio_trace_task) || stride > STRIDE_MAX) {
        seen->cut = true;
        return 0;
    }
    for (size_t i = 0; i < n && seen->n < BRIO_INSPECT_TASKS; i++) {
        brio_trace_task record;
        uint64_t at = address_of(chunk->first) + i * stride;
        if (brio_image_read(seen->image, at, &record, sizeof(record)) < 0)
            break;
        int rc = add_task(seen, &record, at);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_chunks(brio_tasks_seen *seen, const brio_trace_chunk *first)
{
    uint64_t at = address_of(first);
    rounds r = {0};
    for (size_t i = 0; at; i++) {
        brio_trace_chunk chunk;
        if (i == CHUNKS_MAX || seen->n >= BRIO_INSPECT_TASKS || goes_round(&r, at)) {
            seen->cut = true;
            break;
        }
        if (brio_image_read(seen->image, at, &chunk, sizeof(chunk)) < 0)
            break;
        int rc = read_records(seen, &chunk);
        if (rc < 0)
            return rc;
        at = address_of(chunk.next);
    }
    return 0;
}

/* ---- Loops -------------------------------------------------------------- */

/* A live loop that waits has an old reading of its clock; ours is as good. */
static brio_time clock_of(const brio_tasks_seen *seen, const brio_inspect_loop *loop)
{
    brio_time now = 0;
    if (strcmp(loop->backend, "sim") != 0 && !brio_image_is_core(seen->image))
        return brio_clock_monotonic();
    if (brio_image_read(seen->image, address_of(loop->record.now), &now, sizeof(now)) < 0)
        return 0;
    return now;
}

static int read_loop(brio_tasks_seen *seen, const brio_trace_loop *record)
{
    brio_inspect_loop *loop = &seen->loops[seen->loops_n];
    *loop = (brio_inspect_loop){.record = *record, .first = seen->n};
    read_name(seen, record->backend, loop->backend, sizeof(loop->backend));
    loop->now = clock_of(seen, loop);
    int rc = read_chunks(seen, record->chunks);
    loop->n = seen->n - loop->first;
    seen->loops_n++;
    return rc;
}

static int read_loops(brio_tasks_seen *seen, const brio_trace_root *root)
{
    uint64_t at = address_of(root->loops);
    rounds r = {0};
    while (at) {
        brio_trace_loop record;
        if (seen->loops_n == BRIO_INSPECT_LOOPS || goes_round(&r, at)) {
            seen->cut = true;
            break;
        }
        if (brio_image_read(seen->image, at, &record, sizeof(record)) < 0)
            break;
        int rc = read_loop(seen, &record);
        if (rc < 0)
            return rc;
        at = address_of(record.next);
    }
    return 0;
}

/* ---- All of it ---------------------------------------------------------- */

static int read_root(struct brio_image *image, brio_trace_root *root)
{
    const char *magic = "brioTSK1";
    uint64_t at = brio_image_find(image, "brio_trace_tasks", magic);
    if (!at)
        return -ENOENT;
    int rc = brio_image_read(image, at, root, sizeof(*root));
    if (rc < 0)
        return rc;
    bool same = root->version == BRIO_TRACE_VERSION && root->task_size == sizeof(brio_trace_task) &&
                root->loop_size == sizeof(brio_trace_loop) &&
                root->chunk_size == sizeof(brio_trace_chunk);
    return same ? 0 : BRIO_EVERSION;
}

int brio_tasks_see(brio_tasks_seen **ret, struct brio_image *image)
{
    brio_trace_root root;
    *ret = NULL;
    int rc = read_root(image, &root);
    if (rc < 0)
        return rc;
    brio_tasks_seen *seen = brio_zalloc(1, sizeof(*seen));
    if (!seen)
        return -ENOMEM;
    seen->image = image;
    seen->loops = brio_zalloc(BRIO_INSPECT_LOOPS, sizeof(*seen->loops));
    rc = seen->loops ? read_loops(seen, &root) : -ENOMEM;
    if (rc == 0)
        rc = brio_inspect_connect(seen);
    if (rc < 0)
        brio_tasks_seen_free(seen);
    else
        *ret = seen;
    return rc;
}

void brio_tasks_seen_free(brio_tasks_seen *seen)
{
    if (!seen)
        return;
    free(seen->loops);
    free(seen->tasks);
    free(seen->by_address);
    free(seen->by_group);
    free(seen);
}

size_t brio_tasks_seen_count(const brio_tasks_seen *seen)
{
    return seen->n;
}
