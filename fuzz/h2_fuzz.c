/* SPDX-License-Identifier: MIT
 *
 * A session of HTTP/2: whatever bytes come, the same streams, bodies and refusals,
 * whole, byte by byte, and cut where the first input bytes say. Each piece is a
 * heap copy of its exact size that is freed once consumed. What the session
 * wants to say is not looked at in those runs, since a window that is opened
 * earlier lets more come; one more run answers everything and reads the output,
 * so that the writer sees hostile streams. Input without the preface gets one, so
 * that few bytes go to waste. */
#include <brio/http.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STREAMS = 8, CUTS = 4 };

static const brio_http_limits heads = {
    .header_bytes = 2048, .header_count = 16, .target_bytes = 256};
static const brio_h2_limits limits = {
    .streams = STREAMS, .stream_window = 1000, .window = 70000, .resets = 10, .idle_frames = 50};

typedef struct owner {
    brio_h2_stream streams[STREAMS];
    brio_buf bodies[STREAMS];
    bool used[STREAMS];
    brio_buf log, out;
    bool answers;
} owner;

static owner *present;

static size_t place(const brio_h2_stream *s)
{
    return (size_t)(s - present->streams);
}

static void log_str(brio_str s)
{
    brio_buf_u64(&present->log, s.len);
    brio_buf_char(&present->log, ':');
    brio_buf_add(&present->log, s);
}

static brio_h2_stream *on_open(brio_h2 *h2, void *arg)
{
    owner *o = arg;
    (void)h2;
    for (size_t i = 0; i < STREAMS; i++)
        if (!o->used[i]) {
            o->used[i] = true;
            brio_buf_clear(&o->bodies[i]);
            return &o->streams[i];
        }
    return NULL;
}

/* As the path's length says: at once, in pieces, as a tunnel, or not at all. */
static void answer(brio_h2_stream *s)
{
    const brio_http_request *r = &s->request;
    brio_http_response response = {.content_type = r->content_type,
                                   .headers = r->headers,
                                   .n_headers = r->n_headers,
                                   .body = brio_buf_str(&present->bodies[place(s)])};
    if (!present->answers || s->responded)
        return;
    response.chunked = r->path.len % 4 == 1;
    response.status = s->protocol.len ? 101 : r->path.len % 4 == 2 ? 204 : 0;
    bool open = !s->refusal && (response.chunked || response.status == 101);
    int rc = s->refusal ? brio_h2_refuse(s, NULL) : brio_h2_respond(s, NULL, &response);
    if (rc == 0 && open)
        rc = brio_h2_write(s, r->target, r->path.len % 8 == 1);
    if (rc < 0 || r->path.len % 16 == 7)
        brio_h2_reset(s, BRIO_H2_CANCEL);
    if (r->path.len % 16 == 11)
        brio_h2_revoke(s);
}

static void on_head(brio_h2_stream *s)
{
    const brio_http_request *r = &s->request;
    const brio_str views[] = {r->method_text, r->target,   r->path,        r->query,
                              r->host,        r->protocol, r->content_type};
    brio_buf_printf(&present->log, "%u head %d %d %d %lld ", s->id, s->refusal, s->ended,
                    r->expect_continue, (long long)r->content_length);
    for (size_t i = 0; i < sizeof views / sizeof *views && !s->refusal; i++)
        log_str(views[i]);
    for (size_t i = 0; i < r->n_headers; i++) {
        log_str(r->headers[i].name);
        log_str(r->headers[i].value);
    }
    brio_buf_char(&present->log, '\n');
    if (r->expect_continue && present->answers)
        (void)!brio_h2_continue(s);
    if (s->ended || s->refusal || s->protocol.len || r->path.len % 8 == 5)
        answer(s);
}

static void on_body(brio_h2_stream *s, brio_str piece)
{
    brio_buf_add(&present->bodies[place(s)], piece);
    brio_h2_took(s, piece.len);
}

static void on_end(brio_h2_stream *s)
{
    brio_buf_printf(&present->log, "%u ", s->id);
    log_str(brio_buf_str(&present->bodies[place(s)]));
    brio_buf_char(&present->log, '\n');
    answer(s);
}

static void on_taken(brio_h2_stream *s)
{
    if (s->request.path.len % 3 == 0 && !s->bare && !s->last)
        (void)!brio_h2_write(s, s->request.target, true);
}

static void on_closed(brio_h2_stream *s, uint32_t code)
{
    brio_buf_printf(&present->log, "%u closed %u\n", s->id, code);
    present->used[place(s)] = false;
    brio_h2_stream_done(s);
}

static const brio_h2_events events = {.on_open = on_open,
                                      .on_head = on_head,
                                      .on_body = on_body,
                                      .on_end = on_end,
                                      .on_taken = on_taken,
                                      .on_closed = on_closed};

static bool feed(brio_h2 *h2, owner *o, brio_str part)
{
    char *copy = malloc(part.len);
    BRIO_ASSERT(copy != NULL);
    memcpy(copy, part.ptr, part.len);
    int rc = brio_h2_receive(h2, (brio_str){copy, part.len}, BRIO_SEC(1));
    free(copy);
    for (int i = 0; i < 20 && o->answers; i++) {
        brio_buf_clear(&o->out);
        BRIO_ASSERT(brio_h2_compose(h2, &o->out, 3000) == 0);
        BRIO_ASSERT(o->out.len < 3000 + 65536);
        rc = o->out.len == 0 && brio_h2_over(h2) ? -1 : rc;
    }
    return rc == 0;
}

/* `cuts` NULL: all in one piece; else piece lengths, over and over. */
static brio_buf run(owner *o, brio_str bytes, const uint8_t *cuts, bool answers)
{
    brio_h2 *h2;
    present = o;
    o->log = (brio_buf){0};
    o->answers = answers;
    BRIO_ASSERT(brio_h2_open(
                    &h2, &(brio_h2_options){
                             .events = &events, .owner = o, .limits = limits, .http = heads}) == 0);
    bool on = true;
    for (size_t at = 0, i = 0; at < bytes.len && on; i++) {
        brio_str part = brio_str_slice(bytes, at, cuts ? 1u + cuts[i % CUTS] : bytes.len);
        on = feed(h2, o, part);
        at += part.len;
    }
    brio_h2_close(h2);
    return o->log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t single[CUTS];
    static owner o;
    if (size < CUTS)
        return 0;
    for (size_t i = 0; i < STREAMS && !o.streams[i].headers; i++)
        BRIO_ASSERT(brio_h2_stream_init(&o.streams[i], heads.header_count) == 0);
    brio_buf bytes = {0};
    brio_str given = {(const char *)data + CUTS, size - CUTS};
    if (!brio_str_starts(given, BRIO_S("PRI ")))
        brio_buf_add(&bytes, brio_h2_preface());
    brio_buf_add(&bytes, given);
    brio_str all = brio_buf_str(&bytes);
    brio_buf logs[] = {run(&o, all, NULL, false), run(&o, all, single, false),
                       run(&o, all, data, false), run(&o, all, data, true)};
    for (size_t i = 1; i < 3; i++)
        BRIO_ASSERT(brio_str_eq(brio_buf_str(&logs[0]), brio_buf_str(&logs[i])));
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
        brio_buf_fini(&logs[i]);
    brio_buf_fini(&bytes);
    return 0;
}
