/* SPDX-License-Identifier: MIT
 *
 * ps, tree and stack: the three pictures of a process' tasks. Each ends with
 * the deadlocks, if there are any: that is what one came to see. */
#include "inspect/inspect_internal.h"

#include <stdlib.h>

enum { FRAMES = 64, SYMBOL = 400, DEPTH_MAX = 40 };

/* ---- Shared ------------------------------------------------------------- */

static void put_loop(const brio_inspect_loop *loop, size_t number, brio_buf *out)
{
    brio_buf_printf(out, "loop %zu: %s, thread %lld, %zu task%s, %llu turns", number, loop->backend,
                    (long long)loop->record.tid, loop->n, loop->n == 1 ? "" : "s",
                    (unsigned long long)loop->record.turns);
    if (loop->record.lag_max > 0) {
        brio_buf_add(out, BRIO_S(", longest turn "));
        brio_inspect_put_time(out, loop->record.lag_max);
    }
    brio_buf_char(out, '\n');
}

static void put_end(brio_tasks_seen *seen, brio_buf *out)
{
    if (seen->cut)
        brio_buf_add(out, BRIO_S("(the table breaks off: there is more than can be shown)\n"));
    (void)brio_tasks_print_deadlocks(seen, out);
}

/* "function file:line" of a code address; "?" for none. */
static void put_symbol(brio_tasks_seen *seen, uint64_t pc, brio_buf *out)
{
    char text[SYMBOL], clean[SYMBOL];
    if (!pc) {
        brio_buf_char(out, '?');
        return;
    }
    (void)brio_image_symbol(seen->image, pc, text, sizeof(text));
    brio_buf line = brio_buf_over(clean, sizeof(clean));
    brio_trace_clean(&line, text);
    brio_buf_add(out, brio_buf_str(&line));
}

static uint64_t address_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

/* ---- ps ----------------------------------------------------------------- */

enum { COLUMNS = 6 };

/* Pads the cell that begins at `start` to `width` and two blanks. */
static void end_cell(brio_buf *out, size_t start, unsigned width)
{
    unsigned used = out->len > start
                        ? (unsigned)brio_utf8_length((brio_str){out->ptr + start, out->len - start})
                        : 0;
    for (; used < width + 2; used++)
        brio_buf_char(out, ' ');
}

static void put_cell(brio_tasks_seen *seen, size_t index, unsigned column, brio_buf *out)
{
    const brio_inspect_task *task = &seen->tasks[index];
    switch (column) {
    case 0:
        brio_buf_u64(out, task->record.id);
        break;
    case 1:
        brio_buf_add(out, brio_str_from(task->name));
        break;
    case 2:
        brio_inspect_put_what(seen, index, out);
        if (task->record.cancelling)
            brio_buf_add(out, BRIO_S(", cancelled"));
        break;
    case 3:
        brio_inspect_put_time(out, brio_inspect_age(seen, index));
        break;
    case 4:
        brio_inspect_put_time(out, (brio_time)(task->record.cpu_ns & INT64_MAX));
        break;
    default:
        put_symbol(
            seen, address_of(task->record.created_at) ? address_of(task->record.created_at) - 1 : 0,
            out);
    }
}

/* The widest cell of each column but the last. */
static void measure(brio_tasks_seen *seen, unsigned *widths)
{
    for (size_t i = 0; i < seen->n; i++)
        for (unsigned column = 0; column + 1 < COLUMNS; column++) {
            char storage[512];
            brio_buf cell = brio_buf_over(storage, sizeof(storage));
            put_cell(seen, i, column, &cell);
            unsigned width = (unsigned)brio_utf8_length(brio_buf_str(&cell));
            if (width > widths[column])
                widths[column] = width;
        }
}

static void put_row(brio_tasks_seen *seen, size_t index, const unsigned *widths, brio_buf *out)
{
    for (unsigned column = 0; column < COLUMNS; column++) {
        size_t start = out->len;
        put_cell(seen, index, column, out);
        if (column + 1 < COLUMNS)
            end_cell(out, start, widths[column]);
    }
    brio_buf_char(out, '\n');
}

void brio_tasks_print_ps(brio_tasks_seen *seen, brio_buf *out)
{
    static const char *const heads[COLUMNS] = {"ID",    "NAME", "WAITS FOR",
                                               "SINCE", "CPU",  "CREATED AT"};
    unsigned widths[COLUMNS];
    for (unsigned i = 0; i < COLUMNS; i++)
        widths[i] = (unsigned)strlen(heads[i]);
    measure(seen, widths);
    for (size_t l = 0; l < seen->loops_n; l++) {
        put_loop(&seen->loops[l], l + 1, out);
        for (unsigned i = 0; i < COLUMNS && seen->loops[l].n; i++) {
            size_t start = out->len;
            brio_buf_add(out, brio_str_from(heads[i]));
            if (i + 1 < COLUMNS)
                end_cell(out, start, widths[i]);
        }
        if (seen->loops[l].n)
            brio_buf_char(out, '\n');
        for (size_t i = 0; i < seen->loops[l].n; i++)
            put_row(seen, seen->loops[l].first + i, widths, out);
    }
    put_end(seen, out);
}

/* ---- tree --------------------------------------------------------------- */

/* Children as lists: index + 1, 0 ends. */
typedef struct tree {
    brio_tasks_seen *seen;
    brio_buf *out;
    size_t *first, *next;
} tree;

static void put_node(const tree *t, size_t index, unsigned depth, const bool *more)
{
    for (unsigned i = 1; i < depth && i < DEPTH_MAX; i++)
        brio_buf_add(t->out, more[i] ? BRIO_S("│  ") : BRIO_S("   "));
    if (depth)
        brio_buf_add(t->out, t->next[index] ? BRIO_S("├─ ") : BRIO_S("└─ "));
    brio_inspect_put_who(t->seen, index, t->out);
    bool waits = t->seen->tasks[index].record.state == BRIO_TRACE_WAITING;
    brio_buf_add(t->out, waits ? BRIO_S("  waits for ") : BRIO_S("  "));
    brio_inspect_put_what(t->seen, index, t->out);
    brio_buf_add(t->out, BRIO_S(", "));
    brio_inspect_put_time(t->out, brio_inspect_age(t->seen, index));
    brio_buf_char(t->out, '\n');
}

/* Depth first without recursion: a chain may be a million long. */
static void walk(const tree *t, size_t root)
{
    bool more[DEPTH_MAX] = {0};
    unsigned depth = 0;
    size_t at = root;
    for (;;) {
        put_node(t, at, depth, more);
        if (depth && depth < DEPTH_MAX)
            more[depth] = t->next[at] != 0;
        if (t->first[at]) {
            at = t->first[at] - 1;
            depth++;
            continue;
        }
        while (at != root && !t->next[at]) {
            at = t->seen->tasks[at].parent;
            depth--;
        }
        if (at == root)
            return;
        at = t->next[at] - 1;
    }
}

static void list_children(const tree *t)
{
    for (size_t i = t->seen->n; i-- > 0;) {
        size_t parent = t->seen->tasks[i].parent;
        if (parent == BRIO_INSPECT_NOBODY)
            continue;
        t->next[i] = t->first[parent];
        t->first[parent] = i + 1;
    }
}

static void print_trees(const tree *t)
{
    list_children(t);
    for (size_t l = 0; l < t->seen->loops_n; l++) {
        const brio_inspect_loop *loop = &t->seen->loops[l];
        if (t->seen->loops_n > 1)
            put_loop(loop, l + 1, t->out);
        for (size_t i = loop->first; i < loop->first + loop->n; i++)
            if (t->seen->tasks[i].parent == BRIO_INSPECT_NOBODY)
                walk(t, i);
    }
}

void brio_tasks_print_tree(brio_tasks_seen *seen, brio_buf *out)
{
    tree t = {.seen = seen, .out = out};
    t.first = brio_zalloc(2 * (seen->n + 1), sizeof(size_t));
    if (!t.first) {
        out->failed = true;
        return;
    }
    t.next = t.first + seen->n + 1;
    print_trees(&t);
    free(t.first);
    put_end(seen, out);
}

/* ---- stack -------------------------------------------------------------- */

static void put_frames(brio_tasks_seen *seen, const brio_trace_task *record, brio_buf *out)
{
    uint64_t pcs[FRAMES];
    brio_image_regs regs = {
        .pc = address_of(record->pc), .sp = address_of(record->sp), .fp = address_of(record->fp)};
    size_t n = brio_image_unwind(seen->image, &regs, pcs, FRAMES);
    for (size_t i = 0; i < n; i++) {
        brio_buf_add(out, BRIO_S("    "));
        put_symbol(seen, pcs[i] - (i > 0), out);
        brio_buf_char(out, '\n');
    }
}

/* Its frames move while they would be read: its thread, and its body. */
static void put_running(brio_tasks_seen *seen, size_t index, brio_buf *out)
{
    const brio_inspect_task *task = &seen->tasks[index];
    brio_buf_printf(out, "    (runs: its frames are those of thread %lld) ",
                    (long long)seen->loops[task->loop].record.tid);
    put_symbol(seen, address_of(task->record.fn), out);
    brio_buf_char(out, '\n');
}

static void put_stack(brio_tasks_seen *seen, size_t index, brio_buf *out)
{
    const brio_trace_task *record = &seen->tasks[index].record;
    bool waits = record->state == BRIO_TRACE_WAITING;
    brio_inspect_put_who(seen, index, out);
    brio_buf_add(out, waits ? BRIO_S(" waits for ") : BRIO_S(": "));
    brio_inspect_put_what(seen, index, out);
    brio_buf_char(out, '\n');
    if (record->state == BRIO_TRACE_RUNNING) {
        put_running(seen, index, out);
    } else if (!record->stack_low || !record->sp || record->state == BRIO_TRACE_ENDED) {
        brio_buf_add(out, BRIO_S("    (has no stack now) "));
        put_symbol(seen, address_of(record->fn), out);
        brio_buf_char(out, '\n');
    } else {
        put_frames(seen, record, out);
    }
}

void brio_tasks_print_stacks(brio_tasks_seen *seen, uint64_t id, brio_buf *out)
{
    bool found = false;
    for (size_t i = 0; i < seen->n; i++)
        if (!id || seen->tasks[i].record.id == id) {
            put_stack(seen, i, out);
            found = true;
        }
    if (!found)
        brio_buf_add(out, BRIO_S("no such task\n"));
    put_end(seen, out);
}
