/* SPDX-License-Identifier: MIT
 *
 * Queue: one producer, two slower consumers, and a queue of two between them. */
#include <brio/task.h>

#include <stdlib.h>

static brio_queue jobs;

static int producer(void *first)
{
    for (int job = first ? 1 : 0; job < 8; job++)
        if (brio_queue_put(&jobs, &job) < 0) /* waits while the queue is full */
            break;
    brio_queue_shutdown(&jobs, false); /* consumers empty it, and end */
    return 0;
}

static int consumer(void *takes)
{
    int job;
    while (brio_queue_get(&jobs, &job) == 0 && brio_sleep(*(brio_time *)takes) == 0)
        ;
    return 0;
}

static int run(void *arg)
{
    brio_time quick = BRIO_MS(20), slow = BRIO_MS(50);
    brio_queue_init(&jobs, &(brio_queue_options){.item_size = sizeof(int), .max = 2});
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, producer, arg, &(brio_task_options){.name = "producer"});
        brio_spawn_with(&g, consumer, &quick, &(brio_task_options){.name = "quick consumer"});
        brio_spawn_with(&g, consumer, &slow, &(brio_task_options){.name = "slow consumer"});
    }
    brio_queue_fini(&jobs);
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
