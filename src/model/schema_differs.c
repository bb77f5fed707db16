/* SPDX-License-Identifier: MIT
 *
 * Which components need two schemas. pydantic makes one for reading and one
 * for writing of each and shows a single one where they are equal; what
 * contains itself refers to its own kind in each and never is. Difference
 * spreads to whatever refers to it. */
#include "model/model_internal.h"

typedef struct search {
    const brio_model *wanted;
    bool found;
} search;

static void see(const brio_model *model, void *arg)
{
    search *s = arg;
    s->found |= model == s->wanted;
}

static bool visit_parts(const brio_model *model, const brio_model *wanted)
{
    search in_parts = {.wanted = wanted};
    for (const brio_field *row = model->fields; row != brio_rows_end(model->fields, model->n);
         row++)
        if (row->in == BRIO_IN_BASE)
            in_parts.found |= visit_parts(row->model(), wanted);
        else if (row->model)
            brio_schema_visit(row->model(), see, &in_parts);
    return in_parts.found;
}

static bool writes_differently(const brio_model *model)
{
    const brio_schema_mode output = {.output = true};
    brio_buf texts[2] = {0};
    for (int i = 0; i < 2; i++) {
        brio_json_writer w = {.out = &texts[i]};
        brio_schema_component_as(&w, i ? &output : NULL, model);
    }
    bool same = brio_str_eq(brio_buf_str(&texts[0]), brio_buf_str(&texts[1]));
    brio_buf_fini(&texts[0]);
    brio_buf_fini(&texts[1]);
    return !same;
}

static void judge(const brio_model *model, void *arg)
{
    bool *differs = arg;
    *differs = *differs || visit_parts(model, model) || writes_differently(model);
}

bool brio_schema_differs(const brio_model *model)
{
    bool differs = false;
    brio_schema_visit(model, judge, &differs);
    return differs;
}
