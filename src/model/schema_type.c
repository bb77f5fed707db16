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

/* ---- Types ---------------------------------------------------------------- */

bool brio_kind_is_ref(brio_kind kind)
{
    return kind == BRIO_KIND_STRUCT || kind == BRIO_KIND_ENUM;
}

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
        return "array";
    case BRIO_KIND_NONE:
        return "null";
    case BRIO_KIND_JSON:
    case BRIO_KIND_MODEL:
    case BRIO_KIND_ENUM:
    case BRIO_KIND_STRUCT:
    case BRIO_KIND_TUPLE:
    case BRIO_KIND_DICT:
    case BRIO_KIND_UNION:
    case BRIO_KIND_TYPE:
        break;
    }
    return NULL;
}

static void put_ref(brio_json_writer *w, const brio_model *model)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json_key(w, BRIO_S("$ref"));
    brio_json_str(w, brio_printf(&arena, COMPONENTS "%s", model->name));
    brio_arena_fini(&arena);
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

static void put_lengths(const brio_schema_site *site, const brio_field *row, bool list)
{
    const char *least = list ? "minItems" : "minLength", *most = list ? "maxItems" : "maxLength";
    if (site->parameter)
        put_size(site->w, least, row->min_length);
    put_size(site->w, most, row->max_length);
    if (!site->parameter)
        put_size(site->w, least, row->min_length);
    if (row->pattern)
        brio_schema_text(site->w, "pattern", row->pattern);
}

static void put_branch(const brio_schema_site *site);

static void put_items(const brio_schema_site *site)
{
    const brio_plan_field *item = &brio_model_plan(site->field->model)->fields[0];
    brio_schema_site inner = {site->w, item, site->parameter, site->output};
    brio_json_key(site->w, BRIO_S("items"));
    put_branch(&inner);
}

/* The members that say what the value may be, null aside. */
void brio_schema_type(const brio_schema_site *site)
{
    brio_kind kind = (brio_kind)site->field->kind;
    if (brio_kind_is_ref(kind)) {
        put_ref(site->w, site->field->model);
        return;
    }
    if (kind == BRIO_KIND_TYPE) {
        site->field->model->type->schema(site->w, site->field->row, site->output);
        return;
    }
    bool list = kind == BRIO_KIND_LIST;
    if (list && !site->parameter)
        put_items(site);
    if (type_name(kind))
        brio_schema_text(site->w, "type", type_name(kind));
    if (list && site->parameter)
        put_items(site);
    put_bounds(site, site->field->row);
    put_lengths(site, site->field->row, list);
}

static void put_branch(const brio_schema_site *site)
{
    brio_json_begin(site->w, '{');
    brio_schema_type(site);
    brio_json_end(site->w, '}');
}

void brio_schema_type_or_null(const brio_schema_site *site)
{
    if (!site->field->nullable) {
        brio_schema_type(site);
        return;
    }
    brio_json_key(site->w, BRIO_S("anyOf"));
    brio_json_begin(site->w, '[');
    put_branch(site);
    brio_json_begin(site->w, '{');
    brio_schema_text(site->w, "type", "null");
    brio_json_end(site->w, '}');
    brio_json_end(site->w, ']');
}
