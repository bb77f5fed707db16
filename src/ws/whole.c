/* SPDX-License-Identifier: MIT
 *
 * The usual message: one plain frame, and all of it came at once. It is unmasked where
 * it lies and handed out from there, without a copy; only text that is not all ASCII
 * is looked at a second time. Everything else is left to read.c, byte for byte as it
 * was, so that there is one place where frames are judged. */
#include "ws/ws_internal.h"

/* Bytes of the head, if it is whole and as usual, and of the payload; else 0. */
static size_t usual_head(const brio_ws_conn *conn, brio_str input, size_t *ret_payload)
{
    const uint8_t *p = (const uint8_t *)input.ptr;
    size_t mask = conn->client ? 0 : 4;
    if (input.len < 2 + mask || (p[1] & 0x80) != (mask ? 0x80 : 0))
        return 0;
    if (p[0] != (BRIO_WS_FIN | BRIO_WS_OP_TEXT) && p[0] != (BRIO_WS_FIN | BRIO_WS_OP_BINARY))
        return 0;
    size_t n = p[1] & 0x7F, head = 2 + mask;
    if (n >= 126) {
        head += 2;
        if (n == 127 || input.len < head)
            return 0;
        n = (size_t)p[2] << 8 | p[3];
        if (n < 126)
            return 0; /* not its shortest form */
    }
    *ret_payload = n;
    return head;
}

static bool between_messages(const brio_ws_conn *conn)
{
    return !conn->head_len && !conn->started && !conn->in_message && !conn->unpacking;
}

/* The payload, which may be written to, becomes readable. True if it is all ASCII. */
static bool unmask(const brio_ws_conn *conn, brio_str payload)
{
    const uint8_t *mask = (const uint8_t *)payload.ptr - 4;
    char *at = (char *)(uintptr_t)payload.ptr;
    return !conn->client && brio_ws_mask(at, at, payload.len, mask, 0);
}

brio_ws_event brio_ws_read_whole(brio_ws_conn *conn, brio_str *input)
{
    size_t n = 0, head = 0;
    if (conn->in_place && between_messages(conn))
        head = usual_head(conn, *input, &n);
    if (!head || n > input->len - head || n > conn->limit)
        return BRIO_WS_MORE;
    bool text = (input->ptr[0] & 0x0F) == BRIO_WS_OP_TEXT;
    brio_str data = {input->ptr + head, n};
    bool ascii = unmask(conn, data);
    *input = (brio_str){data.ptr + n, input->len - head - n};
    if (text && !ascii && !brio_utf8_valid(data))
        return brio_ws_conn_fail(conn, BRIO_WS_BAD_DATA, BRIO_WS_NOT_UTF8);
    conn->data = data;
    return text ? BRIO_WS_TEXT : BRIO_WS_BINARY;
}
