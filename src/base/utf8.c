/* SPDX-License-Identifier: MIT
 *
 * UTF-8: validate, count, repair, encode. Text on the wire is mostly ASCII, so
 * validation skips ASCII 32 bytes at a time and looks at single sequences only
 * where a high bit is set. Which second bytes a lead byte allows (Unicode
 * table 3-7) is the one fact everything rests on: it excludes overlong forms,
 * surrogates and code points past U+10FFFF without decoding any of them. */
#include "base/base_internal.h"

enum { ASCII_STRIDE = 32 };

static const char replacement[3] = {'\xEF', '\xBF', '\xBD'}; /* U+FFFD */

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* 0 for a byte that cannot begin a sequence. */
static int length_by_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
}

static bool second_is_allowed(unsigned char lead, unsigned char second)
{
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

int brio_base_utf8_step(const char *p, const char *end)
{
    int want = length_by_lead((unsigned char)p[0]);
    if (want <= 1)
        return want ? 1 : -1;
    if (end - p < 2 || !second_is_allowed((unsigned char)p[0], (unsigned char)p[1]))
        return -1;
    for (int i = 2; i < want; i++)
        if (p + i == end || !is_continuation(p[i]))
            return -i;
    return want;
}

static bool stride_is_ascii(const char *p)
{
    uint64_t w[ASCII_STRIDE / 8];
    memcpy(w, p, sizeof(w));
    return ((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080)) == 0;
}

static const char *skip_ascii(const char *p, const char *end)
{
    while (end - p >= ASCII_STRIDE && stride_is_ascii(p))
        p += ASCII_STRIDE;
    while (p < end && (unsigned char)*p < 0x80)
        p++;
    return p;
}

/* Runs of one script stay in this loop; the return to skip_ascii pays only
 * where the text changes to ASCII for longer than a letter or two. */
bool brio_utf8_valid(brio_str s)
{
    if (s.len == 0)
        return true; /* ptr may be NULL, which takes no arithmetic */
    const char *end = s.ptr + s.len;
    for (const char *p = skip_ascii(s.ptr, end); p < end;) {
        int n = brio_base_utf8_step(p, end);
        if (n < 0)
            return false;
        p += n;
        if (n == 1)
            p = skip_ascii(p, end);
    }
    return true;
}

size_t brio_utf8_length(brio_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += !is_continuation(s.ptr[i]);
    return n;
}

static size_t replaced_length(brio_str s)
{
    const char *end = s.ptr + s.len;
    size_t total = 0;
    for (const char *p = s.ptr; p < end;) {
        int n = brio_base_utf8_step(p, end);
        total += n > 0 ? (size_t)n : sizeof(replacement);
        p += n > 0 ? n : -n;
    }
    return total;
}

static void write_replaced(char *out, brio_str s)
{
    const char *end = s.ptr + s.len;
    for (const char *p = s.ptr; p < end;) {
        int n = brio_base_utf8_step(p, end);
        size_t len = n > 0 ? (size_t)n : sizeof(replacement);
        memcpy(out, n > 0 ? p : replacement, len);
        out += len;
        p += n > 0 ? n : -n;
    }
}

brio_str brio_utf8_replace(brio_arena *arena, brio_str s)
{
    if (brio_utf8_valid(s))
        return s;
    size_t len = replaced_length(s);
    char *out = brio_alloc_aligned(arena, len, 1);
    write_replaced(out, s);
    return (brio_str){out, len};
}

size_t brio_utf8_encode(char out[4], uint32_t code)
{
    BRIO_ASSERT(code <= 0x10FFFF);
    BRIO_ASSERT(code < 0xD800 || code > 0xDFFF);
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[n] | code);
    return n;
}
