/* SPDX-License-Identifier: MIT
 *
 * What the app is lent for a WebSocket that its handler waits on: who asks, and a
 * way to say that it is over. Parser, buffers and all else of the exchange are back
 * in the pool as soon as the 101 is out. A guest lies in the arena of the handler's
 * task, and so in the page of its stack. */
#include "server/server_internal.h"

#include <errno.h>

static brio_server_guest *of(brio_exchange *ex)
{
    return BRIO_CONTAINER(ex, brio_server_guest, ex);
}

static void finished(brio_exchange *ex)
{
    brio_server_guest *g = of(ex);
    brio_server_worker *w = g->worker;
    if (g->conn)
        g->conn->guest = NULL;
    brio_link_remove(&g->link);
    w->n_running--;
    brio_server_metrics_running(w);
    brio_server_worker_changed(w);
}

static int tls_info(brio_exchange *ex, brio_tls_info *ret)
{
    return brio_server_tls_info(of(ex)->conn, ret);
}

static int tls_peer(brio_exchange *ex, brio_arena *arena, brio_tls_certificate *ret)
{
    return brio_server_tls_peer(of(ex)->conn, arena, ret);
}

brio_exchange *brio_server_guest_enter(brio_server_exchange *x, brio_server_guest *g)
{
    *g = (brio_server_guest){.worker = x->worker, .conn = x->conn};
    g->ex = (brio_exchange){.http = x->ex.http,
                            .arena = x->ex.arena,
                            .client_host = x->ex.client_host,
                            .client_port = x->ex.client_port,
                            .scheme = x->ex.scheme,
                            .tls_info = tls_info,
                            .tls_peer = tls_peer,
                            .failed = x->ex.failed,
                            .finished = finished,
                            .route = x->ex.route,
                            .root_path = x->ex.root_path,
                            .request_id = x->ex.request_id,
                            .trace_id = x->ex.trace_id,
                            .task = x->ex.task,
                            .request = x->ex.request};
    x->conn->guest = g;
    brio_link_insert_before(&x->worker->guests, &g->link);
    return &g->ex;
}

void brio_server_guest_alone(brio_server_conn *conn)
{
    if (conn->upgraded && conn->guest)
        conn->guest->conn = NULL;
}

void brio_server_guests_cancel(const brio_server_worker *w)
{
    for (brio_link *l = w->guests.next, *next; l != &w->guests; l = next) {
        brio_server_guest *g = BRIO_CONTAINER(l, brio_server_guest, link);
        next = l->next;
        if (g->cancelled)
            continue;
        g->cancelled = true;
        brio_app_cancel(&g->ex);
        if (g->ex.task)
            (void)brio_task_cancel(g->ex.task);
    }
}
