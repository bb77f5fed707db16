/* SPDX-License-Identifier: MIT
 *
 * create_task: the e-mail is sent while main goes on; it is awaited later. */
#include <brio/task.h>

#include <errno.h>
#include <stdlib.h>

static int send_email(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_MS(120));
}

static int work(brio_time how_long)
{
    brio_time until = brio_clock_monotonic() + how_long;
    while (brio_clock_monotonic() < until)
        if (brio_checkpoint() < 0) /* computes, but lets others run */
            return -ECANCELED;
    return 0;
}

static int run(void *arg)
{
    (void)arg;
    brio_task *email = brio_create_task(
        send_email, NULL, &(brio_task_options){.name = "send_email", .acquired = true});
    int rc = work(BRIO_MS(60)); /* goes on without waiting */
    rc = rc < 0 ? rc : brio_await(email);
    brio_task_release(email);
    return rc < 0 ? rc : work(BRIO_MS(20));
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
