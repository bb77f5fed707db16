/* SPDX-License-Identifier: MIT
 *
 * Answers become frames. A head is handed to nghttp2, which copies it and
 * compresses it when its turn comes; a body stays where it is until a frame of
 * it may go out, and is copied then, once, behind what is being composed. So
 * what a client does not read costs no memory, whatever its size.
 *
 * nghttp2 may stop between packing a frame and asking for its bytes: what was
 * promised must still be there then, or the stream is broken off. */
#include "http/h2_internal.h"

#include <errno.h>

/* ---- Heads ---------------------------------------------------------------------- */

static bool add(brio_h2 *h2, brio_str name, brio_str value, bool constant)
{
    nghttp2_nv nv = {.name = (uint8_t *)(uintptr_t)name.ptr,
                     .namelen = name.len,
                     .value = (uint8_t *)(uintptr_t)(value.ptr ? value.ptr : ""),
                     .valuelen = value.len,
                     .flags = constant ? NGHTTP2_NV_FLAG_NO_COPY_NAME : NGHTTP2_NV_FLAG_NONE};
    brio_buf_add(&h2->fields, (brio_str){(const char *)&nv, sizeof nv});
    return !h2->fields.failed;
}

static bool has_upper_case(brio_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z')
            return true;
    return false;
}

/* There is room: it was reserved for all names at once. */
static brio_str in_lower_case(brio_buf *names, brio_str name)
{
    if (!has_upper_case(name))
        return name;
    char *at = names->ptr + names->len;
    for (size_t i = 0; i < name.len; i++)
        brio_buf_char(names, brio_lower(name.ptr[i]));
    return (brio_str){at, name.len};
}

/* What speaks of a connection of HTTP/1.1 (section 8.2.2), or of its handshake. */
static bool is_of_connection(brio_str name)
{
    static const brio_str names[] = {
        BRIO_S_INIT("connection"), BRIO_S_INIT("keep-alive"), BRIO_S_INIT("proxy-connection"),
        BRIO_S_INIT("upgrade"),    BRIO_S_INIT("te"),         BRIO_S_INIT("sec-websocket-accept")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name.len == names[i].len && brio_str_eq_nocase(name, names[i]))
            return true;
    return false;
}

static void add_stamp(brio_h2 *h2, const brio_http_stamp *stamp)
{
    brio_str rest = {stamp->text, stamp->len};
    while (rest.len) {
        brio_str_pair line = brio_str_cut(rest, '\n');
        brio_str_pair field = brio_str_cut(line.head, ':');
        add(h2, field.head, brio_str_slice(field.tail, 1, field.tail.len - 2), false);
        rest = line.tail;
    }
    for (size_t i = 0; i < stamp->n_headers; i++)
        add(h2, in_lower_case(&h2->names, stamp->headers[i].name), stamp->headers[i].value, false);
}

static void add_headers(brio_h2 *h2, const brio_http_response *response)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        const brio_header *h = &response->headers[i];
        if (!is_of_connection(h->name))
            add(h2, in_lower_case(&h2->names, h->name), h->value, false);
    }
}

typedef struct head {
    int status;
    bool has_length, bodiless;
    uint64_t length;
    char status_text[4], length_text[24];
} head;

static head head_of(const brio_h2_stream *s, const brio_http_response *r)
{
    head h = {.status = r->status ? r->status : 200};
    bool never = h.status == 204 || h.status == 304;
    if (h.status == 101) /* RFC 8441, section 5: what a 101 is there, is a 200 here */
        h.status = 200;
    else
        h.has_length = !never && (!r->chunked || r->sized);
    h.length = r->chunked ? r->length : r->body.len;
    h.bodiless = never || s->request.method == BRIO_METHOD_HEAD;
    return h;
}

static brio_str number(char *text, size_t cap, uint64_t value)
{
    brio_buf out = brio_buf_over(text, cap);
    brio_buf_u64(&out, value);
    return brio_buf_str(&out);
}

/* 0, or -ENOMEM. */
static int make_fields(brio_h2 *h2, head *h, const brio_http_stamp *stamp,
                       const brio_http_response *r, size_t size)
{
    brio_buf_clear(&h2->fields);
    brio_buf_clear(&h2->names);
    for (size_t i = 0; stamp && i < stamp->n_headers; i++)
        size += stamp->headers[i].name.len;
    if (!brio_buf_reserve(&h2->names, size + 1))
        return -ENOMEM;
    add(h2, BRIO_S(":status"), number(h->status_text, sizeof h->status_text, (uint64_t)h->status),
        true);
    if (stamp)
        add_stamp(h2, stamp);
    if (h->has_length)
        add(h2, BRIO_S("content-length"), number(h->length_text, sizeof h->length_text, h->length),
            true);
    if (r->content_type.len)
        add(h2, BRIO_S("content-type"), r->content_type, true);
    add_headers(h2, r);
    return h2->fields.failed ? -ENOMEM : 0;
}

/* ---- Bodies ----------------------------------------------------------------------- */

/* How much of the body may go into the next frame. */
static ssize_t on_read(nghttp2_session *session, int32_t id, uint8_t *buf, size_t len,
                       uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    brio_h2_stream *s = source->ptr;
    (void)session, (void)id, (void)buf, (void)arg;
    if (s->unsent.len == 0 && !s->last) {
        s->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (len >= s->unsent.len) {
        len = s->unsent.len;
        *flags |= s->last ? NGHTTP2_DATA_FLAG_EOF : NGHTTP2_DATA_FLAG_NONE;
    }
    return (ssize_t)len;
}

/* The frame's bytes: its head as given, then `len` of what on_read had seen. */
static int on_send_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *framehd,
                        size_t len, nghttp2_data_source *source, void *arg)
{
    enum { FRAME_HEAD = 9 };
    brio_h2 *h2 = arg;
    brio_h2_stream *s = source->ptr;
    (void)session, (void)frame;
    if (h2->out->len >= h2->until)
        return NGHTTP2_ERR_WOULDBLOCK;
    if (len > s->unsent.len) /* it was taken back */
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (!brio_buf_reserve(h2->out, FRAME_HEAD + len))
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    brio_buf_add(h2->out, (brio_str){(const char *)framehd, FRAME_HEAD});
    brio_buf_add(h2->out, (brio_str){s->unsent.ptr, len});
    s->unsent = brio_str_slice(s->unsent, len, s->unsent.len);
    s->sent += len;
    if (len && s->unsent.len == 0)
        h2->events->on_taken(s);
    return 0;
}

/* ---- What went out ------------------------------------------------------------------- */

static void note_sent_reset(brio_h2 *h2, uint32_t code)
{
    bool ours =
        code == NGHTTP2_NO_ERROR || code == NGHTTP2_CANCEL || code == NGHTTP2_INTERNAL_ERROR;
    if (!ours)
        brio_h2_spend(h2, &h2->resets, "too many streams were broken");
}

/* An answer that is complete before its request ends the matter (section 8.1);
 * a tunnel's other direction may still be in use. */
static int note_end(brio_h2 *h2, brio_h2_stream *s)
{
    s->finished = true;
    if (s->ended || s->tunnel)
        return 0;
    return nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, (int32_t)s->id,
                                     NGHTTP2_NO_ERROR);
}

static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    enum { ANSWERS = 2 }; /* WINDOW_UPDATE frames that a frame of data may bring */
    brio_h2 *h2 = arg;
    (void)session;
    const nghttp2_frame_hd *hd = &frame->hd;
    brio_h2_stream *s = hd->stream_id ? brio_h2_find(h2, hd->stream_id) : NULL;
    if (hd->type == NGHTTP2_RST_STREAM)
        note_sent_reset(h2, frame->rst_stream.error_code);
    if (hd->type == NGHTTP2_DATA)
        brio_h2_earn(&h2->idle, ANSWERS);
    bool carries = hd->type == NGHTTP2_HEADERS || hd->type == NGHTTP2_DATA;
    if (s && carries && hd->flags & NGHTTP2_FLAG_END_STREAM)
        return note_end(h2, s) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
    return 0;
}

void brio_h2_write_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
}

/* ---- What the owner says --------------------------------------------------------------- */

int brio_h2_respond(brio_h2_stream *s, const brio_http_stamp *stamp,
                    const brio_http_response *response)
{
    size_t size = 0;
    bool closes = false;
    brio_h2 *h2 = s->session;
    if (!h2)
        return -EPIPE;
    BRIO_ASSERT(!s->responded);
    head h = head_of(s, response);
    if (h.status < 200 || h.status > 999 || !brio_http_response_fits(response, &size, &closes))
        return -EINVAL;
    int rc = make_fields(h2, &h, stamp, response, size);
    if (rc < 0)
        return rc;
    bool open = response->status == 101 || response->chunked;
    s->bare = h.bodiless;
    s->last = !open;
    s->tunnel = response->status == 101;
    s->unsent = open || h.bodiless ? (brio_str){NULL, 0} : response->body;
    nghttp2_data_provider body = {.source.ptr = s, .read_callback = on_read};
    bool follows = !h.bodiless && (open || s->unsent.len);
    rc = nghttp2_submit_response(h2->session, (int32_t)s->id,
                                 (const nghttp2_nv *)(const void *)h2->fields.ptr,
                                 h2->fields.len / sizeof(nghttp2_nv), follows ? &body : NULL);
    s->responded = rc == 0;
    return rc == 0 ? 0 : -ENOMEM;
}

int brio_h2_write(brio_h2_stream *s, brio_str data, bool last)
{
    if (!s->session)
        return -EPIPE;
    BRIO_ASSERT(s->responded);
    BRIO_ASSERT(!s->last || s->bare);
    if (s->bare || (data.len == 0 && !last))
        return 0;
    BRIO_ASSERT(s->unsent.len == 0);
    s->unsent = data;
    s->last = last;
    if (!s->deferred)
        return 0;
    s->deferred = false;
    return nghttp2_session_resume_data(s->session->session, (int32_t)s->id) ? -EPIPE : 0;
}

void brio_h2_revoke(brio_h2_stream *s)
{
    s->unsent = (brio_str){NULL, 0};
}

int brio_h2_continue(brio_h2_stream *s)
{
    nghttp2_nv status = {(uint8_t *)(uintptr_t) ":status", (uint8_t *)(uintptr_t) "100", 7, 3,
                         NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
    if (!s->session)
        return -EPIPE;
    int32_t rc = nghttp2_submit_headers(s->session->session, NGHTTP2_FLAG_NONE, (int32_t)s->id,
                                        NULL, &status, 1, NULL);
    return rc < 0 ? -ENOMEM : 0;
}

int brio_h2_refuse(brio_h2_stream *s, const brio_http_stamp *stamp)
{
    BRIO_ASSERT(s->refusal != 0);
    brio_http_response response = {.status = s->refusal,
                                   .content_type = BRIO_S("application/json")};
    if (!s->session)
        return -EPIPE;
    brio_buf body = brio_buf_over(s->text, sizeof s->text);
    brio_http_refusal_body(&body, s->refusal);
    response.body = brio_buf_str(&body);
    return brio_h2_respond(s, stamp, &response);
}

void brio_h2_reset(brio_h2_stream *s, uint32_t code)
{
    brio_h2 *h2 = s->session;
    if (h2 && nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, (int32_t)s->id, code) != 0)
        brio_h2_out_of_memory(h2); /* or it would stay open */
}
