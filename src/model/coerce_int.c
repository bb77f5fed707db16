/* SPDX-License-Identifier: MIT
 *
 * Integers as pydantic reads them. From text: white space around, one sign,
 * leading zeros, single '_' between digits and a fraction of zeros only are
 * all fine; exponents and hexadecimal are not. From JSON: integers, booleans
 * and floats without a fraction.
 *
 * Values are kept in 128 bits until the constraints have spoken, so that a
 * number too large for the member reports the declared bound it breaks. Only
 * one that breaks none is reported as too large for the member itself
 * (docs/decisions/0002-integer-width.md). Nothing here allocates unless
 * something is wrong. */
#include "model/model_internal.h"

#include <math.h>

enum { WIDE_DIGITS = 38 }; /* always fit 127 bits */
#define WIDE_HUGE ((brio_i128)1 << 126)

static const double int64_past = 9223372036854775808.0; /* 2^63 */

brio_i128 brio_kind_min(brio_kind kind)
{
    switch ((int)kind) {
    case BRIO_KIND_I8:
        return INT8_MIN;
    case BRIO_KIND_I16:
        return INT16_MIN;
    case BRIO_KIND_I32:
        return INT32_MIN;
    case BRIO_KIND_I64:
        return INT64_MIN;
    default:
        return 0;
    }
}

brio_i128 brio_kind_max(brio_kind kind)
{
    switch ((int)kind) {
    case BRIO_KIND_I8:
        return INT8_MAX;
    case BRIO_KIND_I16:
        return INT16_MAX;
    case BRIO_KIND_I32:
        return INT32_MAX;
    case BRIO_KIND_I64:
        return INT64_MAX;
    case BRIO_KIND_U8:
        return UINT8_MAX;
    case BRIO_KIND_U16:
        return UINT16_MAX;
    case BRIO_KIND_U32:
        return UINT32_MAX;
    default:
        BRIO_ASSERT(kind == BRIO_KIND_U64);
        return UINT64_MAX;
    }
}

/* ---- Text ----------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Drops zeros in front, and '_' among them, but leaves one digit. */
static brio_str without_leading_zeros(brio_str s)
{
    size_t at = 0;
    while (at < s.len && (s.ptr[at] == '0' || s.ptr[at] == '_'))
        at++;
    bool digit_follows = at < s.len && is_digit(s.ptr[at]);
    return brio_str_slice(s, at - (at && !digit_follows), s.len);
}

/* Drops ".000"; any other fraction stays and will be refused as no digit. */
static brio_str without_zero_fraction(brio_str s)
{
    brio_str_pair parts = brio_str_cut(s, '.');
    if (!parts.found || !parts.tail.len)
        return s;
    for (size_t i = 0; i < parts.tail.len; i++)
        if (parts.tail.ptr[i] != '0')
            return s;
    return parts.head;
}

/* Digits with single '_' between them. */
static bool is_number(brio_str s)
{
    bool after_digit = false;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.ptr[i]) && !(s.ptr[i] == '_' && after_digit))
            return false;
        after_digit = is_digit(s.ptr[i]);
    }
    return after_digit;
}

static size_t count_digits(brio_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += is_digit(s.ptr[i]);
    return n;
}

static brio_wide wide_from_digits(brio_str digits, bool negative)
{
    brio_wide wide = {.value = WIDE_HUGE, .digits = digits};
    if (count_digits(digits) <= WIDE_DIGITS) {
        wide = (brio_wide){0};
        for (size_t i = 0; i < digits.len; i++)
            if (digits.ptr[i] != '_')
                wide.value = wide.value * 10 + (digits.ptr[i] - '0');
    }
    if (negative)
        wide.value = -wide.value;
    return wide;
}

static int fail_size(const brio_site *site)
{
    return brio_site_fail(
        site, "int_parsing_size",
        BRIO_S("Unable to parse input string as an integer, exceeded maximum size"), (brio_str){0});
}

/* pydantic's first look is at the raw text: if that starts as a number of too
 * many digits it says so, else what it refuses is no integer at all. */
static bool starts_too_long(brio_str text)
{
    size_t first = text.len && text.ptr[0] == '-', at = first;
    while (at < text.len && is_digit(text.ptr[at]))
        at++;
    return at - first > BRIO_MODEL_INT_DIGITS_MAX && text.ptr[first] != '0';
}

static int fail_text(const brio_site *site, brio_str text)
{
    if (starts_too_long(text))
        return fail_size(site);
    return brio_site_fail(
        site, "int_parsing",
        BRIO_S("Input should be a valid integer, unable to parse string as an integer"),
        (brio_str){0});
}

static int wide_from_text(const brio_site *site, brio_str text, brio_wide *ret)
{
    brio_str s = brio_trim_unicode(text);
    bool negative = s.len && s.ptr[0] == '-';
    if (negative || (s.len && s.ptr[0] == '+'))
        s = brio_str_slice(s, 1, s.len);
    if (!s.len || !is_digit(s.ptr[0]))
        return fail_text(site, text);
    s = without_zero_fraction(without_leading_zeros(s));
    if (!is_number(s) || count_digits(s) > BRIO_MODEL_INT_DIGITS_MAX)
        return fail_text(site, text);
    *ret = wide_from_digits(s, negative);
    return 0;
}

/* ---- JSON ----------------------------------------------------------------- */

static int wide_from_double(const brio_site *site, double number, brio_wide *ret)
{
    if (!isfinite(number))
        return brio_site_fail(site, "finite_number", BRIO_S("Input should be a finite number"),
                              (brio_str){0});
    if (number != trunc(number))
        return brio_site_fail(
            site, "int_from_float",
            BRIO_S("Input should be a valid integer, got a number with a fractional part"),
            (brio_str){0});
    if (!(fabs(number) < int64_past))
        return fail_size(site);
    *ret = (brio_wide){.value = (int64_t)number};
    return 0;
}

static int wide_from_bigint(const brio_site *site, brio_str text, brio_wide *ret)
{
    bool negative = text.len && text.ptr[0] == '-';
    brio_str digits = brio_str_slice(text, negative, text.len);
    if (digits.len > BRIO_MODEL_INT_DIGITS_MAX)
        return fail_size(site);
    *ret = wide_from_digits(digits, negative);
    return 0;
}

static int fail_type(const brio_site *site)
{
    return brio_site_fail(site, "int_type", BRIO_S("Input should be a valid integer"),
                          (brio_str){0});
}

static int wide_from_json(const brio_site *site, brio_wide *ret)
{
    const brio_json *input = site->input;
    switch ((int)input->type) {
    case BRIO_JSON_INT:
        *ret = (brio_wide){.value = input->integer};
        return 0;
    case BRIO_JSON_BOOL:
        *ret = (brio_wide){.value = input->boolean};
        return 0;
    case BRIO_JSON_BIGINT:
        return wide_from_bigint(site, input->str, ret);
    case BRIO_JSON_FLOAT:
        return wide_from_double(site, input->number, ret);
    case BRIO_JSON_STR:
        return wide_from_text(site, input->str, ret);
    default:
        return fail_type(site);
    }
}

/* Two's complement on both supported machines; the low bytes come first. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "int_store copies the low bytes");

static void int_store(void *out, brio_kind kind, brio_i128 value)
{
    memcpy(out, &value, brio_kind_size(kind));
}

int brio_coerce_int(const brio_site *site, void *out)
{
    brio_kind kind = (brio_kind)site->row->kind;
    brio_wide wide = {0};
    bool integer = site->input->type == BRIO_JSON_INT || site->input->type == BRIO_JSON_BIGINT;
    if (site->row->strict && !integer)
        return fail_type(site);
    int rc = wide_from_json(site, &wide);
    if (rc == 0 && site->row->bounded)
        rc = brio_constrain_int(site, &wide);
    if (rc < 0)
        return rc;
    if (wide.value < brio_kind_min(kind) || wide.value > brio_kind_max(kind))
        return fail_size(site);
    int_store(out, kind, wide.value);
    return 0;
}
