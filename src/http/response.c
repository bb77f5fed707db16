/* SPDX-License-Identifier: MIT
 *
 * Responses as bytes. Everything is checked before the first byte is written,
 * and room for the whole head is reserved at once, so that a response is there
 * or is not. Framing (lengths, codings, the end of the connection) is decided
 * here alone; headers that would contradict it are refused. */
#include "http/http_internal.h"

#include <errno.h>

/* conn->reply: where brio_http_write_chunk's bytes go. */
enum { REPLY_NO_BODY = 0, REPLY_CHUNKED, REPLY_BARE };

/* What the framing headers and the connection take at most. */
enum {
    FRAMING_MAX = sizeof("HTTP/1.1 999 \r\ncontent-length: 18446744073709551615\r\n"
                         "content-type: \r\ntransfer-encoding: chunked\r\n"
                         "connection: keep-alive\r\n\r\n")
};

/* ---- Checks ---------------------------------------------------------------- */

static bool is_field_text(brio_str s)
{
    if (s.len == 0)
        return true;
    const char *end = s.ptr + s.len;
    return brio_http_scan_text(s.ptr, s.ptr, end) == end;
}

static bool is_framing(brio_str name)
{
    return brio_str_eq_nocase(name, BRIO_S("content-length")) ||
           brio_str_eq_nocase(name, BRIO_S("transfer-encoding"));
}

/* True if the list `value` has the element "close". */
static bool says_close(brio_str value)
{
    while (value.len) {
        brio_str_pair cut = brio_str_cut(value, ',');
        if (brio_str_eq_nocase(brio_str_trim(cut.head), BRIO_S("close")))
            return true;
        value = cut.tail;
    }
    return false;
}

static bool may_be_written(const brio_header *h)
{
    return brio_http_is_token(h->name) && is_field_text(h->value) && !is_framing(h->name);
}

static size_t header_bytes(const brio_header *h)
{
    return h->name.len + h->value.len + sizeof(": \r\n") - 1;
}

int brio_http_stamp_check(const brio_header *headers, size_t n)
{
    enum { STAMP_MAX = 8192 };
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (!may_be_written(&headers[i]) ||
            brio_str_eq_nocase(headers[i].name, BRIO_S("connection")))
            return -EINVAL;
        size += header_bytes(&headers[i]);
    }
    return size > STAMP_MAX ? -ENAMETOOLONG : 0;
}

bool brio_http_response_fits(const brio_http_response *response, size_t *size, bool *ret_closes)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        const brio_header *h = &response->headers[i];
        if (!may_be_written(h))
            return false;
        *size += header_bytes(h);
        if (brio_str_eq_nocase(h->name, BRIO_S("connection")))
            *ret_closes = *ret_closes || says_close(h->value);
    }
    return is_field_text(response->content_type);
}

/* ---- Head ------------------------------------------------------------------ */

/* How one response is framed. */
typedef struct framing {
    int status;
    bool close_given; /* the caller's headers say it */
    bool old_client;  /* HTTP/1.0 */
    bool has_length, has_body, chunked;
    bool sized; /* the body of that length follows in pieces */
} framing;

static framing frame(const brio_http_conn *conn, const brio_http_response *response)
{
    const brio_http_request *req = conn->request; /* NULL when refused */
    framing f = {.status = response->status ? response->status : 200};
    bool never = f.status < 200 || f.status == 204 || f.status == 304;
    f.old_client = req && req->minor == 0;
    f.chunked = response->chunked && !response->sized && !never;
    f.sized = response->chunked && response->sized;
    f.has_length = !never && !f.chunked;
    f.has_body = !never && !(req && req->method == BRIO_METHOD_HEAD);
    return f;
}

/* Decides whether the connection ends, and where chunks will go. An interim
 * response decides nothing. */
static void settle(brio_http_conn *conn, const brio_http_response *response, const framing *f)
{
    if (f->status < 200)
        return;
    bool bare = f->chunked && f->old_client;
    if (response->close || f->close_given || bare || !conn->request)
        conn->closing = true;
    conn->reply = REPLY_NO_BODY;
    if ((f->chunked || f->sized) && f->has_body)
        conn->reply = bare || f->sized ? REPLY_BARE : REPLY_CHUNKED;
}

static void add_header(brio_buf *out, brio_str name, brio_str value)
{
    brio_buf_add(out, name);
    brio_buf_add(out, BRIO_S(": "));
    brio_buf_add(out, value);
    brio_buf_add(out, BRIO_S("\r\n"));
}

static void add_status_line(brio_buf *out, int status)
{
    brio_str line = brio_http_status_line(status);
    if (line.len)
        brio_buf_add(out, line);
    else
        brio_buf_printf(out, "HTTP/1.1 %d \r\n", status);
}

static void add_connection(const brio_http_conn *conn, brio_buf *out, const framing *f)
{
    if (f->status < 200 || f->close_given)
        return;
    if (conn->closing)
        brio_buf_add(out, BRIO_S("connection: close\r\n"));
    else if (f->old_client)
        brio_buf_add(out, BRIO_S("connection: keep-alive\r\n"));
}

static void add_head(const brio_http_conn *conn, brio_buf *out, const brio_http_response *response,
                     const framing *f)
{
    if (f->has_length) {
        brio_buf_add(out, BRIO_S("content-length: "));
        brio_buf_u64(out, f->sized ? response->length : response->body.len);
        brio_buf_add(out, BRIO_S("\r\n"));
    }
    if (response->content_type.len)
        add_header(out, BRIO_S("content-type"), response->content_type);
    for (size_t i = 0; i < response->n_headers; i++)
        add_header(out, response->headers[i].name, response->headers[i].value);
    if (f->chunked && !f->old_client)
        brio_buf_add(out, BRIO_S("transfer-encoding: chunked\r\n"));
    add_connection(conn, out, f);
    brio_buf_add(out, BRIO_S("\r\n"));
}

/* The headers of a stamp, which were checked when it was made. */
static size_t stamp_bytes(const brio_http_stamp *stamp)
{
    size_t size = stamp ? stamp->len : 0;
    for (size_t i = 0; stamp && i < stamp->n_headers; i++)
        size += header_bytes(&stamp->headers[i]);
    return size;
}

static void add_stamp(brio_buf *out, const brio_http_stamp *stamp)
{
    if (!stamp)
        return;
    brio_buf_add(out, (brio_str){stamp->text, stamp->len});
    for (size_t i = 0; i < stamp->n_headers; i++)
        add_header(out, stamp->headers[i].name, stamp->headers[i].value);
}

int brio_http_write_head(brio_http_conn *conn, brio_buf *out, const brio_http_stamp *stamp,
                         const brio_http_response *response, bool with_body)
{
    framing f = frame(conn, response);
    brio_str line = brio_http_status_line(f.status);
    brio_str body =
        with_body && f.has_body && f.has_length && !f.sized ? response->body : (brio_str){NULL, 0};
    size_t size =
        FRAMING_MAX + line.len + stamp_bytes(stamp) + response->content_type.len + body.len;
    if (f.status < 100 || f.status > 999 ||
        !brio_http_response_fits(response, &size, &f.close_given))
        return -EINVAL;
    if (!brio_buf_reserve(out, size))
        return -ENOMEM;
    settle(conn, response, &f);
    add_status_line(out, f.status);
    add_stamp(out, stamp);
    add_head(conn, out, response, &f);
    brio_buf_add(out, body);
    BRIO_ASSERT(!out->failed);
    return 0;
}

/* ---- Chunks ---------------------------------------------------------------- */

void brio_http_write_chunk(const brio_http_conn *conn, brio_buf *out, brio_str data)
{
    enum { AROUND = sizeof("0123456789abcdef\r\n\r\n") };
    if (data.len == 0 || conn->reply == REPLY_NO_BODY)
        return;
    if (conn->reply == REPLY_BARE) {
        brio_buf_add(out, data);
        return;
    }
    if (!brio_buf_reserve(out, data.len + AROUND)) /* all of it or nothing */
        return;
    brio_buf_printf(out, "%zx\r\n", data.len);
    brio_buf_add(out, data);
    brio_buf_add(out, BRIO_S("\r\n"));
}

bool brio_http_conn_bare(const brio_http_conn *conn)
{
    return conn->reply == REPLY_BARE;
}

void brio_http_write_last_chunk(const brio_http_conn *conn, brio_buf *out)
{
    if (conn->reply == REPLY_CHUNKED)
        brio_buf_add(out, BRIO_S("0\r\n\r\n"));
}

/* ---- Refusals -------------------------------------------------------------- */

void brio_http_refusal_body(brio_buf *out, int status)
{
    brio_str reason = brio_status_reason(status); /* none needs escaping in JSON */
    brio_buf_printf(out, "{\"detail\":\"%.*s\"}", BRIO_ARG(reason));
}

void brio_http_write_refusal(brio_http_conn *conn, brio_buf *out, const brio_http_stamp *stamp)
{
    char storage[128];
    brio_buf body = brio_buf_over(storage, sizeof(storage));
    BRIO_ASSERT(conn->refusal != 0);
    brio_http_refusal_body(&body, conn->refusal);
    brio_http_response response = {.status = conn->refusal,
                                   .content_type = BRIO_S("application/json"),
                                   .body = brio_buf_str(&body),
                                   .close = true};
    int rc = brio_http_write_head(conn, out, stamp, &response, true);
    BRIO_ASSERT(rc == 0 || out->failed);
}
