/* SPDX-License-Identifier: MIT
 *
 * Dates with times: ISO texts, unix timestamps, and arithmetic by way of
 * microseconds since 1970. A timestamp is seconds, or milliseconds when it is
 * larger than 2e10 in size (the year 2603), and is UTC.
 *
 * Year 0 is read, as pydantic does, and refused by whoever stores a value. */
#include "model/type_internal.h"

#include <errno.h>
#include <math.h>

#define TOO_EARLY "dates before 0000 are not supported as unix timestamps"
#define TOO_LATE  "dates after 9999 are not supported as unix timestamps"

static const int64_t day_us = INT64_C(86400000000);
static const int64_t watershed = INT64_C(20000000000);

/* ---- Halves ------------------------------------------------------------------------ */

brio_date brio_datetime_date(brio_datetime t)
{
    return (brio_date){t.year, t.month, t.day};
}

brio_daytime brio_datetime_daytime(brio_datetime t)
{
    return (brio_daytime){t.hour, t.minute, t.second, t.aware, t.microsecond, t.offset};
}

brio_datetime brio_datetime_of(brio_date d, brio_daytime t)
{
    return (brio_datetime){d.year,   d.month, d.day,         t.hour,  t.minute,
                           t.second, t.aware, t.microsecond, t.offset};
}

/* ---- Microseconds --------------------------------------------------------------------- */

/* What the clock shows, as if it were UTC. */
static int64_t shown_us(brio_datetime t)
{
    int64_t seconds = t.hour * 3600 + t.minute * 60 + t.second;
    return brio_date_days(brio_datetime_date(t)) * day_us + seconds * 1000000 + t.microsecond;
}

/* 0000-01-01 to 9999-12-31. */
static brio_datetime of_us(int64_t us)
{
    int64_t days = us / day_us, rest = us % day_us;
    if (rest < 0) {
        days--;
        rest += day_us;
    }
    brio_daytime time = {.hour = (uint8_t)(rest / 3600000000),
                         .minute = (uint8_t)(rest / 60000000 % 60),
                         .second = (uint8_t)(rest / 1000000 % 60),
                         .microsecond = (int32_t)(rest % 1000000)};
    return brio_datetime_of(brio_date_of_days(days), time);
}

static int of_us_checked(int64_t us, brio_datetime *ret)
{
    const int64_t least = -719162 * day_us, end = 2932897 * day_us;
    if (us < least || us >= end)
        return -ERANGE;
    *ret = of_us(us);
    return 0;
}

int64_t brio_datetime_unix_us(brio_datetime t)
{
    return shown_us(t) - (t.aware ? t.offset * INT64_C(1000000) : 0);
}

int brio_datetime_from_unix_us(int64_t us, brio_datetime *ret)
{
    int rc = of_us_checked(us, ret);
    if (rc == 0)
        ret->aware = true;
    return rc;
}

int brio_datetime_at_offset(brio_datetime t, int32_t offset, brio_datetime *ret)
{
    if (offset <= -86400 || offset >= 86400)
        return -EINVAL;
    int rc = of_us_checked(brio_datetime_unix_us(t) + offset * INT64_C(1000000), ret);
    if (rc == 0) {
        ret->aware = true;
        ret->offset = offset;
    }
    return rc;
}

brio_datetime brio_datetime_now(void)
{
    brio_datetime now = of_us(brio_clock_realtime() / 1000);
    now.aware = true;
    return now;
}

int brio_datetime_add(brio_datetime t, brio_timedelta delta, brio_datetime *ret)
{
    const int64_t all = INT64_C(400000000000); /* seconds: more than 10,000 years */
    if (delta.seconds < -all || delta.seconds > all)
        return -ERANGE;
    brio_datetime moved;
    int rc = of_us_checked(shown_us(t) + delta.seconds * 1000000 + delta.microseconds, &moved);
    if (rc < 0)
        return rc;
    moved.aware = t.aware;
    moved.offset = t.offset;
    *ret = moved;
    return 0;
}

static int64_t difference(brio_datetime a, brio_datetime b)
{
    if (a.aware && b.aware)
        return brio_datetime_unix_us(a) - brio_datetime_unix_us(b);
    return shown_us(a) - shown_us(b);
}

brio_timedelta brio_datetime_diff(brio_datetime a, brio_datetime b)
{
    return brio_timedelta_from_us(difference(a, b));
}

int brio_datetime_compare(brio_datetime a, brio_datetime b)
{
    int64_t between = difference(a, b);
    return (between > 0) - (between < 0);
}

/* ---- Timestamps ------------------------------------------------------------------------ */

const char *brio_datetime_from_unix(int64_t timestamp, uint32_t us, brio_datetime *ret)
{
    const int64_t least = INT64_C(-62167219200), most = INT64_C(253402300799);
    if (timestamp == INT64_MIN)
        return TOO_EARLY;
    int64_t seconds = timestamp, all_us = us;
    if (timestamp > watershed || timestamp < -watershed) {
        seconds = timestamp / 1000 - (timestamp % 1000 < 0);
        all_us += (timestamp - seconds * 1000) * 1000;
    }
    seconds += all_us / 1000000;
    if (seconds < least)
        return TOO_EARLY;
    if (seconds > most)
        return TOO_LATE;
    *ret = of_us(seconds * 1000000 + all_us % 1000000);
    ret->aware = true;
    return NULL;
}

static int64_t saturate(double value)
{
    if (!(value > -0x1p63))
        return isnan(value) ? 0 : INT64_MIN;
    return value >= 0x1p63 ? INT64_MAX : (int64_t)value;
}

/* The fraction's size is added to the floor, as pydantic does: of a negative
 * number that is not its complement. */
const char *brio_datetime_from_float(double timestamp, brio_datetime *ret)
{
    if (isnan(timestamp))
        return "NaN values not permitted";
    double scale = fabs(timestamp) <= (double)watershed ? 1e6 : 1e3;
    double fraction = isinf(timestamp) ? 0 : fabs(timestamp - trunc(timestamp));
    return brio_datetime_from_unix(saturate(floor(timestamp)), (uint32_t)round(fraction * scale),
                                   ret);
}

/* The same of a number in text, where the complement is right. Past 64 bits
 * pydantic has something else to say than of other large numbers. */
static const char *from_text_float(double timestamp, brio_datetime *ret)
{
    if (fabs(timestamp) > (double)watershed)
        timestamp /= 1000;
    double whole = floor(timestamp);
    if (whole > 0x1p63)
        return "numeric times may not exceed 86,399 seconds";
    if (whole < -0x1p63)
        return TOO_EARLY;
    return brio_datetime_from_unix(saturate(whole), (uint32_t)round((timestamp - whole) * 1e6),
                                   ret);
}

/* ---- Text --------------------------------------------------------------------------------- */

const char *brio_datetime_read(brio_str text, brio_datetime *ret)
{
    brio_date date;
    brio_daytime time;
    const char *why = brio_date_read_head(text, &date);
    if (why)
        return why;
    char between = text.len > 10 ? text.ptr[10] : '\0';
    if (between != 'T' && between != 't' && between != ' ' && between != '_')
        return "invalid datetime separator, expected `T`, `t`, `_` or space";
    why = brio_daytime_read(brio_str_slice(text, 11, text.len), &time);
    if (!why)
        *ret = brio_datetime_of(date, time);
    return why;
}

int brio_datetime_parse(brio_str text, brio_datetime *ret)
{
    return brio_datetime_read(text, ret) || ret->year == 0 ? -EINVAL : 0;
}

typedef enum number { NO_NUMBER, AN_INT, A_FLOAT } number;

/* An integer of a sign and digits that fits 63 bits; *ret_point is whether it
 * is a '.' that ends them. The sum wraps before it is looked at, as in
 * pydantic's parser, so that some longer numbers are read as others. */
static number read_int(brio_str text, int64_t *ret)
{
    bool negative = text.len && text.ptr[0] == '-';
    size_t at = negative || (text.len && text.ptr[0] == '+');
    if (at == text.len)
        return NO_NUMBER;
    uint64_t value = 0;
    for (; at < text.len; at++) {
        unsigned digit = (unsigned char)text.ptr[at] - '0';
        if (digit > 9)
            return text.ptr[at] == '.' ? A_FLOAT : NO_NUMBER;
        value = value * 10 + digit;
        if (value > INT64_MAX)
            return NO_NUMBER;
    }
    *ret = negative ? -(int64_t)value : (int64_t)value;
    return AN_INT;
}

const char *brio_datetime_read_lax(brio_arena *arena, brio_str text, brio_datetime *ret)
{
    const char *why = brio_datetime_read(text, ret);
    if (!why)
        return NULL;
    int64_t whole;
    double value;
    number kind = read_int(text, &whole);
    if (kind == AN_INT)
        return brio_datetime_from_unix(whole, 0, ret);
    if (kind == A_FLOAT && brio_float_read(arena, text, &value))
        return from_text_float(value, ret);
    return why;
}

const char *brio_date_read_lax(brio_str text, brio_date *ret)
{
    const char *why = brio_date_read(text, ret);
    int64_t whole;
    brio_datetime time;
    if (!why || read_int(text, &whole) != AN_INT)
        return why;
    why = brio_datetime_from_unix(whole, 0, &time);
    if (why)
        return why;
    *ret = brio_datetime_date(time);
    return time.hour || time.minute || time.second || time.microsecond
               ? "Timestamp is not an exact date"
               : NULL;
}

char *brio_datetime_put(char *at, brio_datetime t, bool zulu)
{
    at = brio_date_put(at, brio_datetime_date(t));
    *at++ = 'T';
    return brio_daytime_put(at, brio_datetime_daytime(t), zulu);
}

size_t brio_datetime_text(char out[BRIO_DATETIME_TEXT_MAX], brio_datetime t)
{
    return (size_t)(brio_datetime_put(out, t, true) - out);
}

brio_str brio_datetime_str(brio_arena *arena, brio_datetime t)
{
    char text[BRIO_DATETIME_TEXT_MAX];
    return brio_str_copy(arena, (brio_str){text, brio_datetime_text(text, t)});
}
