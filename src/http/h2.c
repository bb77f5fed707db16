/* SPDX-License-Identifier: MIT
 *
 * An HTTP/2 session: how it begins, takes bytes, gives bytes, and ends.
 *
 * Two budgets bound what a client can make us do for nothing. One is for
 * streams that it cuts off or breaks (each may have started a handler), one
 * for frames that carry nothing. Both fill up again by a tenth each second, so
 * an honest client of any age never meets them. */
#include "http/h2_internal.h"

#include <errno.h>
#include <stdlib.h>

enum {
    STREAMS_DEFAULT = 100,
    STREAM_WINDOW_DEFAULT = 65535,
    WINDOW_DEFAULT = 1024 * 1024,
    RESETS_DEFAULT = 500,
    IDLE_FRAMES_DEFAULT = 1000,
    MEMORY_BASE = 256 * 1024,       /* of a session, whatever its streams */
    MEMORY_OF_STREAM = 16 * 1024,   /* the head of an answer that waits, most of it */
    MEMORY_LAST_WORDS = 256 * 1024, /* beyond the limit, for the GOAWAY that tells of it */
    STREAMS_MAX = 1 << 16,
    WINDOW_MAX = 1 << 30,
    WHOLE = 1000 /* thousandths */
};

brio_str brio_h2_preface(void)
{
    return BRIO_S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

brio_str brio_h2_turned_away(void)
{
    return BRIO_S("\0\0\0\4\0\0\0\0\0"   /* SETTINGS, none */
                  "\0\0\x08\7\0\0\0\0\0" /* GOAWAY */
                  "\0\0\0\0\0\0\0\x0b"); /* no stream; ENHANCE_YOUR_CALM */
}

static uint32_t limit_of(uint32_t value, uint32_t usual, uint32_t most)
{
    value = value ? value : usual;
    return value < most ? value : most;
}

brio_h2_limits brio_h2_limits_resolve(const brio_h2_limits *limits)
{
    static const brio_h2_limits none;
    brio_h2_limits l = limits ? *limits : none;
    l.streams = limit_of(l.streams, STREAMS_DEFAULT, STREAMS_MAX);
    l.stream_window = limit_of(l.stream_window, STREAM_WINDOW_DEFAULT, WINDOW_MAX);
    l.window = limit_of(l.window, WINDOW_DEFAULT, WINDOW_MAX);
    l.resets = limit_of(l.resets, RESETS_DEFAULT, INT32_MAX);
    l.idle_frames = limit_of(l.idle_frames, IDLE_FRAMES_DEFAULT, INT32_MAX);
    l.memory = limit_of(l.memory, MEMORY_BASE + l.streams * MEMORY_OF_STREAM, UINT32_MAX);
    return l;
}

/* ---- Budgets --------------------------------------------------------------- */

void brio_h2_give_up(brio_h2 *h2, int verdict, uint32_t code, const char *reason)
{
    if (h2->verdict < 0)
        return;
    h2->verdict = verdict;
    h2->reason = reason;
    h2->memory_max += MEMORY_LAST_WORDS;
    h2->mute = nghttp2_session_terminate_session(h2->session, code) != 0;
    if (h2->mute)
        h2->verdict = -ENOMEM;
}

void brio_h2_out_of_memory(brio_h2 *h2)
{
    if (h2->starved)
        brio_h2_give_up(h2, BRIO_EOVERLOAD, NGHTTP2_ENHANCE_YOUR_CALM,
                        "a connection that takes too much memory");
    else
        brio_h2_give_up(h2, -ENOMEM, NGHTTP2_INTERNAL_ERROR, "out of memory");
}

void brio_h2_spend(brio_h2 *h2, brio_h2_budget *budget, const char *reason)
{
    budget->left -= WHOLE;
    if (BRIO_UNLIKELY(budget->left < 0))
        brio_h2_give_up(h2, BRIO_EOVERLOAD, NGHTTP2_ENHANCE_YOUR_CALM, reason);
}

void brio_h2_earn(brio_h2_budget *budget, int frames)
{
    budget->left += (int64_t)frames * WHOLE;
    if (budget->left > budget->most)
        budget->left = budget->most;
}

static brio_h2_budget budget_of(uint32_t frames)
{
    return (brio_h2_budget){(int64_t)frames * WHOLE, (int64_t)frames * WHOLE};
}

static void refill(brio_h2_budget *b, int64_t ms)
{
    b->left += b->most / WHOLE * ms / 10; /* a tenth of the frames each 1000 ms */
    if (b->left > b->most)
        b->left = b->most;
}

static void refill_all(brio_h2 *h2, brio_time now)
{
    int64_t ms = (now - h2->since) / BRIO_MS(1);
    if (ms <= 0)
        return;
    h2->since += BRIO_MS(ms);
    const int64_t full = INT64_C(10) * WHOLE; /* by then they are full */
    ms = ms < full ? ms : full;
    refill(&h2->resets, ms);
    refill(&h2->idle, ms);
}

/* ---- Beginning and end ------------------------------------------------------ */

static nghttp2_option *session_options(const brio_h2 *h2)
{
    enum { UNREAD_ACKS = 100 }; /* answers to PING and SETTINGS that wait for the client */
    nghttp2_option *o = NULL;
    (void)h2;
    if (nghttp2_option_new(&o) != 0)
        return NULL;
    nghttp2_option_set_no_auto_window_update(o, 1);
    nghttp2_option_set_max_outbound_ack(o, UNREAD_ACKS);
    nghttp2_option_set_no_closed_streams(o, 1);
#ifdef BRIO_HAS_MAX_CONTINUATIONS
    /* It counts how often it looks for a frame's head, which may come in 9 pieces: its
     * own limit of 8 would depend on how the bytes were cut. Frames are in the
     * budget here; this is for blocks that are ignored, of which we hear nothing. */
    nghttp2_option_set_max_continuations(o, 9 * (size_t)h2->limits.idle_frames);
#endif
    return o;
}

static int make_session(brio_h2 *h2)
{
    nghttp2_mem mem = brio_h2_memory_of(h2);
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = session_options(h2);
    int rc = option ? nghttp2_session_callbacks_new(&callbacks) : NGHTTP2_ERR_NOMEM;
    if (rc == 0) {
        brio_h2_read_callbacks(callbacks);
        brio_h2_write_callbacks(callbacks);
        rc = nghttp2_session_server_new3(&h2->session, callbacks, h2, option, &mem);
    }
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    return rc;
}

static int say_settings(brio_h2 *h2, bool sockets)
{
    size_t heads = h2->http.header_bytes < UINT32_MAX ? h2->http.header_bytes : UINT32_MAX;
    const nghttp2_settings_entry entries[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, h2->limits.streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, h2->limits.stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)heads},
        {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
    };
    size_t n = sizeof entries / sizeof *entries - !sockets;
    int rc = nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, entries, n);
    if (rc == 0)
        rc = nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                                   (int32_t)h2->limits.window);
    return rc;
}

int brio_h2_open(brio_h2 **ret, const brio_h2_options *options)
{
    brio_h2 *h2 = brio_zalloc(1, sizeof *h2);
    if (!h2)
        return -ENOMEM;
    h2->events = options->events;
    h2->owner = options->owner;
    h2->limits = brio_h2_limits_resolve(&options->limits);
    h2->http = brio_http_limits_resolve(&options->http);
    h2->resets = budget_of(h2->limits.resets);
    h2->idle = budget_of(h2->limits.idle_frames);
    h2->preface = brio_h2_preface().len;
    h2->scan.skip = (uint32_t)h2->preface;
    h2->newest = -1; /* so that stream 1 is in order */
    brio_link_init(&h2->streams);
    if (make_session(h2) != 0 || say_settings(h2, !options->no_sockets) != 0) {
        brio_h2_close(h2);
        return -ENOMEM;
    }
    *ret = h2;
    return 0;
}

void brio_h2_close(brio_h2 *h2)
{
    if (!h2)
        return;
    while (!brio_link_alone(&h2->streams)) {
        brio_h2_stream *s = BRIO_CONTAINER(h2->streams.next, brio_h2_stream, link);
        brio_link_remove(&s->link);
        s->session = NULL;
        h2->events->on_closed(s, BRIO_H2_CANCEL);
    }
    nghttp2_session_del(h2->session);
    brio_buf_fini(&h2->fields);
    brio_buf_fini(&h2->names);
    free(h2);
}

void *brio_h2_owner(const brio_h2 *h2)
{
    return h2->owner;
}

const char *brio_h2_reason(const brio_h2 *h2)
{
    return h2->reason;
}

/* ---- Bytes --------------------------------------------------------------------- */

static void judge_failure(brio_h2 *h2, ptrdiff_t rc)
{
    if (rc == NGHTTP2_ERR_NOMEM)
        brio_h2_out_of_memory(h2);
    else if (rc == NGHTTP2_ERR_FLOODED)
        brio_h2_give_up(h2, BRIO_EOVERLOAD, NGHTTP2_ENHANCE_YOUR_CALM, "flooded with frames");
    else
        brio_h2_give_up(h2, BRIO_ESYNTAX, NGHTTP2_PROTOCOL_ERROR, nghttp2_strerror((int)rc));
}

int brio_h2_receive(brio_h2 *h2, brio_str bytes, brio_time now)
{
    if (h2->since == 0)
        h2->since = now;
    refill_all(h2, now);
    if (h2->verdict < 0)
        return h2->verdict;
    h2->preface -= bytes.len < h2->preface ? bytes.len : h2->preface;
    size_t fine = brio_h2_scan_bytes(&h2->scan, bytes), all = bytes.len;
    bytes.len = fine;
    ptrdiff_t rc = nghttp2_session_mem_recv(h2->session, (const uint8_t *)bytes.ptr, bytes.len);
    bool over = h2->verdict == 0 && !nghttp2_session_want_read(h2->session);
    if (rc < 0 && !(over && rc == NGHTTP2_ERR_CALLBACK_FAILURE))
        judge_failure(h2, rc);
    else if (fine < all)
        brio_h2_give_up(h2, BRIO_ESYNTAX, NGHTTP2_STREAM_CLOSED, "a frame on a closed stream");
    return h2->verdict;
}

int brio_h2_compose(brio_h2 *h2, brio_buf *out, size_t until)
{
    h2->out = out;
    h2->until = until;
    ptrdiff_t n = 1;
    while (n > 0 && out->len < until && !out->failed) {
        const uint8_t *bytes;
        n = nghttp2_session_mem_send(h2->session, &bytes);
        if (n > 0)
            brio_buf_add(out, (brio_str){(const char *)bytes, (size_t)n});
    }
    h2->out = NULL;
    return n < 0 || out->failed || h2->mute ? -ENOMEM : 0;
}

bool brio_h2_over(const brio_h2 *h2)
{
    return !nghttp2_session_want_read(h2->session) && !nghttp2_session_want_write(h2->session);
}

bool brio_h2_in_head(const brio_h2 *h2)
{
    return h2->in_block || h2->preface > 0;
}

/* Without memory for it the client notices by the end of the connection. */
void brio_h2_goodbye(brio_h2 *h2, bool final)
{
    if (h2->final || h2->verdict < 0)
        return;
    h2->final = final;
    if (!final)
        (void)nghttp2_submit_shutdown_notice(h2->session);
    else
        (void)nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE,
                                    nghttp2_session_get_last_proc_stream_id(h2->session),
                                    NGHTTP2_NO_ERROR, NULL, 0);
}
