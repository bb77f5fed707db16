/* SPDX-License-Identifier: MIT
 *
 * call_soon_threadsafe: a thread's calls run on the loop, in order; a cancelled
 * one does not. */
#include "pair.h"

#include <pthread.h>

static brio_loop *loop;
static brio_event done = BRIO_EVENT_INIT;
static pthread_t here;
static int numbers[] = {0, 1, 2, 99};

static void end(brio_callback *call)
{
    (void)call;
    brio_event_set(&done);
}

static void on_loop(void *arg)
{
    static brio_callback next = {.fn = end};
    int i = *(int *)arg;
    say("call %d on the loop %s", i, pthread_equal(pthread_self(), here) ? "True" : "False");
    if (i == 0)
        brio_loop_call_soon(loop, &next);
}

static void *call_in(void *arg)
{
    for (int i = 0; i < 4; i++) {
        brio_handle *handle = brio_loop_call_threadsafe(loop, on_loop, &numbers[i]);
        if (i == 3)
            (void)brio_handle_cancel(handle);
        brio_handle_release(handle);
    }
    return arg;
}

typedef struct saying {
    brio_callback call;
    const char *text;
} saying;

static void speak(brio_callback *call)
{
    say("%s", BRIO_CONTAINER(call, saying, call)->text);
}

static int run(void *arg)
{
    static saying before = {{.fn = speak}, "queued before"};
    pthread_t thread;
    (void)arg;
    loop = brio_loop_current();
    here = pthread_self();
    brio_loop_call_soon(loop, &before.call);
    if (pthread_create(&thread, NULL, call_in, NULL) != 0)
        return -EAGAIN;
    pthread_join(thread, NULL); /* the loop stands still, so all of it comes in one turn */
    say("joined");
    int rc = brio_event_wait(&done);
    say("done");
    return rc;
}

PAIR_MAIN(run)
