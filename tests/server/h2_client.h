/* SPDX-License-Identifier: MIT
 *
 * A client of HTTP/2 for the server's tests: nghttp2's own, blocking, with an
 * eye on each stream. Windows are opened only when the test says so. */
#ifndef BRIO_TEST_SERVER_H2_CLIENT_H
#define BRIO_TEST_SERVER_H2_CLIENT_H

#include "routes.h"

#include <nghttp2/nghttp2.h>

enum { H2_STREAMS = 512, H2_BODY = 4 * 1024 * 1024 };

typedef struct h2_stream {
    int status;
    char head[1024]; /* "name: value\n" */
    char *body;      /* received */
    size_t body_len;
    bool ended, closed;
    uint32_t code;       /* of the end */
    const char *sending; /* a request's body: what is left of it */
    size_t left;
    bool open; /* more of it may come */
} h2_stream;

typedef struct h2_client {
    int fd;
    nghttp2_session *session;
    h2_stream streams[H2_STREAMS]; /* by (id - 1) / 2 */
    bool hoards;                   /* no window is opened by itself */
    bool over;                     /* the server closed the connection */
    int goaway;                    /* its code, or -1 */
    bool pong;
} h2_client;

static inline h2_stream *h2_at(h2_client *c, int32_t id)
{
    CHECK(id > 0 && id / 2 < H2_STREAMS);
    return &c->streams[id / 2];
}

/* ---- What the session tells ------------------------------------------------------ */

static inline int h2_on_header(nghttp2_session *session, const nghttp2_frame *frame,
                               const uint8_t *name, size_t name_len, const uint8_t *value,
                               size_t value_len, uint8_t flags, void *arg)
{
    h2_stream *s = h2_at(arg, frame->hd.stream_id);
    (void)session, (void)flags;
    size_t used = strlen(s->head);
    if (name_len == 7 && memcmp(name, ":status", 7) == 0)
        s->status = (int)strtol((const char *)value, NULL, 10);
    else
        snprintf(s->head + used, sizeof s->head - used, "%.*s: %.*s\n", (int)name_len, name,
                 (int)value_len, value);
    return 0;
}

static inline int h2_on_data(nghttp2_session *session, uint8_t flags, int32_t id,
                             const uint8_t *data, size_t len, void *arg)
{
    h2_client *c = arg;
    h2_stream *s = h2_at(c, id);
    (void)flags;
    if (!s->body)
        s->body = malloc(H2_BODY);
    CHECK(s->body && s->body_len + len < H2_BODY);
    memcpy(s->body + s->body_len, data, len);
    s->body_len += len;
    s->body[s->body_len] = '\0';
    if (!c->hoards)
        CHECK(nghttp2_session_consume(session, id, len) == 0);
    return 0;
}

static inline int h2_on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    h2_client *c = arg;
    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        c->goaway = (int)frame->goaway.error_code;
    if (frame->hd.type == NGHTTP2_PING)
        c->pong = true;
    if (frame->hd.stream_id && frame->hd.flags & NGHTTP2_FLAG_END_STREAM &&
        (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS))
        h2_at(c, frame->hd.stream_id)->ended = true;
    return 0;
}

static inline int h2_on_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
    h2_stream *s = h2_at(arg, id);
    (void)session;
    s->closed = true;
    s->code = code;
    return 0;
}

static inline ssize_t h2_on_read(nghttp2_session *session, int32_t id, uint8_t *buf, size_t len,
                                 uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    h2_stream *s = source->ptr;
    (void)session, (void)id, (void)arg;
    size_t n = s->left < len ? s->left : len;
    if (n == 0 && s->open)
        return NGHTTP2_ERR_DEFERRED;
    if (n)
        memcpy(buf, s->sending, n);
    s->sending += n;
    s->left -= n;
    if (s->left == 0 && !s->open)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static inline h2_client *h2_over(int fd)
{
    h2_client *c = calloc(1, sizeof *c);
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    CHECK(c);
    c->goaway = -1;
    c->fd = fd;
    CHECK(nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, h2_on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, h2_on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, h2_on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, h2_on_close);
    nghttp2_option_set_no_auto_window_update(option, 1);
    CHECK(nghttp2_session_client_new2(&c->session, callbacks, c, option) == 0);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    CHECK(nghttp2_submit_settings(c->session, 0, NULL, 0) == 0);
    return c;
}

static inline h2_client *h2_dial(const rig *r)
{
    int fd = try_connect(r->port);
    CHECK(fd >= 0);
    return h2_over(fd);
}

static inline void h2_hang_up(h2_client *c)
{
    close(c->fd);
    nghttp2_session_del(c->session);
    for (int i = 0; i < H2_STREAMS; i++)
        free(c->streams[i].body);
    free(c);
}

/* ---- Moving bytes ------------------------------------------------------------------ */

static inline void h2_send(h2_client *c)
{
    const uint8_t *bytes;
    ssize_t n;
    while ((n = nghttp2_session_mem_send(c->session, &bytes)) > 0)
        if (send(c->fd, bytes, (size_t)n, MSG_NOSIGNAL) != n)
            return; /* closed by the server: the reading side will tell */
    CHECK(n == 0);
}

/* Sends what is to be sent and receives once. */
static inline void h2_turn(h2_client *c)
{
    static uint8_t bytes[64 * 1024];
    h2_send(c);
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    c->over = n <= 0;
    if (n > 0)
        CHECK(nghttp2_session_mem_recv(c->session, bytes, (size_t)n) == n);
    h2_send(c);
}

static inline void h2_until_closed(h2_client *c, int32_t id)
{
    while (!h2_at(c, id)->closed && !c->over)
        h2_turn(c);
}

static inline void h2_until_over(h2_client *c)
{
    while (!c->over)
        h2_turn(c);
}

/* A PING and its answer: all that was sent before has been read. */
static inline void h2_ping(h2_client *c)
{
    c->pong = false;
    CHECK(nghttp2_submit_ping(c->session, 0, NULL) == 0);
    while (!c->pong && !c->over)
        h2_turn(c);
}

/* ---- Requests ------------------------------------------------------------------------ */

#define H2_NV(n, v)                                                                                \
    {                                                                                              \
        (uint8_t *)(uintptr_t)(n), (uint8_t *)(uintptr_t)(v), strlen(n), strlen(v), 0              \
    }

static inline int32_t h2_request(h2_client *c, const char *method, const char *path,
                                 const nghttp2_nv *more, size_t n_more, bool body)
{
    nghttp2_nv nv[16] = {H2_NV(":method", method), H2_NV(":scheme", "http"), H2_NV(":path", path),
                         H2_NV(":authority", "t")};
    int32_t id = (int32_t)nghttp2_session_get_next_stream_id(c->session);
    nghttp2_data_provider data = {.source.ptr = h2_at(c, id), .read_callback = h2_on_read};
    for (size_t i = 0; i < n_more; i++)
        nv[4 + i] = more[i];
    CHECK(nghttp2_submit_request(c->session, NULL, nv, 4 + n_more, body ? &data : NULL, NULL) ==
          id);
    return id;
}

static inline int32_t h2_get(h2_client *c, const char *path)
{
    return h2_request(c, "GET", path, NULL, 0, false);
}

/* `length`: it is announced. `open`: more may follow (h2_more). */
static inline int32_t h2_post(h2_client *c, const char *path, brio_str body, bool length, bool open)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", body.len);
    const nghttp2_nv nv[] = {H2_NV("content-length", digits)};
    int32_t id = (int32_t)nghttp2_session_get_next_stream_id(c->session);
    h2_stream *s = h2_at(c, id);
    s->sending = body.ptr;
    s->left = body.len;
    s->open = open;
    return h2_request(c, "POST", path, nv, length, true);
}

/* A WebSocket, by an extended CONNECT. */
static inline int32_t h2_ask_for_socket(h2_client *c, const char *path)
{
    const nghttp2_nv nv[] = {H2_NV(":protocol", "websocket"), H2_NV("sec-websocket-version", "13")};
    int32_t id = (int32_t)nghttp2_session_get_next_stream_id(c->session);
    h2_at(c, id)->open = true;
    return h2_request(c, "CONNECT", path, nv, 2, true);
}

static inline void h2_more(h2_client *c, int32_t id, brio_str body, bool open)
{
    h2_stream *s = h2_at(c, id);
    CHECK_INT(s->left, 0);
    s->sending = body.ptr;
    s->left = body.len;
    s->open = open;
    CHECK(nghttp2_session_resume_data(c->session, id) == 0);
    h2_send(c);
}

static inline void h2_reset(h2_client *c, int32_t id)
{
    CHECK(nghttp2_submit_rst_stream(c->session, 0, id, NGHTTP2_CANCEL) == 0);
    h2_send(c);
}

static inline void h2_expect(h2_client *c, int32_t id, int status, const char *body)
{
    h2_until_closed(c, id);
    const h2_stream *s = h2_at(c, id);
    CHECK_INT(s->status, status);
    CHECK_STR(((brio_str){s->body, s->body_len}), body);
    CHECK_INT(s->code, 0);
    CHECK(s->ended);
}

/* Of an answer; "" if it has none. Lent until the next call. */
static inline const char *h2_header(h2_client *c, int32_t id, const char *name)
{
    static char value[128];
    char key[64];
    snprintf(key, sizeof key, "%s: ", name);
    const char *at = strstr(h2_at(c, id)->head, key);
    snprintf(value, sizeof value, "%.*s", at ? (int)strcspn(at + strlen(key), "\n") : 0,
             at ? at + strlen(key) : "");
    return value;
}

#endif
