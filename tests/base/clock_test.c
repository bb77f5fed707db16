/* SPDX-License-Identifier: MIT
 *
 * The calendar against libc's gmtime_r, and dates one knows by heart. */
#include "harness/test.h"

#include <time.h>

static void same_as_libc(int64_t second)
{
    time_t t = (time_t)second;
    struct tm tm;
    gmtime_r(&t, &tm);
    brio_civil c = brio_clock_civil(second);
    CHECK_INT(c.year, tm.tm_year + 1900);
    CHECK_INT(c.month, tm.tm_mon + 1);
    CHECK_INT(c.day, tm.tm_mday);
    CHECK_INT(c.weekday, tm.tm_wday);
    CHECK_INT(c.hour, tm.tm_hour);
    CHECK_INT(c.minute, tm.tm_min);
    CHECK_INT(c.second, tm.tm_sec);
}

TEST(the_calendar_is_libcs)
{
    for (int64_t day = -800000; day <= 800000; day += 13) /* years -220 to 4160 */
        same_as_libc(day * 86400 + (day % 86400 + 86400) % 86400);
    for (int64_t second = -200000; second < 200000; second += 37)
        same_as_libc(second);
}

TEST(every_day_of_a_leap_century)
{
    for (int64_t day = 10950; day < 10950 + 36525; day++) /* from 1999-12-25 */
        same_as_libc(day * 86400 - 1), same_as_libc(day * 86400);
}

TEST(dates_by_heart)
{
    brio_civil epoch = brio_clock_civil(0), leap = brio_clock_civil(951782400),
               before = brio_clock_civil(-1);
    CHECK(epoch.year == 1970 && epoch.month == 1 && epoch.day == 1 && epoch.weekday == 4);
    CHECK(leap.year == 2000 && leap.month == 2 && leap.day == 29 && leap.weekday == 2);
    CHECK(before.year == 1969 && before.month == 12 && before.day == 31 && before.second == 59);
}
