/* SPDX-License-Identifier: MIT
 *
 * Payloads to messages: collected, decompressed, checked, handed out whole or in
 * pieces.
 *
 * Compressed payload waits until its message is whole or there is enough of it
 * to be worth a decompressor, so that a connection that has sent little does not
 * hold much. What comes out of it stops at the limit. */
#include "ws/ws_internal.h"

#include <errno.h>

/* ---- Collecting ------------------------------------------------------------------ */

/* A control frame's payload stands behind the message that it interrupts. */
char *brio_ws_message_place(brio_ws_conn *conn, size_t n)
{
    bool packet = conn->packed && !brio_ws_is_control(conn);
    brio_buf *buf = packet ? &conn->packet : &conn->message;
    size_t at = buf->len + (brio_ws_is_control(conn) ? (size_t)conn->frame_at : 0);
    if (!buf->cap)
        brio_ws_buffer_take(conn->pool, buf);
    if (!brio_buf_reserve(buf, at - buf->len + n))
        return NULL;
    return buf->ptr + at;
}

/* ---- Handing out ------------------------------------------------------------------ */

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

/* More of the message is there, perhaps the rest of it. */
static brio_ws_event progress(brio_ws_conn *conn, bool last)
{
    if (conn->text && !text_is_right(conn, last))
        return brio_ws_conn_fail(conn, BRIO_WS_BAD_DATA, BRIO_WS_NOT_UTF8);
    size_t ready = conn->text ? conn->checked : conn->message.len;
    if (!last && !(conn->pieces && ready))
        return BRIO_WS_MORE;
    conn->data = brio_str_slice(brio_buf_str(&conn->message), 0, ready);
    conn->more = !last;
    conn->delivered = true;
    conn->in_message = !last;
    return conn->text ? BRIO_WS_TEXT : BRIO_WS_BINARY;
}

/* What is left of a piece is the beginning of a character. */
void brio_ws_message_forget(brio_ws_conn *conn)
{
    if (conn->delivered) {
        size_t rest = conn->message.len - conn->data.len;
        if (rest)
            memmove(conn->message.ptr, conn->message.ptr + conn->data.len, rest);
        conn->message.len = rest;
        conn->checked = 0;
    }
    conn->delivered = conn->more = false;
    conn->data = (brio_str){0};
    if (!conn->in_message && conn->message.cap && !conn->started)
        brio_ws_buffer_give(conn->pool, &conn->message);
}

/* ---- Decompressing ------------------------------------------------------------------ */

static bool keeps_window(const brio_ws_conn *conn)
{
    const brio_ws_deflate *d = &conn->deflate;
    return !(conn->client ? d->server_no_takeover : d->client_no_takeover);
}

/* All of the message has been decompressed. */
static brio_ws_event unpacked(brio_ws_conn *conn)
{
    if (!brio_ws_inflater_end(conn->inflater))
        return brio_ws_conn_fail(conn, BRIO_WS_BAD_DATA,
                                 "compressed data that ends inside a block");
    if (!keeps_window(conn)) {
        brio_ws_inflater_release(conn->pool, conn->inflater);
        conn->inflater = NULL;
    }
    brio_ws_buffer_give(conn->pool, &conn->packet);
    return progress(conn, true);
}

/* How much may be decompressed now: one byte more than the limit shows that
 * there is more. */
static size_t most_now(const brio_ws_conn *conn)
{
    uint64_t most = conn->limit - conn->seen + 1;
    uint64_t step = conn->pieces ? BRIO_WS_PIECE_MAX - conn->message.len : UINT32_MAX;
    return (size_t)(most < step ? most : step);
}

static brio_ws_event wrong_data(brio_ws_conn *conn, int rc)
{
    if (rc == -ENOMEM)
        return brio_ws_conn_fail(conn, BRIO_WS_INTERNAL, "no memory for a message");
    return brio_ws_conn_fail(conn, BRIO_WS_BAD_DATA, "compressed data that is malformed");
}

brio_ws_event brio_ws_message_unpack(brio_ws_conn *conn)
{
    brio_str rest = brio_str_slice(brio_buf_str(&conn->packet), conn->unpacked, SIZE_MAX);
    size_t before = conn->message.len;
    if (!conn->inflater)
        conn->inflater = brio_ws_inflater_acquire(conn->pool);
    if (!conn->message.cap)
        brio_ws_buffer_take(conn->pool, &conn->message);
    int rc = conn->inflater ? brio_ws_inflate(conn->inflater, &rest, &conn->message, most_now(conn))
                            : -ENOMEM;
    conn->seen += conn->message.len - before;
    if (conn->seen > conn->limit)
        return brio_ws_conn_fail(conn, BRIO_WS_TOO_BIG, "a message beyond the limit");
    if (rc < 0)
        return wrong_data(conn, rc);
    conn->unpacked = conn->packet.len - rest.len;
    if (rc > 0)
        return progress(conn, false);
    brio_buf_clear(&conn->packet);
    conn->unpacked = 0;
    conn->unpacking = false;
    return conn->fin && !conn->started ? unpacked(conn) : progress(conn, false);
}

/* Every compressed message ends with four bytes that are not sent (RFC 7692,
 * section 7.2.2). */
static brio_ws_event packet_grew(brio_ws_conn *conn, bool last)
{
    if (last)
        brio_buf_add(&conn->packet, (brio_str){"\0\0\xff\xff", 4});
    if (conn->packet.failed)
        return brio_ws_conn_fail(conn, BRIO_WS_INTERNAL, "no memory for a message");
    conn->unpacking =
        last || (conn->packet.len && conn->pieces) || conn->packet.len == BRIO_WS_COLLECT_BYTES;
    return BRIO_WS_MORE;
}

brio_ws_event brio_ws_message_grew(brio_ws_conn *conn, size_t n)
{
    bool last = conn->fin && conn->left == 0;
    if (conn->packed) {
        conn->packet.len += n;
        return packet_grew(conn, last);
    }
    conn->message.len += n;
    conn->seen += n;
    return progress(conn, last);
}
