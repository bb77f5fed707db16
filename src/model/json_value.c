/* SPDX-License-Identifier: MIT
 *
 * Looking at dynamic values. Numbers are compared as numbers (1 equals 1.0,
 * exactly: no integer is rounded on the way), objects as sets of members. */
#include "model/model_internal.h"

#include <math.h>

const brio_json *brio_json_get(const brio_json *object, brio_str key)
{
    if (object->type != BRIO_JSON_OBJECT)
        return NULL;
    for (uint32_t i = 0; i < object->n; i++)
        if (brio_str_eq(object->members[i].key, key))
            return &object->members[i].value;
    return NULL;
}

static bool int_equals_float(int64_t i, double f)
{
    const double limit = 9223372036854775808.0; /* 2^63 */
    return f >= -limit && f < limit && f == (double)(int64_t)f && (int64_t)f == i;
}

/* A double is a whole number past 2^53, so its digits can be written out. */
static bool bigint_equals_float(brio_str digits, double f)
{
    double value;
    if (!isfinite(f) || brio_f64_parse(digits, &value) != 0 || value != f)
        return false;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    bool same = brio_str_eq(brio_printf(&arena, "%.0f", f), digits);
    brio_arena_fini(&arena);
    return same;
}

static bool number_equals(const brio_json *a, const brio_json *b)
{
    if (a->type > b->type)
        return number_equals(b, a);
    if (a->type == b->type) {
        switch (a->type) {
        case BRIO_JSON_INT:
            return a->integer == b->integer;
        case BRIO_JSON_FLOAT:
            return a->number == b->number;
        default:
            return brio_str_eq(a->str, b->str);
        }
    }
    if (b->type != BRIO_JSON_FLOAT)
        return false; /* a big integer is one that is no int64_t */
    return a->type == BRIO_JSON_INT ? int_equals_float(a->integer, b->number)
                                    : bigint_equals_float(a->str, b->number);
}

static bool arrays_equal(const brio_json *a, const brio_json *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!brio_json_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* Members are usually in the same order, so look there first. */
static const brio_json *member_like(const brio_json *object, uint32_t hint, brio_str key)
{
    if (brio_str_eq(object->members[hint].key, key))
        return &object->members[hint].value;
    return brio_json_get(object, key);
}

static bool objects_equal(const brio_json *a, const brio_json *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        const brio_json *other = member_like(b, i, a->members[i].key);
        if (!other || !brio_json_equal(&a->members[i].value, other))
            return false;
    }
    return true;
}

static bool is_number(const brio_json *v)
{
    return v->type == BRIO_JSON_INT || v->type == BRIO_JSON_BIGINT || v->type == BRIO_JSON_FLOAT;
}

bool brio_json_equal(const brio_json *a, const brio_json *b)
{
    if (is_number(a) && is_number(b))
        return number_equals(a, b);
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case BRIO_JSON_BOOL:
        return a->boolean == b->boolean;
    case BRIO_JSON_STR:
    case BRIO_JSON_RAW:
        return brio_str_eq(a->str, b->str);
    case BRIO_JSON_ARRAY:
        return arrays_equal(a, b);
    case BRIO_JSON_OBJECT:
        return objects_equal(a, b);
    default:
        return true; /* null */
    }
}
