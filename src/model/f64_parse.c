/* SPDX-License-Identifier: MIT
 *
 * From decimal digits to the nearest double, in three steps of falling speed.
 * Small mantissas with small exponents are one exact multiplication or
 * division (Clinger). Up to 19 digits are a 64x128-bit product with a power of
 * ten whose upper bits are the answer unless they sit too close to a tie
 * (Eisel and Lemire). What is left, well under one number in a thousand,
 * goes to strtod as whole digits and an exponent: without a decimal point the
 * locale cannot touch it. */
#include "model/json_scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 u128;

enum {
    MANTISSA_BITS = 52,
    EXPONENT_BIAS = 1023,
    EXPONENT_INF = 0x7FF,
    DIGITS_U64 = 19,  /* that always fit */
    DIGITS_ALL = 780, /* beyond the 768 a double can depend on; the rest is "more or not" */
    POW10_EXACT = 22,
    POW10_INT_EXACT = 55, /* 10^q fits 128 bits without rounding */
    POW10_INF = 308,
};

const double brio_f64_pow10[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* Powers for which 128 bits decide always: 5^27 fits 64 bits, 5^55 fits 128. */
static bool near_one(int q)
{
    return q >= -27 && q <= POW10_INT_EXACT;
}

/* w * 10^q, truncated to 128 bits below the leading bit of the product. */
static u128 product(uint64_t w, int q)
{
    brio_pow10 power = brio_pow10_table[q - BRIO_POW10_MIN];
    if (!near_one(q))
        power.lo--; /* the table is rounded up, the proof wants it rounded down */
    u128 high = (u128)w * power.hi;
    uint64_t low_bits = UINT64_MAX >> (MANTISSA_BITS + 3);
    if (((uint64_t)(high >> 64) & low_bits) == low_bits)
        high += (uint64_t)((u128)w * power.lo >> 64);
    return high;
}

static int floor_log2_pow10(int q)
{
    return (217706 * q) >> 16;
}

/* A mantissa with one bit too many, below the normal range by `below` bits. */
static double subnormal(uint64_t mantissa, int below)
{
    if (below >= 64)
        return 0;
    mantissa >>= below;
    mantissa += mantissa & 1;
    return from_bits(mantissa >> 1); /* a carry into bit 52 is the first normal exponent */
}

/* True if the cut-off bits are exactly a half and the value above it is even:
 * then the half must not round up. Only small powers can give an exact half. */
static bool tie_to_even(u128 bits, int q, uint64_t mantissa, int shift)
{
    return (uint64_t)bits <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 &&
           mantissa << shift == (uint64_t)(bits >> 64);
}

static bool eisel_lemire(uint64_t w, int q, double *ret)
{
    int zeros = __builtin_clzll(w);
    u128 bits = product(w << zeros, q);
    if ((uint64_t)bits == UINT64_MAX && !near_one(q))
        return false;
    uint64_t hi = (uint64_t)(bits >> 64);
    int top = (int)(hi >> 63);
    int shift = top + 64 - MANTISSA_BITS - 3;
    uint64_t mantissa = hi >> shift;
    int exponent = floor_log2_pow10(q) + 63 + top - zeros + EXPONENT_BIAS;
    if (exponent <= 0) {
        *ret = subnormal(mantissa, 1 - exponent);
        return true;
    }
    if (tie_to_even(bits, q, mantissa, shift))
        mantissa--;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> (MANTISSA_BITS + 1)) {
        mantissa >>= 1;
        exponent++;
    }
    if (exponent >= EXPONENT_INF)
        *ret = HUGE_VAL;
    else
        *ret = from_bits((uint64_t)exponent << MANTISSA_BITS |
                         (mantissa & (UINT64_MAX >> (64 - MANTISSA_BITS))));
    return true;
}

bool brio_f64_from_decimal(uint64_t w, int64_t q, double *ret)
{
    if (w >> (MANTISSA_BITS + 1) == 0 && q >= -POW10_EXACT && q <= POW10_EXACT) {
        double exact = (double)w;
        *ret = q < 0 ? exact / brio_f64_pow10[-q] : exact * brio_f64_pow10[q];
        return true;
    }
    if (w == 0 || q < BRIO_POW10_MIN || q > POW10_INF) {
        *ret = w == 0 || q < 0 ? 0 : HUGE_VAL;
        return true;
    }
    return eisel_lemire(w, (int)q, ret);
}

/* ---- Texts of any length -------------------------------------------------- */

/* The significant digits of a number: [leading zeros skipped], cut at `cap`. */
typedef struct digits {
    char *out;
    size_t n, cap;
    int64_t dropped; /* digits of the whole part, or minus those of the fraction */
    bool more;       /* one that was cut is not zero */
} digits;

static void digits_add(digits *d, brio_str text, int64_t step)
{
    for (size_t i = 0; i < text.len; i++) {
        bool skip = d->n == 0 && text.ptr[i] == '0';
        bool full = d->n == d->cap;
        d->more |= full && text.ptr[i] != '0';
        if (!skip && !full)
            d->out[d->n++] = text.ptr[i];
        /* A kept digit behind the point lowers the exponent, a lost one before it raises it. */
        if (step < 0 ? !full : full)
            d->dropped += step;
    }
}

static double by_strtod(const brio_number_text *number)
{
    char text[DIGITS_ALL + 32];
    digits d = {.out = text, .cap = DIGITS_ALL};
    digits_add(&d, number->whole, 1);
    digits_add(&d, number->fraction, -1);
    int64_t exponent = number->exponent + d.dropped;
    if (d.more) { /* one digit more stands for all that was cut */
        text[d.n++] = '1';
        exponent--;
    }
    int clamped = exponent > 100000 ? 100000 : exponent < -100000 ? -100000 : (int)exponent;
    snprintf(text + d.n, sizeof(text) - d.n, "e%d", clamped);
    return strtod(text, NULL);
}

static uint64_t to_u64(const char *p, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (uint64_t)(p[i] - '0');
    return value;
}

/* The first 19 digits bracket the value; if both ends round alike, done. */
static double magnitude(const brio_number_text *number)
{
    char text[DIGITS_U64];
    digits d = {.out = text, .cap = DIGITS_U64};
    digits_add(&d, number->whole, 1);
    digits_add(&d, number->fraction, -1);
    uint64_t w = to_u64(text, d.n);
    int64_t q = number->exponent + d.dropped;
    double low, high;
    if (!brio_f64_from_decimal(w, q, &low))
        return by_strtod(number);
    if (!d.more)
        return low;
    if (!brio_f64_from_decimal(w + 1, q, &high) || low != high)
        return by_strtod(number);
    return low;
}

double brio_number_to_f64(const brio_number_text *number)
{
    double value = magnitude(number);
    return number->negative ? -value : value;
}
