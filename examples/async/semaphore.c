/* SPDX-License-Identifier: MIT
 *
 * Semaphore: five fetches, at most two at once; the others wait their turn. */
#include <brio/task.h>

#include <stdlib.h>

static brio_semaphore two;

static int limited_fetch(void *takes)
{
    int rc = 0;
    BRIO_WITH_PERMIT(&two)
    rc = brio_sleep(*(const brio_time *)takes);
    return rc;
}

static int run(void *arg)
{
    static const char *names[] = {"url1", "url2", "url3", "url4", "url5"};
    brio_time takes[] = {BRIO_MS(100), BRIO_MS(150), BRIO_MS(50), BRIO_MS(100), BRIO_MS(100)};
    (void)arg;
    brio_semaphore_init(&two, 2);
    BRIO_GROUP(g)
    for (int i = 0; i < 5; i++)
        brio_spawn_with(&g, limited_fetch, &takes[i], &(brio_task_options){.name = names[i]});
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
