/* SPDX-License-Identifier: MIT
 *
 * retry: a service that fails twice, asked again after 40 ms and after 80 ms. */
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int fetch(void *attempts)
{
    int rc = brio_sleep(BRIO_MS(20));
    if (rc < 0)
        return rc;
    printf("attempt %d\n", ++*(int *)attempts);
    return *(int *)attempts < 3 ? brio_error(-ECONNREFUSED, "the service is down") : 200;
}

static int run(void *arg)
{
    static const brio_retry policy = {.attempts = 5, .delay = BRIO_MS(40), .factor = 2};
    int attempts = 0;
    (void)arg;
    int rc = brio_retry_call(&policy, fetch, &attempts);
    printf("answer: %d\n", rc);
    return rc;
}

int main(void)
{
    return setenv("BRIO_TIMELINE", "-", 0) < 0 || brio_run(run, NULL, NULL) < 0;
}
