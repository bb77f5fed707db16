/* SPDX-License-Identifier: MIT
 *
 * What only some plans have: the values a literal allows, the tags by which a
 * union tells its cases, which fields the input had. Tags are read from the
 * cases' tables and never from their plans, since a case may contain the
 * union that is being compiled. */
#include "model/json_text.h"
#include "model/model_internal.h"

#include <errno.h>
#include <stdlib.h>

bool brio_row_is_special(const brio_field *row)
{
    return row->literal || row->before || row->after || row->json_text;
}

/* ---- Literals ------------------------------------------------------------------ */

static brio_json literals_of(const brio_field *row, brio_arena *arena)
{
    brio_json values = {0};
    if (!row->literal ||
        brio_json_parse(arena, brio_str_from(row->literal), NULL, &values, NULL) < 0 ||
        values.type != BRIO_JSON_ARRAY)
        return (brio_json){.type = BRIO_JSON_ARRAY};
    return values;
}

void brio_plan_literals(brio_plan_field *field, brio_arena *arena)
{
    brio_json values = literals_of(field->row, arena);
    field->literals = values.items;
    field->n_literals = values.n;
}

/* ---- Unions --------------------------------------------------------------------- */

static const brio_field *own_config(const brio_model *model)
{
    for (const brio_field *row = model->fields; row != brio_rows_end(model->fields, model->n);
         row++)
        if (row->in == BRIO_IN_CONFIG)
            return row;
    return NULL;
}

static brio_str key_of(const brio_field *row)
{
    return brio_str_from(row->validation_alias ? row->validation_alias
                         : row->alias          ? row->alias
                                               : row->name);
}

typedef struct collector {
    brio_plan *plan;
    brio_arena *arena;
    brio_json *tags; /* NULL: only counted */
    uint8_t *cases;
    size_t n;
} collector;

/* Cases of one case, a union, may share a tag of the outer one. */
static bool is_known(const collector *c, const brio_json *tag, size_t which)
{
    for (size_t i = 0; c->tags && i < c->n; i++)
        if (c->cases[i] == which && brio_json_equal(&c->tags[i], tag))
            return true;
    return false;
}

static void collect_values(collector *c, const brio_field *row, size_t which)
{
    brio_json values = literals_of(row, c->arena);
    c->plan->tag_key = key_of(row);
    for (uint32_t i = 0; i < values.n; i++) {
        const brio_json *tag = &values.items[i];
        if ((tag->type != BRIO_JSON_STR && tag->type != BRIO_JSON_INT) || is_known(c, tag, which))
            continue;
        if (c->tags) {
            c->tags[c->n] = *tag;
            c->cases[c->n] = (uint8_t)which;
        }
        c->n++;
    }
}

/* From the row of that name in a case; in a union, from all its cases. */
static void collect(collector *c, const brio_field *kase, size_t which, int depth)
{
    const brio_model *model = kase->kind == BRIO_KIND_MODEL ? kase->model() : NULL;
    const char *by = c->plan->config->discriminator;
    if (!model || (model->kind != BRIO_KIND_STRUCT && model->kind != BRIO_KIND_UNION) ||
        depth == BRIO_MODEL_UNIONS_MAX)
        return;
    size_t n = brio_rows_count(model);
    const brio_field *rows = brio_rows_expand(c->arena, model);
    for (size_t i = 0; i < n; i++) {
        if (model->kind == BRIO_KIND_UNION)
            collect(c, &rows[i], which, depth + 1);
        else if (rows[i].name && strcmp(rows[i].name, by) == 0)
            collect_values(c, &rows[i], which);
    }
}

static void collect_tags(collector *c)
{
    c->n = 0;
    for (size_t i = 0; i < c->plan->n; i++)
        collect(c, &c->plan->rows[i], i, 0);
    c->plan->n_tags = c->n;
}

void brio_plan_tags(brio_plan *plan, brio_arena *arena)
{
    plan->labels = BRIO_NEW_ARRAY(arena, brio_str *, plan->n);
    for (size_t i = 0; i < plan->n; i++)
        plan->fields[i].in_union = true;
    plan->config = own_config(plan->model);
    if (!plan->config || !plan->config->discriminator)
        return;
    collector c = {.plan = plan, .arena = arena};
    collect_tags(&c);
    c.tags = BRIO_NEW_ARRAY(arena, brio_json, plan->n_tags + 1);
    c.cases = BRIO_NEW_ARRAY(arena, uint8_t, plan->n_tags + 1);
    collect_tags(&c);
    plan->tags = c.tags;
    plan->tag_cases = c.cases;
}

brio_str brio_tag_text(const brio_json *tag, char storage[BRIO_TAG_TEXT_MAX])
{
    if (tag->type == BRIO_JSON_STR)
        return tag->str;
    return brio_str_span(storage, brio_i64_text(storage, tag->integer));
}

/* Made once and kept, as plans are. */
static brio_str *new_label(const brio_plan_field *row)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str text = brio_union_label(&arena, row);
    brio_str *label = brio_zalloc(1, sizeof *label + text.len);
    BRIO_ASSERT(label);
    *label = (brio_str){(char *)(label + 1), text.len};
    memcpy(label + 1, text.ptr, text.len);
    brio_arena_fini(&arena);
    return label;
}

brio_str brio_plan_label(const brio_plan *plan, size_t which)
{
    brio_str *label = __atomic_load_n(&plan->labels[which], __ATOMIC_ACQUIRE);
    if (label)
        return *label;
    label = new_label(&plan->fields[which]);
    brio_str *winner = NULL;
    if (__atomic_compare_exchange_n(&plan->labels[which], &winner, label, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return *label;
    free(label);
    return *winner;
}

/* ---- Names ------------------------------------------------------------------------- */

/* pydantic's rule: "Page[Item]" is the component "Page_Item_". */
brio_str brio_plan_component(brio_arena *arena, const char *name)
{
    brio_str copy = brio_str_copy(arena, brio_str_from(name));
    char *out = brio_cstr(arena, copy);
    for (size_t i = 0; i < copy.len; i++) {
        char c = out[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
        out[i] = plain ? c : '_';
    }
    return (brio_str){out, copy.len};
}

/* ---- Which fields there were ------------------------------------------------------- */

void brio_plan_store_set(const brio_plan *plan, void *value, uint64_t seen)
{
    for (const brio_field *row = plan->rows; row != brio_rows_end(plan->rows, plan->n); row++) {
        if (row->in != BRIO_IN_SET)
            continue;
        brio_fields_set set = {seen >> row->min_length};
        if (row->max_length && row->max_length < 64)
            set.bits &= (UINT64_C(1) << row->max_length) - 1;
        memcpy((char *)value + row->offset, &set, sizeof set);
    }
}

/* The bits of all members, as row numbers of this plan; false if there is none. */
bool brio_plan_load_set(const brio_plan *plan, const void *value, uint64_t *ret)
{
    *ret = 0;
    for (const brio_field *row = plan->rows; row != brio_rows_end(plan->rows, plan->n); row++) {
        brio_fields_set set;
        if (row->in != BRIO_IN_SET)
            continue;
        memcpy(&set, (const char *)value + row->offset, sizeof set);
        *ret |= set.bits << row->min_length;
    }
    return plan->sets;
}

bool brio_was_set(const brio_model *model, const void *value, size_t offset)
{
    const brio_plan *plan = brio_model_plan(model);
    uint64_t bits;
    bool known = brio_plan_load_set(plan, value, &bits);
    BRIO_ASSERT(known);
    for (size_t i = 0; i < plan->n; i++)
        if (plan->fields[i].member && plan->fields[i].offset == offset)
            return bits >> i & 1;
    return false;
}

int brio_update(const brio_model *model, void *onto, const void *changes)
{
    const brio_plan *plan = brio_model_plan(model);
    uint64_t bits, before;
    if (!brio_plan_load_set(plan, changes, &bits))
        return -EINVAL;
    brio_plan_load_set(plan, onto, &before);
    for (size_t i = 0; i < plan->n; i++)
        if (bits >> i & 1)
            memcpy((char *)onto + plan->fields[i].offset,
                   (const char *)changes + plan->fields[i].offset, plan->rows[i].size);
    brio_plan_store_set(plan, onto, bits | before);
    return 0;
}
