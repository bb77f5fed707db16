/* SPDX-License-Identifier: MIT
 *
 * Bounds of values that are given as text (.ge_text = "2020-01-01"): read like
 * input at each use, which costs less than a line of it, and shown in messages
 * and contexts in the type's own form. Of several broken ones the first in
 * pydantic's order is reported: le, lt, ge, gt. Also the other words that
 * several types share. */
#include "model/type_ops.h"

typedef struct bound_rule {
    const char *type, *key, *text;
    bool upper, open; /* the value must lie below; the bound itself is no value */
} bound_rule;

static const bound_rule rules[] = {
    {"less_than_equal", "le", "less than or equal to", true, false},
    {"less_than", "lt", "less than", true, true},
    {"greater_than_equal", "ge", "greater than or equal to", false, false},
    {"greater_than", "gt", "greater than", false, true}};

static const char *text_of(const brio_field *field, size_t rule)
{
    const char *const texts[] = {field->le_text, field->lt_text, field->ge_text, field->gt_text};
    return texts[rule];
}

int brio_type_fail_bound(brio_input *in, size_t rule, brio_str shown, brio_str json)
{
    brio_arena *arena = brio_input_arena(in);
    return brio_input_fail(
        in, rules[rule].type,
        brio_printf(arena, "Input should be %s %.*s", rules[rule].text, BRIO_ARG(shown)),
        brio_printf(arena, "{\"%s\":%.*s}", rules[rule].key, BRIO_ARG(json)));
}

bool brio_type_is_within(size_t rule, int order)
{
    return rules[rule].upper ? order < 0 || (order == 0 && !rules[rule].open)
                             : order > 0 || (order == 0 && !rules[rule].open);
}

int brio_type_bounds(brio_input *in, const brio_bound_ops *ops, const void *value)
{
    union {
        brio_date date;
        brio_daytime daytime;
        brio_datetime datetime;
        brio_timedelta timedelta;
    } bound;
    brio_arena *arena = brio_input_arena(in);
    for (size_t i = 0; i < BRIO_TYPE_BOUNDS; i++) {
        const char *text = text_of(brio_input_field(in), i);
        if (!text || ops->read(arena, brio_str_from(text), &bound))
            continue;
        if (brio_type_is_within(i, ops->compare(value, &bound)))
            continue;
        brio_str shown = ops->show(arena, &bound);
        return brio_type_fail_bound(in, i, shown, brio_printf(arena, "\"%.*s\"", BRIO_ARG(shown)));
    }
    return 0;
}

/* ---- Shared words ------------------------------------------------------------------ */

/* Not by printf, whose texts end at a NUL: the input's may be in `error`. */
static brio_str with_error(brio_arena *arena, const char *words, brio_str error)
{
    size_t len = strlen(words) + 2 + error.len;
    brio_buf out = brio_buf_over(brio_alloc_aligned(arena, len, 1), len);
    brio_buf_add(&out, brio_str_from(words));
    brio_buf_add(&out, BRIO_S(", "));
    brio_buf_add(&out, error);
    return brio_buf_str(&out);
}

static int fail_error(brio_input *in, const char *type, const char *words, brio_str error)
{
    brio_arena *arena = brio_input_arena(in);
    brio_json text = brio_json_from_str(error);
    return brio_input_fail(
        in, type, with_error(arena, words, error),
        brio_printf(arena, "{\"error\":%.*s}", BRIO_ARG(brio_json_text(arena, &text))));
}

int brio_type_fail_error(brio_input *in, const char *type, const char *words, brio_str error)
{
    return fail_error(in, type, words, error);
}

int brio_type_fail(brio_input *in, const char *type, const char *words)
{
    return brio_input_fail(in, type, brio_str_from(words), (brio_str){0});
}

void brio_type_put_text(brio_json_writer *w, const char *text, size_t n)
{
    char quoted[BRIO_TYPE_TEXT_MAX + 2];
    BRIO_ASSERT(n <= BRIO_TYPE_TEXT_MAX);
    quoted[0] = '"';
    memcpy(quoted + 1, text, n);
    quoted[n + 1] = '"';
    brio_json_raw(w, (brio_str){quoted, n + 2});
}

void brio_type_schema_format(brio_json_writer *w, const char *format)
{
    brio_schema_text(w, "type", "string");
    brio_schema_text(w, "format", format);
}

void brio_type_schema_lengths(brio_json_writer *w, size_t least, size_t most)
{
    if (most) {
        brio_json_key(w, BRIO_S("maxLength"));
        brio_json_i64(w, (int64_t)most);
    }
    if (least) {
        brio_json_key(w, BRIO_S("minLength"));
        brio_json_i64(w, (int64_t)least);
    }
}
