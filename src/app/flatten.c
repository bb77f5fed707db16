/* SPDX-License-Identifier: MIT
 *
 * All parameters of a route, those of its dependencies included: what the
 * document shows, and what decides how the body is read. A parameter that
 * several take is one in the document; if one of them requires it, it is
 * required. */
#include "app/binding.h"
#include "app/docs_internal.h"

static void add(brio_app_params *to, const brio_app_param *p)
{
    ptrdiff_t twin = brio_app_row_of(to, p->wire);
    if (twin < 0)
        to->rows[to->n++] = *p;
    else if (brio_app_field_required(p->field) || !brio_app_field_required(to->rows[twin].field))
        to->rows[twin] = *p;
}

static const brio_app_input *input_at(const brio_app_plan *plan, size_t i)
{
    return &plan->calls[plan->order[i]].input;
}

/* The fields of a parameter model are parameters. */
static void add_model(brio_app *app, brio_app_params *to, const brio_app_param *whole)
{
    const brio_model *model = whole->field->model();
    size_t n;
    const brio_field *rows = brio_model_rows(model, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].in != BRIO_IN_FIELD)
            continue;
        brio_app_param p = {.model = model, .field = &rows[i], .row = i};
        p.wire = brio_field_wire_name(model, i);
        if (whole->field->in == BRIO_IN_HEADER && !whole->field->exact_name)
            p.wire = brio_app_header_name(&app->arena, p.field, p.wire);
        p.loc = (brio_loc){.up = whole->loc.up, .name = p.wire};
        add(to, &p);
    }
}

static size_t count_of(const brio_app_params *rows)
{
    size_t n = rows->n;
    if (n && rows->rows[0].gathers)
        (void)brio_model_rows(rows->rows[0].field->model(), &n);
    return n;
}

static void add_all(brio_app *app, brio_app_params *to, const brio_app_params *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->rows[i].gathers)
            add_model(app, to, &rows->rows[i]);
        else
            add(to, &rows->rows[i]);
}

static void flatten(brio_app *app, brio_app_route *route, size_t in)
{
    static const brio_app_plan none = {0};
    const brio_app_plan *plan = route->plan ? route->plan : &none;
    size_t n = count_of(&route->input.from[in]);
    for (size_t i = 0; i < plan->n_order; i++)
        n += count_of(&input_at(plan, i)->from[in]);
    brio_app_params *to = &route->from[in];
    *to = (brio_app_params){.rows = BRIO_NEW_ARRAY(&app->arena, brio_app_param, n)};
    add_all(app, to, &route->input.from[in]);
    for (size_t i = 0; i < plan->n_order; i++)
        add_all(app, to, &input_at(plan, i)->from[in]);
}

/* Several body parameters are members of one object, whoever takes them. */
static void settle_body(brio_app_route *route)
{
    const brio_app_params *body = brio_app_body_rows(route);
    route->body_keyed = brio_app_body_is_keyed(body);
    if (body->n < 2 || !route->plan)
        return;
    route->input.body_keyed = true;
    route->input.body_direct = false;
    for (size_t i = 0; i < route->plan->n; i++) {
        brio_app_input *input = &route->plan->calls[i].input;
        input->body_keyed = true;
        input->body_direct = false;
    }
}

static void check_one_body(const brio_app_route *route)
{
    if (route->from[BRIO_IN_BODY].n && route->from[BRIO_IN_FORM].n)
        brio_app_wrong(&route->spec,
                       "%s: a body is a form or it is not: \"%.*s\" is a BRIO_BODY, "
                       "\"%.*s\" is not",
                       route->input.model->name, BRIO_ARG(route->from[BRIO_IN_BODY].rows[0].wire),
                       BRIO_ARG(route->from[BRIO_IN_FORM].rows[0].wire));
}

static void check_all_captured(const brio_app_route *route)
{
    for (size_t i = 0; i < route->path.n_pieces; i++) {
        const brio_app_piece *piece = &route->path.pieces[i];
        if (piece->is_param && brio_app_row_of(&route->from[BRIO_IN_PATH], piece->text) < 0)
            brio_app_wrong(&route->spec, "the path has {%.*s}, but %s has no BRIO_PATH(%.*s)",
                           BRIO_ARG(piece->text), route->input.model->name, BRIO_ARG(piece->text));
    }
}

void brio_app_route_flatten(brio_app *app, brio_app_route *route)
{
    for (size_t in = BRIO_IN_PATH; in < BRIO_IN_DEPENDS; in++)
        flatten(app, route, in);
    settle_body(route);
    if (!route->folder)
        check_all_captured(route);
    check_one_body(route);
}
