/* SPDX-License-Identifier: MIT
 *
 * Messages as they go over the wire, made once for any number of sockets.
 *
 * A frame is counted by its references: whoever posts has one, each queue it
 * waits in has one. Its bytes are never changed, so that the kernel may read
 * them for several sockets at a time. */
#include "app/websocket.h"

#include <errno.h>
#include <stdlib.h>

enum { KEY_MAX = 255 };

/* ---- Making ------------------------------------------------------------------ */

brio_ws_frame *brio_app_frame_new(brio_str data, bool text)
{
    brio_buf out = {0};
    brio_ws_compose(&out, data, text);
    brio_ws_frame *f = out.failed ? NULL : brio_app_frame_of_buf(&out, 1);
    if (!f) {
        brio_buf_fini(&out);
        return NULL;
    }
    f->head = (uint8_t)(f->len - data.len);
    f->binary = !text;
    return f;
}

brio_ws_frame *brio_app_frame_of_buf(brio_buf *buf, uint32_t messages)
{
    brio_ws_frame *f = brio_malloc(sizeof *f);
    if (!f)
        return NULL;
    *f = (brio_ws_frame){.refs = 1, .messages = messages, .data = buf->ptr, .len = buf->len};
    *buf = (brio_buf){.limit = buf->limit};
    return f;
}

brio_ws_frame *brio_ws_frame_text(brio_str text)
{
    return brio_utf8_valid(text) ? brio_app_frame_new(text, true) : NULL;
}

brio_ws_frame *brio_ws_frame_bytes(brio_str bytes)
{
    return brio_app_frame_new(bytes, false);
}

static brio_ws_frame *of_text(brio_buf *text)
{
    brio_ws_frame *f = text->failed ? NULL : brio_ws_frame_text(brio_buf_str(text));
    brio_buf_fini(text);
    return f;
}

brio_ws_frame *brio_ws_framef(const char *fmt, ...)
{
    brio_buf text = {0};
    va_list args;
    va_start(args, fmt);
    brio_buf_vprintf(&text, fmt, args);
    va_end(args);
    return of_text(&text);
}

brio_ws_frame *brio_ws_frame_json(const brio_json *json)
{
    brio_buf text = {0};
    brio_json_writer w = {.out = &text};
    brio_json_value(&w, json);
    if (!w.unfit)
        return of_text(&text);
    brio_buf_fini(&text);
    return NULL;
}

brio_ws_frame *brio_ws_frame_model(const brio_model *model, const void *value)
{
    brio_buf text = {0};
    if (brio_encode(&text, model, value, NULL) == 0)
        return of_text(&text);
    brio_buf_fini(&text);
    return NULL;
}

/* ---- Looking ------------------------------------------------------------------- */

int brio_ws_frame_set_key(brio_ws_frame *frame, brio_str key)
{
    if (key.len > KEY_MAX)
        return -EINVAL;
    char *copy = key.len ? brio_strdup(key) : NULL;
    if (key.len && !copy)
        return -ENOMEM;
    free(frame->key);
    frame->key = copy;
    frame->key_len = (uint8_t)key.len;
    return 0;
}

brio_str brio_ws_frame_data(const brio_ws_frame *frame)
{
    return (brio_str){frame->data + frame->head, frame->len - frame->head};
}

bool brio_ws_frame_is_binary(const brio_ws_frame *frame)
{
    return frame->binary;
}

/* ---- Compressed ---------------------------------------------------------------- */

/* Once for all sockets that take it; the key goes with it. */
static void pack(brio_ws_pool *pool, brio_ws_frame *frame)
{
    brio_buf out = {0};
    frame->packed_tried = true;
    if (!brio_ws_compose_packed(pool, 15, &out, brio_ws_frame_data(frame), !frame->binary) ||
        !(frame->packed = brio_app_frame_of_buf(&out, frame->messages))) {
        brio_buf_fini(&out);
        return;
    }
    frame->packed->packed_tried = true;
    if (brio_ws_frame_set_key(frame->packed, (brio_str){frame->key, frame->key_len}) < 0) {
        brio_ws_frame_release(frame->packed);
        frame->packed = NULL;
    }
}

brio_ws_frame *brio_app_frame_for(brio_app_socket *s, brio_ws_frame *frame)
{
    if (BRIO_LIKELY(!s->deflate.on) || s->deflate.server_bits < 15 ||
        frame->len - frame->head < brio_app_options_of(s)->compress_min)
        return frame;
    if (!frame->packed_tried)
        pack(&brio_app_home_of(s)->shared, frame);
    if (!frame->packed)
        return frame;
    if (s->talk)
        brio_ws_sent_packed(&s->talk->conn);
    return frame->packed;
}

/* ---- References ------------------------------------------------------------------ */

brio_ws_frame *brio_ws_frame_acquire(brio_ws_frame *frame)
{
    BRIO_ASSERT(frame->refs > 0);
    frame->refs++;
    return frame;
}

void brio_ws_frame_release(brio_ws_frame *frame)
{
    if (!frame || --frame->refs > 0)
        return;
    brio_ws_frame_release(frame->packed);
    free(frame->data);
    free(frame->key);
    free(frame);
}
