/* SPDX-License-Identifier: MIT
 *
 * Queues whose getters and putters are cancelled lose nothing; a LIFO gives the
 * newest. */
#include "pair.h"

static brio_queue queue;

static int getter(void *arg)
{
    int item, rc = brio_queue_get(&queue, &item);
    if (rc == 0)
        say("%s got %d", (const char *)arg, item);
    else
        say("%s cancelled", (const char *)arg);
    return rc;
}

static int putter(void *arg)
{
    int rc = brio_queue_put(&queue, arg);
    say("%s %d", rc == 0 ? "put" : "not put", *(int *)arg);
    return rc;
}

static void open_queue(brio_queue_kind kind, size_t max)
{
    brio_queue_init(&queue,
                    &(brio_queue_options){.item_size = sizeof(int), .kind = kind, .max = max});
}

static brio_task *begin(brio_task_fn *fn, void *arg)
{
    return brio_create_task(fn, arg, &(brio_task_options){.acquired = true});
}

static int end(brio_task *task)
{
    int rc = brio_wait(&task, 1, BRIO_ALL_COMPLETED, NULL);
    brio_task_release(task);
    return rc;
}

static int getters(void)
{
    int one = 1;
    open_queue(BRIO_FIFO, 0);
    brio_task *a = begin(getter, WORD("a")), *b = begin(getter, WORD("b")),
              *c = begin(getter, WORD("c"));
    int rc = brio_sleep(TICKS(1));
    brio_task_cancel(a); /* long before */
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    rc = rc < 0 ? rc : brio_queue_try_put(&queue, &one);
    brio_task_cancel(b); /* in the turn in which it was woken */
    rc = rc < 0 ? rc : end(c);
    say("left %zu", queue.len);
    brio_task_release(a);
    brio_task_release(b);
    brio_queue_fini(&queue);
    return rc;
}

static int took(int rc)
{
    int item = -1;
    rc = rc < 0 ? rc : brio_queue_try_get(&queue, &item);
    say("took %d", item);
    return rc;
}

static int putters(void)
{
    int items[] = {0, 1, 2, 3};
    brio_task *tasks[4];
    open_queue(BRIO_FIFO, 1);
    int rc = brio_queue_try_put(&queue, &items[0]);
    for (int i = 1; i < 4; i++)
        tasks[i] = begin(putter, &items[i]);
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    brio_task_cancel(tasks[1]);
    rc = rc < 0 ? rc : brio_sleep(TICKS(1));
    say("full %s", brio_queue_full(&queue) ? "True" : "False");
    rc = took(rc);
    rc = rc < 0 ? rc : end(tasks[2]);
    rc = took(rc);
    rc = rc < 0 ? rc : end(tasks[3]);
    rc = took(rc);
    brio_task_release(tasks[1]);
    brio_queue_fini(&queue);
    return rc;
}

static int lifo(void)
{
    int rc = 0, item = 4, got[3];
    open_queue(BRIO_LIFO, 3);
    for (int i = 1; i <= 3 && rc == 0; i++)
        rc = brio_queue_put(&queue, &i);
    if (brio_queue_try_put(&queue, &item) == -EAGAIN)
        say("full");
    rc = rc < 0 ? rc : brio_queue_get(&queue, &item);
    say("%d", item);
    item = 5;
    rc = rc < 0 ? rc : brio_queue_put(&queue, &item);
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = brio_queue_get(&queue, &got[i]);
    say("%d %d %d", got[0], got[1], got[2]);
    if (brio_queue_try_get(&queue, &item) == -EAGAIN)
        say("empty");
    for (int i = 0; i < 4; i++)
        brio_queue_task_done(&queue);
    rc = rc < 0 ? rc : brio_queue_join(&queue);
    if (brio_queue_task_done(&queue) == -EINVAL)
        say("too many");
    brio_queue_fini(&queue);
    return rc;
}

static int run(void *arg)
{
    (void)arg;
    int rc = getters();
    rc = rc < 0 ? rc : putters();
    return rc < 0 ? rc : lifo();
}

PAIR_MAIN(run)
