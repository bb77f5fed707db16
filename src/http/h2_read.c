/* SPDX-License-Identifier: MIT
 *
 * What nghttp2 tells while it reads: frames as they begin, for the budgets;
 * heads, bodies and ends of streams, for the owner.
 *
 * A block of headers is bounded as it comes, frame by frame, so that neither a
 * long one nor an endless row of CONTINUATION frames is collected. One that
 * is merely beyond the limit of a head is read to its end, because HPACK's
 * table must be kept in step, and refused with 431. */
#include "http/h2_internal.h"

enum { BLOCK_FACTOR = 4 }; /* a block may be so many times the limit of a head before it is cut */

brio_h2_stream *brio_h2_find(const brio_h2 *h2, int32_t id)
{
    return nghttp2_session_get_stream_user_data(h2->session, id);
}

/* ---- Frames as they begin ------------------------------------------------------ */

/* Streams begin in order; one that was passed over can never begin (section 5.1.1).
 * nghttp2 ignores such a frame, because it may be an answer to what is on its
 * way; but not if the stream was never there. */
static void judge_order(brio_h2 *h2, int32_t id)
{
    if (id > h2->newest) {
        if (id > h2->newest + 2) {
            h2->gap[0] = h2->newest + 2;
            h2->gap[1] = id - 2;
        }
        h2->newest = id;
    } else if (id >= h2->gap[0] && id <= h2->gap[1]) {
        brio_h2_give_up(h2, BRIO_ESYNTAX, NGHTTP2_PROTOCOL_ERROR, "a stream out of order");
    }
}

static void judge_block(brio_h2 *h2, const nghttp2_frame_hd *hd)
{
    h2->block = hd->type == NGHTTP2_CONTINUATION ? h2->block + hd->length : hd->length;
    h2->in_block = !(hd->flags & NGHTTP2_FLAG_END_HEADERS);
    if (h2->block > BLOCK_FACTOR * h2->http.header_bytes)
        brio_h2_give_up(h2, BRIO_EHEADERS, NGHTTP2_ENHANCE_YOUR_CALM,
                        "a block of headers without end");
    if (hd->type == NGHTTP2_CONTINUATION)
        brio_h2_spend(h2, &h2->idle, "too many CONTINUATION frames");
}

static bool ends(const nghttp2_frame_hd *hd)
{
    return hd->flags & NGHTTP2_FLAG_END_STREAM;
}

/* Returning a failure makes nghttp2 read no further. */
static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd, void *arg)
{
    brio_h2 *h2 = arg;
    h2->in_block = false;                    /* nothing comes between its frames */
    if (!nghttp2_session_want_read(session)) /* over, and the rest of the piece with it */
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    switch (hd->type) {
    case NGHTTP2_DATA:
        if (hd->length == 0 && !ends(hd))
            brio_h2_spend(h2, &h2->idle, "too many empty frames");
        break;
    case NGHTTP2_HEADERS:
        judge_order(h2, hd->stream_id);
        /* fallthrough */
    case NGHTTP2_CONTINUATION:
        judge_block(h2, hd);
        break;
    case NGHTTP2_RST_STREAM:
        brio_h2_spend(h2, &h2->resets, "too many streams were cut off");
        break;
    default: /* SETTINGS, PING, PRIORITY, WINDOW_UPDATE, GOAWAY */
        brio_h2_spend(h2, &h2->idle, "too many frames that bring nothing");
    }
    return h2->verdict < 0 ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int err,
                            void *arg)
{
    brio_h2 *h2 = arg;
    (void)session, (void)frame;
    if (!h2->reason)
        h2->reason = nghttp2_strerror(err);
    return 0;
}

/* ---- Heads ----------------------------------------------------------------------- */

static bool begins_request(const nghttp2_frame *frame)
{
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    brio_h2 *h2 = arg;
    if (!begins_request(frame))
        return 0;
    int32_t id = frame->hd.stream_id;
    brio_h2_stream *s = h2->events->on_open(h2, h2->owner);
    if (!s)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM)
                   ? NGHTTP2_ERR_CALLBACK_FAILURE
                   : 0;
    BRIO_ASSERT(!s->session);
    s->session = h2;
    s->id = (uint32_t)id;
    s->n_headers = 1;
    s->request.content_length = -1;
    brio_link_insert_before(&h2->streams, &s->link);
    return nghttp2_session_set_stream_user_data(session, id, s) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *arg)
{
    brio_h2 *h2 = arg;
    (void)session, (void)flags;
    brio_h2_stream *s = brio_h2_find(h2, frame->hd.stream_id);
    if (s && begins_request(frame)) /* trailers are read and forgotten */
        brio_h2_head_field(s, &h2->http, (brio_str){(const char *)name, name_len},
                           (brio_str){(const char *)value, value_len});
    return 0;
}

/* Not dropped silently, as nghttp2 would: the stream is malformed. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                             const uint8_t *name, size_t name_len, const uint8_t *value,
                             size_t value_len, uint8_t flags, void *arg)
{
    (void)session, (void)frame, (void)name, (void)name_len;
    (void)value, (void)value_len, (void)flags, (void)arg;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* ---- Bodies, and frames when they are whole ----------------------------------------- */

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                         size_t len, void *arg)
{
    brio_h2 *h2 = arg;
    (void)flags;
    brio_h2_stream *s = brio_h2_find(h2, id);
    if (!s)
        return nghttp2_session_consume(session, id, len) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
    s->untaken += len;
    h2->events->on_body(s, (brio_str){(const char *)data, len});
    return 0;
}

static void on_head(brio_h2 *h2, brio_h2_stream *s, bool ended)
{
    s->ended = ended;
    brio_h2_head_finish(s);
    h2->events->on_head(s);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    brio_h2 *h2 = arg;
    (void)session;
    const nghttp2_frame_hd *hd = &frame->hd;
    brio_h2_stream *s = hd->stream_id ? brio_h2_find(h2, hd->stream_id) : NULL;
    if (hd->type == NGHTTP2_HEADERS)
        h2->in_block = false; /* told when its last CONTINUATION is here */
    if (!s || (hd->type != NGHTTP2_HEADERS && hd->type != NGHTTP2_DATA))
        return 0;
    if (hd->type == NGHTTP2_DATA && hd->length && hd->length == frame->data.padlen && !ends(hd))
        brio_h2_spend(h2, &h2->idle, "too many empty frames");
    if (begins_request(frame)) {
        on_head(h2, s, ends(hd));
    } else if (ends(hd)) {
        s->ended = true;
        h2->events->on_end(s);
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
    brio_h2 *h2 = arg;
    brio_h2_stream *s = brio_h2_find(h2, id);
    if (!s)
        return 0;
    if (s->untaken) /* what nobody took is the connection's again */
        (void)nghttp2_session_consume_connection(session, (size_t)s->untaken);
    brio_link_remove(&s->link);
    s->session = NULL;
    h2->events->on_closed(s, code);
    return 0;
}

void brio_h2_read_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
}

void brio_h2_took(brio_h2_stream *s, size_t n)
{
    if (!s->session || n == 0)
        return;
    BRIO_ASSERT(n <= s->untaken);
    s->untaken -= n;
    /* Fails only without memory: then the client waits, and times out. */
    (void)nghttp2_session_consume(s->session->session, (int32_t)s->id, n);
}
