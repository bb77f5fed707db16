/* SPDX-License-Identifier: MIT
 *
 * What a queue keeps its items in: a ring, which the last-in-first-out queue
 * takes from the other end, or a binary heap. The caller knows who may put and
 * get; the ring is inlined into it, since a hop from task to task is short.
 *
 *     ring:  [ 4 5 . . . 1 2 3 ]      heap entry:  [ item | padding | order ]
 *                        head
 *
 * Both double when they are full and never shrink; cap is a power of two. */
#ifndef BRIO_TASK_QUEUE_ITEMS_H
#define BRIO_TASK_QUEUE_ITEMS_H

#include <brio/task.h>

void brio_queue_items_init(brio_queue *queue);
/* False without memory, and nothing has changed. */
bool brio_queue_items_grow(brio_queue *queue);

void brio_queue_heap_push(brio_queue *queue, const void *item);
void brio_queue_heap_drop_first(brio_queue *queue);

static inline char *brio_queue_entry(const brio_queue *queue, size_t i)
{
    return queue->items + ((queue->head + i) & (queue->cap - 1)) * queue->stride;
}

static inline void brio_queue_copy(const brio_queue *queue, void *to, const void *from)
{
    if (queue->o.item_size == sizeof(void *))
        memcpy(to, from, sizeof(void *)); /* no call: the usual case */
    else
        memcpy(to, from, queue->o.item_size);
}

/* Makes room for one more; false without memory. */
static inline bool brio_queue_items_reserve(brio_queue *queue)
{
    return BRIO_LIKELY(queue->len < queue->cap) || brio_queue_items_grow(queue);
}

/* After reserve, or after a pop: there is room. Copies the item. */
static inline void brio_queue_items_push(brio_queue *queue, const void *item)
{
    BRIO_ASSERT(queue->len < queue->cap);
    if (queue->o.kind == BRIO_PRIORITY)
        brio_queue_heap_push(queue, item);
    else
        brio_queue_copy(queue, brio_queue_entry(queue, queue->len++), item);
}

/* The next one, in the order of the kind; NULL drops it. Not when empty. */
static inline void brio_queue_items_pop(brio_queue *queue, void *ret_item)
{
    BRIO_ASSERT(queue->len > 0);
    size_t i = queue->o.kind == BRIO_LIFO ? queue->len - 1 : 0;
    if (ret_item)
        brio_queue_copy(queue, ret_item, brio_queue_entry(queue, i));
    if (queue->o.kind == BRIO_PRIORITY) {
        brio_queue_heap_drop_first(queue);
        return;
    }
    queue->len--;
    if (queue->o.kind == BRIO_FIFO)
        queue->head = (queue->head + 1) & (queue->cap - 1);
}

#endif
