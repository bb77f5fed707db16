/* SPDX-License-Identifier: MIT
 *
 * Decimals in models: from text, integers and floats (by their shortest text),
 * with limits on digits and bounds that are decimals themselves. Digits are
 * counted twice, as they are and in the normal form (without zeros at the end,
 * to 28 digits as Python's default context rounds), and the better count
 * passes. In input a schema offers a number or a string, in output a string. */
#include "model/type_ops.h"

#include <math.h>
#include <stdio.h>

enum { CONTEXT_DIGITS = 28, ZEROS_MAX = 4300 };

/* ---- Limits of digits ---------------------------------------------------------------- */

typedef struct counts {
    uint64_t digits, places; /* in all, and behind the point */
} counts;

static counts count(uint64_t digits, int64_t exponent)
{
    if (exponent >= 0)
        return (counts){digits + (uint64_t)exponent, 0};
    uint64_t places = (uint64_t)-exponent;
    return (counts){digits > places ? digits : places, places};
}

/* Is what is cut off behind `keep` digits more than half of the last one kept? */
static bool rounds_up(const brio_decimal_parts *p, size_t keep)
{
    int next = brio_decimal_digit(p, keep);
    if (next != 5)
        return next > 5;
    for (size_t i = keep + 1; i < p->n; i++)
        if (brio_decimal_digit(p, i))
            return true;
    return brio_decimal_digit(p, keep - 1) % 2 != 0;
}

/* Rounded, then without zeros at the end. */
static counts count_normal(const brio_decimal_parts *p)
{
    size_t n = p->n;
    int64_t exponent = p->exponent;
    if (n == 0)
        return count(1, 0);
    if (n > CONTEXT_DIGITS) {
        bool up = rounds_up(p, CONTEXT_DIGITS);
        exponent += (int64_t)(n - CONTEXT_DIGITS);
        n = CONTEXT_DIGITS;
        for (; up && n && brio_decimal_digit(p, n - 1) == 9; n--)
            exponent++;
        if (up)
            return n ? count(n, exponent) : count(1, exponent);
    }
    for (; n > 1 && brio_decimal_digit(p, n - 1) == 0; n--)
        exponent++;
    return count(n, exponent);
}

static int fail_limit(brio_input *in, const char *type, const char *key, uint64_t limit,
                      const char *what)
{
    brio_arena *arena = brio_input_arena(in);
    return brio_input_fail(in, type,
                           brio_printf(arena, "Decimal input should have no more than %llu %s",
                                       (unsigned long long)limit, what),
                           brio_printf(arena, "{\"%s\":%llu}", key, (unsigned long long)limit));
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static int check_digits(brio_input *in, brio_decimal value)
{
    uint64_t digits = brio_input_field(in)->max_digits,
             places = brio_input_field(in)->decimal_places;
    if (!digits && !places)
        return 0;
    brio_decimal_parts p = brio_decimal_split(value);
    counts as_is = count(p.shown, p.exponent), normal = count_normal(&p);
    if (digits && as_is.digits > digits && normal.digits > digits)
        return fail_limit(in, "decimal_max_digits", "max_digits", digits,
                          digits == 1 ? "digit in total" : "digits in total");
    if (places && as_is.places > places && normal.places > places)
        return fail_limit(in, "decimal_max_places", "decimal_places", places,
                          places == 1 ? "decimal place" : "decimal places");
    uint64_t whole = minus(digits, places);
    if (digits && places && minus(as_is.digits, as_is.places) > whole &&
        minus(normal.digits, normal.places) > whole)
        return fail_limit(in, "decimal_whole_digits", "whole_digits", whole,
                          whole == 1 ? "digit before the decimal point"
                                     : "digits before the decimal point");
    return 0;
}

/* ---- Bounds ------------------------------------------------------------------------------ */

static brio_decimal of_num(brio_arena *arena, const brio_num *num)
{
    brio_decimal value = {0};
    if (num->integral)
        return brio_decimal_from_i64(arena, num->i);
    int rc = brio_decimal_from_f64(arena, num->v, &value);
    BRIO_ASSERT(rc == 0);
    return value;
}

/* As FastAPI's encoder writes it: an integer if no digits are behind the point. */
static void put_number(brio_json_writer *w, brio_decimal value)
{
    brio_decimal_parts p = brio_decimal_split(value);
    if (p.exponent < 0) {
        brio_json_f64(w, brio_decimal_to_f64(value));
    } else if (p.n == 0) {
        brio_json_i64(w, 0);
    } else if (p.exponent == 0 || p.exponent > ZEROS_MAX) {
        brio_json_raw(w, value.text); /* its text is a JSON number too */
    } else {
        brio_buf digits = {0};
        for (size_t i = 0; i < p.n; i++)
            brio_buf_char(&digits, (char)('0' + brio_decimal_digit(&p, i)));
        for (int64_t i = 0; i < p.exponent; i++)
            brio_buf_char(&digits, '0');
        if (p.negative)
            brio_json_raw(w, BRIO_S("-"));
        if (p.negative)
            brio_buf_add(w->out, brio_buf_str(&digits));
        else
            brio_json_raw(w, brio_buf_str(&digits));
        w->out->failed |= digits.failed;
        brio_buf_fini(&digits);
    }
}

static brio_str number_text(brio_arena *arena, brio_decimal value)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    put_number(&w, value);
    brio_str text = brio_str_copy(arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    return text;
}

static int check_bounds(brio_input *in, brio_decimal value)
{
    const brio_field *f = brio_input_field(in);
    const brio_num *const nums[] = {&f->le, &f->lt, &f->ge, &f->gt};
    const char *const texts[] = {f->le_text, f->lt_text, f->ge_text, f->gt_text};
    brio_arena *arena = brio_input_arena(in);
    for (size_t i = 0; i < BRIO_TYPE_BOUNDS; i++) {
        brio_decimal bound = {0};
        if (nums[i]->set)
            bound = of_num(arena, nums[i]);
        else if (!texts[i] || brio_decimal_read(arena, brio_str_from(texts[i]), &bound))
            continue;
        if (!brio_type_is_within(i, brio_decimal_compare(value, bound)))
            return brio_type_fail_bound(in, i, bound.text, number_text(arena, bound));
    }
    return 0;
}

/* ---- Multiples ------------------------------------------------------------------------------ */

/* Is value / of a whole number? `of` has at most 18 digits. */
static bool is_multiple(const brio_decimal_parts *value, const brio_decimal_parts *of)
{
    brio_i128 divisor = 0, rest = 0;
    for (size_t i = 0; i < of->n; i++)
        divisor = divisor * 10 + brio_decimal_digit(of, i);
    BRIO_ASSERT(divisor > 0);
    int64_t zeros = value->exponent - of->exponent; /* behind the value's digits */
    size_t n = value->n;
    for (; zeros < 0 && n; zeros++)
        if (brio_decimal_digit(value, --n))
            return false;
    for (size_t i = 0; i < n; i++)
        rest = (rest * 10 + brio_decimal_digit(value, i)) % divisor;
    for (; zeros > 0 && rest; zeros--)
        rest = rest * 10 % divisor;
    return rest == 0;
}

static int check_multiple(brio_input *in, brio_decimal value)
{
    const brio_num *num = &brio_input_field(in)->multiple_of;
    if (!num->set)
        return 0;
    brio_arena *arena = brio_input_arena(in);
    brio_decimal of = of_num(arena, num);
    brio_decimal_parts p = brio_decimal_split(value), q = brio_decimal_split(of);
    if (p.exponent - q.exponent > ZEROS_MAX || is_multiple(&p, &q))
        return 0;
    return brio_input_fail(
        in, "multiple_of",
        brio_printf(arena, "Input should be a multiple of %.*s", BRIO_ARG(of.text)),
        brio_printf(arena, "{\"multiple_of\":%.*s}", BRIO_ARG(number_text(arena, of))));
}

/* ---- Reading -----------------------------------------------------------------------------------
 */

static brio_decimal_fault from_text(brio_input *in, brio_str text, brio_decimal *out)
{
    return brio_decimal_read(brio_input_arena(in), text, out);
}

static brio_decimal_fault from_float(brio_input *in, double value, brio_decimal *out)
{
    if (!isfinite(value))
        return BRIO_DECIMAL_NOT_FINITE;
    return brio_decimal_from_f64(brio_input_arena(in), value, out) < 0 ? BRIO_DECIMAL_SYNTAX
                                                                       : BRIO_DECIMAL_OK;
}

static int read_value(brio_input *in, const brio_json *value, brio_decimal *out)
{
    brio_decimal_fault fault = BRIO_DECIMAL_OK;
    bool fits = !brio_input_strict(in);
    if (value->type == BRIO_JSON_STR || value->type == BRIO_JSON_BIGINT)
        fault = from_text(in, value->str, out);
    else if (value->type == BRIO_JSON_INT)
        *out = brio_decimal_from_i64(brio_input_arena(in), value->integer);
    else if (value->type == BRIO_JSON_FLOAT)
        fault = from_float(in, value->number, out);
    else
        fits = false;
    if (!fits)
        return brio_type_fail(
            in, "decimal_type",
            "Decimal input should be an integer, float, string or Decimal object");
    if (fault == BRIO_DECIMAL_SYNTAX)
        return brio_type_fail(in, "decimal_parsing", "Input should be a valid decimal");
    if (fault == BRIO_DECIMAL_NOT_FINITE)
        return brio_type_fail(in, "finite_number", "Input should be a finite number");
    return 0;
}

static int read(brio_input *in, const brio_json *value, void *out)
{
    brio_decimal decimal = {0};
    int rc = read_value(in, value, &decimal);
    if (rc == 0)
        rc = check_digits(in, decimal);
    if (rc == 0)
        rc = check_multiple(in, decimal);
    if (rc == 0)
        rc = check_bounds(in, decimal);
    if (rc == 0)
        memcpy(out, &decimal, sizeof(decimal));
    return rc;
}

static void write(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    brio_decimal decimal = *(const brio_decimal *)value;
    if (plain)
        put_number(w, decimal);
    else
        brio_json_str(w, decimal.text.len ? decimal.text : BRIO_S("0"));
}

static int compare(const void *a, const void *b)
{
    return brio_decimal_compare(*(const brio_decimal *)a, *(const brio_decimal *)b);
}

/* ---- Schema
 * -------------------------------------------------------------------------------------- */

static void put_pattern(brio_json_writer *w, unsigned digits, unsigned places)
{
    char text[256];
    const char *begin = "^(?!^[-+.]*$)[+-]?0*";
    unsigned whole = digits > places ? digits - places : 0;
    int n;
    if (digits && places)
        n = snprintf(text, sizeof(text),
                     "%s(?:\\d{0,%u}|(?=[\\d.]{1,%u}0*$)\\d{0,%u}\\.\\d{0,%u}0*$)", begin, whole,
                     digits + 1, whole, places);
    else if (digits)
        n = snprintf(text, sizeof(text), "%s(?:\\d{0,%u}|(?=[\\d.]{1,%u}0*$)\\d*\\.\\d*0*$)", begin,
                     digits, digits + 1);
    else if (places)
        n = snprintf(text, sizeof(text), "%s\\d*\\.?\\d{0,%u}0*$", begin, places);
    else
        n = snprintf(text, sizeof(text), "%s\\d*\\.?\\d*$", begin);
    BRIO_ASSERT(n > 0 && (size_t)n < sizeof(text));
    brio_schema_text(w, "pattern", text);
}

static void put_bound(brio_json_writer *w, const char *key, const brio_num *num, const char *text)
{
    double value = 0;
    if (!num->set && !text)
        return;
    if (num->set)
        value = num->v;
    else if (brio_f64_parse(brio_str_from(text), &value) < 0)
        return;
    brio_json_key(w, brio_str_from(key));
    brio_json_f64(w, value);
}

static void put_string(brio_json_writer *w, const brio_field *f)
{
    brio_schema_text(w, "type", "string");
    put_pattern(w, f ? f->max_digits : 0, f ? f->decimal_places : 0);
}

static void put_number_branch(brio_json_writer *w, const brio_field *f)
{
    brio_json_begin(w, '{');
    brio_schema_text(w, "type", "number");
    if (f) {
        put_bound(w, "multipleOf", &f->multiple_of, NULL);
        put_bound(w, "maximum", &f->le, f->le_text);
        put_bound(w, "exclusiveMaximum", &f->lt, f->lt_text);
        put_bound(w, "minimum", &f->ge, f->ge_text);
        put_bound(w, "exclusiveMinimum", &f->gt, f->gt_text);
    }
    brio_json_end(w, '}');
}

static void schema(brio_json_writer *w, const brio_field *field, bool output)
{
    if (output) {
        put_string(w, field);
        return;
    }
    brio_json_key(w, BRIO_S("anyOf"));
    brio_json_begin(w, '[');
    put_number_branch(w, field);
    brio_json_begin(w, '{');
    put_string(w, field);
    brio_json_end(w, '}');
    brio_json_end(w, ']');
}

const brio_type brio_decimal_ops = {
    .read = read, .write = write, .schema = schema, .compare = compare, .label = "decimal"};
