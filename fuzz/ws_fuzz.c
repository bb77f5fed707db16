/* SPDX-License-Identifier: MIT
 *
 * WebSocket frames, plain and compressed: whatever the bytes and wherever they
 * are cut, the events are the same, text is UTF-8, and a message stays within its
 * limit. What one side writes of the bytes, the other reads. */
#include <brio/ws.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1000 };
enum { /* the first byte */
       CLIENT = 1,
       DEFLATE = 2,
       ALONE = 4,
       PIECES = 8,
       TEXT = 16,
       IN_PLACE = 32
};

static brio_ws_pool pool;

static void digest(uint64_t *sum, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *sum = (*sum ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
}

static void open_conn(brio_ws_conn *conn, uint8_t flags, uint64_t limit, uint8_t bits)
{
    brio_ws_deflate deflate = {.on = flags & DEFLATE && brio_ws_deflate_available(),
                               .server_no_takeover = flags & ALONE,
                               .client_no_takeover = flags & ALONE,
                               .server_bits = bits,
                               .client_bits = bits};
    brio_ws_conn_init(conn, &(brio_ws_options){.client = flags & CLIENT,
                                               .pieces = flags & PIECES,
                                               .in_place = flags & IN_PLACE,
                                               .message_bytes = limit,
                                               .deflate = deflate,
                                               .deflate_min = 1,
                                               .pool = &pool});
}

static void take(brio_ws_conn *conn, brio_str bytes, uint64_t *sum)
{
    brio_ws_event event;
    char *copy = malloc(bytes.len); /* its own, that may be changed */
    memcpy(copy, bytes.ptr, bytes.len);
    brio_str piece = {copy, bytes.len};
    while ((event = brio_ws_conn_next(conn, &piece)) != BRIO_WS_MORE) {
        BRIO_ASSERT(conn->data.len <= LIMIT);
        BRIO_ASSERT(event != BRIO_WS_TEXT || brio_utf8_valid(conn->data));
        digest(sum, conn->data.ptr, conn->data.len);
        if (conn->more)
            continue;
        digest(sum, &event, sizeof event);
        digest(sum, &conn->code, sizeof conn->code);
    }
    BRIO_ASSERT(piece.len == 0);
    free(copy);
}

/* Which fault of a message is found first, and behind which piece, is not the same
 * at every cut. */
static uint64_t events_of(uint8_t flags, brio_str bytes, size_t step, bool *ret_failed)
{
    brio_ws_conn conn;
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    open_conn(&conn, flags, LIMIT, 15);
    for (size_t at = 0; at < bytes.len; at += step)
        take(&conn, brio_str_slice(bytes, at, step), &sum);
    *ret_failed = conn.ended && conn.reason;
    if (*ret_failed && flags & PIECES)
        sum = 0;
    brio_ws_conn_fini(&conn);
    return sum;
}

/* Writes the bytes as one message, whole or in two pieces, and reads it. */
static void round_trip(uint8_t flags, brio_str bytes, size_t cut)
{
    brio_ws_conn writer, reader;
    brio_buf out = {0};
    bool text = flags & TEXT && brio_utf8_valid(bytes);
    uint8_t bits = (uint8_t)(8 + cut % 8);
    open_conn(&writer, flags, 0, bits);
    open_conn(&reader, (flags ^ CLIENT) & (uint8_t)~PIECES, 0, bits);
    for (int i = 0; i < 3; i++) {
        brio_buf_clear(&out);
        if (flags & PIECES) {
            brio_ws_write_piece(&writer, &out, brio_str_slice(bytes, 0, cut), text, false);
            brio_ws_write_piece(&writer, &out, brio_str_slice(bytes, cut, SIZE_MAX), text, true);
        } else {
            brio_ws_write(&writer, &out, bytes, text);
        }
        BRIO_ASSERT(!out.failed);
        brio_str input = brio_buf_str(&out);
        brio_ws_event event = brio_ws_conn_next(&reader, &input);
        BRIO_ASSERT(event == (text ? BRIO_WS_TEXT : BRIO_WS_BINARY));
        BRIO_ASSERT(brio_str_eq(reader.data, bytes));
    }
    brio_buf_fini(&out);
    brio_ws_conn_fini(&writer);
    brio_ws_conn_fini(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    brio_str bytes = {(const char *)data + 2, size - 2};
    size_t step = 1 + data[1] % 16;
    bool failed[2];
    uint64_t whole = events_of(data[0] | IN_PLACE, bytes, SIZE_MAX / 2, &failed[0]);
    uint64_t cut = events_of(data[0], bytes, step, &failed[1]);
    BRIO_ASSERT(whole == cut && failed[0] == failed[1]);
    round_trip(data[0], bytes, data[1]);
    return 0;
}
