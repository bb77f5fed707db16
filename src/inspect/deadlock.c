/* SPDX-License-Identifier: MIT
 *
 * Rings of tasks that wait for each other: a depth-first walk along "cannot go
 * on without", without recursion. An edge back to a task on the path closes a
 * ring; every task is entered once, so it takes as long as there are edges. A
 * ring counts once, from the task that was met first. */
#include "inspect/inspect_internal.h"

#include <stdlib.h>

enum { UNSEEN, ON_PATH, DONE };
enum { SHOWN_MAX = 100 }; /* rings, and tasks of one */

typedef struct walk {
    const brio_tasks_seen *seen;
    brio_buf *out;
    uint8_t *marks;  /* of each task */
    size_t *path;    /* tasks */
    size_t *cursors; /* of each on the path */
    size_t depth, rings;
} walk;

static void put_ring(const walk *w, size_t from)
{
    brio_buf_add(w->out, BRIO_S("deadlock: "));
    for (size_t i = from; i < w->depth && i - from < SHOWN_MAX; i++) {
        size_t next = i + 1 < w->depth ? i + 1 : from;
        brio_inspect_put_who(w->seen, w->path[i], w->out);
        brio_buf_add(w->out, BRIO_S(" waits for "));
        brio_buf_add(w->out,
                     brio_str_from(brio_trace_wait_text(w->seen->tasks[w->path[i]].record.wait)));
        brio_buf_add(w->out, w->seen->tasks[w->path[i]].record.wait == BRIO_WAIT_LOCK
                                 ? BRIO_S(" held by ")
                                 : BRIO_S(" "));
        brio_inspect_put_who(w->seen, w->path[next], w->out);
        brio_buf_add(w->out, i + 1 < w->depth ? BRIO_S(", ") : BRIO_S("\n"));
    }
    if (w->depth - from > SHOWN_MAX)
        brio_buf_printf(w->out, "and %zu more\n", w->depth - from - SHOWN_MAX);
}

static void close_ring(walk *w, size_t task)
{
    size_t from = w->depth;
    while (w->path[--from] != task)
        ;
    if (w->rings++ < SHOWN_MAX)
        put_ring(w, from);
}

static void enter(walk *w, size_t task)
{
    w->marks[task] = ON_PATH;
    w->path[w->depth] = task;
    w->cursors[w->depth++] = 0;
}

static void walk_from(walk *w, size_t root)
{
    enter(w, root);
    while (w->depth) {
        size_t top = w->depth - 1;
        size_t next = brio_inspect_awaited(w->seen, w->path[top], &w->cursors[top]);
        if (next == BRIO_INSPECT_NOBODY) {
            w->marks[w->path[top]] = DONE;
            w->depth--;
        } else if (w->marks[next] == ON_PATH) {
            close_ring(w, next);
        } else if (w->marks[next] == UNSEEN) {
            enter(w, next);
        }
    }
}

size_t brio_tasks_print_deadlocks(brio_tasks_seen *seen, brio_buf *out)
{
    walk w = {.seen = seen, .out = out};
    w.marks = brio_zalloc(seen->n + 1, 1);
    w.path = brio_zalloc(2 * (seen->n + 1), sizeof(*w.path));
    if (w.marks && w.path) {
        w.cursors = w.path + seen->n + 1;
        for (size_t i = 0; i < seen->n; i++)
            if (w.marks[i] == UNSEEN)
                walk_from(&w, i);
    } else {
        out->failed = true;
    }
    free(w.marks);
    free(w.path);
    return w.rings;
}
