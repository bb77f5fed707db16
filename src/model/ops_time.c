/* SPDX-License-Identifier: MIT
 *
 * Dates and times in models. A date takes a datetime at midnight and a datetime
 * takes a date, each with the other's words when neither reads it; both take
 * unix timestamps as numbers and as text. Constraints are checked in pydantic's
 * order: bounds, past or future, time zone. Year 0 is the last to be refused. */
#include "model/type_ops.h"

#include <math.h>

typedef enum number_t { NO_NUMBER, AN_INT, A_FLOAT } number_t;

/* Integers beyond 64 bits are floats, if there is a float for them. */
static number_t number_of(const brio_json *value, double *ret)
{
    if (value->type == BRIO_JSON_INT)
        return AN_INT;
    if (value->type == BRIO_JSON_FLOAT) {
        *ret = value->number;
        return A_FLOAT;
    }
    bool big = value->type == BRIO_JSON_BIGINT && brio_f64_parse(value->str, ret) == 0;
    return big && isfinite(*ret) ? A_FLOAT : NO_NUMBER;
}

static const char *datetime_of_number(const brio_json *value, number_t kind, double number,
                                      brio_datetime *out)
{
    return kind == AN_INT ? brio_datetime_from_unix(value->integer, 0, out)
                          : brio_datetime_from_float(number, out);
}

/* ---- Bounds ------------------------------------------------------------------------ */

static const char *bound_date(brio_arena *arena, brio_str text, void *out)
{
    (void)arena;
    return brio_date_read_lax(text, out);
}

static const char *bound_daytime(brio_arena *arena, brio_str text, void *out)
{
    (void)arena;
    return brio_daytime_read(text, out);
}

static const char *bound_datetime(brio_arena *arena, brio_str text, void *out)
{
    brio_date date;
    const char *why = brio_datetime_read_lax(arena, text, out);
    if (!why || brio_date_read_lax(text, &date))
        return why;
    *(brio_datetime *)out = brio_datetime_of(date, (brio_daytime){0});
    return NULL;
}

static int compare_dates(const void *a, const void *b)
{
    return brio_date_compare(*(const brio_date *)a, *(const brio_date *)b);
}

static int compare_daytimes(const void *a, const void *b)
{
    return brio_daytime_compare(*(const brio_daytime *)a, *(const brio_daytime *)b);
}

static int compare_datetimes(const void *a, const void *b)
{
    return brio_datetime_compare(*(const brio_datetime *)a, *(const brio_datetime *)b);
}

static brio_str show_date(brio_arena *arena, const void *bound)
{
    return brio_date_str(arena, *(const brio_date *)bound);
}

static brio_str show_daytime(brio_arena *arena, const void *bound)
{
    return brio_daytime_str(arena, *(const brio_daytime *)bound);
}

static brio_str show_datetime(brio_arena *arena, const void *bound)
{
    return brio_datetime_str(arena, *(const brio_datetime *)bound);
}

static const brio_bound_ops date_bounds = {bound_date, compare_dates, show_date};
static const brio_bound_ops daytime_bounds = {bound_daytime, compare_daytimes, show_daytime};
static const brio_bound_ops datetime_bounds = {bound_datetime, compare_datetimes, show_datetime};

/* ---- The present, and zones ------------------------------------------------------------ */

static int check_zone(brio_input *in, bool aware)
{
    brio_tz tz = brio_input_field(in)->tz;
    if (tz == BRIO_TZ_AWARE && !aware)
        return brio_type_fail(in, "timezone_aware", "Input should have timezone info");
    if (tz == BRIO_TZ_NAIVE && aware)
        return brio_type_fail(in, "timezone_naive", "Input should not have timezone info");
    return 0;
}

static bool is_when(brio_when when, int order)
{
    return when == BRIO_WHEN_ANY || (when == BRIO_WHEN_PAST ? order < 0 : order > 0);
}

static int check_date(brio_input *in, const brio_date *date)
{
    brio_when when = brio_input_field(in)->when;
    int rc = brio_type_bounds(in, &date_bounds, date);
    if (rc == 0 && when && !is_when(when, brio_date_compare(*date, brio_date_today())))
        rc = when == BRIO_WHEN_PAST
                 ? brio_type_fail(in, "date_past", "Date should be in the past")
                 : brio_type_fail(in, "date_future", "Date should be in the future");
    if (rc == 0 && date->year == 0)
        rc = brio_type_fail_error(in, "date_parsing",
                                  "Input should be a valid date in the format YYYY-MM-DD",
                                  BRIO_S("year 0 is out of range"));
    return rc;
}

static int check_datetime(brio_input *in, const brio_datetime *time)
{
    brio_when when = brio_input_field(in)->when;
    int rc = brio_type_bounds(in, &datetime_bounds, time);
    if (rc == 0 && when && !is_when(when, brio_datetime_compare(*time, brio_datetime_now())))
        rc = when == BRIO_WHEN_PAST
                 ? brio_type_fail(in, "datetime_past", "Input should be in the past")
                 : brio_type_fail(in, "datetime_future", "Input should be in the future");
    if (rc == 0)
        rc = check_zone(in, time->aware);
    if (rc == 0 && time->year == 0)
        rc = brio_type_fail_error(in, "datetime_parsing", "Input should be a valid datetime",
                                  BRIO_S("year 0 is out of range"));
    return rc;
}

/* ---- Dates ---------------------------------------------------------------------------- */

static int date_of_datetime(brio_input *in, const char *why, brio_datetime t, brio_date *out)
{
    if (why)
        return brio_type_fail_error(in, "date_from_datetime_parsing",
                                    "Input should be a valid date or datetime", brio_str_from(why));
    if (t.hour || t.minute || t.second || t.microsecond)
        return brio_type_fail(in, "date_from_datetime_inexact",
                              "Datetimes provided to dates should have zero time - e.g. be exact "
                              "dates");
    *out = brio_datetime_date(t);
    return 0;
}

static int date_value(brio_input *in, const brio_json *value, brio_date *out)
{
    brio_datetime time = {0};
    double number = 0;
    const char *why;
    number_t kind = number_of(value, &number);
    if (brio_input_strict(in) || (kind == NO_NUMBER && value->type != BRIO_JSON_STR))
        return brio_type_fail(in, "date_type", "Input should be a valid date");
    if (kind != NO_NUMBER)
        why = datetime_of_number(value, kind, number, &time);
    else if (!brio_date_read_lax(value->str, out))
        return 0;
    else
        why = brio_datetime_read_lax(brio_input_arena(in), value->str, &time);
    return date_of_datetime(in, why, time, out);
}

static int read_date(brio_input *in, const brio_json *value, void *out)
{
    brio_date date;
    int rc = date_value(in, value, &date);
    if (rc == 0)
        rc = check_date(in, &date);
    if (rc == 0)
        memcpy(out, &date, sizeof(date));
    return rc;
}

static void write_date(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    (void)plain;
    char text[BRIO_DATE_TEXT_MAX];
    brio_type_put_text(w, text, brio_date_text(text, *(const brio_date *)value));
}

static void schema_date(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "date");
}

/* ---- Times of day ------------------------------------------------------------------------ */

static const char *daytime_of_float(double seconds, brio_daytime *out)
{
    if (isnan(seconds))
        return "NaN values not permitted";
    double floored = floor(seconds), fraction = fabs(seconds - trunc(seconds));
    int64_t whole = floored < 0 ? -1 : floored > 1e15 ? INT64_MAX : (int64_t)floored;
    return brio_daytime_from_seconds(whole, isinf(seconds) ? 0 : (uint32_t)round(fraction * 1e6),
                                     out);
}

static int daytime_value(brio_input *in, const brio_json *value, brio_daytime *out)
{
    double number = 0;
    const char *why;
    number_t kind = number_of(value, &number);
    if (brio_input_strict(in) || (kind == NO_NUMBER && value->type != BRIO_JSON_STR))
        return brio_type_fail(in, "time_type", "Input should be a valid time");
    if (kind == AN_INT)
        why = brio_daytime_from_seconds(value->integer, 0, out);
    else if (kind == A_FLOAT)
        why = daytime_of_float(number, out);
    else
        why = brio_daytime_read(value->str, out);
    return why ? brio_type_fail_error(in, "time_parsing", "Input should be in a valid time format",
                                      brio_str_from(why))
               : 0;
}

static int read_daytime(brio_input *in, const brio_json *value, void *out)
{
    brio_daytime time;
    int rc = daytime_value(in, value, &time);
    if (rc == 0)
        rc = brio_type_bounds(in, &daytime_bounds, &time);
    if (rc == 0)
        rc = check_zone(in, time.aware);
    if (rc == 0)
        memcpy(out, &time, sizeof(time));
    return rc;
}

static void write_daytime(brio_json_writer *w, const brio_field *field, const void *value,
                          bool plain)
{
    (void)field;
    char text[BRIO_TYPE_TEXT_MAX];
    char *end = brio_daytime_put(text, *(const brio_daytime *)value, !plain);
    brio_type_put_text(w, text, (size_t)(end - text));
}

static void schema_daytime(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "time");
}

/* ---- Dates with times ----------------------------------------------------------------------- */

static int datetime_of_text(brio_input *in, brio_str text, brio_datetime *out)
{
    brio_date date;
    if (!brio_datetime_read_lax(brio_input_arena(in), text, out))
        return 0;
    const char *why = brio_date_read_lax(text, &date);
    if (why)
        return brio_type_fail_error(in, "datetime_from_date_parsing",
                                    "Input should be a valid datetime or date", brio_str_from(why));
    *out = brio_datetime_of(date, (brio_daytime){0});
    return 0;
}

static int datetime_value(brio_input *in, const brio_json *value, brio_datetime *out)
{
    double number = 0;
    number_t kind = number_of(value, &number);
    if (brio_input_strict(in) || (kind == NO_NUMBER && value->type != BRIO_JSON_STR))
        return brio_type_fail(in, "datetime_type", "Input should be a valid datetime");
    if (kind == NO_NUMBER)
        return datetime_of_text(in, value->str, out);
    const char *why = datetime_of_number(value, kind, number, out);
    return why ? brio_type_fail_error(in, "datetime_parsing", "Input should be a valid datetime",
                                      brio_str_from(why))
               : 0;
}

static int read_datetime(brio_input *in, const brio_json *value, void *out)
{
    brio_datetime time;
    int rc = datetime_value(in, value, &time);
    if (rc == 0)
        rc = check_datetime(in, &time);
    if (rc == 0)
        memcpy(out, &time, sizeof(time));
    return rc;
}

static void write_datetime(brio_json_writer *w, const brio_field *field, const void *value,
                           bool plain)
{
    (void)field;
    char text[BRIO_TYPE_TEXT_MAX];
    char *end = brio_datetime_put(text, *(const brio_datetime *)value, !plain);
    brio_type_put_text(w, text, (size_t)(end - text));
}

static void schema_datetime(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "date-time");
}

const brio_type brio_date_ops = {.read = read_date,
                                 .write = write_date,
                                 .schema = schema_date,
                                 .compare = compare_dates,
                                 .label = "date"};
const brio_type brio_daytime_ops = {.read = read_daytime,
                                    .write = write_daytime,
                                    .schema = schema_daytime,
                                    .compare = compare_daytimes,
                                    .label = "time"};
const brio_type brio_datetime_ops = {.read = read_datetime,
                                     .write = write_datetime,
                                     .schema = schema_datetime,
                                     .compare = compare_datetimes,
                                     .label = "datetime"};
