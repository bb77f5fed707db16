/* SPDX-License-Identifier: MIT
 *
 * Futures: a result that is set once, and whoever wants to know.
 *
 * A wait gets its copy of the result when the future is set, so the future may
 * end, or be used again, before the waiting task runs. The future is the
 * caller's memory; only links point at it. */
#include "task/done.h"
#include "task/task_internal.h"

enum { PENDING, DONE }; /* brio_future.state */

void brio_future_init(brio_future *future)
{
    brio_loop *loop = brio_loop_current();
    BRIO_ASSERT(loop);
    *future = (brio_future){.state = PENDING, .loop = loop};
    brio_link_init(&future->hooks);
    brio_link_init(&future->queued);
}

bool brio_future_done(const brio_future *future)
{
    return future->state == DONE;
}

bool brio_future_cancelled(const brio_future *future)
{
    return future->state == DONE && future->result == -ECANCELED;
}

int brio_future_set(brio_future *future, int result, void *value)
{
    if (future->state == DONE)
        return -EALREADY;
    future->state = DONE;
    future->result = result;
    future->value = value;
    if (brio_done_tell(&future->hooks, result, value))
        future->seen = true;
    return 0;
}

bool brio_future_cancel(brio_future *future)
{
    return brio_future_set(future, -ECANCELED, NULL) == 0;
}

int brio_future_result(brio_future *future, void **ret_value)
{
    if (future->state == PENDING)
        return -EINPROGRESS;
    future->seen = true;
    if (ret_value)
        *ret_value = future->value;
    return future->result;
}

void brio_future_fini(brio_future *future)
{
    brio_done_drop(future);
    if (future->state == PENDING) {
        future->state = DONE;
        future->seen = true;
        (void)brio_done_tell(&future->hooks, BRIO_ECLOSED, NULL);
        brio_done_drop(future); /* those that were told just now */
    }
    if (future->seen || future->result >= 0 || future->result == -ECANCELED)
        return;
    future->seen = true;
    brio_failure failure = {.name = "future", .err = future->result};
    brio_runtime *rt = brio_task_runtime(future->loop);
    if (rt)
        brio_task_report_failure(rt, &failure);
}

/* ---- Waiting ------------------------------------------------------------ */

/* The waiting task is off the list before the others hear of it. */
static bool cancel_future(brio_waiter *waiter)
{
    brio_task_joiner *j = BRIO_CONTAINER(waiter, brio_task_joiner, waiter);
    brio_link_remove(&j->hook.link);
    (void)brio_future_cancel(j->of);
    return true;
}

static int wait_for(brio_future *future, void **ret_value, bool (*on_cancel)(brio_waiter *waiter))
{
    BRIO_IN_TASK(brio_task_self());
    if (future->state == DONE)
        return brio_future_result(future, ret_value);
    brio_task_joiner j = {
        .waiter = {.on_cancel = on_cancel, .kind = BRIO_WAIT_FUTURE, .on = future}, .of = future};
    int rc = brio_task_join_in(&future->hooks, &j);
    if (rc < 0)
        return rc;
    if (ret_value)
        *ret_value = j.value;
    return j.result;
}

int brio_future_await(brio_future *future, void **ret_value)
{
    return wait_for(future, ret_value, cancel_future);
}

int brio_future_wait(brio_future *future, void **ret_value)
{
    return wait_for(future, ret_value, NULL);
}
