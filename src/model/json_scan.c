/* SPDX-License-Identifier: MIT
 *
 * The strings of JSON: what is between two quotes. Plain strings are borrowed;
 * a string with escapes is unescaped in two passes, the first of which finds
 * an upper bound for the allocation (unescaped text is never longer), the
 * second checks and writes. Faults carry the text and the position Python
 * 3.11's json module gives them. */
#include "model/json_scan.h"

static const char *fault_at(brio_scan_fault *fault, const char *at, const char *message)
{
    *fault = (brio_scan_fault){at, message};
    return NULL;
}

/* Where the string ends as far as its size matters: faults come later. */
static const char *find_close(const char *p, const char *end, bool *high)
{
    for (;;) {
        p = brio_scan_string(p, end, high);
        if (p == end || *p != '\\')
            return p;
        p += end - p < 2 ? 1 : 2;
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The number of four hex digits at p, or -1. A text cannot end with them, so
 * a fifth byte is demanded too, as Python does. */
static int32_t hex4(const char *p, const char *end)
{
    if (end - p < 5)
        return -1;
    int32_t code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

static bool is_high_surrogate(int32_t code)
{
    return (code & 0xFC00) == 0xD800;
}
static bool is_low_surrogate(int32_t code)
{
    return (code & 0xFC00) == 0xDC00;
}

/* `p` is behind "\u". */
static const char *unescape_unicode(const char *p, const char *end, char **out,
                                    brio_scan_fault *fault)
{
    int32_t code = hex4(p, end);
    if (code < 0)
        return fault_at(fault, p - 1, "Invalid \\uXXXX escape");
    p += 4;
    if (is_high_surrogate(code) && end - p > 6 && p[0] == '\\' && p[1] == 'u') {
        int32_t low = hex4(p + 2, end);
        if (low < 0)
            return fault_at(fault, p + 1, "Invalid \\uXXXX escape");
        if (is_low_surrogate(low)) {
            code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
            p += 6;
        }
    }
    if (code >= 0xD800 && code <= 0xDFFF)
        code = 0xFFFD;
    *out += brio_utf8_encode(*out, (uint32_t)code);
    return p;
}

/* The character a one-letter escape means, or 0. */
static char short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* `p` is at a backslash; `begin` behind the opening quote. */
static const char *unescape_one(const char *p, const char *end, const char *begin, char **out,
                                brio_scan_fault *fault)
{
    if (end - p < 2)
        return fault_at(fault, begin - 1, "Unterminated string starting at");
    if (p[1] == 'u')
        return unescape_unicode(p + 2, end, out, fault);
    char c = short_escape(p[1]);
    if (c == 0)
        return fault_at(fault, p, "Invalid \\escape");
    *(*out)++ = c;
    return p + 2;
}

/* Continues at `p`, the first byte that is not plain. */
static const char *unescape(brio_arena *arena, const char *begin, const char *p, const char *end,
                            brio_str *ret, bool *high, brio_scan_fault *fault)
{
    const char *from = begin;
    size_t most = (size_t)(find_close(p, end, high) - begin);
    char *text = brio_alloc_aligned(arena, most, 1), *out = text;
    for (;; p = brio_scan_string(from, end, high)) {
        memcpy(out, from, (size_t)(p - from));
        out += p - from;
        if (p == end)
            return fault_at(fault, begin - 1, "Unterminated string starting at");
        if (*p == '"')
            break;
        if (*p != '\\')
            return fault_at(fault, p, "Invalid control character at");
        from = unescape_one(p, end, begin, &out, fault);
        if (!from)
            return NULL;
    }
    BRIO_ASSERT((size_t)(out - text) <= most);
    *ret = brio_str_span(text, out);
    return p + 1;
}

const char *brio_json_read_string(brio_arena *arena, const char *p, const char *end, brio_str *ret,
                                  bool *high, brio_scan_fault *fault)
{
    const char *stop = brio_scan_string(p, end, high);
    if (BRIO_LIKELY(stop < end && *stop == '"')) {
        *ret = brio_str_span(p, stop);
        return stop + 1;
    }
    if (stop == end)
        return fault_at(fault, p - 1, "Unterminated string starting at");
    if (*stop != '\\')
        return fault_at(fault, stop, "Invalid control character at");
    return unescape(arena, p, stop, end, ret, high, fault);
}
