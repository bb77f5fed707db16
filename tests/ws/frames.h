/* SPDX-License-Identifier: MIT
 *
 * Feeds bytes to a WebSocket and writes down what comes out, as text:
 *
 *     text "Hello"        a message
 *     close 1000 "bye"
 *     ! 1002 a reserved bit is set
 *
 * Each piece of input lies in memory of its own, so a byte too far is seen. */
#ifndef BRIO_TEST_WS_FRAMES_H
#define BRIO_TEST_WS_FRAMES_H

#include "harness/test.h"

#include <brio/ws.h>
#include <stdlib.h>

static inline void frames_note(brio_buf *log, brio_ws_event event, const brio_ws_conn *conn)
{
    static const char *const names[] = {"more", "text", "binary", "ping", "pong", "close"};
    if (event == BRIO_WS_FAILED) {
        brio_buf_printf(log, "! %u %s\n", conn->code, conn->reason);
        return;
    }
    brio_buf_printf(log, "%s ", names[event]);
    if (event == BRIO_WS_CLOSE)
        brio_buf_printf(log, "%u ", conn->code);
    brio_buf_printf(log, "\"%.*s\"\n", BRIO_ARG(conn->data));
}

static inline void frames_feed(brio_buf *log, brio_ws_conn *conn, brio_str piece)
{
    char *copy = malloc(piece.len ? piece.len : 1);
    CHECK(copy);
    if (piece.len)
        memcpy(copy, piece.ptr, piece.len);
    brio_str input = {copy, piece.len};
    for (;;) {
        brio_ws_event event = brio_ws_conn_next(conn, &input);
        if (event == BRIO_WS_MORE)
            break;
        frames_note(log, event, conn);
    }
    CHECK_INT(input.len, 0);
    free(copy);
}

/* What comes of `bytes` when cut at `cut`. */
static inline void frames_read(brio_buf *log, const brio_ws_options *options, brio_str bytes,
                               size_t cut)
{
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, options);
    brio_buf_clear(log);
    frames_feed(log, &conn, brio_str_slice(bytes, 0, cut));
    frames_feed(log, &conn, brio_str_slice(bytes, cut, SIZE_MAX));
    brio_ws_conn_fini(&conn);
}

static inline void frames_check_with(const brio_ws_options *options, brio_str bytes,
                                     const char *want)
{
    brio_buf log = {0};
    for (size_t cut = 0; cut <= bytes.len; cut++) {
        frames_read(&log, options, bytes, cut);
        CHECK_STR(brio_buf_str(&log), want);
    }
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, options);
    brio_buf_clear(&log);
    for (size_t i = 0; i < bytes.len; i++)
        frames_feed(&log, &conn, brio_str_slice(bytes, i, 1));
    CHECK_STR(brio_buf_str(&log), want);
    brio_ws_conn_fini(&conn);
    brio_buf_fini(&log);
}

/* The same at every cut, and byte by byte; also in place. */
static inline void frames_check(const brio_ws_options *options, brio_str bytes, const char *want)
{
    brio_ws_options o = options ? *options : (brio_ws_options){0};
    frames_check_with(&o, bytes, want);
    o.in_place = true;
    frames_check_with(&o, bytes, want);
}

#endif
