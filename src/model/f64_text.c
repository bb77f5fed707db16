/* SPDX-License-Identifier: MIT
 *
 * The shortest text that reads back as a double, in the form of Python's
 * repr. Whole numbers and those of a few decimals are found by trying, inline
 * (json_text.h). Everything else goes through Schubfach (Raffaello Giulietti): scale the
 * rounding interval by a power of ten so that its width lies between 2 and 20
 * and take the shortest decimal inside; no loops, three wide products. */
#include "model/json_text.h"

#include <math.h>

__extension__ typedef unsigned __int128 u128;

enum {
    SIGNIFICAND_BITS = 52,
    EXPONENT_BIAS = 1023 + SIGNIFICAND_BITS, /* of a whole significand */
    POINT_MIN = -4,                          /* decimal exponents outside are written with an e */
    POINT_MAX = 16,
};

typedef struct decimal {
    uint64_t digits;
    int exponent; /* value = digits * 10^exponent */
} decimal;

/* ---- Schubfach ------------------------------------------------------------- */

static int floor_log10_pow2(int e, bool closer)
{
    return (e * 1262611 - (closer ? 524031 : 0)) >> 22;
}

static int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* The top of g * c, its last bit set if anything below is not zero. */
static uint64_t round_to_odd(brio_pow10 g, uint64_t c)
{
    uint64_t carry = (uint64_t)((u128)g.lo * c >> 64);
    u128 high = (u128)g.hi * c + carry;
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The decimals just below and above are s and s + 1, in units of four. */
static decimal pick(uint64_t lower, uint64_t vb, uint64_t upper, int k)
{
    uint64_t s = vb / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;
        if (down != up)
            return (decimal){tens + up, k + 1};
    }
    bool down = lower <= 4 * s, up = 4 * s + 4 <= upper;
    if (down != up)
        return (decimal){s + up, k};
    uint64_t middle = 4 * s + 2;
    bool round_up = vb > middle || (vb == middle && (s & 1));
    return (decimal){s + round_up, k};
}

/* Of c * 2^q; `closer`: the neighbour below is at half the distance. */
static decimal schubfach(uint64_t c, int q, bool closer)
{
    bool odd = c & 1;
    int k = floor_log10_pow2(q, closer);
    int h = q + floor_log2_pow10(-k) + 1;
    BRIO_ASSERT(h >= 1 && h <= 4);
    brio_pow10 g = brio_pow10_table[-k - BRIO_POW10_MIN];
    uint64_t lower = round_to_odd(g, (4 * c - 2 + closer) << h);
    uint64_t vb = round_to_odd(g, 4 * c << h);
    uint64_t upper = round_to_odd(g, (4 * c + 2) << h);
    return pick(lower + odd, vb, upper - odd, k);
}

static decimal shortest(double magnitude)
{
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof(bits));
    uint64_t fraction = bits & (UINT64_MAX >> (64 - SIGNIFICAND_BITS));
    int exponent = (int)(bits >> SIGNIFICAND_BITS);
    if (exponent == 0)
        return schubfach(fraction, 1 - EXPONENT_BIAS, false);
    uint64_t c = fraction | UINT64_C(1) << SIGNIFICAND_BITS;
    return schubfach(c, exponent - EXPONENT_BIAS, fraction == 0 && exponent > 1);
}

/* ---- Text ------------------------------------------------------------------ */

static decimal strip_zeros(decimal d)
{
    while (d.digits % 10 == 0) {
        d.digits /= 10;
        d.exponent++;
    }
    return d;
}

static char *put_zeros(char *out, int n)
{
    memset(out, '0', (size_t)n);
    return out + n;
}

/* digits[0..n) with the point behind `whole` of them; 0 < whole < 17. */
static char *put_point(char *out, const char *digits, int n, int whole)
{
    int before = n < whole ? n : whole;
    memcpy(out, digits, (size_t)before);
    out = put_zeros(out + before, whole - before);
    *out++ = '.';
    if (n <= whole) {
        *out++ = '0';
        return out;
    }
    memcpy(out, digits + whole, (size_t)(n - whole));
    return out + n - whole;
}

static char *put_small(char *out, const char *digits, int n, int zeros)
{
    *out++ = '0';
    *out++ = '.';
    out = put_zeros(out, zeros);
    memcpy(out, digits, (size_t)n);
    return out + n;
}

static char *put_exponent(char *out, const char *digits, int n, int exponent)
{
    *out++ = digits[0];
    if (n > 1) {
        *out++ = '.';
        memcpy(out, digits + 1, (size_t)n - 1);
        out += n - 1;
    }
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    int size = exponent < 0 ? -exponent : exponent;
    if (size < 10)
        *out++ = '0';
    return brio_u64_text(out, (uint64_t)size);
}

static char *put_decimal(char *out, decimal d)
{
    char digits[BRIO_U64_TEXT_MAX];
    int n = (int)(brio_u64_text(digits, d.digits) - digits);
    int exponent = d.exponent + n - 1; /* of the first digit */
    if (exponent < POINT_MIN || exponent >= POINT_MAX)
        return put_exponent(out, digits, n, exponent);
    if (exponent < 0)
        return put_small(out, digits, n, -exponent - 1);
    return put_point(out, digits, n, exponent + 1);
}

static char *put_whole(char *out, uint64_t value)
{
    out = brio_u64_text(out, value);
    memcpy(out, ".0", 2);
    return out + 2;
}

char *brio_thousandths_text_long(char *out, uint64_t m)
{
    uint32_t rest = (uint32_t)(m % 1000);
    uint64_t digits = brio_eight_digits(rest) >> 40 | UINT64_C(0x303030);
    out = brio_u64_text(out, m / 1000);
    *out = '.';
    memcpy(out + 1, &digits, 4);
    return out + 2 + (rest % 100 != 0) + (rest % 10 != 0);
}

static char *put_not_finite(char *out, double value)
{
    const char *text = isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    size_t n = strlen(text);
    memcpy(out, text, n);
    return out + n;
}

char *brio_f64_put_any(char *out, double value)
{
    if (BRIO_UNLIKELY(!isfinite(value)))
        return put_not_finite(out, value);
    double magnitude = fabs(value);
    *out = '-';
    out += signbit(value) != 0;
    if (magnitude < 1e16 && magnitude == (double)(int64_t)magnitude)
        return put_whole(out, (uint64_t)magnitude);
    return put_decimal(out, strip_zeros(shortest(magnitude)));
}

size_t brio_f64_text(char out[BRIO_F64_TEXT_MAX], double value)
{
    return (size_t)(brio_f64_put(out, value) - out);
}
