/* SPDX-License-Identifier: MIT
 *
 * What the parts of the ws room share: frames are bytes (RFC 6455, section 5.2),
 *
 *     fin 1 | rsv 3 | opcode 4     masked 1 | length 7     [length 16 or 64] [mask 32] payload */
#ifndef BRIO_WS_INTERNAL_H
#define BRIO_WS_INTERNAL_H

#include <brio/ws.h>

typedef enum brio_ws_opcode { /* section 5.2 */
                              BRIO_WS_OP_CONTINUATION = 0,
                              BRIO_WS_OP_TEXT = 1,
                              BRIO_WS_OP_BINARY = 2,
                              BRIO_WS_OP_CLOSE = 8,
                              BRIO_WS_OP_PING = 9,
                              BRIO_WS_OP_PONG = 10
} brio_ws_opcode;

enum {
    BRIO_WS_CONTROL_MAX = 125,        /* bytes of a control frame's payload */
    BRIO_WS_FIN = 0x80,               /* of a head's first byte: the message's last frame */
    BRIO_WS_PACKED = 0x40,            /* reserved bit 1: compressed (RFC 7692, section 6) */
    BRIO_WS_PIECE_MAX = 64 * 1024,    /* bytes of a piece */
    BRIO_WS_KEEP_BYTES = 64 * 1024,   /* of a buffer that is kept for the next message */
    BRIO_WS_COLLECT_BYTES = 4 * 1024, /* compressed bytes before a decompressor is lent */
};

/* Exclusive-ors `n` bytes with the mask; `at` is the place of the first one in
 * its frame. `to` and `from` may be the same. True if all that was written is ASCII. */
bool brio_ws_mask(char *to, const char *from, size_t n, const uint8_t mask[4], uint32_t at);
/* SHA-1 (RFC 3174), which the handshake is defined by; not for anything else. */
void brio_ws_sha1(uint8_t out[20], brio_str data);
/* What of `s` is well-formed UTF-8, or could become it with further bytes: the
 * length of the whole characters at its front; SIZE_MAX if nothing can mend it. */
size_t brio_ws_utf8_front(brio_str s);
/* Takes the next element off a comma-separated list, without blanks around it;
 * empty at its end. */
brio_str brio_ws_next_element(brio_str *list);

/* ---- Reading (read.c, whole.c, head.c, message.c) ----------------------------- */

#define BRIO_WS_NOT_UTF8 "text that is not UTF-8"

/* The connection ends with `code`. */
brio_ws_event brio_ws_conn_fail(brio_ws_conn *conn, int code, const char *reason);
/* Judges the head that is complete and begins its frame: MORE or FAILED. */
brio_ws_event brio_ws_start_frame(brio_ws_conn *conn);
/* Bytes of the head, as far as they are known. */
size_t brio_ws_head_size(const brio_ws_conn *conn);
/* Reads a message that is one plain frame and whole in *input, between messages. MORE: it
 * is not, and nothing was read. */
brio_ws_event brio_ws_read_whole(brio_ws_conn *conn, brio_str *input);
/* Where `n` bytes of the frame's payload go; NULL without memory. */
char *brio_ws_message_place(brio_ws_conn *conn, size_t n);
/* They are there. */
brio_ws_event brio_ws_message_grew(brio_ws_conn *conn, size_t n);
/* Goes on decompressing. */
brio_ws_event brio_ws_message_unpack(brio_ws_conn *conn);
/* The newest event's data is not needed any more. */
void brio_ws_message_forget(brio_ws_conn *conn);

static inline bool brio_ws_is_control(const brio_ws_conn *conn)
{
    return conn->opcode >= BRIO_WS_OP_CLOSE;
}

/* ---- What is shared (pool.c) ------------------------------------------------ */

/* Storage for `buf`, which has none: a spare one, or none. `pool` may be NULL. */
void brio_ws_buffer_take(brio_ws_pool *pool, brio_buf *buf);
/* Takes buf's storage away. */
void brio_ws_buffer_give(brio_ws_pool *pool, brio_buf *buf);

/* ---- Compression (deflate.c, inflate.c) --------------------------------------- */

typedef struct brio_ws_inflater brio_ws_inflater;
typedef struct brio_ws_deflater brio_ws_deflater;

/* A decompressor with an empty window; NULL without memory. `pool` may be NULL. */
brio_ws_inflater *brio_ws_inflater_acquire(brio_ws_pool *pool);
void brio_ws_inflater_release(brio_ws_pool *pool, brio_ws_inflater *inflater);
void brio_ws_inflater_free_all(brio_ws_pool *pool);
/* Decompresses from the front of *packed to the end of `out`, `most` bytes at most
 * (more than 0). 0: all was consumed and written; 1: there is more to write;
 * BRIO_ESYNTAX, -ENOMEM. */
int brio_ws_inflate(brio_ws_inflater *inflater, brio_str *packed, brio_buf *out,
                    size_t most) BRIO_CHECKED;

/* A message is over. True if all its blocks have ended, as they must. */
bool brio_ws_inflater_end(brio_ws_inflater *inflater);

/* A compressor with an empty window of 2^bits bytes; NULL without memory. */
brio_ws_deflater *brio_ws_deflater_acquire(brio_ws_pool *pool, uint8_t bits);
void brio_ws_deflater_release(brio_ws_pool *pool, brio_ws_deflater *deflater);
void brio_ws_deflater_free_all(brio_ws_pool *pool);
void brio_ws_deflater_reset(brio_ws_deflater *deflater);
/* Appends `data` compressed, to the last byte; `last` ends the message, with the
 * four bytes cut off that every message ends with (section 7.2.1). False when the
 * buffer is full. */
bool brio_ws_deflater_pack(brio_ws_deflater *deflater, brio_buf *out, brio_str data, bool last);

#endif
