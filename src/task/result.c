/* SPDX-License-Identifier: MIT
 *
 * How a task ended, for as long as somebody wants to know.
 *
 * A task is held by the runtime or its group until it has ended, and by
 * whoever acquired it; the last to let go gives the struct back. Then, too, is
 * the moment to report an error that nobody looked at: it cannot be looked at
 * any more. Groups look at their tasks, so theirs are never reported. */
#include "task/task_internal.h"

bool brio_task_done(const brio_task *task)
{
    return task->rec.state == BRIO_TRACE_ENDED;
}

int brio_task_result(brio_task *task)
{
    if (!brio_task_done(task))
        return -EINPROGRESS;
    task->seen = true;
    return task->result;
}

bool brio_task_cancelled(const brio_task *task)
{
    return brio_task_done(task) && task->result == -ECANCELED;
}

brio_str brio_task_error_detail(const brio_task *task)
{
    const brio_task_detail *detail = task->detail;
    return detail ? (brio_str){detail->text, detail->len} : BRIO_S("");
}

/* ---- Holding ------------------------------------------------------------ */

brio_task *brio_task_acquire(brio_task *task)
{
    if (task)
        task->holds++;
    return task;
}

void brio_task_release(brio_task *task)
{
    if (task)
        brio_task_let_go(task);
}

static void report_unseen(brio_task *task)
{
    if (task->seen || task->result >= 0 || task->result == -ECANCELED)
        return;
    task->seen = true;
    brio_failure failure = {.name = task->rec.name,
                            .id = task->rec.id,
                            .err = task->result,
                            .detail = brio_task_error_detail(task)};
    brio_task_report_failure(task->rt, &failure);
}

void brio_task_forget(brio_task *task)
{
    BRIO_ASSERT(brio_task_done(task)); /* released more often than acquired */
    if (BRIO_UNLIKELY(task->result < 0))
        report_unseen(task);
    brio_task_free(task);
}

void brio_task_lost(brio_task *task)
{
    report_unseen(task);
    if (task->detail)
        brio_task_detail_free(task->rt, task->detail);
    task->detail = NULL;
}
