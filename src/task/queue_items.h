/* SPDX-License-Identifier: MIT
 *
 * What a queue keeps its items in, whatever its kind; see queue_items.c. The
 * caller knows who may put and get. */
#ifndef BRIO_TASK_QUEUE_ITEMS_H
#define BRIO_TASK_QUEUE_ITEMS_H

#include <brio/task.h>

void brio_queue_items_init(brio_queue *queue);
/* Makes room for one more; false without memory. */
bool brio_queue_items_reserve(brio_queue *queue);
/* After reserve, or after a pop: there is room. Copies the item. */
void brio_queue_items_push(brio_queue *queue, const void *item);
/* The next one, in the order of the kind; NULL drops it. Not when empty. */
void brio_queue_items_pop(brio_queue *queue, void *ret_item);

#endif
