/* SPDX-License-Identifier: MIT
 *
 * Dates of HTTP (RFC 9110, section 5.6.7): one form to write, three to read.
 * Each form is a pattern: letters stand for fields, everything else for itself.
 * The names are our own, because strftime's follow the locale. */
#include "http/http_internal.h"

#include <errno.h>

static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char long_days[][10] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                     "Thursday", "Friday", "Saturday"};
static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* `width` decimal digits. */
static void put_number(char *out, int value, int width)
{
    for (int i = width; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
}

/* By hand: it is a part of every answer with a file. */
brio_str brio_http_date_text(char out[BRIO_HTTP_DATE], int64_t second)
{
    static const int64_t last = INT64_C(253402300799), first = INT64_C(-62135596800);
    second = second > last ? last : second < first ? first : second;
    brio_civil t = brio_clock_civil(second);
    memcpy(out, "Sun, 00 Jan 0000 00:00:00 GMT", BRIO_HTTP_DATE);
    memcpy(out, days[t.weekday], 3);
    put_number(out + 5, t.day, 2);
    memcpy(out + 8, months[t.month - 1], 3);
    put_number(out + 12, t.year, 4);
    put_number(out + 17, t.hour, 2);
    put_number(out + 20, t.minute, 2);
    put_number(out + 23, t.second, 2);
    return (brio_str){out, BRIO_HTTP_DATE};
}

/* ---- Reading ------------------------------------------------------------- */

typedef struct reader {
    brio_str rest;
    brio_civil t;
    bool wrong;
} reader;

static int take_number(reader *r, size_t digits)
{
    int value = 0;
    if (r->rest.len < digits) {
        r->wrong = true;
        return 0;
    }
    for (size_t i = 0; i < digits; i++) {
        char c = r->rest.ptr[i];
        r->wrong = r->wrong || c < '0' || c > '9';
        value = value * 10 + (c - '0');
    }
    r->rest = brio_str_slice(r->rest, digits, SIZE_MAX);
    return r->wrong ? 0 : value;
}

/* Index of the name that the text begins with. Longer names first is not
 * needed: no name begins another. */
static int take_name(reader *r, const char *names, size_t size, int n)
{
    for (int i = 0; i < n; i++) {
        brio_str name = brio_str_from(names + (size_t)i * size);
        if (brio_str_starts(r->rest, name)) {
            r->rest = brio_str_slice(r->rest, name.len, SIZE_MAX);
            return i;
        }
    }
    r->wrong = true;
    return 0;
}

/* asctime's day: two digits, or a blank and one. */
static int take_padded(reader *r)
{
    if (brio_str_starts(r->rest, BRIO_S(" "))) {
        r->rest = brio_str_slice(r->rest, 1, SIZE_MAX);
        return take_number(r, 1);
    }
    return take_number(r, 2);
}

static void take_char(reader *r, char c)
{
    r->wrong = r->wrong || !r->rest.len || r->rest.ptr[0] != c;
    r->rest = brio_str_slice(r->rest, 1, SIZE_MAX);
}

static void take_field(reader *r, char field)
{
    int year;
    switch (field) {
    case 'a':
        (void)take_name(r, days[0], sizeof days[0], 7);
        return;
    case 'A':
        (void)take_name(r, long_days[0], sizeof long_days[0], 7);
        return;
    case 'd':
        r->t.day = take_number(r, 2);
        return;
    case 'e':
        r->t.day = take_padded(r);
        return;
    case 'b':
        r->t.month = 1 + take_name(r, months[0], sizeof months[0], 12);
        return;
    case 'Y':
        r->t.year = take_number(r, 4);
        return;
    case 'y':
        year = take_number(r, 2);
        r->t.year = year + (year < 69 ? 2000 : 1900);
        return;
    case 'H':
        r->t.hour = take_number(r, 2);
        return;
    case 'i':
        r->t.minute = take_number(r, 2);
        return;
    case 'S':
        r->t.second = take_number(r, 2);
        return;
    default:
        take_char(r, field);
    }
}

/* Days since 1970 of a day in the proleptic Gregorian calendar. */
static int64_t day_number(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int finish(const reader *r, int64_t *ret)
{
    const brio_civil *t = &r->t;
    if (t->hour > 23 || t->minute > 59 || t->second > 60 || t->day < 1 || t->year < 1)
        return -EINVAL;
    int64_t second = day_number(t->year, t->month, t->day) * 86400 + t->hour * INT64_C(3600) +
                     t->minute * INT64_C(60) + (t->second == 60 ? 59 : t->second);
    brio_civil check = brio_clock_civil(second); /* 31 February is 3 March */
    if (check.day != t->day || check.month != t->month)
        return -EINVAL;
    *ret = second;
    return 0;
}

int brio_http_date_parse(brio_str text, int64_t *ret_second)
{
    static const char *const forms[] = {"a, d b Y H:i:S GMT", "A, d-b-y H:i:S GMT",
                                        "a b e H:i:S Y"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        reader r = {.rest = text};
        for (const char *f = forms[i]; *f && !r.wrong; f++)
            take_field(&r, *f);
        if (!r.wrong && !r.rest.len)
            return finish(&r, ret_second);
    }
    return -EINVAL;
}
