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

enum { BRIO_WS_CONTROL_MAX = 125 }; /* bytes of a control frame's payload */

/* Exclusive-ors `n` bytes with the mask; `at` is the place of the first one in
 * its frame. `to` and `from` may be the same. */
void brio_ws_mask(char *to, const char *from, size_t n, const uint8_t mask[4], uint32_t at);
/* SHA-1 (RFC 3174), which the handshake is defined by; not for anything else. */
void brio_ws_sha1(uint8_t out[20], brio_str data);
/* What of `s` is well-formed UTF-8, or could become it with further bytes: the
 * length of the whole characters at its front; SIZE_MAX if nothing can mend it. */
size_t brio_ws_utf8_front(brio_str s);

#endif
