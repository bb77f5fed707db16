/* SPDX-License-Identifier: MIT
 *
 * Models with two schemas. Where a model is both read and answered, pydantic
 * makes a schema of each and FastAPI shows one if the two are equal. If they
 * are not (brio_schema_differs), the model becomes `Node-Input` and
 * `Node-Output`, and so does whatever contains it and is used both ways.
 * Generated clients have types of these names. */
#include "app/docs_internal.h"

#include <stdlib.h>

/* ---- Which ones ---------------------------------------------------------------- */

static bool is_split(const brio_app_schema *schema)
{
    return schema->model && schema->use == (BRIO_APP_INPUT | BRIO_APP_OUTPUT) &&
           brio_schema_differs(schema->model);
}

static brio_str suffix_of(brio_app_usage use)
{
    return use == BRIO_APP_INPUT ? BRIO_S("-Input") : BRIO_S("-Output");
}

static brio_app_schema half(brio_arena *arena, const brio_app_schema *schema, brio_app_usage use)
{
    brio_app_schema row = *schema;
    brio_str suffix = suffix_of(use);
    row.use = use;
    row.name = brio_printf(arena, "%.*s%.*s", BRIO_ARG(schema->name), BRIO_ARG(suffix));
    return row;
}

void brio_app_document_split(brio_app_document *doc)
{
    size_t n = 0;
    brio_app_schema *rows = BRIO_NEW_ARRAY(doc->scratch, brio_app_schema, 2 * doc->n_schemas);
    doc->split = BRIO_NEW_ARRAY(doc->scratch, brio_str, doc->n_schemas);
    for (size_t i = 0; i < doc->n_schemas; i++) {
        const brio_app_schema *schema = &doc->schemas[i];
        if (!is_split(schema)) {
            rows[n++] = *schema;
            continue;
        }
        doc->split[doc->n_split++] = schema->name;
        rows[n++] = half(doc->scratch, schema, BRIO_APP_INPUT);
        rows[n++] = half(doc->scratch, schema, BRIO_APP_OUTPUT);
    }
    qsort(rows, n, sizeof *rows, brio_app_schema_compare);
    doc->schemas = rows;
    doc->n_schemas = n;
}

/* ---- Names in references ----------------------------------------------------------- */

static bool has_two(const brio_app_document *doc, brio_str name)
{
    for (size_t i = 0; i < doc->n_split; i++)
        if (brio_str_eq(doc->split[i], name))
            return true;
    return false;
}

static brio_str name_in(brio_app_document *doc, const brio_model *model, brio_app_usage use)
{
    brio_str name = brio_schema_name(model), suffix = suffix_of(use);
    if (!has_two(doc, name))
        return name;
    return brio_printf(doc->scratch, "%.*s%.*s", BRIO_ARG(name), BRIO_ARG(suffix));
}

static brio_str input_name(const brio_model *model, void *doc)
{
    return name_in(doc, model, BRIO_APP_INPUT);
}

static brio_str output_name(const brio_model *model, void *doc)
{
    return name_in(doc, model, BRIO_APP_OUTPUT);
}

brio_schema_mode brio_app_document_mode(brio_app_document *doc, brio_app_usage use)
{
    bool output = use == BRIO_APP_OUTPUT && !doc->no_split;
    return (brio_schema_mode){
        .output = output, .name = output ? output_name : input_name, .arg = doc};
}
