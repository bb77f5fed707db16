/* SPDX-License-Identifier: MIT
 *
 * Floats as pydantic reads them: what Rust's float parser takes, which is
 * decimal notation with anything missing on one side of the point, `inf`,
 * `infinity` and `nan` in any case, white space around, or '_' between but
 * then no white space. From JSON: floats, integers, booleans. Out of range
 * text is infinite, an out of range JSON integer is no float.
 *
 * The digits themselves are read by brio_f64_parse, correctly rounded. */
#include "model/model_internal.h"
#include "model/type_internal.h"

#include <math.h>

static const brio_str no_ctx = {0};

/* ---- Text of numbers ------------------------------------------------------ */

/* Unicode's White_Space property. */
static bool is_space(uint32_t code)
{
    if (code <= 0x20)
        return code == 0x20 || (code >= 0x09 && code <= 0x0D);
    return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
           code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

static bool is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* The code point that s[0..n) is, or 0; white space needs three bytes at most. */
static uint32_t decode(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    if (n == 1 && p[0] < 0x80)
        return p[0];
    if (n == 2 && (p[0] & 0xE0) == 0xC0 && is_tail(p[1]))
        return (uint32_t)((p[0] & 0x1F) << 6 | (p[1] & 0x3F));
    if (n == 3 && (p[0] & 0xF0) == 0xE0 && is_tail(p[1]) && is_tail(p[2]))
        return (uint32_t)((p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F));
    return 0;
}

static size_t space_in_front(brio_str s)
{
    for (size_t n = 1; n <= 3 && n <= s.len; n++)
        if (is_space(decode(s.ptr, n)))
            return n;
    return 0;
}

static size_t space_at_end(brio_str s)
{
    for (size_t n = 1; n <= 3 && n <= s.len; n++)
        if (is_space(decode(s.ptr + s.len - n, n)))
            return n;
    return 0;
}

brio_str brio_trim_unicode(brio_str s)
{
    for (size_t n = 1; n;) {
        n = space_in_front(s);
        s = brio_str_slice(s, n, s.len);
    }
    for (size_t n = 1; n;) {
        n = space_at_end(s);
        s.len -= n;
    }
    return s;
}

/* U+001C to U+001F are separators of information; Python strips them too. */
static bool is_separator(char c)
{
    return c >= 0x1C && c <= 0x1F;
}

brio_str brio_trim_python_end(brio_str s)
{
    for (size_t n = 1; n;) {
        n = s.len && is_separator(s.ptr[s.len - 1]) ? 1 : space_at_end(s);
        s.len -= n;
    }
    return s;
}

brio_str brio_trim_python(brio_str s)
{
    for (size_t n = 1; n;) {
        n = s.len && is_separator(s.ptr[0]) ? 1 : space_in_front(s);
        s = brio_str_slice(s, n, s.len);
    }
    return brio_trim_python_end(s);
}

/* ---- Float ---------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_end(brio_str s, size_t at)
{
    while (at < s.len && is_digit(s.ptr[at]))
        at++;
    return at;
}

/* True if s[at..] is nothing, or an exponent with digits. */
static bool is_exponent(brio_str s, size_t at)
{
    if (at == s.len)
        return true;
    if (brio_lower(s.ptr[at]) != 'e')
        return false;
    at++;
    if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-'))
        at++;
    return at < s.len && digits_end(s, at) == s.len;
}

/* 1, 1., .5, 1.5, 1e3; `s` has no sign. */
static bool is_decimal(brio_str s)
{
    size_t whole = digits_end(s, 0), end = whole;
    if (whole < s.len && s.ptr[whole] == '.') {
        end = digits_end(s, whole + 1);
        if (end == 1)
            return false;
    }
    return end > 0 && is_exponent(s, end);
}

/* To JSON's form: a digit on both sides of the point, no zeros in front. */
static double decimal_value(brio_arena *arena, brio_str s)
{
    while (s.len > 1 && s.ptr[0] == '0' && is_digit(s.ptr[1]))
        s = brio_str_slice(s, 1, s.len);
    double value = 0;
    if (brio_f64_parse(s, &value) == 0)
        return value;
    size_t whole = digits_end(s, 0), point = whole < s.len && s.ptr[whole] == '.';
    size_t fraction = digits_end(s, whole + point);
    brio_str tail = brio_str_slice(s, fraction, s.len);
    brio_str text = brio_printf(arena, "%s%.*s.%.*s%s%.*s", whole ? "" : "0", (int)whole, s.ptr,
                                (int)(fraction - whole - point), s.ptr + whole + point,
                                fraction == whole + point ? "0" : "", BRIO_ARG(tail));
    int rc = brio_f64_parse(text, &value);
    BRIO_ASSERT(rc == 0);
    return value;
}

/* Without white space and '_'. */
bool brio_float_read(brio_arena *arena, brio_str s, double *ret)
{
    bool negative = s.len && s.ptr[0] == '-';
    if (s.len && (negative || s.ptr[0] == '+'))
        s = brio_str_slice(s, 1, s.len);
    if (is_decimal(s))
        *ret = decimal_value(arena, s);
    else if (brio_str_eq_nocase(s, BRIO_S("inf")) || brio_str_eq_nocase(s, BRIO_S("infinity")))
        *ret = INFINITY;
    else if (brio_str_eq_nocase(s, BRIO_S("nan")))
        *ret = NAN;
    else
        return false;
    *ret = negative ? -*ret : *ret;
    return true;
}

/* Without '_'; empty if one is at an end or beside another. */
static brio_str without_underscores(brio_arena *arena, brio_str s)
{
    char *out = brio_alloc_aligned(arena, s.len + 1, 1);
    size_t n = 0;
    bool at_gap = true;
    for (size_t i = 0; i < s.len; i++) {
        bool gap = s.ptr[i] == '_';
        if (gap && at_gap)
            return (brio_str){0};
        if (!gap)
            out[n++] = s.ptr[i];
        at_gap = gap;
    }
    return at_gap ? (brio_str){0} : (brio_str){out, n};
}

/* Text with '_' is not trimmed: pydantic does not either. */
static int float_from_text(const brio_site *site, double *ret)
{
    brio_arena *arena = site->problems->arena;
    brio_str text = site->input->str;
    if (brio_float_read(arena, brio_trim_unicode(text), ret))
        return 0;
    if (text.len && memchr(text.ptr, '_', text.len) &&
        brio_float_read(arena, without_underscores(arena, text), ret))
        return 0;
    return brio_site_fail(
        site, "float_parsing",
        BRIO_S("Input should be a valid number, unable to parse string as a number"), no_ctx);
}

static int fail_type(const brio_site *site)
{
    return brio_site_fail(site, "float_type", BRIO_S("Input should be a valid number"), no_ctx);
}

static int float_from_json(const brio_site *site, double *ret)
{
    const brio_json *input = site->input;
    switch ((int)input->type) {
    case BRIO_JSON_FLOAT:
        *ret = input->number;
        return 0;
    case BRIO_JSON_INT:
        *ret = (double)input->integer;
        return 0;
    case BRIO_JSON_BOOL:
        *ret = input->boolean;
        return 0;
    case BRIO_JSON_STR:
        return float_from_text(site, ret);
    case BRIO_JSON_BIGINT:
        if (brio_f64_parse(input->str, ret) == 0 && isfinite(*ret))
            return 0;
        break;
    default:
        break;
    }
    return fail_type(site);
}

static void float_store(void *out, brio_kind kind, double value)
{
    float single = (float)value;
    if (kind == BRIO_KIND_F32)
        memcpy(out, &single, sizeof single);
    else
        memcpy(out, &value, sizeof value);
}

int brio_coerce_float(const brio_site *site, void *out)
{
    double value = 0;
    brio_json_type type = site->input->type;
    if (site->row->strict && (type == BRIO_JSON_STR || type == BRIO_JSON_BOOL))
        return fail_type(site);
    int rc = float_from_json(site, &value);
    if (rc == 0 && site->row->row->finite && !isfinite(value))
        return brio_site_fail(site, "finite_number", BRIO_S("Input should be a finite number"),
                              no_ctx);
    if (rc == 0 && site->row->bounded)
        rc = brio_constrain_float(site, value);
    if (rc == 0)
        float_store(out, (brio_kind)site->row->kind, value);
    return rc;
}
