/* SPDX-License-Identifier: MIT
 *
 * A batch of JSON-RPC (section 6 of the specification): an array of calls, whose
 * answers are one array.
 *
 * It is one task, which runs its calls one after the other, each as a task of its own
 * with its own memory and time. So a batch is one of the client's calls at once, however
 * long it is, and its answers stand in the order of its calls. */
#include "bus/rpc.h"

#include <errno.h>

int brio_rpc_deliver(brio_rpc *call, brio_buf *out)
{
    if (!call->batch)
        return brio_rpc_send(call->peer, out);
    brio_buf *all = &call->batch->answers;
    brio_buf_char(all, all->len ? ',' : '[');
    brio_buf_add(all, brio_buf_str(out));
    all->failed |= out->failed;
    brio_buf_fini(out);
    return 0;
}

static void put_error(brio_rpc *batch, const brio_json *id, int code, const char *words)
{
    brio_rpc element = {.batch = batch};
    brio_buf out = {0};
    brio_rpc_error_write(&out, id, code, brio_str_from(words), NULL);
    (void)!brio_rpc_deliver(&element, &out);
}

/* Runs a call to its end; its place is the batch's own. */
static int run_call(brio_rpc *batch, const brio_json *message)
{
    brio_rpc_peer *peer = batch->peer;
    const brio_json *id = brio_json_get(message, BRIO_S("id"));
    size_t before = batch->answers.len;
    int rc = -ENOMEM;
    brio_rpc *call = brio_rpc_new(peer, brio_json_text(brio_task_arena(), message));
    if (!call)
        return rc;
    call->batch = batch;
    peer->running--;
    BRIO_GROUP(group, .policy = BRIO_COLLECT, .discard = true)
    rc = brio_rpc_start(peer, &group, call, brio_rpc_run);
    peer->running++;
    if (rc >= 0)
        rc = brio_checkpoint();
    if (rc >= 0 && id && batch->answers.len == before) /* it was abandoned */
        put_error(batch, id, BRIO_RPC_INTERNAL, "Internal error");
    return rc;
}

int brio_rpc_run_batch(void *arg)
{
    brio_rpc *batch = arg;
    brio_arena *arena = brio_task_arena();
    brio_json message;
    brio_defer_push(arena, brio_rpc_drop, batch);
    int rc = brio_json_parse(arena, (brio_str){batch->text, batch->len}, NULL, &message, NULL);
    for (size_t i = 0; rc >= 0 && i < message.n; i++) {
        if (brio_rpc_is_call(&message.items[i]))
            rc = run_call(batch, &message.items[i]);
        else
            put_error(batch, NULL, BRIO_RPC_INVALID, "Invalid Request");
    }
    if (rc < 0 || batch->answers.len == 0)
        return rc; /* or nothing but notifications */
    brio_buf_char(&batch->answers, ']');
    return brio_rpc_send(batch->peer, &batch->answers);
}
