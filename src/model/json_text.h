/* SPDX-License-Identifier: MIT
 *
 * Writing the scalars of JSON through a bare cursor: each function writes at
 * `out`, for which the caller has made room, and returns what is behind. The
 * writer and the encoder are built on it. */
#ifndef BRIO_MODEL_JSON_TEXT_H
#define BRIO_MODEL_JSON_TEXT_H

#include "model/json_scan.h"

enum { BRIO_U64_TEXT_MAX = 24, BRIO_I64_TEXT_MAX = 25 };

/* Digits of a value of 10^8 or more. */
char *brio_u64_text_long(char *out, uint64_t value);

/* The eight digits of a value below 10^8, the first one in the lowest byte: two
 * halves of four, then four pairs, then eight digits, all lanes at once. */
static inline uint64_t brio_eight_digits(uint32_t value)
{
    uint64_t high = value / 10000, low = value % 10000;
    uint64_t fours = high | low << 32;
    uint64_t hundreds = ((fours * 10486) >> 20) & UINT64_C(0x0000007F0000007F);
    uint64_t pairs = hundreds | (fours - 100 * hundreds) << 16;
    uint64_t tens = ((pairs * 103) >> 10) & UINT64_C(0x000F000F000F000F);
    return tens | (pairs - 10 * tens) << 8;
}

/* At most BRIO_U64_TEXT_MAX bytes are touched. No branch on the length of what
 * is short: the digits are shifted over their leading zeros. */
static inline char *brio_u64_text(char *out, uint64_t value)
{
    if (BRIO_UNLIKELY(value >= 100000000))
        return brio_u64_text_long(out, value);
    uint64_t digits = brio_eight_digits((uint32_t)value);
    uint32_t zeros = (uint32_t)__builtin_ctzll(digits | UINT64_C(1) << 56) >> 3;
    uint64_t text = (digits | UINT64_C(0x3030303030303030)) >> (8 * zeros);
    memcpy(out, &text, sizeof(text));
    return out + 8 - zeros;
}

static inline char *brio_i64_text(char *out, int64_t value)
{
    *out = '-';
    return brio_u64_text(out + (value < 0), value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Python's repr; at most BRIO_F64_TEXT_MAX bytes are touched. */
char *brio_f64_put_any(char *out, double value);

/* m / 1000 with its last zeros taken away, but for one digit. */
char *brio_thousandths_text_long(char *out, uint64_t m);

/* Five digits, the point, three digits: the eight are made at once, the leading
 * zeros shifted out and the last zeros left behind. */
static inline char *brio_thousandths_text(char *out, uint64_t m)
{
    if (BRIO_UNLIKELY(m >= 100000000))
        return brio_thousandths_text_long(out, m);
    uint64_t digits = brio_eight_digits((uint32_t)m);
    uint64_t text = digits | UINT64_C(0x3030303030303030);
    uint32_t zeros = (uint32_t)__builtin_ctzll(digits | UINT64_C(1) << 32) >> 3;
    uint64_t whole = text >> (8 * zeros), fraction = '.' | text >> 40 << 8;
    memcpy(out, &whole, 8);
    out += 5 - zeros;
    memcpy(out, &fraction, 4);
    return out + 2 + (digits >> 48 != 0) + (digits >> 56 != 0);
}

/* The same as brio_f64_put_any, quick for whole numbers and a few decimals:
 * below 10^12, thousandths are whole numbers of at most 15 digits, and what so
 * few digits read back as has no shorter text. */
static inline char *brio_f64_put(char *out, double value)
{
    double magnitude = value < 0 ? -value : value;
    if (BRIO_UNLIKELY(!(magnitude < 1e12)))
        return brio_f64_put_any(out, value);
    int64_t m = (int64_t)(magnitude * 1000 + 0.5);
    if (BRIO_UNLIKELY((double)m / 1000 != magnitude))
        return brio_f64_put_any(out, value);
    *out = '-';
    return brio_thousandths_text(out + (__builtin_signbit(value) != 0), (uint64_t)m);
}

/* The escape of a '"', '\\' or control character; at most BRIO_JSON_ESCAPE_MAX bytes. */
char *brio_json_put_escape(char *out, char c);

#endif
