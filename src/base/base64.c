/* SPDX-License-Identifier: MIT
 *
 * Base64 of RFC 4648: three bytes are four characters of six bits.
 *
 * Decoding is strict. A decoder that forgives lets one value have many texts,
 * and what is signed or compared as text must have one. */
#include <brio/base.h>

#include <errno.h>

enum { URL = 1, BARE = 2 }; /* the bits of brio_base64_form */

/* The alphabets differ in the last two characters. */
static const char alphabet[2][65] = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};

static void encode_group(char *out, const char *digits, uint32_t bits)
{
    out[0] = digits[bits >> 18 & 63];
    out[1] = digits[bits >> 12 & 63];
    out[2] = digits[bits >> 6 & 63];
    out[3] = digits[bits & 63];
}

brio_str brio_base64_encode(brio_arena *arena, brio_base64_form form, brio_str bytes)
{
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    const char *digits = alphabet[form & URL];
    char *out = brio_alloc_aligned(arena, bytes.len / 3 * 4 + 5, 1), *at = out;
    size_t i = 0, rest = bytes.len % 3;
    for (; i < bytes.len - rest; i += 3, at += 4)
        encode_group(at, digits,
                     (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | (uint32_t)in[i + 2]);
    if (rest) {
        uint32_t bits = (uint32_t)in[i] << 16 | (rest == 2 ? (uint32_t)in[i + 1] << 8 : 0);
        encode_group(at, digits, bits);
        memset(at + rest + 1, '=', 3 - rest);
        at += form & BARE ? rest + 1 : 4;
    }
    *at = '\0';
    return brio_str_span(out, at);
}

/* The six bits that `c` stands for, or -1. */
static int32_t value_of(char c, brio_base64_form form)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == alphabet[form & URL][62])
        return 62;
    return c == alphabet[form & URL][63] ? 63 : -1;
}

/* Takes the padding off, which must be just what fills the last group. */
static int unpad(brio_str *text)
{
    size_t padding = 0;
    if (text->len % 4)
        return -EINVAL;
    while (padding < 2 && padding < text->len && text->ptr[text->len - 1 - padding] == '=')
        padding++;
    text->len -= padding;
    return 0;
}

/* The bits of `n` characters (at most four), the first highest; or -1. */
static int32_t group_of(const char *at, size_t n, brio_base64_form form)
{
    int32_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t value = value_of(at[i], form);
        if (value < 0)
            return -1;
        bits |= value << (18 - 6 * i);
    }
    return bits;
}

int brio_base64_decode(brio_arena *arena, brio_base64_form form, brio_str text, brio_str *ret)
{
    if (!(form & BARE) && unpad(&text) < 0)
        return -EINVAL;
    if (text.len % 4 == 1)
        return -EINVAL;
    char *out = brio_alloc_aligned(arena, text.len / 4 * 3 + 3, 1), *to = out;
    for (size_t at = 0; at < text.len; at += 4) {
        size_t n = text.len - at < 4 ? text.len - at : 4;
        int32_t bits = group_of(text.ptr + at, n, form);
        if (bits < 0 || (n == 2 && bits & 0xFFFF) || (n == 3 && bits & 0xFF))
            return -EINVAL;
        for (size_t i = 0; i + 1 < n; i++)
            *to++ = (char)(bits >> (16 - 8 * i));
    }
    *ret = brio_str_span(out, to);
    return 0;
}
