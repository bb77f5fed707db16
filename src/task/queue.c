/* SPDX-License-Identifier: MIT
 *
 * The queue: who may put, who may get, and what is still to be dealt with.
 *
 * An item stays in the queue until its getter runs: a waiting getter is
 * promised one, not handed one, so a priority queue gives out the least there
 * is by then, and a getter that is cancelled passes only a promise on. A
 * waiting putter's item goes in for it the moment there is room.
 *
 * Invariants: getters wait only while every item is promised, putters only
 * while the queue is full; promised <= len until it is shut at once. */
#include "task/queue_items.h"
#include "task/task_internal.h"

#include <stdlib.h>

typedef struct putter {
    brio_waiter waiter;
    const void *item;
} putter;

void brio_queue_init(brio_queue *queue, const brio_queue_options *options)
{
    *queue = (brio_queue){0};
    if (options)
        queue->o = *options;
    if (!queue->o.item_size)
        queue->o.item_size = sizeof(void *);
    BRIO_ASSERT(queue->o.kind != BRIO_PRIORITY || queue->o.compare);
    brio_queue_items_init(queue);
}

void brio_queue_fini(brio_queue *queue)
{
    BRIO_ASSERT(brio_waiters_none(&queue->getters) && brio_waiters_none(&queue->putters) &&
                brio_waiters_none(&queue->joiners) && !queue->promised);
    free(queue->items);
    queue->items = NULL;
}

/* ---- Putting ------------------------------------------------------------ */

static void promise_one(brio_queue *queue)
{
    brio_waiter *getter = NULL;
    if (queue->len > queue->promised)
        getter = brio_waiters_take(&queue->getters);
    if (!getter)
        return;
    queue->promised++;
    brio_unpark(getter, 0);
}

static void add(brio_queue *queue, const void *item)
{
    brio_queue_items_push(queue, item);
    queue->unfinished++;
    promise_one(queue);
}

int brio_queue_try_put(brio_queue *queue, const void *item)
{
    if (queue->shut)
        return BRIO_ECLOSED;
    if (brio_queue_full(queue))
        return -EAGAIN;
    if (!brio_queue_items_reserve(queue))
        return -ENOMEM;
    add(queue, item);
    return 0;
}

int brio_queue_put(brio_queue *queue, const void *item)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    int rc = brio_queue_try_put(queue, item);
    if (rc != -EAGAIN)
        return rc;
    putter p = {.waiter = {.on_cancel = brio_waiter_give_up, .kind = BRIO_WAIT_QUEUE, .on = queue},
                .item = item};
    brio_waiters_add(&queue->putters, &p.waiter);
    return brio_waiter_wait(&p.waiter, self);
}

/* ---- Getting ------------------------------------------------------------ */

static void take(brio_queue *queue, void *ret_item)
{
    brio_queue_items_pop(queue, ret_item);
    brio_waiter *next = brio_waiters_take(&queue->putters);
    if (next) {
        add(queue, BRIO_CONTAINER(next, putter, waiter)->item);
        brio_unpark(next, 0);
    }
    if (BRIO_UNLIKELY(queue->shut) && queue->len == 0)
        brio_waiters_wake_all(&queue->getters, BRIO_ECLOSED);
}

int brio_queue_try_get(brio_queue *queue, void *ret_item)
{
    if (queue->shut && queue->len == 0)
        return BRIO_ECLOSED;
    if (queue->len <= queue->promised)
        return -EAGAIN;
    take(queue, ret_item);
    return 0;
}

/* The promise is kept, or passed on, or void since the queue was shut at once. */
static int promised_get(brio_task *self, brio_queue *queue, void *ret_item)
{
    queue->promised--;
    if (brio_task_cancel_due(self)) {
        promise_one(queue);
        return brio_task_cancel_deliver(self);
    }
    return brio_queue_try_get(queue, ret_item);
}

int brio_queue_get(brio_queue *queue, void *ret_item)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    int rc = brio_queue_try_get(queue, ret_item);
    if (rc != -EAGAIN)
        return rc;
    brio_waiter w = {.on_cancel = brio_waiter_give_up, .kind = BRIO_WAIT_QUEUE, .on = queue};
    brio_waiters_add(&queue->getters, &w);
    rc = brio_waiter_wait(&w, self);
    return rc < 0 ? rc : promised_get(self, queue, ret_item);
}

/* ---- Dealing with items, and the end ------------------------------------ */

static void dealt_with(brio_queue *queue, size_t n)
{
    queue->unfinished -= n < queue->unfinished ? n : queue->unfinished;
    if (queue->unfinished == 0)
        brio_waiters_wake_all(&queue->joiners, 0);
}

int brio_queue_task_done(brio_queue *queue)
{
    if (queue->unfinished == 0)
        return -EINVAL;
    dealt_with(queue, 1);
    return 0;
}

int brio_queue_join(brio_queue *queue)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    if (queue->unfinished == 0)
        return 0;
    int rc = brio_waiters_wait(&queue->joiners, BRIO_WAIT_QUEUE, queue);
    return rc == 0 && brio_task_cancel_due(self) ? brio_task_cancel_deliver(self) : rc;
}

void brio_queue_shutdown(brio_queue *queue, bool immediate)
{
    queue->shut = true;
    brio_waiters_wake_all(&queue->putters, BRIO_ECLOSED);
    if (immediate) {
        dealt_with(queue, queue->len);
        queue->len = 0;
    }
    if (queue->len == 0)
        brio_waiters_wake_all(&queue->getters, BRIO_ECLOSED);
}
