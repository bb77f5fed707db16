/* SPDX-License-Identifier: MIT
 *
 * The slow half of a queue's items: growing, and the heap of the priority
 * queue. Its entries carry a running number, so that equals leave in the order
 * they came. */
#include "task/queue_items.h"

#include <stdlib.h>

enum { FIRST_CAP = 8, ALIGN = 16 };

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) & ~(to - 1);
}

void brio_queue_items_init(brio_queue *queue)
{
    BRIO_ASSERT(queue->o.item_size <= SIZE_MAX / 4);
    queue->stride = queue->o.item_size;
    if (queue->o.kind == BRIO_PRIORITY)
        queue->stride = round_up(round_up(queue->stride, ALIGN / 2) + sizeof(uint64_t), ALIGN);
}

bool brio_queue_items_grow(brio_queue *queue)
{
    size_t cap = queue->cap ? queue->cap : FIRST_CAP / 2, bytes;
    if (__builtin_mul_overflow(cap, 2, &cap) ||
        __builtin_mul_overflow(cap, queue->stride, &bytes) || bytes > PTRDIFF_MAX)
        return false;
    char *items = brio_realloc(queue->items, bytes);
    if (!items)
        return false;
    if (queue->head) /* what had wrapped goes behind the former end */
        memcpy(items + queue->cap * queue->stride, items, queue->head * queue->stride);
    queue->items = items;
    queue->cap = cap;
    return true;
}

/* ---- Heap --------------------------------------------------------------- */

static char *order_of(const brio_queue *queue, char *at)
{
    return at + queue->stride - sizeof(uint64_t);
}

static bool leaves_first(const brio_queue *queue, char *a, char *b)
{
    int by_item = queue->o.compare(a, b);
    uint64_t a_order, b_order;
    if (by_item != 0)
        return by_item < 0;
    memcpy(&a_order, order_of(queue, a), sizeof(a_order));
    memcpy(&b_order, order_of(queue, b), sizeof(b_order));
    return a_order < b_order;
}

/* The newest of equals stays below them, so orders need not be compared. */
void brio_queue_heap_push(brio_queue *queue, const void *item)
{
    size_t hole = queue->len++;
    while (hole > 0 && queue->o.compare(item, brio_queue_entry(queue, (hole - 1) / 2)) < 0) {
        memcpy(brio_queue_entry(queue, hole), brio_queue_entry(queue, (hole - 1) / 2),
               queue->stride);
        hole = (hole - 1) / 2;
    }
    char *at = brio_queue_entry(queue, hole);
    memcpy(at, item, queue->o.item_size);
    memcpy(order_of(queue, at), &queue->order, sizeof(queue->order));
    queue->order++;
}

static size_t first_child(const brio_queue *queue, size_t i)
{
    size_t left = 2 * i + 1;
    bool right = left + 1 < queue->len && leaves_first(queue, brio_queue_entry(queue, left + 1),
                                                       brio_queue_entry(queue, left));
    return left + right;
}

/* The last entry goes where the first was, and down from there. */
void brio_queue_heap_drop_first(brio_queue *queue)
{
    char *last = brio_queue_entry(queue, --queue->len);
    size_t hole = 0, child;
    while ((child = first_child(queue, hole)) < queue->len &&
           leaves_first(queue, brio_queue_entry(queue, child), last)) {
        memcpy(brio_queue_entry(queue, hole), brio_queue_entry(queue, child), queue->stride);
        hole = child;
    }
    if (brio_queue_entry(queue, hole) != last)
        memcpy(brio_queue_entry(queue, hole), last, queue->stride);
}
