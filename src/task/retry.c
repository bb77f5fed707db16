/* SPDX-License-Identifier: MIT
 *
 * Retry: a policy as a value, and the loop that obeys it. The pause grows by a
 * factor up to a ceiling; jitter takes a random share off, so that clients
 * that failed together do not come back together. A cancellation is never a
 * reason to try again. */
#include "task/task_internal.h"

enum { ATTEMPTS = 3 };
#define DELAY     BRIO_MS(100)
#define MAX_DELAY BRIO_SEC(30)
#define FACTOR    2.0

/* 0 ... 1, of 53 random bits. */
static double chance(void)
{
    const brio_runtime *rt = brio_task_here();
    return rt ? (double)(brio_loop_random(rt->loop) >> 11) * 0x1p-53 : 0;
}

/* Without jitter. Stops where another step would change nothing. */
static double backed_off(const brio_retry *policy, unsigned attempt)
{
    double delay = (double)(policy->delay ? policy->delay : DELAY);
    double most = (double)(policy->max_delay ? policy->max_delay : MAX_DELAY);
    double factor = policy->factor > 0 ? policy->factor : FACTOR;
    if (factor < 1 || factor > 1)
        for (unsigned i = 2; i < attempt && delay < most && delay >= 1; i++)
            delay *= factor;
    return delay < most ? delay : most;
}

brio_time brio_retry_delay(const brio_retry *policy, unsigned attempt)
{
    static const brio_retry defaults;
    if (!policy)
        policy = &defaults;
    double delay = backed_off(policy, attempt);
    if (policy->jitter > 0)
        delay -= delay * (policy->jitter < 1 ? policy->jitter : 1) * chance();
    return delay <= 0 ? 0 : delay < 0x1p62 ? (brio_time)delay : BRIO_NEVER;
}

static bool is_worth_it(const brio_retry *policy, int err, unsigned attempt)
{
    if (err == -ECANCELED)
        return false;
    if (policy && policy->again)
        return policy->again(err, attempt, policy->arg);
    return err != -EINVAL;
}

int brio_retry_call(const brio_retry *policy, brio_task_fn *fn, void *arg)
{
    unsigned attempts = policy && policy->attempts ? policy->attempts : ATTEMPTS;
    for (unsigned attempt = 1;; attempt++) {
        int rc = fn(arg);
        if (rc >= 0 || attempt == attempts || !is_worth_it(policy, rc, attempt))
            return rc;
        if (brio_sleep(brio_retry_delay(policy, attempt + 1)) < 0)
            return -ECANCELED;
    }
}
