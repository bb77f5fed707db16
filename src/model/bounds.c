/* SPDX-License-Identifier: MIT
 *
 * The constraints of a row, folded into what the fast reader compares without
 * asking which of them are there: closed intervals of integers, doubles and
 * lengths. An interval that cannot be expressed is left empty, so that every
 * value takes the long road. The validator (constrain.c) keeps the rules
 * themselves; the intervals must mean exactly the same. */
#include "model/model_internal.h"

#include <float.h>
#include <math.h>

static bool is_int(brio_kind kind)
{
    return kind >= BRIO_KIND_I8 && kind <= BRIO_KIND_U64;
}

static int64_t clamp(brio_i128 value)
{
    return value < INT64_MIN ? INT64_MIN : value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* Beyond int64_t nothing is plain: uint64_t's upper half takes the long road. */
static void bound_int(brio_bounds *b, const brio_field *row, brio_kind kind)
{
    brio_i128 least = brio_kind_min(kind), most = brio_kind_max(kind);
    const struct {
        const brio_num *num;
        bool lower;
        int closed; /* added to make the bound part of the interval */
    } rules[] = {
        {&row->gt, true, 1}, {&row->ge, true, 0}, {&row->lt, false, -1}, {&row->le, false, 0}};
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (!rules[i].num->set)
            continue;
        brio_i128 bound = brio_num_integer(rules[i].num) + rules[i].closed;
        if (rules[i].lower)
            least = bound > least ? bound : least;
        else
            most = bound < most ? bound : most;
    }
    b->int_min = clamp(least);
    b->int_max = clamp(most);
    if (least > INT64_MAX || most < INT64_MIN || row->multiple_of.set)
        b->int_min = 1, b->int_max = 0;
}

/* The next double; no number is greater than infinity, and NaN lets none in. */
static double beyond(double bound, double direction)
{
    return isfinite(bound) ? nextafter(bound, direction) : NAN;
}

static void bound_float(brio_bounds *b, const brio_field *row)
{
    b->f64_min = row->ge.set ? row->ge.v : -HUGE_VAL;
    b->f64_max = row->le.set ? row->le.v : HUGE_VAL;
    if (row->gt.set) {
        double open = beyond(row->gt.v, HUGE_VAL);
        b->f64_min = open < b->f64_min ? b->f64_min : open;
    }
    if (row->lt.set) {
        double open = beyond(row->lt.v, -HUGE_VAL);
        b->f64_max = open > b->f64_max ? b->f64_max : open;
    }
    if (row->finite) {
        b->f64_min = b->f64_min < -DBL_MAX ? -DBL_MAX : b->f64_min;
        b->f64_max = b->f64_max > DBL_MAX ? DBL_MAX : b->f64_max;
    }
    if (row->multiple_of.set)
        b->f64_min = NAN;
}

brio_bounds brio_bounds_of(const brio_field *row, brio_kind kind)
{
    brio_bounds b = {.len_min = row->min_length,
                     .len_max = row->max_length ? row->max_length : SIZE_MAX};
    if (is_int(kind))
        bound_int(&b, row, kind);
    if (kind == BRIO_KIND_F32 || kind == BRIO_KIND_F64)
        bound_float(&b, row);
    return b;
}
