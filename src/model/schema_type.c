/* SPDX-License-Identifier: MIT
 *
 * The part of a schema that says what a value may be: its type or reference,
 * bounds and lengths, and `anyOf` null for a pointer member, with the
 * constraints inside the branch that is not null. Parameters differ from
 * bodies and components in the order of members and in printing bounds as
 * they were given, where the others print floats. */
#include "model/model_internal.h"

#define COMPONENTS "#/components/schemas/"

void brio_schema_text(brio_json_writer *w, const char *key, const char *text)
{
    brio_json_key(w, brio_str_from(key));
    brio_json_str(w, brio_str_from(text));
}

void brio_schema_raw(brio_json_writer *w, const char *key, const char *json)
{
    brio_json_key(w, brio_str_from(key));
    brio_json_raw(w, brio_str_from(json));
}

static void put_size(brio_json_writer *w, const char *key, size_t n)
{
    if (!n)
        return;
    brio_json_key(w, brio_str_from(key));
    brio_json_i64(w, (int64_t)n);
}

bool brio_kind_is_ref(brio_kind kind)
{
    return kind == BRIO_KIND_STRUCT || kind == BRIO_KIND_ENUM;
}

/* The value of a part of the site's value. */
static brio_schema_site inside(const brio_schema_site *site, const brio_plan_field *part)
{
    return (brio_schema_site){site->w, part, site->parameter, site->mode};
}

static void put_object(const brio_schema_site *site)
{
    brio_json_begin(site->w, '{');
    brio_schema_type_or_null(site);
    brio_json_end(site->w, '}');
}

/* ---- Scalars ----------------------------------------------------------------- */

/* ORDER KIND; NULL where a schema says nothing of the type. */
static const char *type_name(brio_kind kind)
{
    switch (kind) {
    case BRIO_KIND_BOOL:
        return "boolean";
    case BRIO_KIND_I8:
    case BRIO_KIND_I16:
    case BRIO_KIND_I32:
    case BRIO_KIND_I64:
    case BRIO_KIND_U8:
    case BRIO_KIND_U16:
    case BRIO_KIND_U32:
    case BRIO_KIND_U64:
        return "integer";
    case BRIO_KIND_F32:
    case BRIO_KIND_F64:
        return "number";
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
        return "string";
    case BRIO_KIND_LIST:
    case BRIO_KIND_TUPLE:
        return "array";
    case BRIO_KIND_DICT:
        return "object";
    case BRIO_KIND_NONE:
        return "null";
    case BRIO_KIND_JSON:
    case BRIO_KIND_MODEL:
    case BRIO_KIND_ENUM:
    case BRIO_KIND_STRUCT:
    case BRIO_KIND_UNION:
    case BRIO_KIND_TYPE:
        break;
    }
    return NULL;
}

static void put_type(const brio_schema_site *site)
{
    const char *name = type_name((brio_kind)site->field->kind);
    if (name)
        brio_schema_text(site->w, "type", name);
}

static void put_bound(const brio_schema_site *site, const char *key, const brio_num *bound)
{
    if (!bound->set)
        return;
    brio_json_key(site->w, brio_str_from(key));
    if (site->parameter && bound->integral)
        brio_json_i64(site->w, bound->i);
    else
        brio_json_f64(site->w, bound->v);
}

static void put_bounds(const brio_schema_site *site, const brio_field *row)
{
    put_bound(site, "multipleOf", &row->multiple_of);
    put_bound(site, "maximum", &row->le);
    if (!site->parameter)
        put_bound(site, "exclusiveMaximum", &row->lt);
    put_bound(site, "minimum", &row->ge);
    if (site->parameter)
        put_bound(site, "exclusiveMaximum", &row->lt);
    put_bound(site, "exclusiveMinimum", &row->gt);
}

static void put_lengths(const brio_schema_site *site, const char *least, const char *most)
{
    const brio_field *row = site->field->row;
    if (site->parameter)
        put_size(site->w, least, row->min_length);
    put_size(site->w, most, row->max_length);
    if (!site->parameter)
        put_size(site->w, least, row->min_length);
    if (row->pattern)
        brio_schema_text(site->w, "pattern", row->pattern);
}

static const char *literal_type(const brio_json *value)
{
    switch ((int)value->type) {
    case BRIO_JSON_STR:
        return "string";
    case BRIO_JSON_INT:
    case BRIO_JSON_BIGINT:
        return "integer";
    case BRIO_JSON_BOOL:
        return "boolean";
    case BRIO_JSON_FLOAT:
        return "number";
    case BRIO_JSON_NULL:
        return "null";
    default:
        return NULL;
    }
}

static void put_literals(const brio_schema_site *site)
{
    const brio_plan_field *field = site->field;
    const char *type = literal_type(&field->literals[0]);
    for (uint32_t i = 1; type && i < field->n_literals; i++)
        if (literal_type(&field->literals[i]) != type)
            type = NULL;
    if (type)
        brio_schema_text(site->w, "type", type);
    brio_json_key(site->w, field->n_literals == 1 ? BRIO_S("const") : BRIO_S("enum"));
    if (field->n_literals == 1) {
        brio_json_value(site->w, &field->literals[0]);
        return;
    }
    brio_json_begin(site->w, '[');
    for (uint32_t i = 0; i < field->n_literals; i++)
        brio_json_value(site->w, &field->literals[i]);
    brio_json_end(site->w, ']');
}

/* ---- References ---------------------------------------------------------------- */

static void put_reference(const brio_schema_site *site, const brio_model *model)
{
    const brio_schema_mode *mode = site->mode;
    brio_str name = mode->name ? mode->name(model, mode->arg) : brio_schema_name(model);
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json_str(site->w, brio_printf(&arena, COMPONENTS "%.*s", BRIO_ARG(name)));
    brio_arena_fini(&arena);
}

static void put_ref(const brio_schema_site *site, const brio_model *model)
{
    brio_json_key(site->w, BRIO_S("$ref"));
    put_reference(site, model);
}

/* ---- Arrays and objects ----------------------------------------------------------- */

static void put_items(const brio_schema_site *site)
{
    brio_schema_site inner = inside(site, &brio_model_plan(site->field->model)->fields[0]);
    brio_json_key(site->w, BRIO_S("items"));
    put_object(&inner);
}

static void put_list(const brio_schema_site *site)
{
    if (!site->parameter)
        put_items(site);
    put_type(site);
    if (site->parameter)
        put_items(site);
    put_lengths(site, "minItems", "maxItems");
    if (site->field->as == BRIO_SET || site->field->as == BRIO_FROZENSET)
        brio_schema_raw(site->w, "uniqueItems", "true");
}

static void put_tuple(const brio_schema_site *site)
{
    const brio_plan *plan = brio_model_plan(site->field->model);
    size_t n = 0;
    brio_json_key(site->w, BRIO_S("prefixItems"));
    brio_json_begin(site->w, '[');
    for (size_t i = 0; i < plan->n; i++) {
        brio_schema_site inner = inside(site, &plan->fields[i]);
        if (!plan->fields[i].member)
            continue;
        put_object(&inner);
        n++;
    }
    brio_json_end(site->w, ']');
    put_type(site);
    put_size(site->w, "maxItems", n);
    put_size(site->w, "minItems", n);
}

/* What a key must be is said where it is more than any string. */
static void put_key_names(const brio_schema_site *site, const brio_plan_field *key)
{
    const brio_field *row = key->row;
    bool numeric = key->kind >= BRIO_KIND_BOOL && key->kind <= BRIO_KIND_F64;
    bool any = key->kind == BRIO_KIND_STR && !row->min_length && !row->max_length && !row->pattern;
    if (numeric || any)
        return;
    brio_schema_site inner = inside(site, key);
    brio_json_key(site->w, BRIO_S("propertyNames"));
    put_object(&inner);
}

static void put_dict(const brio_schema_site *site)
{
    const brio_plan *plan = brio_model_plan(site->field->model);
    brio_schema_site inner = inside(site, &plan->fields[1]);
    brio_json_key(site->w, BRIO_S("additionalProperties"));
    if (plan->fields[1].kind == BRIO_KIND_JSON)
        brio_json_bool(site->w, true);
    else
        put_object(&inner);
    put_key_names(site, &plan->fields[0]);
    put_type(site);
    put_lengths(site, "minProperties", "maxProperties");
}

/* ---- Unions ------------------------------------------------------------------------ */

static void put_case(const brio_schema_site *site, const brio_plan_field *kase)
{
    brio_schema_site inner = inside(site, kase);
    brio_json_begin(site->w, '{');
    brio_schema_type(&inner);
    brio_json_end(site->w, '}');
}

static void put_cases(const brio_schema_site *site, const brio_plan *plan)
{
    for (size_t i = 0; i < plan->n; i++)
        put_case(site, &plan->fields[i]);
}

static void put_tagged(const brio_schema_site *site, const brio_plan *plan)
{
    brio_json_writer *w = site->w;
    brio_json_key(w, BRIO_S("oneOf"));
    brio_json_begin(w, '[');
    put_cases(site, plan);
    brio_json_end(w, ']');
    brio_json_key(w, BRIO_S("discriminator"));
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("propertyName"));
    brio_json_str(w, plan->tag_key);
    brio_json_key(w, BRIO_S("mapping"));
    brio_json_begin(w, '{');
    for (size_t i = 0; i < plan->n_tags; i++) {
        char storage[BRIO_TAG_TEXT_MAX];
        const brio_plan_field *kase = &plan->fields[plan->tag_cases[i]];
        brio_json_key(w, brio_tag_text(&plan->tags[i], storage));
        if (kase->kind == BRIO_KIND_UNION)
            put_case(site, kase);
        else
            put_reference(site, kase->model);
    }
    brio_json_end(w, '}');
    brio_json_end(w, '}');
}

static void put_union(const brio_schema_site *site)
{
    const brio_plan *plan = brio_model_plan(site->field->model);
    if (plan->n_tags) {
        put_tagged(site, plan);
        return;
    }
    brio_json_key(site->w, BRIO_S("anyOf"));
    brio_json_begin(site->w, '[');
    put_cases(site, plan);
    brio_json_end(site->w, ']');
}

/* ---- Any value ------------------------------------------------------------------------ */

static void put_kind(const brio_schema_site *site)
{
    switch ((int)site->field->kind) {
    case BRIO_KIND_STRUCT:
    case BRIO_KIND_ENUM:
        put_ref(site, site->field->model);
        break;
    case BRIO_KIND_TYPE:
        site->field->model->type->schema(site->w, site->field->row, site->mode->output);
        break;
    case BRIO_KIND_LIST:
        put_list(site);
        break;
    case BRIO_KIND_TUPLE:
        put_tuple(site);
        break;
    case BRIO_KIND_DICT:
        put_dict(site);
        break;
    case BRIO_KIND_UNION:
        put_union(site);
        break;
    default:
        put_type(site);
        put_bounds(site, site->field->row);
        put_lengths(site, "minLength", "maxLength");
        break;
    }
}

static void put_json_text(const brio_schema_site *site)
{
    brio_schema_text(site->w, "type", "string");
    brio_schema_text(site->w, "contentMediaType", "application/json");
    brio_json_key(site->w, BRIO_S("contentSchema"));
    brio_json_begin(site->w, '{');
    if (site->field->n_literals)
        put_literals(site);
    else
        put_kind(site);
    brio_json_end(site->w, '}');
}

/* The members that say what the value may be, null aside. */
void brio_schema_type(const brio_schema_site *site)
{
    if (site->field->row->json_text && !site->mode->output)
        put_json_text(site);
    else if (site->field->n_literals)
        put_literals(site);
    else
        put_kind(site);
}

/* Null is one more case of a union that has no tags. */
/* One alternative; a scalar whose schema is a choice itself (a decimal's) gives
 * its own ones. */
static void put_alternative(const brio_schema_site *site)
{
    brio_buf text = {0};
    brio_json_writer w = {.out = &text};
    brio_schema_site inner = *site;
    inner.w = &w;
    brio_json_begin(&w, '{');
    brio_schema_type(&inner);
    brio_json_end(&w, '}');
    brio_arena arena;
    brio_json all;
    brio_arena_init(&arena, 0);
    const brio_json *own = NULL;
    if (site->field->kind == BRIO_KIND_TYPE &&
        brio_json_parse(&arena, brio_buf_str(&text), NULL, &all, NULL) == 0 && all.n == 1)
        own = brio_json_get(&all, BRIO_S("anyOf"));
    for (uint32_t i = 0; own && i < own->n; i++)
        brio_json_value(site->w, &own->items[i]);
    if (!own)
        brio_json_raw(site->w, brio_buf_str(&text));
    site->w->out->failed |= text.failed;
    brio_buf_fini(&text);
    brio_arena_fini(&arena);
}

void brio_schema_type_or_null(const brio_schema_site *site)
{
    const brio_plan_field *field = site->field;
    if (!field->nullable) {
        brio_schema_type(site);
        return;
    }
    brio_json_key(site->w, BRIO_S("anyOf"));
    brio_json_begin(site->w, '[');
    if (field->kind == BRIO_KIND_UNION && !brio_model_plan(field->model)->n_tags) {
        put_cases(site, brio_model_plan(field->model));
    } else {
        put_alternative(site);
    }
    brio_json_begin(site->w, '{');
    brio_schema_text(site->w, "type", "null");
    brio_json_end(site->w, '}');
    brio_json_end(site->w, ']');
}
