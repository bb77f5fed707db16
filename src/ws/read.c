/* SPDX-License-Identifier: MIT
 *
 * Frames to messages (RFC 6455, section 5 to 7).
 *
 * A frame's head is judged as a whole (head.c); then its payload is unmasked, once,
 * into the buffer of its message (message.c), where text is checked as it arrives:
 * what can not become UTF-8 any more is refused at that byte, and the next call
 * looks at new bytes only. */
#include "ws/ws_internal.h"

static const uint64_t default_message_bytes = (uint64_t)16 * 1024 * 1024;
static const uint64_t default_stream_bytes = (uint64_t)1024 * 1024 * 1024;

void brio_ws_conn_init(brio_ws_conn *conn, const brio_ws_options *options)
{
    enum { SMALL = 1024 };
    brio_ws_options o = options ? *options : (brio_ws_options){0};
    *conn = (brio_ws_conn){.client = o.client, .pieces = o.pieces, .pool = o.pool};
    conn->in_place = o.in_place;
    conn->deflate = o.deflate;
    conn->deflate_min = o.deflate_min ? o.deflate_min : SMALL;
    uint64_t usual = o.pieces ? default_stream_bytes : default_message_bytes;
    conn->limit = o.message_bytes ? o.message_bytes : usual;
    if (conn->limit > INT64_MAX) /* more than a frame can have */
        conn->limit = INT64_MAX;
}

void brio_ws_conn_fini(brio_ws_conn *conn)
{
    brio_ws_buffer_give(conn->pool, &conn->message);
    brio_ws_buffer_give(conn->pool, &conn->packet);
    brio_ws_inflater_release(conn->pool, conn->inflater);
    brio_ws_deflater_release(conn->pool, conn->deflater);
    conn->inflater = NULL;
    conn->deflater = NULL;
}

brio_ws_event brio_ws_conn_fail(brio_ws_conn *conn, int code, const char *reason)
{
    conn->code = (uint16_t)code;
    conn->reason = reason;
    conn->data = (brio_str){0};
    conn->ended = true;
    return BRIO_WS_FAILED;
}

/* ---- Control frames --------------------------------------------------------- */

static brio_ws_event end_close(brio_ws_conn *conn, brio_str payload)
{
    conn->code = BRIO_WS_NO_CODE;
    if (payload.len == 1)
        return brio_ws_conn_fail(conn, BRIO_WS_PROTOCOL_ERROR, "half a close code");
    if (payload.len >= 2) {
        int code = (uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1];
        if (!brio_ws_code_valid(code))
            return brio_ws_conn_fail(conn, BRIO_WS_PROTOCOL_ERROR,
                                     "a close code that may not be sent");
        conn->code = (uint16_t)code;
    }
    if (!brio_utf8_valid(brio_str_slice(payload, 2, SIZE_MAX)))
        return brio_ws_conn_fail(conn, BRIO_WS_BAD_DATA, "a close reason that is not UTF-8");
    conn->data = brio_str_slice(payload, 2, SIZE_MAX);
    conn->ended = true;
    return BRIO_WS_CLOSE;
}

static brio_ws_event end_control(brio_ws_conn *conn)
{
    brio_str payload = {NULL, (size_t)conn->frame_at};
    if (payload.len)
        payload.ptr = conn->message.ptr + conn->message.len;
    if (conn->opcode == BRIO_WS_OP_CLOSE)
        return end_close(conn, payload);
    conn->data = payload;
    return conn->opcode == BRIO_WS_OP_PING ? BRIO_WS_PING : BRIO_WS_PONG;
}

/* ---- Frames ------------------------------------------------------------------ */

static bool collect_head(brio_ws_conn *conn, brio_str *input)
{
    while (conn->head_len < brio_ws_head_size(conn)) {
        if (!input->len)
            return false;
        conn->head[conn->head_len++] = (uint8_t)input->ptr[0];
        *input = brio_str_slice(*input, 1, SIZE_MAX);
    }
    return true;
}

/* How much is taken at once. Compressed payload is looked at in portions that do
 * not depend on how it came; a piece has no more than it may have. */
static size_t portion(const brio_ws_conn *conn, brio_str input)
{
    size_t n = input.len < conn->left ? input.len : (size_t)conn->left;
    size_t room = n;
    if (brio_ws_is_control(conn))
        return n;
    if (conn->packed)
        room = BRIO_WS_COLLECT_BYTES - conn->packet.len;
    else if (conn->pieces)
        room = BRIO_WS_PIECE_MAX - conn->message.len;
    return n < room ? n : room;
}

static brio_ws_event advance_frame(brio_ws_conn *conn, brio_str *input)
{
    size_t n = portion(conn, *input);
    if (n) {
        char *to = brio_ws_message_place(conn, n);
        if (!to)
            return brio_ws_conn_fail(conn, BRIO_WS_INTERNAL, "no memory for a message");
        brio_ws_mask(to, input->ptr, n, conn->mask, (uint32_t)(conn->frame_at % 4));
        *input = brio_str_slice(*input, n, SIZE_MAX);
    }
    conn->frame_at += n;
    conn->left -= n;
    if (conn->left == 0) {
        conn->started = false;
        conn->head_len = 0;
    }
    if (!brio_ws_is_control(conn))
        return brio_ws_message_grew(conn, n);
    return conn->left ? BRIO_WS_MORE : end_control(conn);
}

/* Until there is an event, or nothing more to read. */
static brio_ws_event read_frames(brio_ws_conn *conn, brio_str *input)
{
    brio_ws_event event = BRIO_WS_MORE;
    while (event == BRIO_WS_MORE && !conn->ended) {
        if (conn->unpacking) {
            event = brio_ws_message_unpack(conn);
        } else if (!conn->started) {
            if (!collect_head(conn, input))
                return BRIO_WS_MORE;
            event = brio_ws_start_frame(conn);
        } else if (input->len || conn->left == 0) {
            event = advance_frame(conn, input);
        } else {
            return BRIO_WS_MORE;
        }
    }
    return event;
}

/* ---- The door ----------------------------------------------------------------- */

void brio_ws_conn_rest(brio_ws_conn *conn)
{
    brio_ws_message_forget(conn);
}

bool brio_ws_conn_rests(const brio_ws_conn *conn)
{
    bool reading = conn->head_len || conn->started || conn->in_message || conn->unpacking;
    return !reading && !conn->sending && !conn->ended && !conn->inflater && !conn->deflater;
}

brio_ws_event brio_ws_conn_next(brio_ws_conn *conn, brio_str *input)
{
    brio_ws_message_forget(conn);
    brio_ws_event event = conn->ended ? BRIO_WS_MORE : brio_ws_read_whole(conn, input);
    if (event == BRIO_WS_MORE)
        event = read_frames(conn, input);
    if (conn->ended)
        *input = (brio_str){0};
    return event;
}
