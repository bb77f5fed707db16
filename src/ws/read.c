/* SPDX-License-Identifier: MIT
 *
 * Frames to messages. The head of a frame is collected and judged as a whole,
 * its payload goes unmasked to the message's buffer (or, of a control frame, to
 * the small one beside it), and a frame that is complete may be an event.
 *
 * Text is checked as it arrives, so a peer learns of its mistake at the first
 * byte that cannot be right, and a long message is looked at once. */
#include "ws/ws_internal.h"

#include <stdlib.h>

static const size_t default_message_bytes = (size_t)16 * 1024 * 1024;

void brio_ws_conn_init(brio_ws_conn *conn, const brio_ws_options *options)
{
    *conn = (brio_ws_conn){.client = options && options->client};
    conn->message.limit =
        options && options->message_bytes ? options->message_bytes : default_message_bytes;
}

void brio_ws_conn_fini(brio_ws_conn *conn)
{
    brio_buf_fini(&conn->message);
}

static brio_ws_event fail(brio_ws_conn *conn, int code, const char *reason)
{
    conn->code = (uint16_t)code;
    conn->reason = reason;
    conn->ended = true;
    return BRIO_WS_FAILED;
}

static bool is_control(const brio_ws_conn *conn)
{
    return conn->opcode >= BRIO_WS_OP_CLOSE;
}

/* ---- Heads ------------------------------------------------------------------ */

static uint64_t load_be(const uint8_t *p, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

/* Bytes of the length behind the first two. */
static size_t wide_length(uint8_t second)
{
    uint8_t code = second & 0x7F;
    return code == 126 ? 2 : code == 127 ? 8 : 0;
}

/* How many bytes the head has, as far as it is known. */
static size_t head_size(const brio_ws_conn *conn)
{
    if (conn->head_len < 2)
        return 2;
    return 2 + wide_length(conn->head[1]) + (conn->head[1] & 0x80 ? 4 : 0);
}

static void collect_head(brio_ws_conn *conn, brio_str *input)
{
    while (input->len && conn->head_len < head_size(conn)) {
        conn->head[conn->head_len++] = (uint8_t)input->ptr[0];
        *input = brio_str_slice(*input, 1, SIZE_MAX);
    }
}

static const char *wrong_opcode(const brio_ws_conn *conn)
{
    switch (conn->opcode) {
    case BRIO_WS_OP_CONTINUATION:
        return conn->in_message ? NULL : "a continuation of no message";
    case BRIO_WS_OP_TEXT:
    case BRIO_WS_OP_BINARY:
        return conn->in_message ? "a new message inside another" : NULL;
    case BRIO_WS_OP_CLOSE:
    case BRIO_WS_OP_PING:
    case BRIO_WS_OP_PONG:
        return conn->fin ? NULL : "a control frame in fragments";
    default:
        return "a frame with an unknown opcode";
    }
}

static const char *wrong_length(const brio_ws_conn *conn)
{
    size_t wide = wide_length(conn->head[1]);
    if (is_control(conn) && wide)
        return "a control frame beyond 125 bytes";
    if ((wide == 2 && conn->left < 126) || (wide == 8 && conn->left <= UINT16_MAX))
        return "a length that is not in its shortest form";
    return conn->left > INT64_MAX ? "a length with its highest bit set" : NULL;
}

static const char *wrong_head(const brio_ws_conn *conn)
{
    if (conn->head[0] & 0x70)
        return "a reserved bit is set";
    if (!(conn->head[1] & 0x80) != conn->client)
        return conn->client ? "a masked frame from a server" : "a frame without mask from a client";
    const char *why = wrong_opcode(conn);
    return why ? why : wrong_length(conn);
}

static brio_ws_event start_frame(brio_ws_conn *conn)
{
    size_t wide = wide_length(conn->head[1]);
    conn->fin = conn->head[0] & 0x80;
    conn->opcode = conn->head[0] & 0x0F;
    conn->left = wide ? load_be(conn->head + 2, wide) : conn->head[1] & 0x7F;
    conn->mask_at = 0;
    const char *why = wrong_head(conn);
    if (why)
        return fail(conn, BRIO_WS_PROTOCOL_ERROR, why);
    if (conn->client)
        memset(conn->mask, 0, sizeof conn->mask);
    else
        memcpy(conn->mask, conn->head + 2 + wide, sizeof conn->mask);
    if (!is_control(conn) && conn->left > conn->message.limit - conn->message.len)
        return fail(conn, BRIO_WS_TOO_BIG, "a message beyond the limit");
    if (conn->opcode == BRIO_WS_OP_TEXT || conn->opcode == BRIO_WS_OP_BINARY) {
        conn->in_message = true;
        conn->text = conn->opcode == BRIO_WS_OP_TEXT;
        conn->checked = 0;
    }
    conn->control_len = 0;
    conn->started = true;
    return BRIO_WS_MORE;
}

/* ---- Payloads ----------------------------------------------------------------- */

static char *place_for(brio_ws_conn *conn, size_t n)
{
    if (is_control(conn))
        return conn->control + conn->control_len;
    return brio_buf_reserve(&conn->message, n) ? conn->message.ptr + conn->message.len : NULL;
}

static brio_ws_event take_payload(brio_ws_conn *conn, brio_str *input)
{
    size_t n = input->len < conn->left ? input->len : (size_t)conn->left;
    if (n == 0)
        return BRIO_WS_MORE;
    char *to = place_for(conn, n);
    if (!to)
        return fail(conn, BRIO_WS_INTERNAL, "no memory for a message");
    brio_ws_mask(to, input->ptr, n, conn->mask, conn->mask_at);
    conn->mask_at = (uint32_t)((conn->mask_at + n) % 4);
    if (is_control(conn))
        conn->control_len = (uint8_t)(conn->control_len + n);
    else
        conn->message.len += n;
    conn->left -= n;
    *input = brio_str_slice(*input, n, SIZE_MAX);
    return BRIO_WS_MORE;
}

/* Looks at what has not been looked at; `whole`: no character may be open. */
static bool text_is_right(brio_ws_conn *conn, bool whole)
{
    brio_str fresh = brio_str_slice(brio_buf_str(&conn->message), conn->checked, SIZE_MAX);
    size_t front = brio_ws_utf8_front(fresh);
    if (front == SIZE_MAX)
        return false;
    conn->checked += front;
    return !whole || front == fresh.len;
}

/* ---- Frames that are complete --------------------------------------------------- */

static brio_ws_event end_close(brio_ws_conn *conn)
{
    brio_str payload = {conn->control, conn->control_len};
    conn->code = BRIO_WS_NO_CODE;
    conn->data = brio_str_slice(payload, 2, SIZE_MAX);
    if (payload.len == 1)
        return fail(conn, BRIO_WS_PROTOCOL_ERROR, "half a close code");
    if (payload.len >= 2) {
        int code = (int)load_be((const uint8_t *)payload.ptr, 2);
        if (!brio_ws_code_valid(code))
            return fail(conn, BRIO_WS_PROTOCOL_ERROR, "a close code that may not be sent");
        conn->code = (uint16_t)code;
    }
    if (!brio_utf8_valid(conn->data))
        return fail(conn, BRIO_WS_BAD_DATA, "a close reason that is not UTF-8");
    conn->ended = true;
    return BRIO_WS_CLOSE;
}

static brio_ws_event end_control(brio_ws_conn *conn)
{
    if (conn->opcode == BRIO_WS_OP_CLOSE)
        return end_close(conn);
    conn->data = (brio_str){conn->control, conn->control_len};
    return conn->opcode == BRIO_WS_OP_PING ? BRIO_WS_PING : BRIO_WS_PONG;
}

static brio_ws_event end_frame(brio_ws_conn *conn)
{
    conn->started = false;
    conn->head_len = 0;
    if (is_control(conn))
        return end_control(conn);
    if (!conn->fin)
        return BRIO_WS_MORE;
    conn->in_message = false;
    conn->delivered = true;
    conn->data = brio_buf_str(&conn->message);
    return conn->text ? BRIO_WS_TEXT : BRIO_WS_BINARY;
}

static brio_ws_event advance_frame(brio_ws_conn *conn, brio_str *input)
{
    if (take_payload(conn, input) == BRIO_WS_FAILED)
        return BRIO_WS_FAILED;
    bool over = conn->left == 0;
    if (!is_control(conn) && conn->text && !text_is_right(conn, over && conn->fin))
        return fail(conn, BRIO_WS_BAD_DATA, "text that is not UTF-8");
    return over ? end_frame(conn) : BRIO_WS_MORE;
}

/* ---- The door --------------------------------------------------------------------- */

/* Keeps the storage of an ordinary message for the next one. */
static void forget_message(brio_ws_conn *conn)
{
    enum { KEEP = 64 * 1024 };
    size_t limit = conn->message.limit;
    if (conn->message.cap > KEEP)
        brio_buf_fini(&conn->message);
    conn->message.limit = limit;
    brio_buf_clear(&conn->message);
    conn->delivered = false;
}

brio_ws_event brio_ws_conn_next(brio_ws_conn *conn, brio_str *input)
{
    brio_ws_event event = BRIO_WS_MORE;
    conn->data = (brio_str){0};
    if (conn->delivered)
        forget_message(conn);
    while (event == BRIO_WS_MORE && !conn->ended) {
        if (!conn->started) {
            collect_head(conn, input);
            if (conn->head_len < head_size(conn))
                return BRIO_WS_MORE;
            event = start_frame(conn);
        } else if (input->len || conn->left == 0) {
            event = advance_frame(conn, input);
        } else {
            return BRIO_WS_MORE;
        }
    }
    if (conn->ended)
        *input = (brio_str){0};
    return event;
}
