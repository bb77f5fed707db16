/* SPDX-License-Identifier: MIT
 *
 * brio/rpc.h: request and response over a WebSocket, with ids and time-outs, in
 * both directions: JSON-RPC 2.0 (jsonrpc.org/specification). A part of
 * <brio/bus.h>, which includes it.
 *
 *     static int add(brio_rpc *call, const Pair *in, Sum *out)
 *     {
 *         out->sum = in->a + in->b;
 *         return 0;                      // {"jsonrpc": "2.0", "id": 1, "result": {"sum": 3}}
 *     }
 *     static const brio_rpc_method methods[] = {BRIO_RPC_METHOD("add", add, Pair, Sum), {0}};
 *
 *     static int serve(brio_request *req, const brio_none *in, brio_websocket *ws)
 *     {
 *         int rc = brio_ws_accept(ws, NULL);
 *         return rc < 0 ? rc : brio_rpc_serve(ws, methods, NULL);
 *     }
 *
 * Each call is a task, so a slow one does not keep the others: answers come in the
 * order in which they are ready. The calls of a batch (an array of them) run one after
 * the other, and are answered with one array, in their order. */
#ifndef BRIO_RPC_H
#define BRIO_RPC_H

#include <brio/base.h>
#include <brio/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_websocket;

/* One call, in the hands of its method. Valid until that returns. */
typedef struct brio_rpc brio_rpc;

/* A method; made by the macro. Text is borrowed. */
typedef struct brio_rpc_method {
    const char *name; /* NULL ends the list */
    int (*fn)(brio_rpc *call, const void *in, void *out);
    brio_model_fn *in, *out;
} brio_rpc_method;
/* `fn` is int fn(brio_rpc *, const In *, Out *). In: a model, for params by name;
 * a list or tuple, by position; brio_none for none. It may suspend. 0, and `out` is
 * the result; < 0: the error, as brio_rpc_fail said, else -32603. */
#define BRIO_RPC_METHOD(method, fn, In, Out)                                                  \
    {(method),                                                                                \
     (int (*)(brio_rpc *, const void *, void *))(void (*)(void))(1 ? (fn)                     \
         : (int (*)(brio_rpc *, const In *, Out *))0),                                        \
     In##_model, Out##_model}

typedef struct brio_rpc_options {
    size_t concurrent; /* calls of one client at once; 0 means 16; beyond: the error -32000 */
    size_t batch;      /* calls of a batch, which is one of those at once; 0 means 100; beyond: the
                          error -32000 for all of it */
    brio_time timeout; /* of a call, and of an answer that is waited for; 0 means 30 s; the error -32001 */
    void *state;       /* borrowed; brio_rpc_state() gives it back */
    /* Called as a task when serving begins, for a server that asks first. NULL: not. */
    int (*open)(brio_rpc *call);
} brio_rpc_options;

/* Serves an accepted socket until it ends: reads calls, runs methods, sends answers.
 * `methods` ends with {0}; borrowed, as `options` (may be NULL). **Suspends**.
 * BRIO_ECLOSED; -ECANCELED; -ENOMEM. Its calls have ended when it returns. */
BRIO_API int brio_rpc_serve(struct brio_websocket *ws, const brio_rpc_method *methods,
                            const brio_rpc_options *options) BRIO_CHECKED;

/* The other way: asks the client, and waits for its answer. `in` is written through
 * its model, the result read into `out`; memory of the call's arena. **Suspends**. 0;
 * -ETIMEDOUT; BRIO_EINVALID, a result that does not fit; BRIO_EHTTP, the client's error,
 * with its words in brio_error_detail; BRIO_ECLOSED; -ECANCELED; -ENOMEM. */
BRIO_API int brio_rpc_ask(brio_rpc *call, const char *method, const brio_model *in_model,
                          const void *in, const brio_model *out_model, void *out) BRIO_CHECKED;
/* A notification: a call that wants no answer. **Suspends** as brio_ws_send_text. 0;
 * BRIO_ECLOSED; -ECANCELED; BRIO_EMODEL, `in` does not fit its model; -ENOMEM. */
BRIO_API int brio_rpc_notify(brio_rpc *call, const char *method, const brio_model *in_model,
                             const void *in) BRIO_CHECKED;

/* `return brio_rpc_fail(call, 404, "no such item")`: that error for the client; the
 * text is copied. < 0. */
BRIO_API int brio_rpc_fail(brio_rpc *call, int code, const char *fmt, ...)
    BRIO_PRINTF(3, 4) BRIO_CHECKED;
BRIO_API brio_arena *brio_rpc_arena(brio_rpc *call); /* until the call has ended */
BRIO_API struct brio_websocket *brio_rpc_websocket(brio_rpc *call);
BRIO_API void *brio_rpc_state(brio_rpc *call);

#ifdef __cplusplus
}
#endif
#endif
