/* SPDX-License-Identifier: MIT
 *
 * Models with two schemas. Where a model is both read and answered, pydantic
 * makes a schema of each and FastAPI shows one if the two are equal. Those of a
 * model that contains itself never are, since each refers to its own kind: it
 * becomes `Node-Input` and `Node-Output`, and so does whatever contains it and
 * is used both ways. Generated clients have types of these names.
 *
 * The model room writes references by the model's name; here they are renamed
 * on their way into the document. A quote inside a JSON string is escaped, so
 * the text searched for can be nothing but a reference. */
#include "app/docs_internal.h"

#include <stdlib.h>

#define REF "\"$ref\":\"#/components/schemas/"

/* ---- Which ones ---------------------------------------------------------------- */

typedef struct search {
    const brio_model *wanted;
    bool found;
} search;

static void see(const brio_model *model, void *arg)
{
    search *s = arg;
    s->found |= model == s->wanted;
}

static void see_recursive(const brio_model *model, void *arg)
{
    search in_fields = {.wanted = model};
    for (size_t i = 0; i < model->n; i++)
        if (model->fields[i].model)
            brio_schema_visit(model->fields[i].model(), see, &in_fields);
    *(bool *)arg |= in_fields.found;
}

static bool is_split(const brio_app_schema *schema)
{
    bool recursive = false;
    if (schema->model && schema->use == (BRIO_APP_INPUT | BRIO_APP_OUTPUT))
        brio_schema_visit(schema->model, see_recursive, &recursive);
    return recursive;
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

/* ---- Renaming ------------------------------------------------------------------- */

static bool has_two(const brio_app_document *doc, brio_str name)
{
    for (size_t i = 0; i < doc->n_split; i++)
        if (brio_str_eq(doc->split[i], name))
            return true;
    return false;
}

static brio_str cut_at(brio_str s, size_t at, brio_str *rest)
{
    *rest = brio_str_slice(s, at, SIZE_MAX);
    return brio_str_slice(s, 0, at);
}

static void rename_refs(const brio_app_document *doc, brio_str text, brio_app_usage use,
                        brio_buf *out)
{
    const brio_str mark = BRIO_S(REF);
    ptrdiff_t at;
    while ((at = brio_str_find(text, mark)) >= 0) {
        brio_buf_add(out, cut_at(text, (size_t)at + mark.len, &text));
        brio_str name = brio_str_cut(text, '"').head;
        brio_buf_add(out, cut_at(text, name.len, &text));
        if (has_two(doc, name))
            brio_buf_add(out, suffix_of(use));
    }
    brio_buf_add(out, text);
}

void brio_app_document_put(brio_app_document *doc, brio_buf *text, brio_app_usage use)
{
    brio_buf renamed = {0};
    if (doc->n_split)
        rename_refs(doc, brio_buf_str(text), use, &renamed);
    const brio_buf *from = doc->n_split ? &renamed : text;
    brio_json_raw(&doc->w, brio_buf_str(from));
    doc->w.out->failed |= text->failed || renamed.failed;
    brio_buf_fini(&renamed);
    brio_buf_fini(text);
}
