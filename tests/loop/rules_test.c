/* SPDX-License-Identifier: MIT
 *
 * The loop's rows of asyncio's table that no other file here has: what stop
 * lets finish, where posts fall between the loop's own calls, how signals are
 * replaced, what pausing an acceptor keeps. */
#include "loop/bed.h"

#include <pthread.h>
#include <signal.h>

static brio_buf trace;

static void check_trace(const char *want)
{
    CHECK_STR(brio_buf_str(&trace), want);
    brio_buf_fini(&trace);
}

typedef struct step {
    brio_callback cb;
    brio_loop *loop;
    char letter;
    struct step *then; /* queued by this one */
    bool stops;
} step;

static void on_step(brio_callback *cb)
{
    step *s = BRIO_CONTAINER(cb, step, cb);
    brio_buf_char(&trace, s->letter);
    if (s->then)
        brio_loop_call_soon(s->loop, &s->then->cb);
    if (s->stops)
        brio_loop_stop(s->loop);
}

static step step_of(brio_loop *loop, char letter)
{
    return (step){.cb = {.fn = on_step}, .loop = loop, .letter = letter};
}

/* ---- run and stop ------------------------------------------------------- */

/* asyncio: stop lets the ready batch finish; what it queues waits for the next run. */
TEST_EACH(stop_lets_the_batch_finish_and_no_more)
{
    brio_loop *loop = bed_loop(backend);
    step a = step_of(loop, 'a'), b = step_of(loop, 'b'), later = step_of(loop, 'x');
    a.stops = true;
    a.then = &later;
    brio_loop_call_soon(loop, &a.cb);
    brio_loop_call_soon(loop, &b.cb);
    CHECK_OK(brio_loop_run(loop));
    check_trace("ab");
    later.stops = true;
    CHECK_OK(brio_loop_run(loop));
    check_trace("x");
    brio_loop_free(loop);
}

TEST_EACH(a_loop_runs_again_and_again)
{
    brio_loop *loop = bed_loop(backend);
    for (int i = 0; i < 100; i++) {
        step a = step_of(loop, 'a');
        a.stops = true;
        brio_loop_call_soon(loop, &a.cb);
        CHECK_OK(brio_loop_run(loop));
    }
    CHECK_INT(trace.len, 100);
    brio_buf_fini(&trace);
    brio_loop_free(loop);
}

TEST_EACH(many_stops_are_one)
{
    brio_loop *loop = bed_loop(backend);
    step a = step_of(loop, 'a'), b = step_of(loop, 'b');
    a.stops = b.stops = true;
    brio_loop_call_soon(loop, &a.cb);
    brio_loop_call_soon(loop, &b.cb);
    CHECK_OK(brio_loop_run(loop));
    step c = step_of(loop, 'c'), d = step_of(loop, 'd');
    c.then = &d; /* is not stopped by what is over */
    d.stops = true;
    brio_loop_call_soon(loop, &c.cb);
    CHECK_OK(brio_loop_run(loop));
    check_trace("abcd");
    brio_loop_free(loop);
}

/* ---- Order -------------------------------------------------------------- */

/* call_soon_threadsafe from the loop's own thread is in order with call_soon,
 * as far as a turn goes: a post is queued when the turn begins. */
TEST_EACH(posts_keep_their_order_among_each_other)
{
    brio_loop *loop = bed_loop(backend);
    step a = step_of(loop, 'a'), b = step_of(loop, 'b'), c = step_of(loop, 'c');
    brio_loop_post(loop, &a.cb);
    brio_loop_post(loop, &b.cb);
    brio_loop_post(loop, &c.cb);
    while (trace.len < 3)
        net_turn(loop);
    check_trace("abc");
    brio_loop_free(loop);
}

typedef struct bell {
    brio_timer timer;
    brio_loop *loop;
    step *then;
    char letter;
} bell;

static void on_alarm(brio_timer *timer)
{
    bell *a = BRIO_CONTAINER(timer, bell, timer);
    brio_buf_char(&trace, a->letter);
    if (a->then)
        brio_loop_call_soon(a->loop, &a->then->cb);
}

/* asyncio queues due timers behind what is ready; brio fires them first in a
 * turn, and what they queue runs behind what was queued before them. */
TEST_EACH(what_a_timer_queues_runs_behind_what_was_queued)
{
    brio_loop *loop = bed_loop(backend);
    step a = step_of(loop, 'a'), b = step_of(loop, 'b');
    bell t = {.timer = {.fn = on_alarm}, .loop = loop, .then = &b, .letter = 't'};
    brio_loop_call_soon(loop, &a.cb);
    brio_timer_start(loop, &t.timer, brio_loop_now(loop));
    while (trace.len < 3)
        net_turn(loop);
    check_trace("tab");
    brio_loop_free(loop);
}

TEST_EACH(a_timer_in_the_past_fires_in_the_next_turn_not_at_once)
{
    brio_loop *loop = bed_loop(backend);
    bell t = {.timer = {.fn = on_alarm}, .loop = loop, .letter = 't'};
    brio_timer_start(loop, &t.timer, 1);
    CHECK_INT(trace.len, 0);
    net_turn(loop);
    check_trace("t");
    brio_loop_free(loop);
}

/* ---- Signals ------------------------------------------------------------ */

typedef struct listener {
    brio_signal sig;
    int heard;
} listener;

static void on_signal(brio_signal *sig)
{
    BRIO_CONTAINER(sig, listener, sig)->heard++;
}

TEST_EACH(a_signals_handler_can_be_replaced)
{
    brio_loop *loop = bed_loop(backend);
    listener first = {.sig.fn = on_signal}, second = {.sig.fn = on_signal};
    CHECK_OK(brio_signal_start(loop, &first.sig, SIGUSR1));
    brio_signal_stop(loop, &first.sig);
    CHECK_OK(brio_signal_start(loop, &second.sig, SIGUSR1));
    brio_loop_raise(loop, SIGUSR1);
    while (!second.heard)
        net_turn(loop);
    CHECK_INT(first.heard, 0);
    brio_signal_stop(loop, &second.sig);
    brio_loop_free(loop);
}

TEST_EACH(several_signals_have_several_handlers)
{
    brio_loop *loop = bed_loop(backend);
    listener one = {.sig.fn = on_signal}, two = {.sig.fn = on_signal};
    CHECK_OK(brio_signal_start(loop, &one.sig, SIGUSR1));
    CHECK_OK(brio_signal_start(loop, &two.sig, SIGUSR2));
    brio_loop_raise(loop, SIGUSR2);
    while (!two.heard)
        net_turn(loop);
    CHECK_INT(one.heard, 0);
    brio_signal_stop(loop, &one.sig);
    brio_signal_stop(loop, &two.sig);
    brio_loop_free(loop);
}

static void *send_signal(void *arg)
{
    (void)arg;
    CHECK_OK(kill(getpid(), SIGUSR1));
    return NULL;
}

/* The other thread inherits the block, so the process's signal waits for the loop. */
TEST_REAL(a_signal_wakes_a_sleeping_loop)
{
    brio_loop *loop = bed_loop(backend);
    listener l = {.sig.fn = on_signal};
    CHECK_OK(brio_signal_start(loop, &l.sig, SIGUSR1));
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, send_signal, NULL), 0);
    while (!l.heard)
        net_turn(loop);
    pthread_join(thread, NULL);
    brio_signal_stop(loop, &l.sig);
    brio_loop_free(loop);
}

/* ---- Acceptors ---------------------------------------------------------- */

static void turn_a_little(brio_loop *loop)
{
    for (int i = 0; i < 20; i++)
        CHECK_OK(brio_loop_run_once(loop, brio_loop_now(loop) + BRIO_MS(1)));
}

/* io_uring may have accepted one ahead; that one is brought, others are not. */
TEST_EACH(a_paused_acceptor_accepts_no_more_until_resumed)
{
    net n = {0};
    probe clients[3] = {{.closed = 0}, {.closed = 0}, {.closed = 0}};
    net_listen(&n, bed_loop(backend));
    brio_acceptor_pause(&n.acceptor);
    brio_acceptor_pause(&n.acceptor);
    turn_a_little(n.loop);
    for (int i = 0; i < 3; i++)
        net_connect(&n, &clients[i]);
    turn_a_little(n.loop);
    CHECK_INT(n.accepted, 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(clients[i].connected, 1); /* the kernel has them */
    brio_acceptor_resume(&n.acceptor);
    brio_acceptor_resume(&n.acceptor);
    UNTIL(n.loop, n.accepted == 3);
    for (int i = 0; i < 3; i++)
        probe_close(&n, &clients[i]);
    net_close(&n);
}

TEST_EACH(pause_and_resume_in_one_turn_change_nothing)
{
    net n = {0};
    probe client = {0};
    net_listen(&n, bed_loop(backend));
    turn_a_little(n.loop);
    brio_acceptor_pause(&n.acceptor);
    brio_acceptor_resume(&n.acceptor);
    net_connect(&n, &client);
    UNTIL(n.loop, n.accepted);
    probe_close(&n, &client);
    net_close(&n);
}

static void pause_after_one(brio_acceptor *a, int fd)
{
    net_on_accept(a, fd);
    brio_acceptor_pause(a);
}

TEST_EACH(an_acceptor_may_be_paused_inside_on_accept)
{
    net n = {0};
    probe clients[2] = {{.closed = 0}, {.closed = 0}};
    net_listen(&n, bed_loop(backend));
    n.acceptor.on_accept = pause_after_one;
    net_connect(&n, &clients[0]);
    UNTIL(n.loop, n.accepted == 1);
    turn_a_little(n.loop);
    net_connect(&n, &clients[1]);
    turn_a_little(n.loop);
    CHECK_INT(n.accepted, 1);
    brio_acceptor_resume(&n.acceptor);
    UNTIL(n.loop, n.accepted == 2);
    probe_close(&n, &clients[0]);
    probe_close(&n, &clients[1]);
    net_close(&n);
}

TEST_EACH(a_paused_acceptor_can_be_closed)
{
    net n = {0};
    net_listen(&n, bed_loop(backend));
    turn_a_little(n.loop);
    brio_acceptor_pause(&n.acceptor);
    brio_acceptor_close(&n.acceptor);
    brio_acceptor_resume(&n.acceptor); /* too late, and harmless */
    UNTIL(n.loop, n.acceptor_closed);
    brio_loop_free(n.loop);
}
