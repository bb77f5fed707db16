/* SPDX-License-Identifier: MIT
 *
 * Barrier: parties meet; newcomers wait for the next round; reset breaks those
 * who wait. */
#include "pair.h"

static brio_barrier barrier;

static int party(void *arg)
{
    const who *w = arg;
    int rc = brio_sleep(TICKS(w->ticks));
    if (rc < 0)
        return rc;
    say("%s arrives", w->name);
    rc = brio_barrier_wait(&barrier);
    say("%s %s", w->name, rc == -EPIPE ? "broken" : "passes");
    return 0;
}

static int run(void *arg)
{
    static who parties[5] = {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}, {"e", 5}};
    brio_task *tasks[5];
    (void)arg;
    brio_barrier_init(&barrier, 2);
    for (int i = 0; i < 5; i++)
        tasks[i] = brio_create_task(party, &parties[i], &(brio_task_options){.acquired = true});
    int rc = brio_sleep(TICKS(6));
    brio_barrier_reset(&barrier);
    rc = rc < 0 ? rc : brio_wait(tasks, 5, BRIO_ALL_COMPLETED, NULL);
    say("broken %s", brio_barrier_broken(&barrier) ? "True" : "False");
    for (int i = 0; i < 5; i++)
        brio_task_release(tasks[i]);
    return rc;
}

PAIR_MAIN(run)
