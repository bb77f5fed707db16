/* SPDX-License-Identifier: MIT
 *
 * Compiles an input model, of a route or of a dependency in it, for a path:
 * what a request would otherwise ask of the tables again and again (wire
 * names, error locations, who takes a list, which body goes straight into its
 * struct) is settled here, and what is wrong with the declaration is said. */
#include "app/binding.h"

static const brio_loc roots[BRIO_IN_CONFIG] = {
    [BRIO_IN_PATH] = {.name = BRIO_S_INIT("path")},
    [BRIO_IN_QUERY] = {.name = BRIO_S_INIT("query")},
    [BRIO_IN_HEADER] = {.name = BRIO_S_INIT("header")},
    [BRIO_IN_COOKIE] = {.name = BRIO_S_INIT("cookie")},
    [BRIO_IN_BODY] = {.name = BRIO_S_INIT("body")},
    [BRIO_IN_FORM] = {.name = BRIO_S_INIT("body")},
    [BRIO_IN_FILE] = {.name = BRIO_S_INIT("body")},
};

void brio_app_check_model(brio_app *app, const brio_route *spec, const brio_model *model)
{
    brio_str why = {0};
    if (brio_model_check(model, &app->arena, &why) < 0)
        brio_app_wrong(spec, "%.*s", BRIO_ARG(why));
}

/* ---- Rows of the input model ------------------------------------------------- */

static brio_kind kind_of(const brio_field *field)
{
    return field->kind == BRIO_KIND_MODEL ? field->model()->kind : field->kind;
}

static size_t capture_of(const brio_app_route *route, const brio_app_input *input, brio_str name,
                         brio_app_convertor *ret)
{
    size_t capture = 0;
    for (size_t i = 0; i < route->path.n_pieces; i++) {
        const brio_app_piece *piece = &route->path.pieces[i];
        if (!piece->is_param)
            continue;
        *ret = piece->convertor;
        if (brio_str_eq(piece->text, name))
            return capture;
        capture++;
    }
    brio_app_wrong(&route->spec, "%s has a path parameter \"%.*s\" that is not in the path",
                   input->model->name, BRIO_ARG(name));
}

static void check_path_row(const brio_app_route *route, const brio_app_input *input,
                           const brio_app_param *p)
{
    if (p->list)
        brio_app_wrong(&route->spec, "path parameter \"%.*s\" of %s cannot be a list",
                       BRIO_ARG(p->wire), input->model->name);
    if (p->field->def || (p->field->nullable && !p->field->required))
        brio_app_wrong(&route->spec,
                       "path parameter \"%.*s\" of %s is always there: it can be neither a pointer "
                       "nor have a default",
                       BRIO_ARG(p->wire), input->model->name);
}

static void check_row(const brio_app_route *route, const brio_app_input *input,
                      const brio_field *field)
{
    if (field->in == BRIO_IN_FIELD)
        brio_app_wrong(&route->spec,
                       "%s.%s is a BRIO_FIELD, but an input model says where each value comes "
                       "from: BRIO_PATH, BRIO_QUERY, BRIO_HEADER, BRIO_COOKIE, BRIO_BODY, "
                       "BRIO_FORM or BRIO_FILE",
                       input->model->name, field->name);
    if ((field->in == BRIO_IN_PATH || field->in == BRIO_IN_FILE) &&
        kind_of(field) == BRIO_KIND_STRUCT)
        brio_app_wrong(&route->spec, "%s.%s is a struct; a %s cannot be one", input->model->name,
                       field->name, field->in == BRIO_IN_PATH ? "path parameter" : "file");
}

static bool is_parameter(const brio_field *field)
{
    return field->in == BRIO_IN_QUERY || field->in == BRIO_IN_HEADER || field->in == BRIO_IN_COOKIE;
}

/* A model of all parameters leaves none for others. */
static void check_alone(const brio_app_route *route, const brio_app_input *input,
                        const brio_app_params *rows)
{
    for (size_t i = 0; i < rows->n && rows->n > 1; i++)
        if (rows->rows[i].gathers)
            brio_app_wrong(&route->spec, "%s.%s takes all %.*s parameters: there can be no other",
                           input->model->name, rows->rows[i].field->name,
                           BRIO_ARG(rows->rows[i].loc.up->name));
}

static void check_twins(const brio_app_route *route, const brio_app_input *input,
                        const brio_app_params *rows, const brio_app_param *p)
{
    for (const brio_app_param *other = rows->rows; other < p; other++)
        if (brio_str_eq(other->wire, p->wire))
            brio_app_wrong(&route->spec, "%s takes %.*s parameter \"%.*s\" twice",
                           input->model->name, BRIO_ARG(p->loc.up->name), BRIO_ARG(p->wire));
}

/* Files are fields of the form: they keep their order among them. */
static brio_origin place_of(const brio_field *field)
{
    return field->in == BRIO_IN_FILE ? BRIO_IN_FORM : field->in;
}

static void add_row(const brio_app_route *route, brio_app_input *input, const brio_field *field,
                    size_t row)
{
    check_row(route, input, field);
    brio_app_params *to = &input->from[place_of(field)];
    brio_app_param *p = &to->rows[to->n];
    *p = (brio_app_param){.model = input->model,
                          .field = field,
                          .wire = brio_field_wire_name(input->model, row),
                          .row = row};
    p->loc = (brio_loc){.up = &roots[field->in], .name = p->wire};
    p->list = kind_of(field) == BRIO_KIND_LIST;
    p->gathers = is_parameter(field) && kind_of(field) == BRIO_KIND_STRUCT;
    p->optional = field->def || (field->nullable && !field->required);
    if (field->in != BRIO_IN_BODY)
        brio_app_glance_plan(p);
    check_twins(route, input, to, p);
    to->n++;
    check_alone(route, input, to);
    if (field->in == BRIO_IN_PATH) {
        check_path_row(route, input, p);
        p->capture = capture_of(route, input, p->wire, &p->convertor);
    }
}

static bool is_bounded(const brio_field *f)
{
    return f->gt.set | f->ge.set | f->lt.set | f->le.set | f->multiple_of.set |
           (f->pattern != NULL) | (f->min_length != 0) | (f->max_length != 0) | f->strict |
           f->json_text | (f->before != NULL) | (f->after != NULL) | (f->as != BRIO_AS_LIST);
}

/* Fields of a form have names; a whole form is a model. */
bool brio_app_body_is_keyed(const brio_app_params *body)
{
    if (body->n != 1)
        return body->n > 1;
    const brio_field *first = body->rows[0].field;
    return first->embed || (first->in != BRIO_IN_BODY && kind_of(first) != BRIO_KIND_STRUCT);
}

static void plan_body(brio_app_input *input)
{
    const brio_app_params *form = &input->from[BRIO_IN_FORM], *body = &input->from[BRIO_IN_BODY];
    input->body_keyed = brio_app_body_is_keyed(form->n ? form : body);
    if (form->n || body->n != 1 || input->body_keyed)
        return;
    brio_kind kind = kind_of(body->rows[0].field);
    input->body_direct =
        !is_bounded(body->rows[0].field) && (kind == BRIO_KIND_STRUCT || kind == BRIO_KIND_LIST);
}

/* Defaults fit: brio_model_check has tried them. */
static void make_blank(brio_arena *arena, brio_app_input *input)
{
    void *blank = brio_calloc(arena, 1, input->model->size);
    brio_problems problems = {.arena = arena};
    for (size_t in = BRIO_IN_PATH; in < BRIO_IN_CONFIG; in++)
        for (size_t i = 0; i < input->from[in].n; i++) {
            const brio_app_param *p = &input->from[in].rows[i];
            int rc = p->optional ? brio_decode_field(NULL, p->field, blank, &p->loc, &problems) : 0;
            BRIO_ASSERT(rc >= 0);
        }
    input->blank = blank;
}

static void forget(void *model)
{
    brio_model_forget(model);
}

/* No row says where its value comes from: the struct is an object. */
static bool is_object(const brio_model *in)
{
    size_t n, fields = 0;
    const brio_field *rows = brio_model_rows(in, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].in >= BRIO_IN_PATH && rows[i].in < BRIO_IN_CONFIG)
            return false;
        fields += rows[i].in == BRIO_IN_FIELD;
    }
    return fields > 0;
}

/* Such an input, a list or a scalar is the body itself: one parameter at its beginning. */
static const brio_model *model_of(brio_app *app, brio_model_fn *fn)
{
    const brio_model *in = fn();
    if (in->kind == BRIO_KIND_NONE || (in->kind == BRIO_KIND_STRUCT && !is_object(in)))
        return in;
    brio_model *around = BRIO_NEW(&app->arena, brio_model);
    brio_field *body = BRIO_NEW(&app->arena, brio_field);
    *body = (brio_field){.name = in->name,
                         .size = in->size,
                         .in = BRIO_IN_BODY,
                         .kind = BRIO_KIND_MODEL,
                         .model = fn};
    *around = (brio_model){
        .name = in->name, .kind = BRIO_KIND_STRUCT, .size = in->size, .fields = body, .n = 1};
    brio_defer_push(&app->arena, forget, around);
    return around;
}

static void add_rows(brio_app *app, const brio_app_route *route, brio_app_input *input)
{
    size_t n, counts[BRIO_IN_COMPUTED + 1] = {0};
    const brio_field *rows = brio_model_rows(input->model, &n);
    for (size_t i = 0; i < n; i++)
        counts[place_of(&rows[i])]++;
    for (size_t in = BRIO_IN_PATH; in < BRIO_IN_CONFIG; in++)
        input->from[in].rows = BRIO_NEW_ARRAY(&app->arena, brio_app_param, counts[in]);
    for (size_t i = 0; i < n; i++)
        if (rows[i].in < BRIO_IN_CONFIG)
            add_row(route, input, &rows[i], i);
}

void brio_app_input_compile(brio_app *app, const brio_app_route *route, brio_model_fn *model,
                            brio_app_input *ret)
{
    *ret = (brio_app_input){.model = model_of(app, model)};
    brio_app_check_model(app, &route->spec, ret->model);
    add_rows(app, route, ret);
    plan_body(ret);
    ret->takes_body = ret->from[BRIO_IN_BODY].n || ret->from[BRIO_IN_FORM].n;
    for (size_t in = BRIO_IN_PATH; in <= BRIO_IN_COOKIE; in++)
        ret->takes_params |= ret->from[in].n > 0;
    make_blank(&app->arena, ret);
}
