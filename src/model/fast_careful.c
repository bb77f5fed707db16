/* SPDX-License-Identifier: MIT
 *
 * The fast reader's other half: strings and numbers that are not short and
 * plain, and values that nobody keeps. A skipped value is still checked to the last byte:
 * what is not JSON must never be accepted because nobody asked for it. */
#include "model/fast_scalar.h"

const char *brio_fast_string_careful(const brio_reader *r, const char *p, brio_str *ret, bool *high)
{
    brio_scan_fault fault;
    if (*p != '"')
        return NULL;
    *high = false;
    const char *behind = brio_json_read_string(r->arena, p + 1, r->end, ret, high, &fault);
    if (behind && *high && !brio_utf8_valid(brio_str_span(p, behind)))
        return NULL;
    *high |= behind && ret->ptr != p + 1; /* an escape may stand for more than one byte */
    return behind;
}

const char *brio_fast_f64_careful(const brio_reader *r, const char *p, double *ret)
{
    brio_json number;
    p = p < r->end ? brio_json_read_number(p, r->end, &number) : NULL;
    if (!p || number.type == BRIO_JSON_BIGINT)
        return NULL;
    *ret = number.type == BRIO_JSON_INT ? (double)number.integer : number.number;
    return p;
}

const char *brio_fast_f64_long(const brio_reader *r, const char *p, double *ret)
{
    bool negative = *p == '-';
    const char *digits = p + negative;
    uint32_t n, decimals;
    uint64_t whole = brio_fast_digits16(digits, &n);
    const char *behind = digits + n;
    if (n - 1 >= 15 || (*behind | 0x20) == 'e' || (n > 1 && *digits == '0'))
        return brio_fast_f64_careful(r, p, ret);
    if (*behind != '.') {
        *ret = (double)(negative ? -(int64_t)whole : (int64_t)whole);
        return behind;
    }
    uint64_t fraction = brio_fast_digits16(behind + 1, &decimals);
    behind += 1 + decimals;
    if (decimals - 1 >= 8 || n + decimals > 15 || (*behind | 0x20) == 'e')
        return brio_fast_f64_careful(r, p, ret);
    uint64_t scale = brio_fast_pow10[decimals];
    double value = (double)(int64_t)(whole * scale + fraction) / (double)(int64_t)scale;
    *ret = negative ? -value : value;
    return behind;
}

static const char *skip_string(const brio_reader *r, const char *p)
{
    brio_str ignored;
    bool high;
    if (brio_fast_has(r, p, BRIO_FAST_REACH))
        return brio_fast_string(r, p, &ignored, &high);
    return brio_fast_string_careful(r, p, &ignored, &high);
}

static const char *skip_number(const brio_reader *r, const char *p)
{
    brio_number_text number;
    if (!brio_number_split(p, r->end, &number))
        return NULL;
    if (!number.is_float && number.whole.len > BRIO_MODEL_INT_DIGITS_MAX)
        return NULL;
    return number.end;
}

/* Behind an item: to the next one, or behind the bracket. */
static const char *skip_comma(const brio_reader *r, const char *p, char close, bool *ret_done)
{
    p = brio_fast_space(r, p);
    char c = *p;
    *ret_done = c == close;
    if (c == close)
        return p + 1;
    return c == ',' ? brio_fast_space(r, p + 1) : NULL;
}

static const char *skip_key(const brio_reader *r, const char *p)
{
    p = skip_string(r, p);
    if (!p)
        return NULL;
    p = brio_fast_space(r, p);
    return *p == ':' ? p + 1 : NULL;
}

static const char *skip_items(brio_reader *r, const char *p, char close)
{
    for (bool done = false; p && !done;) {
        if (close == '}')
            p = skip_key(r, p);
        if (p)
            p = brio_fast_skip(r, p);
        if (p)
            p = skip_comma(r, p, close, &done);
    }
    return p;
}

static const char *skip_brackets(brio_reader *r, const char *p, char close)
{
    if (r->depth == BRIO_MODEL_DEPTH_MAX)
        return NULL;
    r->depth++;
    p = brio_fast_space(r, p + 1);
    p = *p == close ? p + 1 : skip_items(r, p, close);
    r->depth--;
    return p > r->end ? NULL : p; /* the last bracket is not ours */
}

const char *brio_fast_skip(brio_reader *r, const char *p)
{
    p = brio_fast_space(r, p);
    switch (*p) {
    case '"':
        return skip_string(r, p);
    case '{':
        return skip_brackets(r, p, '}');
    case '[':
        return skip_brackets(r, p, ']');
    case 't':
        return brio_fast_word(r, p, "true", 4);
    case 'f':
        return brio_fast_word(r, p, "false", 5);
    case 'n':
        return brio_fast_word(r, p, "null", 4);
    default:
        return skip_number(r, p);
    }
}
