/* SPDX-License-Identifier: MIT
 *
 * JSON-RPC over a WebSocket, both ways: the specification's examples, time-outs,
 * ids of every kind, too much at once. */
#include "harness/test.h"

#include <brio/app.h>
#include <brio/bus.h>
#include <brio/task.h>

#include <errno.h>

typedef struct Pair {
    int64_t a, b;
} Pair;
BRIO_MODEL(Pair, BRIO_FIELD(a), BRIO_FIELD(b));

typedef struct Sum {
    int64_t sum;
} Sum;
BRIO_MODEL(Sum, BRIO_FIELD(sum));

static int notified, ended;

static int add(brio_rpc *call, const Pair *in, Sum *out)
{
    (void)call;
    notified++;
    out->sum = in->a + in->b;
    return 0;
}

static int subtract(brio_rpc *call, const brio_i64_list *in, int64_t *out)
{
    if (in->len != 2)
        return brio_rpc_fail(call, 42, "%d numbers, not two", (int)in->len);
    *out = in->items[0] - in->items[1];
    return 0;
}

static int sleep_long(brio_rpc *call, const brio_none *in, brio_none *out)
{
    (void)call, (void)in, (void)out;
    int rc = brio_sleep(BRIO_SEC(100));
    ended++;
    return rc;
}

static int broken(brio_rpc *call, const brio_none *in, brio_none *out)
{
    (void)call, (void)in, (void)out;
    return -EIO;
}

/* Asks the client for twice as much and gives back what it said. */
static int twice(brio_rpc *call, const Pair *in, Sum *out)
{
    int rc = brio_rpc_ask(call, "double", BRIO_TYPE(Pair), in, BRIO_TYPE(Sum), out);
    if (rc == BRIO_EHTTP)
        return brio_rpc_fail(call, 7, "you said: %.*s", BRIO_ARG(brio_error_detail()));
    return rc;
}

static const brio_rpc_method methods[] = {
    BRIO_RPC_METHOD("add", add, Pair, Sum),
    BRIO_RPC_METHOD("subtract", subtract, brio_i64_list, int64_t),
    BRIO_RPC_METHOD("sleep", sleep_long, brio_none, brio_none),
    BRIO_RPC_METHOD("broken", broken, brio_none, brio_none),
    BRIO_RPC_METHOD("twice", twice, Pair, Sum),
    {0},
};

static int serve(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    static const brio_rpc_options options = {.concurrent = 2, .timeout = BRIO_SEC(10)};
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : brio_rpc_serve(ws, methods, &options);
}

static brio_app *app;
static brio_test_client *client;
static brio_test_socket *s;

static void open_all(void)
{
    app = brio_app_new(NULL);
    BRIO_WEBSOCKET(app, "/rpc", serve, brio_none);
    CHECK_OK(brio_test_client_open(&client, app));
    CHECK_OK(brio_test_socket_open(client, "/rpc", NULL, &s, NULL));
    notified = ended = 0;
}

static void close_all(void)
{
    CHECK_OK(brio_test_client_close(client));
    brio_app_free(app);
}

static void says(const char *text)
{
    brio_test_socket_send_text(s, brio_str_from(text));
}

#define CHECK_ANSWER(want)                                                                         \
    do {                                                                                           \
        brio_ws_message got;                                                                       \
        CHECK_OK(brio_test_socket_receive(s, &got, NULL));                                         \
        CHECK_STR(got.data, want);                                                                 \
    } while (0)

TEST(calls_and_their_ids)
{
    open_all();
    says("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":{\"a\":1,\"b\":2},\"id\":1}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"sum\":3}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"subtract\",\"params\":[42,23],\"id\":\"x\"}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":19}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"subtract\",\"params\":[1],\"id\":null}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":42,\"message\":"
                 "\"1 numbers, not two\"}}");
    close_all();
}

TEST(a_notification_is_not_answered)
{
    open_all();
    brio_ws_message m;
    says("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":{\"a\":1,\"b\":2}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"nowhere\"}");
    CHECK_INT(brio_test_socket_receive(s, &m, NULL), BRIO_EDEADLOCK);
    CHECK_INT(notified, 1);
    close_all();
}

TEST(what_is_no_call)
{
    open_all();
    says("{\"jsonrpc\":\"2.0\",\"method\":\"foobar,\"params\":\"bar\",\"baz]");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse "
                 "error\"}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":1,\"params\":\"bar\"}");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"Invalid "
        "Request\"}}");
    says("[]");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"Invalid "
        "Request\"}}");
    says("{\"method\":\"add\",\"id\":5}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":5,\"error\":{\"code\":-32600,\"message\":\"Invalid "
                 "Request\"}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"foobar\",\"id\":\"1\"}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"error\":{\"code\":-32601,\"message\":"
                 "\"Method not found\"}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":{\"a\":1},\"id\":2}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32602,\"message\":\"Invalid "
                 "params\",\"data\":[{\"type\":\"missing\",\"loc\":[\"b\"],\"msg\":\"Field "
                 "required\",\"input\":{\"a\":1}}]}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"broken\",\"id\":3}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32603,\"message\":\"Internal "
                 "error\"}}");
    close_all();
}

TEST(slow_calls_do_not_hold_others_and_run_out_of_time)
{
    open_all();
    says("{\"jsonrpc\":\"2.0\",\"method\":\"sleep\",\"id\":1}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"params\":{\"a\":1,\"b\":2},\"id\":2}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"sum\":3}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"sleep\",\"id\":3}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"sleep\",\"id\":4}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{\"code\":-32000,\"message\":\"Too many "
                 "calls at once\"}}");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32001,\"message\":\"Timed out\"}}");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32001,\"message\":\"Timed out\"}}");
    CHECK_INT(ended, 2);
    close_all();
}

TEST(the_server_asks_the_client)
{
    open_all();
    says("{\"jsonrpc\":\"2.0\",\"method\":\"twice\",\"params\":{\"a\":3,\"b\":4},\"id\":1}");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"double\",\"params\":{\"a\":3,\"b\":4}}");
    says("{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{\"sum\":1}}"); /* nobody asked that */
    says("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"sum\":14}}");
    CHECK_ANSWER("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"sum\":14}}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"twice\",\"params\":{\"a\":3,\"b\":4},\"id\":2}");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"double\",\"params\":{\"a\":3,\"b\":4}}");
    says("{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":1,\"message\":\"no\"}}");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":7,\"message\":\"you said: no\"}}");
    close_all();
}

TEST(a_client_that_goes_ends_its_calls)
{
    open_all();
    says("{\"jsonrpc\":\"2.0\",\"method\":\"sleep\",\"id\":1}");
    says("{\"jsonrpc\":\"2.0\",\"method\":\"twice\",\"params\":{\"a\":3,\"b\":4},\"id\":2}");
    CHECK_ANSWER(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"double\",\"params\":{\"a\":3,\"b\":4}}");
    brio_test_socket_close(s, 0);
    close_all();
    CHECK_INT(ended, 1);
}

/* ---- Batches -------------------------------------------------------------------- */

#define CALL(method, params, id)                                                                   \
    "{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":" params ",\"id\":" id "}"
#define NOTE(method, params) "{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":" params "}"
#define RESULT(id, result)   "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":" result "}"
#define FAILURE(id, code, words)                                                                   \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ",\"message\":\"" words "\"}}"
#define INVALID FAILURE("null", "-32600", "Invalid Request")

TEST(a_batch_is_answered_with_an_array)
{
    open_all();
    says("[" CALL("add", "{\"a\":1,\"b\":2}", "1") "," NOTE("add", "{\"a\":5,\"b\":5}") "," CALL(
        "subtract", "[42,23]", "\"x\"") ",{\"foo\":\"boo\"}," CALL("nowhere", "{}", "5") "]");
    CHECK_ANSWER("[" RESULT("1", "{\"sum\":3}") "," RESULT("\"x\"", "19") "," INVALID "," FAILURE(
        "5", "-32601", "Method not found") "]");
    CHECK_INT(notified, 2);
    says("[1,2,[]]");
    CHECK_ANSWER("[" INVALID "," INVALID "," INVALID "]");
    close_all();
}

TEST(a_batch_of_notifications_is_not_answered)
{
    open_all();
    brio_ws_message m;
    says("[" NOTE("add", "{\"a\":1,\"b\":2}") "," NOTE("add", "{\"a\":1,\"b\":2}") "]");
    CHECK_INT(brio_test_socket_receive(s, &m, NULL), BRIO_EDEADLOCK);
    CHECK_INT(notified, 2);
    close_all();
}

/* One of two calls at once, whatever is in it; each has its own time. */
TEST(a_batch_is_one_call_of_those_at_once)
{
    open_all();
    says("[" CALL("sleep", "{}", "1") "," CALL("add", "{\"a\":1,\"b\":1}",
                                               "2") "," CALL("sleep", "{}", "3") "]");
    says(CALL("add", "{\"a\":2,\"b\":2}", "4"));
    CHECK_ANSWER(RESULT("4", "{\"sum\":4}"));
    says(CALL("sleep", "{}", "5"));
    says("[" CALL("sleep", "{}", "6") "]");
    CHECK_ANSWER(FAILURE("null", "-32000", "Too many calls at once"));
    CHECK_ANSWER(FAILURE("5", "-32001", "Timed out"));
    CHECK_ANSWER("[" FAILURE("1", "-32001", "Timed out") "," RESULT("2", "{\"sum\":2}") "," FAILURE(
        "3", "-32001", "Timed out") "]");
    CHECK_INT(brio_test_client_elapsed(client), BRIO_SEC(20));
    close_all();
}

TEST(a_batch_has_a_limit)
{
    open_all();
    brio_buf text = {0};
    brio_buf_char(&text, '[');
    for (int i = 0; i < 101; i++)
        brio_buf_printf(&text, "%s%d", i ? "," : "", i);
    brio_buf_add(&text, BRIO_S("]"));
    brio_test_socket_send_text(s, brio_buf_str(&text));
    CHECK_ANSWER(FAILURE("null", "-32000", "Too many calls in a batch"));
    brio_buf_fini(&text);
    close_all();
}

TEST(a_client_that_goes_ends_its_batch)
{
    open_all();
    says("[" CALL("sleep", "{}", "1") "," CALL("add", "{\"a\":1,\"b\":1}", "2") "]");
    says(CALL("add", "{\"a\":2,\"b\":2}", "4"));
    CHECK_ANSWER(RESULT("4", "{\"sum\":4}"));
    brio_test_socket_close(s, 0);
    close_all();
    CHECK_INT(ended, 1);
    CHECK_INT(notified, 1); /* the one outside: the batch's second call never ran */
}

static int eat(brio_rpc *call, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    for (int i = 0; i < 1000; i++) /* until the arena is full */
        memset(brio_alloc(brio_rpc_arena(call), 1 << 20), 1, 1 << 20);
    return 0;
}

static int serve_eater(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    static const brio_rpc_method eaters[] = {BRIO_RPC_METHOD("eat", eat, brio_none, brio_none),
                                             BRIO_RPC_METHOD("add", add, Pair, Sum),
                                             {0}};
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : brio_rpc_serve(ws, eaters, NULL);
}

/* A call that is abandoned does not take the others' answers with it. */
TEST(a_call_of_a_batch_without_memory)
{
    open_all();
    BRIO_WEBSOCKET(app, "/eat", serve_eater, brio_none);
    CHECK_OK(brio_test_socket_open(client, "/eat", NULL, &s, NULL));
    says("[" CALL("eat", "{}", "1") "," CALL("add", "{\"a\":1,\"b\":1}", "2") "]");
    CHECK_ANSWER("[" FAILURE("1", "-32603", "Internal error") "," RESULT("2", "{\"sum\":2}") "]");
    close_all();
}
