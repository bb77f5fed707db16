/* SPDX-License-Identifier: MIT
 *
 * brio's loop inside a foreign one: its descriptor is polled together with
 * others, its next deadline bounds the wait, run_once(0) does the work. Once
 * driven by plain poll(), once in the manner of GLib (prepare, query, poll,
 * check, dispatch), once by an epoll that has brio's in it. */
#include "loop/bed.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* How long a foreign poll may sleep: until brio's next deadline, up. */
static int wait_ms(const brio_loop *loop)
{
    brio_time next = brio_loop_next_deadline(loop);
    if (next == BRIO_NEVER)
        return 10000; /* the test's own limit, not a rule */
    brio_time left = next - brio_clock_monotonic();
    return left <= 0 ? 0 : (int)((left + 999999) / 1000000);
}

typedef void foreign_turn(brio_loop *loop, int other_fd, bool *ret_other);

static void by_poll(brio_loop *loop, int other_fd, bool *ret_other)
{
    struct pollfd fds[] = {{brio_loop_fd(loop), POLLIN, 0}, {other_fd, POLLIN, 0}};
    CHECK(poll(fds, 2, wait_ms(loop)) >= 0);
    CHECK_OK(brio_loop_run_once(loop, 0));
    *ret_other = fds[1].revents & POLLIN;
}

/* A GSource: prepare gives the timeout and says ready if something is queued;
 * check looks at the descriptor and the clock; dispatch runs. */
static void by_glib_rules(brio_loop *loop, int other_fd, bool *ret_other)
{
    int timeout = wait_ms(loop); /* prepare */
    struct pollfd fds[] = {{brio_loop_fd(loop), POLLIN, 0}, {other_fd, POLLIN, 0}};
    CHECK(poll(fds, 2, timeout) >= 0);
    bool due = fds[0].revents || brio_loop_next_deadline(loop) <= brio_clock_monotonic();
    if (timeout == 0 || due) /* check */
        CHECK_OK(brio_loop_run_once(loop, 0));
    *ret_other = fds[1].revents & POLLIN;
}

static int outer = -1;

static void by_epoll(brio_loop *loop, int other_fd, bool *ret_other)
{
    if (outer < 0) {
        outer = epoll_create1(EPOLL_CLOEXEC);
        struct epoll_event ours = {.events = EPOLLIN, .data.u32 = 1};
        struct epoll_event other = {.events = EPOLLIN, .data.u32 = 2};
        CHECK_OK(epoll_ctl(outer, EPOLL_CTL_ADD, brio_loop_fd(loop), &ours));
        CHECK_OK(epoll_ctl(outer, EPOLL_CTL_ADD, other_fd, &other));
    }
    struct epoll_event events[2];
    int n = epoll_wait(outer, events, 2, wait_ms(loop));
    CHECK_OK(n);
    CHECK_OK(brio_loop_run_once(loop, 0));
    *ret_other = false;
    for (int i = 0; i < n; i++)
        *ret_other |= events[i].data.u32 == 2;
}

typedef struct ticker {
    brio_timer timer;
    brio_loop *loop;
    int ticks;
} ticker;

static void on_tick(brio_timer *timer)
{
    ticker *t = BRIO_CONTAINER(timer, ticker, timer);
    if (++t->ticks < 5)
        brio_timer_start(t->loop, timer, brio_loop_now(t->loop) + BRIO_MS(1));
}

static void mark(void *arg)
{
    *(bool *)arg = true;
}

typedef struct outside {
    brio_loop *loop;
    int event_fd;
    bool *called;
} outside;

static void *from_outside(void *arg)
{
    outside *o = arg;
    brio_handle_release(brio_loop_call_threadsafe(o->loop, mark, o->called));
    uint64_t one = 1;
    CHECK_INT(write(o->event_fd, &one, sizeof one), sizeof one);
    return NULL;
}

/* Timers, a connection's bytes, another thread's call and the foreign loop's
 * own event all come through; whatever comes last, nothing is slept through. */
static void embedded(brio_backend backend, foreign_turn *turn)
{
    net n;
    net_open(&n, backend);
    ticker t = {.timer = {.fn = on_tick}, .loop = n.loop};
    brio_timer_start(n.loop, &t.timer, brio_loop_now(n.loop) + BRIO_MS(1));
    bool called = false, other = false, seen = false;
    outside o = {n.loop, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), &called};
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, from_outside, &o), 0);
    CHECK(probe_write(&n.client, "ping") >= 0);
    CHECK_OK(brio_loop_run_once(n.loop, 0)); /* what was begun outside is handed over */
    while (t.ticks < 5 || n.server.in.len < 4 || !called || !seen) {
        turn(n.loop, o.event_fd, &other);
        uint64_t count;
        if (other)
            seen |= read(o.event_fd, &count, sizeof count) == sizeof count;
    }
    pthread_join(thread, NULL);
    close(o.event_fd);
    net_close(&n);
}

TEST_REAL(a_poll_loop_drives_it)
{
    embedded(backend, by_poll);
}

TEST_REAL(a_glib_like_loop_drives_it)
{
    embedded(backend, by_glib_rules);
}

TEST_REAL(an_outer_epoll_drives_it)
{
    embedded(backend, by_epoll);
    close(outer);
}

/* The simulator has its own time: the foreign loop only lets it go on. */
TEST(a_foreign_loop_steps_the_simulator)
{
    net n;
    net_open(&n, BRIO_BACKEND_SIM);
    ticker t = {.timer = {.fn = on_tick}, .loop = n.loop};
    brio_timer_start(n.loop, &t.timer, brio_loop_now(n.loop) + BRIO_MS(1));
    CHECK_INT(probe_write(&n.client, "ping"), 1);
    while (t.ticks < 5 || n.server.in.len < 4)
        CHECK_OK(brio_loop_run_once(n.loop, brio_loop_next_deadline(n.loop)));
    net_close(&n);
}
