/* SPDX-License-Identifier: MIT
 *
 * A connection that speaks JSON-RPC, its calls, and who waits for an answer. */
#ifndef BRIO_BUS_RPC_H
#define BRIO_BUS_RPC_H

#include <brio/app.h>
#include <brio/rpc.h>
#include <brio/task.h>

enum { /* of the specification, and ours behind them */
       BRIO_RPC_PARSE = -32700,
       BRIO_RPC_INVALID = -32600,
       BRIO_RPC_NO_METHOD = -32601,
       BRIO_RPC_NO_PARAMS = -32602,
       BRIO_RPC_INTERNAL = -32603,
       BRIO_RPC_BUSY = -32000,
       BRIO_RPC_LATE = -32001
};

typedef struct brio_rpc_peer {
    brio_websocket *ws;
    const brio_rpc_method *methods;
    void *state;
    size_t concurrent, running, batch;
    brio_time timeout;
    brio_group *group;
    brio_str text;  /* of the message that is being read */
    brio_link asks; // brio_rpc_asking::link
    int64_t ids;
    bool ended;
} brio_rpc_peer;

typedef struct brio_rpc_asking {
    brio_link link;
    int64_t id;
    brio_event answered;
    char *text; /* owned: the answer; NULL without memory */
    size_t len;
    int rc;
} brio_rpc_asking;

struct brio_rpc {
    brio_rpc_peer *peer;
    int (*open)(brio_rpc *call);
    const brio_rpc_method *method;
    const brio_json *id; /* NULL: nobody waits for the answer */
    const brio_json *params;
    void *in, *out;
    int code; /* brio_rpc_fail; 0: nothing was said */
    brio_str words;
    brio_rpc *batch;  /* that it is of; NULL: of none */
    brio_buf answers; /* of its calls, if it is a batch: "[{...},{...}" */
    size_t len;
    char text[];
};

/* A call with a copy of its text. NULL: no memory. */
brio_rpc *brio_rpc_new(brio_rpc_peer *peer, brio_str text);
/* Takes the call and runs it as a task of the group. 0, -ECANCELED. */
int brio_rpc_start(brio_rpc_peer *peer, brio_group *group, brio_rpc *call,
                   brio_task_fn *run) BRIO_CHECKED;
/* The bodies of those tasks, and what they defer. */
int brio_rpc_run(void *call);
int brio_rpc_run_open(void *call);
int brio_rpc_run_batch(void *call);
void brio_rpc_drop(void *call);
/* An object that names a method. */
bool brio_rpc_is_call(const brio_json *message);
/* Takes a call's answer to where it goes: to the client, or to its batch. Suspends. */
int brio_rpc_deliver(brio_rpc *call, brio_buf *out) BRIO_CHECKED;

/* Appends an error's answer. `id` NULL: null. `data`: JSON text, or NULL. */
void brio_rpc_error_write(brio_buf *out, const brio_json *id, int code, brio_str words,
                          const brio_str *data);
/* Sends and frees what was written. Suspends. */
int brio_rpc_send(brio_rpc_peer *peer, brio_buf *out) BRIO_CHECKED;

#endif
