/* SPDX-License-Identifier: MIT
 *
 * JSON Schema of models, as FastAPI's OpenAPI document has it. Three places,
 * three habits, all FastAPI's own:
 *
 *   components   members in the order of FastAPI's Schema class, bounds as
 *                floats; a (nullable) reference has no title unless declared
 *   bodies       the same, but a nullable reference that is the whole body has
 *   parameters   members in pydantic's order, bounds as given, a derived title
 *                comes last; a nullable reference has one
 *
 * Everything is written straight to the writer; nothing is allocated but the
 * titles, in a small arena of the call's own. */
#include "model/model_internal.h"

static void put_title(brio_json_writer *w, brio_str name)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json_key(w, BRIO_S("title"));
    brio_json_str(w, brio_title_case(&arena, name));
    brio_arena_fini(&arena);
}

/* ---- Fields --------------------------------------------------------------- */

static void put_default(brio_json_writer *w, const brio_field *row)
{
    if (row->def && strcmp(row->def, "null") != 0)
        brio_schema_raw(w, "default", row->def);
}

/* Title Case of the name, where the place has one at all. */
static void put_derived_title(const brio_schema_site *site, bool ref_has_title)
{
    const brio_plan_field *field = site->field;
    bool ref = brio_kind_is_ref((brio_kind)field->kind);
    if (field->row->title || (ref && !(field->nullable && ref_has_title)))
        return;
    put_title(site->w, field->wire);
}

static void put_parameter(const brio_schema_site *site)
{
    const brio_field *row = site->field->row;
    brio_json_writer *w = site->w;
    brio_schema_type_or_null(site);
    if (row->title)
        brio_schema_text(w, "title", row->title);
    if (row->description)
        brio_schema_text(w, "description", row->description);
    if (row->deprecated)
        brio_schema_raw(w, "deprecated", "true");
    if (row->examples)
        brio_schema_raw(w, "examples", row->examples);
    put_default(w, row);
    put_derived_title(site, true);
}

static void put_member(const brio_schema_site *site, bool ref_has_title)
{
    const brio_field *row = site->field->row;
    brio_json_writer *w = site->w;
    brio_schema_type_or_null(site);
    if (row->title)
        brio_schema_text(w, "title", row->title);
    put_derived_title(site, ref_has_title);
    if (row->description)
        brio_schema_text(w, "description", row->description);
    put_default(w, row);
    if (row->deprecated)
        brio_schema_raw(w, "deprecated", "true");
    if (row->examples)
        brio_schema_raw(w, "examples", row->examples);
}

static bool is_parameter(brio_origin in)
{
    return in == BRIO_IN_PATH || in == BRIO_IN_QUERY || in == BRIO_IN_HEADER ||
           in == BRIO_IN_COOKIE;
}

/* True if the field is the body, and not one of several or a keyed one. */
static bool is_whole_body(const brio_model *owner, const brio_field *field)
{
    size_t bodies = 0, n;
    const brio_field *rows = brio_model_rows(owner, &n);
    for (size_t i = 0; i < n; i++)
        bodies += rows[i].in == BRIO_IN_BODY;
    return field->in == BRIO_IN_BODY && bodies == 1 && !field->embed;
}

void brio_schema_field(brio_json_writer *w, const brio_model *owner, const brio_field *field)
{
    const brio_plan *plan = brio_model_plan(owner);
    BRIO_ASSERT(field >= plan->rows);
    BRIO_ASSERT(field < plan->rows + plan->n);
    const brio_plan_field *row = &plan->fields[field - plan->rows];
    brio_schema_site site = {w, row, is_parameter(field->in), false};
    brio_json_begin(w, '{');
    if (site.parameter)
        put_parameter(&site);
    else
        put_member(&site, is_whole_body(owner, field));
    brio_json_end(w, '}');
}

/* ---- Whole types ---------------------------------------------------------- */

void brio_schema_use(brio_json_writer *w, const brio_model *model, brio_str title)
{
    brio_schema_site site = {w, &brio_model_plan(model)->self, false, false};
    brio_json_begin(w, '{');
    brio_schema_type(&site);
    if (title.len && !brio_kind_is_ref(model->kind)) {
        brio_json_key(w, BRIO_S("title"));
        brio_json_str(w, title);
    }
    brio_json_end(w, '}');
}

static void put_properties(brio_json_writer *w, const brio_plan *plan)
{
    brio_json_key(w, BRIO_S("properties"));
    brio_json_begin(w, '{');
    for (size_t i = 0; i < plan->n; i++) {
        if (!plan->fields[i].member)
            continue;
        brio_json_key(w, plan->fields[i].wire);
        brio_schema_field(w, plan->model, plan->fields[i].row);
    }
    brio_json_end(w, '}');
}

static void put_required(brio_json_writer *w, const brio_plan *plan)
{
    if (!plan->required)
        return;
    brio_json_key(w, BRIO_S("required"));
    brio_json_begin(w, '[');
    for (size_t i = 0; i < plan->n; i++)
        if (plan->required >> i & 1)
            brio_json_str(w, plan->fields[i].wire);
    brio_json_end(w, ']');
}

static void put_enum(brio_json_writer *w, const brio_model *model)
{
    brio_schema_text(w, "type", "string");
    brio_json_key(w, BRIO_S("enum"));
    brio_json_begin(w, '[');
    for (size_t i = 0; i < model->n_values; i++)
        brio_json_str(w, brio_str_from(model->values[i].name));
    brio_json_end(w, ']');
    brio_schema_text(w, "title", model->name);
}

static void put_struct(brio_json_writer *w, const brio_plan *plan)
{
    static const brio_field no_config = {0};
    const brio_field *config = plan->config ? plan->config : &no_config;
    put_properties(w, plan);
    if (plan->forbid_extra)
        brio_schema_raw(w, "additionalProperties", "false");
    brio_schema_text(w, "type", "object");
    put_required(w, plan);
    brio_schema_text(w, "title", config->title ? config->title : plan->model->name);
    if (config->description)
        brio_schema_text(w, "description", config->description);
    if (config->examples)
        brio_schema_raw(w, "examples", config->examples);
}

void brio_schema_component(brio_json_writer *w, const brio_model *model)
{
    BRIO_ASSERT(brio_kind_is_ref(model->kind));
    brio_json_begin(w, '{');
    if (model->kind == BRIO_KIND_ENUM)
        put_enum(w, model);
    else
        put_struct(w, brio_model_plan(model));
    brio_json_end(w, '}');
}
