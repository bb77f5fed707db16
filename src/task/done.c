/* SPDX-License-Identifier: MIT
 *
 * Who is told of an end, of a task or a future: one list, first come first
 * told, so joiners and callbacks keep their order among each other.
 *
 * A hook is called inside the end and only passes the news on: a joiner's
 * wakes its task, a callback's queues it, so no user code runs in the call
 * that ended something. A callback belongs to its owner; it is in a future's
 * list until it runs, so that the future can take it back. */
#include "task/done.h"
#include "task/task_internal.h"

/* The header spells brio_callback out, since it cannot include brio/loop.h. */
_Static_assert(sizeof(struct brio_done_call) == sizeof(brio_callback), "brio_done_callback.call");
_Static_assert(offsetof(struct brio_done_call, next) == offsetof(brio_callback, next), "is as");
_Static_assert(offsetof(struct brio_done_call, fn) == offsetof(brio_callback, fn),
               "a brio_callback");

bool brio_done_tell(brio_link *hooks, int result, void *value)
{
    bool looked = false;
    while (!brio_link_alone(hooks)) {
        brio_done_hook *hook = BRIO_CONTAINER(hooks->next, brio_done_hook, link);
        brio_link_remove(&hook->link);
        looked |= hook->fn(hook, result, value);
    }
    return looked;
}

/* ---- Callbacks ---------------------------------------------------------- */

static brio_callback *call_of(brio_done_callback *done)
{
    return (brio_callback *)(void *)&done->call;
}

static void run(brio_callback *cb)
{
    struct brio_done_call *call = (struct brio_done_call *)(void *)cb;
    brio_done_callback *done = BRIO_CONTAINER(call, brio_done_callback, call);
    brio_link_remove(&done->hook.link);
    done->fn(done);
}

static bool queue(brio_done_hook *hook, int result, void *value)
{
    (void)result;
    (void)value;
    brio_done_callback *done = BRIO_CONTAINER(hook, brio_done_callback, hook);
    if (done->queue)
        brio_link_insert_before(done->queue, &hook->link);
    brio_loop_call_soon(done->loop, call_of(done));
    return true;
}

static void prepare(brio_done_callback *done, brio_loop *loop, brio_link *queued)
{
    BRIO_ASSERT(done->fn);
    done->hook.fn = queue;
    done->loop = loop;
    done->queue = queued;
    *call_of(done) = (brio_callback){.fn = run};
    brio_link_init(&done->hook.link);
}

void brio_task_on_done(brio_task *task, brio_done_callback *done)
{
    prepare(done, task->rt->loop, NULL);
    if (!brio_task_done(task)) {
        brio_link_insert_before(&task->hooks, &done->hook.link);
        return;
    }
    task->seen = true;
    (void)queue(&done->hook, 0, NULL);
}

void brio_future_on_done(brio_future *future, brio_done_callback *done)
{
    prepare(done, future->loop, &future->queued);
    if (!brio_future_done(future)) {
        brio_link_insert_before(&future->hooks, &done->hook.link);
        return;
    }
    future->seen = true;
    (void)queue(&done->hook, 0, NULL);
}

bool brio_done_callback_remove(brio_done_callback *done)
{
    bool pending = brio_callback_queued(call_of(done)) || !brio_link_alone(&done->hook.link);
    brio_link_remove(&done->hook.link);
    brio_loop_call_cancel(done->loop, call_of(done));
    return pending;
}

void brio_done_drop(brio_future *future)
{
    while (!brio_link_alone(&future->queued)) {
        brio_done_hook *hook = BRIO_CONTAINER(future->queued.next, brio_done_hook, link);
        (void)brio_done_callback_remove(BRIO_CONTAINER(hook, brio_done_callback, hook));
    }
}
