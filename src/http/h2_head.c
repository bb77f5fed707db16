/* SPDX-License-Identifier: MIT
 *
 * A block of headers becomes a request. nghttp2 has judged what HTTP/2 adds
 * (order and number of pseudo headers, upper case, `connection` and its kin);
 * what any request must obey is judged here, by the rules of HTTP/1.1's parser:
 * a request that a proxy may carry from one protocol to the other must mean the
 * same in both.
 *
 * Names and values are copied once, one behind the other, into the stream's
 * buffer; the first header is always Host, wherever it came from. */
#include "http/h2_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- The record ------------------------------------------------------------- */

int brio_h2_stream_init(brio_h2_stream *s, size_t max_headers)
{
    *s = (brio_h2_stream){.cap_headers = max_headers + 1};
    brio_link_init(&s->link);
    s->headers = brio_malloc(s->cap_headers * sizeof *s->headers);
    return s->headers ? 0 : -ENOMEM;
}

void brio_h2_stream_done(brio_h2_stream *s)
{
    enum { KEPT = 4096 }; /* bytes of a buffer that is kept for the next stream */
    BRIO_ASSERT(!s->session);
    if (s->head.cap > KEPT || s->head.failed)
        brio_buf_fini(&s->head);
    brio_h2_stream next = {.head = s->head, .headers = s->headers, .cap_headers = s->cap_headers};
    next.head.len = 0;
    *s = next;
    brio_link_init(&s->link);
}

void brio_h2_stream_fini(brio_h2_stream *s)
{
    brio_buf_fini(&s->head);
    free(s->headers);
    s->headers = NULL;
}

/* ---- Keeping text ------------------------------------------------------------- */

static void move_view(brio_str *view, const char *from, const char *to)
{
    if (view->ptr)
        view->ptr = to + ((uintptr_t)view->ptr - (uintptr_t)from);
}

/* The buffer grows into a new one while the views still point into the old. */
static bool grow(brio_h2_stream *s, size_t more)
{
    enum { FIRST = 1024 };
    brio_http_request *r = &s->request;
    brio_str *const views[] = {&r->method_text, &r->target, &r->content_type,
                               &s->authority,   &s->host,   &s->protocol};
    brio_buf bigger = {0};
    size_t want = s->head.len + (more > s->head.len ? more : s->head.len);
    if (!brio_buf_reserve(&bigger, want > FIRST ? want : FIRST))
        return false;
    brio_str old = brio_buf_str(&s->head);
    brio_buf_add(&bigger, old);
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        move_view(views[i], old.ptr, bigger.ptr);
    for (size_t i = 1; i < s->n_headers; i++) {
        move_view(&s->headers[i].name, old.ptr, bigger.ptr);
        move_view(&s->headers[i].value, old.ptr, bigger.ptr);
    }
    brio_buf_fini(&s->head);
    s->head = bigger;
    return true;
}

/* A copy in the stream's buffer. */
static brio_str keep(brio_h2_stream *s, brio_str text)
{
    if (s->head.cap - s->head.len < text.len + 1 && !grow(s, text.len + 1)) {
        s->fault = BRIO_HTTP_FAULT_NO_MEMORY;
        return (brio_str){NULL, 0};
    }
    brio_str copy = {s->head.ptr + s->head.len, text.len};
    brio_buf_add(&s->head, text);
    return copy;
}

/* ---- Fields ------------------------------------------------------------------- */

#define IS(s, text) brio_str_eq(s, BRIO_S(text))

static int take_pseudo(brio_h2_stream *s, const brio_http_limits *limits, brio_str name,
                       brio_str value)
{
    if (IS(name, ":path")) {
        if (value.len > limits->target_bytes)
            return BRIO_HTTP_FAULT_TARGET_TOO_LONG;
        s->request.target = keep(s, value);
    } else if (IS(name, ":method")) {
        if (value.len > BRIO_HTTP_METHOD_MAX)
            return BRIO_HTTP_FAULT_METHOD_TOO_LONG;
        s->request.method_text = keep(s, value);
    } else if (IS(name, ":authority")) {
        s->authority = keep(s, value);
    } else if (IS(name, ":protocol")) {
        s->protocol = keep(s, value);
    }
    return 0; /* :scheme is the connection's business */
}

static int take_host(brio_h2_stream *s, brio_str value)
{
    if (s->host.ptr)
        return BRIO_HTTP_FAULT_HOST_REPEATED;
    s->host = keep(s, value);
    return 0;
}

static int take_length(brio_http_request *r, brio_str value)
{
    uint64_t length;
    if (r->content_length >= 0)
        return BRIO_HTTP_FAULT_LENGTH_REPEATED;
    if (brio_http_to_u64(value, &length) < 0 || length > INT64_MAX)
        return BRIO_HTTP_FAULT_LENGTH_SYNTAX;
    r->content_length = (int64_t)length;
    return 0;
}

static int note(brio_h2_stream *s, const brio_header *h)
{
    brio_http_request *r = &s->request;
    if (IS(h->name, "content-length"))
        return take_length(r, h->value);
    if (IS(h->name, "content-type") && !r->content_type.ptr)
        r->content_type = h->value;
    else if (IS(h->name, "cookie"))
        s->n_cookies++;
    else if (IS(h->name, "expect") && brio_str_eq_nocase(h->value, BRIO_S("100-continue")))
        r->expect_continue = true;
    else if (IS(h->name, "expect") && h->value.len)
        return BRIO_HTTP_FAULT_EXPECTATION;
    return 0;
}

static int take_field(brio_h2_stream *s, brio_str name, brio_str value)
{
    if (IS(name, "host"))
        return take_host(s, value);
    if (s->n_headers == s->cap_headers)
        return BRIO_HTTP_FAULT_TOO_MANY_HEADERS;
    brio_header *h = &s->headers[s->n_headers];
    *h = (brio_header){{NULL, 0}, {NULL, 0}};
    s->n_headers++;
    h->name = keep(s, name);
    h->value = keep(s, value);
    return s->fault ? s->fault : note(s, h);
}

/* What a head is charged: as much as it would be in HTTP/1.1. */
static bool too_large(brio_h2_stream *s, const brio_http_limits *limits, size_t bytes)
{
    s->n_bytes += bytes + sizeof(": \r\n") - 1;
    return s->n_bytes > limits->header_bytes;
}

void brio_h2_head_field(brio_h2_stream *s, const brio_http_limits *limits, brio_str name,
                        brio_str value)
{
    int rc = 0;
    if (s->fault)
        return; /* the block is read to its end, for HPACK's sake, but not kept */
    if (too_large(s, limits, name.len + value.len))
        rc = BRIO_HTTP_FAULT_HEAD_TOO_LARGE;
    else if (name.len && name.ptr[0] == ':')
        rc = take_pseudo(s, limits, name, value);
    else
        rc = take_field(s, name, value);
    if (!s->fault)
        s->fault = rc;
}

/* ---- The head as a whole --------------------------------------------------------- */

/* Clients cut cookies into crumbs to compress them better; handlers find one
 * header again (section 8.2.3). */
static void join_cookies(brio_h2_stream *s)
{
    brio_str first = {NULL, 0};
    size_t kept = 1, start = 0;
    if (s->n_cookies < 2)
        return;
    for (size_t i = 1; i < s->n_headers; i++)
        if (IS(s->headers[i].name, "cookie"))
            first.len += s->headers[i].value.len + 2;
    if (s->head.cap - s->head.len < first.len && !grow(s, first.len)) {
        s->fault = BRIO_HTTP_FAULT_NO_MEMORY;
        return;
    }
    start = s->head.len;
    brio_header *joined = NULL;
    for (size_t i = 1; i < s->n_headers; i++) {
        const brio_header h = s->headers[i];
        bool cookie = IS(h.name, "cookie");
        if (cookie && joined)
            brio_buf_add(&s->head, BRIO_S("; "));
        if (cookie)
            brio_buf_add(&s->head, h.value);
        if (cookie && joined)
            continue;
        s->headers[kept] = h;
        joined = cookie ? &s->headers[kept] : joined;
        kept++;
    }
    BRIO_ASSERT(joined != NULL);
    joined->value = (brio_str){s->head.ptr + start, s->head.len - start};
    s->n_headers = kept;
}

static int judge_method(brio_h2_stream *s)
{
    brio_http_request *r = &s->request;
    r->method = BRIO_METHOD_OTHER;
#define TRY_METHOD(name)                                                                           \
    if (IS(r->method_text, #name))                                                                 \
        r->method = BRIO_METHOD_##name;
    BRIO_HTTP_METHODS(TRY_METHOD)
#undef TRY_METHOD
    if (r->method == BRIO_METHOD_OTHER && !brio_http_is_token(r->method_text))
        return BRIO_HTTP_FAULT_REQUEST_LINE;
    return r->method == BRIO_METHOD_CONNECT && !s->protocol.len ? BRIO_HTTP_FAULT_CONNECT : 0;
}

static int judge_target(brio_http_request *r)
{
    brio_str t = r->target;
    if (t.len == 0)
        return BRIO_HTTP_FAULT_TARGET_FORM;
    if (!brio_http_target_split(r, t))
        return BRIO_HTTP_FAULT_TARGET_BYTE;
    bool server = r->method == BRIO_METHOD_OPTIONS && IS(t, "*");
    return t.ptr[0] == '/' || server ? 0 : BRIO_HTTP_FAULT_TARGET_FORM;
}

/* Host and :authority say the same, or the request is not to be trusted. */
static int judge_host(brio_h2_stream *s)
{
    brio_str host = s->authority.len ? s->authority : s->host;
    if (host.len == 0)
        return BRIO_HTTP_FAULT_HOST_MISSING;
    if (s->authority.len && s->host.ptr && !brio_str_eq_nocase(s->authority, s->host))
        return BRIO_HTTP_FAULT_HOST_REPEATED;
    if (!brio_http_host_valid(host))
        return BRIO_HTTP_FAULT_HOST_SYNTAX;
    s->request.host = host;
    s->headers[0] = (brio_header){BRIO_S("host"), host};
    return 0;
}

static int judge(brio_h2_stream *s)
{
    join_cookies(s);
    int rc = s->fault ? s->fault : judge_method(s);
    if (!rc)
        rc = judge_target(&s->request);
    return rc ? rc : judge_host(s);
}

void brio_h2_head_finish(brio_h2_stream *s)
{
    brio_http_request *r = &s->request;
    if (!s->fault)
        s->fault = judge(s);
    r->major = 2;
    r->minor = 0;
    r->protocol = s->protocol;
    r->keep_alive = true;
    r->headers = s->headers;
    r->n_headers = s->n_headers;
    r->expect_continue = r->expect_continue && !s->ended;
    if (!s->fault)
        return;
    const brio_http_refusal why = brio_http_fault_of(s->fault);
    s->refusal = why.status;
    s->reason = why.text;
    r->headers = NULL;
    r->n_headers = 0;
}
