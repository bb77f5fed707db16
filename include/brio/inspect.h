/* SPDX-License-Identifier: MIT
 *
 * brio/inspect.h: the tasks of a process, read from outside. What
 * `brio ps|tree|stack PID|CORE` prints. The process is not stopped, not slowed
 * and not written to, so what is read is a moment's picture: a task that
 * changed meanwhile may be shown as it was or as it is.
 *
 *     brio_image *image;
 *     int rc = brio_image_open(&image, pid);
 *     brio_tasks_seen *seen = NULL;
 *     if (rc == 0)
 *         rc = brio_tasks_see(&seen, image);
 *     if (rc == 0)
 *         brio_tasks_print_tree(seen, &out);
 *
 * Everything read is taken as hostile: counts, pointers, names and cycles in
 * the other process' memory are checked and bounded. */
#ifndef BRIO_INSPECT_H
#define BRIO_INSPECT_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_image;

/* The tasks of all loops of one process, copied. */
typedef struct brio_tasks_seen brio_tasks_seen;

/* Reads the table. The image is borrowed until brio_tasks_seen_free. At most
 * 1,000 loops and 1,000,000 tasks are read; the prints say if there are more.
 * Returns 0; -ENOENT if the process has no task table (it does not use brio),
 * BRIO_EVERSION if it is of another version of brio, BRIO_ESYNTAX if what is
 * there cannot be a table; -ESRCH if the process is gone, -EPERM, -ENOMEM. */
BRIO_API int brio_tasks_see(brio_tasks_seen **ret, struct brio_image *image) BRIO_CHECKED;
/* NULL is fine. */
BRIO_API void brio_tasks_seen_free(brio_tasks_seen *seen);
/* How many tasks were seen. */
BRIO_API size_t brio_tasks_seen_count(const brio_tasks_seen *seen);

/* A line per task: id, name, state, what it waits for and who has that, since
 * when, time on the processor, where it was created. */
BRIO_API void brio_tasks_print_ps(brio_tasks_seen *seen, brio_buf *out);
/* Each task below the one that created it, and what it waits for. */
BRIO_API void brio_tasks_print_tree(brio_tasks_seen *seen, brio_buf *out);
/* Of each task where it is suspended: its frames, "function file:line". Of the
 * one that runs, since nothing is stopped, its thread's id and its body. `id`
 * picks the tasks with this number; 0: all. Slow: reads debug info. */
BRIO_API void brio_tasks_print_stacks(brio_tasks_seen *seen, uint64_t id, brio_buf *out);
/* A line for each ring of tasks that wait for each other (a deadlock): nobody
 * in it can go on unless cancelled. Returns how many there are. The other
 * prints end with this. */
BRIO_API size_t brio_tasks_print_deadlocks(brio_tasks_seen *seen, brio_buf *out);

#ifdef __cplusplus
}
#endif
#endif
