/* SPDX-License-Identifier: MIT
 *
 * Signals for tasks: many listeners of what the loop lets one owner have.
 *
 * The owner is a fan, one per loop while there are listeners: it takes a signal
 * over when the first asks for it, gives it back with the last, and passes each
 * one on to everybody who wants it: to the task that has waited longest, else
 * into the listener's queue, where a signal stands once, as it would with the
 * kernel. A signal handed to a task wins over a cancellation of the same turn. */
#include "io/io_internal.h"

#include <brio/subprocess.h>

#include <errno.h>

enum { SIGNALS = 64 }; /* the kernel's last, SIGRTMAX */

typedef struct fan {
    brio_loop *loop;
    void **slot;
    brio_link listeners; // brio_signals::link
    struct {
        brio_signal signal;
        unsigned users;
    } taken[SIGNALS + 1]; /* by number */
} fan;

struct brio_signals {
    fan *fan;
    brio_arena *arena; /* of the task that closes it at its end; NULL: nobody does */
    brio_link link;    // fan::listeners
    brio_link waiters; // brio_waiter::link
    brio_io_left left;
    uint64_t wanted; /* bit n - 1: signal n */
    uint64_t pending;
    uint8_t queue[SIGNALS]; /* of what is pending, oldest first */
    size_t queued;
};

static const char key;

static uint64_t bit(int signo)
{
    return UINT64_C(1) << (signo - 1);
}

/* ---- The fan ------------------------------------------------------------ */

static void hand_over(brio_signals *s, int signo)
{
    if (!brio_link_alone(&s->waiters)) {
        brio_link *first = s->waiters.next;
        brio_link_remove(first);
        brio_unpark(BRIO_CONTAINER(first, brio_waiter, link), signo);
        return;
    }
    if (s->pending & bit(signo))
        return;
    s->pending |= bit(signo);
    s->queue[s->queued++] = (uint8_t)signo;
}

static void on_signal(brio_signal *signal)
{
    void **slot = brio_tasks_local(brio_loop_current(), &key);
    fan *f = *slot;
    for (brio_link *l = f->listeners.next; l != &f->listeners; l = l->next) {
        brio_signals *s = BRIO_CONTAINER(l, brio_signals, link);
        if (s->wanted & bit(signal->signo))
            hand_over(s, signal->signo);
    }
}

static fan *fan_here(void)
{
    brio_loop *loop = brio_loop_current();
    BRIO_ASSERT(loop);
    void **slot = brio_tasks_local(loop, &key);
    fan *f = *slot ? *slot : brio_zalloc(1, sizeof *f);
    if (!f || *slot)
        return f;
    f->loop = loop;
    f->slot = slot;
    brio_link_init(&f->listeners);
    *slot = f;
    return f;
}

static void fan_free_if_idle(fan *f)
{
    if (!brio_link_alone(&f->listeners))
        return;
    *f->slot = NULL;
    free(f);
}

static int take(fan *f, int signo)
{
    if (signo <= 0 || signo > SIGNALS)
        return -EINVAL;
    f->taken[signo].signal.fn = on_signal;
    int rc = f->taken[signo].users ? 0 : brio_signal_start(f->loop, &f->taken[signo].signal, signo);
    f->taken[signo].users += rc == 0;
    return rc;
}

static void give_back_all(brio_signals *s)
{
    for (int signo = 1; signo <= SIGNALS; signo++)
        if (s->wanted & bit(signo) && --s->fan->taken[signo].users == 0)
            brio_signal_stop(s->fan->loop, &s->fan->taken[signo].signal);
}

/* ---- Listeners ---------------------------------------------------------- */

static void release(brio_signals *s)
{
    while (!brio_link_alone(&s->waiters)) {
        brio_link *first = s->waiters.next;
        brio_link_remove(first);
        brio_unpark(BRIO_CONTAINER(first, brio_waiter, link), BRIO_ECLOSED);
    }
    give_back_all(s);
    brio_link_remove(&s->link);
    brio_link_remove(&s->left.link);
    fan_free_if_idle(s->fan);
    free(s);
}

static void close_deferred(void *arg)
{
    release(arg);
}

void brio_signals_close(brio_signals *s)
{
    if (!s)
        return;
    if (s->arena)
        (void)brio_defer_pop(s->arena, close_deferred, s, false);
    release(s);
}

static void close_leftover(brio_io_left *left)
{
    brio_signals *s = BRIO_CONTAINER(left, brio_signals, left);
    brio_link_init(&s->waiters); /* of abandoned tasks */
    brio_io_left_tell(left, "listener to signals", (int)s->queued);
    release(s);
}

static brio_signals *listener_new(fan *f)
{
    brio_signals *s = brio_zalloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fan = f;
    brio_link_init(&s->waiters);
    brio_link_init(&s->left.link);
    brio_link_insert_before(&f->listeners, &s->link);
    return s;
}

static int take_all(brio_signals *s, const int *signos, size_t n)
{
    int rc = n ? 0 : -EINVAL;
    for (size_t i = 0; i < n && rc == 0; i++) {
        bool has = signos[i] > 0 && signos[i] <= SIGNALS && s->wanted & bit(signos[i]);
        rc = has ? 0 : take(s->fan, signos[i]);
        if (rc == 0)
            s->wanted |= bit(signos[i]);
    }
    return rc;
}

int brio_signals_open(brio_signals **ret, const int *signos, size_t n)
{
    *ret = NULL;
    brio_io_defer_reserve();
    fan *f = fan_here();
    brio_signals *s = f ? listener_new(f) : NULL;
    if (!s) {
        if (f)
            fan_free_if_idle(f);
        return -ENOMEM;
    }
    int rc = take_all(s, signos, n);
    if (rc == 0)
        rc = brio_io_left_add(&s->left, close_leftover);
    if (rc < 0) {
        release(s);
        return rc;
    }
    *ret = s;
    if (brio_current_task()) {
        s->arena = brio_task_arena();
        brio_defer_push(s->arena, close_deferred, s);
    }
    return 0;
}

static int dequeue(brio_signals *s)
{
    int signo = s->queue[0];
    memmove(s->queue, s->queue + 1, --s->queued);
    s->pending &= ~bit(signo);
    return signo;
}

static bool stop_waiting(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

int brio_signals_next(brio_signals *s)
{
    int rc = brio_cancel_point();
    if (rc < 0)
        return rc;
    if (s->queued)
        return dequeue(s);
    brio_waiter waiter = {.on_cancel = stop_waiting, .kind = BRIO_WAIT_SIGNAL, .on = s};
    brio_link_insert_before(&s->waiters, &waiter.link);
    return brio_park(&waiter);
}
