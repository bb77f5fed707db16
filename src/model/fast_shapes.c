/* SPDX-License-Identifier: MIT
 *
 * The fast reader's shapes beside structs and lists: dictionaries of string
 * keys, tuples, strings of a few allowed values. As everywhere on this road,
 * what is not plain is declined, not judged: keys that are equal, a text that
 * is none of the values. */
#include "model/fast_scalar.h"

typedef struct list_header { /* every list and dict: {T *items; size_t len;} */
    char *items;
    size_t len;
} list_header;

enum { DICT_FIRST = 4 };

/* Behind an item: at the next one, or behind the bracket. */
static const char *to_next(const brio_reader *r, const char *p, char close, bool *ret_done)
{
    p = brio_fast_space(r, p);
    char c = *p;
    *ret_done = c == close;
    if (c == close)
        return p + 1;
    return c == ',' ? brio_fast_space(r, p + 1) : NULL;
}

/* The last bracket of the text is the outermost's alone. */
static const char *leave(brio_reader *r, const char *p)
{
    r->depth--;
    return p && (p <= r->end || r->depth == 0) ? p : NULL;
}

/* ---- Dictionaries -------------------------------------------------------------- */

static const char *read_entry(brio_reader *r, const char *p, const brio_plan *plan, char *entry)
{
    const brio_plan_field *key = &plan->fields[0], *value = &plan->fields[1];
    p = brio_fast_value(r, p, key, entry + key->offset);
    if (!p)
        return NULL;
    p = brio_fast_space(r, p);
    return *p == ':' ? brio_fast_value(r, p + 1, value, entry + value->offset) : NULL;
}

static const char *read_entries(brio_reader *r, const char *p, const brio_plan *plan,
                                list_header *dict, size_t most)
{
    size_t stride = plan->model->entry_size, cap = 0;
    for (bool done = false; p && !done;) {
        if (dict->len == most)
            return NULL;
        if (dict->len == cap) {
            cap = cap ? cap * 2 : DICT_FIRST;
            char *items = brio_calloc(r->arena, cap, stride);
            if (dict->len)
                memcpy(items, dict->items, dict->len * stride);
            dict->items = items;
        }
        p = read_entry(r, p, plan, dict->items + dict->len * stride);
        dict->len++;
        if (p)
            p = to_next(r, p, '}', &done);
    }
    return p;
}

static bool has_equal_keys(brio_arena *arena, const brio_plan *plan, const list_header *dict)
{
    size_t stride = plan->model->entry_size;
    const brio_plan_field *key = &plan->fields[0];
    const size_t *order = brio_values_sorted(arena, key, dict->items, dict->len, stride);
    for (size_t i = 1; i < dict->len; i++)
        if (brio_value_compare(key, dict->items + order[i - 1] * stride,
                               dict->items + order[i] * stride) == 0)
            return true;
    return false;
}

static const char *read_dict(brio_reader *r, const char *p, const brio_plan_field *field, void *out)
{
    const brio_plan *plan = brio_model_plan(field->model);
    list_header dict = {NULL, 0};
    if (*p != '{' || r->depth == BRIO_MODEL_DEPTH_MAX || plan->fields[0].fast != BRIO_KIND_STR)
        return NULL;
    r->depth++;
    p = brio_fast_space(r, p + 1);
    p = leave(r, *p == '}' ? p + 1 : read_entries(r, p, plan, &dict, field->bounds.len_max));
    if (!p || dict.len < field->bounds.len_min || has_equal_keys(r->arena, plan, &dict))
        return NULL;
    memcpy(out, &dict, sizeof dict);
    return p;
}

/* ---- Tuples --------------------------------------------------------------------- */

static const char *read_parts(brio_reader *r, const char *p, const brio_plan *plan, char *base)
{
    const brio_plan_field *part = plan->first;
    for (bool done = false; p && !done; part = part->next) {
        if (part == &brio_plan_no_field)
            return NULL;
        p = brio_fast_value(r, p, part, base + part->offset);
        if (p)
            p = to_next(r, p, ']', &done);
    }
    return part == &brio_plan_no_field ? p : NULL;
}

static const char *read_tuple(brio_reader *r, const char *p, const brio_plan_field *field,
                              void *out)
{
    const brio_plan *plan = brio_model_plan(field->model);
    if (*p != '[' || r->depth == BRIO_MODEL_DEPTH_MAX || field->strict)
        return NULL;
    r->depth++;
    if (plan->sparse)
        memset(out, 0, plan->model->size);
    return leave(r, read_parts(r, brio_fast_space(r, p + 1), plan, out));
}

/* ---- Scalars --------------------------------------------------------------------- */

static const char *read_literal(const brio_reader *r, const char *p, const brio_plan_field *field,
                                void *out)
{
    brio_str text;
    bool high;
    p = brio_fast_string_careful(r, p, &text, &high);
    for (uint32_t i = 0; p && i < field->n_literals; i++)
        if (field->literals[i].type == BRIO_JSON_STR && brio_str_eq(field->literals[i].str, text)) {
            memcpy(out, &text, sizeof text);
            return p;
        }
    return NULL;
}

const char *brio_fast_shape(brio_reader *r, const char *p, const brio_plan_field *field, void *out)
{
    switch ((int)field->fast) {
    case BRIO_KIND_DICT:
        return read_dict(r, p, field, out);
    case BRIO_KIND_TUPLE:
        return read_tuple(r, p, field, out);
    default:
        return field->plain_literal ? read_literal(r, p, field, out) : NULL;
    }
}
