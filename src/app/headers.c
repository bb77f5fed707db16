/* SPDX-License-Identifier: MIT
 *
 * Status and headers that are said about an answer, before it is made or while
 * it is pending. They go out with whatever it becomes, failures included, so
 * that a 401 can carry its challenge. All memory is the request's arena. */
#include "app/outgoing.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/random.h>

void brio_respond_status(brio_request *req, int status)
{
    BRIO_ASSERT(status >= 200 && status <= 599);
    req->status = status;
    if (req->pending)
        req->answer.status = status;
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
bool brio_app_is_header_value(brio_str s)
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

const brio_header *brio_app_header_of(const brio_request *req, brio_str name)
{
    for (size_t i = 0; i < req->n_headers; i++)
        if (brio_str_eq_nocase(req->headers[i].name, name))
            return &req->headers[i];
    return NULL;
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

void brio_app_put_header(brio_request *req, brio_str name, brio_str value)
{
    if (!brio_str_eq(name, BRIO_S("content-type"))) {
        *header_slot(req, name) = (brio_header){name, value};
        return;
    }
    req->media_type = value;
    if (req->pending)
        req->answer.content_type = value;
}

void brio_app_clear_headers(brio_request *req, size_t n)
{
    if (n < req->n_headers)
        req->n_headers = n;
}

brio_str brio_app_random_name(brio_arena *arena)
{
    uint64_t words[2] = {0};
    if (getrandom(words, sizeof words, 0) != (ssize_t)sizeof words)
        words[0] = (uint64_t)brio_clock_monotonic() * UINT64_C(0x9e3779b97f4a7c15);
    return brio_printf(arena, "%016" PRIx64 "%010" PRIx64, words[0],
                       words[1] & UINT64_C(0xffffffffff));
}

int brio_respond_header(brio_request *req, brio_str name, brio_str value)
{
    if (!is_token(name) || !brio_app_is_header_value(value) || is_framing(name))
        return -EINVAL;
    if (req->phase >= BRIO_APP_STREAMING)
        return -EALREADY;
    brio_str key = lower_copy(req->arena, name), copy = brio_str_copy(req->arena, value);
    brio_app_put_header(req, key, copy);
    return 0;
}

void brio_app_vary(brio_request *req, brio_str name)
{
    brio_str former = brio_answered_header(req, BRIO_S("vary"));
    for (brio_str rest = former; rest.len;) {
        brio_str_pair cut = brio_str_cut(rest, ',');
        brio_str one = brio_str_trim(cut.head);
        if (brio_str_eq_nocase(one, name) || brio_str_eq(one, BRIO_S("*")))
            return;
        rest = cut.tail;
    }
    brio_app_put_header(
        req, BRIO_S("vary"),
        former.len ? brio_printf(req->arena, "%.*s, %.*s", BRIO_ARG(former), BRIO_ARG(name))
                   : name);
}
