/* SPDX-License-Identifier: MIT
 *
 * Is a model's table one that can mean what it says? Everything here is a
 * mistake of the programmer, found when the program starts: two members of one
 * name, a union whose tags do not tell its cases apart, extras nobody allowed.
 * The first found is told with its model and member; the compiler has already
 * checked that table and struct agree. Rows one by one: check_row.c. */
#include "model/check_internal.h"

#include <errno.h>

static bool found(const brio_checker *c)
{
    return brio_checker_found(c);
}

void brio_checker_complain(brio_checker *c, const brio_model *model, const brio_field *row,
                           brio_str text)
{
    if (found(c))
        return;
    const char *dot = row && row->name ? "." : "", *name = row && row->name ? row->name : "";
    c->why = brio_printf(c->arena, "model %s%s%s: %.*s", model->name, dot, name, BRIO_ARG(text));
}

static void complain(brio_checker *c, const brio_model *model, const char *text)
{
    brio_checker_complain(c, model, NULL, brio_str_from(text));
}

/* ---- Structs and tuples -------------------------------------------------------- */

/* Of the table itself: bases bring their own. */
static void check_marks(brio_checker *c, const brio_model *model)
{
    size_t counts[BRIO_IN_COMPUTED + 1] = {0};
    brio_extra extra = BRIO_EXTRA_IGNORE;
    for (const brio_field *row = model->fields; row != brio_rows_end(model->fields, model->n);
         row++) {
        counts[row->in]++;
        extra = row->in == BRIO_IN_CONFIG ? row->extra : extra;
        if (row->in == BRIO_IN_BASE && row->model()->kind != BRIO_KIND_STRUCT)
            brio_checker_complain(c, model, row, BRIO_S("a base must be a struct model"));
        if (row->in == BRIO_IN_COMPUTED && !row->compute)
            brio_checker_complain(c, model, row, BRIO_S("a computed field needs a function"));
    }
    if (counts[BRIO_IN_CONFIG] > 1)
        complain(c, model, "more than one BRIO_CONFIG");
    if (counts[BRIO_IN_SET] > 1 || counts[BRIO_IN_EXTRAS] > 1)
        complain(c, model, "more than one BRIO_FIELDS_SET or BRIO_EXTRAS");
    if (counts[BRIO_IN_EXTRAS] && extra != BRIO_EXTRA_ALLOW)
        complain(c, model, "BRIO_EXTRAS needs .extra = BRIO_EXTRA_ALLOW");
}

static void check_names(brio_checker *c, const brio_model *model)
{
    size_t n;
    const brio_field *rows = brio_model_rows(model, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            const brio_field *a = &rows[j], *b = &rows[i];
            if (b->in >= BRIO_IN_DEPENDS || a->in != b->in)
                continue;
            if (brio_str_eq(brio_field_wire_name(model, i), brio_field_wire_name(model, j)))
                brio_checker_complain(c, model, b, BRIO_S("two fields have this name"));
        }
}

static void check_rows(brio_checker *c, const brio_model *model)
{
    size_t n = brio_rows_count(model);
    const brio_field *rows = brio_rows_expand(c->arena, model);
    for (size_t i = 0; i < n; i++)
        if (rows[i].in < BRIO_IN_DEPENDS)
            brio_check_row(c, model, &rows[i]);
        else
            brio_check_texts(c, model, &rows[i]);
}

static void check_struct(brio_checker *c, const brio_model *model)
{
    check_marks(c, model);
    check_rows(c, model);
    if (!found(c))
        check_names(c, model);
}

/* ---- Enums ----------------------------------------------------------------------- */

static void check_name(brio_checker *c, const brio_model *model, size_t i)
{
    const char *name = model->values[i].name;
    if (!name || !brio_utf8_valid(brio_str_from(name))) {
        complain(c, model, "an enum value has no UTF-8 name");
        return;
    }
    for (size_t j = 0; j < i; j++)
        if (strcmp(model->values[j].name, name) == 0)
            brio_checker_complain(c, model, NULL,
                                  brio_printf(c->arena, "two enum values are called '%s'", name));
}

static void check_enum(brio_checker *c, const brio_model *model)
{
    if (!model->n_values)
        complain(c, model, "an enum needs values");
    for (size_t i = 0; i < model->n_values && !found(c); i++) {
        if (!model->ints) {
            check_name(c, model, i);
            continue;
        }
        for (size_t j = 0; j < i; j++)
            if (model->ints[j] == model->ints[i])
                complain(c, model, "two enum values are the same");
    }
}

/* ---- Unions and dictionaries ------------------------------------------------------- */

/* By their texts: both are keys of one object in the schema. */
static bool same_tag(const brio_json *a, const brio_json *b)
{
    char of_a[BRIO_TAG_TEXT_MAX], of_b[BRIO_TAG_TEXT_MAX];
    return brio_str_eq(brio_tag_text(a, of_a), brio_tag_text(b, of_b));
}

static void check_tags(brio_checker *c, const brio_model *model)
{
    const brio_plan *plan = brio_model_plan(model);
    if (!plan->config || !plan->config->discriminator)
        return;
    for (size_t i = 0; i < plan->n; i++) {
        bool told = false;
        for (size_t k = 0; k < plan->n_tags; k++) {
            told |= plan->tag_cases[k] == i;
            for (size_t j = 0; j < k; j++)
                if (same_tag(&plan->tags[j], &plan->tags[k]))
                    complain(c, model, "two cases have the same tag");
        }
        if (!told)
            brio_checker_complain(
                c, model, &plan->rows[i],
                brio_printf(c->arena,
                            "the case needs a field '%s' with a literal of strings or integers",
                            plan->config->discriminator));
    }
}

static void check_union(brio_checker *c, const brio_model *model)
{
    check_rows(c, model);
    if (brio_rows_count(model) == 0)
        complain(c, model, "a union needs cases");
    if (!found(c))
        check_tags(c, model);
}

static bool is_key(brio_kind kind)
{
    return (kind >= BRIO_KIND_BOOL && kind <= BRIO_KIND_STR) || kind == BRIO_KIND_ENUM ||
           kind == BRIO_KIND_TYPE;
}

static void check_dict(brio_checker *c, const brio_model *model)
{
    check_rows(c, model);
    if (!is_key(brio_row_kind(&model->fields[0])))
        complain(c, model, "a key must be a scalar");
}

/* ---- The model ------------------------------------------------------------------------ */

static void check_model(const brio_model *model, void *arg)
{
    brio_checker *c = arg;
    if (found(c))
        return;
    if (brio_rows_count(model) > BRIO_MODEL_FIELDS_MAX) {
        brio_checker_complain(c, model, NULL,
                              brio_printf(c->arena, "more than %d fields", BRIO_MODEL_FIELDS_MAX));
        return;
    }
    if (model->kind == BRIO_KIND_ENUM)
        check_enum(c, model);
    else if (model->kind == BRIO_KIND_STRUCT || model->kind == BRIO_KIND_TUPLE)
        check_struct(c, model);
    else if (model->kind == BRIO_KIND_UNION)
        check_union(c, model);
    else if (model->kind == BRIO_KIND_DICT)
        check_dict(c, model);
    else if (model->kind == BRIO_KIND_LIST)
        check_rows(c, model);
    if (!found(c))
        (void)brio_model_plan(model);
}

int brio_model_check(const brio_model *model, brio_arena *arena, brio_str *ret_why)
{
    brio_checker c = {.arena = arena};
    brio_models_visit(model, check_model, &c);
    if (!found(&c))
        return 0;
    if (ret_why)
        *ret_why = c.why;
    return -EINVAL;
}
