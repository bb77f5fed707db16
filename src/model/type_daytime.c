/* SPDX-License-Identifier: MIT
 *
 * Times of day: HH:MM[:SS[.ffffff]] and an optional zone. A fraction may have
 * any number of digits; what is finer than a microsecond is cut. The zone is Z
 * or a sign with HH:MM or HHMM, and the sign may be U+2212, the true minus. */
#include "model/type_internal.h"

#include <errno.h>

enum { DAY_SECONDS = 86400 };

/* ---- Reading -------------------------------------------------------------------- */

/* Digits behind the point: microseconds, and how many digits there are. */
static int32_t read_fraction(brio_str digits, size_t *ret_len)
{
    int32_t us = 0;
    size_t n = 0;
    for (; n < digits.len && digits.ptr[n] >= '0' && digits.ptr[n] <= '9'; n++)
        if (n < 6)
            us = us * 10 + (digits.ptr[n] - '0');
    for (size_t i = n; i < 6; i++)
        us *= 10;
    *ret_len = n;
    return us;
}

/* `text` begins with the colon before the seconds, or does not. */
static const char *read_seconds(brio_str text, brio_daytime *time, size_t *ret_len)
{
    if (text.len < 1 || text.ptr[0] != ':')
        return NULL;
    int second = text.len < 3 ? -1 : brio_two_digits(text.ptr + 1);
    if (second < 0)
        return "invalid character in second";
    if (second > 59)
        return "second value is outside expected range of 0-59";
    time->second = (uint8_t)second;
    *ret_len += 3;
    if (text.len < 4 || (text.ptr[3] != '.' && text.ptr[3] != ','))
        return NULL;
    size_t digits;
    time->microsecond = read_fraction(brio_str_slice(text, 4, text.len), &digits);
    *ret_len += 1 + digits;
    return digits ? NULL : "second fraction digits missing after `.`";
}

const char *brio_clock_read(brio_str text, brio_daytime *ret, size_t *ret_len)
{
    if (text.len < 5)
        return "input is too short";
    int hour = brio_two_digits(text.ptr), minute = brio_two_digits(text.ptr + 3);
    if (hour < 0)
        return "invalid character in hour";
    if (text.ptr[2] != ':')
        return "invalid time separator, expected `:`";
    if (minute < 0)
        return "invalid character in minute";
    if (hour > 23)
        return "hour value is outside expected range of 0-23";
    if (minute > 59)
        return "minute value is outside expected range of 0-59";
    *ret = (brio_daytime){.hour = (uint8_t)hour, .minute = (uint8_t)minute};
    *ret_len = 5;
    return read_seconds(brio_str_slice(text, 5, text.len), ret, ret_len);
}

/* Bytes of the sign at the front, 0 if there is none; *ret_sign is 1 or -1. */
static size_t read_sign(brio_str text, int *ret_sign)
{
    *ret_sign = text.ptr[0] == '+' ? 1 : -1;
    if (text.ptr[0] == '+' || text.ptr[0] == '-')
        return 1;
    return brio_str_starts(text, BRIO_S("\xE2\x88\x92")) ? 3 : 0;
}

/* HH:MM or HHMM behind the sign. */
static const char *read_offset(brio_str text, int sign, brio_daytime *time)
{
    int hours = text.len < 2 ? -1 : brio_two_digits(text.ptr);
    if (hours < 0)
        return "invalid timezone hour";
    size_t at = text.len > 2 && text.ptr[2] == ':' ? 3 : 2;
    int minutes = text.len < at + 2 ? -1 : brio_two_digits(text.ptr + at);
    if (minutes < 0)
        return "invalid timezone minute";
    if (minutes > 59)
        return "timezone minute value is outside expected range of 0-59";
    int32_t offset = hours * 3600 + minutes * 60;
    if (offset >= DAY_SECONDS)
        return "timezone offset must be less than 24 hours";
    time->aware = true;
    time->offset = sign * offset;
    return text.len > at + 2 ? "unexpected extra characters at the end of the input" : NULL;
}

static const char *read_zone(brio_str text, brio_daytime *time)
{
    if (text.len == 0)
        return NULL;
    if (text.ptr[0] == 'Z' || text.ptr[0] == 'z') {
        time->aware = true;
        return text.len > 1 ? "unexpected extra characters at the end of the input" : NULL;
    }
    int sign;
    size_t n = read_sign(text, &sign);
    return n ? read_offset(brio_str_slice(text, n, text.len), sign, time) : "invalid timezone sign";
}

const char *brio_daytime_read(brio_str text, brio_daytime *ret)
{
    size_t len;
    const char *why = brio_clock_read(text, ret, &len);
    return why ? why : read_zone(brio_str_slice(text, len, text.len), ret);
}

int brio_daytime_parse(brio_str text, brio_daytime *ret)
{
    return brio_daytime_read(text, ret) ? -EINVAL : 0;
}

/* A time from a number is one of UTC. */
const char *brio_daytime_from_seconds(int64_t seconds, uint32_t us, brio_daytime *ret)
{
    if (seconds < 0)
        return "time in seconds should be positive";
    if (seconds > UINT32_MAX)
        seconds = UINT32_MAX;
    seconds += us / 1000000;
    if (seconds >= DAY_SECONDS)
        return "numeric times may not exceed 86,399 seconds";
    *ret = (brio_daytime){.hour = (uint8_t)(seconds / 3600),
                          .minute = (uint8_t)(seconds / 60 % 60),
                          .second = (uint8_t)(seconds % 60),
                          .aware = true,
                          .microsecond = (int32_t)(us % 1000000)};
    return NULL;
}

/* ---- Writing -------------------------------------------------------------------- */

static char *put_zone(char *at, int32_t offset, bool zulu)
{
    if (offset == 0 && zulu) {
        *at++ = 'Z';
        return at;
    }
    uint32_t minutes = (uint32_t)(offset < 0 ? -offset : offset) / 60;
    *at++ = offset < 0 ? '-' : '+';
    at = brio_put_two(at, minutes / 60);
    *at++ = ':';
    return brio_put_two(at, minutes % 60);
}

char *brio_daytime_put(char *at, brio_daytime time, bool zulu)
{
    at = brio_put_two(at, time.hour);
    *at++ = ':';
    at = brio_put_two(at, time.minute);
    *at++ = ':';
    at = brio_put_two(at, time.second);
    if (time.microsecond) {
        uint32_t us = (uint32_t)time.microsecond;
        *at++ = '.';
        at = brio_put_two(at, us / 10000);
        at = brio_put_two(at, us / 100 % 100);
        at = brio_put_two(at, us % 100);
    }
    return time.aware ? put_zone(at, time.offset, zulu) : at;
}

size_t brio_daytime_text(char out[BRIO_DAYTIME_TEXT_MAX], brio_daytime time)
{
    return (size_t)(brio_daytime_put(out, time, true) - out);
}

brio_str brio_daytime_str(brio_arena *arena, brio_daytime time)
{
    char text[BRIO_DAYTIME_TEXT_MAX];
    return brio_str_copy(arena, (brio_str){text, brio_daytime_text(text, time)});
}

int brio_daytime_compare(brio_daytime a, brio_daytime b)
{
    int64_t x = a.hour * 3600 + a.minute * 60 + a.second;
    int64_t y = b.hour * 3600 + b.minute * 60 + b.second;
    if (a.aware && b.aware) {
        x -= a.offset;
        y -= b.offset;
    }
    x = x * 1000000 + a.microsecond;
    y = y * 1000000 + b.microsecond;
    return (x > y) - (x < y);
}
