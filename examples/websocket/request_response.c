/* SPDX-License-Identifier: MIT
 *
 * Request and response, JSON-RPC 2.0: a client finds its answers by their ids.
 *     {"jsonrpc": "2.0", "id": 1, "method": "add", "params": {"a": 1, "b": 2}} */
#include <brio/brio.h>

typedef struct Pair {
    double a, b;
} Pair;
BRIO_MODEL(Pair, BRIO_FIELD(a), BRIO_FIELD(b));

static int add(brio_rpc *call, const Pair *in, double *out)
{
    (void)call;
    *out = in->a + in->b;
    return 0;
}

static int divide(brio_rpc *call, const Pair *in, double *out)
{
    if (in->b == 0)
        return brio_rpc_fail(call, 1, "division by zero");
    *out = in->a / in->b;
    return brio_sleep(BRIO_MS(100)); /* it is hard work: others do not wait for it */
}

static int serve(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    static const brio_rpc_method methods[] = {BRIO_RPC_METHOD("add", add, Pair, double),
                                              BRIO_RPC_METHOD("divide", divide, Pair, double),
                                              {0}};
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : brio_rpc_serve(ws, methods, &(brio_rpc_options){.timeout = BRIO_SEC(5)});
}

BRIO_MAIN(.title = "Request and response")
{
    BRIO_WEBSOCKET(app, "/ws", serve, brio_none);
}
