/* SPDX-License-Identifier: MIT
 *
 * What a handler asks of its request and says about its answer. Headers set by
 * the handler go out with whatever the answer becomes, failures included, so
 * that a 401 can carry its challenge. All memory is the request's arena. */
#include "app/app_internal.h"

#include <errno.h>

brio_arena *brio_request_arena(brio_request *req)
{
    return req->arena;
}

brio_app *brio_request_app(brio_request *req)
{
    return req->app;
}

void *brio_request_state(brio_request *req)
{
    return req->app->options.state;
}

const brio_http_request *brio_request_http(const brio_request *req)
{
    return req->http;
}

brio_str brio_request_header(const brio_request *req, brio_str name)
{
    const brio_header *header = brio_http_header(req->http, name);
    return header ? header->value : BRIO_S("");
}

brio_str brio_request_client(const brio_request *req, uint16_t *ret_port)
{
    if (ret_port)
        *ret_port = req->ex->client_port;
    return req->ex->client_host;
}

/* ---- The answer ------------------------------------------------------------------- */

void brio_respond_status(brio_request *req, int status)
{
    BRIO_ASSERT(status >= 200 && status <= 599);
    req->status = status;
}

static bool is_token(brio_str s)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.len; i++) {
        char c = brio_lower(s.ptr[i]);
        bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alnum && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return s.len > 0;
}

/* Visible bytes, blanks and tabs, not at the ends (RFC 9110, section 5.5). */
static bool is_value(brio_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = (uint8_t)s.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return brio_str_trim(s).len == s.len;
}

/* How long the body is and how it is sent is the server's to say. */
static bool is_framing(brio_str name)
{
    return brio_str_eq_nocase(name, BRIO_S("content-length")) ||
           brio_str_eq_nocase(name, BRIO_S("transfer-encoding")) ||
           brio_str_eq_nocase(name, BRIO_S("connection"));
}

static brio_str lower_copy(brio_arena *arena, brio_str s)
{
    char *out = brio_alloc_aligned(arena, s.len, 1);
    for (size_t i = 0; i < s.len; i++)
        out[i] = brio_lower(s.ptr[i]);
    return (brio_str){out, s.len};
}

/* The header to write to: the one that is there, but for cookies, or a new one. */
static brio_header *header_slot(brio_request *req, brio_str name)
{
    bool several = brio_str_eq(name, BRIO_S("set-cookie"));
    for (size_t i = 0; i < req->n_headers && !several; i++)
        if (brio_str_eq(req->headers[i].name, name))
            return &req->headers[i];
    if (req->n_headers == req->cap_headers) {
        size_t cap = req->cap_headers ? req->cap_headers * 2 : 8;
        brio_header *more = BRIO_NEW_ARRAY(req->arena, brio_header, cap);
        if (req->n_headers)
            memcpy(more, req->headers, req->n_headers * sizeof *more);
        req->headers = more;
        req->cap_headers = cap;
    }
    return &req->headers[req->n_headers++];
}

int brio_respond_header(brio_request *req, brio_str name, brio_str value)
{
    if (!is_token(name) || !is_value(value) || is_framing(name))
        return -EINVAL;
    brio_str key = lower_copy(req->arena, name), copy = brio_str_copy(req->arena, value);
    if (brio_str_eq(key, BRIO_S("content-type")))
        req->media_type = copy;
    else
        *header_slot(req, key) = (brio_header){key, copy};
    return 0;
}

/* ---- Failing ------------------------------------------------------------------------ */

static int write_detail(brio_json_writer *w, const void *arg)
{
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("detail"));
    brio_json_value(w, arg);
    brio_json_end(w, '}');
    return 0;
}

int brio_fail_json(brio_request *req, int status, const brio_json *detail)
{
    BRIO_ASSERT(status >= 200 && status <= 599);
    req->fail_status = status;
    size_t guess = detail->type == BRIO_JSON_STR ? detail->str.len + 64 : 256;
    (void)!brio_app_write(req, guess, write_detail, detail, &req->fail_body);
    return BRIO_EHTTP;
}

int brio_fail(brio_request *req, int status, const char *fmt, ...)
{
    brio_str text = brio_status_reason(status);
    if (fmt) {
        va_list args;
        va_start(args, fmt);
        text = brio_vprintf(req->arena, fmt, args);
        va_end(args);
    }
    brio_json detail = brio_json_from_str(text);
    return brio_fail_json(req, status, &detail);
}
