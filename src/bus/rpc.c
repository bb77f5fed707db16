/* SPDX-License-Identifier: MIT
 *
 * JSON-RPC 2.0 on one WebSocket: the task of the handler reads, each call is a
 * task of a group that ends with the connection, and whoever asks the client
 * waits in a list until the reader finds its answer. */
#include "bus/rpc.h"

#include <errno.h>
#include <stdlib.h>

enum { CONCURRENT = 16, SECONDS = 30, BATCH = 100 };

/* ---- Answers that are waited for ------------------------------------------------ */

static bool settle(brio_rpc_peer *peer, const brio_json *message)
{
    const brio_json *id = brio_json_get(message, BRIO_S("id"));
    for (brio_link *l = peer->asks.next; id && id->type == BRIO_JSON_INT && l != &peer->asks;
         l = l->next) {
        brio_rpc_asking *a = BRIO_CONTAINER(l, brio_rpc_asking, link);
        if (a->id != id->integer)
            continue;
        brio_link_remove(&a->link);
        a->rc = 0;
        a->text = brio_strdup(peer->text);
        a->len = peer->text.len;
        brio_event_set(&a->answered);
        return true;
    }
    return false; /* it was given up, or never asked */
}

static void end_asks(brio_rpc_peer *peer)
{
    while (!brio_link_alone(&peer->asks)) {
        brio_rpc_asking *a = BRIO_CONTAINER(peer->asks.next, brio_rpc_asking, link);
        brio_link_remove(&a->link);
        a->rc = BRIO_ECLOSED;
        brio_event_set(&a->answered);
    }
}

/* ---- Reading ------------------------------------------------------------------------ */

static void refuse(brio_rpc_peer *peer, const brio_json *id, int code, const char *words)
{
    brio_buf out = {0};
    brio_rpc_error_write(&out, id, code, brio_str_from(words), NULL);
    (void)!brio_rpc_send(peer, &out);
}

static int start(brio_rpc_peer *peer, const brio_json *id, brio_task_fn *run)
{
    if (peer->running >= peer->concurrent) {
        refuse(peer, id, BRIO_RPC_BUSY, "Too many calls at once");
        return 0;
    }
    brio_rpc *call = brio_rpc_new(peer, peer->text);
    return call ? brio_rpc_start(peer, peer->group, call, run) : -ENOMEM;
}

bool brio_rpc_is_call(const brio_json *message)
{
    const brio_json *method = brio_json_get(message, BRIO_S("method"));
    return message->type == BRIO_JSON_OBJECT && method && method->type == BRIO_JSON_STR;
}

static bool is_answer(const brio_json *message)
{
    return message->type == BRIO_JSON_OBJECT && !brio_json_get(message, BRIO_S("method")) &&
           (brio_json_get(message, BRIO_S("result")) || brio_json_get(message, BRIO_S("error")));
}

static int take_batch(brio_rpc_peer *peer, const brio_json *message)
{
    if (message->n && message->n <= peer->batch)
        return start(peer, NULL, brio_rpc_run_batch);
    refuse(peer, NULL, message->n ? BRIO_RPC_BUSY : BRIO_RPC_INVALID,
           message->n ? "Too many calls in a batch" : "Invalid Request");
    return 0;
}

static int take(brio_rpc_peer *peer)
{
    brio_json message;
    if (brio_json_parse(brio_ws_arena(peer->ws), peer->text, NULL, &message, NULL) < 0)
        refuse(peer, NULL, BRIO_RPC_PARSE, "Parse error");
    else if (message.type == BRIO_JSON_ARRAY)
        return take_batch(peer, &message);
    else if (brio_rpc_is_call(&message))
        return start(peer, brio_json_get(&message, BRIO_S("id")), brio_rpc_run);
    else if (is_answer(&message))
        (void)settle(peer, &message);
    else
        refuse(peer, NULL, BRIO_RPC_INVALID, "Invalid Request");
    return 0;
}

static int read_all(brio_rpc_peer *peer)
{
    int rc = 0;
    while (rc >= 0 && (rc = brio_ws_receive_text(peer->ws, &peer->text)) >= 0)
        rc = take(peer);
    return rc;
}

static int begin(brio_rpc_peer *peer, const brio_rpc_options *o)
{
    brio_rpc *call = o->open ? brio_zalloc(1, sizeof *call) : NULL;
    if (!call)
        return o->open ? -ENOMEM : 0;
    call->peer = peer;
    call->open = o->open;
    return brio_rpc_start(peer, peer->group, call, brio_rpc_run_open);
}

int brio_rpc_serve(brio_websocket *ws, const brio_rpc_method *methods,
                   const brio_rpc_options *options)
{
    static const brio_rpc_options none = {0};
    const brio_rpc_options *o = options ? options : &none;
    brio_rpc_peer peer = {.ws = ws,
                          .methods = methods,
                          .state = o->state,
                          .concurrent = o->concurrent ? o->concurrent : CONCURRENT,
                          .batch = o->batch ? o->batch : BATCH,
                          .timeout = o->timeout ? o->timeout : BRIO_SEC(SECONDS)};
    int rc = 0;
    brio_link_init(&peer.asks);
    BRIO_GROUP(group, .policy = BRIO_COLLECT, .discard = true)
    {
        peer.group = &group;
        rc = begin(&peer, o);
        if (rc >= 0)
            rc = read_all(&peer);
        end_asks(&peer);
        peer.ended = true;
        brio_group_cancel(&group);
    }
    return rc;
}
