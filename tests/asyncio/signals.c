/* SPDX-License-Identifier: MIT
 *
 * Signals: a handler runs on the loop, never inside the signal; it is replaced
 * and removed. */
#include "pair.h"

#include <signal.h>

typedef struct handler {
    brio_signal signal;
    const char *name;
} handler;

static brio_event seen = BRIO_EVENT_INIT;

static void handled(brio_signal *sig)
{
    say("%s handled", BRIO_CONTAINER(sig, handler, signal)->name);
    brio_event_set(&seen);
}

static int raise_one(int signo)
{
    brio_loop *loop = brio_loop_current();
    if (brio_loop_is_sim(loop))
        brio_loop_raise(loop, signo);
    else
        (void)raise(signo);
    say("raised");
    int rc = brio_event_wait(&seen);
    brio_event_clear(&seen);
    return rc;
}

static int run(void *arg)
{
    static handler one = {{.fn = handled}, "usr1"}, two = {{.fn = handled}, "usr2"},
                   other = {{.fn = handled}, "usr1, replaced"}, none = {{.fn = handled}, "kill"};
    brio_loop *loop = brio_loop_current();
    (void)arg;
    int rc = brio_signal_start(loop, &one.signal, SIGUSR1);
    rc = rc < 0 ? rc : brio_signal_start(loop, &two.signal, SIGUSR2);
    rc = rc < 0 ? rc : raise_one(SIGUSR1);
    rc = rc < 0 ? rc : raise_one(SIGUSR2);
    brio_signal_stop(loop, &one.signal);
    rc = rc < 0 ? rc : brio_signal_start(loop, &other.signal, SIGUSR1);
    rc = rc < 0 ? rc : raise_one(SIGUSR1);
    brio_signal_stop(loop, &other.signal);
    say("removed True");
    rc = rc < 0 ? rc : raise_one(SIGUSR2);
    brio_signal_stop(loop, &two.signal);
    if (brio_signal_start(loop, &none.signal, SIGKILL) == -EINVAL)
        say("not this one");
    return rc;
}

PAIR_MAIN(run)
