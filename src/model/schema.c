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
    bool text = field->row->json_text && !site->mode->output;
    bool ref = brio_kind_is_ref((brio_kind)field->kind) && !text;
    if (field->row->title || (ref && !(field->nullable && ref_has_title)))
        return;
    put_title(site->w, site->mode->output ? field->out_wire : field->wire);
}

/* What is said of the value beside its type has no place in some types' schemas. */
static const brio_field *remarks_of(const brio_plan_field *field, bool alone)
{
    static const brio_field none = {0};
    bool silent = alone && field->kind == BRIO_KIND_TYPE && !field->nullable;
    return silent && field->model->type->schema_alone ? &none : field->row;
}

static void put_parameter(const brio_schema_site *site)
{
    const brio_field *row = site->field->row, *remarks = remarks_of(site->field, true);
    brio_json_writer *w = site->w;
    brio_schema_type_or_null(site);
    if (row->title)
        brio_schema_text(w, "title", row->title);
    if (remarks->description)
        brio_schema_text(w, "description", remarks->description);
    if (remarks->deprecated)
        brio_schema_raw(w, "deprecated", "true");
    if (remarks->examples)
        brio_schema_raw(w, "examples", remarks->examples);
    put_default(w, row);
    put_derived_title(site, true);
}

static void put_member(const brio_schema_site *site, bool whole_body)
{
    const brio_field *row = site->field->row, *remarks = remarks_of(site->field, whole_body);
    brio_json_writer *w = site->w;
    brio_schema_type_or_null(site);
    if (row->title)
        brio_schema_text(w, "title", row->title);
    put_derived_title(site, whole_body);
    if (remarks->description)
        brio_schema_text(w, "description", remarks->description);
    put_default(w, row);
    if (remarks->deprecated)
        brio_schema_raw(w, "deprecated", "true");
    if (row->in == BRIO_IN_COMPUTED)
        brio_schema_raw(w, "readOnly", "true");
    if (remarks->examples)
        brio_schema_raw(w, "examples", remarks->examples);
}

/* ---- What the program adds -------------------------------------------------- */

static bool has_key(const brio_json *object, brio_str key)
{
    return object->type == BRIO_JSON_OBJECT && brio_json_get(object, key) != NULL;
}

/* The object `text`, with the members of `extra` in place of its own. */
static void put_merged(brio_json_writer *w, brio_str text, const char *extra)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json own = {0}, more = {0};
    brio_json_options deep = {.max_depth = 2 * BRIO_MODEL_DEPTH_MAX};
    if (brio_json_parse(&arena, text, &deep, &own, NULL) < 0 ||
        brio_json_parse(&arena, brio_str_from(extra), &deep, &more, NULL) < 0)
        own.n = more.n = 0; /* brio_model_check has refused it */
    brio_json_begin(w, '{');
    for (uint32_t i = 0; i < own.n; i++)
        if (!has_key(&more, own.members[i].key)) {
            brio_json_key(w, own.members[i].key);
            brio_json_value(w, &own.members[i].value);
        }
    for (uint32_t i = 0; i < more.n; i++) {
        brio_json_key(w, more.members[i].key);
        brio_json_value(w, &more.members[i].value);
    }
    brio_json_end(w, '}');
    brio_arena_fini(&arena);
}

/* An object that is written aside if members are to be replaced. */
typedef struct aside {
    brio_json_writer *w;
    brio_buf text;
    brio_json_writer own;
    const char *extra;
} aside;

static brio_json_writer *begin_object(aside *a, brio_json_writer *w, const char *extra)
{
    a->w = w;
    a->text = (brio_buf){0};
    a->own = (brio_json_writer){.out = &a->text};
    a->extra = extra;
    brio_json_writer *to = extra ? &a->own : w;
    brio_json_begin(to, '{');
    return to;
}

static void end_object(aside *a)
{
    if (!a->extra) {
        brio_json_end(a->w, '}');
        return;
    }
    brio_json_end(&a->own, '}');
    a->w->out->failed |= a->text.failed;
    put_merged(a->w, brio_buf_str(&a->text), a->extra);
    brio_buf_fini(&a->text);
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

/* ---- Fields and whole types --------------------------------------------------- */

static const brio_schema_mode input_mode = {0};

void brio_schema_field_as(brio_json_writer *w, const brio_schema_mode *mode,
                          const brio_model *owner, const brio_field *field)
{
    const brio_plan *plan = brio_model_plan(owner);
    BRIO_ASSERT(field >= plan->rows);
    BRIO_ASSERT(field < plan->rows + plan->n);
    const brio_plan_field *row = &plan->fields[field - plan->rows];
    bool parameter = is_parameter(field->in), whole_body = is_whole_body(owner, field);
    const char *extra = remarks_of(row, parameter || whole_body)->schema_extra;
    aside object;
    brio_schema_site site = {begin_object(&object, w, extra), row, parameter,
                             mode ? mode : &input_mode};
    if (parameter)
        put_parameter(&site);
    else
        put_member(&site, whole_body);
    end_object(&object);
}

void brio_schema_field(brio_json_writer *w, const brio_model *owner, const brio_field *field)
{
    brio_schema_field_as(w, NULL, owner, field);
}

void brio_schema_use_as(brio_json_writer *w, const brio_schema_mode *mode, const brio_model *model,
                        brio_str title)
{
    brio_schema_site site = {w, &brio_model_plan(model)->self, false, mode ? mode : &input_mode};
    brio_json_begin(w, '{');
    brio_schema_type(&site);
    if (title.len && !brio_kind_is_ref(model->kind)) {
        brio_json_key(w, BRIO_S("title"));
        brio_json_str(w, title);
    }
    brio_json_end(w, '}');
}

void brio_schema_use(brio_json_writer *w, const brio_model *model, brio_str title)
{
    brio_schema_use_as(w, NULL, model, title);
}

/* ---- Components ------------------------------------------------------------------ */

/* Is the row a property, and under which name? */
static bool is_property(const brio_plan_field *field, const brio_schema_mode *mode)
{
    if (!mode->output)
        return field->member;
    return !field->row->exclude && (field->member || field->row->in == BRIO_IN_COMPUTED);
}

static brio_str property_name(const brio_plan_field *field, const brio_schema_mode *mode)
{
    return mode->output ? field->out_wire : field->wire;
}

static void put_property(brio_json_writer *w, const brio_schema_mode *mode, const brio_plan *plan,
                         const brio_plan_field *field)
{
    brio_json_key(w, property_name(field, mode));
    brio_schema_field_as(w, mode, plan->model, field->row);
}

/* Computed ones stand behind the others, whatever the table's order. */
static void put_properties(brio_json_writer *w, const brio_schema_mode *mode, const brio_plan *plan)
{
    brio_json_key(w, BRIO_S("properties"));
    brio_json_begin(w, '{');
    for (int computed = 0; computed <= 1; computed++)
        for (size_t i = 0; i < plan->n; i++)
            if (is_property(&plan->fields[i], mode) && plan->fields[i].member != computed)
                put_property(w, mode, plan, &plan->fields[i]);
    brio_json_end(w, '}');
}

static bool is_required(const brio_plan_field *field, const brio_schema_mode *mode)
{
    return is_property(field, mode) && (field->required || !field->member);
}

static void put_required(brio_json_writer *w, const brio_schema_mode *mode, const brio_plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n; i++)
        n += is_required(&plan->fields[i], mode);
    if (n == 0)
        return;
    brio_json_key(w, BRIO_S("required"));
    brio_json_begin(w, '[');
    for (int computed = 0; computed <= 1; computed++)
        for (size_t i = 0; i < plan->n; i++)
            if (is_required(&plan->fields[i], mode) && plan->fields[i].member != computed)
                brio_json_str(w, property_name(&plan->fields[i], mode));
    brio_json_end(w, ']');
}

static void put_enum(brio_json_writer *w, const brio_model *model)
{
    brio_schema_text(w, "type", model->ints ? "integer" : "string");
    brio_json_key(w, BRIO_S("enum"));
    brio_json_begin(w, '[');
    for (size_t i = 0; i < model->n_values; i++)
        if (model->ints)
            brio_json_i64(w, model->ints[i]);
        else
            brio_json_str(w, brio_str_from(model->values[i].name));
    brio_json_end(w, ']');
    brio_schema_text(w, "title", model->name);
}

static void put_struct(brio_json_writer *w, const brio_schema_mode *mode, const brio_plan *plan)
{
    static const brio_field no_config = {0};
    const brio_field *config = plan->config ? plan->config : &no_config;
    put_properties(w, mode, plan);
    if (plan->extra)
        brio_schema_raw(w, "additionalProperties",
                        plan->extra == BRIO_EXTRA_ALLOW ? "true" : "false");
    brio_schema_text(w, "type", "object");
    put_required(w, mode, plan);
    brio_schema_text(w, "title", config->title ? config->title : plan->model->name);
    if (config->description)
        brio_schema_text(w, "description", config->description);
    if (config->deprecated)
        brio_schema_raw(w, "deprecated", "true");
    if (config->examples)
        brio_schema_raw(w, "examples", config->examples);
}

void brio_schema_component_as(brio_json_writer *w, const brio_schema_mode *mode,
                              const brio_model *model)
{
    BRIO_ASSERT(brio_kind_is_ref(model->kind));
    const brio_plan *plan = brio_model_plan(model);
    aside object;
    brio_json_writer *to =
        begin_object(&object, w, plan->config ? plan->config->schema_extra : NULL);
    if (model->kind == BRIO_KIND_ENUM)
        put_enum(to, model);
    else
        put_struct(to, mode ? mode : &input_mode, plan);
    end_object(&object);
}

void brio_schema_component(brio_json_writer *w, const brio_model *model)
{
    brio_schema_component_as(w, NULL, model);
}
