/* SPDX-License-Identifier: MIT
 *
 * Decimals as text: what Python's Decimal reads, in the form it prints. A text
 * that has that form already is kept as it is, so that common input costs one
 * look at its bytes; anything else (blanks, '_', digits of other scripts, an
 * exponent, a missing zero) is taken apart and written anew. The new text is
 * never more than a few bytes longer, whatever the exponent. */
#include "model/type_internal.h"

#include <errno.h>

/* Of Python's decimal on 64 bits: the exponent of the first digit may be this
 * large, that of the last one this small. */
static const int64_t exponent_max = INT64_C(999999999999999999);
static const int64_t exponent_min = INT64_C(-1999999999999999997);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- The canonical form ------------------------------------------------------------ */

/* [-]digits[.digits] with no zero too many; texts with exponents, and those
 * of tiny numbers, which need one, are not told. */
static bool is_canonical(brio_str s)
{
    size_t at = s.len && s.ptr[0] == '-', begin = at;
    while (at < s.len && is_digit(s.ptr[at]))
        at++;
    size_t whole = at - begin;
    if (whole == 0 || (whole > 1 && s.ptr[begin] == '0'))
        return false;
    if (at == s.len)
        return true;
    if (s.ptr[at++] != '.' || at == s.len)
        return false;
    bool tiny = whole == 1 && s.ptr[begin] == '0' && s.len - at > 5;
    while (at < s.len && is_digit(s.ptr[at]))
        at++;
    return at == s.len && !tiny;
}

static void put_zeros(brio_buf *out, int64_t n)
{
    for (; n > 0; n--)
        brio_buf_char(out, '0');
}

/* The digits with a point behind the first `whole`, which may be none or more. */
static void put_digits(brio_buf *out, brio_str digits, int64_t whole)
{
    int64_t n = (int64_t)digits.len;
    if (whole <= 0) {
        brio_buf_add(out, BRIO_S("0."));
        put_zeros(out, -whole);
        brio_buf_add(out, digits);
        return;
    }
    brio_buf_add(out, brio_str_slice(digits, 0, (size_t)whole));
    put_zeros(out, whole - n);
    if (whole >= n)
        return;
    brio_buf_char(out, '.');
    brio_buf_add(out, brio_str_slice(digits, (size_t)whole, digits.len));
}

brio_decimal brio_decimal_make(brio_arena *arena, bool negative, brio_str digits, int64_t exponent)
{
    int64_t whole = exponent + (int64_t)digits.len;
    bool plain = exponent <= 0 && whole > -6;
    size_t cap = digits.len + 48;
    brio_buf out = brio_buf_over(brio_alloc_aligned(arena, cap, 1), cap);
    if (negative)
        brio_buf_char(&out, '-');
    put_digits(&out, digits, plain ? whole : 1);
    if (!plain) {
        brio_buf_add(&out, whole - 1 < 0 ? BRIO_S("E") : BRIO_S("E+"));
        brio_buf_i64(&out, whole - 1);
    }
    BRIO_ASSERT(!out.failed);
    return (brio_decimal){brio_buf_str(&out)};
}

/* ---- Python's grammar ---------------------------------------------------------------- */

/* First of ten digits in a row, for each script of Unicode 14 that has them. */
static const uint32_t zeros[] = {
    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,
    0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,
    0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,
    0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC,
    0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0};

/* The code point at the front of well-formed text, and its bytes. */
static uint32_t decode(const unsigned char *p, size_t *ret_n)
{
    *ret_n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    uint32_t code = *ret_n == 1 ? p[0] : p[0] & (0xFFU >> (*ret_n + 1));
    for (size_t i = 1; i < *ret_n; i++)
        code = code << 6 | (p[i] & 0x3F);
    return code;
}

static char ascii_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
        if (code - zeros[i] < 10)
            return (char)('0' + (code - zeros[i]));
    return '?';
}

/* Without white space around (Python's), with ASCII digits, without '_'. */
static brio_str to_ascii(brio_arena *arena, brio_str s)
{
    s = brio_trim_python(s);
    char *out = brio_alloc_aligned(arena, s.len + 1, 1);
    size_t n = 0, size;
    for (size_t i = 0; i < s.len; i += size) {
        uint32_t code = decode((const unsigned char *)s.ptr + i, &size);
        if (code != '_')
            out[n++] = code < 0x80 ? (char)code : ascii_of(code);
    }
    return (brio_str){out, n};
}

/* The exponent, at most 20 digits of size; false if it is not one. */
static bool read_exponent(brio_str s, int64_t *ret)
{
    bool negative = s.len && s.ptr[0] == '-';
    size_t at = negative || (s.len && s.ptr[0] == '+');
    if (at == s.len)
        return false;
    int64_t value = 0;
    for (; at < s.len; at++) {
        if (!is_digit(s.ptr[at]))
            return false;
        value = value < INT64_MAX / 16 ? value * 10 + (s.ptr[at] - '0') : INT64_MAX / 16 + 1;
    }
    *ret = negative ? -value : value;
    return true;
}

/* Digits with at most one point to digits alone, written over them. */
static bool join_digits(char *p, size_t *n, int64_t *exponent)
{
    size_t kept = 0, point = *n;
    for (size_t i = 0; i < *n; i++) {
        if (p[i] == '.' && point == *n)
            point = i;
        else if (is_digit(p[i]))
            p[kept++] = p[i];
        else
            return false;
    }
    if (point < *n)
        *exponent -= (int64_t)(*n - point - 1);
    *n = kept;
    return kept > 0;
}

/* inf, infinity, nan and snan with digits behind, in any case. */
static bool is_special(brio_str s)
{
    if (brio_str_eq_nocase(s, BRIO_S("inf")) || brio_str_eq_nocase(s, BRIO_S("infinity")))
        return true;
    size_t name = s.len && brio_lower(s.ptr[0]) == 's' ? 4 : 3;
    if (!brio_str_eq_nocase(brio_str_slice(s, 0, name), name == 4 ? BRIO_S("snan") : BRIO_S("nan")))
        return false;
    for (size_t i = name; i < s.len; i++)
        if (!is_digit(s.ptr[i]))
            return false;
    return true;
}

static brio_decimal_fault read_ascii(brio_arena *arena, brio_str s, brio_decimal *ret)
{
    bool negative = s.len && s.ptr[0] == '-';
    if (negative || (s.len && s.ptr[0] == '+'))
        s = brio_str_slice(s, 1, s.len);
    if (is_special(s))
        return BRIO_DECIMAL_NOT_FINITE;
    size_t n = 0;
    while (n < s.len && brio_lower(s.ptr[n]) != 'e')
        n++;
    int64_t exponent = 0;
    if (n < s.len && !read_exponent(brio_str_slice(s, n + 1, s.len), &exponent))
        return BRIO_DECIMAL_SYNTAX;
    char *digits = (char *)(uintptr_t)s.ptr; /* to_ascii's own copy */
    if (!join_digits(digits, &n, &exponent))
        return BRIO_DECIMAL_SYNTAX;
    for (; n > 1 && digits[0] == '0'; n--)
        digits++;
    if (exponent + (int64_t)n - 1 > exponent_max || exponent < exponent_min)
        return BRIO_DECIMAL_SYNTAX;
    *ret = brio_decimal_make(arena, negative, (brio_str){digits, n}, exponent);
    return BRIO_DECIMAL_OK;
}

brio_decimal_fault brio_decimal_read(brio_arena *arena, brio_str text, brio_decimal *ret)
{
    if (is_canonical(text)) {
        ret->text = text;
        return BRIO_DECIMAL_OK;
    }
    if (!brio_utf8_valid(text))
        return BRIO_DECIMAL_SYNTAX;
    return read_ascii(arena, to_ascii(arena, text), ret);
}

int brio_decimal_parse(brio_arena *arena, brio_str text, brio_decimal *ret)
{
    return brio_decimal_read(arena, text, ret) == BRIO_DECIMAL_OK ? 0 : -EINVAL;
}
