/* SPDX-License-Identifier: MIT
 *
 * Queue: bounded, FIFO among waiters, join; a cancelled getter loses no item;
 * priorities. */
#include "pair.h"

static brio_queue queue;

static int producer(void)
{
    int rc = 0;
    for (int i = 0; i < 5 && rc == 0; i++) {
        rc = brio_queue_put(&queue, &i);
        say("put %d", i);
    }
    return rc;
}

static int consumer(void *arg)
{
    const who *w = arg;
    int item, rc;
    while ((rc = brio_queue_get(&queue, &item)) == 0) {
        say("%s got %d", w->name, item);
        rc = brio_sleep(TICKS(w->ticks));
        brio_queue_task_done(&queue);
    }
    return rc;
}

static int least_first(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int priorities(void)
{
    brio_queue urgent;
    int rc = 0, got[3];
    brio_queue_init(&urgent, &(brio_queue_options){.item_size = sizeof(int),
                                                   .kind = BRIO_PRIORITY,
                                                   .compare = least_first});
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = brio_queue_try_put(&urgent, &(int){(int[]){3, 1, 2}[i]});
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = brio_queue_get(&urgent, &got[i]);
    say("%d %d %d", got[0], got[1], got[2]);
    brio_queue_fini(&urgent);
    return rc;
}

static int run(void *arg)
{
    static who paces[2] = {{"a", 2}, {"b", 5}};
    brio_task *consumers[2];
    int item = 9, rc;
    (void)arg;
    brio_queue_init(&queue, &(brio_queue_options){.item_size = sizeof(int), .max = 2});
    for (int i = 0; i < 2; i++)
        consumers[i] =
            brio_create_task(consumer, &paces[i], &(brio_task_options){.acquired = true});
    rc = producer();
    rc = rc < 0 ? rc : brio_queue_join(&queue);
    say("joined %zu", queue.len);
    for (int i = 0; i < 2; i++)
        brio_task_cancel(consumers[i]);
    rc = rc < 0 ? rc : brio_wait(consumers, 2, BRIO_ALL_COMPLETED, NULL);
    rc = rc < 0 ? rc : brio_queue_try_put(&queue, &item);
    rc = rc < 0 ? rc : brio_queue_try_get(&queue, &item);
    say("still there %d", item);
    for (int i = 0; i < 2; i++)
        brio_task_release(consumers[i]);
    brio_queue_fini(&queue);
    return rc < 0 ? rc : priorities();
}

PAIR_MAIN(run)
