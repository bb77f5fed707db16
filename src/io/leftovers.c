/* SPDX-License-Identifier: MIT
 *
 * What is open on a loop and belongs to nobody's task: files that were kept,
 * watchers, processes, signal listeners.
 *
 * Each is in one list of the loop. When the last task has ended, what is still
 * in it is closed, and the loop turns until the list is empty: a child process
 * leaves it only when it has been reaped. Streams, which processes have of their
 * own, are closed after this. */
#include "io/io_internal.h"

#include <errno.h>

typedef struct leftovers {
    brio_loop *loop;
    brio_link all; // brio_io_left::link
} leftovers;

static const char key;

static void close_all(void *arg)
{
    leftovers *l = arg;
    for (brio_link *at = l->all.next, *next; at != &l->all; at = next) {
        next = at->next;
        brio_io_left *left = BRIO_CONTAINER(at, brio_io_left, link);
        left->close(left);
    }
    while (!brio_link_alone(&l->all) && brio_loop_run_once(l->loop, BRIO_NEVER) >= 0)
        continue;
    BRIO_ASSERT(brio_link_alone(&l->all));
    *brio_tasks_local(l->loop, &key) = NULL;
    free(l);
}

int brio_io_left_add(brio_io_left *left, void (*close)(brio_io_left *left))
{
    brio_loop *loop = brio_loop_current();
    BRIO_ASSERT(loop);
    void **slot = brio_tasks_local(loop, &key);
    if (!*slot && !brio_io_here()) /* the streams' list first: it is closed after this one */
        return -ENOMEM;
    if (!*slot) {
        leftovers *l = brio_zalloc(1, sizeof *l);
        if (!l)
            return -ENOMEM;
        l->loop = loop;
        brio_link_init(&l->all);
        brio_tasks_at_close(loop, close_all, l);
        *slot = l;
    }
    left->loop = loop;
    left->close = close;
    leftovers *of_loop = *slot;
    brio_link_insert_before(&of_loop->all, &left->link);
    return 0;
}

void brio_io_left_tell(const brio_io_left *left, const char *what, int number)
{
    if (!brio_sim_left(left->loop, 1))
        brio_log(BRIO_LOG_WARNING, "io: a %s (%d) was never closed", what, number);
}

static void nothing(void *arg)
{
    (void)arg;
}

void brio_io_defer_reserve(void)
{
    if (!brio_current_task())
        return;
    brio_arena *arena = brio_task_arena();
    brio_defer_push(arena, nothing, arena);
    (void)brio_defer_pop(arena, nothing, arena, false); /* its record is kept for the next */
}
