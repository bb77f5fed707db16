/* SPDX-License-Identifier: MIT
 *
 * Messages from elsewhere, and clients that are too slow for them: what waits is
 * limited by the route's .queue, and what happens beyond is its policy. */
#include "app/websocket.h"

#include <errno.h>
#include <stdlib.h>

static const size_t default_bytes = (size_t)1024 * 1024, default_messages = 1024;

/* ---- Limits --------------------------------------------------------------------------- */

static const brio_ws_queue *limits_of(const brio_app_socket *s)
{
    return &brio_app_pool_of(s)->route->spec.queue;
}

static bool is_full(const brio_app_socket *s, size_t more)
{
    const brio_app_outbox *o = s->out;
    const brio_ws_queue *q = limits_of(s);
    size_t bytes = q->bytes ? q->bytes : default_bytes;
    size_t messages = q->messages ? q->messages : default_messages;
    return o && o->n && (o->n - o->flying >= messages || o->bytes + more > bytes);
}

/* Removes the i-th, which waits. */
static void take_out(brio_app_outbox *o, uint32_t i)
{
    brio_app_outbox_forget(o, i);
    for (; i + 1 < o->n; i++)
        *brio_app_outbox_frame(o, i) = *brio_app_outbox_frame(o, i + 1);
    o->n--;
}

/* True if it found something to leave out. */
static bool drop_oldest(brio_app_socket *s)
{
    brio_app_outbox *o = s->out;
    for (uint32_t i = o->flying; i < o->n; i++) {
        uint32_t messages = (*brio_app_outbox_frame(o, i))->messages;
        if (!messages)
            continue; /* a control frame */
        brio_app_home_of(s)->counts.dropped += messages;
        take_out(o, i);
        return true;
    }
    return false;
}

static bool same_key(const brio_ws_frame *a, const brio_ws_frame *b)
{
    return a->key && b->key && a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

/* The newer one takes the place of what waits under its key. */
static bool coalesce(brio_app_socket *s, brio_ws_frame *frame)
{
    brio_app_outbox *o = s->out;
    for (uint32_t i = o ? o->flying : 0; o && i < o->n; i++) {
        brio_ws_frame **at = brio_app_outbox_frame(o, i);
        if (!same_key(*at, frame))
            continue;
        o->bytes += frame->len - (*at)->len;
        brio_ws_frame_release(*at);
        *at = brio_ws_frame_acquire(frame);
        brio_app_home_of(s)->counts.dropped++;
        brio_app_home_of(s)->counts.coalesced++;
        return true;
    }
    return false;
}

/* The rest follows when the line is gone, so that whoever posts to a list of sockets
 * finds it unchanged. */
static void disconnect(brio_app_socket *s)
{
    enum { TRY_AGAIN_LATER = 1013 };
    brio_app_home_of(s)->counts.disconnected++;
    brio_app_talk_close_code(s, TRY_AGAIN_LATER, BRIO_S("the client is too slow"));
    brio_app_cut(s);
}

/* 0: there is room for `len` bytes now. */
static int make_room(brio_app_socket *s, size_t len)
{
    brio_ws_slow slow = limits_of(s)->slow;
    if (is_full(s, len) && !s->blocked)
        brio_app_outbox_write(s); /* it is only this turn that says so much */
    while (is_full(s, len)) {
        if (slow >= BRIO_WS_DROP_OLDEST && drop_oldest(s))
            continue;
        brio_app_home_of(s)->counts.dropped++;
        if (slow == BRIO_WS_DISCONNECT)
            disconnect(s);
        return BRIO_EOVERLOAD;
    }
    return 0;
}

/* ---- While a message goes out in pieces ------------------------------------------------ */

static bool is_piecing(const brio_app_socket *s)
{
    return s->talk && s->talk->conn.sending;
}

/* Takes the reference: nothing may stand between the pieces. */
static int keep_for_later(brio_app_socket *s, brio_ws_frame *frame)
{
    brio_app_talk *t = s->talk;
    const brio_ws_queue *q = limits_of(s);
    bool full = t->n_later >= (q->messages ? q->messages : default_messages);
    brio_app_later *later = full || !frame ? NULL : brio_malloc(sizeof *later);
    if (!later) {
        brio_app_home_of(s)->counts.dropped++;
        brio_ws_frame_release(frame);
        return full ? BRIO_EOVERLOAD : -ENOMEM;
    }
    *later = (brio_app_later){.frame = frame};
    if (!t->later)
        t->later_end = &t->later;
    *t->later_end = later;
    t->later_end = &later->next;
    t->n_later++;
    return 0;
}

void brio_app_say_later(brio_app_socket *s)
{
    brio_app_talk *t = s->talk;
    while (t->later) {
        brio_app_later *later = t->later;
        bool goes = !s->closed && !s->lost && brio_app_outbox_take_cork(s) == 0;
        t->later = later->next;
        if (!goes ||
            brio_app_outbox_push(s, brio_ws_frame_acquire(brio_app_frame_for(s, later->frame))) < 0)
            brio_app_home_of(s)->counts.dropped++;
        brio_ws_frame_release(later->frame);
        free(later);
    }
    t->n_later = 0;
    brio_app_outbox_dirty(s);
}

int brio_app_say_within(brio_app_socket *s, brio_app_say what, brio_str data)
{
    if (s->closed || s->lost)
        return BRIO_ECLOSED;
    if (BRIO_UNLIKELY(is_piecing(s)))
        return keep_for_later(s, brio_app_frame_new(data, what == BRIO_APP_SAY_TEXT));
    int rc = BRIO_UNLIKELY(s->out != NULL) ? make_room(s, data.len) : 0;
    return rc < 0 ? rc : brio_app_say_now(s, what, data);
}

/* ---- From elsewhere --------------------------------------------------------------------- */

int brio_ws_post(brio_ws_ref ref, brio_ws_frame *frame)
{
    brio_app_socket *s = brio_app_socket_of(ref);
    if (!s || s->closed || s->lost)
        return BRIO_ECLOSED;
    if (BRIO_UNLIKELY(is_piecing(s)))
        return keep_for_later(s, brio_ws_frame_acquire(frame));
    frame = brio_app_frame_for(s, frame);
    int rc = brio_app_outbox_take_cork(s);
    if (rc < 0)
        return rc;
    if (limits_of(s)->slow == BRIO_WS_COALESCE && coalesce(s, frame))
        return 0;
    rc = make_room(s, frame->len);
    if (rc == 0)
        rc = brio_app_outbox_push(s, brio_ws_frame_acquire(frame));
    if (rc < 0)
        return rc;
    brio_app_home_of(s)->counts.sent += frame->messages;
    brio_app_outbox_dirty(s);
    return 0;
}

static int try_send(brio_ws_ref ref, brio_str data, bool text)
{
    brio_app_socket *s = brio_app_socket_of(ref);
    if (!s)
        return BRIO_ECLOSED;
    return brio_app_say_within(s, text ? BRIO_APP_SAY_TEXT : BRIO_APP_SAY_BYTES, data);
}

int brio_ws_try_send_text(brio_ws_ref ref, brio_str text)
{
    return brio_utf8_valid(text) ? try_send(ref, text, true) : -EINVAL;
}

int brio_ws_try_send_bytes(brio_ws_ref ref, brio_str bytes)
{
    return try_send(ref, bytes, false);
}

size_t brio_ws_queued(brio_ws_ref ref)
{
    const brio_app_socket *s = brio_app_socket_of(ref);
    return s && s->out ? s->out->bytes : 0;
}

void brio_ws_end(brio_ws_ref ref, int code, const char *reason)
{
    brio_app_socket *s = brio_app_socket_of(ref);
    BRIO_ASSERT(code == 0 || brio_ws_code_valid(code));
    if (!s || s->closed)
        return;
    code = code ? code : BRIO_WS_NORMAL;
    brio_app_talk_close_code(s, code, brio_str_from(reason));
    brio_app_say_close(s, code, brio_str_from(reason));
    if (s->events)
        brio_app_events_ended(s);
}
