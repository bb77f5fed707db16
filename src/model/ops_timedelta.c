/* SPDX-License-Identifier: MIT
 *
 * Lengths of time in models. A broken bound shows the length itself as its
 * input, in seconds, as pydantic does: it has forgotten the text by then. */
#include "model/type_ops.h"

#include <math.h>

static const char *bound(brio_arena *arena, brio_str text, void *out)
{
    (void)arena;
    return brio_timedelta_read(text, out);
}

static int compare(const void *a, const void *b)
{
    return brio_timedelta_compare(*(const brio_timedelta *)a, *(const brio_timedelta *)b);
}

static brio_str show(brio_arena *arena, const void *value)
{
    return brio_timedelta_words(arena, *(const brio_timedelta *)value);
}

static const brio_bound_ops bounds = {bound, compare, show};

/* *ret_why is NULL if it was read; false for what has no length at all. */
static bool from_json(const brio_json *value, brio_timedelta *out, const char **ret_why)
{
    double number;
    switch ((int)value->type) {
    case BRIO_JSON_STR:
        *ret_why = brio_timedelta_read(value->str, out);
        return true;
    case BRIO_JSON_INT:
        *ret_why = brio_timedelta_from_int(value->integer, out);
        return true;
    case BRIO_JSON_BOOL:
        *ret_why = brio_timedelta_from_int(value->boolean, out);
        return true;
    case BRIO_JSON_FLOAT:
        *ret_why = brio_timedelta_from_float(value->number, out);
        return true;
    case BRIO_JSON_BIGINT:
        if (brio_f64_parse(value->str, &number) < 0 || !isfinite(number))
            return false;
        *ret_why = brio_timedelta_from_float(number, out);
        return true;
    default:
        return false;
    }
}

static int check(const brio_input *in, const brio_timedelta *delta)
{
    brio_json seconds = {.type = BRIO_JSON_FLOAT, .number = brio_timedelta_seconds(*delta)};
    brio_input at = *in;
    at.input = &seconds;
    return brio_type_bounds(&at, &bounds, delta);
}

static int read(brio_input *in, const brio_json *value, void *out)
{
    brio_timedelta delta;
    const char *why;
    if (brio_input_strict(in) || !from_json(value, &delta, &why))
        return brio_type_fail(in, "time_delta_type", "Input should be a valid timedelta");
    if (why)
        return brio_type_fail_error(in, "time_delta_parsing", "Input should be a valid timedelta",
                                    brio_str_from(why));
    if (check(in, &delta) < 0)
        return BRIO_EINVALID;
    memcpy(out, &delta, sizeof(delta));
    return 0;
}

static void write(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    const brio_timedelta *delta = value;
    char text[BRIO_TIMEDELTA_TEXT_MAX];
    if (plain)
        brio_json_f64(w, brio_timedelta_seconds(*delta));
    else
        brio_type_put_text(w, text, brio_timedelta_text(text, *delta));
}

static void schema(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "duration");
}

const brio_type brio_timedelta_ops = {
    .read = read, .write = write, .schema = schema, .compare = compare, .label = "timedelta"};
