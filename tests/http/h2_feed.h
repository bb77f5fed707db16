/* SPDX-License-Identifier: MIT
 *
 * A session of HTTP/2 under test: frames made by hand on one side, a log of
 * what the session told and of what it wants to send on the other. The owner
 * answers nothing by itself unless `answers`. */
#ifndef BRIO_TEST_H2_FEED_H
#define BRIO_TEST_H2_FEED_H

#include "harness/h2_frames.h"
#include "harness/test.h"

#include <brio/http.h>

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

/* ---- The owner ------------------------------------------------------------------- */

enum { STREAMS = 64 };

typedef struct owner {
    brio_h2 *h2;
    brio_h2_stream streams[STREAMS];
    brio_buf bodies[STREAMS];
    bool used[STREAMS];
    brio_buf log;
    brio_buf out;
    brio_h2_stream *last; /* the newest */
    size_t open, taken;
    bool answers; /* each request, as soon as it is complete */
    bool refuses; /* streams */
    bool starved; /* memory may be missing */
    bool hoards;  /* bodies count against the window */
} owner;

static inline owner *owner_of(const brio_h2_stream *s)
{
    return s->session ? brio_h2_owner(s->session) : NULL;
}

static inline size_t place_of(const owner *o, const brio_h2_stream *s)
{
    return (size_t)(s - o->streams);
}

static owner *present; /* on_closed has no session */

static inline brio_h2_stream *owner_open(brio_h2 *h2, void *arg)
{
    owner *o = arg;
    (void)h2;
    for (size_t i = 0; i < STREAMS && !o->refuses; i++)
        if (!o->used[i]) {
            o->used[i] = true;
            o->open++;
            brio_buf_clear(&o->bodies[i]);
            return o->last = &o->streams[i];
        }
    return NULL;
}

static inline void log_request(owner *o, const brio_h2_stream *s)
{
    const brio_http_request *r = &s->request;
    brio_buf_printf(&o->log, "%u %d.%d %.*s %.*s|%.*s host %.*s length %lld%s%s\n", s->id, r->major,
                    r->minor, BRIO_ARG(r->method_text), BRIO_ARG(r->path), BRIO_ARG(r->query),
                    BRIO_ARG(r->host), (long long)r->content_length, s->ended ? " ended" : "",
                    r->expect_continue ? " waits" : "");
    for (size_t i = 0; i < r->n_headers; i++)
        brio_buf_printf(&o->log, "  %.*s: %.*s\n", BRIO_ARG(r->headers[i].name),
                        BRIO_ARG(r->headers[i].value));
}

static inline void owner_answer(owner *o, brio_h2_stream *s)
{
    if (!o->answers)
        return;
    brio_str body = brio_buf_str(&o->bodies[place_of(o, s)]);
    brio_http_response r = {.content_type = BRIO_S("text/plain"), .body = body};
    int rc = s->refusal ? brio_h2_refuse(s, NULL) : brio_h2_respond(s, NULL, &r);
    CHECK(rc == 0 || (o->starved && rc == -12));
}

static inline void owner_head(brio_h2_stream *s)
{
    owner *o = owner_of(s);
    if (s->refusal)
        brio_buf_printf(&o->log, "%u refused %d %s\n", s->id, s->refusal, s->reason);
    else
        log_request(o, s);
    if (s->ended || s->refusal)
        owner_answer(o, s);
}

static inline void owner_body(brio_h2_stream *s, brio_str piece)
{
    owner *o = owner_of(s);
    brio_buf_add(&o->bodies[place_of(o, s)], piece);
    if (!o->hoards)
        brio_h2_took(s, piece.len);
}

static inline void owner_end(brio_h2_stream *s)
{
    owner *o = owner_of(s);
    CHECK(s->ended);
    brio_buf_printf(&o->log, "%u body %.*s\n", s->id,
                    BRIO_ARG(brio_buf_str(&o->bodies[place_of(o, s)])));
    if (!s->responded)
        owner_answer(o, s);
}

static inline void owner_taken(brio_h2_stream *s)
{
    owner_of(s)->taken++;
}

static inline void owner_closed(brio_h2_stream *s, uint32_t code)
{
    owner *o = present;
    CHECK(!s->session);
    brio_buf_printf(&o->log, "%u closed %u\n", s->id, code);
    brio_h2_stream_done(s);
    o->used[place_of(o, s)] = false;
    o->open--;
}

static const brio_h2_events owner_events = {.on_open = owner_open,
                                            .on_head = owner_head,
                                            .on_body = owner_body,
                                            .on_end = owner_end,
                                            .on_taken = owner_taken,
                                            .on_closed = owner_closed};

/* 0 or what brio_h2_open said. */
static inline int owner_init(owner *o, const brio_h2_limits *limits, const brio_http_limits *http)
{
    brio_http_limits h = brio_http_limits_resolve(http);
    brio_h2_options options = {.events = &owner_events, .owner = o, .http = h};
    if (limits)
        options.limits = *limits;
    present = o;
    for (size_t i = 0; i < STREAMS; i++)
        CHECK_OK(brio_h2_stream_init(&o->streams[i], h.header_count));
    return brio_h2_open(&o->h2, &options);
}

static inline owner *owner_new(const brio_h2_limits *limits, const brio_http_limits *http)
{
    owner *o = calloc(1, sizeof *o);
    CHECK(o);
    CHECK_OK(owner_init(o, limits, http));
    return o;
}

static inline void owner_free(owner *o)
{
    brio_h2_close(o->h2);
    CHECK_INT(o->open, 0);
    for (size_t i = 0; i < STREAMS; i++) {
        brio_h2_stream_fini(&o->streams[i]);
        brio_buf_fini(&o->bodies[i]);
    }
    brio_buf_fini(&o->log);
    brio_buf_fini(&o->out);
    free(o);
}

/* In pieces of `step` bytes after a first one of `first`, each in memory of its own size. */
static inline int feed(owner *o, brio_str bytes, size_t first, size_t step)
{
    int rc = 0;
    for (size_t at = 0, n = first ? first : step; at < bytes.len; at += n, n = step) {
        brio_str part = brio_str_slice(bytes, at, n);
        char *copy = malloc(part.len);
        CHECK(copy);
        memcpy(copy, part.ptr, part.len);
        rc = brio_h2_receive(o->h2, (brio_str){copy, part.len}, BRIO_SEC(1));
        free(copy);
    }
    return rc;
}

static inline int feed_all(owner *o, brio_buf *bytes)
{
    int rc = feed(o, brio_buf_str(bytes), 0, bytes->len);
    brio_buf_clear(bytes);
    return rc;
}

/* ---- What it sends ----------------------------------------------------------------- */

static inline void show_block(brio_buf *log, nghttp2_hd_inflater *inflater, brio_str block)
{
    int flags = 0;
    while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
        nghttp2_nv nv;
        ssize_t n =
            nghttp2_hd_inflate_hd2(inflater, &nv, &flags, (const uint8_t *)block.ptr, block.len, 1);
        CHECK(n >= 0);
        block = brio_str_slice(block, (size_t)n, block.len);
        if (flags & NGHTTP2_HD_INFLATE_EMIT)
            brio_buf_printf(log, "  %.*s: %.*s\n", (int)nv.namelen, nv.name, (int)nv.valuelen,
                            nv.value);
    }
    nghttp2_hd_inflate_end_headers(inflater);
}

static inline uint32_t number_at(brio_str s, size_t at)
{
    const uint8_t *p = (const uint8_t *)s.ptr + at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The frames composed since the last time, as text; settings are left out. */
static inline const char *sent(owner *o)
{
    static const char *const names[] = {"data", "headers", "priority", "reset",  "settings",
                                        "push", "ping",    "goaway",   "window", "continuation"};
    static brio_buf text;
    nghttp2_hd_inflater *inflater;
    brio_buf_clear(&text);
    CHECK(nghttp2_hd_inflate_new(&inflater) == 0);
    brio_buf_clear(&o->out);
    CHECK_OK(brio_h2_compose(o->h2, &o->out, SIZE_MAX));
    for (brio_str rest = brio_buf_str(&o->out); rest.len;) {
        size_t len = number_at(rest, 0) >> 8;
        int type = rest.ptr[3], flags = rest.ptr[4];
        brio_str payload = brio_str_slice(rest, 9, len);
        uint32_t id = number_at(rest, 5);
        CHECK_INT(payload.len, len);
        rest = brio_str_slice(rest, 9 + len, rest.len);
        if (type == SETTINGS)
            continue;
        brio_buf_printf(&text, "%u %s%s", id, names[type],
                        (type == DATA || type == HEADERS) && flags & END_STREAM ? " end" : "");
        if (type == DATA)
            brio_buf_printf(&text, " %zu", len);
        else if (type == RST_STREAM || type == WINDOW)
            brio_buf_printf(&text, " %u", number_at(payload, 0));
        else if (type == GOAWAY)
            brio_buf_printf(&text, " %u", number_at(payload, 4));
        brio_buf_char(&text, '\n');
        if (type == HEADERS)
            show_block(&text, inflater, payload);
    }
    nghttp2_hd_inflate_del(inflater);
    brio_buf_char(&text, '\0');
    return text.ptr;
}

static inline void expect_log(owner *o, const char *want)
{
    CHECK_STR(brio_buf_str(&o->log), want);
    brio_buf_clear(&o->log);
}

#define EXPECT_SENT(o, want) CHECK_STR(brio_str_from(sent(o)), want)

#endif
