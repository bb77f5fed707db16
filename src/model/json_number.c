/* SPDX-License-Identifier: MIT
 *
 * The numbers of JSON as text. A number is the longest prefix that is one, as
 * in Python: what follows ("01", "1.") is the reader's to judge. Integers that
 * fit are int64_t, others keep their digits, everything with a fraction or an
 * exponent is a double. */
#include "model/json_scan.h"

#include <errno.h>

/* Exponents beyond it are all the same: infinite or zero whatever the digits,
 * unless the digits themselves are as many. */
#define EXPONENT_CLAMP INT64_C(1000000000000000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

static int64_t clamped_digits(const char *p, const char *end)
{
    int64_t value = 0;
    for (; p < end && value < EXPONENT_CLAMP; p++)
        value = value * 10 + (*p - '0');
    return value;
}

/* Sets the exponent if a whole one stands at `p`; returns what is behind. */
static const char *split_exponent(const char *p, const char *end, brio_number_text *ret)
{
    if (p == end || (*p | 0x20) != 'e')
        return p;
    const char *digits = p + 1;
    bool negative = digits < end && *digits == '-';
    if (digits < end && (*digits == '-' || *digits == '+'))
        digits++;
    const char *behind = skip_digits(digits, end);
    if (behind == digits)
        return p;
    int64_t value = clamped_digits(digits, behind);
    ret->exponent = negative ? -value : value;
    ret->is_float = true;
    return behind;
}

bool brio_number_split(const char *p, const char *end, brio_number_text *ret)
{
    *ret = (brio_number_text){.negative = p < end && *p == '-'};
    p += ret->negative;
    if (p == end || !is_digit(*p))
        return false;
    const char *behind = *p == '0' ? p + 1 : skip_digits(p, end);
    ret->whole = brio_str_span(p, behind);
    p = behind;
    if (end - p >= 2 && *p == '.' && is_digit(p[1])) {
        behind = skip_digits(p + 1, end);
        ret->fraction = brio_str_span(p + 1, behind);
        ret->is_float = true;
        p = behind;
    }
    ret->end = split_exponent(p, end, ret);
    return true;
}

/* False if the digits do not fit. */
static bool to_int(const brio_number_text *number, int64_t *ret)
{
    uint64_t most = (uint64_t)INT64_MAX + number->negative, value = 0;
    for (size_t i = 0; i < number->whole.len; i++) {
        uint64_t digit = (uint64_t)(number->whole.ptr[i] - '0');
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = (int64_t)(number->negative ? 0 - value : value);
    return true;
}

const char *brio_json_read_number(const char *p, const char *end, brio_json *ret)
{
    brio_number_text number;
    if (!brio_number_split(p, end, &number))
        return NULL;
    if (number.is_float)
        *ret = (brio_json){.type = BRIO_JSON_FLOAT, .number = brio_number_to_f64(&number)};
    else if (to_int(&number, &ret->integer))
        ret->type = BRIO_JSON_INT;
    else
        *ret = (brio_json){.type = BRIO_JSON_BIGINT, .str = brio_str_span(p, number.end)};
    ret->n = 0;
    return number.end;
}

int brio_f64_parse(brio_str s, double *ret)
{
    brio_number_text number;
    const char *end = s.ptr + s.len;
    if (s.len == 0 || !brio_number_split(s.ptr, end, &number) || number.end != end)
        return -EINVAL;
    *ret = brio_number_to_f64(&number);
    return 0;
}
