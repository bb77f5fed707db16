/* SPDX-License-Identifier: MIT
 *
 * A C enum: by the name of the value, exactly, or, where the JSON form is a
 * number, by whatever reads as that integer. What was expected is told in
 * Python's words, `'a', 'b' or 'c'`. */
#include "model/model_internal.h"

static brio_str expected_values(brio_arena *arena, const brio_model *model)
{
    brio_json *values = BRIO_NEW_ARRAY(arena, brio_json, model->n_values);
    for (size_t i = 0; i < model->n_values; i++)
        values[i] = model->ints ? brio_json_from_int(model->ints[i])
                                : brio_json_from_str(brio_str_from(model->values[i].name));
    return brio_repr_of_any(arena, values, model->n_values);
}

static int fail_enum(const brio_site *site)
{
    brio_arena *arena = site->problems->arena;
    brio_str expected = expected_values(arena, site->row->model);
    brio_json quoted = brio_json_from_str(expected);
    return brio_site_fail(
        site, "enum", brio_printf(arena, "Input should be %.*s", BRIO_ARG(expected)),
        brio_printf(arena, "{\"expected\":%.*s}", BRIO_ARG(brio_json_text(arena, &quoted))));
}

/* What is no integer is no value either: one problem, not the integer's, but
 * for one that no integer type of 64 bits holds. */
static int coerce_int_enum(const brio_site *site, void *out)
{
    static const brio_field any_int = {.kind = BRIO_KIND_I64};
    static const brio_plan_field row = {
        .row = &any_int, .kind = BRIO_KIND_I64, .size = sizeof(int64_t)};
    const brio_model *model = site->row->model;
    brio_problems ignored = {.arena = site->problems->arena};
    brio_site at = {&ignored, &row, site->loc, site->input, NULL, 0};
    int64_t value;
    if (brio_coerce_int(&at, &value) < 0) {
        const brio_problem *why = ignored.first;
        bool size = strcmp(why->type, "int_parsing_size") == 0;
        return size ? brio_site_fail(site, why->type, why->msg, why->ctx) : fail_enum(site);
    }
    for (size_t i = 0; i < model->n_values; i++)
        if (model->ints[i] == value) {
            brio_enum_store(out, model->size, value);
            return 0;
        }
    return fail_enum(site);
}

int brio_coerce_enum(const brio_site *site, void *out)
{
    const brio_model *model = site->row->model;
    if (model->ints)
        return coerce_int_enum(site, out);
    if (site->input->type != BRIO_JSON_STR)
        return fail_enum(site);
    for (size_t i = 0; i < model->n_values; i++)
        if (brio_str_eq(site->input->str, brio_str_from(model->values[i].name))) {
            brio_enum_store(out, model->size, model->values[i].value);
            return 0;
        }
    return fail_enum(site);
}
