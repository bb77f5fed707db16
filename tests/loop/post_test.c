/* SPDX-License-Identifier: MIT
 *
 * Posting from other threads, and stopping from them. */
#include "loop/bed.h"

#include <poll.h>
#include <pthread.h>

enum { POSTERS = 4, POSTS = 2000 };

typedef struct note {
    brio_callback cb;
    struct poster *from;
    int serial;
} note;

typedef struct poster {
    brio_loop *loop;
    pthread_t thread;
    note notes[POSTS];
    int seen;
    int *total;
} poster;

static void on_note(brio_callback *cb)
{
    note *n = BRIO_CONTAINER(cb, note, cb);
    CHECK_INT(n->serial, n->from->seen); /* each thread's order is kept */
    n->from->seen++;
    if (++*n->from->total == POSTERS * POSTS)
        brio_loop_stop(n->from->loop);
}

static void *post_all(void *arg)
{
    poster *p = arg;
    for (int i = 0; i < POSTS; i++)
        brio_loop_post(p->loop, &p->notes[i].cb);
    return NULL;
}

TEST_EACH(posts_of_many_threads_all_arrive_in_order)
{
    static poster posters[POSTERS];
    brio_loop *loop = bed_loop(backend);
    int total = 0;
    brio_loop_hold(loop); /* in sim: what the threads do is real */
    for (int t = 0; t < POSTERS; t++) {
        posters[t].loop = loop;
        posters[t].total = &total;
        for (int i = 0; i < POSTS; i++)
            posters[t].notes[i] = (note){.cb = {.fn = on_note}, .from = &posters[t], .serial = i};
        CHECK_INT(pthread_create(&posters[t].thread, NULL, post_all, &posters[t]), 0);
    }
    CHECK_OK(brio_loop_run(loop));
    for (int t = 0; t < POSTERS; t++)
        pthread_join(posters[t].thread, NULL);
    CHECK_INT(total, POSTERS * POSTS);
    brio_loop_unhold(loop);
    brio_loop_free(loop);
}

static void *stop_it(void *arg)
{
    brio_loop_stop(arg);
    return NULL;
}

TEST_EACH(another_thread_stops_a_sleeping_loop)
{
    brio_loop *loop = bed_loop(backend);
    pthread_t thread;
    brio_loop_hold(loop);
    CHECK_INT(pthread_create(&thread, NULL, stop_it, loop), 0);
    CHECK_OK(brio_loop_run(loop));
    pthread_join(thread, NULL);
    brio_loop_unhold(loop);
    brio_loop_free(loop);
}

/* Ping-pong, so that the loop really goes to sleep between the posts. */
typedef struct pong {
    brio_callback cb;
    brio_loop *loop;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    int answers;
} pong;

static void on_ping(brio_callback *cb)
{
    pong *p = BRIO_CONTAINER(cb, pong, cb);
    pthread_mutex_lock(&p->lock);
    if (++p->answers == 500)
        brio_loop_stop(p->loop);
    pthread_cond_signal(&p->answered);
    pthread_mutex_unlock(&p->lock);
}

static void *ping(void *arg)
{
    pong *p = arg;
    for (int i = 0; i < 500; i++) {
        brio_loop_post(p->loop, &p->cb);
        pthread_mutex_lock(&p->lock);
        while (p->answers == i)
            pthread_cond_wait(&p->answered, &p->lock);
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

TEST_EACH(a_post_wakes_a_sleeping_loop_every_time)
{
    pong p = {.cb = {.fn = on_ping},
              .lock = PTHREAD_MUTEX_INITIALIZER,
              .answered = PTHREAD_COND_INITIALIZER};
    p.loop = bed_loop(backend);
    pthread_t thread;
    brio_loop_hold(p.loop);
    CHECK_INT(pthread_create(&thread, NULL, ping, &p), 0);
    CHECK_OK(brio_loop_run(p.loop));
    pthread_join(thread, NULL);
    CHECK_INT(p.answers, 500);
    brio_loop_unhold(p.loop);
    brio_loop_free(p.loop);
}

static void mark(brio_callback *cb)
{
    cb->fn = NULL;
}

TEST_EACH(a_foreign_loop_sees_posts_on_the_descriptor)
{
    brio_loop *loop = bed_loop(backend);
    brio_callback cb = {.fn = mark};
    struct pollfd pfd = {.fd = brio_loop_fd(loop), .events = POLLIN};
    for (int round = 0; round < 3; round++) {
        cb.fn = mark;
        CHECK_OK(brio_loop_run_once(loop, 0));
        CHECK_INT(poll(&pfd, 1, 0), 0);
        brio_loop_post(loop, &cb);
        CHECK_INT(poll(&pfd, 1, -1), 1);
        while (cb.fn)
            CHECK_OK(brio_loop_run_once(loop, 0));
    }
    brio_loop_free(loop);
}
