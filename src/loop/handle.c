/* SPDX-License-Identifier: MIT
 *
 * Calls from other threads that can be taken back: asyncio's
 * call_soon_threadsafe with its handle.
 *
 * A handle has two holders, the loop until it has dealt with it and the caller
 * until release; the last frees it. Cancelling only marks it: what is in the
 * loop's queue stays there until its turn, for other threads must not touch
 * the queue. The loop keeps a list of those it still holds, to let go of them
 * when it is freed before their turn. */
#include "loop/internal.h"

#include <stdlib.h>

typedef enum handle_state { WAITING, RUNNING, OVER, CANCELLED } handle_state;

struct brio_handle {
    brio_callback cb;
    brio_link link; // brio_loop::handles
    brio_loop *loop;
    void (*fn)(void *arg);
    void *arg;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t ended;
    handle_state state;
    pthread_t runner;
    int holders;
};

static void let_go(brio_handle *handle)
{
    pthread_mutex_lock(&handle->lock);
    BRIO_ASSERT(handle->holders > 0);
    bool last = --handle->holders == 0;
    pthread_mutex_unlock(&handle->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&handle->lock);
    pthread_cond_destroy(&handle->ended);
    free(handle);
}

static bool begin(brio_handle *handle)
{
    pthread_mutex_lock(&handle->lock);
    bool run = handle->state == WAITING;
    if (run) {
        handle->state = RUNNING;
        handle->runner = pthread_self();
    }
    pthread_mutex_unlock(&handle->lock);
    return run;
}

static void end(brio_handle *handle)
{
    pthread_mutex_lock(&handle->lock);
    handle->state = OVER;
    pthread_cond_broadcast(&handle->ended);
    pthread_mutex_unlock(&handle->lock);
}

static void on_turn(brio_callback *cb)
{
    brio_handle *handle = BRIO_CONTAINER(cb, brio_handle, cb);
    brio_loop *loop = handle->loop;
    pthread_mutex_lock(&loop->handles_lock);
    brio_link_remove(&handle->link);
    pthread_mutex_unlock(&loop->handles_lock);
    if (begin(handle)) {
        handle->fn(handle->arg);
        end(handle);
    }
    let_go(handle);
}

brio_handle *brio_loop_call_threadsafe(brio_loop *loop, void (*fn)(void *arg), void *arg)
{
    brio_handle *handle = brio_zalloc(1, sizeof *handle);
    if (!handle)
        return NULL;
    handle->cb.fn = on_turn;
    handle->loop = loop;
    handle->fn = fn;
    handle->arg = arg;
    handle->holders = 2;
    pthread_mutex_init(&handle->lock, NULL);
    pthread_cond_init(&handle->ended, NULL);
    pthread_mutex_lock(&loop->handles_lock);
    brio_link_insert_before(&loop->handles, &handle->link);
    pthread_mutex_unlock(&loop->handles_lock);
    brio_loop_post(loop, &handle->cb);
    return handle;
}

bool brio_handle_cancel(brio_handle *handle)
{
    pthread_mutex_lock(&handle->lock);
    if (handle->state == WAITING)
        handle->state = CANCELLED;
    while (handle->state == RUNNING && !pthread_equal(handle->runner, pthread_self()))
        pthread_cond_wait(&handle->ended, &handle->lock);
    bool cancelled = handle->state == CANCELLED;
    pthread_mutex_unlock(&handle->lock);
    return cancelled;
}

void brio_handle_release(brio_handle *handle)
{
    if (handle)
        let_go(handle);
}

/* ---- With the loop ------------------------------------------------------ */

void brio_loop_handles_init(brio_loop *loop)
{
    brio_link_init(&loop->handles);
    pthread_mutex_init(&loop->handles_lock, NULL);
}

void brio_loop_handles_fini(brio_loop *loop)
{
    if (!loop->handles.next)
        return;
    while (!brio_link_alone(&loop->handles)) {
        brio_handle *handle = BRIO_CONTAINER(loop->handles.next, brio_handle, link);
        brio_link_remove(&handle->link);
        (void)brio_handle_cancel(handle);
        let_go(handle);
    }
    pthread_mutex_destroy(&loop->handles_lock);
}
