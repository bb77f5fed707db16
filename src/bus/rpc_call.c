/* SPDX-License-Identifier: MIT
 *
 * One call of JSON-RPC: judged, run within its time, answered; and what a method
 * may do with it. */
#include "bus/rpc.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Writing ---------------------------------------------------------------- */

static void begin_answer(brio_json_writer *w, const brio_json *id)
{
    static const brio_json null = {0};
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("jsonrpc"));
    brio_json_str(w, BRIO_S("2.0"));
    brio_json_key(w, BRIO_S("id"));
    brio_json_value(w, id ? id : &null);
}

void brio_rpc_error_write(brio_buf *out, const brio_json *id, int code, brio_str words,
                          const brio_str *data)
{
    brio_json_writer w = {.out = out};
    begin_answer(&w, id);
    brio_json_key(&w, BRIO_S("error"));
    brio_json_begin(&w, '{');
    brio_json_key(&w, BRIO_S("code"));
    brio_json_i64(&w, code);
    brio_json_key(&w, BRIO_S("message"));
    brio_json_str(&w, words);
    if (data) {
        brio_json_key(&w, BRIO_S("data"));
        brio_json_raw(&w, *data);
    }
    brio_json_end(&w, '}');
    brio_json_end(&w, '}');
}

int brio_rpc_send(brio_rpc_peer *peer, brio_buf *out)
{
    int rc = out->failed ? -ENOMEM : brio_ws_send_text(peer->ws, brio_buf_str(out));
    brio_buf_fini(out);
    return rc;
}

static int send_error(brio_rpc *call, int code, brio_str words, const brio_str *data)
{
    brio_buf out = {0};
    if (!call->id)
        return 0;
    brio_rpc_error_write(&out, call->id, code, words, data);
    return brio_rpc_deliver(call, &out);
}

static int send_result(brio_rpc *call)
{
    brio_buf out = {0};
    brio_json_writer w = {.out = &out};
    if (!call->id)
        return 0;
    begin_answer(&w, call->id);
    brio_json_key(&w, BRIO_S("result"));
    int rc = brio_encode(&out, call->method->out(), call->out, NULL);
    brio_buf_char(&out, '}');
    if (rc >= 0)
        return brio_rpc_deliver(call, &out);
    brio_buf_fini(&out);
    return send_error(call, BRIO_RPC_INTERNAL, BRIO_S("Internal error"), NULL);
}

/* ---- Judging ------------------------------------------------------------------ */

static const brio_rpc_method *find_method(const brio_rpc_method *m, brio_str name)
{
    while (m->name && !brio_str_eq(brio_str_from(m->name), name))
        m++;
    return m->name ? m : NULL;
}

static bool is_id(const brio_json *id)
{
    return !id || id->type == BRIO_JSON_STR || id->type == BRIO_JSON_INT ||
           id->type == BRIO_JSON_BIGINT || id->type == BRIO_JSON_FLOAT ||
           id->type == BRIO_JSON_NULL;
}

/* Params that are missing are an empty object. */
static int read_params(brio_rpc *call, brio_problems *problems)
{
    const brio_model *model = call->method->in();
    brio_arena *arena = brio_task_arena();
    brio_str text = call->params ? brio_json_text(arena, call->params) : BRIO_S("{}");
    call->in = brio_calloc(arena, 1, model->size ? model->size : 1);
    call->out = brio_calloc(arena, 1, call->method->out()->size + 1);
    if (model->kind == BRIO_KIND_NONE)
        return 0;
    return brio_decode(text, model, call->in, NULL, problems);
}

static int refuse_params(brio_rpc *call, const brio_problems *problems)
{
    brio_json data = brio_problems_json(problems);
    brio_str text = brio_json_text(brio_task_arena(), &data);
    return send_error(call, BRIO_RPC_NO_PARAMS, BRIO_S("Invalid params"), &text);
}

/* ---- Running ------------------------------------------------------------------- */

static int run_method(void *arg)
{
    brio_rpc *call = arg;
    return call->method->fn(call, call->in, call->out);
}

static int answer(brio_rpc *call, int rc)
{
    if (rc >= 0)
        return send_result(call);
    if (rc == -ECANCELED)
        return rc;
    if (call->code)
        return send_error(call, call->code, call->words, NULL);
    if (rc == -ETIMEDOUT)
        return send_error(call, BRIO_RPC_LATE, BRIO_S("Timed out"), NULL);
    brio_log(BRIO_LOG_ERROR, "the method %s failed: %s", call->method->name, brio_error_text(rc));
    return send_error(call, BRIO_RPC_INTERNAL, BRIO_S("Internal error"), NULL);
}

static int run_judged(brio_rpc *call)
{
    brio_problems problems = {.arena = brio_task_arena()};
    int rc = read_params(call, &problems);
    if (rc < 0)
        return refuse_params(call, &problems);
    return answer(call, brio_wait_for(run_method, call, call->peer->timeout));
}

void brio_rpc_drop(void *arg)
{
    brio_rpc *call = arg;
    call->peer->running--;
    brio_buf_fini(&call->answers);
    free(call);
}

int brio_rpc_run(void *arg)
{
    brio_rpc *call = arg;
    brio_arena *arena = brio_task_arena();
    brio_json message;
    brio_defer_push(arena, brio_rpc_drop, call); /* however the task ends */
    int rc = brio_json_parse(arena, (brio_str){call->text, call->len}, NULL, &message, NULL);
    if (rc < 0)
        return rc; /* it was read before */
    const brio_json *version = brio_json_get(&message, BRIO_S("jsonrpc"));
    call->id = brio_json_get(&message, BRIO_S("id"));
    call->params = brio_json_get(&message, BRIO_S("params"));
    call->method = find_method(call->peer->methods, brio_json_get(&message, BRIO_S("method"))->str);
    if (!is_id(call->id) || !version || version->type != BRIO_JSON_STR ||
        !brio_str_eq(version->str, BRIO_S("2.0"))) {
        static const brio_json null = {0};
        call->id = is_id(call->id) && call->id ? call->id : &null;
        return send_error(call, BRIO_RPC_INVALID, BRIO_S("Invalid Request"), NULL);
    }
    if (!call->method)
        return send_error(call, BRIO_RPC_NO_METHOD, BRIO_S("Method not found"), NULL);
    return run_judged(call);
}

int brio_rpc_run_open(void *arg)
{
    brio_rpc *call = arg;
    brio_defer_push(brio_task_arena(), brio_rpc_drop, call);
    int rc = call->open(call);
    if (rc < 0 && rc != -ECANCELED && rc != BRIO_ECLOSED)
        brio_log(BRIO_LOG_WARNING, "what a server asked first failed: %s", brio_error_text(rc));
    return rc;
}

brio_rpc *brio_rpc_new(brio_rpc_peer *peer, brio_str text)
{
    brio_rpc *call = brio_zalloc(1, sizeof *call + text.len);
    if (!call)
        return NULL;
    call->peer = peer;
    call->len = text.len;
    if (text.len)
        memcpy(call->text, text.ptr, text.len);
    return call;
}

int brio_rpc_start(brio_rpc_peer *peer, brio_group *group, brio_rpc *call, brio_task_fn *run)
{
    static const brio_task_options eager = {.name = "rpc", .eager = true};
    peer->running++;
    if (brio_spawn_with(group, run, call, &eager))
        return 0;
    peer->running--;
    free(call);
    return -ECANCELED;
}

/* ---- Asking the client ------------------------------------------------------------ */

static int send_call(brio_rpc_peer *peer, const char *method, int64_t id, const brio_model *model,
                     const void *in)
{
    brio_buf out = {0};
    brio_json_writer w = {.out = &out};
    brio_json_begin(&w, '{');
    brio_json_key(&w, BRIO_S("jsonrpc"));
    brio_json_str(&w, BRIO_S("2.0"));
    if (id) {
        brio_json_key(&w, BRIO_S("id"));
        brio_json_i64(&w, id);
    }
    brio_json_key(&w, BRIO_S("method"));
    brio_json_str(&w, brio_str_from(method));
    int rc = 0;
    if (model && model->kind != BRIO_KIND_NONE) {
        brio_json_key(&w, BRIO_S("params"));
        rc = brio_encode(&out, model, in, NULL);
    }
    brio_buf_char(&out, '}');
    if (rc >= 0)
        return brio_rpc_send(peer, &out);
    brio_buf_fini(&out);
    return rc;
}

static int wait_answer(void *arg)
{
    brio_rpc_asking *a = arg;
    return brio_event_wait(&a->answered);
}

/* The text goes with the arena, whatever happens next. */
static int read_answer(const brio_rpc_asking *a, const brio_model *model, void *out)
{
    brio_arena *arena = brio_task_arena();
    brio_json message;
    if (!a->text)
        return -ENOMEM;
    brio_defer_push(arena, free, a->text);
    int rc = brio_json_parse(arena, (brio_str){a->text, a->len}, NULL, &message, NULL);
    if (rc < 0)
        return rc;
    const brio_json *error = brio_json_get(&message, BRIO_S("error"));
    if (error) {
        const brio_json *words = brio_json_get(error, BRIO_S("message"));
        brio_str text = words && words->type == BRIO_JSON_STR ? words->str : BRIO_S("error");
        return brio_error(BRIO_EHTTP, "%.*s", BRIO_ARG(text));
    }
    const brio_json *result = brio_json_get(&message, BRIO_S("result"));
    brio_problems problems = {.arena = arena};
    if (!model || model->kind == BRIO_KIND_NONE || !result)
        return 0;
    return brio_decode(brio_json_text(arena, result), model, out, NULL, &problems);
}

int brio_rpc_ask(brio_rpc *call, const char *method, const brio_model *in_model, const void *in,
                 const brio_model *out_model, void *out)
{
    brio_rpc_peer *peer = call->peer;
    brio_rpc_asking a = {.id = ++peer->ids, .rc = -ETIMEDOUT};
    if (peer->ended)
        return BRIO_ECLOSED;
    brio_event_init(&a.answered);
    brio_link_insert_before(&peer->asks, &a.link);
    int rc = send_call(peer, method, a.id, in_model, in);
    if (rc >= 0)
        rc = brio_wait_for(wait_answer, &a, peer->timeout);
    brio_link_remove(&a.link);
    if (rc >= 0)
        rc = a.rc;
    if (rc >= 0)
        return read_answer(&a, out_model, out);
    free(a.text);
    return rc;
}

int brio_rpc_notify(brio_rpc *call, const char *method, const brio_model *in_model, const void *in)
{
    return call->peer->ended ? BRIO_ECLOSED : send_call(call->peer, method, 0, in_model, in);
}

/* ---- What a method asks of its call -------------------------------------------------- */

int brio_rpc_fail(brio_rpc *call, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    call->words = brio_vprintf(brio_task_arena(), fmt, args);
    va_end(args);
    call->code = code ? code : BRIO_RPC_INTERNAL;
    return BRIO_EHTTP;
}

brio_arena *brio_rpc_arena(brio_rpc *call)
{
    (void)call;
    return brio_task_arena();
}

brio_websocket *brio_rpc_websocket(brio_rpc *call)
{
    return call->peer->ws;
}

void *brio_rpc_state(brio_rpc *call)
{
    return call->peer->state;
}
