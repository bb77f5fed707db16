/* SPDX-License-Identifier: MIT
 *
 * The two clocks of the system as nanoseconds, and the calendar. 63 bits of nanoseconds reach to
 * the year 2262, so sums of a point and a sane duration do not overflow. */
#include <brio/base.h>

#include <time.h>

static brio_time read_clock(clockid_t clock)
{
    struct timespec now;
    int rc = clock_gettime(clock, &now);
    BRIO_ASSERT(rc == 0); /* both clocks exist on every Linux */
    return BRIO_SEC(now.tv_sec) + now.tv_nsec;
}

brio_time brio_clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
brio_time brio_clock_realtime(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* ---- The calendar --------------------------------------------------------- */

enum { DAY = 86400, DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400 };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Years here begin in March, so that the leap day is a year's last day and the
 * lengths of the months follow one formula. An era is 400 such years. */
static void set_date(brio_civil *ret, int64_t days_since_1970)
{
    int64_t days = days_since_1970 + 719468; /* since 0000-03-01 */
    int64_t era = floor_div(days, DAYS_PER_ERA);
    int of_era = (int)(days - era * DAYS_PER_ERA);
    int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_PER_ERA - 1)) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153; /* 0 is March */
    ret->day = of_year - (153 * month + 2) / 5 + 1;
    ret->month = month < 10 ? month + 3 : month - 9;
    ret->year = (int)(era * YEARS_PER_ERA) + year + (ret->month <= 2);
}

brio_civil brio_clock_civil(int64_t second)
{
    brio_civil c = {0};
    int64_t days = floor_div(second, DAY);
    int rest = (int)(second - days * DAY);
    set_date(&c, days);
    c.weekday = (int)(days + 4 - floor_div(days + 4, 7) * 7); /* 1970-01-01 was a Thursday */
    c.hour = rest / 3600;
    c.minute = rest / 60 % 60;
    c.second = rest % 60;
    return c;
}
