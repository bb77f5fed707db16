/* SPDX-License-Identifier: MIT
 *
 * Which bytes may stand in a token (RFC 9110, 5.6.2). The table has one byte
 * per byte rather than one bit: one load on the parser's way, no shift. */
#include "http/http_internal.h"

/* Row by row of 16: controls, punctuation, digits, letters; none beyond 0x7F. */
const uint8_t brio_http_token_table[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 00 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 10 */
    0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, /* 20  !"#$%&'()*+,-./ */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, /* 30 0123456789:;<=>? */
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* 40 @A-O */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, /* 50 P-Z[\]^_ */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* 60 `a-o */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, /* 70 p-z{|}~ DEL */
};

bool brio_http_is_token(brio_str s)
{
    if (s.len == 0)
        return false;
    const char *end = s.ptr + s.len;
    return brio_http_scan_token(s.ptr, end, end) == end;
}
