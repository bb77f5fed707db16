/* SPDX-License-Identifier: MIT
 *
 * Arrays and dictionaries: lists, sets, tuples and objects of any keys, one
 * part after the other, every wrong one reported. Equal items of a set and
 * equal keys of a dict are found by sorting, so no input, however chosen,
 * costs more than n log n. Reading order stays: the first of equal items, the
 * last value of equal keys, as Python's. */
#include "model/model_internal.h"

typedef struct list_header { /* every list: {T *items; size_t len;} */
    char *items;
    size_t len;
} list_header;

static const brio_str no_ctx = {0};

static size_t stride_of(const brio_plan_field *item)
{
    return item->nullable ? sizeof(void *) : item->size;
}

/* ---- Arrays ---------------------------------------------------------------- */

typedef struct array_words { /* ORDER COLLECTION */
    const char *type, *msg, *what;
} array_words;

static const array_words words[] = {
    [BRIO_AS_LIST] = {"list_type", "Input should be a valid list", "List"},
    [BRIO_SET] = {"set_type", "Input should be a valid set", "Set"},
    [BRIO_FROZENSET] = {"frozen_set_type", "Input should be a valid frozenset", "Frozenset"},
    [BRIO_TUPLE_OF] = {"tuple_type", "Input should be a valid tuple", "Tuple"},
};

/* Items that fail are left out, so that what is there can be compared. */
static int read_all(const brio_site *site, list_header *out)
{
    const brio_plan_field *item = &brio_model_plan(site->row->model)->fields[0];
    size_t n = site->input->n, stride = stride_of(item);
    *out = (list_header){brio_calloc(site->problems->arena, n, stride), 0};
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        brio_loc loc = {.up = site->loc, .index = (int64_t)i, .is_index = true};
        brio_site at = brio_site_in(site, item, &loc, &site->input->items[i]);
        if (brio_read_value(&at, out->items + out->len * stride) < 0)
            rc = BRIO_EINVALID;
        else
            out->len++;
    }
    return rc;
}

/* Marks each item that equals an earlier one, and returns how many do not. */
static size_t mark_repeated(brio_arena *arena, const brio_plan_field *item, const list_header *list,
                            bool *repeated)
{
    size_t stride = stride_of(item), distinct = list->len;
    const size_t *order = brio_values_sorted(arena, item, list->items, list->len, stride);
    for (size_t i = 1; i < list->len; i++) {
        const char *before = list->items + order[i - 1] * stride;
        if (brio_value_compare(item, before, list->items + order[i] * stride) != 0)
            continue;
        repeated[order[i]] = true;
        distinct--;
    }
    return distinct;
}

void brio_drop_repeated(brio_arena *arena, const brio_plan_field *list, char *items, size_t *len)
{
    const brio_plan_field *item = &brio_model_plan(list->model)->fields[0];
    size_t stride = stride_of(item), kept = 0;
    if (list->as == BRIO_AS_LIST || list->as == BRIO_TUPLE_OF || *len < 2)
        return;
    bool *repeated = BRIO_NEW_ARRAY(arena, bool, *len);
    list_header all = {items, *len};
    if (mark_repeated(arena, item, &all, repeated) == *len)
        return;
    for (size_t i = 0; i < *len; i++)
        if (!repeated[i]) {
            if (kept != i)
                memcpy(items + kept * stride, items + i * stride, stride);
            kept++;
        }
    *len = kept;
}

/* Too many items hide what is wrong with them: pydantic stops there. */
static int read_set(const brio_site *site, list_header *out, const char *what)
{
    brio_problems_mark mark = brio_problems_marked(site->problems);
    int rc = read_all(site, out);
    brio_drop_repeated(site->problems->arena, site->row, out->items, &out->len);
    size_t most = site->row->row->max_length;
    if (most && out->len > most) {
        brio_problems_rewind(site->problems, mark);
        return brio_constrain_max_distinct(site, out->len, what);
    }
    return rc < 0 ? rc : brio_constrain_min_items(site, out->len, what);
}

/* A tuple counts the items that fit, and says too few whatever else is wrong. */
static int read_tuple_of(const brio_site *site, list_header *out, const char *what)
{
    brio_problems_mark mark = brio_problems_marked(site->problems);
    int rc = read_all(site, out);
    size_t most = site->row->row->max_length;
    if (most && out->len > most) {
        brio_problems_rewind(site->problems, mark);
        return brio_constrain_max_items(site, site->input->n, what);
    }
    int rc_length = brio_constrain_min_items(site, out->len, what);
    return rc < 0 ? rc : rc_length;
}

static int read_plain(const brio_site *site, list_header *out, const char *what)
{
    int rc = brio_constrain_max_items(site, site->input->n, what);
    if (rc == 0)
        rc = read_all(site, out);
    return rc < 0 ? rc : brio_constrain_min_items(site, out->len, what);
}

int brio_read_list(const brio_site *site, void *out)
{
    const array_words *w = &words[site->row->as];
    list_header list = {0};
    if (site->input->type != BRIO_JSON_ARRAY || (site->row->strict && site->row->as))
        return brio_site_fail(site, w->type, brio_str_from(w->msg), no_ctx);
    int rc = site->row->as == BRIO_AS_LIST    ? read_plain(site, &list, w->what)
             : site->row->as == BRIO_TUPLE_OF ? read_tuple_of(site, &list, w->what)
                                              : read_set(site, &list, w->what);
    memcpy(out, &list, sizeof list);
    return rc;
}

/* ---- Tuples ------------------------------------------------------------------ */

static int read_part(const brio_site *site, const brio_plan_field *row, size_t i, void *base)
{
    brio_loc loc = {.up = site->loc, .index = (int64_t)i, .is_index = true};
    bool there = i < site->input->n;
    brio_site at = brio_site_in(site, row, &loc, there ? &site->input->items[i] : site->input);
    if (there)
        return brio_read_value(&at, (char *)base + row->offset);
    return brio_site_fail(&at, "missing", BRIO_S("Field required"), no_ctx);
}

static int fail_long_tuple(const brio_site *site, size_t most)
{
    brio_arena *arena = site->problems->arena;
    return brio_site_fail(
        site, "too_long",
        brio_printf(arena, "Tuple should have at most %zu item%s after validation, not %u", most,
                    most == 1 ? "" : "s", site->input->n),
        brio_printf(arena, "{\"field_type\":\"Tuple\",\"max_length\":%zu,\"actual_length\":%u}",
                    most, site->input->n));
}

int brio_read_tuple(const brio_site *site, void *out)
{
    const brio_plan *plan = brio_model_plan(site->row->model);
    const array_words *w = &words[BRIO_TUPLE_OF];
    if (site->input->type != BRIO_JSON_ARRAY || site->row->strict)
        return brio_site_fail(site, w->type, brio_str_from(w->msg), no_ctx);
    size_t members = (size_t)__builtin_popcountll(plan->members), part = 0;
    if (site->input->n > members)
        return fail_long_tuple(site, members);
    memset(out, 0, plan->model->size);
    int rc = 0;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->fields[i].member && read_part(site, &plan->fields[i], part++, out) < 0)
            rc = BRIO_EINVALID;
    return rc;
}

/* ---- Dictionaries ------------------------------------------------------------- */

static int read_entry(const brio_site *site, const brio_plan *plan, const brio_json_member *member,
                      char *entry)
{
    const brio_plan_field *key = &plan->fields[0], *value = &plan->fields[1];
    brio_json name = brio_json_from_str(member->key);
    brio_loc loc = {.up = site->loc, .name = member->key};
    brio_loc key_loc = {.up = &loc, .name = BRIO_S("[key]")};
    brio_site at_key = brio_site_in(site, key, &key_loc, &name);
    brio_site at_value = brio_site_in(site, value, &loc, &member->value);
    int rc = brio_read_value(&at_key, entry + key->offset);
    int rc_value = brio_read_value(&at_value, entry + value->offset);
    return rc < 0 ? rc : rc_value;
}

/* Keys that differ as text may be equal as values: "1" and "01". The first
 * place stays, the last value counts. */
static void drop_equal_keys(brio_arena *arena, const brio_plan *plan, list_header *dict)
{
    const brio_plan_field *key = &plan->fields[0], *value = &plan->fields[1];
    size_t stride = plan->model->entry_size, kept = 0;
    bool *repeated = BRIO_NEW_ARRAY(arena, bool, dict->len);
    const size_t *order = brio_values_sorted(arena, key, dict->items, dict->len, stride);
    for (size_t i = 1, first = 0; i < dict->len; i++) {
        char *a = dict->items + order[first] * stride, *b = dict->items + order[i] * stride;
        if (brio_value_compare(key, a, b) != 0) {
            first = i;
            continue;
        }
        memcpy(a + value->offset, b + value->offset, stride - value->offset);
        repeated[order[i]] = true;
    }
    for (size_t i = 0; i < dict->len; i++)
        if (!repeated[i])
            memmove(dict->items + kept++ * stride, dict->items + i * stride, stride);
    dict->len = kept;
}

static int read_entries(const brio_site *site, const brio_plan *plan, list_header *out)
{
    size_t stride = plan->model->entry_size, n = site->input->n;
    *out = (list_header){brio_calloc(site->problems->arena, n, stride), n};
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        if (read_entry(site, plan, &site->input->members[i], out->items + i * stride) < 0)
            rc = BRIO_EINVALID;
    return rc;
}

int brio_read_dict(const brio_site *site, void *out)
{
    const brio_plan *plan = brio_model_plan(site->row->model);
    list_header dict;
    if (site->input->type != BRIO_JSON_OBJECT)
        return brio_site_fail(site, "dict_type", BRIO_S("Input should be a valid dictionary"),
                              no_ctx);
    int rc = read_entries(site, plan, &dict);
    if (rc < 0)
        return rc;
    if (plan->fields[0].kind != BRIO_KIND_STR)
        drop_equal_keys(site->problems->arena, plan, &dict);
    memcpy(out, &dict, sizeof dict);
    rc = brio_constrain_min_items(site, dict.len, "Dictionary");
    return rc < 0 ? rc : brio_constrain_max_items(site, dict.len, "Dictionary");
}
