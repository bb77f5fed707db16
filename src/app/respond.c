/* SPDX-License-Identifier: MIT
 *
 * How an output becomes an answer, and answers that need no memory.
 *
 * JSON is written into the request's arena, into a guess of its size; a guess
 * that was too small is thrown away and made four times as large. A route
 * remembers what its answers take, so this happens to its first ones. */
#include "app/outgoing.h"
#include "app/routing.h"

#define JSON_TYPE  BRIO_S("application/json")
#define PLAIN_TYPE BRIO_S("text/plain; charset=utf-8")

enum { ANSWER_MIN = 256, ANSWER_MAX = 16 * 1024 * 1024 }; /* bytes: the guess's range */

void brio_app_log(const brio_request *req, brio_log_level level, const char *fmt, ...)
{
    if (!brio_log_enabled(level))
        return;
    char text[512];
    brio_buf buf = brio_buf_over(text, sizeof text);
    va_list args;
    va_start(args, fmt);
    brio_buf_vprintf(&buf, fmt, args);
    va_end(args);
    const brio_app_route *route = req->route;
    brio_log(level, "%.*s %s (%s): %.*s", BRIO_ARG(req->http->method_text),
             route ? route->spec.path : "?", brio_app_label(route), (int)buf.len, text);
}

/* ---- Writing JSON ------------------------------------------------------------------ */

int brio_app_write(brio_request *req, size_t size, brio_app_write_fn *write, const void *arg,
                   brio_str *ret)
{
    *ret = (brio_str){0};
    for (;; size *= 4) {
        brio_buf buf = brio_buf_over(brio_alloc_aligned(req->arena, size, 1), size);
        brio_json_writer w = {.out = &buf};
        int rc = write(&w, arg);
        if (rc >= 0 && w.unfit)
            return brio_error(BRIO_EMODEL, "the answer has no JSON form: %s", w.unfit);
        if (rc < 0 && !buf.failed)
            return rc;
        *ret = brio_buf_str(&buf);
        if (!buf.failed)
            return 0;
    }
}

/* ---- Without memory ------------------------------------------------------------------- */

void brio_app_answer_static(brio_request *req, int status)
{
    switch (status) {
    case 400:
        brio_app_answer(req, 400, JSON_TYPE,
                        BRIO_S("{\"detail\":\"There was an error parsing the body\"}"));
        return;
    case 404:
        brio_app_answer(req, 404, JSON_TYPE, BRIO_S("{\"detail\":\"Not Found\"}"));
        return;
    case 413:
        brio_app_answer(req, 413, JSON_TYPE, BRIO_S("{\"detail\":\"Content Too Large\"}"));
        return;
    case 503:
        brio_app_answer(req, 503, JSON_TYPE, BRIO_S("{\"detail\":\"Service Unavailable\"}"));
        return;
    default:
        brio_app_answer(req, 500, PLAIN_TYPE, BRIO_S("Internal Server Error"));
    }
}

/* OPTIONS where no route has it: what may be asked of this path, or, of the server
 * ("*", RFC 9110, 9.3.7), that it is there. */
bool brio_app_answer_options(brio_request *req)
{
    bool server = brio_str_eq(req->path, BRIO_S("*"));
    if (req->http->method != BRIO_METHOD_OPTIONS || !(server || req->app->options.options))
        return false;
    brio_app_answer(req, 204, BRIO_S(""), BRIO_S(""));
    if (server)
        return true;
    brio_header *allow = BRIO_NEW(req->arena, brio_header);
    *allow =
        (brio_header){BRIO_S("allow"), brio_app_router_allows(req->app, req->path, req->arena)};
    req->answer.headers = allow;
    req->answer.n_headers = 1;
    return true;
}

void brio_app_answer_not_allowed(brio_request *req)
{
    if (brio_app_answer_options(req))
        return;
    brio_app_answer(req, 405, JSON_TYPE, BRIO_S("{\"detail\":\"Method Not Allowed\"}"));
    req->answer.headers = &req->route->allow;
    req->answer.n_headers = 1;
}

void brio_app_answer_page(brio_request *req)
{
    brio_app_answer(req, 200, (brio_str){0}, (brio_str){0});
    int rc = req->route->page(req, &req->answer);
    if (rc < 0)
        brio_app_answer_error(req, rc);
}

/* ---- Output -------------------------------------------------------------------------- */

typedef struct output {
    const brio_model *model;
    const void *value;
    const brio_encode_options *options; /* NULL: none */
    const char *why;                    /* NULL: it is said already */
} output;

static int write_output(brio_json_writer *w, const void *arg)
{
    output *o = *(output *const *)arg;
    if (o->model->kind == BRIO_KIND_JSON && !o->options) {
        w->strict = true;
        brio_json_value(w, o->value);
        return 0;
    }
    if (BRIO_UNLIKELY(o->options != NULL))
        return brio_encode_with(w->out, o->model, o->value, o->options, &o->why);
    return brio_encode(w->out, o->model, o->value, &o->why);
}

/* Follows large answers at once and small ones slowly. */
static void remember_size(brio_app_route *route, size_t len)
{
    size_t now = route->answer_size, need = len + len / 8 + 64;
    size_t next = need > now ? need : now - (now - need) / 16;
    next = next < ANSWER_MIN ? ANSWER_MIN : next > ANSWER_MAX ? ANSWER_MAX : next;
    if (next != now)
        __atomic_store_n(&route->answer_size, (uint32_t)next, __ATOMIC_RELAXED);
}

static int encode(brio_request *req, output o, size_t guess, brio_str *ret)
{
    output *arg = &o;
    int rc = brio_app_write(req, guess ? guess : ANSWER_MIN, write_output, &arg, ret);
    if (rc < 0 && o.why)
        (void)!brio_error(rc, "the answer does not fit %s: %s", o.model->name, o.why);
    return rc;
}

int brio_app_encode(brio_request *req, const brio_model *model, const void *value, brio_str *ret)
{
    return encode(req, (output){.model = model, .value = value}, 0, ret);
}

int brio_app_answer_output(brio_request *req, const void *out)
{
    brio_app_route *route = req->route;
    brio_str body = {0};
    int rc = brio_app_answer_class(req, out);
    if (rc != 0)
        return rc;
    if (!req->cancelled) {
        size_t guess = __atomic_load_n(&route->answer_size, __ATOMIC_RELAXED);
        output o = {.model = route->out, .value = out, .options = route->encode_options};
        rc = encode(req, o, guess, &body);
        if (rc < 0)
            return rc;
        remember_size(route, body.len);
    }
    brio_app_answer(req, req->status ? req->status : route->status,
                    req->media_type.len ? req->media_type : route->media_type, body);
    return 0;
}
