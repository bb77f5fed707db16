/* SPDX-License-Identifier: MIT
 *
 * Values to JSON one by one through the writer: slower than encode.c and able
 * to do what that leaves out. Dictionaries, tuples, unions, scalars of their
 * own, computed members, extra keys; and all options of brio_encode_with.
 * Names of include and exclude are compared as paths, which lists are
 * transparent to. The first failure is kept and ends the walk. */
#include "model/model_internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

static void fail(brio_writing *to, int rc, const char *why)
{
    if (to->rc < 0)
        return;
    to->rc = rc;
    to->why = why;
}

static bool enter(brio_writing *to, char bracket)
{
    if (to->depth == BRIO_MODEL_DEPTH_MAX)
        fail(to, BRIO_EMODEL, "values are nested too deeply");
    if (to->rc < 0)
        return false;
    to->depth++;
    brio_json_begin(to->w, bracket);
    return true;
}

static void leave(brio_writing *to, char bracket)
{
    brio_json_end(to->w, bracket);
    to->depth--;
}

/* ---- Scalars ----------------------------------------------------------------- */

static int64_t load_int(const brio_plan_field *row, const void *value)
{
    bool is_signed = row->kind <= BRIO_KIND_I64;
    int64_t raw = 0;
    memcpy(&raw, value, row->size);
    unsigned shift = (unsigned)(64 - 8 * row->size);
    return is_signed ? (int64_t)((uint64_t)raw << shift) >> shift : raw;
}

static void write_int(brio_writing *to, const brio_plan_field *row, const void *value)
{
    int64_t number = load_int(row, value);
    if (row->kind != BRIO_KIND_U64 || number >= 0) {
        brio_json_i64(to->w, number);
        return;
    }
    char text[24];
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)(uint64_t)number);
    brio_json_raw(to->w, (brio_str){text, (size_t)n});
}

static void write_float(brio_writing *to, const brio_plan_field *row, const void *value)
{
    double number;
    float narrow;
    memcpy(&number, value, row->size == sizeof number ? sizeof number : 0);
    memcpy(&narrow, value, sizeof narrow);
    number = row->size == sizeof number ? number : (double)narrow;
    if (to->options && to->options->plain && !isfinite(number))
        fail(to, BRIO_EMODEL, "a number out of JSON's range");
    brio_json_f64(to->w, number);
}

static void write_str(brio_writing *to, brio_str s)
{
    if (!brio_utf8_valid(s))
        fail(to, BRIO_EMODEL, "a string is not UTF-8");
    else
        brio_json_str(to->w, s);
}

static void write_json(brio_writing *to, const brio_json *value)
{
    brio_json_value(to->w, value);
    if (to->w->unfit)
        fail(to, BRIO_EMODEL, to->w->unfit);
}

/* NULL if no name is that value's. */
static const brio_str *enum_text(const brio_model *model, const void *value)
{
    const brio_plan *plan = brio_model_plan(model);
    for (size_t i = 0; i < model->n_values; i++) {
        int64_t expected = model->ints ? model->ints[i] : model->values[i].value;
        if (brio_enum_is(value, model->size, expected))
            return &plan->enum_texts[i];
    }
    return NULL;
}

static void write_enum(brio_writing *to, const brio_model *model, const void *value)
{
    const brio_str *text = enum_text(model, value);
    if (text)
        brio_json_raw(to->w, *text);
    else
        fail(to, BRIO_EMODEL, "an enum has a value without a name");
}

/* ---- What is left out ----------------------------------------------------------- */

typedef enum selection { SELECT_NONE, SELECT_PART, SELECT_ALL } selection;

/* Is `path` in the comma-separated list, or the way to something that is? */
static selection find_path(const char *list, brio_str path)
{
    selection found = SELECT_NONE;
    for (brio_str rest = brio_str_from(list); rest.len;) {
        brio_str_pair pair = brio_str_cut(rest, ',');
        brio_str entry = brio_str_trim(pair.head);
        rest = pair.tail;
        bool within =
            brio_str_starts(path, entry) && (path.len == entry.len || path.ptr[entry.len] == '.');
        if (within)
            return SELECT_ALL;
        if (brio_str_starts(entry, path) && entry.ptr[path.len] == '.')
            found = SELECT_PART;
    }
    return found;
}

static bool is_null(const brio_plan_field *row, const void *at)
{
    if (row->nullable) {
        memcpy(&at, at, sizeof at);
        if (!at)
            return true;
    }
    return row->kind == BRIO_KIND_NONE ||
           (row->kind == BRIO_KIND_JSON && ((const brio_json *)at)->type == BRIO_JSON_NULL);
}

/* Values equal their defaults if both are written alike. */
static bool equals_default(const brio_plan_field *row, const void *at)
{
    if (!row->row->def && !row->row->factory && !row->required)
        return is_null(row, at);
    if (!row->row->def)
        return false;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    void *made = brio_calloc(&arena, 1, row->row->size);
    brio_json nothing = {0};
    brio_site site = {&problems, row, NULL, &nothing, NULL, 0};
    bool same = brio_read_absent(&site, made) == 0 && brio_value_compare(row, made, at) == 0;
    brio_arena_fini(&arena);
    return same;
}

/* Puts `name` behind the path, cut where the room ends; returns the old length. */
static size_t push_name(brio_writing *to, const char *name)
{
    size_t outer = to->path_len, left = sizeof to->path - outer, n = strlen(name);
    n = n < left ? n : left;
    memcpy(to->path + outer, name, n);
    to->path_len = outer + n;
    return outer;
}

static bool is_selected(brio_writing *to, const char *name)
{
    const brio_encode_options *o = to->options;
    size_t outer = push_name(to, name);
    brio_str full = {to->path, to->path_len};
    to->path_len = outer;
    if (o->include && find_path(o->include, full) == SELECT_NONE)
        return false;
    return !o->exclude || find_path(o->exclude, full) != SELECT_ALL;
}

static bool is_written(brio_writing *to, const brio_plan_field *row, const void *at, bool was_set)
{
    const brio_encode_options *o = to->options;
    if (row->row->exclude)
        return false;
    if (!o)
        return true;
    if ((o->include || o->exclude) && !is_selected(to, row->row->name))
        return false;
    if (o->exclude_unset && !was_set)
        return false;
    if (o->exclude_none && is_null(row, at))
        return false;
    return !(o->exclude_defaults && row->member && equals_default(row, at));
}

/* ---- Structs ----------------------------------------------------------------------- */

static void write_member(brio_writing *to, const brio_plan_field *row, const void *at)
{
    const brio_encode_options *o = to->options;
    brio_json_key(to->w, o && o->by_name ? brio_str_from(row->row->name) : row->out_wire);
    size_t outer = to->path_len;
    if (o && (o->include || o->exclude)) {
        push_name(to, row->row->name);
        push_name(to, ".");
    }
    brio_write_value(to, row, at);
    to->path_len = outer;
}

static void write_computed(brio_writing *to, const brio_plan_field *row, const void *self)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    void *made = brio_calloc(&arena, 1, row->size);
    row->row->compute((const char *)self + row->offset, made, &arena);
    if (is_written(to, row, made, true))
        write_member(to, row, made);
    brio_arena_fini(&arena);
}

static void write_extras(brio_writing *to, const brio_json *extras)
{
    for (uint32_t i = 0; extras->type == BRIO_JSON_OBJECT && i < extras->n; i++) {
        brio_json_key(to->w, extras->members[i].key);
        write_json(to, &extras->members[i].value);
    }
}

static void write_struct(brio_writing *to, const brio_plan *plan, const char *base)
{
    uint64_t set = UINT64_MAX;
    if (plan->sets)
        brio_plan_load_set(plan, base, &set);
    if (!enter(to, '{'))
        return;
    for (size_t i = 0; i < plan->n && to->rc == 0; i++) {
        const brio_plan_field *row = &plan->fields[i];
        if (row->row->in == BRIO_IN_COMPUTED)
            continue;
        if (row->member && is_written(to, row, base + row->offset, set >> i & 1))
            write_member(to, row, base + row->offset);
    }
    if (plan->extras != BRIO_PLAN_NOWHERE)
        write_extras(to, (const brio_json *)(const void *)(base + plan->extras));
    for (size_t i = 0; i < plan->n && to->rc == 0; i++)
        if (plan->rows[i].in == BRIO_IN_COMPUTED)
            write_computed(to, &plan->fields[i], base);
    leave(to, '}');
}

/* ---- Arrays, dictionaries, unions ------------------------------------------------------ */

typedef struct list_view { /* every list: {T *items; size_t len;} */
    const char *items;
    size_t len;
} list_view;

static void write_list(brio_writing *to, const brio_plan *plan, const void *value)
{
    const brio_plan_field *item = &plan->fields[0];
    size_t stride = item->nullable ? sizeof(void *) : item->size;
    list_view list;
    memcpy(&list, value, sizeof list);
    if (!enter(to, '['))
        return;
    for (size_t i = 0; i < list.len && to->rc == 0; i++)
        brio_write_value(to, item, list.items + i * stride);
    leave(to, ']');
}

static void write_tuple(brio_writing *to, const brio_plan *plan, const char *base)
{
    if (!enter(to, '['))
        return;
    for (size_t i = 0; i < plan->n && to->rc == 0; i++)
        if (plan->fields[i].member)
            brio_write_value(to, &plan->fields[i], base + plan->fields[i].offset);
    leave(to, ']');
}

/* A scalar as the key it would be: its string, or the text of its number. */
static void write_key(brio_writing *to, const brio_plan_field *row, const void *value)
{
    if (row->kind == BRIO_KIND_STR) {
        const brio_str s = *(const brio_str *)value;
        if (!brio_utf8_valid(s))
            fail(to, BRIO_EMODEL, "a string is not UTF-8");
        else
            brio_json_key(to->w, s);
        return;
    }
    brio_buf text = {0};
    brio_json_writer w = {.out = &text};
    brio_writing key;
    brio_writing_init(&key, &w, to->options, 0);
    brio_write_value(&key, row, value);
    brio_str s = brio_buf_str(&text);
    if (key.rc < 0 || text.failed) {
        fail(to, key.rc < 0 ? key.rc : -ENOMEM, key.why);
    } else if (s.len && s.ptr[0] == '"') { /* a JSON string is a key as it is */
        brio_json_raw(to->w, s);
        brio_buf_char(to->w->out, ':');
        to->w->comma = false;
    } else {
        brio_json_key(to->w, s);
    }
    brio_buf_fini(&text);
}

static void write_dict(brio_writing *to, const brio_plan *plan, const void *value)
{
    const brio_plan_field *key = &plan->fields[0], *content = &plan->fields[1];
    list_view dict;
    memcpy(&dict, value, sizeof dict);
    if (!enter(to, '{'))
        return;
    for (size_t i = 0; i < dict.len && to->rc == 0; i++) {
        const char *entry = dict.items + i * plan->model->entry_size;
        if (to->options && to->options->exclude_none && is_null(content, entry + content->offset))
            continue;
        write_key(to, key, entry + key->offset);
        brio_write_value(to, content, entry + content->offset);
    }
    leave(to, '}');
}

static void write_union(brio_writing *to, const brio_plan *plan, const char *base)
{
    int which;
    memcpy(&which, base, sizeof which);
    if (which < 0 || (size_t)which >= plan->n) {
        fail(to, BRIO_EMODEL, "a union has no such case");
        return;
    }
    brio_write_value(to, &plan->fields[which], base + plan->fields[which].offset);
}

/* ---- Any value --------------------------------------------------------------------------- */

/* ORDER KIND */
static void write_present(brio_writing *to, const brio_plan_field *row, const void *value)
{
    switch ((brio_kind)row->kind) {
    case BRIO_KIND_BOOL:
        brio_json_bool(to->w, *(const bool *)value);
        break;
    case BRIO_KIND_F32:
    case BRIO_KIND_F64:
        write_float(to, row, value);
        break;
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
        write_str(to, *(const brio_str *)value);
        break;
    case BRIO_KIND_JSON:
        write_json(to, value);
        break;
    case BRIO_KIND_ENUM:
        write_enum(to, row->model, value);
        break;
    case BRIO_KIND_STRUCT:
        write_struct(to, brio_model_plan(row->model), value);
        break;
    case BRIO_KIND_LIST:
        write_list(to, brio_model_plan(row->model), value);
        break;
    case BRIO_KIND_TUPLE:
        write_tuple(to, brio_model_plan(row->model), value);
        break;
    case BRIO_KIND_DICT:
        write_dict(to, brio_model_plan(row->model), value);
        break;
    case BRIO_KIND_UNION:
        write_union(to, brio_model_plan(row->model), value);
        break;
    case BRIO_KIND_TYPE:
        row->model->type->write(to->w, row->row, value, to->options && to->options->plain);
        break;
    case BRIO_KIND_NONE:
    case BRIO_KIND_MODEL:
        brio_json_null(to->w);
        break;
    default:
        write_int(to, row, value);
        break;
    }
}

void brio_write_value(brio_writing *to, const brio_plan_field *row, const void *value)
{
    if (to->rc < 0)
        return;
    if (row->nullable)
        memcpy(&value, value, sizeof value);
    if (value)
        write_present(to, row, value);
    else
        brio_json_null(to->w);
}
