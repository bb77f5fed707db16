/* SPDX-License-Identifier: MIT
 *
 * An order of C values by their rows, for what must be distinct: items of sets
 * and keys of dicts. Values compare equal exactly when Python would call them
 * equal; which is less is of no meaning. Types with an order of their own
 * bring it, others are compared as the text they are written as. */
#include "model/model_internal.h"

#include <math.h>

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* NaN equals nothing, so each stays: all of them are the least, by address. */
static int compare_f64(double a, double b, const void *at_a, const void *at_b)
{
    if (isnan(a) || isnan(b)) {
        int order = (int)isnan(b) - (int)isnan(a);
        return order ? order : compare_i64((int64_t)(uintptr_t)at_a, (int64_t)(uintptr_t)at_b);
    }
    return (a > b) - (a < b);
}

static int64_t load_signed(const void *at, size_t size)
{
    int64_t value = 0;
    memcpy(&value, at, size);
    unsigned shift = (unsigned)(64 - 8 * size);
    return (int64_t)((uint64_t)value << shift) >> shift;
}

static int compare_floats(const brio_plan_field *row, const void *a, const void *b)
{
    double x, y;
    if (row->size == sizeof x) {
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
    } else {
        float f, g;
        memcpy(&f, a, sizeof f);
        memcpy(&g, b, sizeof g);
        x = (double)f;
        y = (double)g;
    }
    return compare_f64(x, y, a, b);
}

static int compare_str(const void *a, const void *b)
{
    return brio_str_compare(*(const brio_str *)a, *(const brio_str *)b);
}

/* Of types without an order, and of what is no scalar. */
static int compare_texts(const brio_plan_field *row, const void *a, const void *b)
{
    brio_buf x = {0}, y = {0};
    const brio_model *model = row->model ? row->model : brio_json_model();
    int failed = brio_encode(&x, model, a, NULL) | brio_encode(&y, model, b, NULL);
    int order = failed ? compare_i64((int64_t)(uintptr_t)a, (int64_t)(uintptr_t)b)
                       : brio_str_compare(brio_buf_str(&x), brio_buf_str(&y));
    brio_buf_fini(&x);
    brio_buf_fini(&y);
    return order;
}

static int compare_parts(const brio_plan_field *row, const void *a, const void *b)
{
    const brio_plan *plan = brio_model_plan(row->model);
    int order = 0;
    for (size_t i = 0; i < plan->n && order == 0; i++) {
        const brio_plan_field *part = &plan->fields[i];
        if (part->member)
            order = brio_value_compare(part, (const char *)a + part->offset,
                                       (const char *)b + part->offset);
    }
    return order;
}

static int compare_unions(const brio_plan_field *row, const void *a, const void *b)
{
    const brio_plan *plan = brio_model_plan(row->model);
    int which_a, which_b;
    memcpy(&which_a, a, sizeof which_a);
    memcpy(&which_b, b, sizeof which_b);
    if (which_a != which_b)
        return compare_i64(which_a, which_b);
    BRIO_ASSERT((size_t)which_a < plan->n);
    const brio_plan_field *part = &plan->fields[which_a];
    return brio_value_compare(part, (const char *)a + part->offset, (const char *)b + part->offset);
}

/* ORDER KIND */
static int compare_present(const brio_plan_field *row, const void *a, const void *b)
{
    switch ((brio_kind)row->kind) {
    case BRIO_KIND_BOOL:
    case BRIO_KIND_I8:
    case BRIO_KIND_I16:
    case BRIO_KIND_I32:
    case BRIO_KIND_I64:
    case BRIO_KIND_U8:
    case BRIO_KIND_U16:
    case BRIO_KIND_U32:
    case BRIO_KIND_U64:
    case BRIO_KIND_ENUM:
        return compare_i64(load_signed(a, row->size), load_signed(b, row->size));
    case BRIO_KIND_F32:
    case BRIO_KIND_F64:
        return compare_floats(row, a, b);
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
        return compare_str(a, b);
    case BRIO_KIND_NONE:
        return 0;
    case BRIO_KIND_TYPE:
        return row->model->type->compare ? row->model->type->compare(a, b)
                                         : compare_texts(row, a, b);
    case BRIO_KIND_TUPLE:
        return compare_parts(row, a, b);
    case BRIO_KIND_UNION:
        return compare_unions(row, a, b);
    case BRIO_KIND_JSON:
    case BRIO_KIND_STRUCT:
    case BRIO_KIND_LIST:
    case BRIO_KIND_DICT:
    case BRIO_KIND_MODEL:
        break;
    }
    return compare_texts(row, a, b);
}

int brio_value_compare(const brio_plan_field *row, const void *a, const void *b)
{
    if (row->nullable) {
        memcpy(&a, a, sizeof a);
        memcpy(&b, b, sizeof b);
        if (!a || !b)
            return (a != NULL) - (b != NULL);
    }
    return compare_present(row, a, b);
}

/* ---- Sorting ------------------------------------------------------------------- */

typedef struct sorting {
    const brio_plan_field *row;
    const char *values;
    size_t stride;
} sorting;

static bool is_behind(const sorting *s, size_t a, size_t b)
{
    return brio_value_compare(s->row, s->values + a * s->stride, s->values + b * s->stride) > 0;
}

/* Two runs, each in order, into one; of equal ones the left comes first. */
static void merge(const sorting *s, const size_t *from, size_t *to, size_t middle, size_t n)
{
    size_t left = 0, right = middle;
    for (size_t i = 0; i < n; i++) {
        bool take_right = left == middle || (right < n && is_behind(s, from[left], from[right]));
        to[i] = from[take_right ? right++ : left++];
    }
}

size_t *brio_values_sorted(brio_arena *arena, const brio_plan_field *row, const void *values,
                           size_t n, size_t stride)
{
    sorting s = {row, values, stride};
    size_t *from = BRIO_NEW_ARRAY(arena, size_t, n), *to = BRIO_NEW_ARRAY(arena, size_t, n);
    for (size_t i = 0; i < n; i++)
        from[i] = i;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t at = 0; at < n; at += 2 * run) {
            size_t both = n - at < 2 * run ? n - at : 2 * run;
            merge(&s, from + at, to + at, both < run ? both : run, both);
        }
        size_t *other = from;
        from = to;
        to = other;
    }
    return from;
}
