/* SPDX-License-Identifier: MIT
 *
 * Messages to frames: one frame each, with the shortest head there is. */
#include "ws/ws_internal.h"

#include <sys/random.h>

bool brio_ws_code_valid(int code)
{
    if (code >= 3000)
        return code <= 4999;
    return code >= 1000 && code <= 1014 && code != 1004 && code != BRIO_WS_NO_CODE &&
           code != BRIO_WS_ABNORMAL;
}

/* ---- Frames ------------------------------------------------------------------- */

static inline size_t head_size(size_t n, bool masked)
{
    size_t wide = BRIO_LIKELY(n < 126) ? 0 : n <= UINT16_MAX ? 2 : 8;
    return 2 + wide + (masked ? 4 : 0);
}

/* All but the mask; `first` is the byte with the opcode. */
static inline void put_head(uint8_t *head, uint8_t first, bool masked, uint64_t n)
{
    uint8_t bit = masked ? 0x80 : 0;
    head[0] = first;
    if (BRIO_LIKELY(n < 126)) {
        head[1] = bit | (uint8_t)n;
        return;
    }
    size_t wide = n <= UINT16_MAX ? 2 : 8;
    head[1] = bit | (wide == 2 ? 126 : 127);
    for (size_t i = 0; i < wide; i++)
        head[2 + i] = (uint8_t)(n >> 8 * (wide - 1 - i));
}

/* Section 10.3: a mask that whoever chose the payload cannot foresee. */
static bool choose_mask(uint8_t mask[4])
{
    return getrandom(mask, 4, 0) == 4;
}

/* A frame whose payload of `n` bytes is `data`, which may stand in its place in
 * `out` already, behind `head` bytes of room. */
static inline void put_frame(brio_buf *out, uint8_t first, const char *data, size_t n, bool masked)
{
    size_t head = head_size(n, masked);
    uint8_t mask[4];
    if (!brio_buf_reserve(out, head + n))
        return;
    char *at = out->ptr + out->len;
    put_head((uint8_t *)at, first, masked, n);
    if (masked) {
        if (!choose_mask(mask)) {
            out->failed = true;
            return;
        }
        memcpy(at + head - 4, mask, 4);
        brio_ws_mask(at + head, data, n, mask, 0);
    } else if (n && data != at + head) {
        memcpy(at + head, data, n);
    }
    out->len += head + n;
}

static void put(const brio_ws_conn *conn, brio_buf *out, uint8_t opcode, brio_str data)
{
    put_frame(out, BRIO_WS_FIN | opcode, data.ptr, data.len, conn->client);
}

/* The same with `data` compressed, in the place where it will most likely be:
 * few messages become so much smaller that their head does. False: the buffer
 * is full, or `smaller` and it would not be; nothing was appended. */
static bool put_packed(brio_ws_deflater *deflater, brio_buf *out, uint8_t first, brio_str data,
                       bool masked, bool smaller)
{
    size_t start = out->len, gap = head_size(data.len, masked);
    bool last = first & BRIO_WS_FIN;
    bool fits = brio_buf_reserve(out, gap + data.len / 2 + 16);
    if (fits) {
        out->len += gap;
        fits = brio_ws_deflater_pack(deflater, out, data, last);
    }
    size_t n = out->len - start - gap;
    out->len = start;
    if (!fits || (smaller && n >= data.len))
        return false;
    size_t head = head_size(n, masked);
    if (!brio_buf_reserve(out, head + n))
        return false;
    if (head != gap)
        memmove(out->ptr + start + head, out->ptr + start + gap, n);
    put_frame(out, first, out->ptr + start + head, n, masked);
    return !out->failed;
}

/* ---- Messages ------------------------------------------------------------------ */

static bool keeps_window(const brio_ws_conn *conn)
{
    const brio_ws_deflate *d = &conn->deflate;
    return !(conn->client ? d->client_no_takeover : d->server_no_takeover);
}

static brio_ws_deflater *lend(brio_ws_conn *conn)
{
    uint8_t bits = conn->client ? conn->deflate.client_bits : conn->deflate.server_bits;
    if (!conn->deflater)
        conn->deflater = brio_ws_deflater_acquire(conn->pool, bits);
    return conn->deflater;
}

static void give_back(brio_ws_conn *conn)
{
    if (keeps_window(conn))
        return;
    brio_ws_deflater_release(conn->pool, conn->deflater);
    conn->deflater = NULL;
}

static uint8_t opcode_of(bool text)
{
    return text ? BRIO_WS_OP_TEXT : BRIO_WS_OP_BINARY;
}

/* With a window that is kept, what went through the compressor must go out. */
static bool write_packed(brio_ws_conn *conn, brio_buf *out, brio_str data, bool text)
{
    brio_ws_deflater *deflater = lend(conn);
    if (!deflater)
        return false;
    uint8_t first = BRIO_WS_FIN | BRIO_WS_PACKED | opcode_of(text);
    bool done = put_packed(deflater, out, first, data, conn->client, !keeps_window(conn));
    give_back(conn);
    return done;
}

void brio_ws_write(brio_ws_conn *conn, brio_buf *out, brio_str data, bool text)
{
    BRIO_ASSERT(!conn->sending);
    bool pack = BRIO_UNLIKELY(conn->deflate.on) && data.len >= conn->deflate_min;
    if (pack && (write_packed(conn, out, data, text) || out->failed))
        return;
    put(conn, out, opcode_of(text), data);
}

static void begin_pieces(brio_ws_conn *conn)
{
    conn->sending = true;
    conn->sending_packed = conn->deflate.on && lend(conn);
}

void brio_ws_write_piece(brio_ws_conn *conn, brio_buf *out, brio_str data, bool text, bool last)
{
    uint8_t first = last ? BRIO_WS_FIN : 0;
    if (!conn->sending) {
        begin_pieces(conn);
        first |= opcode_of(text) | (conn->sending_packed ? BRIO_WS_PACKED : 0);
    }
    if (!conn->sending_packed)
        put_frame(out, first, data.ptr, data.len, conn->client);
    else
        (void)put_packed(conn->deflater, out, first, data, conn->client, false);
    if (!last)
        return;
    if (conn->sending_packed)
        give_back(conn);
    conn->sending = conn->sending_packed = false;
}

/* ---- One frame for many ---------------------------------------------------------- */

enum { SHARED_BITS = 15 };

void brio_ws_compose(brio_buf *out, brio_str data, bool text)
{
    put_frame(out, BRIO_WS_FIN | opcode_of(text), data.ptr, data.len, false);
}

bool brio_ws_compose_packed(brio_ws_pool *pool, uint8_t bits, brio_buf *out, brio_str data,
                            bool text)
{
    brio_ws_deflater *deflater = brio_ws_deflater_acquire(pool, bits);
    if (!deflater)
        return false;
    uint8_t first = BRIO_WS_FIN | BRIO_WS_PACKED | opcode_of(text);
    bool done = put_packed(deflater, out, first, data, false, true);
    brio_ws_deflater_release(pool, deflater);
    return done;
}

bool brio_ws_takes_packed(const brio_ws_conn *conn)
{
    return conn->deflate.on && !conn->client && conn->deflate.server_bits == SHARED_BITS;
}

void brio_ws_sent_packed(brio_ws_conn *conn)
{
    BRIO_ASSERT(!conn->sending && brio_ws_takes_packed(conn));
    if (conn->deflater)
        brio_ws_deflater_reset(conn->deflater);
}

/* ---- Control frames ---------------------------------------------------------------- */

void brio_ws_write_ping(const brio_ws_conn *conn, brio_buf *out, brio_str data)
{
    BRIO_ASSERT(data.len <= BRIO_WS_CONTROL_MAX);
    put(conn, out, BRIO_WS_OP_PING, data);
}

void brio_ws_write_pong(const brio_ws_conn *conn, brio_buf *out, brio_str data)
{
    BRIO_ASSERT(data.len <= BRIO_WS_CONTROL_MAX);
    put(conn, out, BRIO_WS_OP_PONG, data);
}

void brio_ws_write_close(const brio_ws_conn *conn, brio_buf *out, int code, brio_str reason)
{
    char payload[BRIO_WS_CONTROL_MAX];
    if (code == BRIO_WS_NO_CODE) {
        put(conn, out, BRIO_WS_OP_CLOSE, (brio_str){0});
        return;
    }
    BRIO_ASSERT(brio_ws_code_valid(code));
    brio_str fits = brio_str_slice(reason, 0, sizeof payload - 2);
    size_t whole = brio_ws_utf8_front(fits);
    fits.len = whole == SIZE_MAX ? 0 : whole;
    payload[0] = (char)(code >> 8);
    payload[1] = (char)code;
    if (fits.len)
        memcpy(payload + 2, fits.ptr, fits.len);
    put(conn, out, BRIO_WS_OP_CLOSE, (brio_str){payload, fits.len + 2});
}
