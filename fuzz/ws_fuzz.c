/* SPDX-License-Identifier: MIT
 *
 * WebSocket frames: whatever the bytes and wherever they are cut, the events
 * are the same, text is UTF-8, and a message stays within its limit. */
#include <brio/ws.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1000 };

static void digest(uint64_t *sum, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *sum = (*sum ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
}

static void take(brio_ws_conn *conn, brio_str piece, uint64_t *sum)
{
    brio_ws_event event;
    while ((event = brio_ws_conn_next(conn, &piece)) != BRIO_WS_MORE) {
        BRIO_ASSERT(conn->data.len <= LIMIT);
        BRIO_ASSERT(event != BRIO_WS_TEXT || brio_utf8_valid(conn->data));
        digest(sum, &event, sizeof event);
        digest(sum, &conn->code, sizeof conn->code);
        digest(sum, conn->data.ptr, conn->data.len);
    }
    BRIO_ASSERT(piece.len == 0);
}

static uint64_t events_of(bool client, brio_str bytes, size_t step)
{
    brio_ws_conn conn;
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    brio_ws_conn_init(&conn, &(brio_ws_options){.client = client, .message_bytes = LIMIT});
    for (size_t at = 0; at < bytes.len; at += step)
        take(&conn, brio_str_slice(bytes, at, step), &sum);
    brio_ws_conn_fini(&conn);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    brio_str bytes = {(const char *)data + 2, size - 2};
    bool client = data[0] & 1;
    size_t step = 1 + data[1] % 16;
    BRIO_ASSERT(events_of(client, bytes, SIZE_MAX / 2) == events_of(client, bytes, step));
    return 0;
}
