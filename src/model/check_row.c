/* SPDX-License-Identifier: MIT
 *
 * Mistakes in one row: a bound on a string, a default that does not fit, a
 * pattern that does not compile, a literal the member cannot hold. Defaults and
 * literals are read by the very code that will apply them. */
#include "model/check_internal.h"

#include <math.h>

static bool is_int(brio_kind kind)
{
    return kind >= BRIO_KIND_I8 && kind <= BRIO_KIND_U64;
}

static bool is_float(brio_kind kind)
{
    return kind == BRIO_KIND_F32 || kind == BRIO_KIND_F64;
}

/* ---- Bounds --------------------------------------------------------------- */

static const char *bound_mistake(const brio_num *bound, brio_kind kind)
{
    if (!bound->set)
        return NULL;
    if (!bound->integral && bound->v == (double)bound->i)
        return "a bound is written BRIO_NUM(1), not 1";
    if (kind == BRIO_KIND_TYPE)
        return isfinite(bound->v) ? NULL : "a bound must be finite";
    if (!is_int(kind) && !is_float(kind))
        return "a bound needs a number";
    if (!isfinite(bound->v))
        return "a bound must be finite";
    if (is_int(kind) && bound->v != trunc(bound->v))
        return "a bound of an integer must be one";
    if (is_int(kind) && fabs(bound->v) > 0x1p64)
        return "a bound of an integer must have at most 64 bits";
    return NULL;
}

static const char *bounds_mistake(const brio_field *row, brio_kind kind)
{
    const brio_num *bounds[] = {&row->gt, &row->ge, &row->lt, &row->le, &row->multiple_of};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        const char *mistake = bound_mistake(bounds[i], kind);
        if (mistake)
            return mistake;
    }
    if (row->multiple_of.set && !(row->multiple_of.v > 0))
        return "multiple_of must be greater than 0";
    return NULL;
}

static const char *lengths_mistake(const brio_field *row, brio_kind kind)
{
    bool string = kind == BRIO_KIND_STR;
    if ((row->min_length || row->max_length) && !string && kind != BRIO_KIND_LIST &&
        kind != BRIO_KIND_DICT && kind != BRIO_KIND_TYPE)
        return "a length needs a string or a list";
    if (row->max_length && row->min_length > row->max_length)
        return "min_length is greater than max_length";
    if (row->pattern && !string && kind != BRIO_KIND_TYPE)
        return "a pattern needs a string";
    return NULL;
}

/* ---- Texts ---------------------------------------------------------------- */

static const char *texts_mistake(const brio_field *row)
{
    const char *texts[] = {row->name,    row->alias,        row->validation_alias,
                           row->title,   row->description,  row->serialization_alias,
                           row->def,     row->examples,     row->literal,
                           row->example, row->schema_extra, row->openapi_examples,
                           row->scopes};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && !brio_utf8_valid(brio_str_from(texts[i])))
            return "a text is not UTF-8";
    return NULL;
}

static void check_pattern(brio_checker *c, const brio_model *model, const brio_field *row)
{
    const char *why = NULL;
    if (row->pattern && !brio_pattern_new(row->pattern, &why))
        brio_checker_complain(c, model, row,
                              brio_printf(c->arena, "pattern '%s': %s", row->pattern, why));
}

static void check_json(brio_checker *c, const brio_model *model, const brio_field *row,
                       const char *text, brio_json_type type, const char *mistake)
{
    brio_json value = {.type = type};
    if (text && (brio_json_parse(c->arena, brio_str_from(text), NULL, &value, NULL) < 0 ||
                 (value.type != type && type != BRIO_JSON_NULL)))
        brio_checker_complain(c, model, row, brio_str_from(mistake));
}

void brio_check_texts(brio_checker *c, const brio_model *model, const brio_field *row)
{
    const char *mistake = texts_mistake(row);
    if (mistake)
        brio_checker_complain(c, model, row, brio_str_from(mistake));
    check_json(c, model, row, row->examples, BRIO_JSON_ARRAY, "examples are not a JSON array");
    check_json(c, model, row, row->example, BRIO_JSON_NULL, "the example is not JSON");
    check_json(c, model, row, row->schema_extra, BRIO_JSON_OBJECT,
               "schema_extra is not a JSON object");
    check_json(c, model, row, row->openapi_examples, BRIO_JSON_OBJECT,
               "openapi_examples are not a JSON object");
}

/* Reads the default into memory nobody looks at. */
static void check_default(brio_checker *c, const brio_model *model, const brio_field *row)
{
    if (!row->def || brio_checker_found(c))
        return;
    brio_problems problems = {.arena = c->arena};
    brio_loc loc = {.name = BRIO_S("default")};
    void *scratch = brio_calloc(c->arena, 1, model->size);
    if (brio_decode_field(NULL, row, scratch, &loc, &problems) == 0)
        return;
    const char *hint = strcmp(problems.first->type, "json_invalid") == 0
                           ? " (it is JSON text: a string is BRIO_JSON_TEXT(\"x\"))"
                           : "";
    brio_str what = brio_problem_text(c->arena, problems.first);
    brio_checker_complain(c, model, row, brio_printf(c->arena, "%.*s%s", BRIO_ARG(what), hint));
}

/* ---- Bounds as text ---------------------------------------------------------- */

/* It must be a value of the type, read without the rules that come on top. */
static void check_bound_text(brio_checker *c, const brio_model *model, const brio_field *row,
                             const char *name, const char *text)
{
    if (!text || brio_checker_found(c))
        return;
    if (brio_row_kind(row) != BRIO_KIND_TYPE || !row->model()->type->compare) {
        brio_checker_complain(c, model, row,
                              BRIO_S("a bound as text needs a date, a time, a duration or a "
                                     "decimal"));
        return;
    }
    brio_field plain = {
        .name = row->name, .size = row->size, .kind = row->kind, .model = row->model};
    brio_plan_field plan = brio_plan_lone(c->arena, &plain);
    brio_json value = brio_json_from_str(brio_str_from(text));
    brio_problems problems = {.arena = c->arena};
    brio_site site = {&problems, &plan, NULL, &value, NULL, 0};
    if (brio_read_value(&site, brio_calloc(c->arena, 1, plan.size)) < 0)
        brio_checker_complain(
            c, model, row,
            brio_printf(c->arena, "%s '%s': %.*s", name, text, BRIO_ARG(problems.first->msg)));
}

static void check_bound_texts(brio_checker *c, const brio_model *model, const brio_field *row)
{
    check_bound_text(c, model, row, "gt_text", row->gt_text);
    check_bound_text(c, model, row, "ge_text", row->ge_text);
    check_bound_text(c, model, row, "lt_text", row->lt_text);
    check_bound_text(c, model, row, "le_text", row->le_text);
}

/* ---- Sets and literals ------------------------------------------------------ */

static bool is_hashable(brio_kind kind)
{
    return kind != BRIO_KIND_STRUCT && kind != BRIO_KIND_LIST && kind != BRIO_KIND_DICT &&
           kind != BRIO_KIND_JSON;
}

static const char *set_mistake(const brio_field *row, brio_kind kind)
{
    if (kind != BRIO_KIND_LIST)
        return NULL;
    const brio_model *list = row->model();
    brio_collection as = row->as ? row->as : list->as;
    if ((as == BRIO_SET || as == BRIO_FROZENSET) && !is_hashable(brio_row_kind(&list->fields[0])))
        return "a set's items must be scalars, tuples of them or unions of them";
    return NULL;
}

/* Each must be a value that the member can hold. */
static void check_literal(brio_checker *c, const brio_model *model, const brio_field *row)
{
    if (!row->literal || brio_checker_found(c))
        return;
    brio_plan_field plan = brio_plan_lone(c->arena, row);
    plan.special = false;
    plan.nullable = false;
    if (plan.n_literals == 0)
        brio_checker_complain(c, model, row, BRIO_S("literal is not a JSON array of values"));
    for (uint32_t i = 0; i < plan.n_literals; i++) {
        brio_problems problems = {.arena = c->arena};
        brio_site site = {&problems, &plan, NULL, &plan.literals[i], NULL, 0};
        if (brio_read_value(&site, brio_calloc(c->arena, 1, plan.size)) < 0)
            brio_checker_complain(
                c, model, row,
                brio_printf(c->arena, "literal: %.*s", BRIO_ARG(problems.first->msg)));
    }
}

/* ---- The row ------------------------------------------------------------------ */

void brio_check_row(brio_checker *c, const brio_model *model, const brio_field *row)
{
    brio_kind kind = brio_row_kind(row);
    const char *mistakes[] = {
        bounds_mistake(row, kind),
        lengths_mistake(row, kind),
        row->required && !row->nullable ? "required is for pointer members" : NULL,
        row->required && row->def ? "required and def contradict each other" : NULL,
        row->factory && row->def ? "factory and def contradict each other" : NULL,
        row->as && kind != BRIO_KIND_LIST ? "only a list can be a set or tuple" : NULL,
        set_mistake(row, kind),
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (mistakes[i])
            brio_checker_complain(c, model, row, brio_str_from(mistakes[i]));
    brio_check_texts(c, model, row);
    check_pattern(c, model, row);
    check_literal(c, model, row);
    check_bound_texts(c, model, row);
    check_default(c, model, row);
}
