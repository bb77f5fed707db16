/* SPDX-License-Identifier: MIT
 *
 * Sums, signs and texts of lengths of time. Seconds are floored and the
 * microseconds count up from there; texts show sign and size. */
#include "model/type_internal.h"

#include <brio/json.h>

#include <errno.h>
#include <stdio.h>

enum { DAY_SECONDS = 86400, YEAR_DAYS = 365 };

static const int64_t second_us = 1000000;

brio_timedelta brio_timedelta_from_us(int64_t us)
{
    int64_t rest = us % second_us;
    brio_timedelta delta = {us / second_us - (rest < 0),
                            (int32_t)(rest < 0 ? rest + second_us : rest)};
    return delta;
}

int64_t brio_timedelta_us(brio_timedelta delta)
{
    int64_t us;
    if (__builtin_mul_overflow(delta.seconds, second_us, &us) ||
        __builtin_add_overflow(us, (int64_t)delta.microseconds, &us))
        return delta.seconds < 0 ? INT64_MIN : INT64_MAX;
    return us;
}

/* Correctly rounded: where microseconds are more than 53 bits, by way of text. */
double brio_timedelta_seconds(brio_timedelta delta)
{
    const int64_t exact = INT64_C(1) << 53;
    int64_t us = brio_timedelta_us(delta);
    if (us >= -exact && us <= exact)
        return (double)us / 1e6;
    bool negative = delta.seconds < 0;
    if (negative)
        delta = brio_timedelta_negate(delta);
    char text[40];
    int n = snprintf(text, sizeof(text), "%lld.%06d", (long long)delta.seconds, delta.microseconds);
    double size = 0;
    int rc = brio_f64_parse((brio_str){text, (size_t)n}, &size);
    BRIO_ASSERT(rc == 0);
    return negative ? -size : size;
}

int brio_timedelta_from_seconds(double seconds, brio_timedelta *ret)
{
    return brio_timedelta_from_float(seconds, ret) ? -ERANGE : 0;
}

brio_timedelta brio_timedelta_add(brio_timedelta a, brio_timedelta b)
{
    int32_t us = a.microseconds + b.microseconds;
    brio_timedelta sum = {a.seconds + b.seconds + us / 1000000, us % 1000000};
    return sum;
}

brio_timedelta brio_timedelta_negate(brio_timedelta a)
{
    if (a.microseconds == 0)
        return (brio_timedelta){-a.seconds, 0};
    return (brio_timedelta){-a.seconds - 1, 1000000 - a.microseconds};
}

int brio_timedelta_compare(brio_timedelta a, brio_timedelta b)
{
    if (a.seconds != b.seconds)
        return a.seconds < b.seconds ? -1 : 1;
    return (a.microseconds > b.microseconds) - (a.microseconds < b.microseconds);
}

/* ---- Text -------------------------------------------------------------------------- */

/* A number and its unit, or nothing if it is zero. */
static char *put_unit(char *at, uint64_t value, char unit)
{
    char digits[20];
    size_t n = sizeof(digits);
    if (value == 0)
        return at;
    for (; value; value /= 10)
        digits[--n] = (char)('0' + value % 10);
    memcpy(at, digits + n, sizeof(digits) - n);
    at += sizeof(digits) - n;
    *at++ = unit;
    return at;
}

/* Without zeros at its end. */
static char *put_fraction(char *at, uint32_t us)
{
    *at++ = '.';
    for (uint32_t scale = 100000; us; scale /= 10) {
        *at++ = (char)('0' + us / scale);
        us %= scale;
    }
    return at;
}

static char *put_clock(char *at, uint64_t seconds, uint32_t us)
{
    *at++ = 'T';
    at = put_unit(at, seconds / 3600, 'H');
    at = put_unit(at, seconds / 60 % 60, 'M');
    if (us == 0)
        return put_unit(at, seconds % 60, 'S');
    if (seconds % 60 == 0)
        *at++ = '0';
    else
        at = put_unit(at, seconds % 60, 'S') - 1;
    at = put_fraction(at, us);
    *at++ = 'S';
    return at;
}

char *brio_timedelta_put(char *at, brio_timedelta delta)
{
    bool negative = delta.seconds < 0;
    if (negative) {
        delta = brio_timedelta_negate(delta);
        *at++ = '-';
    }
    uint64_t seconds = (uint64_t)delta.seconds, days = seconds / DAY_SECONDS;
    *at++ = 'P';
    at = put_unit(at, days / YEAR_DAYS, 'Y');
    at = put_unit(at, days % YEAR_DAYS, 'D');
    if (seconds % DAY_SECONDS || delta.microseconds)
        return put_clock(at, seconds % DAY_SECONDS, (uint32_t)delta.microseconds);
    if (days == 0) {
        memcpy(at, "T0S", 3);
        at += 3;
    }
    return at;
}

size_t brio_timedelta_text(char out[BRIO_TIMEDELTA_TEXT_MAX], brio_timedelta delta)
{
    return (size_t)(brio_timedelta_put(out, delta) - out);
}

brio_str brio_timedelta_str(brio_arena *arena, brio_timedelta delta)
{
    char text[BRIO_TIMEDELTA_TEXT_MAX];
    return brio_str_copy(arena, (brio_str){text, brio_timedelta_text(text, delta)});
}

/* As constraints show it: "1 day and 2 hours". Days carry the sign, as Python's. */
brio_str brio_timedelta_words(brio_arena *arena, brio_timedelta delta)
{
    int64_t rest = delta.seconds % DAY_SECONDS, days = delta.seconds / DAY_SECONDS - (rest < 0);
    rest += rest < 0 ? DAY_SECONDS : 0;
    const struct {
        int64_t value;
        const char *name;
    } parts[] = {{days, "day"},
                 {rest / 3600, "hour"},
                 {rest / 60 % 60, "minute"},
                 {rest % 60, "second"},
                 {delta.microseconds, "microsecond"}};
    brio_str words = {0};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        if (parts[i].value)
            words = brio_printf(arena, "%.*s%s%lld %s%s", BRIO_ARG(words), words.len ? " and " : "",
                                (long long)parts[i].value, parts[i].name,
                                parts[i].value == 1 ? "" : "s");
    return words.len ? words : BRIO_S("0 seconds");
}
