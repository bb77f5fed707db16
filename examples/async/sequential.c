/* SPDX-License-Identifier: MIT
 *
 * One after the other: three fetches of a tenth of a second take three tenths.
 * (In Python: `a = await fetch(1); b = await fetch(2); c = await fetch(3)`.) */
#include <brio/task.h>

#include <stdlib.h>

static int fetch(void *url)
{
    (void)url; /* a request on its way: this task waits, others could run */
    return brio_sleep(BRIO_MS(100));
}

static int run(void *arg)
{
    static const char *urls[] = {"fetch(url1)", "fetch(url2)", "fetch(url3)"};
    int rc = 0;
    (void)arg;
    for (int i = 0; i < 3 && rc >= 0; i++) {
        brio_task *task =
            brio_create_task(fetch, NULL, &(brio_task_options){.name = urls[i], .acquired = true});
        rc = brio_await(task);
        brio_task_release(task);
    }
    return rc;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
