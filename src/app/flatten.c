/* SPDX-License-Identifier: MIT
 *
 * All parameters of a route, those of its dependencies included: what the
 * document shows, and what decides how the body is read. A parameter that
 * several take is one in the document; if one of them requires it, it is
 * required. */
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

static void flatten(brio_app *app, brio_app_route *route, size_t in)
{
    const brio_app_plan *plan = route->plan;
    const brio_app_params *own = &route->input.from[in];
    brio_app_params *to = &route->from[in];
    size_t n = own->n;
    for (size_t i = 0; i < plan->n_order; i++)
        n += input_at(plan, i)->from[in].n;
    *to = (brio_app_params){.rows = BRIO_NEW_ARRAY(&app->arena, brio_app_param, n)};
    for (size_t k = 0; k < own->n; k++)
        add(to, &own->rows[k]);
    for (size_t i = 0; i < plan->n_order; i++)
        for (size_t k = 0; k < input_at(plan, i)->from[in].n; k++)
            add(to, &input_at(plan, i)->from[in].rows[k]);
}

/* Several body parameters are members of one object, whoever takes them. */
static void settle_body(brio_app_route *route)
{
    const brio_app_params *body = brio_app_body_rows(route);
    route->body_keyed = brio_app_body_is_keyed(body);
    if (body->n < 2)
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
    if (!route->plan) {
        memcpy(route->from, route->input.from, sizeof route->from);
        route->body_keyed = route->input.body_keyed;
    } else {
        for (size_t in = BRIO_IN_PATH; in < BRIO_IN_DEPENDS; in++)
            flatten(app, route, in);
        settle_body(route);
    }
    check_all_captured(route);
    check_one_body(route);
}
