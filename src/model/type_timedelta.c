/* SPDX-License-Identifier: MIT
 *
 * Lengths of time. Three grammars are read, chosen as pydantic's parser
 * chooses: behind a sign, 'P' begins an ISO 8601 duration, a 'd' anywhere (or
 * less than five bytes) means "3 days, 04:05:06", anything else is [H]H:MM
 * with as many hours as one likes. Sizes are summed unsigned in 32 bits, each
 * step checked, and the sign is applied last. */
#include "model/type_internal.h"

#include <errno.h>
#include <math.h>

#define VALUE_TOO_LARGE "a numeric value in the duration is too large"

enum { DAY_SECONDS = 86400, DAYS_MAX = 999999999 };

/* The size of a duration while it is read. */
typedef struct span {
    uint32_t days, seconds, us;
} span;

/* sum += value * times, or false if 32 bits are too few. */
static bool add(uint32_t *sum, uint32_t value, uint32_t times)
{
    uint32_t product;
    return !__builtin_mul_overflow(value, times, &product) &&
           !__builtin_add_overflow(*sum, product, sum);
}

static uint32_t saturate(double value)
{
    return !(value > 0) ? 0 : value >= 0x1p32 ? UINT32_MAX : (uint32_t)value;
}

static bool is_digit(brio_str s, size_t at)
{
    return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* Digits from *at on, which moves behind them. */
static const char *read_number(brio_str s, size_t *at, uint32_t *ret)
{
    if (!is_digit(s, *at))
        return "invalid digit in duration";
    for (*ret = 0; is_digit(s, *at); ++*at) {
        uint32_t digit = (uint32_t)(s.ptr[*at] - '0');
        if (!add(&digit, *ret, 10))
            return VALUE_TOO_LARGE;
        *ret = digit;
    }
    return NULL;
}

/* ---- ISO 8601 ---------------------------------------------------------------------- */

typedef struct quantity {
    uint32_t whole;
    double fraction;
    bool has_fraction;
} quantity;

static const char *read_quantity(brio_str s, size_t *at, quantity *q)
{
    const char *why = read_number(s, at, &q->whole);
    q->fraction = 0;
    q->has_fraction = !why && *at < s.len && (s.ptr[*at] == '.' || s.ptr[*at] == ',');
    if (!q->has_fraction)
        return why;
    double digits = 0, scale = 1;
    for (++*at; is_digit(s, *at); ++*at) {
        digits = digits * 10 + (s.ptr[*at] - '0');
        scale *= 10;
    }
    q->fraction = digits / scale;
    return NULL;
}

static uint32_t micros(double seconds)
{
    return saturate(round((seconds - trunc(seconds)) * 1e6));
}

static const char *add_time(span *out, const quantity *q, char unit)
{
    uint32_t times = unit == 'H' ? 3600 : unit == 'M' ? 60 : unit == 'S' ? 1 : 0;
    if (!times)
        return "quantity invalid in time part of duration";
    double extra = q->fraction * times;
    return add(&out->seconds, q->whole, times) && add(&out->seconds, saturate(extra), 1) &&
                   add(&out->us, micros(extra), 1)
               ? NULL
               : VALUE_TOO_LARGE;
}

static const char *add_days(span *out, const quantity *q, char unit)
{
    uint32_t times = unit == 'Y' ? 365 : unit == 'M' ? 30 : unit == 'W' ? 7 : unit == 'D' ? 1 : 0;
    if (!times)
        return "quantity invalid in date part of duration";
    double extra = q->fraction * times, seconds = (extra - trunc(extra)) * DAY_SECONDS;
    return add(&out->days, q->whole, times) && add(&out->days, saturate(extra), 1) &&
                   add(&out->seconds, saturate(seconds), 1) && add(&out->us, micros(seconds), 1)
               ? NULL
               : VALUE_TOO_LARGE;
}

/* Behind the 'P'. Only the last quantity may have a fraction. */
static const char *read_iso(brio_str s, span *out)
{
    bool time_part = false, had_fraction = false;
    size_t at = 0;
    for (; at < s.len; at++) {
        if (s.ptr[at] == 'T') {
            if (time_part)
                return "`t` character repeated in duration";
            time_part = true;
            continue;
        }
        quantity q;
        const char *why = read_quantity(s, &at, &q);
        if (why)
            return why;
        if (had_fraction)
            return "quantity fraction invalid in duration";
        had_fraction = q.has_fraction;
        char unit = at < s.len ? s.ptr[at] : '\0';
        why = time_part ? add_time(out, &q, unit) : add_days(out, &q, unit);
        if (why)
            return why;
    }
    return at < 2 ? "input is too short" : NULL;
}

/* ---- Hours, minutes, seconds ---------------------------------------------------------- */

/* The digits before the first colon, none being 0. */
static const char *read_hours(brio_str part, int64_t *ret)
{
    if (part.len > 10)
        return "durations may not exceed 999,999,999 hours";
    *ret = 0;
    for (size_t i = 0; i < part.len; i++) {
        if (!is_digit(part, i))
            return "invalid character in hour";
        *ret = *ret * 10 + (part.ptr[i] - '0');
    }
    return *ret > INT64_C(2400000000) ? "durations may not exceed 999,999,999 hours" : NULL;
}

/* Minutes and seconds are read as a time of day in the hour 00; more than six
 * digits of a fraction are cut off unseen. */
static const char *read_clock(brio_str s, span *out)
{
    if (s.len < 5)
        return "input is too short";
    brio_str_pair parts = brio_str_cut(s, ':');
    if (!parts.found)
        return "invalid character in hour";
    int64_t hours;
    const char *why = read_hours(parts.head, &hours);
    if (why)
        return why;
    char clock[] = "00:00:00.000000";
    size_t rest = brio_str_slice(parts.tail, 0, sizeof(clock) - 4).len, len;
    if (rest)
        memcpy(clock + 3, parts.tail.ptr, rest);
    brio_daytime time;
    why = brio_clock_read((brio_str){clock, 3 + rest}, &time, &len);
    if (why)
        return why;
    *out =
        (span){(uint32_t)(hours / 24), (uint32_t)(hours % 24) * 3600, (uint32_t)time.microsecond};
    out->seconds += (uint32_t)(time.minute * 60 + time.second);
    return 3 + rest > len ? "unexpected extra characters at the end of the input" : NULL;
}

/* ---- Days ------------------------------------------------------------------------------- */

static bool skip(brio_str *s, const char *word)
{
    brio_str prefix = brio_str_from(word);
    if (!brio_str_starts(*s, prefix))
        return false;
    *s = brio_str_slice(*s, prefix.len, s->len);
    return true;
}

/* "d", " day", "days" in one case or the other. */
static bool skip_day_word(brio_str *s)
{
    skip(s, " ");
    if (!skip(s, "d") && !skip(s, "D"))
        return false;
    bool more = s->len && (s->ptr[0] == 'a' || s->ptr[0] == 'A');
    return skip(s, "ays") || skip(s, "ay") || skip(s, "AYS") || skip(s, "AY") || !more;
}

static const char *read_days(brio_str s, span *out)
{
    if (s.len == 0)
        return "input is too short";
    size_t at = 0;
    uint32_t days;
    const char *why = read_number(s, &at, &days);
    if (why)
        return why;
    s = brio_str_slice(s, at, s.len);
    if (!skip_day_word(&s))
        return "\"day\" identifier in duration not correctly formatted";
    if (!skip(&s, ", ") && !skip(&s, ","))
        skip(&s, " ");
    if (s.len)
        why = read_clock(s, out);
    if (why)
        return why;
    if (out->days)
        return "durations may not exceed 999,999,999 hours";
    out->days = days;
    return NULL;
}

/* ---- The value --------------------------------------------------------------------------- */

static const char *of_span(span s, bool negative, brio_timedelta *ret)
{
    if (!add(&s.seconds, s.us / 1000000, 1))
        return VALUE_TOO_LARGE;
    uint64_t days = (uint64_t)s.days + s.seconds / DAY_SECONDS;
    if (days > UINT32_MAX)
        return VALUE_TOO_LARGE;
    if (days > DAYS_MAX)
        return "durations may not exceed 999,999,999 days";
    brio_timedelta delta = {(int64_t)days * DAY_SECONDS + s.seconds % DAY_SECONDS,
                            (int32_t)(s.us % 1000000)};
    *ret = negative ? brio_timedelta_negate(delta) : delta;
    return NULL;
}

const char *brio_timedelta_read(brio_str text, brio_timedelta *ret)
{
    span out = {0, 0, 0};
    bool negative = text.len && text.ptr[0] == '-';
    if (negative || (text.len && text.ptr[0] == '+'))
        text = brio_str_slice(text, 1, text.len);
    const char *why;
    if (text.len == 0)
        why = "input is too short";
    else if (text.ptr[0] == 'P')
        why = read_iso(brio_str_slice(text, 1, text.len), &out);
    else if (text.len < 5 || memchr(text.ptr, 'd', text.len) || memchr(text.ptr, 'D', text.len))
        why = read_days(text, &out);
    else
        why = read_clock(text, &out);
    return why ? why : of_span(out, negative, ret);
}

int brio_timedelta_parse(brio_str text, brio_timedelta *ret)
{
    return brio_timedelta_read(text, ret) ? -EINVAL : 0;
}

/* Days beyond 32 bits wrap, as pydantic's do. */
const char *brio_timedelta_from_int(int64_t seconds, brio_timedelta *ret)
{
    uint64_t size = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
    span out = {(uint32_t)(size / DAY_SECONDS), (uint32_t)(size % DAY_SECONDS), 0};
    return of_span(out, seconds < 0, ret);
}

const char *brio_timedelta_from_float(double seconds, brio_timedelta *ret)
{
    if (isnan(seconds))
        return "NaN values not permitted";
    double size = fabs(seconds), fraction = isinf(size) ? 0 : size - trunc(size);
    uint64_t whole = size >= 0x1p64 ? UINT64_MAX : (uint64_t)size;
    span out = {saturate(size / DAY_SECONDS), (uint32_t)(whole % DAY_SECONDS),
                saturate(round(fraction * 1e6))};
    return of_span(out, seconds < 0, ret);
}
