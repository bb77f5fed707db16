/* SPDX-License-Identifier: MIT
 *
 * The functions of <brio/types.h> that programs call: calendar arithmetic,
 * durations, UUIDs, decimals, URLs in parts. What is read and refused is
 * value_vectors_test.c's business. */
#include "harness/test.h"

#include <brio/types.h>

#include <errno.h>

static brio_datetime at(const char *text)
{
    brio_datetime t;
    CHECK_OK(brio_datetime_parse(brio_str_from(text), &t));
    return t;
}

static void check_text(brio_datetime t, const char *want)
{
    char text[BRIO_DATETIME_TEXT_MAX];
    CHECK_STR(((brio_str){text, brio_datetime_text(text, t)}), want);
}

/* Every day of all 9,999 years: there, back, and one after the other. */
TEST(every_day_counts)
{
    brio_date day = {1, 1, 1}, again;
    for (int64_t n = brio_date_days(day); n <= 2932896; n++) {
        CHECK_OK(brio_date_from_days(n, &again));
        if (brio_date_compare(day, again) != 0 || brio_date_days(again) != n)
            test_fail(__FILE__, __LINE__, "day %lld", (long long)n);
        day.day++;
        if (!brio_date_valid(day.year, day.month, day.day)) {
            day.day = 1;
            day.year = (int16_t)(day.year + (day.month == 12));
            day.month = (uint8_t)(day.month % 12 + 1);
        }
    }
    CHECK_INT(day.year, 10000);
}

TEST(dates_end_with_the_calendar)
{
    brio_date date;
    CHECK_INT(brio_date_from_days(-719163, &date), -ERANGE);
    CHECK_INT(brio_date_from_days(2932897, &date), -ERANGE);
    CHECK_INT(brio_date_add((brio_date){2024, 2, 28}, INT64_MAX, &date), -ERANGE);
    CHECK_OK(brio_date_add((brio_date){2024, 2, 28}, 2, &date));
    CHECK(date.month == 3 && date.day == 1);
    CHECK_INT(brio_date_weekday((brio_date){2024, 2, 29}), 4);
    CHECK_INT(brio_date_weekday((brio_date){1, 1, 1}), 1);
    CHECK(!brio_date_valid(1900, 2, 29));
    CHECK_INT(brio_date_parse(BRIO_S("0000-01-01"), &date), -EINVAL);
}

TEST(moments_are_compared_across_offsets)
{
    CHECK_INT(brio_datetime_compare(at("2024-01-01T12:00Z"), at("2024-01-01T13:00+01:00")), 0);
    CHECK(brio_datetime_compare(at("2024-01-01T12:00Z"), at("2024-01-01T12:00+01:00")) > 0);
    /* A naive time has no moment: the clocks are compared. */
    CHECK_INT(brio_datetime_compare(at("2024-01-01T12:00"), at("2024-01-01T12:00+01:00")), 0);
    brio_datetime t;
    CHECK_OK(brio_datetime_at_offset(at("2024-01-01T00:30+01:00"), -5 * 3600, &t));
    check_text(t, "2023-12-31T18:30:00-05:00");
    CHECK_INT(brio_datetime_at_offset(t, 86400, &t), -EINVAL);
}

TEST(time_is_added_and_subtracted)
{
    brio_datetime t;
    CHECK_OK(
        brio_datetime_add(at("2023-12-31T23:59:59.5+02:00"), brio_timedelta_from_us(500000), &t));
    check_text(t, "2024-01-01T00:00:00+02:00");
    CHECK_OK(brio_datetime_add(at("2024-03-01T00:00"), (brio_timedelta){-1, 999999}, &t));
    check_text(t, "2024-02-29T23:59:59.999999");
    CHECK_INT(brio_datetime_add(at("9999-12-31T23:59:59"), (brio_timedelta){1, 0}, &t), -ERANGE);
    CHECK_INT(brio_datetime_add(t, (brio_timedelta){INT64_MAX, 0}, &t), -ERANGE);
    brio_timedelta delta =
        brio_datetime_diff(at("2024-01-01T00:00Z"), at("2024-01-01T00:00:00.25Z"));
    CHECK_INT(brio_timedelta_us(delta), -250000);
    CHECK_INT(brio_datetime_unix_us(at("1970-01-01T01:00+01:00")), 0);
    CHECK_OK(brio_datetime_from_unix_us(-1, &t));
    check_text(t, "1969-12-31T23:59:59.999999Z");
    CHECK_INT(brio_datetime_from_unix_us(INT64_MAX, &t), -ERANGE);
}

TEST(the_present_is_in_the_calendar)
{
    brio_datetime now = brio_datetime_now();
    CHECK(now.aware && now.offset == 0);
    CHECK(now.year >= 2024);
    CHECK(brio_date_compare(brio_date_today(), brio_datetime_date(now)) >= 0);
}

TEST(durations)
{
    char text[BRIO_TIMEDELTA_TEXT_MAX];
    brio_timedelta delta = brio_timedelta_from_us(-1500000);
    CHECK_INT(delta.seconds, -2);
    CHECK_STR(((brio_str){text, brio_timedelta_text(text, delta)}), "-PT1.5S");
    CHECK_INT(brio_timedelta_us(brio_timedelta_negate(delta)), 1500000);
    CHECK_INT(brio_timedelta_us(brio_timedelta_add(delta, delta)), -3000000);
    CHECK(brio_timedelta_compare(delta, (brio_timedelta){0, 0}) < 0);
    CHECK_OK(brio_timedelta_from_seconds(-0.5, &delta));
    CHECK_INT(brio_timedelta_us(delta), -500000);
    CHECK_INT(brio_timedelta_from_seconds(1e30, &delta), -ERANGE);
    CHECK_INT(brio_timedelta_parse(BRIO_S("-P999999999DT23:59"), &delta), -EINVAL);
    CHECK_OK(brio_timedelta_parse(BRIO_S("-P999999999DT23H59M59.999999S"), &delta));
    CHECK_STR(((brio_str){text, brio_timedelta_text(text, delta)}),
              "-P2739726Y9DT23H59M59.999999S");
    CHECK_INT(brio_timedelta_us(delta), INT64_MIN);
}

TEST(uuids)
{
    brio_uuid a = brio_uuid4(), b = brio_uuid4(), c;
    CHECK_INT(brio_uuid_version(a), 4);
    CHECK(brio_uuid_compare(a, b) != 0);
    char text[BRIO_UUID_TEXT_MAX];
    CHECK_INT(brio_uuid_text(text, a), 36);
    CHECK_OK(brio_uuid_parse((brio_str){text, 36}, &c));
    CHECK_INT(brio_uuid_compare(a, c), 0);
    memset(&c, 0, sizeof c);
    CHECK_INT(brio_uuid_version(c), 0);
}

static brio_decimal dec(brio_arena *arena, const char *text)
{
    brio_decimal value;
    CHECK_OK(brio_decimal_parse(arena, brio_str_from(text), &value));
    return value;
}

TEST(decimals)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_decimal sum;
    int64_t i = 0;
    CHECK_STR(dec(&arena, "+001.50e3").text, "1.50E+3");
    CHECK_INT(brio_decimal_compare(dec(&arena, "1.0"), dec(&arena, "1.00")), 0);
    CHECK(brio_decimal_compare(dec(&arena, "-1e1000000"), dec(&arena, "-2")) < 0);
    CHECK(brio_decimal_compare(dec(&arena, "1e-1000000"), dec(&arena, "0")) > 0);
    CHECK_OK(brio_decimal_add(&arena, dec(&arena, "0.1"), dec(&arena, "0.2"), &sum));
    CHECK_STR(sum.text, "0.3");
    CHECK_OK(brio_decimal_add(&arena, dec(&arena, "1.50"), dec(&arena, "-1.5"), &sum));
    CHECK_STR(sum.text, "0.00");
    CHECK_OK(brio_decimal_add(&arena, dec(&arena, "-999"), dec(&arena, "-1e-2"), &sum));
    CHECK_STR(sum.text, "-999.01");
    CHECK_INT(brio_decimal_add(&arena, dec(&arena, "1e9999"), dec(&arena, "1"), &sum), -ERANGE);
    CHECK_OK(brio_decimal_to_i64(dec(&arena, "-9223372036854775808"), &i));
    CHECK(i == INT64_MIN);
    CHECK_OK(brio_decimal_to_i64(dec(&arena, "1.2e3"), &i));
    CHECK_INT(i, 1200);
    CHECK_OK(brio_decimal_to_i64(dec(&arena, "5.00"), &i));
    CHECK_INT(i, 5);
    CHECK_INT(brio_decimal_to_i64(dec(&arena, "9223372036854775808"), &i), -ERANGE);
    CHECK_INT(brio_decimal_to_i64(dec(&arena, "1.5"), &i), -ERANGE);
    CHECK(brio_decimal_to_f64(dec(&arena, "-0.1")) == -0.1);
    CHECK_OK(brio_decimal_from_f64(&arena, 1e22, &sum));
    CHECK_STR(sum.text, "1E+22");
    CHECK_STR(brio_decimal_from_i64(&arena, INT64_MIN).text, "-9223372036854775808");
    CHECK_INT(brio_decimal_compare((brio_decimal){{0}}, dec(&arena, "-0")), 0);
    brio_arena_fini(&arena);
}

TEST(urls_have_parts)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_url url;
    const char *why = NULL;
    CHECK_OK(brio_url_parse(&arena, BRIO_S("HTTP://u:p@[::1]:8080/a?b=c#d"), &url, &why));
    brio_url_parts parts = brio_url_split(url);
    CHECK_STR(parts.scheme, "http");
    CHECK_STR(parts.userinfo, "u:p");
    CHECK_STR(parts.host, "[::1]");
    CHECK_INT(parts.port, 8080);
    CHECK_STR(parts.path, "/a");
    CHECK_STR(parts.query, "b=c");
    CHECK_STR(parts.fragment, "d");
    CHECK_OK(brio_url_parse(&arena, BRIO_S("mailto:a@b"), &url, NULL));
    parts = brio_url_split(url);
    CHECK_STR(parts.path, "a@b");
    CHECK_INT(parts.host.len, 0);
    CHECK_INT(brio_url_parse(&arena, BRIO_S("http://"), &url, &why), -EINVAL);
    CHECK_STR(brio_str_from(why), "empty host");
    brio_email email;
    brio_str reason;
    CHECK_INT(brio_email_parse(&arena, BRIO_S("a@localhost"), &email, &reason), -EINVAL);
    CHECK_OK(brio_email_parse(&arena, BRIO_S("Foo <Info@B.CO>"), &email, NULL));
    CHECK_STR(email.text, "info@b.co");
    brio_arena_fini(&arena);
}
