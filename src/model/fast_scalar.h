/* SPDX-License-Identifier: MIT
 *
 * Plain scalars at full speed, for the fast reader only. Each function stands
 * at the first byte of a value, stores it and returns what is behind it, or
 * NULL for anything that is not plain. Eight digits are counted and turned
 * into a number within one word, without a loop or a branch on their count.
 *
 * The functions without a reader take for granted that BRIO_FAST_REACH bytes
 * can be read at `p`. Their careful twins, for the end of a text and for what
 * is long or unusual, look before every step. */
#ifndef BRIO_MODEL_FAST_SCALAR_H
#define BRIO_MODEL_FAST_SCALAR_H

#include "model/json_scan.h"
#include "model/model_internal.h"

#include <math.h>

/* `end` is the text's last bracket, not what is behind it: a byte that ends
 * every value can always be read, so no step needs to ask whether there is one.
 * Only the outermost value may take it. */
typedef struct brio_reader {
    const char *end;
    brio_arena *arena;
    uint32_t depth; /* open brackets */
} brio_reader;

/* No load of a plain scalar goes further. */
enum { BRIO_FAST_REACH = 48 };

static inline bool brio_fast_has(const brio_reader *r, const char *p, ptrdiff_t n)
{
    return BRIO_LIKELY(r->end - p >= n);
}

static inline const char *brio_fast_space(const brio_reader *r, const char *p)
{
    if (BRIO_LIKELY((unsigned char)*p > ' '))
        return p;
    return brio_json_skip_space(p, r->end);
}

/* White space and a value of the row (decode_fast.c); and of a kind that is no
 * common scalar, struct or list, at its first byte (fast_shapes.c). */
const char *brio_fast_value(brio_reader *r, const char *p, const brio_plan_field *field, void *out);
const char *brio_fast_shape(brio_reader *r, const char *p, const brio_plan_field *field, void *out);

/* Any value, checked and forgotten; after white space. */
const char *brio_fast_skip(brio_reader *r, const char *p);

/* ---- Digits ------------------------------------------------------------------ */

/* How many of the word's bytes, from the first, are digits: 0 to 8. */
static inline uint32_t brio_fast_digits(uint64_t word)
{
    uint64_t value = word ^ UINT64_C(0x3030303030303030); /* a digit is 0...9 now */
    uint64_t other =
        (value | (value + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080);
    /* A carry runs upwards only, so the first mark is true. */
    return other ? (uint32_t)__builtin_ctzll(other) >> 3 : 8;
}

/* The number the first n (1 to 8) bytes of the word spell. */
static inline uint64_t brio_fast_number(uint64_t word, uint32_t n)
{
    word <<= 64 - 8 * n; /* zeros, as digits after the mask, move in front */
    word &= UINT64_C(0x0F0F0F0F0F0F0F0F);
    word = (word * 10 + (word >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    word = (word * 100 + (word >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    return (word * 10000 + (word >> 32)) & UINT32_MAX;
}

static const uint64_t brio_fast_pow10[] = {1,      10,      100,      1000,     10000,
                                           100000, 1000000, 10000000, 100000000};

/* Up to 16 digits at `p`, of which 24 bytes can be read; *n is how many there
 * are, 16 meaning "or more". */
static inline uint64_t brio_fast_digits16(const char *p, uint32_t *n)
{
    uint64_t word = brio_load_u64(p);
    uint32_t first = *n = brio_fast_digits(word);
    if (first == 0)
        return 0;
    uint64_t value = brio_fast_number(word, first);
    if (BRIO_LIKELY(first < 8))
        return value;
    word = brio_load_u64(p + 8);
    uint32_t second = brio_fast_digits(word);
    *n += second;
    return second == 0 ? value : value * brio_fast_pow10[second] + brio_fast_number(word, second);
}

/* ---- Integers -------------------------------------------------------------------- */

static inline const char *brio_fast_int_careful(const brio_reader *r, const char *p, int64_t *ret)
{
    brio_json number;
    p = p < r->end ? brio_json_read_number(p, r->end, &number) : NULL;
    if (!p || number.type != BRIO_JSON_INT)
        return NULL;
    *ret = number.integer;
    return p;
}

/* Up to 15 digits. What follows them is the caller's to judge: '.' and 'e' are
 * no commas. */
static inline const char *brio_fast_int(const brio_reader *r, const char *p, int64_t *ret)
{
    bool negative = *p == '-';
    const char *digits = p + negative;
    uint32_t n;
    uint64_t value = brio_fast_digits16(digits, &n);
    if (BRIO_UNLIKELY(n - 1 >= 15 || (n > 1 && *digits == '0')))
        return brio_fast_int_careful(r, p, ret);
    *ret = negative ? -(int64_t)value : (int64_t)value;
    return digits + n;
}

/* ---- Floats ---------------------------------------------------------------------- */

/* Any number as the validator would read it, but for those it may refuse. */
const char *brio_fast_f64_careful(const brio_reader *r, const char *p, double *ret);

/* Up to 15 digits, of which up to 8 behind the point, or no point at all. */
const char *brio_fast_f64_long(const brio_reader *r, const char *p, double *ret);

/* A number with its point and what ends it within eight bytes: the digits are
 * pushed together and converted as one. Both parts are exact doubles, so the
 * division rounds correctly. */
static inline __attribute__((always_inline)) const char *brio_fast_f64(const brio_reader *r,
                                                                       const char *p, double *ret)
{
    bool negative = *p == '-';
    const char *digits = p + negative;
    uint64_t word = brio_load_u64(digits);
    uint32_t n = brio_fast_digits(word);
    if (BRIO_UNLIKELY(n - 1 >= 6 || digits[n] != '.' || (n > 1 && *digits == '0')))
        return brio_fast_f64_long(r, p, ret);
    uint64_t behind_point = word >> (8 * n + 8);
    uint32_t decimals = brio_fast_digits(behind_point), all = n + decimals;
    if (BRIO_UNLIKELY(decimals == 0 || all >= 7))
        return brio_fast_f64_long(r, p, ret);
    const char *behind = digits + all + 1;
    if (BRIO_UNLIKELY((*behind | 0x20) == 'e'))
        return brio_fast_f64_careful(r, p, ret);
    uint64_t whole = word & ((UINT64_C(1) << (8 * n)) - 1);
    uint64_t value = brio_fast_number(whole | behind_point << (8 * n), all);
    double magnitude = (double)(int64_t)value / brio_f64_pow10[decimals];
    *ret = negative ? -magnitude : magnitude;
    return behind;
}

/* ---- Words ----------------------------------------------------------------------- */

static inline const char *brio_fast_word(const brio_reader *r, const char *p, const char *word,
                                         ptrdiff_t n)
{
    return brio_fast_has(r, p, n) && memcmp(p, word, (size_t)n) == 0 ? p + n : NULL;
}

static inline const char *brio_fast_bool_careful(const brio_reader *r, const char *p, bool *ret)
{
    *ret = *p == 't';
    return *ret ? brio_fast_word(r, p, "true", 4) : brio_fast_word(r, p, "false", 5);
}

/* One comparison for both words, since which one it is nobody can predict. */
static inline const char *brio_fast_bool(const char *p, bool *ret)
{
    uint32_t four = brio_load_u32(p);
    bool yes = four == brio_load_u32("true");
    bool no = (four == brio_load_u32("fals")) & (p[4] == 'e');
    *ret = yes;
    return BRIO_LIKELY(yes | no) ? p + 5 - yes : NULL;
}

/* ---- Strings --------------------------------------------------------------------- */

/* Any well-formed string. Sets *high if a byte is not ASCII. */
const char *brio_fast_string_careful(const brio_reader *r, const char *p, brio_str *ret,
                                     bool *high);

/* At the opening quote. Plain ASCII of less than 32 bytes ends here. */
static inline const char *brio_fast_string(const brio_reader *r, const char *p, brio_str *ret,
                                           bool *high)
{
    const char *begin = p + 1;
    brio_scan a = brio_scan_block(begin), b = brio_scan_block(begin + BRIO_SCAN_BLOCK);
    uint32_t stop = a.stop | b.stop << BRIO_SCAN_BLOCK;
    uint32_t odd = (a.high | b.high << BRIO_SCAN_BLOCK) & brio_scan_below(stop);
    uint32_t n = stop ? (uint32_t)__builtin_ctz(stop) : 0;
    if (BRIO_UNLIKELY(begin[n] != '"' || odd || *p != '"'))
        return brio_fast_string_careful(r, p, ret, high);
    ret->ptr = begin; /* one by one: a copy of the pair would stall on its halves */
    ret->len = n;
    *high = false;
    return begin + n + 1;
}

#endif
