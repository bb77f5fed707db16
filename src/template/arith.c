/* SPDX-License-Identifier: MIT
 *
 * Operators of two sides, as Python computes them: / gives a float, // and %
 * go towards minus infinity, whole numbers beyond 64 bits become floats. Text
 * that is put together with safe text is escaped first. */
#include "template/template_internal.h"

#include <math.h>

static brio_tpl_value refuse(brio_tpl_run *run, const char *sign, const brio_tpl_value *a,
                             const brio_tpl_value *b)
{
    brio_tpl_fail(run, BRIO_EMODEL, "%s %s %s is not defined", brio_tpl_kind(a), sign,
                  brio_tpl_kind(b));
    return brio_tpl_undefined();
}

/* ---- Text and lists --------------------------------------------------------- */

static brio_tpl_value join_text(brio_tpl_run *run, const brio_tpl_value *a, const brio_tpl_value *b)
{
    bool safe = a->safe || b->safe;
    brio_str left = safe ? brio_tpl_escaped(run, a) : brio_tpl_text(run, a);
    brio_str right = safe ? brio_tpl_escaped(run, b) : brio_tpl_text(run, b);
    if (left.len + right.len > run->out->limit) {
        brio_tpl_fail(run, BRIO_ELIMIT, "a text of more than %zu bytes", run->out->limit);
        return brio_tpl_undefined();
    }
    char *text = brio_alloc_aligned(run->arena, left.len + right.len + 1, 1);
    if (left.len)
        memcpy(text, left.ptr, left.len);
    if (right.len)
        memcpy(text + left.len, right.ptr, right.len);
    brio_tpl_value v = brio_tpl_of_str((brio_str){text, left.len + right.len});
    v.safe = safe;
    return v;
}

static brio_tpl_value join_lists(brio_tpl_run *run, const brio_json *a, const brio_json *b)
{
    brio_tpl_value list = brio_tpl_list(run->arena, (size_t)a->n + b->n);
    if (a->n)
        memcpy(list.json.items, a->items, a->n * sizeof *a->items);
    if (b->n)
        memcpy(list.json.items + a->n, b->items, b->n * sizeof *b->items);
    return list;
}

/* ---- Numbers ------------------------------------------------------------------ */

static bool whole(const brio_json *j, int64_t *ret)
{
    *ret = j->type == BRIO_JSON_BOOL ? j->boolean : j->type == BRIO_JSON_INT ? j->integer : 0;
    return j->type == BRIO_JSON_BOOL || j->type == BRIO_JSON_INT;
}

static bool power(int64_t base, int64_t exponent, int64_t *ret)
{
    int64_t result = 1;
    if (exponent < 0 || exponent > 64)
        return false;
    for (; exponent > 0; exponent--)
        if (__builtin_mul_overflow(result, base, &result))
            return false;
    *ret = result;
    return true;
}

/* False: it does not fit, or is no whole number; `b` is not 0 where it divides. */
static bool of_whole(brio_tpl_op op, int64_t a, int64_t b, int64_t *ret)
{
    bool edge = a == INT64_MIN && b == -1;
    switch (op) {
    case BRIO_TPL_ADD:
        return !__builtin_add_overflow(a, b, ret);
    case BRIO_TPL_SUB:
        return !__builtin_sub_overflow(a, b, ret);
    case BRIO_TPL_MUL:
        return !__builtin_mul_overflow(a, b, ret);
    case BRIO_TPL_FLOOR:
        *ret = edge ? 0 : a / b - (a % b != 0 && (a % b < 0) != (b < 0));
        return !edge;
    case BRIO_TPL_MOD:
        *ret = edge ? 0 : a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0);
        return true;
    case BRIO_TPL_POW:
        return power(a, b, ret);
    default:
        return false;
    }
}

static double of_floats(brio_tpl_op op, double a, double b)
{
    switch (op) {
    case BRIO_TPL_ADD:
        return a + b;
    case BRIO_TPL_SUB:
        return a - b;
    case BRIO_TPL_MUL:
        return a * b;
    case BRIO_TPL_DIV:
        return a / b;
    case BRIO_TPL_FLOOR:
        return floor(a / b);
    case BRIO_TPL_MOD:
        return a - b * floor(a / b);
    default:
        return pow(a, b);
    }
}

static brio_tpl_value numbers(brio_tpl_run *run, brio_tpl_op op, const brio_json *a,
                              const brio_json *b)
{
    int64_t x, y, result;
    bool divides = op == BRIO_TPL_DIV || op == BRIO_TPL_FLOOR || op == BRIO_TPL_MOD;
    if (divides && brio_tpl_number(b) == 0) {
        brio_tpl_fail(run, BRIO_EMODEL, "division by zero");
        return brio_tpl_undefined();
    }
    bool first = whole(a, &x), both = whole(b, &y) && first;
    if (both && of_whole(op, x, y, &result))
        return brio_tpl_of_int(result);
    return brio_tpl_of_float(of_floats(op, brio_tpl_number(a), brio_tpl_number(b)));
}

/* ---- Comparisons and membership ------------------------------------------------ */

static bool contains(brio_tpl_run *run, const brio_tpl_value *in, const brio_tpl_value *v)
{
    if (in->json.type == BRIO_JSON_STR && v->json.type == BRIO_JSON_STR)
        return brio_str_find(in->json.str, v->json.str) >= 0;
    if (in->json.type == BRIO_JSON_OBJECT)
        return v->json.type == BRIO_JSON_STR && brio_json_get(&in->json, v->json.str);
    brio_tpl_value items = brio_tpl_items(run, in);
    for (uint32_t i = 0; i < items.json.n; i++) {
        brio_tpl_value item = brio_tpl_of(items.json.items[i]);
        if (brio_tpl_equal(&item, v))
            return true;
    }
    return false;
}

static bool compares(brio_tpl_run *run, brio_tpl_op op, const brio_tpl_value *a,
                     const brio_tpl_value *b)
{
    if (op == BRIO_TPL_EQ || op == BRIO_TPL_NE)
        return brio_tpl_equal(a, b) == (op == BRIO_TPL_EQ);
    if (op == BRIO_TPL_IN || op == BRIO_TPL_NOT_IN)
        return contains(run, b, a) == (op == BRIO_TPL_IN);
    int order = brio_tpl_compare(run, &a->json, &b->json);
    return op == BRIO_TPL_LT   ? order < 0
           : op == BRIO_TPL_LE ? order <= 0
           : op == BRIO_TPL_GT ? order > 0
                               : order >= 0;
}

brio_tpl_value brio_tpl_binary(brio_tpl_run *run, brio_tpl_op op, brio_tpl_value a,
                               brio_tpl_value b)
{
    static const char *const signs[] = {"~", "+", "-", "*", "/", "//", "%", "**"};
    if (op <= BRIO_TPL_NOT_IN)
        return brio_tpl_of_bool(compares(run, op, &a, &b));
    if (op == BRIO_TPL_JOIN)
        return join_text(run, &a, &b);
    if (op == BRIO_TPL_ADD && a.json.type == BRIO_JSON_STR && b.json.type == BRIO_JSON_STR)
        return join_text(run, &a, &b);
    if (op == BRIO_TPL_ADD && a.json.type == BRIO_JSON_ARRAY && b.json.type == BRIO_JSON_ARRAY)
        return join_lists(run, &a.json, &b.json);
    if (!brio_tpl_is_number(&a.json) || !brio_tpl_is_number(&b.json))
        return refuse(run, signs[op - BRIO_TPL_JOIN], &a, &b);
    return numbers(run, op, &a.json, &b.json);
}
