/* SPDX-License-Identifier: MIT
 *
 * Dates: YYYY-MM-DD, and days since 1970 for arithmetic. The civil calendar is
 * counted in years that begin in March, so that the leap day is the last one
 * and the length of months is a straight line (153 days in five of them); 400
 * years are an era of 146,097 days. No table, no loop, no libc.
 *
 * Readers say why a text is no date, in the order in which pydantic's parser
 * looks: digits and separators from left to right, then ranges. */
#include "model/type_internal.h"

#include <errno.h>

enum {
    ERA_DAYS = 146097,
    ERA_YEARS = 400,
    EPOCH_DAYS = 719468 /* from 0000-03-01 to 1970-01-01 */
};

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool brio_date_valid(int year, int month, int day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= month_days(year, month);
}

/* ---- Arithmetic ------------------------------------------------------------- */

int64_t brio_date_days(brio_date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - (ERA_YEARS - 1)) / ERA_YEARS;
    int64_t of_era = year - era * ERA_YEARS;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t of_year = (153 * month + 2) / 5 + date.day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

int brio_date_from_days(int64_t days, brio_date *ret)
{
    enum { LEAST = -719162, MOST = 2932896 }; /* 0001-01-01, 9999-12-31 */
    if (days < LEAST || days > MOST)
        return -ERANGE;
    *ret = brio_date_of_days(days);
    return 0;
}

brio_date brio_date_of_days(int64_t days)
{
    int64_t shifted = days + EPOCH_DAYS;
    int64_t era = (shifted >= 0 ? shifted : shifted - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t day = shifted - era * ERA_DAYS;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    brio_date date = {.day = (uint8_t)(of_year - (153 * month + 2) / 5 + 1)};
    date.month = (uint8_t)(month < 10 ? month + 3 : month - 9);
    date.year = (int16_t)(year + era * ERA_YEARS + (date.month <= 2));
    return date;
}

int brio_date_add(brio_date date, int64_t days, brio_date *ret)
{
    if (days < -4000000 || days > 4000000) /* more than all there are */
        return -ERANGE;
    return brio_date_from_days(brio_date_days(date) + days, ret);
}

int brio_date_weekday(brio_date date)
{
    int64_t day = (brio_date_days(date) + 4) % 7; /* 1970-01-01 was a Thursday */
    return (int)(day < 0 ? day + 7 : day);
}

int brio_date_compare(brio_date a, brio_date b)
{
    int32_t x = a.year * 512 + a.month * 32 + a.day, y = b.year * 512 + b.month * 32 + b.day;
    return (x > y) - (x < y);
}

brio_date brio_date_today(void)
{
    return brio_datetime_date(brio_datetime_now());
}

/* ---- Text --------------------------------------------------------------------- */

const char *brio_date_read_head(brio_str text, brio_date *ret)
{
    if (text.len < 10)
        return "input is too short";
    const char *p = text.ptr;
    int century = brio_two_digits(p), year = brio_two_digits(p + 2);
    if (century < 0 || year < 0)
        return "invalid character in year";
    if (p[4] != '-')
        return "invalid date separator, expected `-`";
    int month = brio_two_digits(p + 5), day = brio_two_digits(p + 8);
    if (month < 0)
        return "invalid character in month";
    if (p[7] != '-')
        return "invalid date separator, expected `-`";
    if (day < 0)
        return "invalid character in day";
    if (month < 1 || month > 12)
        return "month value is outside expected range of 1-12";
    year += century * 100;
    if (day < 1 || day > month_days(year, month))
        return "day value is outside expected range";
    *ret = (brio_date){(int16_t)year, (uint8_t)month, (uint8_t)day};
    return NULL;
}

const char *brio_date_read(brio_str text, brio_date *ret)
{
    const char *why = brio_date_read_head(text, ret);
    return why ? why : text.len > 10 ? "unexpected extra characters at the end of the input" : NULL;
}

int brio_date_parse(brio_str text, brio_date *ret)
{
    return brio_date_read(text, ret) || ret->year == 0 ? -EINVAL : 0;
}

char *brio_date_put(char *at, brio_date date)
{
    at = brio_put_two(at, (unsigned)date.year / 100);
    at = brio_put_two(at, (unsigned)date.year % 100);
    *at++ = '-';
    at = brio_put_two(at, date.month);
    *at++ = '-';
    return brio_put_two(at, date.day);
}

size_t brio_date_text(char out[BRIO_DATE_TEXT_MAX], brio_date date)
{
    return (size_t)(brio_date_put(out, date) - out);
}

brio_str brio_date_str(brio_arena *arena, brio_date date)
{
    char text[BRIO_DATE_TEXT_MAX];
    return brio_str_copy(arena, (brio_str){text, brio_date_text(text, date)});
}
