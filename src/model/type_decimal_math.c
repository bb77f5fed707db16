/* SPDX-License-Identifier: MIT
 *
 * Decimals as numbers: compared, converted and added, always exactly. A value
 * is never written out with all its zeros unless it is a result: 1E+1000000
 * compares with 1 by where its first digit is. */
#include "model/type_internal.h"

#include <brio/model.h>

#include <errno.h>
#include <math.h>

enum { SUM_DIGITS_MAX = 4300 };

/* ---- Taking apart ------------------------------------------------------------------- */

static int64_t read_i64(brio_str s)
{
    bool negative = s.len && s.ptr[0] == '-';
    int64_t value = 0;
    for (size_t i = negative || (s.len && s.ptr[0] == '+'); i < s.len; i++)
        value = value * 10 + (s.ptr[i] - '0');
    return negative ? -value : value;
}

brio_decimal_parts brio_decimal_split(brio_decimal value)
{
    brio_str s = value.text.len ? value.text : BRIO_S("0");
    brio_decimal_parts parts = {.negative = s.ptr[0] == '-'};
    s = brio_str_slice(s, parts.negative, s.len);
    brio_str_pair by_e = brio_str_cut(s, 'E');
    brio_str_pair by_point = brio_str_cut(by_e.head, '.');
    parts.exponent = (by_e.found ? read_i64(by_e.tail) : 0) - (int64_t)by_point.tail.len;
    parts.digits = by_e.head.ptr;
    parts.n = by_e.head.len - by_point.found;
    parts.point = by_point.head.len;
    for (; parts.n && brio_decimal_digit(&parts, 0) == 0; parts.n--)
        parts.skipped++;
    parts.shown = parts.n ? parts.n : 1;
    return parts;
}

int brio_decimal_digit(const brio_decimal_parts *parts, size_t i)
{
    i += parts->skipped;
    return parts->digits[i + (i >= parts->point)] - '0';
}

/* ---- Order ----------------------------------------------------------------------------- */

static int compare_digits(const brio_decimal_parts *a, const brio_decimal_parts *b)
{
    for (size_t i = 0; i < a->n || i < b->n; i++) {
        int x = i < a->n ? brio_decimal_digit(a, i) : 0,
            y = i < b->n ? brio_decimal_digit(b, i) : 0;
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static int compare_sizes(const brio_decimal_parts *a, const brio_decimal_parts *b)
{
    if (!a->n || !b->n)
        return (a->n > 0) - (b->n > 0);
    int64_t x = a->exponent + (int64_t)a->n, y = b->exponent + (int64_t)b->n;
    return x != y ? (x < y ? -1 : 1) : compare_digits(a, b);
}

int brio_decimal_compare(brio_decimal a, brio_decimal b)
{
    brio_decimal_parts x = brio_decimal_split(a), y = brio_decimal_split(b);
    int sign_x = x.n == 0 ? 0 : x.negative ? -1 : 1, sign_y = y.n == 0 ? 0 : y.negative ? -1 : 1;
    if (sign_x != sign_y)
        return sign_x < sign_y ? -1 : 1;
    return sign_x * compare_sizes(&x, &y);
}

/* ---- Conversions ------------------------------------------------------------------------ */

brio_decimal brio_decimal_from_i64(brio_arena *arena, int64_t value)
{
    return (brio_decimal){brio_printf(arena, "%lld", (long long)value)};
}

int brio_decimal_from_f64(brio_arena *arena, double value, brio_decimal *ret)
{
    char text[BRIO_F64_TEXT_MAX];
    if (!isfinite(value))
        return -EINVAL;
    return brio_decimal_parse(
        arena, brio_str_copy(arena, (brio_str){text, brio_f64_text(text, value)}), ret);
}

double brio_decimal_to_f64(brio_decimal value)
{
    double number = 0;
    if (value.text.len && brio_f64_parse(value.text, &number) < 0)
        return 0;
    return number;
}

int brio_decimal_to_i64(brio_decimal value, int64_t *ret)
{
    brio_decimal_parts p = brio_decimal_split(value);
    int64_t sum = 0, end = (int64_t)p.n + p.exponent; /* digits before the point */
    if (p.n && end > 19)
        return -ERANGE;
    for (int64_t i = 0; i < (int64_t)p.n || i < end; i++) {
        int digit = i < (int64_t)p.n ? brio_decimal_digit(&p, (size_t)i) : 0;
        if (i >= end && digit)
            return -ERANGE;
        if (i < end && p.n &&
            (__builtin_mul_overflow(sum, INT64_C(10), &sum) ||
             __builtin_sub_overflow(sum, (int64_t)digit, &sum)))
            return -ERANGE;
    }
    if (!p.negative && sum == INT64_MIN)
        return -ERANGE;
    *ret = p.negative ? sum : -sum; /* counted downwards, where there is more room */
    return 0;
}

/* ---- Sums ------------------------------------------------------------------------------- */

/* The digit of 10^place. */
static int digit_at(const brio_decimal_parts *p, int64_t place)
{
    int64_t i = (int64_t)p->n - 1 - (place - p->exponent);
    return p->n && i >= 0 && i < (int64_t)p->n ? brio_decimal_digit(p, (size_t)i) : 0;
}

static int64_t top(const brio_decimal_parts *p)
{
    return p->exponent + (int64_t)p->n;
}

/* |a| + |b| or |a| - |b| (|a| is not the smaller), lowest digit last; the
 * first digit may be 0. */
static brio_str combine(brio_arena *arena, const brio_decimal_parts *a, const brio_decimal_parts *b,
                        bool subtract, int64_t low, size_t n)
{
    char *out = brio_alloc_aligned(arena, n, 1);
    int carry = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t place = low + (int64_t)i;
        int y = digit_at(b, place), sum = digit_at(a, place) + carry + (subtract ? -y : y);
        carry = sum > 9 ? 1 : sum < 0 ? -1 : 0;
        out[n - 1 - i] = (char)('0' + sum - carry * 10);
    }
    BRIO_ASSERT(carry == 0);
    return (brio_str){out, n};
}

int brio_decimal_add(brio_arena *arena, brio_decimal a, brio_decimal b, brio_decimal *ret)
{
    brio_decimal_parts x = brio_decimal_split(a), y = brio_decimal_split(b);
    if (compare_sizes(&x, &y) < 0) {
        brio_decimal_parts larger = y;
        y = x;
        x = larger;
    }
    int64_t low = x.exponent < y.exponent ? x.exponent : y.exponent;
    int64_t high = top(&x) > top(&y) ? top(&x) : top(&y);
    if (high - low >= SUM_DIGITS_MAX)
        return -ERANGE;
    brio_str digits =
        combine(arena, &x, &y, x.negative != y.negative, low, (size_t)(high - low) + 1);
    while (digits.len > 1 && digits.ptr[0] == '0')
        digits = brio_str_slice(digits, 1, digits.len);
    bool zero = digits.len == 1 && digits.ptr[0] == '0';
    bool negative = zero ? x.negative && y.negative : x.negative;
    *ret = brio_decimal_make(arena, negative, digits, low);
    return 0;
}
