/* SPDX-License-Identifier: MIT
 *
 * Compiles a model's table into its plan, once. Two threads that meet an
 * uncompiled model both compile it; one publishes, the other throws its work
 * away, so there is no lock and a reader pays one acquire load.
 *
 * The key lookup is an open hash over the length and the first and last eight
 * bytes: at most 64 rows in 128 slots, so a probe is short whatever the key.
 * Names are fixed by the program, so a hostile key can only miss.
 *
 * A plan owns an arena that holds everything but the patterns; both live as
 * long as the process. */
#include "model/model_internal.h"

#include <stdlib.h>

typedef struct plan_home {
    brio_plan plan;
    brio_arena arena;
} plan_home;

static const brio_field no_row = {.kind = BRIO_KIND_NONE};

const brio_plan_field brio_plan_no_field = {
    .row = &no_row,
    .key = "",
    .key_len = BRIO_PLAN_KEY_FAST,
    .key_head = {UINT64_MAX, UINT64_MAX}, /* no byte of JSON is 0xFF */
    .key_mask = {UINT64_MAX, UINT64_MAX},
    .kind = BRIO_KIND_NONE,
    .next = &brio_plan_no_field,
};

size_t brio_kind_size(brio_kind kind)
{
    static const uint8_t sizes[] = {
        [BRIO_KIND_BOOL] = sizeof(bool),
        [BRIO_KIND_I8] = 1,
        [BRIO_KIND_I16] = 2,
        [BRIO_KIND_I32] = 4,
        [BRIO_KIND_I64] = 8,
        [BRIO_KIND_U8] = 1,
        [BRIO_KIND_U16] = 2,
        [BRIO_KIND_U32] = 4,
        [BRIO_KIND_U64] = 8,
        [BRIO_KIND_F32] = sizeof(float),
        [BRIO_KIND_F64] = sizeof(double),
        [BRIO_KIND_STR] = sizeof(brio_str),
        [BRIO_KIND_JSON] = sizeof(brio_json),
        [BRIO_KIND_NONE] = sizeof(brio_none),
        [BRIO_KIND_TEXT] = sizeof(brio_text),
        [BRIO_KIND_HTML] = sizeof(brio_html),
    };
    return sizes[kind];
}

/* sizeof is a multiple of the alignment, so its lowest bit is enough of one. */
static uint32_t align_for(size_t size)
{
    size_t lowest = size & (0 - size);
    return lowest == 0 ? 1 : lowest > 16 ? 16 : (uint32_t)lowest;
}

/* ---- Enums ---------------------------------------------------------------- */

void brio_enum_store(void *out, size_t size, int64_t value)
{
    memcpy(out, &value, size); /* little endian: the low bytes come first */
}

bool brio_enum_is(const void *at, size_t size, int64_t value)
{
    return memcmp(at, &value, size) == 0;
}

/* ---- Key lookup ------------------------------------------------------------ */

static uint64_t load_up_to_8(const char *p, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, p, len < 8 ? len : 8);
    return word;
}

static uint32_t key_slot(const char *key, size_t len)
{
    uint64_t head = load_up_to_8(key, len);
    uint64_t tail = len > 8 ? load_up_to_8(key + len - 8, 8) : len;
    uint64_t mixed = (head ^ (tail << 7 | tail >> 57) ^ len) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(mixed >> 57);
}

ptrdiff_t brio_plan_find(const brio_plan *plan, const char *key, size_t len)
{
    for (uint32_t slot = key_slot(key, len);; slot = (slot + 1) % BRIO_PLAN_SLOTS) {
        size_t row = plan->slots[slot];
        if (row == 0)
            return -1;
        const brio_plan_field *field = &plan->fields[row - 1];
        if (field->wire.len == len && memcmp(field->wire.ptr, key, len) == 0)
            return (ptrdiff_t)row - 1;
    }
}

/* The first row of a name wins; brio_model_check reports the second. */
static void index_key(brio_plan *plan, size_t row)
{
    brio_str wire = plan->fields[row].wire;
    if (brio_plan_find(plan, wire.ptr, wire.len) >= 0)
        return;
    uint32_t slot = key_slot(wire.ptr, wire.len);
    while (plan->slots[slot] != 0)
        slot = (slot + 1) % BRIO_PLAN_SLOTS;
    plan->slots[slot] = (uint8_t)(row + 1);
}

/* ---- Rows ------------------------------------------------------------------ */

/* `one_way` is an alias of that direction, or NULL. */
static brio_str wire_name(brio_arena *arena, const brio_field *row, const char *one_way)
{
    const char *alias = one_way ? one_way : row->alias;
    if (alias)
        return brio_str_copy(arena, brio_str_from(alias));
    brio_str copy = brio_str_copy(arena, brio_str_from(row->name));
    if (row->in == BRIO_IN_HEADER && !row->exact_name) {
        char *name = brio_cstr(arena, copy);
        for (size_t i = 0; i < copy.len; i++)
            name[i] = name[i] == '_' ? '-' : name[i];
        copy.ptr = name;
    }
    return copy;
}

/* JSON text of `s` with what comes before and after it, zero-padded so that it
 * can be loaded and stored in fixed-size pieces. */
static brio_str padded_json(brio_arena *arena, const char *before, brio_str s, const char *after)
{
    size_t cap = s.len * BRIO_JSON_ESCAPE_MAX + 4 + strlen(before) + strlen(after);
    char *text = BRIO_NEW_ARRAY(arena, char, cap + BRIO_PLAN_KEY_PAD);
    brio_buf buf = brio_buf_over(text, cap);
    brio_json_writer w = {.out = &buf};
    brio_buf_add(&buf, brio_str_from(before));
    brio_json_str(&w, s);
    brio_buf_add(&buf, brio_str_from(after));
    BRIO_ASSERT(!buf.failed);
    return brio_buf_str(&buf);
}

static bool row_is_bounded(const brio_field *row)
{
    return row->gt.set || row->ge.set || row->lt.set || row->le.set || row->multiple_of.set ||
           row->min_length || row->max_length || row->pattern;
}

static void resolve_kind(brio_plan_field *field, const brio_field *row)
{
    field->row = row;
    field->model = row->model ? row->model() : NULL;
    brio_kind kind = row->kind;
    if (kind == BRIO_KIND_MODEL) {
        BRIO_ASSERT(field->model);
        kind = field->model->kind;
    }
    BRIO_ASSERT(kind != BRIO_KIND_MODEL);
    field->kind = (uint8_t)kind;
    field->size = (uint32_t)(field->model ? field->model->size : brio_kind_size(kind));
    field->as = (uint8_t)(row->as || !field->model ? row->as : field->model->as);
    field->align = align_for(field->size);
}

/* Covers the first `n` bytes of a word. */
static uint64_t byte_mask(size_t n)
{
    return n >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * n)) - 1;
}

static void compile_row(brio_arena *arena, brio_plan_field *field, const brio_field *row)
{
    resolve_kind(field, row);
    field->offset = (uint32_t)row->offset;
    field->nullable = row->nullable;
    field->bounded = row_is_bounded(row);
    field->bounds = brio_bounds_of(row, (brio_kind)field->kind);
    field->member = row->in == BRIO_IN_FIELD;
    field->special = brio_row_is_special(row);
    field->fast = field->special || (field->as && row->strict) ? BRIO_KIND_MODEL : field->kind;
    if (row->literal)
        brio_plan_literals(field, arena);
    field->plain_literal = row->literal && field->kind == BRIO_KIND_STR && !row->before &&
                           !row->after && !row->json_text;
    field->strict = row->strict;
    field->required = !row->def && !row->factory && (!row->nullable || row->required);
    field->wire = wire_name(arena, row, row->validation_alias);
    field->out_wire = field->wire;
    if (row->validation_alias || row->serialization_alias)
        field->out_wire = wire_name(arena, row, row->serialization_alias);
    brio_str key = padded_json(arena, ",", field->wire, ":");
    field->key = key.ptr + 1;
    field->key_len = (uint32_t)key.len - 1;
    memcpy(field->key_head, field->key, sizeof(field->key_head));
    field->key_mask[0] = byte_mask(field->key_len);
    field->key_mask[1] = byte_mask(field->key_len < 8 ? 0 : field->key_len - 8);
    if (row->pattern)
        field->pattern = brio_pattern_new(row->pattern, NULL);
}

/* A row that is no value of the input. */
static void compile_label(brio_plan *plan, brio_arena *arena, brio_plan_field *field,
                          const brio_field *row)
{
    *field = (brio_plan_field){.row = row,
                               .kind = BRIO_KIND_NONE,
                               .offset = (uint32_t)row->offset,
                               .wire = brio_str_from(row->name ? row->name : "")};
    plan->sparse = true;
    plan->sets |= row->in == BRIO_IN_SET;
    plan->composed |= row->in == BRIO_IN_EXTRAS || row->in == BRIO_IN_COMPUTED;
    plan->judged |= row->in == BRIO_IN_EXTRAS || row->before || row->after;
    if (row->in == BRIO_IN_EXTRAS)
        plan->extras = (uint32_t)row->offset;
    if (row->in == BRIO_IN_COMPUTED)
        compile_row(arena, field, row);
    field->member = false;
    if (row->in != BRIO_IN_CONFIG)
        return;
    plan->strict |= row->strict;
    if (row->size == 0)
        plan->config = row;
    if (row->size == 0 || plan->extra == BRIO_EXTRA_IGNORE)
        plan->extra = row->extra ? row->extra : plan->extra;
    plan->forbid_extra = plan->extra == BRIO_EXTRA_FORBID;
}

static void compile_struct_row(brio_plan *plan, brio_arena *arena, size_t i)
{
    const brio_field *row = &plan->rows[i];
    brio_plan_field *field = &plan->fields[i];
    if (row->in >= BRIO_IN_CONFIG || row->in == BRIO_IN_DEPENDS) {
        compile_label(plan, arena, field, row);
        return;
    }
    compile_row(arena, field, row);
    index_key(plan, i);
    plan->sparse |= !field->member;
    if (!field->member)
        return;
    uint64_t bit = field->bit = UINT64_C(1) << i;
    plan->members |= bit;
    plan->required |= field->required ? bit : 0;
    plan->defaults |= row->def ? bit : 0;
    plan->composed |= row->exclude || field->out_wire.ptr != field->wire.ptr;
}

/* Writers keep the order of the table: each row knows the next member. */
static void chain_members(brio_plan *plan)
{
    const brio_plan_field *next = &brio_plan_no_field;
    for (size_t i = plan->n; i-- > 0;) {
        plan->fields[i].next = next;
        if (plan->fields[i].member)
            next = &plan->fields[i];
    }
    plan->first = next;
}

/* A list is no set and no tuple where nothing is coerced. */
static void make_strict(brio_plan_field *field)
{
    field->strict = true;
    if (field->as)
        field->fast = BRIO_KIND_MODEL;
}

static void compile_rows(brio_plan *plan, brio_arena *arena)
{
    const brio_model *model = plan->model;
    plan->n = brio_rows_count(model);
    BRIO_ASSERT(plan->n <= BRIO_MODEL_FIELDS_MAX);
    plan->rows = brio_rows_expand(arena, model);
    plan->fields = BRIO_NEW_ARRAY(arena, brio_plan_field, plan->n);
    if (model->kind != BRIO_KIND_STRUCT && model->kind != BRIO_KIND_TUPLE) {
        for (size_t i = 0; i < plan->n; i++)
            compile_row(arena, &plan->fields[i], &plan->rows[i]);
        if (model->kind == BRIO_KIND_UNION)
            brio_plan_tags(plan, arena);
        return;
    }
    for (size_t i = 0; i < plan->n; i++)
        compile_struct_row(plan, arena, i);
    chain_members(plan);
    for (size_t i = 0; plan->strict && i < plan->n; i++)
        make_strict(&plan->fields[i]);
}

static void compile_enum(brio_plan *plan, brio_arena *arena)
{
    const brio_model *model = plan->model;
    BRIO_ASSERT(model->size <= sizeof(int64_t));
    plan->enum_names = BRIO_NEW_ARRAY(arena, brio_str, model->n_values);
    plan->enum_texts = BRIO_NEW_ARRAY(arena, brio_str, model->n_values);
    for (size_t i = 0; i < model->n_values; i++) {
        if (model->ints) {
            plan->enum_texts[i] = brio_printf(arena, "%lld", (long long)model->ints[i]);
            continue;
        }
        plan->enum_names[i] = brio_str_from(model->values[i].name);
        plan->enum_texts[i] = padded_json(arena, "", plan->enum_names[i], "");
    }
}

static void compile_self(brio_plan *plan)
{
    const brio_model *model = plan->model;
    plan->self = (brio_plan_field){
        .row = &no_row,
        .model = model,
        .kind = (uint8_t)model->kind,
        .fast = (uint8_t)model->kind,
        .as = (uint8_t)model->as,
        .size = (uint32_t)model->size,
        .align = align_for(model->size),
        .member = true,
        .required = true,
        .bounds = brio_bounds_of(&no_row, model->kind),
    };
}

/* ---- Publication ------------------------------------------------------------ */

static void plan_discard(plan_home *home)
{
    brio_arena_fini(&home->arena);
    free(home);
}

const brio_plan *brio_plan_compile(const brio_model *model)
{
    plan_home *home = brio_zalloc(1, sizeof(*home));
    BRIO_ASSERT(home);
    brio_arena_init(&home->arena, 0);
    brio_plan *plan = &home->plan;
    plan->model = model;
    plan->extras = BRIO_PLAN_NOWHERE;
    plan->component = brio_plan_component(&home->arena, model->name);
    compile_self(plan);
    if (model->n)
        compile_rows(plan, &home->arena);
    if (model->kind == BRIO_KIND_ENUM)
        compile_enum(plan, &home->arena);
    /* Models are handed out const but live in writable storage. */
    brio_plan **slot = (brio_plan **)(uintptr_t)&model->plan;
    brio_plan *winner = NULL;
    if (__atomic_compare_exchange_n(slot, &winner, plan, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return plan;
    plan_discard(home);
    return winner;
}

void brio_model_forget(const brio_model *model)
{
    brio_plan **slot = (brio_plan **)(uintptr_t)&model->plan;
    if (*slot)
        plan_discard(BRIO_CONTAINER(*slot, plan_home, plan));
    *slot = NULL;
}

brio_str brio_field_wire_name(const brio_model *model, size_t index)
{
    const brio_plan *plan = brio_model_plan(model);
    BRIO_ASSERT(index < plan->n);
    return plan->fields[index].wire;
}

ptrdiff_t brio_model_find(const brio_model *model, brio_str name)
{
    if (model->kind != BRIO_KIND_STRUCT)
        return -1;
    return brio_plan_find(brio_model_plan(model), name.ptr, name.len);
}

brio_str brio_schema_name(const brio_model *model)
{
    return brio_model_plan(model)->component;
}
