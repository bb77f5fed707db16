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

static size_t put_head(uint8_t *head, uint8_t opcode, uint8_t masked, uint64_t n)
{
    size_t wide = n < 126 ? 0 : n <= UINT16_MAX ? 2 : 8;
    head[0] = 0x80 | opcode;
    head[1] = masked | (uint8_t)(wide == 0 ? n : wide == 2 ? 126 : 127);
    for (size_t i = 0; i < wide; i++)
        head[2 + i] = (uint8_t)(n >> 8 * (wide - 1 - i));
    return 2 + wide;
}

/* Section 10.3: a mask that whoever chose the payload cannot foresee. */
static bool choose_mask(uint8_t mask[4])
{
    return getrandom(mask, 4, 0) == 4;
}

static void put_frame(const brio_ws_conn *conn, brio_buf *out, uint8_t opcode, brio_str data)
{
    uint8_t head[14], mask[4] = {0};
    size_t n = put_head(head, opcode, conn->client ? 0x80 : 0, data.len);
    if (conn->client) {
        if (!choose_mask(mask)) {
            out->failed = true;
            return;
        }
        memcpy(head + n, mask, 4);
        n += 4;
    }
    if (!brio_buf_reserve(out, n + data.len))
        return;
    char *at = out->ptr + out->len;
    memcpy(at, head, n);
    if (conn->client)
        brio_ws_mask(at + n, data.ptr, data.len, mask, 0);
    else if (data.len)
        memcpy(at + n, data.ptr, data.len);
    out->len += n + data.len;
}

void brio_ws_write(const brio_ws_conn *conn, brio_buf *out, brio_str data, bool text)
{
    put_frame(conn, out, text ? BRIO_WS_OP_TEXT : BRIO_WS_OP_BINARY, data);
}

void brio_ws_write_ping(const brio_ws_conn *conn, brio_buf *out, brio_str data)
{
    BRIO_ASSERT(data.len <= BRIO_WS_CONTROL_MAX);
    put_frame(conn, out, BRIO_WS_OP_PING, data);
}

void brio_ws_write_pong(const brio_ws_conn *conn, brio_buf *out, brio_str data)
{
    BRIO_ASSERT(data.len <= BRIO_WS_CONTROL_MAX);
    put_frame(conn, out, BRIO_WS_OP_PONG, data);
}

void brio_ws_write_close(const brio_ws_conn *conn, brio_buf *out, int code, brio_str reason)
{
    char payload[BRIO_WS_CONTROL_MAX];
    if (code == BRIO_WS_NO_CODE) {
        put_frame(conn, out, BRIO_WS_OP_CLOSE, (brio_str){0});
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
    put_frame(conn, out, BRIO_WS_OP_CLOSE, (brio_str){payload, fits.len + 2});
}
