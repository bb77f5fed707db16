/* SPDX-License-Identifier: MIT
 *
 * Signals on the loop: taken over, delivered there, given back. */
#include "loop/bed.h"

#include <pthread.h>
#include <signal.h>

typedef struct trap {
    brio_signal sig;
    brio_loop *loop;
    int count;
    bool stop_inside;
} trap;

static void on_signal(brio_signal *sig)
{
    trap *t = BRIO_CONTAINER(sig, trap, sig);
    CHECK(brio_loop_current() == t->loop);
    t->count++;
    if (t->stop_inside)
        brio_signal_stop(t->loop, sig);
    brio_loop_stop(t->loop);
}

static trap trap_of(brio_loop *loop)
{
    return (trap){.sig = {.fn = on_signal}, .loop = loop};
}

static bool blocked(int signo)
{
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    return sigismember(&set, signo);
}

TEST_REAL(a_signal_reaches_its_handler_on_the_loop)
{
    brio_loop *loop = bed_loop(backend);
    trap hup = trap_of(loop), term = trap_of(loop);
    CHECK_OK(brio_signal_start(loop, &hup.sig, SIGHUP));
    CHECK_OK(brio_signal_start(loop, &term.sig, SIGTERM));
    for (int i = 1; i <= 3; i++) {
        kill(getpid(), SIGTERM);
        CHECK_INT(term.count, i - 1);
        CHECK_OK(brio_loop_run(loop));
        CHECK_INT(term.count, i);
    }
    CHECK_INT(hup.count, 0);
    kill(getpid(), SIGHUP);
    CHECK_OK(brio_loop_run(loop));
    CHECK_INT(hup.count, 1);
    brio_signal_stop(loop, &term.sig);
    CHECK(!blocked(SIGTERM));
    CHECK(blocked(SIGHUP));
    brio_signal_stop(loop, &hup.sig);
    CHECK(!blocked(SIGHUP));
    brio_loop_free(loop);
}

TEST_REAL(a_block_of_the_caller_is_left_alone)
{
    brio_loop *loop = bed_loop(backend);
    trap t = trap_of(loop);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    CHECK_OK(brio_signal_start(loop, &t.sig, SIGUSR1));
    brio_signal_stop(loop, &t.sig);
    CHECK(blocked(SIGUSR1));
    brio_loop_free(loop);
}

TEST_REAL(a_handler_may_stop_its_signal)
{
    brio_loop *loop = bed_loop(backend);
    trap t = trap_of(loop);
    t.stop_inside = true;
    CHECK_OK(brio_signal_start(loop, &t.sig, SIGUSR2));
    kill(getpid(), SIGUSR2);
    CHECK_OK(brio_loop_run(loop));
    CHECK_INT(t.count, 1);
    brio_signal_stop(loop, &t.sig);                     /* harmless */
    CHECK_OK(brio_signal_start(loop, &t.sig, SIGUSR2)); /* and it can be taken again */
    kill(getpid(), SIGUSR2);
    CHECK_OK(brio_loop_run(loop));
    CHECK_INT(t.count, 2);
    brio_loop_free(loop);
}

TEST_REAL(every_signal_there_is_can_be_taken)
{
    brio_loop *loop = bed_loop(backend);
    trap t = trap_of(loop);
    CHECK_OK(brio_signal_start(loop, &t.sig, SIGRTMAX));
    kill(getpid(), SIGRTMAX);
    CHECK_OK(brio_loop_run(loop));
    brio_loop_raise(loop, SIGRTMAX);
    CHECK_OK(brio_loop_run(loop));
    CHECK_INT(t.count, 2);
    brio_signal_stop(loop, &t.sig);
    brio_loop_free(loop);
}

TEST_EACH(raise_delivers_without_the_kernel)
{
    brio_loop *loop = bed_loop(backend);
    trap t = trap_of(loop);
    CHECK_OK(brio_signal_start(loop, &t.sig, SIGINT));
    brio_loop_raise(loop, SIGINT);
    brio_loop_raise(loop, SIGINT);  /* pending is pending */
    brio_loop_raise(loop, SIGQUIT); /* nobody's */
    CHECK_INT(t.count, 0);
    CHECK_OK(brio_loop_run(loop));
    CHECK_INT(t.count, 1);
    brio_signal_stop(loop, &t.sig);
    brio_loop_free(loop);
}

TEST_EACH(impossible_and_taken_signals_are_refused)
{
    brio_loop *loop = bed_loop(backend);
    trap a = trap_of(loop), b = trap_of(loop);
    CHECK_INT(brio_signal_start(loop, &a.sig, SIGKILL), -EINVAL);
    CHECK_INT(brio_signal_start(loop, &a.sig, SIGSTOP), -EINVAL);
    CHECK_INT(brio_signal_start(loop, &a.sig, 0), -EINVAL);
    CHECK_INT(brio_signal_start(loop, &a.sig, 1000), -EINVAL);
    CHECK_INT(brio_signal_start(loop, &a.sig, 32), -EINVAL); /* the C library's own */
    CHECK_INT(brio_signal_start(loop, &a.sig, SIGRTMAX + 1), -EINVAL);
    CHECK_OK(brio_signal_start(loop, &a.sig, SIGTERM));
    CHECK_INT(brio_signal_start(loop, &b.sig, SIGTERM), -EBUSY);
    brio_signal_stop(loop, &a.sig);
    brio_loop_free(loop);
}
