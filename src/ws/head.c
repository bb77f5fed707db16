/* SPDX-License-Identifier: MIT
 *
 * Heads of frames (RFC 6455, section 5.2), judged as a whole: what a peer does
 * wrong is known before its payload is read. */
#include "ws/ws_internal.h"

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

size_t brio_ws_head_size(const brio_ws_conn *conn)
{
    if (conn->head_len < 2)
        return 2;
    return 2 + wide_length(conn->head[1]) + (conn->head[1] & 0x80 ? 4 : 0);
}

static bool begins_message(const brio_ws_conn *conn)
{
    return conn->opcode == BRIO_WS_OP_TEXT || conn->opcode == BRIO_WS_OP_BINARY;
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
    if (brio_ws_is_control(conn) && wide)
        return "a control frame beyond 125 bytes";
    if ((wide == 2 && conn->left < 126) || (wide == 8 && conn->left <= UINT16_MAX))
        return "a length that is not in its shortest form";
    return conn->left > INT64_MAX ? "a length with its highest bit set" : NULL;
}

/* Only the first frame of a message says that it is compressed. */
static const char *wrong_head(const brio_ws_conn *conn)
{
    uint8_t reserved = conn->head[0] & 0x70;
    if (reserved && !(reserved == BRIO_WS_PACKED && conn->deflate.on && begins_message(conn)))
        return "a reserved bit is set";
    if (!(conn->head[1] & 0x80) != conn->client)
        return conn->client ? "a masked frame from a server" : "a frame without mask from a client";
    const char *why = wrong_opcode(conn);
    return why ? why : wrong_length(conn);
}

static void start_message(brio_ws_conn *conn)
{
    conn->in_message = true;
    conn->text = conn->opcode == BRIO_WS_OP_TEXT;
    conn->packed = conn->head[0] & BRIO_WS_PACKED;
    conn->checked = 0;
    conn->seen = 0;
}

brio_ws_event brio_ws_start_frame(brio_ws_conn *conn)
{
    size_t wide = wide_length(conn->head[1]);
    conn->fin = conn->head[0] & BRIO_WS_FIN;
    conn->opcode = conn->head[0] & 0x0F;
    conn->left = wide ? load_be(conn->head + 2, wide) : conn->head[1] & 0x7F;
    conn->frame_at = 0;
    const char *why = wrong_head(conn);
    if (why)
        return brio_ws_conn_fail(conn, BRIO_WS_PROTOCOL_ERROR, why);
    if (begins_message(conn))
        start_message(conn);
    if (conn->client)
        memset(conn->mask, 0, sizeof conn->mask);
    else
        memcpy(conn->mask, conn->head + 2 + wide, sizeof conn->mask);
    if (!brio_ws_is_control(conn) && !conn->packed && conn->left > conn->limit - conn->seen)
        return brio_ws_conn_fail(conn, BRIO_WS_TOO_BIG, "a message beyond the limit");
    conn->started = true;
    return BRIO_WS_MORE;
}
