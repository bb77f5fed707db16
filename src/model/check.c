/* SPDX-License-Identifier: MIT
 *
 * Is a model's table one that can mean what it says? Everything here is a
 * mistake of the programmer, found when the program starts: a bound on a
 * string, a default that does not fit, a pattern that does not compile, two
 * members of one name. The first found is told with its model and member;
 * the compiler has already checked that table and struct agree.
 *
 * Defaults are read by the very code that will apply them. */
#include "model/model_internal.h"

#include <errno.h>
#include <math.h>

typedef struct checker {
    brio_arena *arena;
    brio_str why; /* empty: nothing found */
} checker;

static brio_kind kind_of(const brio_field *row)
{
    return row->kind == BRIO_KIND_MODEL ? row->model()->kind : row->kind;
}

static bool is_int(brio_kind kind)
{
    return kind >= BRIO_KIND_I8 && kind <= BRIO_KIND_U64;
}

static bool is_float(brio_kind kind)
{
    return kind == BRIO_KIND_F32 || kind == BRIO_KIND_F64;
}

static bool found(const checker *c)
{
    return c->why.len > 0;
}

/* Takes the first complaint only. */
static void complain(checker *c, const brio_model *model, const brio_field *row, brio_str text)
{
    if (found(c))
        return;
    const char *dot = row && row->name ? "." : "", *name = row && row->name ? row->name : "";
    c->why = brio_printf(c->arena, "model %s%s%s: %.*s", model->name, dot, name, BRIO_ARG(text));
}

/* ---- Bounds --------------------------------------------------------------- */

static const char *bound_mistake(const brio_num *bound, brio_kind kind)
{
    if (!bound->set)
        return NULL;
    if (kind == BRIO_KIND_TYPE)
        return NULL;
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
    const char *texts[] = {row->name,        row->alias, row->title,
                           row->description, row->def,   row->examples};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && !brio_utf8_valid(brio_str_from(texts[i])))
            return "a text is not UTF-8";
    return NULL;
}

static void check_pattern(checker *c, const brio_model *model, const brio_field *row)
{
    const char *why = NULL;
    if (row->pattern && !brio_pattern_new(row->pattern, &why))
        complain(c, model, row, brio_printf(c->arena, "pattern '%s': %s", row->pattern, why));
}

static void check_examples(checker *c, const brio_model *model, const brio_field *row)
{
    brio_json value = {.type = BRIO_JSON_ARRAY};
    if (row->examples &&
        (brio_json_parse(c->arena, brio_str_from(row->examples), NULL, &value, NULL) < 0 ||
         value.type != BRIO_JSON_ARRAY))
        complain(c, model, row, BRIO_S("examples are not a JSON array"));
}

/* Reads the default into memory nobody looks at. */
static void check_default(checker *c, const brio_model *model, const brio_field *row)
{
    if (!row->def || found(c))
        return;
    brio_problems problems = {.arena = c->arena};
    brio_loc loc = {.name = BRIO_S("default")};
    void *scratch = brio_calloc(c->arena, 1, model->size);
    if (brio_decode_field(NULL, row, scratch, &loc, &problems) < 0)
        complain(c, model, row, brio_problem_text(c->arena, problems.first));
}

/* ---- Tables --------------------------------------------------------------- */

static void check_row(checker *c, const brio_model *model, const brio_field *row)
{
    brio_kind kind = kind_of(row);
    const char *mistakes[] = {
        texts_mistake(row),
        bounds_mistake(row, kind),
        lengths_mistake(row, kind),
        row->required && !row->nullable ? "required is for pointer members" : NULL,
        row->required && row->def ? "required and def contradict each other" : NULL,
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (mistakes[i])
            complain(c, model, row, brio_str_from(mistakes[i]));
    check_pattern(c, model, row);
    check_examples(c, model, row);
    check_default(c, model, row);
}

/* Of the table itself: bases bring their own. */
static void check_one_config(checker *c, const brio_model *model)
{
    size_t configs = 0;
    for (size_t i = 0; i < model->n; i++)
        configs += model->fields[i].in == BRIO_IN_CONFIG;
    if (configs > 1)
        complain(c, model, NULL, BRIO_S("more than one BRIO_CONFIG"));
}

static void check_config(checker *c, const brio_model *model, const brio_field *row)
{
    const char *mistake = texts_mistake(row);
    if (mistake)
        complain(c, model, NULL, brio_str_from(mistake));
    check_examples(c, model, row);
}

static void check_names(checker *c, const brio_model *model)
{
    size_t n;
    const brio_field *rows = brio_model_rows(model, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            const brio_field *a = &rows[j], *b = &rows[i];
            if (b->in >= BRIO_IN_CONFIG || a->in != b->in)
                continue;
            if (brio_str_eq(brio_field_wire_name(model, i), brio_field_wire_name(model, j)))
                complain(c, model, b, BRIO_S("two fields have this name"));
        }
}

static void check_enum(checker *c, const brio_model *model)
{
    if (!model->n_values)
        complain(c, model, NULL, BRIO_S("an enum needs values"));
    for (size_t i = 0; i < model->n_values; i++) {
        const char *name = model->values[i].name;
        if (!name || !brio_utf8_valid(brio_str_from(name))) {
            complain(c, model, NULL, BRIO_S("an enum value has no UTF-8 name"));
            return;
        }
        for (size_t j = 0; j < i; j++)
            if (strcmp(model->values[j].name, name) == 0)
                complain(c, model, NULL,
                         brio_printf(c->arena, "two enum values are called '%s'", name));
    }
}

static void check_struct(checker *c, const brio_model *model)
{
    if (brio_rows_count(model) > BRIO_MODEL_FIELDS_MAX) {
        complain(c, model, NULL,
                 brio_printf(c->arena, "more than %d fields", BRIO_MODEL_FIELDS_MAX));
        return;
    }
    check_one_config(c, model);
    size_t n = brio_rows_count(model);
    const brio_field *rows = brio_rows_expand(c->arena, model);
    for (size_t i = 0; i < n; i++)
        if (rows[i].in == BRIO_IN_CONFIG)
            check_config(c, model, &rows[i]);
        else if (rows[i].in < BRIO_IN_DEPENDS)
            check_row(c, model, &rows[i]);
    if (!found(c))
        check_names(c, model);
}

static void check_component(const brio_model *model, void *arg)
{
    checker *c = arg;
    if (found(c))
        return;
    if (model->kind == BRIO_KIND_ENUM)
        check_enum(c, model);
    else
        check_struct(c, model);
    if (!found(c))
        (void)brio_model_plan(model);
}

int brio_model_check(const brio_model *model, brio_arena *arena, brio_str *ret_why)
{
    checker c = {.arena = arena};
    brio_schema_visit(model, check_component, &c);
    if (!found(&c))
        return 0;
    if (ret_why)
        *ret_why = c.why;
    return -EINVAL;
}
