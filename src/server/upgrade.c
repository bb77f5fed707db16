/* SPDX-License-Identifier: MIT
 *
 * A connection that speaks another protocol after its request: WebSocket.
 *
 * The answer is a 101, and from there on bytes pass as they are, in both
 * directions, between the socket and whoever handles the request; the HTTP
 * parser sees no more of them. There is no limit on silence. A client that is
 * gone does not cancel the handler: it reads the end and says goodbye to
 * others. When the worker stops, the reader is told, and the connection ends
 * with its request. */
#include "server/server_internal.h"

#include <errno.h>

static brio_server_exchange *of(brio_exchange *ex)
{
    return BRIO_CONTAINER(ex, brio_server_exchange, ex);
}

/* ---- The switch ------------------------------------------------------------ */

int brio_server_upgrade(brio_exchange *ex, const brio_http_response *response)
{
    brio_server_exchange *x = of(ex);
    BRIO_ASSERT(x->running);
    BRIO_ASSERT(!x->responded);
    if (!x->conn || x->conn->closing)
        return -EPIPE;
    brio_server_worker_stamp(x->worker);
    int rc = brio_http_write_head(&x->http, &x->out, &x->worker->stamp, response, false);
    if (rc < 0)
        return rc;
    x->responded = x->upgraded = true;
    x->status = response->status;
    brio_server_access_log(x->conn, x->http.request, x->status);
    brio_server_exchange_schedule(x);
    return 0;
}

void brio_server_upgrade_end(brio_server_exchange *x)
{
    x->complete = true;
    x->conn->last = x->conn->linger = true;
}

void brio_server_upgrade_stop(brio_server_exchange *x)
{
    if (x->upgraded)
        brio_server_body_wake(x, 0);
}

/* ---- Bytes ------------------------------------------------------------------- */

static void take(brio_server_exchange *x, brio_str *ret_piece)
{
    *ret_piece = x->rest;
    x->queued -= x->rest.len;
    x->rest = brio_str_slice(x->rest, x->rest.len, 0);
    if (x->conn && x->conn->paused)
        brio_server_exchange_schedule(x);
}

int brio_server_upgrade_read(brio_server_exchange *x, brio_str *ret_piece)
{
    int rc = 0;
    *ret_piece = (brio_str){NULL, 0};
    while (rc >= 0) {
        brio_server_input_trim(x);
        if (x->rest.len) { /* also what came before the connection broke */
            take(x, ret_piece);
            return 1;
        }
        if (!x->conn || x->conn->closing)
            return -EPIPE;
        if (x->conn->eof)
            return 0;
        if (x->worker->mode >= BRIO_SERVER_STOPPING)
            return -ESHUTDOWN;
        rc = brio_server_body_wait(x, BRIO_NEVER);
    }
    return rc;
}
