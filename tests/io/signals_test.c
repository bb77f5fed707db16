/* SPDX-License-Identifier: MIT
 *
 * Signals as events: on epoll and io_uring real ones, on sim raised ones. */
#include "io/file_bed.h"

#include <signal.h>

static void send(int signo)
{
    if (on_sim)
        brio_loop_raise(brio_loop_current(), signo);
    else
        CHECK_INT(kill(getpid(), signo), 0);
}

static brio_signals *listen_to(int a, int b)
{
    brio_signals *s;
    int signos[] = {a, b};
    CHECK_OK(brio_signals_open(&s, signos, b ? 2 : 1));
    return s;
}

FILE_TEST_SHUFFLED(a_signal_wakes_who_waits)
{
    brio_signals *s = listen_to(SIGUSR1, SIGUSR2);
    send(SIGUSR1);
    CHECK_INT(brio_signals_next(s), SIGUSR1);
    send(SIGUSR2);
    CHECK_INT(brio_signals_next(s), SIGUSR2);
    brio_signals_close(s);
    brio_signals_close(NULL);
    return 0;
}

static int next_of(void *arg)
{
    return brio_signals_next(arg);
}

FILE_TEST_SHUFFLED(many_listeners_share_a_signal)
{
    brio_signals *s = listen_to(SIGUSR1, 0), *t = listen_to(SIGUSR1, SIGUSR2);
    int a = 0, b = 0;
    BRIO_GROUP(g)
    {
        brio_task *x = brio_spawn(&g, next_of, s), *y = brio_spawn(&g, next_of, t);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        send(SIGUSR1);
        CHECK_OK(brio_join(x, &a));
        CHECK_OK(brio_join(y, &b));
    }
    CHECK_INT(a, SIGUSR1);
    CHECK_INT(b, SIGUSR1);
    brio_signals_close(s);
    send(SIGUSR2); /* to the one that is left, queued */
    CHECK_INT(brio_signals_next(t), SIGUSR2);
    brio_signals_close(t);
    return 0;
}

FILE_TEST_SHUFFLED(a_signal_stands_once_in_the_queue)
{
    brio_signals *s = listen_to(SIGUSR1, SIGUSR2);
    brio_signals *probe = listen_to(SIGUSR1, SIGUSR2);
    send(SIGUSR1);
    CHECK_INT(brio_signals_next(probe), SIGUSR1);
    send(SIGUSR2);
    CHECK_INT(brio_signals_next(probe), SIGUSR2);
    send(SIGUSR1);
    CHECK_INT(brio_signals_next(probe), SIGUSR1);
    CHECK_INT(brio_signals_next(s), SIGUSR1); /* in the order they came */
    CHECK_INT(brio_signals_next(s), SIGUSR2);
    BRIO_SCOPE(soon, .timeout = 1)
    CHECK_INT(brio_signals_next(s), -ECANCELED);
    brio_signals_close(s);
    brio_signals_close(probe);
    return 0;
}

FILE_TEST_SHUFFLED(tasks_take_turns)
{
    brio_signals *s = listen_to(SIGUSR1, 0);
    int a = 0, b = 0;
    BRIO_GROUP(g)
    {
        brio_task *x = brio_spawn(&g, next_of, s);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        brio_task *y = brio_spawn(&g, next_of, s);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        send(SIGUSR1);
        CHECK_OK(brio_join(x, &a)); /* waited longest */
        CHECK_INT(a, SIGUSR1);
        CHECK_INT(brio_task_result(y), -EINPROGRESS);
        send(SIGUSR1);
        CHECK_OK(brio_join(y, &b));
    }
    CHECK_INT(b, SIGUSR1);
    brio_signals_close(s);
    return 0;
}

FILE_TEST_SHUFFLED(cancelling_loses_no_signal)
{
    brio_signals *s = listen_to(SIGUSR1, 0), *probe = listen_to(SIGUSR1, 0);
    int result = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *x = brio_spawn(&g, next_of, s);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        send(SIGUSR1);
        CHECK_INT(brio_signals_next(probe), SIGUSR1);
        (void)brio_task_cancel(x); /* in the turn that it was handed over, or after */
        CHECK_OK(brio_join(x, &result));
    }
    if (result == -ECANCELED)
        result = brio_signals_next(s);
    CHECK_INT(result, SIGUSR1);
    brio_signals_close(s);
    brio_signals_close(probe);
    return 0;
}

FILE_TEST(what_cannot_be_listened_to_is_refused)
{
    brio_signals *s;
    int refused[] = {SIGKILL, SIGSTOP, 0, -1, 32, 65, 1000};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int signos[] = {SIGUSR1, refused[i]};
        CHECK_INT(brio_signals_open(&s, signos, 2), -EINVAL);
        CHECK(s == NULL);
    }
    CHECK_INT(brio_signals_open(&s, refused, 0), -EINVAL);
    brio_signal mine = {.fn = NULL};
    CHECK_OK(brio_signal_start(brio_loop_current(), &mine, SIGUSR1)); /* given back each time */
    CHECK_INT(brio_signals_open(&s, &(int){SIGUSR1}, 1), -EBUSY);
    brio_signal_stop(brio_loop_current(), &mine);
    s = listen_to(SIGUSR1, SIGUSR1);
    brio_signals_close(s);
    return 0;
}

FILE_TEST(the_last_signal_is_one_like_the_others)
{
    brio_signals *s = listen_to(SIGRTMAX, SIGHUP);
    brio_loop_raise(brio_loop_current(), SIGRTMAX);
    brio_loop_raise(brio_loop_current(), SIGRTMAX);
    CHECK_INT(brio_signals_next(s), SIGRTMAX);
    brio_loop_raise(brio_loop_current(), SIGHUP);
    CHECK_INT(brio_signals_next(s), SIGHUP);
    brio_signals_close(s);
    return 0;
}

static bool blocked(int signo)
{
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, signo);
}

FILE_TEST(after_the_last_listener_it_acts_as_before)
{
    brio_signals *s = listen_to(SIGUSR1, 0), *t = listen_to(SIGUSR1, 0);
    CHECK(blocked(SIGUSR1) == !on_sim);
    brio_signals_close(s);
    CHECK(blocked(SIGUSR1) == !on_sim);
    brio_signals_close(t);
    CHECK(!blocked(SIGUSR1));
    s = listen_to(SIGUSR1, 0); /* and again */
    send(SIGUSR1);
    CHECK_INT(brio_signals_next(s), SIGUSR1);
    brio_signals_close(s);
    return 0;
}

FILE_TEST_SHUFFLED(closing_wakes_those_who_wait)
{
    brio_signals *s = listen_to(SIGUSR1, 0);
    int a = 0;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_task *x = brio_spawn(&g, next_of, s);
        CHECK_OK(brio_yield());
        CHECK_OK(brio_yield());
        brio_signals_close(s);
        CHECK_OK(brio_join(x, &a));
    }
    CHECK_INT(a, BRIO_ECLOSED);
    return 0;
}

FILE_TEST(a_listener_nobody_closed_ends_with_the_loop)
{
    CHECK(listen_to(SIGUSR1, 0));
    return 0;
}
