/* SPDX-License-Identifier: MIT
 *
 * The answer of a request: made by brio_answer_* or from the handler's output,
 * pending while middleware looks at it, and sent once. The last one made is
 * the one that is sent. */
#include "app/app_internal.h"

#include <errno.h>

void brio_app_answer(brio_request *req, int status, brio_str media_type, brio_str body)
{
    BRIO_ASSERT(req->phase < BRIO_APP_STREAMING);
    req->answer = (brio_http_response){.status = status, .content_type = media_type, .body = body};
    req->pending = true;
    req->borrows = false;
    req->source = NULL;
}

/* ---- Sending ------------------------------------------------------------------ */

/* One may register another, which then runs at once. */
void brio_app_run_hooks(brio_request *req)
{
    while (req->hooks) {
        const brio_app_response_hook *hook = req->hooks;
        req->hooks = hook->next;
        hook->fn(req, hook->arg);
    }
}

/* An answer's own headers (405's allow, a page's policy) beside the request's. */
static void join_headers(brio_request *req)
{
    const brio_http_response *answer = &req->answer;
    for (size_t i = 0; i < answer->n_headers; i++)
        if (!brio_app_header_of(req, answer->headers[i].name))
            brio_app_put_header(req, answer->headers[i].name, answer->headers[i].value);
    req->answer.headers = req->headers;
    req->answer.n_headers = req->n_headers;
}

bool brio_app_is_bodiless(int status)
{
    return status == 204 || status == 205 || status == 304;
}

void brio_app_send(brio_request *req)
{
    BRIO_ASSERT(req->phase < BRIO_APP_STREAMING && req->pending);
    if (req->hooks)
        brio_app_run_hooks(req);
    req->phase = BRIO_APP_ANSWERED;
    if (req->cancelled)
        return;
    if (req->n_headers)
        join_headers(req);
    if (brio_app_is_bodiless(req->answer.status))
        req->answer.body = (brio_str){0};
    req->ex->respond(req->ex, &req->answer);
}

void brio_on_response(brio_request *req, brio_response_hook *fn, void *arg)
{
    BRIO_ASSERT(fn);
    brio_app_response_hook *hook = BRIO_NEW(req->arena, brio_app_response_hook);
    *hook = (brio_app_response_hook){.next = req->hooks, .fn = fn, .arg = arg};
    req->hooks = hook;
}

/* ---- Looking at it -------------------------------------------------------------- */

int brio_answered_status(const brio_request *req)
{
    return req->pending ? req->answer.status : 0;
}

brio_str brio_answered_type(const brio_request *req)
{
    return req->pending ? req->answer.content_type : BRIO_S("");
}

brio_str brio_answered_body(const brio_request *req)
{
    return req->pending ? req->answer.body : BRIO_S("");
}

brio_str brio_answered_header(const brio_request *req, brio_str name)
{
    const brio_header *header = brio_app_header_of(req, name);
    for (size_t i = 0; !header && req->pending && i < req->answer.n_headers; i++)
        if (brio_str_eq_nocase(req->answer.headers[i].name, name))
            header = &req->answer.headers[i];
    return header ? header->value : BRIO_S("");
}

bool brio_answered_stream(const brio_request *req)
{
    return req->pending && req->answer.chunked;
}

/* ---- Making it ------------------------------------------------------------------- */

static void make(brio_request *req, int status, brio_str media_type, brio_str body)
{
    BRIO_ASSERT(status >= 200 && status <= 599);
    brio_app_answer(req, status, media_type, body);
}

static int make_borrowed(brio_request *req, int status, brio_str media_type, brio_str body)
{
    make(req, status, media_type, body);
    req->borrows = true;
    return BRIO_ANSWERED;
}

static int write_json(brio_json_writer *w, const void *arg)
{
    w->strict = true;
    brio_json_value(w, arg);
    return 0;
}

int brio_answer_json(brio_request *req, int status, brio_json json)
{
    brio_str body;
    int rc = brio_app_write(req, 512, write_json, &json, &body);
    if (rc < 0)
        return rc;
    make(req, status, BRIO_S("application/json"), body);
    return BRIO_ANSWERED;
}

int brio_answer_model(brio_request *req, int status, const brio_model *model, const void *value)
{
    brio_str body;
    int rc = brio_app_encode(req, model, value, &body);
    if (rc < 0)
        return rc;
    make(req, status, BRIO_S("application/json"), body);
    return BRIO_ANSWERED;
}

int brio_answer_text(brio_request *req, int status, brio_str text)
{
    return make_borrowed(req, status, BRIO_S("text/plain; charset=utf-8"), text);
}

int brio_answer_html(brio_request *req, int status, brio_str html)
{
    return make_borrowed(req, status, BRIO_S("text/html; charset=utf-8"), html);
}

/* Starlette adds the charset to text that names none. */
brio_str brio_app_media_type(brio_arena *arena, const char *media_type)
{
    brio_str given = brio_str_from(media_type);
    if (!brio_str_starts(given, BRIO_S("text/")) || brio_str_find(given, BRIO_S("charset=")) >= 0)
        return brio_str_copy(arena, given);
    brio_str charset = BRIO_S("; charset=utf-8");
    char *text = brio_alloc_aligned(arena, given.len + charset.len, 1);
    memcpy(text, given.ptr, given.len);
    memcpy(text + given.len, charset.ptr, charset.len);
    return (brio_str){text, given.len + charset.len};
}

int brio_answer_bytes(brio_request *req, int status, const char *media_type, brio_str bytes)
{
    brio_str type = brio_app_media_type(req->arena, media_type);
    if (!brio_app_is_header_value(type))
        return -EINVAL;
    return make_borrowed(req, status, type, bytes);
}

int brio_answer_redirect(brio_request *req, int status, brio_str url)
{
    brio_app_redirect(req, status ? status : 307, url);
    return BRIO_ANSWERED;
}
