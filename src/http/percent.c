/* SPDX-License-Identifier: MIT
 *
 * Percent-encoding and the other ways in which text hides in a request. All of
 * them return their input when there is nothing to change, so an ordinary path
 * or query costs a scan and no memory. Results are arena memory. */
#include "http/http_internal.h"

static const char hex_digits[] = "0123456789ABCDEF";

/* The byte that an escape at s[at] stands for; -1 if there is none. */
static int escaped_byte(brio_str s, size_t at)
{
    if (s.ptr[at] != '%' || s.len - at < 3)
        return -1;
    int high = brio_http_hex_value(s.ptr[at + 1]), low = brio_http_hex_value(s.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static size_t first_coded(brio_str s, bool plus)
{
    size_t at = 0;
    while (at < s.len && s.ptr[at] != '%' && !(plus && s.ptr[at] == '+'))
        at++;
    return at;
}

brio_str brio_percent_decode(brio_arena *arena, brio_str s, bool plus)
{
    size_t len = first_coded(s, plus);
    if (len == s.len)
        return brio_utf8_replace(arena, s);
    char *out = brio_alloc_aligned(arena, s.len, 1);
    memcpy(out, s.ptr, len);
    for (size_t at = len; at < s.len; at++) {
        int byte = escaped_byte(s, at);
        char c = plus && s.ptr[at] == '+' ? ' ' : s.ptr[at];
        out[len++] = byte < 0 ? c : (char)byte;
        at += byte < 0 ? 0 : 2;
    }
    return brio_utf8_replace(arena, (brio_str){out, len});
}

static bool stays(char c, const char *keep)
{
    char l = (char)(c | 0x20);
    bool unreserved = (c >= '0' && c <= '9') || (l >= 'a' && l <= 'z') || c == '-' || c == '.' ||
                      c == '_' || c == '~';
    return unreserved || (keep && c && strchr(keep, c));
}

brio_str brio_percent_encode(brio_arena *arena, brio_str s, const char *keep)
{
    size_t more = 0, len = 0;
    for (size_t i = 0; i < s.len; i++)
        more += stays(s.ptr[i], keep) ? 0 : 2;
    if (more == 0)
        return s;
    char *out = brio_alloc_aligned(arena, s.len + more, 1);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (stays(s.ptr[i], keep)) {
            out[len++] = s.ptr[i];
            continue;
        }
        out[len++] = '%';
        out[len++] = hex_digits[c >> 4];
        out[len++] = hex_digits[c & 15];
    }
    return (brio_str){out, len};
}

brio_str brio_latin1_decode(brio_arena *arena, brio_str s)
{
    size_t more = 0, len = 0;
    for (size_t i = 0; i < s.len; i++)
        more += (unsigned char)s.ptr[i] >> 7;
    if (more == 0)
        return s;
    char *out = brio_alloc_aligned(arena, s.len + more, 1);
    for (size_t i = 0; i < s.len; i++) {
        char utf8[4];
        size_t n = brio_utf8_encode(utf8, (unsigned char)s.ptr[i]);
        memcpy(out + len, utf8, n);
        len += n;
    }
    return (brio_str){out, len};
}
