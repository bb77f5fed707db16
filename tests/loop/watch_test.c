/* SPDX-License-Identifier: MIT
 *
 * Watches of descriptors that belong to others. */
#include "loop/bed.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>

typedef struct eye {
    brio_watch watch;
    brio_loop *loop;
    int seen;
    uint32_t last;
    bool stop, drain;
    struct eye *other;
} eye;

static void on_ready(brio_watch *watch, uint32_t ready)
{
    eye *e = BRIO_CONTAINER(watch, eye, watch);
    char byte;
    e->seen++;
    e->last = ready;
    if (e->drain)
        CHECK_INT(read(watch->fd, &byte, 1), 1);
    if (e->other)
        brio_watch_stop(e->loop, &e->other->watch);
    if (e->stop)
        brio_watch_stop(e->loop, watch);
}

static void pipe_of(int fds[2])
{
    CHECK_INT(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
}

TEST_EACH(a_watch_is_level_triggered)
{
    int fds[2];
    pipe_of(fds);
    eye e = {.watch = {.fn = on_ready}, .loop = bed_loop(backend), .drain = true};
    CHECK_OK(brio_watch_start(e.loop, &e.watch, fds[0], EPOLLIN));
    CHECK_INT(brio_loop_run_once(e.loop, 0), 0);
    CHECK_INT(write(fds[1], "abc", 3), 3);
    UNTIL(e.loop, e.seen == 3);
    for (int i = 0; i < 5; i++)
        CHECK_INT(brio_loop_run_once(e.loop, 0), 0);
    CHECK_INT(e.seen, 3);
    brio_watch_stop(e.loop, &e.watch);
    brio_watch_stop(e.loop, &e.watch); /* harmless */
    brio_loop_free(e.loop);
    close(fds[0]);
    close(fds[1]);
}

typedef struct late {
    brio_watch watch;
    brio_loop *loop;
    brio_time sent, seen;
    int fd;
} late;

static void on_late(brio_watch *watch, uint32_t ready)
{
    late *l = BRIO_CONTAINER(watch, late, watch);
    (void)ready;
    l->seen = brio_loop_now(l->loop);
    brio_watch_stop(l->loop, watch);
}

static void *send_late(void *arg)
{
    late *l = arg;
    usleep(20000);
    l->sent = brio_clock_monotonic();
    CHECK_INT(write(l->fd, "x", 1), 1);
    return NULL;
}

TEST_REAL(what_comes_after_a_wait_finds_the_clock_set)
{
    int fds[2];
    pthread_t thread;
    pipe_of(fds);
    late l = {.watch = {.fn = on_late}, .loop = bed_loop(backend), .fd = fds[1]};
    CHECK_OK(brio_watch_start(l.loop, &l.watch, fds[0], EPOLLIN));
    CHECK_INT(pthread_create(&thread, NULL, send_late, &l), 0);
    UNTIL(l.loop, l.seen);
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK(l.seen >= l.sent);
    brio_loop_free(l.loop);
    close(fds[0]);
    close(fds[1]);
}

TEST_EACH(a_watch_can_change_what_it_waits_for)
{
    int fds[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    eye e = {.watch = {.fn = on_ready}, .loop = bed_loop(backend)};
    CHECK_OK(brio_watch_start(e.loop, &e.watch, fds[0], EPOLLIN));
    CHECK_INT(brio_loop_run_once(e.loop, 0), 0);
    CHECK_OK(brio_watch_change(e.loop, &e.watch, EPOLLOUT));
    UNTIL(e.loop, e.seen);
    CHECK(e.last & EPOLLOUT);
    CHECK_OK(brio_watch_change(e.loop, &e.watch, EPOLLIN));
    for (int i = 0; i < 5; i++)
        CHECK_OK(brio_loop_run_once(e.loop, 0));
    int seen = e.seen;
    CHECK_OK(brio_loop_run_once(e.loop, 0));
    CHECK_INT(e.seen, seen);
    CHECK_INT(write(fds[1], "x", 1), 1);
    UNTIL(e.loop, e.seen > seen);
    CHECK(e.last & EPOLLIN);
    brio_watch_stop(e.loop, &e.watch);
    brio_loop_free(e.loop);
    close(fds[0]);
    close(fds[1]);
}

/* Both are ready in the same poll; the first to be told frees the other. */
TEST_EACH(a_watch_may_stop_another_and_itself)
{
    int one[2], two[2];
    pipe_of(one);
    pipe_of(two);
    brio_loop *loop = bed_loop(backend);
    eye *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    *a = (eye){.watch = {.fn = on_ready}, .loop = loop, .other = b, .stop = true};
    *b = (eye){.watch = {.fn = on_ready}, .loop = loop, .other = a, .stop = true};
    CHECK_OK(brio_watch_start(loop, &a->watch, one[0], EPOLLIN));
    CHECK_OK(brio_watch_start(loop, &b->watch, two[0], EPOLLIN));
    CHECK_INT(write(one[1], "x", 1), 1);
    CHECK_INT(write(two[1], "x", 1), 1);
    UNTIL(loop, a->seen + b->seen);
    CHECK_INT(a->seen + b->seen, 1);
    free(a);
    free(b);
    CHECK_OK(brio_loop_run_once(loop, 0));
    brio_loop_free(loop);
    close(one[0]);
    close(one[1]);
    close(two[0]);
    close(two[1]);
}

TEST_EACH(a_hangup_is_reported)
{
    int fds[2];
    pipe_of(fds);
    eye e = {.watch = {.fn = on_ready}, .loop = bed_loop(backend), .stop = true};
    CHECK_OK(brio_watch_start(e.loop, &e.watch, fds[0], EPOLLIN));
    close(fds[1]);
    UNTIL(e.loop, e.seen);
    CHECK(e.last & EPOLLHUP);
    brio_loop_free(e.loop);
    close(fds[0]);
}
