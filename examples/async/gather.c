/* SPDX-License-Identifier: MIT
 *
 * gather: three fetches at the same time take as long as the longest. */
#include <brio/task.h>

#include <stdlib.h>

typedef struct url {
    const char *name;
    brio_time takes;
} url;

static int fetch(void *arg)
{
    return brio_sleep(((const url *)arg)->takes);
}

static int run(void *arg)
{
    url urls[] = {{"fetch(url1)", BRIO_MS(120)},
                  {"fetch(url2)", BRIO_MS(100)},
                  {"fetch(url3)", BRIO_MS(150)}};
    (void)arg;
    BRIO_GROUP(g) /* brio_gather({fetch, &urls[0]}, ...) does the same without names */
    for (int i = 0; i < 3; i++)
        brio_spawn_with(&g, fetch, &urls[i], &(brio_task_options){.name = urls[i].name});
    return g.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
