/* SPDX-License-Identifier: MIT
 *
 * to_thread keeps the loop free and carries the context; a coroutine sent in
 * from a thread. */
#include "pair.h"

#include <brio/exec.h>

static const brio_local user = {"user", WORD("nobody")};

static int blocking(void *arg)
{
    (void)arg;
    return (int)strlen(brio_local_get(&user));
}

static int greet(void *arg)
{
    (void)arg;
    int rc = brio_yield();
    say("greeted on the loop");
    return rc < 0 ? rc : 11;
}

static int from_a_thread(void *loop)
{
    brio_thread_future *future;
    int result, rc = brio_run_coroutine_threadsafe(loop, greet, NULL, &future);
    if (rc < 0)
        return rc;
    rc = brio_thread_future_wait(future, BRIO_NEVER, &result);
    brio_thread_future_free(future);
    return rc < 0 ? rc : result;
}

static int run(void *arg)
{
    (void)arg;
    brio_local_set(&user, WORD("alice"));
    say("to_thread %d", brio_to_thread(blocking, NULL));
    say("threadsafe %d", brio_to_thread(from_a_thread, brio_loop_current()));
    return 0;
}

PAIR_MAIN(run)
