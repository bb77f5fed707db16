/* SPDX-License-Identifier: MIT
 *
 * The pitfall: usleep() in a coroutine stops the whole loop, and the heartbeat
 * with it; brio_sleep() does not. BRIO_DEBUG=1 names who does it, and where. */
#include <brio/task.h>

#include <stdlib.h>
#include <unistd.h>

static int heartbeat(void *arg)
{
    int rc = 0;
    while (*(bool *)arg && rc == 0)
        rc = brio_sleep(BRIO_MS(10));
    return rc;
}

static int endpoint(void *good)
{
    return good ? brio_sleep(BRIO_MS(150)) : usleep(150000);
}

static int run(void *arg)
{
    bool beating = true;
    (void)arg;
    BRIO_GROUP(all)
    {
        brio_spawn_with(&all, heartbeat, &beating, &(brio_task_options){.name = "heartbeat"});
        BRIO_GROUP(bad)
        brio_spawn_with(&bad, endpoint, NULL, &(brio_task_options){.name = "bad_endpoint"});
        BRIO_GROUP(good)
        brio_spawn_with(&good, endpoint, &beating, &(brio_task_options){.name = "good_endpoint"});
        beating = false;
    }
    return all.err;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
