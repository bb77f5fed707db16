/* SPDX-License-Identifier: MIT
 *
 * The end of a worker, as the main task sees it: wait until told to stop,
 * then until the last connection and the last handler are gone, at most the
 * grace period; then cancel what is left and wait once more, shortly.
 *
 * While a worker stops, answers carry `connection: close`. Idle connections
 * close at once, except on a worker that has a successor: its clients may be
 * sending a request this very moment, so they are left to their keep-alive
 * timeout and nobody sees a reset. Background tasks count as handlers. */
#include "server/server_internal.h"

/* For what cannot be cancelled: a job on a thread, a shielded scope. */
#define LAST_WAIT BRIO_SEC(2)

typedef struct change {
    brio_waiter waiter;
    brio_server_worker *w;
} change;

static bool stop_waiting(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, change, waiter)->w->waiter = NULL;
    return true;
}

/* Suspends until something changes. < 0: the scope's time is over. */
static int wait_change(brio_server_worker *w)
{
    change c = {.waiter.on_cancel = stop_waiting, .w = w};
    BRIO_ASSERT(!w->waiter);
    w->waiter = &c.waiter;
    return brio_park(&c.waiter);
}

static bool all_gone(const brio_server_worker *w)
{
    return !w->accepting && w->n_conns == 0 && w->n_running == 0;
}

static void wait_gone(brio_server_worker *w)
{
    while (!all_gone(w) && w->mode < BRIO_SERVER_FORCED)
        if (wait_change(w) < 0)
            return;
}

/* ---- By force ----------------------------------------------------------- */

static void drop_all(brio_server_worker *w)
{
    for (brio_server_conn *c = NULL; (c = brio_server_conns_next(w, c));)
        brio_server_conn_drop(c);
}

/* Background tasks: brio_app_cancel spares them, but the time is over. */
static void cancel_orphans(brio_server_worker *w)
{
    for (brio_link *l = w->orphans.next, *next; l != &w->orphans; l = next) {
        brio_server_exchange *x = BRIO_CONTAINER(l, brio_server_exchange, link);
        next = l->next;
        if ((x->complete || x->upgraded) && !x->cancelled && x->ex.task)
            (void)brio_task_cancel(x->ex.task);
        x->cancelled = true;
    }
}

static void insist(brio_server_worker *w)
{
    drop_all(w);
    do {
        cancel_orphans(w);
        brio_server_guests_cancel(w);
        brio_server_stream_cancel_strays(w);
    } while (!all_gone(w) && wait_change(w) >= 0);
}

static void use_force(brio_server_worker *w)
{
    brio_log(BRIO_LOG_WARNING, "Cancelling %zu running request(s): the grace period is over",
             w->n_running);
    brio_server_worker_stop(w, BRIO_SERVER_FORCED);
    BRIO_SCOPE(last, .timeout = LAST_WAIT)
    insist(w);
    if (w->n_running)
        brio_log(BRIO_LOG_ERROR, "%zu request(s) could not be cancelled", w->n_running);
}

/* Closed connections whose last bytes a handler does not give back: that is for
 * brio_tasks_close to end. */
static void wait_closed(brio_server_worker *w)
{
    while ((w->n_conns > w->n_shells || w->accepting) && wait_change(w) >= 0)
        ;
    if (w->n_shells)
        brio_log(BRIO_LOG_ERROR, "%zu handler(s) of WebSockets could not be cancelled",
                 w->n_shells);
}

void brio_server_worker_drain(brio_server_worker *w)
{
    while (w->mode == BRIO_SERVER_SERVING)
        if (wait_change(w) < 0)
            brio_server_worker_stop(w, BRIO_SERVER_STOPPING); /* the main task was cancelled */
    BRIO_SCOPE(grace, .timeout = w->options->grace)
    wait_gone(w);
    if (!all_gone(w))
        use_force(w);
    wait_closed(w);
}
