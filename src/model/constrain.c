/* SPDX-License-Identifier: MIT
 *
 * Bounds, lengths and multiples, after the coercion. Of several broken ones
 * only the first is reported, in pydantic's order: multiple_of, le, lt, ge, gt
 * for numbers; min_length, max_length, pattern for strings.
 *
 * A bound is printed twice: in the message without exponent and ".0", in the
 * context as JSON of the field's type (gt = 0 of a float is 0.0). NaN breaks
 * every bound. Allocates only for a problem. */
#include "model/model_internal.h"

#include <math.h>

typedef struct bound_rule {
    const char *type; /* of the problem */
    const char *key;  /* in its context */
    const char *text; /* after "Input should be " */
} bound_rule;

static const bound_rule rule_multiple = {"multiple_of", "multiple_of", "a multiple of"};
static const bound_rule rule_le = {"less_than_equal", "le", "less than or equal to"};
static const bound_rule rule_lt = {"less_than", "lt", "less than"};
static const bound_rule rule_ge = {"greater_than_equal", "ge", "greater than or equal to"};
static const bound_rule rule_gt = {"greater_than", "gt", "greater than"};

static int fail_bound(const brio_site *site, const bound_rule *rule, brio_str shown, brio_str json)
{
    brio_arena *arena = site->problems->arena;
    return brio_site_fail(
        site, rule->type,
        brio_printf(arena, "Input should be %s %.*s", rule->text, BRIO_ARG(shown)),
        brio_printf(arena, "{\"%s\":%.*s}", rule->key, BRIO_ARG(json)));
}

/* ---- Integers ------------------------------------------------------------- */

brio_i128 brio_num_integer(const brio_num *bound)
{
    if (bound->integral)
        return bound->i;
    BRIO_ASSERT(fabs(bound->v) < 0x1p126);
    return (brio_i128)bound->v;
}

static int fail_int(const brio_site *site, const bound_rule *rule, const brio_num *bound)
{
    brio_str text = bound->integral
                        ? brio_printf(site->problems->arena, "%lld", (long long)bound->i)
                        : brio_printf(site->problems->arena, "%.0f", bound->v);
    return fail_bound(site, rule, text, text);
}

/* Digit by digit where the number is longer than 128 bits. The sign of a
 * remainder does not matter: only zero does. */
static bool is_multiple(const brio_wide *wide, brio_i128 of)
{
    BRIO_ASSERT(of != 0);
    if (!wide->digits.len)
        return wide->value % of == 0;
    brio_i128 rest = 0;
    for (size_t i = 0; i < wide->digits.len; i++)
        if (wide->digits.ptr[i] != '_')
            rest = (rest * 10 + (wide->digits.ptr[i] - '0')) % of;
    return rest == 0;
}

int brio_constrain_int(const brio_site *site, const brio_wide *wide)
{
    const brio_field *row = site->row->row;
    brio_i128 value = wide->value;
    if (row->multiple_of.set && !is_multiple(wide, brio_num_integer(&row->multiple_of)))
        return fail_int(site, &rule_multiple, &row->multiple_of);
    if (row->le.set && value > brio_num_integer(&row->le))
        return fail_int(site, &rule_le, &row->le);
    if (row->lt.set && value >= brio_num_integer(&row->lt))
        return fail_int(site, &rule_lt, &row->lt);
    if (row->ge.set && value < brio_num_integer(&row->ge))
        return fail_int(site, &rule_ge, &row->ge);
    if (row->gt.set && value <= brio_num_integer(&row->gt))
        return fail_int(site, &rule_gt, &row->gt);
    return 0;
}

/* ---- Floats --------------------------------------------------------------- */

enum { PLAIN_MAX = 400 }; /* 1 + 308 digits, or 324 zeros and 17 digits */

/* `digits` (no point in them) written with the point behind the first `whole`
 * of them, which may be none or more than there are. */
static brio_str place_point(brio_arena *arena, brio_str digits, int whole)
{
    brio_buf out = brio_buf_over(brio_alloc_aligned(arena, PLAIN_MAX, 1), PLAIN_MAX);
    int n = (int)digits.len;
    for (int i = whole <= 0 ? whole - 1 : 0; i < (whole > n ? whole : n); i++) {
        if (i == whole)
            brio_buf_char(&out, '.');
        brio_buf_char(&out, i >= 0 && i < n ? digits.ptr[i] : '0');
    }
    BRIO_ASSERT(!out.failed);
    return brio_buf_str(&out);
}

/* The digits of d[.ddd] without the point, and how many stand before it. */
static brio_str mantissa_digits(brio_arena *arena, brio_str mantissa, int *ret_whole)
{
    brio_str_pair parts = brio_str_cut(mantissa, '.');
    *ret_whole = (int)parts.head.len;
    return brio_printf(arena, "%.*s%.*s", BRIO_ARG(parts.head), BRIO_ARG(parts.tail));
}

/* Of +22 or -07. */
static int exponent_value(brio_str s)
{
    int value = 0;
    for (size_t i = 1; i < s.len; i++)
        value = value * 10 + (s.ptr[i] - '0');
    return s.ptr[0] == '-' ? -value : value;
}

brio_str brio_plain_number(brio_arena *arena, double value)
{
    char storage[BRIO_F64_TEXT_MAX];
    brio_str text = {storage, brio_f64_text(storage, fabs(value))};
    brio_str_pair parts = brio_str_cut(text, 'e');
    const char *sign = signbit(value) ? "-" : "";
    if (parts.found) {
        int whole, exponent = exponent_value(parts.tail);
        brio_str digits = mantissa_digits(arena, parts.head, &whole);
        text = place_point(arena, digits, whole + exponent);
    } else if (brio_str_ends(text, BRIO_S(".0"))) {
        text.len -= 2;
    }
    return brio_printf(arena, "%s%.*s", sign, BRIO_ARG(text));
}

static int fail_float(const brio_site *site, const bound_rule *rule, double bound)
{
    char json[BRIO_F64_TEXT_MAX];
    size_t n = brio_f64_text(json, bound);
    return fail_bound(site, rule, brio_plain_number(site->problems->arena, bound),
                      (brio_str){json, n});
}

/* Within a billionth, since 0.3 is no exact multiple of 0.1. Infinity passes. */
static bool is_float_multiple(double value, double of)
{
    double distance = fabs(value - round(value / of) * of);
    return !(distance > 1e-9);
}

int brio_constrain_float(const brio_site *site, double value)
{
    const brio_field *row = site->row->row;
    if (row->multiple_of.set && !is_float_multiple(value, row->multiple_of.v))
        return fail_float(site, &rule_multiple, row->multiple_of.v);
    if (row->le.set && !(value <= row->le.v))
        return fail_float(site, &rule_le, row->le.v);
    if (row->lt.set && !(value < row->lt.v))
        return fail_float(site, &rule_lt, row->lt.v);
    if (row->ge.set && !(value >= row->ge.v))
        return fail_float(site, &rule_ge, row->ge.v);
    if (row->gt.set && !(value > row->gt.v))
        return fail_float(site, &rule_gt, row->gt.v);
    return 0;
}

/* ---- Strings and lists ---------------------------------------------------- */

typedef struct length_rule {
    const char *type; /* of the problem */
    const char *key;  /* in its context */
    const char *text;
} length_rule;

static const length_rule rule_str_min = {"string_too_short", "min_length", "at least"};
static const length_rule rule_str_max = {"string_too_long", "max_length", "at most"};
static const length_rule rule_list_min = {"too_short", "min_length", "at least"};
static const length_rule rule_list_max = {"too_long", "max_length", "at most"};

static int fail_length(const brio_site *site, const length_rule *rule, size_t bound)
{
    brio_arena *arena = site->problems->arena;
    return brio_site_fail(site, rule->type,
                          brio_printf(arena, "String should have %s %zu character%s", rule->text,
                                      bound, bound == 1 ? "" : "s"),
                          brio_printf(arena, "{\"%s\":%zu}", rule->key, bound));
}

static int fail_pattern(const brio_site *site)
{
    brio_arena *arena = site->problems->arena;
    brio_json pattern = brio_json_from_str(brio_str_from(site->row->row->pattern));
    return brio_site_fail(
        site, "string_pattern_mismatch",
        brio_printf(arena, "String should match pattern '%.*s'", BRIO_ARG(pattern.str)),
        brio_printf(arena, "{\"pattern\":%.*s}", BRIO_ARG(brio_json_text(arena, &pattern))));
}

int brio_constrain_str(const brio_site *site, brio_str value)
{
    const brio_field *row = site->row->row;
    size_t length = row->min_length || row->max_length ? brio_utf8_length(value) : 0;
    if (row->min_length && length < row->min_length)
        return fail_length(site, &rule_str_min, row->min_length);
    if (row->max_length && length > row->max_length)
        return fail_length(site, &rule_str_max, row->max_length);
    if (!row->pattern)
        return 0;
    /* A pattern that did not compile lets nothing through. */
    if (!site->row->pattern || !brio_pattern_search(site->row->pattern, value))
        return fail_pattern(site);
    return 0;
}

static int fail_items(const brio_site *site, const length_rule *rule, const char *what,
                      size_t bound, size_t n)
{
    brio_arena *arena = site->problems->arena;
    return brio_site_fail(
        site, rule->type,
        brio_printf(arena, "%s should have %s %zu item%s after validation, not %zu", what,
                    rule->text, bound, bound == 1 ? "" : "s", n),
        brio_printf(arena, "{\"field_type\":\"%s\",\"%s\":%zu,\"actual_length\":%zu}", what,
                    rule->key, bound, n));
}

int brio_constrain_max_items(const brio_site *site, size_t n, const char *what)
{
    size_t most = site->row->row->max_length;
    return most && n > most ? fail_items(site, &rule_list_max, what, most, n) : 0;
}

int brio_constrain_min_items(const brio_site *site, size_t n, const char *what)
{
    size_t least = site->row->row->min_length;
    return least && n < least ? fail_items(site, &rule_list_min, what, least, n) : 0;
}

int brio_constrain_max_distinct(const brio_site *site, size_t n, const char *what)
{
    brio_arena *arena = site->problems->arena;
    size_t most = site->row->row->max_length;
    if (!most || n <= most)
        return 0;
    return brio_site_fail(
        site, "too_long",
        brio_printf(arena, "%s should have at most %zu item%s after validation, not more", what,
                    most, most == 1 ? "" : "s"),
        brio_printf(arena, "{\"field_type\":\"%s\",\"max_length\":%zu,\"actual_length\":null}",
                    what, most));
}
