/* SPDX-License-Identifier: MIT
 *
 * What goes out to WebSockets.
 *
 * Most messages are answers to what just came: they are composed into one
 * buffer, the cork, and written at the end of the turn, or when it is another
 * socket's turn to be answered: many at a time. What cannot be written at once,
 * and what is posted from elsewhere, waits in an outbox: a ring of frames, of
 * which the oldest are with the line. Frames of one turn go out at its end, up to
 * 64 in one write.
 *
 *     cork --(the kernel takes no more)--> outbox <-- post
 *
 * The order is the order of the calls: nothing is corked while an outbox has
 * something, and what is corked is moved there before anything is posted. */
#include "app/websocket.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Outboxes ---------------------------------------------------------------- */

static brio_app_outbox *outbox_of(brio_app_socket *s)
{
    brio_app_home *home = brio_app_home_of(s);
    if (s->out)
        return s->out;
    brio_app_outbox *o = home->spare_outboxes;
    if (o) {
        home->spare_outboxes = o->next;
        home->n_outboxes--;
    } else {
        o = brio_malloc(sizeof *o);
        if (!o)
            return NULL;
    }
    *o = (brio_app_outbox){.socket = s, .cap = sizeof o->own / sizeof *o->own};
    o->frames = o->own;
    brio_link_init(&o->drained);
    s->out = o;
    return o;
}

static void wake_all(brio_app_outbox *o, int result)
{
    while (!brio_link_alone(&o->drained)) {
        brio_link *first = o->drained.next;
        brio_link_remove(first);
        brio_unpark(BRIO_CONTAINER(first, brio_waiter, link), result);
    }
}

brio_ws_frame **brio_app_outbox_frame(const brio_app_outbox *o, uint32_t i)
{
    return &o->frames[(o->head + i) & (o->cap - 1)];
}

void brio_app_outbox_forget(brio_app_outbox *o, uint32_t i)
{
    brio_ws_frame *f = *brio_app_outbox_frame(o, i);
    o->bytes -= f->len;
    brio_ws_frame_release(f);
}

/* Takes the `n` oldest out. */
static void pop(brio_app_outbox *o, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        brio_app_outbox_forget(o, i);
    o->head = (o->head + n) & (o->cap - 1);
    o->n -= n;
}

static bool grow(brio_app_outbox *o)
{
    brio_ws_frame **more = brio_malloc((size_t)o->cap * 2 * sizeof(brio_ws_frame *));
    if (!more)
        return false;
    for (uint32_t i = 0; i < o->n; i++)
        more[i] = *brio_app_outbox_frame(o, i);
    if (o->frames != o->own)
        free(o->frames);
    o->frames = more;
    o->cap *= 2;
    o->head = 0;
    return true;
}

/* Takes the reference. */
int brio_app_outbox_push(brio_app_socket *s, brio_ws_frame *frame)
{
    brio_app_outbox *o = frame ? outbox_of(s) : NULL;
    if (!o || (o->n == o->cap && !grow(o))) {
        brio_ws_frame_release(frame);
        return -ENOMEM;
    }
    *brio_app_outbox_frame(o, o->n) = frame;
    o->n++;
    o->bytes += frame->len;
    return 0;
}

static void undirty(brio_app_home *home, const brio_app_outbox *o)
{
    brio_app_outbox **at = &home->dirty;
    while (*at != o)
        at = &(*at)->next_dirty;
    *at = o->next_dirty;
    if (!*at)
        home->dirty_end = at;
}

static void outbox_end(brio_app_socket *s, int result)
{
    brio_app_home *home = brio_app_home_of(s);
    brio_app_outbox *o = s->out;
    s->out = NULL;
    wake_all(o, result);
    if (o->dirty)
        undirty(home, o);
    if (o->frames != o->own)
        free(o->frames);
    if (home->n_outboxes >= BRIO_APP_SPARE) {
        free(o);
        return;
    }
    o->next = home->spare_outboxes;
    home->spare_outboxes = o;
    home->n_outboxes++;
}

void brio_app_outbox_drop(brio_app_socket *s, bool gone)
{
    brio_app_home *home = brio_app_home_of(s);
    brio_app_outbox *o = s->out;
    if (home->corked == s) {
        home->corked = NULL;
        brio_buf_clear(&home->cork);
    }
    if (!o)
        return;
    uint32_t flying = gone ? 0 : o->flying; /* the line still reads them */
    for (uint32_t i = flying; i < o->n; i++)
        brio_app_outbox_forget(o, i);
    o->n = flying;
    if (o->n == 0)
        outbox_end(s, BRIO_ECLOSED);
    else
        wake_all(o, BRIO_ECLOSED);
}

/* ---- Writing ------------------------------------------------------------------- */

void brio_app_cut(brio_app_socket *s)
{
    brio_app_outbox_drop(s, false);
    s->lost = true;
    if (s->attached)
        s->line.ops->close(&s->line, true);
}

/* All that was to be said is out. */
static void drained(brio_app_socket *s)
{
    if (s->out)
        outbox_end(s, 0);
    if (s->leaving && s->attached && !s->lost) {
        s->lost = true;
        s->line.ops->close(&s->line, false);
    }
}

static int write_some(brio_app_socket *s)
{
    brio_app_outbox *o = s->out;
    brio_str parts[BRIO_LINE_PARTS];
    uint32_t n = 0;
    do {
        const brio_ws_frame *f = *brio_app_outbox_frame(o, n);
        parts[n++] = (brio_str){f->data, f->len};
    } while (n < o->n && n < BRIO_LINE_PARTS);
    int rc = s->line.ops->write(&s->line, parts, n);
    if (rc > 0)
        pop(o, n);
    else if (rc == 0)
        o->flying = n;
    return rc;
}

void brio_app_outbox_write(brio_app_socket *s)
{
    while (s->out && s->out->n && !s->blocked && !s->lost && s->attached) {
        int rc = write_some(s);
        s->blocked = rc == 0;
        if (rc < 0)
            brio_app_cut(s);
    }
    if (!s->out || s->out->n == 0)
        drained(s);
}

void brio_app_outbox_written(brio_app_socket *s)
{
    s->blocked = false;
    if (s->out) {
        pop(s->out, s->out->flying);
        s->out->flying = 0;
    }
    brio_app_outbox_write(s);
}

void brio_app_flush_dirty(brio_callback *cb)
{
    brio_app_home *home = BRIO_CONTAINER(cb, brio_app_home, flush);
    if (home->corked)
        brio_app_uncork(home->corked);
    while (home->dirty) {
        brio_app_outbox *o = home->dirty;
        undirty(home, o);
        o->dirty = false;
        brio_app_outbox_write(o->socket);
    }
}

static void flush_soon(brio_app_home *home)
{
    if (!brio_callback_queued(&home->flush))
        brio_loop_call_soon(home->loop, &home->flush);
}

void brio_app_outbox_dirty(brio_app_socket *s)
{
    brio_app_home *home = brio_app_home_of(s);
    brio_app_outbox *o = s->out;
    if (!o || o->dirty || s->blocked)
        return;
    o->dirty = true;
    o->next_dirty = NULL;
    *home->dirty_end = o;
    home->dirty_end = &o->next_dirty;
    flush_soon(home);
}

/* ---- The cork --------------------------------------------------------------------- */

/* What is composed goes the way of frames. */
int brio_app_outbox_take_cork(brio_app_socket *s)
{
    brio_app_home *home = brio_app_home_of(s);
    if (home->corked != s)
        return 0;
    home->corked = NULL;
    if (home->cork.len == 0)
        return 0;
    int rc = brio_app_outbox_push(s, brio_app_frame_of_buf(&home->cork, home->cork_n));
    brio_buf_clear(&home->cork);
    return rc;
}

/* The kernel has none of it, or it has part and reads the rest from where it is. */
static void keep_cork(brio_app_socket *s)
{
    s->blocked = true;
    if (brio_app_outbox_take_cork(s) == 0) {
        s->out->flying = 1;
        return;
    }
    brio_log(BRIO_LOG_CRITICAL, "no memory to keep what is being sent");
    abort();
}

void brio_app_uncork(brio_app_socket *s)
{
    brio_app_home *home = brio_app_home_of(s);
    if (home->corked != s)
        return;
    if (s->lost || !s->attached || home->cork.len == 0) {
        home->corked = NULL;
        brio_buf_clear(&home->cork);
        return;
    }
    brio_str all = brio_buf_str(&home->cork);
    int rc = s->line.ops->write(&s->line, &all, 1);
    if (rc == 0) {
        keep_cork(s);
        return;
    }
    home->corked = NULL;
    if (home->cork.cap > (size_t)BRIO_APP_KEPT_OUT * 2)
        brio_buf_fini(&home->cork);
    brio_buf_clear(&home->cork);
    if (rc < 0)
        brio_app_cut(s);
    else
        drained(s);
}

/* The buffer that a message for the socket is composed into; NULL: there is none, it has
 * an outbox. */
static brio_buf *cork_for(brio_app_socket *s)
{
    brio_app_home *home = brio_app_home_of(s);
    if (s->out || s->blocked || !s->attached)
        return NULL;
    if (home->corked == s)
        return &home->cork;
    if (home->corked)
        brio_app_uncork(home->corked);
    home->corked = s;
    home->cork_n = 0;
    flush_soon(home);
    return &home->cork;
}

static bool packs(const brio_app_socket *s, size_t len)
{
    return BRIO_UNLIKELY(s->deflate.on) && len >= brio_app_options_of(s)->compress_min;
}

/* What is no plain message. */
static void compose_other(brio_app_socket *s, brio_buf *out, brio_app_say what, brio_str data)
{
    static const brio_ws_conn plain; /* a server that compresses nothing */
    brio_app_talk *t = s->talk;
    if (what == BRIO_APP_SAY_PING)
        brio_ws_write_ping(&plain, out, data);
    else if (what == BRIO_APP_SAY_PONG)
        brio_ws_write_pong(&plain, out, data);
    else if (what >= BRIO_APP_SAY_TEXT_PIECE)
        brio_ws_write_piece(&t->conn, out, data,
                            what == BRIO_APP_SAY_TEXT_PIECE || what == BRIO_APP_SAY_TEXT_LAST,
                            what >= BRIO_APP_SAY_TEXT_LAST);
    else if (t)
        brio_ws_write(&t->conn, out, data, what == BRIO_APP_SAY_TEXT);
    else if (!brio_ws_compose_packed(&brio_app_home_of(s)->shared, s->deflate.server_bits, out,
                                     data, what == BRIO_APP_SAY_TEXT))
        brio_ws_compose(out, data, what == BRIO_APP_SAY_TEXT);
}

static void compose(brio_app_socket *s, brio_buf *out, brio_app_say what, brio_str data)
{
    if (BRIO_LIKELY(what <= BRIO_APP_SAY_BYTES) && !packs(s, data.len))
        brio_ws_compose(out, data, what == BRIO_APP_SAY_TEXT);
    else
        compose_other(s, out, what, data);
}

/* ---- Saying ------------------------------------------------------------------------- */

static int queue_composed(brio_app_socket *s, brio_app_say what, brio_str data)
{
    brio_buf out = {0};
    compose(s, &out, what, data);
    brio_ws_frame *f = out.failed ? NULL : brio_app_frame_of_buf(&out, 1);
    if (!f)
        brio_buf_fini(&out);
    int rc = brio_app_outbox_push(s, f);
    brio_app_outbox_dirty(s);
    return rc;
}

static bool is_message(brio_app_say what)
{
    return what <= BRIO_APP_SAY_BYTES || what >= BRIO_APP_SAY_TEXT_LAST;
}

int brio_app_say_now(brio_app_socket *s, brio_app_say what, brio_str data)
{
    brio_app_home *home = brio_app_home_of(s);
    if (s->closed || s->lost)
        return BRIO_ECLOSED;
    home->counts.sent += is_message(what);
    brio_buf *cork = cork_for(s);
    if (!cork)
        return queue_composed(s, what, data);
    size_t before = cork->len;
    compose(s, cork, what, data);
    if (cork->failed) {
        cork->len = before;
        cork->failed = false;
        return -ENOMEM;
    }
    home->cork_n++;
    if (cork->len >= BRIO_APP_KEPT_OUT)
        brio_app_uncork(s);
    return 0;
}

void brio_app_say_close(brio_app_socket *s, int code, brio_str reason)
{
    brio_buf out = {0};
    if (s->closed)
        return;
    brio_app_socket_shut(s);
    s->leaving = true;
    if (code == BRIO_WS_ABNORMAL || s->lost || !s->attached) {
        brio_app_cut(s);
        return;
    }
    static const brio_ws_conn plain;
    brio_ws_write_close(&plain, &out, code, reason);
    brio_ws_frame *f = out.failed ? NULL : brio_app_frame_of_buf(&out, 0);
    if (!f)
        brio_buf_fini(&out);
    if (brio_app_outbox_take_cork(s) < 0 || brio_app_outbox_push(s, f) < 0)
        brio_app_cut(s);
    else
        brio_app_outbox_write(s);
}

typedef struct draining {
    brio_waiter waiter;
} draining;

static bool give_up(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

int brio_app_drained(brio_app_socket *s)
{
    if (s->lost)
        return BRIO_ECLOSED;
    if (!s->out)
        return 0;
    brio_waiter waiter = {.on_cancel = give_up};
    brio_link_insert_before(&s->out->drained, &waiter.link);
    return brio_park(&waiter);
}
