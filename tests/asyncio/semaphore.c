/* SPDX-License-Identifier: MIT
 *
 * Semaphore: two at a time, in order of arrival; a bounded one refuses too
 * many releases. */
#include "pair.h"

static brio_semaphore semaphore;

static int limited(void *arg)
{
    const who *w = arg;
    int rc = 0;
    BRIO_WITH_PERMIT(&semaphore)
    {
        say("%s in", w->name);
        rc = brio_sleep(TICKS(w->ticks));
        say("%s out", w->name);
    }
    return rc;
}

static int run(void *arg)
{
    who jobs[5] = {{"a", 2}, {"b", 3}, {"c", 2}, {"d", 2}, {"e", 3}};
    brio_semaphore bounded;
    (void)arg;
    brio_semaphore_init(&semaphore, 2);
    int rc = brio_gather_map(limited, jobs, 5, sizeof(who));
    brio_semaphore_init_bounded(&bounded, 1);
    rc = rc < 0 ? rc : brio_semaphore_acquire(&bounded);
    brio_semaphore_release(&bounded);
    if (brio_semaphore_release(&bounded) == -EOVERFLOW)
        say("too many releases");
    return rc;
}

PAIR_MAIN(run)
